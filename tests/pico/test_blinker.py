"""The light on the Pico blinks with every step at the pin."""

import pytest

from picoinfuse_firmware.pico import pins

STEP, LED = 0, 1  # bits of the emulated pins


def lit(program, pulses_us, end_us):
    """Return (from_us, to_us) of every flash, for STEP pulses of 4 us at these times."""
    pioemu = pytest.importorskip("pioemu", reason="needs the rp2040-pio-emulator of the test extra")

    def levels(now: pioemu.State) -> int:
        return int(any(at <= now.clock < at + 4 for at in pulses_us)) << STEP

    flashes, on_us = [], None
    for before, after in pioemu.emulate(
        program.opcodes,
        stop_when=lambda _, now: now.clock > end_us,
        initial_state=pioemu.State(pin_directions=1 << LED),
        input_source=levels,
        set_base=LED,
        set_count=1,
        wrap_target=program.wrap_target_at,
        wrap_top=program.wrap_at,
    ):
        was, now = before.pin_values >> LED & 1, after.pin_values >> LED & 1
        if now > was:
            on_us = after.clock
        elif now < was:
            flashes.append((on_us, after.clock))
    return flashes


def test_each_step_is_a_flash_of_33_ms(pico):
    flashes = lit(pico.blinker._blink, [1000, 41000], 76000)
    assert len(flashes) == 2
    for (on_us, off_us), at_us in zip(flashes, (1000, 41000), strict=True):
        assert on_us - at_us <= 4
        assert off_us - on_us == pytest.approx(pico.blinker.LIT_US, abs=4)


def test_steps_that_come_faster_run_into_each_other_and_the_light_still_flickers(pico):
    flashes = lit(pico.blinker._blink, range(1000, 100000, 10000), 80000)
    assert len(flashes) == 2


def test_the_light_is_dark_until_the_first_step(pico):
    assert lit(pico.blinker._blink, [], 5000) == []
    machine = pico.blinker.start()
    assert (machine.freq, machine.runs) == (1000000, True)
    assert (machine.in_base.gpio, machine.set_base.gpio) == (pins.STEP, pins.LED)
    assert pico.world.pins == {pins.LED: ("pio", None, 0)}, "the STEP pin is only watched"


def test_motor_and_senses_have_their_own_state_machines(pico):
    assert {pico.blinker.MACHINE, pico.hx711.MACHINE} == {4, 5}
    assert len(pico.blinker._blink.opcodes) + len(pico.hx711._read.opcodes) <= 32
