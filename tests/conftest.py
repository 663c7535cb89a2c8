"""What every test may ask for: a bench in virtual time."""

import os

import pytest

os.environ["PICOINFUSE_SYRINGES"] = ""  # no test sees the syringes that whoever runs it has calibrated


@pytest.fixture
def bench():
    """A pump, its syringe and line, and a host, on one virtual clock; the same at each start."""
    from picoinfuse_sim import Bench

    return Bench(seed=0)
