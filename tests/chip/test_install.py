"""`picoinfuse install` on the emulated chip, through its serial port and its real littlefs, cut off and repaired."""

import hashlib
import json
import sys

import pytest

pytestmark = [pytest.mark.chip, pytest.mark.real]

PATIENCE_S = 1500  # a busy machine emulates a tenth of real time
CUT_AFTER_S = 30  # in the midst of the copying, wherever that is


def is_whole(files):
    """Whether every file agrees with the manifest; files: path from the root -> bytes."""
    try:
        told = json.loads(files["/picoinfuse_firmware/manifest.json"])["files"]
    except (KeyError, ValueError):
        return False
    return all(hashlib.sha256(files.get(f"/{path}", b"")).hexdigest() == digest for path, digest in told.items())


def install(chip, patience_s=PATIENCE_S):
    from chip.terminal import Terminal

    began_us = chip.now_us
    with Terminal(chip) as terminal:
        said = terminal.call(
            sys.executable, "-m", "picoinfuse", "install", "--port", terminal.port, timeout_s=patience_s
        )
    print(f"installed in {(chip.now_us - began_us) / 1e6:.1f} s of the chip's time\n{said}")
    return said


def test_power_cut_in_the_midst_of_installing_and_a_second_run_makes_it_whole(uf2):
    from chip.emulator import Chip

    chip = Chip(uf2)
    with pytest.raises(TimeoutError):
        install(chip, CUT_AFTER_S)
    chip.cut_power()
    files = chip.flash.read_files()
    assert "/main.py" not in files
    assert not is_whole(files)
    chip.power_up()
    said = install(chip)
    files = chip.flash.read_files()
    assert is_whole(files)
    assert files["/main.py"] == b"from picoinfuse_firmware.pico import main; main.run()\n"
    assert "/picoinfuse.json" in files
    assert "files agree by SHA-256" in said
