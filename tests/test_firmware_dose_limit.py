"""A limit by itself: which numbers it takes, and what the phases of a program can hold in a window at the most."""

import random

import pytest

from boards import HOUR_MS, bolus, kvo, ml, order, pause, ramp, rate, repeat, step_of
from orders import drug, limit
from picoinfuse_firmware import program_limits
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.dose_limit import LATE_MS, MAX_WALK, Limit, first_of_loop, to_come
from picoinfuse_firmware.options import Option
from picoinfuse_firmware.program import BOLUS, REPEAT

MINUTE_MS = 60000
DAY_MS = 86400000


def refusal(*phases, window_ms=HOUR_MS, most=10_000_000, filled_ml=None, others=()):
    program = order(*phases, options=[*others, limit(window_ms, most)], filled_ml=filled_ml)
    return program_limits.program(program, Config())


def test_which_windows_and_limits_there_are():
    ok = rate(1, 1)
    assert refusal(ok) is None
    assert refusal(ok, window_ms=59999) == ("window_range", 59999, 60000)
    assert refusal(ok, window_ms=DAY_MS + 1) == ("window_range", DAY_MS + 1, DAY_MS)
    assert refusal(ok, window_ms=DAY_MS, most=ml(25)) is None
    for most in (0, -1, 10**15 + 1):
        assert refusal(ok, most=most) == ("most_range", most, 10**15)
    assert refusal(ok, others=[limit(HOUR_MS, ml(10)), limit(HOUR_MS, ml(10))]) == ("option_twice", 2, 2)
    program = order(ok, options=[Option("limit", "x", [HOUR_MS, ml(10)])])
    assert program_limits.program(program, Config()) == ("bad_option", 0, 0)
    program = order(ok, options=[Option("limit", "-", [HOUR_MS])])
    assert program_limits.program(program, Config()) == ("bad_option", 0, 2)


def test_a_basal_that_breaks_a_limit_is_refused():
    assert refusal(rate(9.9, 20)) is None
    assert refusal(rate(10, 20))[0] == "dose_limit"  # with two steps at the edges
    assert refusal(ramp(1, 10, HOUR_MS))[0] == "dose_limit"
    assert refusal(rate(1, 1), kvo(10))[0] == "dose_limit"
    assert refusal(rate(1, 1), kvo(9)) is None
    assert refusal(rate(20, 0.1), rate(1, 1))[0] == "dose_limit"  # only for 18 s, but as the rule has it


def test_own_boluses_count_where_they_can_come():
    assert refusal(bolus(5, 100), bolus(4, 100), rate(0.5, 1)) is None
    assert refusal(bolus(5, 100), bolus(5, 100), rate(0.5, 1))[0] == "dose_limit"
    assert refusal(bolus(9, 100), pause(66 * MINUTE_MS), bolus(9, 100), rate(0.5, 1)) is None
    assert refusal(bolus(9, 100), pause(59 * MINUTE_MS), bolus(9, 100), rate(0.5, 1))[0] == "dose_limit"
    # A person may hurry a phase that ends by its volume.
    assert refusal(bolus(9, 100), rate(0.5, 1), bolus(9, 100), rate(0.5, 1))[0] == "dose_limit"
    # A slow bolus counts until it is over: this one for 54 minutes of its own.
    slow = bolus(9, 10)
    assert refusal(slow, pause(100 * MINUTE_MS), bolus(9, 100), rate(0.1, 1))[0] == "dose_limit"
    assert refusal(slow, pause(116 * MINUTE_MS), bolus(9, 100), rate(0.1, 1)) is None


def test_programmed_boluses_are_as_many_as_fit_into_a_window():
    ever = [bolus(4, 250), pause(45 * MINUTE_MS), repeat(0, 10)]
    assert refusal(*ever, most=ml(8.01)) is None
    assert refusal(*ever, most=ml(7.9))[0] == "dose_limit"
    assert refusal(*ever, window_ms=4 * HOUR_MS, most=ml(24.01)) is None
    assert refusal(*ever, window_ms=4 * HOUR_MS, most=ml(23.9))[0] == "dose_limit"


def test_a_drug_is_counted_in_its_unit():
    strong = [drug("morphine.ng", 2, 1)]  # 2 mg/mL
    assert refusal(rate(4.9, 20), others=strong, most=10_000_000) is None
    assert refusal(rate(5, 20), others=strong, most=10_000_000)[0] == "dose_limit"


def walked(phases):
    """The begin, end and volume of every bolus of a program, each phase gone through one by one."""
    rows, passes, at, free, i = [], {}, 0, 0, 0
    while i < len(phases):
        phase = phases[i]
        if phase.kind == BOLUS:
            begin = max(at, free)
            free = begin + -(-phase.volume_nl * phase.rate_ms // phase.rate_nl)
            rows.append((begin, free, phase.volume_nl))
        elif phase.kind == REPEAT:
            passes[i] = passes.get(i, 1) + 1
            if passes[i] <= phase.to_ms:
                i = phase.to_nl
                continue
            del passes[i]
        elif not (phase.kind == "rate" and phase.volume_nl):
            at += phase.duration_ms
        i += 1
    return rows


def most_in(rows, window_ms):
    """By brute force: every window that begins with one of them, just before its end, or ends just in its beginning."""
    starts = {start for begin, end, _ in rows for start in (begin, end - 1, begin - window_ms + 1)}
    return max(sum(nl for begin, end, nl in rows if end > s and begin < s + window_ms) for s in starts)


@pytest.mark.parametrize("seed", range(40))
def test_no_window_of_a_drawn_program_holds_more_than_is_reckoned(seed):
    draw = random.Random(seed)
    phases, loop_from = [], 0
    for _ in range(draw.randrange(2, 9)):
        kind = draw.randrange(5)
        if kind < 2:
            phases.append(bolus(draw.choice((0.1, 1, 3)), draw.choice((2, 20, 200))))
        elif kind == 2:
            phases.append(pause(draw.choice((1000, 10 * MINUTE_MS, 50 * MINUTE_MS))))
        elif kind == 3:
            phases.append(rate(1, *draw.choice(((0.5, 0), (0, 20 * MINUTE_MS)))))
        elif len(phases) > loop_from and any(phase.kind == "pause" for phase in phases[loop_from:]):
            phases.append(repeat(loop_from, draw.choice((2, 5, 30))))
            loop_from = len(phases)
    window_ms = draw.choice((10 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS))
    rows = walked(phases)
    if not rows:
        return
    reckoned = Limit(window_ms, 1, step_of(), order(rate(1, 1)))
    for most_walked in (MAX_WALK, 20):
        own = to_come(phases, 0, 1, 0, window_ms, most_walked)
        assert len(own) <= most_walked + 8
        assert reckoned.total(own, [], 0) >= most_in(rows, window_ms) + 2 * 349
    exact = to_come(phases, 0, 1, 0, window_ms, 10**6)
    bound = most_in(rows, window_ms + LATE_MS + max(end - begin for begin, end, _ in rows))
    assert reckoned.total(exact, [], 0) <= bound + 3 * 351


def test_what_is_to_come_in_the_middle_of_a_loop():
    phases = [bolus(1, 100), pause(MINUTE_MS), bolus(2, 100), pause(MINUTE_MS), repeat(0, 3), bolus(3, 100)]
    nl = lambda first, passes: [row[2] // ml(1) for row in to_come(phases, first, passes, 0, DAY_MS, 99)]  # noqa: E731
    assert nl(0, 1) == [1, 2, 1, 2, 1, 2, 3]
    assert nl(2, 1) == [2, 1, 2, 1, 2, 3]
    assert nl(4, 2) == [1, 2, 3]
    assert nl(2, 3) == [2, 3]
    assert nl(5, 1) == [3]
    assert first_of_loop(phases, 3) == 0
    assert first_of_loop(phases, 5) == 5
    assert to_come([rate(1, 1), kvo(1)], 0, 1, 0, DAY_MS, 99) == []
