"""Schedules become phases: every 8 h, days on and off, at a time of day; what is at odds with itself is refused."""

import pytest

from picoinfuse import Therapy
from picoinfuse.errors import BadInput
from therapy_text import therapy_text

HOUR = 3_600_000


def scheduled(schedule, phases=None, count=1):
    """A therapy of 10 mL in an hour under a schedule."""
    its = {} if phases is None else {"phases": phases}
    syringe = f'[syringe]\nname = "BD 60 mL"\ncount = {count}\n'
    return Therapy.parse(therapy_text(syringe=syringe, **its, schedule=f"[schedule]\n{schedule}\n"))


def starts(therapy, kind="rate"):
    """When each phase of a kind begins, in hours, repeats written out."""
    phases, found, now, index, done = therapy.program.phases, [], 0, 0, {}
    while index < len(phases):
        its = phases[index].compiled
        if its.kind == "repeat":
            done[index] = done.get(index, 0) + 1
            index = its.to_nl if done[index] < its.to_ms else index + 1
            continue
        if its.kind == kind:
            found.append(now / HOUR)
        now += its.duration()
        index += 1
    return found


def test_a_dose_every_eight_hours_begins_every_eight_hours():
    therapy = scheduled('every = "8 h"\ntimes = 3')
    assert starts(therapy) == [0, 8, 16]
    assert therapy.program.duration_ms == 17 * HOUR
    assert therapy.program.volume_nl == 30_000_000
    assert starts(therapy, "pause") == [1, 9]


def test_two_doses_need_no_repeat():
    therapy = scheduled('every = "2 h"\ntimes = 2')
    assert [phase.kind for phase in therapy.program.phases] == ["rate", "pause", "rate"]


def test_between_doses_the_vein_is_kept_open_at_the_rate_that_is_written():
    therapy = scheduled('every = "8 h"\ntimes = 3\nbetween = "0.5 mL/h"')
    assert starts(therapy, "kvo") == [1, 9]
    kvo = therapy.program.phases[1].compiled
    assert kvo.rate_nl * HOUR // kvo.rate_ms == 500_000
    assert therapy.program.volume_nl == 30_000_000  # it counts as no dose


def test_a_period_is_kept_to_the_millisecond_though_a_dose_ends_at_none():
    """10 mL at 30 mL/h end after a third of an hour, 1,200,000 ms; at 7 mL/h there is no whole millisecond."""
    phases = '[[phases]]\nkind = "rate"\nrate = "7 mL/h"\nvolume = "1 mL"\n'
    therapy = scheduled('every = "1 h"\ntimes = 40', phases)
    assert starts(therapy) == [float(n) for n in range(40)]


def test_days_on_say_how_many_doses_there_are():
    assert starts(scheduled('every = "12 h"\ndays_on = 2\ndays_off = 5')) == [0, 12, 24, 36]


def test_cycles_of_days_on_and_off():
    therapy = scheduled('every = "12 h"\ndays_on = 1\ndays_off = 2\ncycles = 3')
    assert starts(therapy) == [0, 12, 72, 84, 144, 156]


def test_a_repeat_within_a_dose_is_written_out():
    phases = """
[[phases]]
kind = "rate"
rate = "10 mL/h"
duration = "10 min"
[[phases]]
kind = "pause"
duration = "10 min"
[[phases]]
kind = "repeat"
times = 2
"""
    therapy = scheduled('every = "2 h"\ntimes = 3', phases)
    assert starts(therapy) == pytest.approx([0, 1 / 3, 2, 2 + 1 / 3, 4, 4 + 1 / 3])
    therapy.program.check_limits()


def test_a_therapy_at_eight_waits_until_eight_and_no_longer():
    therapy = scheduled('at = "08:00"\nevery = "8 h"\ntimes = 3')
    assert starts(therapy)[0] == 0  # the program itself begins when it is started
    for now, hours in (("07:15", 0.75), ("08:00", 0), ("08:01", 24 - 1 / 60), ("23:59", 8 + 1 / 60)):
        waiting = therapy.started_at(now)
        assert starts(waiting) == pytest.approx([hours, hours + 8, hours + 16]), now
        assert waiting.program.volume_nl == therapy.program.volume_nl
        waiting.program.check_limits()


def test_a_therapy_without_a_time_of_day_does_not_wait():
    therapy = scheduled('every = "8 h"\ntimes = 3')
    assert therapy.started_at("07:15") is therapy


@pytest.mark.parametrize(
    ("schedule", "says"),
    [
        ('at = "8"', "schedule at = '8': is no time of day; write 00:00 to 23:59 in quotes, or now"),
        ('at = "24:00"', "schedule at = '24:00': is no time of day"),
        ('at = "08:60"', "schedule at = '08:60': is no time of day"),
        ("at = 8", "schedule at = 8: must be text in quotes"),
        ('every = "8 h"', "schedule times: is missing; say how many doses, or how many days_on"),
        ("times = 3", "schedule every: is missing; say how long after a dose the next of times = 3 is"),
        ('every = "8 h"\ntimes = 0', "schedule times = 0: is below 1, the least"),
        ('every = "8 h"\ntimes = 1001', "schedule times = 1001: is above 1000, the most"),
        ('every = "8 h"\ntimes = "3"', "schedule times = '3': must be a whole number"),
        ('every = "1 h"\ntimes = 2', "schedule every = '1 h': a dose alone takes 1 h; write more than that"),
        ('every = "0 h"\ntimes = 2', "schedule every = '0 h': must be more than 0"),
        ('every = "-8 h"\ntimes = 2', "schedule every = '-8 h': is negative"),
        ('every = "8 mL"\ntimes = 2', "schedule every = '8 mL': is volume, not a duration"),
        ('between = "1 mL/h"', "schedule between = '1 mL/h': there is one dose only; add every = '8 h' and times"),
        ('every = "8 h"\ntimes = 2\nbetween = "6 mL/h"', "schedule between: 6 mL/h is above 5 mL/h"),
        ('every = "8 h"\ntimes = 2\nbetween = "nothing"', "schedule between = 'nothing': does not begin with a number"),
        (
            'every = "8 h"\ntimes = 4\ndays_on = 1',
            "schedule days_on = 1: the doses of a cycle take 25 h; write more days",
        ),
        ("days_off = 2", "schedule days_off = 2: without days_on"),
        ("cycles = 2", "schedule cycles = 2: without days_on and days_off"),
        ('every = "8 h"\ndays_on = 40', "schedule days_on = 40: is above 31, the most"),
        ('evry = "8 h"', "schedule evry = '8 h': there is no such field; is it spelled right?"),
        ('every = "2 h"\ndays_on = 1\ndays_off = 1\ncycles = 12', "[schedule]: becomes 59 phases; the pump holds 32"),
    ],
)
def test_a_schedule_at_odds_with_itself_is_refused(schedule, says):
    with pytest.raises(BadInput) as caught:
        scheduled(schedule)
    assert says in str(caught.value)


def test_a_dose_without_end_cannot_be_repeated():
    phases = '[[phases]]\nkind = "rate"\nrate = "10 mL/h"\nvolume = "1 mL"\n[[phases]]\nkind = "kvo"\nrate = "1 mL/h"\n'
    with pytest.raises(BadInput, match=r"\[schedule\]: the last phase keeps the vein open without end"):
        scheduled('every = "8 h"\ntimes = 2', phases)


def test_a_dose_with_too_many_repeats_to_write_out_is_refused():
    phases = (
        '[[phases]]\nkind = "rate"\nrate = "10 mL/h"\nduration = "1 min"\n[[phases]]\nkind = "repeat"\ntimes = 40\n'
    )
    with pytest.raises(BadInput, match="phase 2 times = 40: a dose of a schedule is written out"):
        scheduled('every = "8 h"\ntimes = 2', phases)
