"""The journal on the real MicroPython: its littlefs on a flash in RAM, power cut at every program and erase."""

import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware"


@pytest.fixture
def story(micropython):
    """A function that tells a part of littlefs_story.py and returns its lines. The heap holds several flashes."""

    def tell(*arguments):
        command = [micropython[0], "-X", "heapsize=4m", str(HERE / "littlefs_story.py"), str(FIRMWARE), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr[-2000:]
        # What else it prints is of files that were open when power failed: they cannot be closed on a dead flash.
        lines = [line for line in done.stdout.splitlines() if re.match(r"(\w+:|end$) ?", line)]
        assert lines.pop() == "end", done.stdout[-2000:]
        return [line for line in lines if not line.startswith("MemoryError")]

    return tell


@pytest.mark.micropython
def test_power_fails_anywhere_in_the_preparation(story):
    (line,) = story("preparing")
    assert int(re.search(r"cut (\d+) times", line)[1]) > 100


@pytest.mark.micropython
@pytest.mark.parametrize("seed", ["1", "2"])
def test_power_fails_anywhere_in_use(story, seed):
    (line,) = story("using", seed)
    assert int(re.search(r"cut (\d+) times", line)[1]) > 150


@pytest.mark.micropython
def test_whatever_is_done_to_the_files_is_noticed_before_anything_is_written(story):
    lines = story("meddling")
    assert lines == [
        "meddling: removed journal_missing",
        "meddling: all but the map removed journal_moved",
        "meddling: one removed journal_moved",
        "meddling: appended to journal_moved",
        "meddling: renamed journal_moved",
        "meddling: put back from a copy journal_moved",
        "meddling: written beside it ",
    ]


@pytest.mark.micropython
def test_the_real_layout_takes_little_memory(story):
    figures = story("measuring")
    (memory,) = [int(line.split()[1]) for line in figures if line.startswith("memory:")]
    assert memory < 5000  # on the PC, whose objects are up to twice as large
