"""What tests on the emulated chip may ask for: a MicroPython image, and a flash with the firmware in it."""

import importlib.util
import os
from pathlib import Path

import pytest

from picoinfuse import manifest, mpy

IMAGE = "PICOINFUSE_UF2"
NEEDS = f"needs a MicroPython image for RPI_PICO, named by --uf2 or {IMAGE}, and pip install '.[test,chip]'"
MPY_OF_THE_CHIP = 6 | 3 << 8 | 4 << 10  # sys.implementation._mpy of an RP2040: .mpy 6.3, armv6m


@pytest.fixture(scope="session")
def uf2(request):
    """The path of the image that --uf2 or PICOINFUSE_UF2 names."""
    named = request.config.getoption("--uf2") or os.environ.get(IMAGE)
    there = mpy.program() and all(importlib.util.find_spec(name) for name in ("rp2040py", "littlefs"))
    if not named or not there:
        pytest.skip(NEEDS)
    assert Path(named).is_file(), f"there is no image at {named}: give the path of a .uf2 file"
    return Path(named)


@pytest.fixture(scope="session")
def compiled(uf2, tmp_path_factory):
    """The firmware as `install` sends it, with its manifest but not the start file: path -> bytes.

    It is compiled: from source it needs four seconds of chip time.
    """
    folder = tmp_path_factory.mktemp("mpy")
    staged = manifest.stage(folder, mpy.Compiler(mpy.program(), mpy.Format.of_board(MPY_OF_THE_CHIP), ""))
    return {path: (folder / path).read_bytes() for path in staged.hashes if path != manifest.START_FILE}


@pytest.fixture(scope="session")
def installed(uf2, compiled):
    """The flash of a chip with MicroPython and the compiled firmware, as bytes for Chip(flash=...)."""
    from chip.emulator import Chip

    return Chip(uf2, files=compiled).flash_image()
