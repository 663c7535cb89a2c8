"""The chip boots its MicroPython image and imports the firmware, and there is room on its heap."""

import pytest

pytestmark = pytest.mark.chip


def test_the_chip_boots_to_a_prompt_and_says_its_version(uf2):
    from chip.emulator import Chip
    from chip.repl import Repl

    repl = Repl(Chip(uf2))
    assert "MicroPython" in repl.run("import sys; print(sys.version)")
    assert repl.run("import machine; print(machine.freq())") == "125000000\n"


def test_the_controller_is_imported_and_leaves_room(installed):
    from chip.emulator import Chip
    from chip.repl import Repl

    repl = Repl(Chip(flash=installed))
    repl.run("import gc, time; began = time.ticks_us()")
    repl.run("from picoinfuse_firmware import controller")
    took_us = int(repl.run("print(time.ticks_diff(time.ticks_us(), began))"))
    free = int(repl.run("gc.collect(); print(gc.mem_free())"))
    print(f"import: {took_us} us of the chip's time, then {free} bytes of heap are free")
    assert took_us < 2_000_000
    assert free > 100_000
