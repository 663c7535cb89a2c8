"""Switches, bubbles, keys, battery and thermometer at the pins."""

import pytest

from pico.configs import config
from picoinfuse_firmware.board import (
    AIR_SEEN,
    COVER_OPEN,
    KEY_BOLUS,
    KEY_MUTE,
    KEY_START,
    MAINS_GONE,
    SYRINGE_OUT,
)
from picoinfuse_firmware.pico import pins

SWITCHES = ("syringe_switch", "cover_switch", "air_detector", "mains_sense")
BITS = {pins.SYRINGE: SYRINGE_OUT, pins.COVER: COVER_OPEN, pins.AIR: AIR_SEEN, pins.MAINS: MAINS_GONE}


def switches(pico, has=SWITCHES):
    for gpio in BITS:
        pico.world.levels[gpio] = 0  # all is well: closed to ground
    return pico.senses.Switches(has)


@pytest.mark.parametrize("gpio", BITS)
def test_an_open_switch_or_a_broken_wire_is_the_alarm(pico, gpio):
    its = switches(pico)
    assert its.switches() == 0
    pico.world.set(gpio, 1)
    assert its.switches() == BITS[gpio]
    pico.world.set(gpio, 0)
    its.switches()
    assert its.switches() == 0


def test_a_switch_that_is_absent_is_not_read(pico):
    its = switches(pico, ("cover_switch",))
    for gpio in BITS:
        pico.world.set(gpio, 1)
    assert its.switches() == COVER_OPEN
    assert set(pico.world.pins) == {pins.COVER}


def test_a_bubble_that_passed_is_held_until_it_is_told_once(pico):
    its = switches(pico)
    pico.world.set(pins.AIR, 1)
    pico.world.set(pins.AIR, 0)
    assert its.switches() == AIR_SEEN
    assert its.switches() == 0
    assert pico.world.irqs[pins.AIR][2], "a hard interrupt: also while the interpreter is busy"


def test_the_end_switch_opens_at_the_end(pico):
    pico.world.levels[pins.END] = 0
    its = pico.senses.EndSwitch()
    assert its.at_end() is False
    pico.world.levels[pins.END] = 1
    assert its.at_end() is True


KEYS = {pins.KEY_START: KEY_START, pins.KEY_BOLUS: KEY_BOLUS, pins.KEY_MUTE: KEY_MUTE}


@pytest.mark.parametrize("gpio", KEYS)
def test_a_key_is_told_while_it_is_down(pico, gpio):
    its = pico.senses.Keys()
    assert its.keys() == 0
    pico.world.levels[gpio] = 0
    pico.world.wait(30)
    assert its.keys() == KEYS[gpio]
    pico.world.wait(1000)
    assert its.keys() == KEYS[gpio]
    pico.world.levels[gpio] = 1
    pico.world.wait(30)
    assert its.keys() == 0


def told(pico, its, levels, gpio=pins.KEY_START):
    """Let the key's contact have each of these levels for 5 ms; return what is told every 5 ms, without repeats."""
    seen = [its.keys()]
    for level in levels:
        pico.world.levels[gpio] = level
        for _ in range(5):
            pico.world.wait(1)
            if its.keys() != seen[-1]:
                seen.append(its.keys())
    return seen


def test_a_contact_that_bounces_for_twenty_milliseconds_is_one_press(pico):
    its = pico.senses.Keys()
    bounce = [0, 1, 0, 1]
    assert told(pico, its, bounce + [0] * 40 + bounce + [1] * 40) == [0, KEY_START, 0]


def test_a_spike_is_no_press(pico):
    its = pico.senses.Keys()
    assert told(pico, its, ([0] + [1] * 5) * 20) == [0]


def test_a_press_shorter_than_a_poll_is_told_for_as_long_as_one_and_looking_takes_nothing_away(pico):
    its = pico.senses.Keys()
    told(pico, its, [0] * 6 + [1] * 2)
    for _ in range(8):
        assert its.keys() == KEY_START
        pico.world.wait(10)
    pico.world.wait(60)
    assert its.keys() == 0


def polled(pico, its, presses, every_ms=100, first_ms=0, last_ms=3000, late=()):
    """What polls see of a key pressed at some times (from_ms, to_ms), without repeats.

    late: polls behind which the next one comes 400 ms late.
    """
    seen = [its.keys()]
    next_ms = first_ms
    for ms in range(last_ms):
        pico.world.levels[pins.KEY_START] = 0 if any(begin <= ms < end for begin, end in presses) else 1
        pico.world.wait(1)
        if ms >= next_ms:
            next_ms += every_ms + (400 if ms // every_ms in late else 0)
            if its.keys() != seen[-1]:
                seen.append(its.keys())
    return seen


@pytest.mark.parametrize("first_ms", range(0, 100, 7))
@pytest.mark.parametrize("apart_ms", [80, 100, 120, 150, 180, 220, 300])
def test_two_presses_soon_after_each_other_are_two_for_whoever_polls(pico, apart_ms, first_ms):
    """Bug: while the first press was still told nobody could see that the key had been up, and the second was lost."""
    its = pico.senses.Keys()
    presses = [(500, 540), (500 + apart_ms, 540 + apart_ms)]
    assert polled(pico, its, presses, first_ms=first_ms) == [0, KEY_START] * 2 + [0]


@pytest.mark.parametrize("first_ms", range(0, 100, 7))
def test_four_presses_in_half_a_second_are_four(pico, first_ms):
    its = pico.senses.Keys()
    presses = [(500 + 130 * i, 560 + 130 * i) for i in range(4)]
    assert polled(pico, its, presses, first_ms=first_ms) == [0, KEY_START] * 4 + [0]


def test_polls_that_come_late_see_each_press_too(pico):
    its = pico.senses.Keys()
    assert polled(pico, its, [(510, 560), (660, 710)], late=(4, 6)) == [0, KEY_START] * 2 + [0]


def test_who_drums_on_a_key_is_told_less_often_and_then_that_it_is_up(pico):
    its = pico.senses.Keys()
    presses = [(500 + 60 * i, 530 + 60 * i) for i in range(40)]
    seen = polled(pico, its, presses, last_ms=6000)
    assert 4 <= seen.count(KEY_START) < 40
    assert seen[-1] == 0
    assert polled(pico, its, [(100, 150)], last_ms=500) == [0, KEY_START, 0]


def test_a_press_is_not_told_again_when_the_ticks_have_gone_round(pico):
    its = pico.senses.Keys()
    told(pico, its, [0] * 6 + [1] * 60)
    its._since_ms = (pico.world.now_ms + 50) & (1 << 30) - 1  # 12 days later the ticks stand there again
    pico.world.wait(60)
    assert its.keys() == 0


def test_a_key_that_is_down_when_power_comes_is_told_at_once(pico):
    pico.world.levels[pins.KEY_MUTE] = 0
    assert pico.senses.Keys().keys() == KEY_MUTE


@pytest.mark.parametrize(
    ("u16", "divider", "mv"), [(0, 4000, 0), (65535, 4000, 13200), (32768, 4000, 6600), (40000, 3197, 6438)]
)
def test_the_battery_behind_its_divider(pico, u16, divider, mv):
    pico.world.adc[pins.BATTERY] = u16
    assert pico.senses.Battery(config(battery_divider_milli=divider)).battery_mv() == pytest.approx(mv, abs=4)


@pytest.mark.parametrize("celsius", [-20, 0, 27, 60, 85])
def test_the_chips_thermometer_by_its_data_sheet(pico, celsius):
    volt = 0.706 - (celsius - 27) * 0.001721
    pico.world.adc[4] = round(volt / 3.3 * 4095) << 4
    assert pico.senses.Thermometer().temperature_mc() == pytest.approx(celsius * 1000, abs=250)
