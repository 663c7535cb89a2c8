"""The same therapy, the same bytes: the whole firmware core under CPython and under the real MicroPython."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware"
SCRIPT = HERE / "conformance.py"


def output_of(command):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*command, str(SCRIPT), str(FIRMWARE)], capture_output=True, timeout=120, check=False, env=environment
    )
    assert done.returncode == 0, (done.stdout[-2000:] + done.stderr[-2000:]).decode()
    return done.stdout.replace(b"\r\n", b"\n")


@pytest.fixture(scope="module")
def on_cpython():
    return output_of([sys.executable])


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
    there = output_of(micropython)
    assert b"MemoryError" not in there
    for mine, its in zip(on_cpython.splitlines(), there.splitlines(), strict=False):
        assert mine == its
    assert on_cpython == there
