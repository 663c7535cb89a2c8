"""What every test may ask for: a bench in virtual time, a folder of its own, a small therapy file."""

import os

import pytest
from hypothesis import settings

from cli_work import SMALL

# The same examples in every run, so that a change is what makes a test fail. New ones: --hypothesis-profile explore
settings.register_profile("same", derandomize=True, database=None)
settings.register_profile("explore", derandomize=False)
settings.load_profile("same")

os.environ["PICOINFUSE_SYRINGES"] = ""  # no test sees the syringes that whoever runs it has calibrated
os.environ["PICOINFUSE_ARCHIVE"] = ""  # ... nor writes into the archives of their pumps


def pytest_addoption(parser):
    """Ask for a MicroPython image, which no registry has: the tests in tests/chip run it on an emulated RP2040."""
    parser.addoption("--uf2", metavar="PATH", help="MicroPython image for RPI_PICO; or set PICOINFUSE_UF2")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """Files that are named, or output that is not caught, want one process; else, None, pytest-xdist decides."""
    return 0 if config.args_source.name == "ARGS" or config.option.capture == "no" else None


@pytest.fixture
def bench():
    """A pump, its syringe and line, and a host, on one virtual clock; the same at each start."""
    from picoinfuse_sim import Bench

    return Bench(seed=0)


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """The test works in a folder of its own, so that ./runs is its own too."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def small(tmp_path):
    """A therapy file of 1 mL in a minute and a half."""
    path = tmp_path / "small.toml"
    path.write_text(SMALL, "utf-8")
    return str(path)
