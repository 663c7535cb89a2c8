"""What the Pico reads in every poll, and what runs in its interrupts, allocates nothing on the real MicroPython."""

import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware"


@pytest.mark.micropython
def test_no_reading_and_no_interrupt_allocates(micropython):
    done = subprocess.run(
        [*micropython, str(HERE / "pico_alloc.py"), str(FIRMWARE)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = dict(line.split() for line in done.stdout.splitlines())
    assert len(found) == 9
    assert set(found.values()) == {"0"}, found
