"""The same therapy, the same bytes: the whole firmware core under CPython and under the real MicroPython."""

import contextlib
import io
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware"
SCRIPT = HERE / "conformance.py"


@pytest.fixture(scope="module")
def on_cpython():
    """What CPython prints; run in this process, so that the lines it reaches are counted."""
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setattr(sys, "path", [str(HERE), *sys.path])
        patch.setattr(sys, "argv", [str(SCRIPT), str(FIRMWARE)])
        runpy.run_path(str(SCRIPT), run_name="__main__")
    return printed.getvalue().encode()


def test_the_story_meets_what_it_is_there_to_meet(on_cpython):
    text = on_cpython.decode()
    assert text.splitlines()[-1] == "end"
    for wanted in (
        " refused no_session ",
        " alarm occlusion ",
        " state complete ",
        " alarm power_lost ",
        "check agrees True",
    ):
        assert wanted in text, wanted


@pytest.mark.micropython
def test_micropython_prints_the_same_bytes(on_cpython, micropython):
    command = [*micropython, str(SCRIPT), str(FIRMWARE)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert b"MemoryError" not in done.stdout + done.stderr
    assert done.returncode == 0, (done.stdout[-2000:] + done.stderr[-2000:]).decode()
    for mine, its in zip(on_cpython.splitlines(), done.stdout.splitlines(), strict=False):
        assert mine == its
    assert on_cpython == done.stdout
