"""Light and sound at the pins are what signals.py says, on their own timer and without the firmware."""

import pytest

from picoinfuse_firmware import signals
from picoinfuse_firmware.alarms import HIGH, LOW, MEDIUM
from picoinfuse_firmware.pico import pins

LIGHTS = {pins.RED: signals.RED, pins.YELLOW: signals.YELLOW, pins.CYAN: signals.CYAN}


def shown(pico):
    """Return (colour, hertz) at the pins now."""
    levels, pwm = pico.world.levels, pico.world.pwm
    colours = [LIGHTS[gpio] for gpio in LIGHTS if levels[gpio]]
    assert len(colours) <= 1
    return (colours[0] if colours else signals.DARK), (pwm.hertz if pwm.duty else 0)


@pytest.mark.parametrize("priority", [LOW, MEDIUM, HIGH])
@pytest.mark.parametrize("audible", [True, False])
def test_the_pulses_are_those_of_the_table_for_a_minute_in_which_nobody_calls(pico, priority, audible):
    its = pico.signaller.Signaller()
    pico.world.wait(123)
    its.signal(priority, audible)
    for ms in range(0, 60000, 5):
        assert shown(pico) == (signals.light(priority, ms), signals.sound(priority, audible, ms)), ms
        pico.world.wait(5)


@pytest.mark.parametrize("priority", [LOW, MEDIUM, HIGH])
def test_every_change_is_at_a_tick(pico, priority):
    ms = 0
    for _ in range(200):
        ms = signals.next_change_ms(priority, True, ms)
        assert ms % pico.signaller.TICK_MS == 0


def test_a_tick_that_comes_early_or_late_by_the_clocks_rounding_plays_what_belongs_to_it(pico):
    its = pico.signaller.Signaller()
    its.signal(HIGH, True)
    for off_ms in (-1, 0, 1, 20):
        its._began_ms = (pico.world.now_ms - 150 - off_ms) & (1 << 30) - 1
        its._tick(None)
        assert shown(pico) == (signals.RED, 0), "the first pulse is over at 150 ms"


def test_none_is_dark_and_silent_and_needs_no_timer(pico):
    its = pico.signaller.Signaller()
    its.signal(HIGH, True)
    pico.world.wait(30)
    its.signal(0, False)
    assert shown(pico) == (signals.DARK, 0)
    assert [timer.period for timer in pico.world.timers] == [0]


def test_an_audio_pause_leaves_the_light(pico):
    its = pico.signaller.Signaller()
    its.signal(HIGH, False)
    assert shown(pico) == (signals.RED, 0)


def test_an_alarm_of_days_begins_its_pulses_anew_before_the_ticks_wrap(pico):
    its = pico.signaller.Signaller()
    its.signal(HIGH, True)
    its._began_ms = (pico.world.now_ms - pico.signaller.LONGEST_MS - 1) & (1 << 30) - 1
    its._tick(None)
    assert shown(pico) == (signals.RED, signals.C5_HZ)
    assert its._began_ms == pico.world.now_ms


def test_high_is_never_quieter_than_medium_nor_medium_than_low(pico):
    loud = []
    for priority in (LOW, MEDIUM, HIGH):
        pico.signaller.Signaller().signal(priority, True)
        loud.append(pico.world.pwm.duty)
    assert loud == sorted(loud)
