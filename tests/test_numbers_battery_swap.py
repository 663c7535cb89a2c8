"""The battery is changed in the middle of a therapy at home: the account stands, nothing is given twice.

A person does it without a computer: takes the battery out, puts a full one in, reads the alarm, holds the start key to
acknowledge, and presses it to go on. The cable comes back days later.
"""

import pytest

from diaries import NOTHING_BETWEEN, Home
from measure import step_nl
from picoinfuse.errors import Refused

MIN_MS = 60_000
STEP_NL = float(step_nl("BD 60 mL"))
WITH_NOTHING_TWICE = pytest.mark.parametrize(
    ("minutes", "dose"), [(0.02, 1), (6, 1), (11.98, 1), (60, 0), (119.9, 0), (125, 2), (250, 3)]
)


def by_hand(bench):
    """A person at the pump: acknowledges by holding the start key, and goes on by pressing it."""
    bench.act("hold_start")
    bench.advance("6 s")
    bench.press("start")
    bench.advance("2 s")


def at_home(folder):
    """A pump on its battery, a few seconds before the start; the plunger follows every step, so that truth is known."""
    home = Home(folder, NOTHING_BETWEEN, ideal=True)
    home.bench.mains(False)
    home.start()
    return home


def swap(home, off_s=120):
    """Change the battery; return the true volume at that moment and the status once the pump is up again."""
    bench = home.bench
    true_nl = bench.truth()["plunger_ml"] * 1e6
    bench.swap_battery(off_s)
    bench.advance(off_s + 10)
    return true_nl, home.pump.status()


@WITH_NOTHING_TWICE
def test_the_account_is_the_truth_within_its_bound_and_nothing_moves_until_a_person_goes_on(tmp_path, minutes, dose):
    home = at_home(tmp_path)
    home.bench.advance(60 * minutes)
    true_nl, status = swap(home)
    assert (status.boot, status.state, status.alarm_names[0]) == (2, "alarm", "power_lost")
    assert status.delivered_nl - status.uncertain_nl - STEP_NL <= true_nl <= status.delivered_nl + STEP_NL
    assert (status.uncertain_nl > 0) <= (dose > 0)  # in a gap there is no doubt
    with pytest.raises(Refused):
        home.pump.resume()
    home.bench.advance("3 h")
    assert home.bench.truth()["plunger_ml"] * 1e6 == pytest.approx(true_nl, abs=1)


@WITH_NOTHING_TWICE
def test_in_the_end_the_patient_has_had_what_was_ordered_and_no_step_more(tmp_path, minutes, dose):
    home = at_home(tmp_path)
    bench = home.bench
    bench.advance(60 * minutes)
    _, status = swap(home)
    by_hand(bench)
    bench.advance("7 h")
    end = home.pump.status()
    assert end.state == "complete"
    given_nl = bench.truth()["plunger_ml"] * 1e6
    assert given_nl <= 30e6 + 1  # never more than ordered, whatever is in doubt counts as given
    assert given_nl >= 30e6 - status.uncertain_nl - 3 * STEP_NL
    assert end.delivered_nl - status.uncertain_nl - STEP_NL <= given_nl <= end.delivered_nl + STEP_NL
    home.meet()
    (course,) = home.diary().courses
    assert (course.outcome, course.given_nl, course.uncertain_nl) == ("complete", end.delivered_nl, status.uncertain_nl)
    assert [given.status for given in home.doses()] == ["given"] * 3  # some minutes late are not late


def test_two_changes_in_one_dose_are_each_within_their_bound(tmp_path):
    home = at_home(tmp_path)
    bench = home.bench
    for minutes in (3, 4):
        bench.advance(60 * minutes)
        true_nl, status = swap(home, 60)
        assert status.delivered_nl - status.uncertain_nl - STEP_NL <= true_nl <= status.delivered_nl + STEP_NL
        by_hand(bench)
    bench.advance("7 h")
    assert home.pump.status().state == "complete"
    assert bench.truth()["plunger_ml"] * 1e6 <= 30e6 + 1


def test_a_battery_that_was_flat_for_a_night_leaves_doses_that_were_late_and_says_so(tmp_path):
    home = at_home(tmp_path)
    bench = home.bench
    bench.advance("30 min")
    bench.senses.battery.set_charge(0.02)  # an hour's rest: the alarms, and dark
    bench.look_at_battery()
    bench.advance("30 min")
    assert bench.board.now_ms < bench.board.boot_ms
    bench.advance("9 h")  # nobody heard it
    bench.swap_battery(60)
    bench.advance("2 min")
    by_hand(bench)
    bench.advance("6 h")
    home.meet()
    first, second, third = home.doses()
    assert [dose.status for dose in (first, second, third)] == ["given", "late", "late"]
    for dose in (second, third):
        assert "no power" in dose.why
        assert dose.late_ms[0] > 0
        assert 9 * 60 * MIN_MS < dose.late_ms[1] < 10 * 60 * MIN_MS
    names = [alarm.name for alarm in home.diary().alarms]
    assert names.index("battery_depleted") < names.index("power_lost")
    depleted = next(alarm for alarm in home.diary().alarms if alarm.name == "battery_depleted")
    assert (depleted.answered, depleted.lost) == (None, True)
    lost = next(alarm for alarm in home.diary().alarms if alarm.name == "power_lost")
    assert lost.how in ("key", "acknowledged")
    assert lost.answer_ms[1] < 3 * MIN_MS


def test_a_dose_that_was_not_given_before_somebody_stopped_it_is_missed(tmp_path):
    home = at_home(tmp_path)
    home.bench.advance("30 min")
    home.bench.swap_battery(3 * 3600)
    home.bench.advance("3.5 h")
    home.pump.stop()  # "the next one tomorrow, by another order"
    home.meet()
    first, second, third = home.doses()
    assert (first.status, second.status) == ("given", "missed")
    assert third.status in ("not due when it was stopped", "not given; whether it was due is not known")
    assert (second.given_nl, third.given_nl) == (0, 0)
