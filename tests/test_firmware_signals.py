"""Light and sound against IEC 60601-1-8: pulses are measured in series of a minute, as on an oscilloscope."""

import itertools

import pytest

from boards import FRICTION_MN, Rig, order, rate
from picoinfuse_firmware import alarms, signals
from picoinfuse_firmware.alarms import HIGH, LOW, MEDIUM
from picoinfuse_firmware.limits import MAX_MUTE_MS

MINUTE_MS = 60000
PRIORITIES = (LOW, MEDIUM, HIGH)


def pulses(at, end_ms=MINUTE_MS, step_ms=1):
    """Return (from_ms, to_ms, value) of every stretch in which at(ms) is not 0, sampled once a millisecond."""
    found, since, value = [], 0, 0
    for ms in range(0, end_ms, step_ms):
        now = at(ms)
        if now != value:
            if value:
                found.append((since, ms, value))
            since, value = ms, now
    return found


def sounding(priority):
    return pulses(lambda ms: signals.sound(priority, True, ms))


def bursts(priority):
    """Return the pulses of the first minute, grouped into bursts by silences of 2 s and more."""
    groups = []
    for pulse in sounding(priority):
        if not groups or pulse[0] - groups[-1][-1][1] >= 2000:
            groups.append([])
        groups[-1].append(pulse)
    return groups


def gaps(burst):
    return [after[0] - before[1] for before, after in itertools.pairwise(burst)]


@pytest.mark.parametrize(
    ("priority", "colour", "least_hz", "most_hz"),
    [(HIGH, signals.RED, 1.4, 2.8), (MEDIUM, signals.YELLOW, 0.4, 0.8)],
)
def test_the_light_blinks_as_the_standard_says(priority, colour, least_hz, most_hz):
    lit = pulses(lambda ms: signals.light(priority, ms))
    assert {value for _, _, value in lit} == {colour}
    assert least_hz <= len(lit) / 60 <= most_hz
    periods = {after[0] - before[0] for before, after in itertools.pairwise(lit)}
    assert len(periods) == 1
    on_ms = {to - since for since, to, _ in lit}
    assert len(on_ms) == 1
    assert 0.2 <= on_ms.pop() / periods.pop() <= 0.6


def test_the_light_of_a_low_alarm_is_steady_and_there_is_none_without_an_alarm():
    assert {signals.light(LOW, ms) for ms in range(MINUTE_MS)} == {signals.CYAN}
    assert {signals.light(0, ms) for ms in range(MINUTE_MS)} == {signals.DARK}
    assert {signals.sound(0, True, ms) for ms in range(MINUTE_MS)} == {0}
    assert signals.next_change_ms(0, True, 0) == signals.next_change_ms(LOW, False, 5) == -1


def test_a_high_alarm_sounds_ten_pulses_twice_three_and_two():
    for burst in bursts(HIGH)[:-1]:
        assert [hertz for _, _, hertz in burst] == [523, 294, 392, 523, 294] * 2
        assert all(75 <= to - since <= 200 for since, to, _ in burst)
        between = gaps(burst)
        for i in (0, 1, 3, 5, 6, 8):
            assert 50 <= between[i] <= 125
        for i in (2, 7):
            assert between[i] > 125, "three and two are told apart"
        assert 350 <= between[4] <= 1300
    starts = bursts(HIGH)
    assert len(starts) >= 6
    for before, after in itertools.pairwise(starts):
        assert 2500 <= after[0][0] - before[-1][1] <= 15000


def test_a_medium_alarm_sounds_three_pulses():
    found = bursts(MEDIUM)
    assert len(found) >= 4
    for burst in found[:-1]:
        assert [hertz for _, _, hertz in burst] == [523, 294, 392]
        assert all(125 <= to - since <= 250 for since, to, _ in burst)
        assert all(125 <= gap <= 250 for gap in gaps(burst))
    for before, after in itertools.pairwise(found):
        assert 2500 <= after[0][0] - before[-1][1] <= 30000


def test_a_low_alarm_sounds_two_pulses_and_is_silent_for_more_than_a_quarter_of_a_minute():
    found = bursts(LOW)
    for burst in found[:-1]:
        assert len(burst) == 2
        assert all(125 <= to - since <= 250 for since, to, _ in burst)
        assert all(125 <= gap <= 250 for gap in gaps(burst))
    for before, after in itertools.pairwise(found):
        assert after[0][0] - before[-1][1] > 15000


def test_every_tone_is_within_the_band_of_the_standard():
    for priority in PRIORITIES:
        assert all(150 <= hertz <= 1000 for _, _, hertz in sounding(priority))


def test_a_more_urgent_alarm_has_more_pulses_and_never_less_sound():
    count = [len(sounding(priority)) for priority in PRIORITIES]
    duty = [sum(to - since for since, to, _ in sounding(priority)) for priority in PRIORITIES]
    assert count == sorted(count)
    assert duty == sorted(duty)
    assert len(set(count)) == len(set(duty)) == 3


@pytest.mark.parametrize("priority", PRIORITIES)
@pytest.mark.parametrize("audible", [False, True])
def test_a_board_that_looks_only_when_told_misses_no_edge(priority, audible):
    def seen(ms):
        return signals.light(priority, ms), signals.sound(priority, audible, ms)

    changes = [ms for ms in range(1, MINUTE_MS) if seen(ms) != seen(ms - 1)]
    told, ms = [], 0
    while 0 <= (ms := signals.next_change_ms(priority, audible, ms)) < MINUTE_MS:
        told.append(ms)
    assert told == changes


def played(rig, from_ms, to_ms, step_ms=10):
    """Return [(ms, colour, hertz)] as a board plays what the firmware told it, on the rig's own clock."""
    calls = rig.board.signals
    series = []
    for ms in range(from_ms, to_ms, step_ms):
        at, priority, audible = [call for call in calls if call[0] <= ms][-1]
        series.append((ms, signals.light(priority, ms - at), signals.sound(priority, audible, ms - at)))
    return series


def clock_ms(rig):
    return rig.board.now_us // 1000


def test_an_audio_pause_takes_the_sound_for_two_minutes_and_never_the_light():
    rig = Rig()
    rig.start(order(rate(20, 5)))
    rig.run(3000)
    rig.board.force = 60000
    rig.run_until("alarm", 1000)
    rig.run(20000)
    muted_ms = clock_ms(rig)
    rig.ok("mute", MAX_MUTE_MS)
    paused_ms = clock_ms(rig)
    rig.run(140000)
    before = played(rig, muted_ms - 20000, muted_ms)
    assert any(hertz for _, _, hertz in before)
    series = played(rig, paused_ms, clock_ms(rig))
    sounds = [ms for ms, _, hertz in series if hertz]
    assert MAX_MUTE_MS - 2000 <= sounds[0] - muted_ms <= MAX_MUTE_MS
    red = pulses({ms - paused_ms: colour for ms, colour, _ in series}.get, 120000, 10)
    assert all(after[0] - before[1] <= 700 for before, after in itertools.pairwise(red)), "the light went"


def test_the_more_urgent_alarm_takes_over_at_once_and_ends_the_audio_pause():
    rig = Rig()
    rig.start(order(rate(36, 1), near_end_ms=50000))
    rig.run(55000)
    assert rig.alarms == ["near_end"]
    low = played(rig, clock_ms(rig) - 2000, clock_ms(rig))
    assert {colour for _, colour, _ in low} == {signals.CYAN}
    rig.ok("mute", MAX_MUTE_MS)
    rig.board.force = 60000
    began_ms = clock_ms(rig)
    rig.run(3000)
    high = played(rig, began_ms + 500, clock_ms(rig))
    assert {colour for _, colour, _ in high} == {signals.RED, signals.DARK}
    assert any(hertz for _, _, hertz in high)
    # When the urgent one is over, the one beneath it is shown again; its audio pause was ended.
    rig.board.force = FRICTION_MN
    rig.run_until_drawn_back()
    rig.ok("acknowledge")
    assert rig.alarms == ["near_end"]
    assert rig.board.shown == (alarms.LOW, True)
