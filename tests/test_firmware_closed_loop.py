"""The closed loop by itself: the rule in floating point, its hard limits, and readings that cannot be believed."""

from math import exp, floor
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from picoinfuse_firmware import closed_loop
from picoinfuse_firmware.closed_loop import ClosedLoop

MIN = 60_000
FIVE = 5 * MIN
UNIT = 1_000_000
# 10 U/mL: 1 U/h is 100,000 nL/h.
AMOUNT_UU, VOLUME_NL = 10_000_000, 1_000_000
NL_PER_U = 100_000
BASAL = 80_000  # 0.8 U/h
MAX_BASAL = 300_000
LOST = 15 * MIN
PEAK_MIN = 75


def loop(low=100, high=110, isf=40, max_basal=MAX_BASAL, on_board=3 * UNIT, lost=LOST):
    return ClosedLoop([low, high, isf * 1000, max_basal, on_board, PEAK_MIN * MIN, lost], AMOUNT_UU, VOLUME_NL)


class Day:
    """A loop whose rate is really given: the dose account grows, minute by minute, and what was given is kept."""

    def __init__(self, its=None, basal=BASAL):
        self.loop = its or loop()
        self.basal = basal
        self.rate = basal
        self.minute = 0
        self.dose_nl = 0.0
        self.doses = []  # (minute, units beyond the set basal rate)
        self.readings = []
        self.loop.given(0, 0, basal)

    @property
    def now_ms(self):
        return self.minute * MIN

    def pass_minutes(self, minutes, bolus_u=0.0):
        for _ in range(minutes):
            self.minute += 1
            self.dose_nl += self.rate / 60 + bolus_u * NL_PER_U
            self.doses.append((self.minute, (self.rate - self.basal) / 60 / NL_PER_U + bolus_u))
            bolus_u = 0.0
            self.loop.given(self.now_ms, int(self.dose_nl), self.basal)
            self.rate = self.loop.rate_nl_h(self.now_ms, self.basal)

    def read(self, mg_dl, age_ms=0):
        no = self.loop.reading(self.now_ms, mg_dl, age_ms)
        if no is None:
            self.readings.append((self.now_ms - age_ms, mg_dl))
        self.rate = self.loop.rate_nl_h(self.now_ms, self.basal)
        return no

    def see(self, *glucose):
        """One reading every five minutes, all of them believed."""
        for mg_dl in glucose:
            self.pass_minutes(5)
            assert self.read(mg_dl) is None
        return self.rate

    def on_board_u(self):
        """By the curve, in floating point, from everything that was given."""
        ago = [(self.minute - minute, units) for minute, units in self.doses]
        return sum(units * (1 + t / PEAK_MIN) * exp(-t / PEAK_MIN) for t, units in ago)

    def works_u_per_min(self):
        ago = [(self.minute - minute, units) for minute, units in self.doses]
        return sum(units * t / PEAK_MIN**2 * exp(-t / PEAK_MIN) for t, units in ago)

    def expected(self, low=100, high=110, isf=40.0, most_u=3.0):
        """The rule of the loop anew, in floating point: (predicted glucose, rate in nL/h before it is rounded)."""
        recent = [r for r in self.readings if r[0] >= self.readings[-1][0] - 20 * MIN][-4:]
        trend = 0.0
        if len(recent) > 1:
            rise = recent[-1][1] - recent[0][1], recent[-1][1] - recent[-2][1]
            in_ms = [recent[-1][0] - recent[0][0], recent[-1][0] - recent[-2][0]]
            in_ms = [max(FIVE, ms) if up > 0 else ms for up, ms in zip(rise, in_ms, strict=True)]
            mean, newest = rise[0] / in_ms[0] * FIVE, rise[1] / in_ms[1] * FIVE
            trend = max(0.0, min(mean, newest)) if mean > 0 else mean
        glucose = recent[-1][1]
        on_board = self.on_board_u()
        predicted = glucose - on_board * isf + 6 * (trend + self.works_u_per_min() * 5 * isf)
        if glucose + 6 * min(0.0, trend) < low - 30:
            return predicted, 0.0
        if low <= predicted <= high:
            return predicted, float(self.basal)
        missing = (predicted - (low + high) / 2) / isf
        if missing > 0:
            missing = min(missing, max(0.0, most_u - on_board))
        rate = min(self.basal + 2 * missing * NL_PER_U, MAX_BASAL)
        return predicted, (rate if rate >= 10_000 else 0.0)


def drawn_glucose(random, readings):
    """Return a glucose that wanders as one does: rises after food, falls, with noise."""
    glucose, slope, found = random.uniform(60, 220), 0.0, []
    for _ in range(readings):
        slope = 0.8 * slope + random.gauss(0, 3)
        glucose += slope
        if not 55 < glucose < 330:
            glucose, slope = min(330, max(55, glucose)), -slope / 2
        found.append(round(glucose))
    return found


# ---- the rule ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_a_day_of_decisions_agrees_with_the_rule_in_floating_point(seed):
    random = Random(seed)
    day = Day()
    grid = BASAL // 10
    for mg_dl in drawn_glucose(random, 288):
        day.pass_minutes(5, bolus_u=random.choice([0.0] * 20 + [1.0, 4.0]))
        if random.random() < 0.05 or day.read(mg_dl) is not None:
            continue
        assert day.loop.on_board.uu() / UNIT == pytest.approx(day.on_board_u(), abs=0.005, rel=3e-4)
        predicted, rate = day.expected()
        assert day.loop.predicted_mg_dl == pytest.approx(predicted, abs=1.2)
        # Rounded down to the grid; a tenth of a mg/dL decides which side of an edge it falls on.
        assert rate - 2 * grid <= day.rate <= rate + grid or min(abs(predicted - 100), abs(predicted - 110)) < 1.2


def test_in_range_and_steady_it_leaves_the_set_basal_rate_alone():
    day = Day()
    assert day.see(*[105] * 3) == BASAL
    assert day.loop.why == closed_loop.IN_RANGE


def test_high_and_steady_it_gives_what_is_missing_within_half_an_hour():
    day = Day()
    # 20 mg/dL too high: 0.5 U in half an hour is 1 U/h more, 100,000 nL/h; rounded down to tenths of the basal rate
    assert day.see(125) == BASAL + 96_000
    assert day.loop.why == closed_loop.MORE
    assert day.loop.predicted_mg_dl == 125


def test_a_little_below_its_target_it_gives_less():
    day = Day()
    assert 0 < day.see(97) < BASAL
    assert day.loop.why == closed_loop.LESS


def test_insulin_on_board_is_taken_into_account_so_that_nothing_is_given_twice():
    day = Day()
    day.pass_minutes(1, bolus_u=3.0)
    assert day.see(225) == BASAL  # 3 U will lower it by 120 mg/dL: there is nothing to do
    assert day.loop.why == closed_loop.IN_RANGE
    assert day.loop.predicted_mg_dl == pytest.approx(107, abs=2)


def test_a_rise_that_insulin_does_not_explain_is_met_early():
    day = Day()
    day.see(105, 105, 105, 105)
    assert day.see(112, 119) > BASAL + NL_PER_U
    assert day.loop.predicted_mg_dl > 130


def test_one_noisy_reading_upwards_counts_as_the_mean_over_a_quarter_of_an_hour():
    day = Day()
    day.see(105, 105, 105, 135)
    assert day.loop.predicted_mg_dl == pytest.approx(135 + 6 * 10, abs=2)


def test_after_a_fall_that_has_ended_it_still_looks_down_and_a_rise_that_has_ended_is_over():
    day = Day()
    day.see(130, 120, 110, 110)
    assert day.loop.predicted_mg_dl < 90
    day = Day()
    day.see(90, 100, 110, 110)
    assert day.loop.predicted_mg_dl == pytest.approx(110, abs=12)


# ---- the hard limits -------------------------------------------------------------------------------------------------


def test_below_the_suspend_limit_nothing_is_given():
    day = Day()
    day.see(105)
    day.readings.clear()
    for mg_dl in (85, 69):
        day.pass_minutes(5)
        day.read(mg_dl)
    assert day.rate == 0
    assert day.loop.why == closed_loop.LOW


def test_the_suspend_limit_is_thirty_below_the_lower_target():
    for mg_dl, suspended in ((69, True), (70, False)):
        day = Day()
        day.see(mg_dl)
        assert (day.loop.why == closed_loop.LOW) is suspended


def test_falling_fast_it_stops_before_glucose_is_low():
    day = Day()
    assert day.see(150, 140, 130, 120) == 0
    assert day.loop.why == closed_loop.LOW


@given(st.lists(st.integers(40, 400), min_size=1, max_size=60), st.integers(0, 3 * UNIT), st.sampled_from([30, 300]))
@settings(max_examples=60, deadline=None)
def test_whatever_is_read_the_rate_stays_within_its_limits_and_so_does_insulin_on_board(glucose, most_uu, isf):
    its = loop(isf=isf, on_board=most_uu)
    day = Day(its)
    for mg_dl in glucose:
        day.pass_minutes(5)
        day.read(mg_dl)
        assert type(day.rate) is int
        assert day.rate == 0 or 10_000 <= day.rate <= MAX_BASAL
        assert its.on_board.uu() <= most_uu + 2000  # what rounding upwards adds
    day.pass_minutes(40)  # and when the sensor is lost after that
    assert its.on_board.uu() <= most_uu + 2000
    assert day.rate == BASAL


@pytest.mark.parametrize("lost_min", [10, 30])
def test_at_the_highest_glucose_for_hours_insulin_on_board_comes_to_its_limit_and_not_beyond(lost_min):
    its = loop(on_board=UNIT, lost=lost_min * MIN)
    day = Day(its)
    highest = 0
    for k in range(72):
        day.pass_minutes(5)
        day.read(350 + k % 2)
        highest = max(highest, its.on_board.uu())
    assert 0.8 * UNIT < highest <= UNIT + 2000
    assert its.why == closed_loop.FULL


def test_with_the_sensor_silent_at_the_worst_moment_the_limit_holds():
    its = loop(on_board=UNIT, lost=30 * MIN, max_basal=1_000_000)
    day = Day(its)
    day.see(350)
    highest = 0
    for _ in range(60):
        day.pass_minutes(1)
        highest = max(highest, its.on_board.uu())
    assert 0.9 * UNIT < highest <= UNIT + 2000
    assert day.rate == BASAL


def test_beyond_the_limit_after_a_persons_bolus_it_gives_no_more_than_the_set_rate():
    day = Day()
    day.pass_minutes(1, bolus_u=8.0)
    assert day.see(400) == BASAL or day.rate < BASAL
    day.see(350, 349)
    assert day.rate <= BASAL


def test_what_comes_out_below_the_lowest_rate_of_the_pump_is_nothing():
    its = loop()
    day = Day(its, basal=12_000)
    assert day.see(99) == 0  # a tenth less would be 0.0108 mL/h less what is withheld: below 0.01 mL/h


def test_less_is_rounded_down_and_more_is_too():
    for mg_dl in range(90, 140):
        day = Day()
        day.see(mg_dl)
        _, rate = day.expected()
        if day.loop.why in (closed_loop.MORE, closed_loop.LESS) and day.rate:
            assert day.rate <= rate + 1
            assert (day.rate - BASAL) % (BASAL // 10) == 0


# ---- readings that cannot be believed --------------------------------------------------------------------------------


def test_without_any_reading_the_set_basal_rate_runs():
    day = Day()
    day.pass_minutes(60)
    assert (day.rate, day.loop.why) == (BASAL, closed_loop.LOST)


@pytest.mark.parametrize("glucose", [[160] * 3, [60] * 3])
def test_lost_for_long_enough_the_set_basal_rate_runs_again(glucose):
    day = Day()
    assert day.see(*glucose) != BASAL
    day.pass_minutes(LOST // MIN)
    assert day.rate != BASAL
    day.pass_minutes(1)
    assert (day.rate, day.loop.why) == (BASAL, closed_loop.LOST)


def test_two_readings_within_a_minute_are_no_steep_rise_but_may_be_a_steep_fall():
    """Noise of 6 mg/dL in a minute was taken for 180 mg/dL more in half an hour."""
    day = Day()
    day.read(198)
    day.pass_minutes(1)
    assert day.read(204) is None
    assert day.loop.predicted_mg_dl == pytest.approx(204 + 6 * 6, abs=3)  # less a minute of insulin
    day.pass_minutes(1)
    assert day.read(194) is None
    assert day.loop.predicted_mg_dl == pytest.approx(194 - 6 * (198 - 194) / 2 * 5, abs=5)


def test_after_a_gap_the_old_readings_make_no_trend():
    day = Day()
    day.see(105, 105, 105)
    day.pass_minutes(16)
    assert day.read(190) is None
    assert day.loop.predicted_mg_dl == pytest.approx(190, abs=1)


@pytest.mark.parametrize(("mg_dl", "limit"), [(39, 40), (0, 40), (-5, 40), (401, 400), (10**15, 400)])
def test_what_no_sensor_shows_is_refused(mg_dl, limit):
    assert loop().reading(0, mg_dl, 0) == ("glucose_range", mg_dl, limit)


def test_a_reading_too_old_or_from_the_future_is_refused():
    its = loop()
    assert its.reading(10**6, 100, LOST + 1) == ("glucose_too_old", LOST + 1, LOST)
    assert its.reading(10**6, 100, -1) == ("glucose_too_old", -1, LOST)
    assert its.reading(10**6, 100, LOST) is None


def test_the_same_reading_told_twice_counts_once():
    day = Day()
    day.see(150, 160)
    rate = day.rate
    assert day.read(160) == ("glucose_too_soon", 0, 60_000)
    day.pass_minutes(2)
    assert day.read(160, age_ms=2 * MIN) == ("glucose_too_soon", 0, 60_000)
    assert day.read(150, age_ms=5 * MIN)[0] == "glucose_too_soon"
    assert day.rate == rate


def test_a_jump_upwards_is_not_believed_and_gives_no_more_insulin():
    day = Day()
    day.see(105, 105, 105)
    day.pass_minutes(5)
    assert day.read(200) == ("glucose_jump", 95, 50)
    assert (day.rate, day.loop.why) == (BASAL, closed_loop.DOUBT)


def test_while_in_doubt_a_high_rate_ends_at_once():
    day = Day()
    assert day.see(180, 180, 180) == MAX_BASAL
    day.pass_minutes(5)
    day.read(300)
    assert day.rate == BASAL


def test_while_in_doubt_a_low_glucose_that_was_believed_stays_low():
    day = Day()
    assert day.see(75, 68) == 0
    day.pass_minutes(5)
    assert day.read(180)[0] == "glucose_jump"
    assert (day.rate, day.loop.why) == (0, closed_loop.DOUBT)


def test_a_jump_down_to_low_is_not_believed_and_stops_insulin_until_it_is_clear():
    """Somebody lies on the sensor; or glucose is really low. Nothing for a few minutes is the lesser evil."""
    day = Day()
    day.see(130, 130, 130)
    day.pass_minutes(5)
    assert day.read(60) == ("glucose_jump", 70, 50)
    assert (day.rate, day.loop.why) == (0, closed_loop.DOUBT)
    day.pass_minutes(5)
    assert day.read(130) is None
    assert day.rate > 0


def test_a_jump_that_stays_is_believed_after_minutes():
    day = Day()
    day.see(105, 105)
    believed = []
    for _ in range(3):
        day.pass_minutes(5)
        believed.append(day.read(180) is None)
    assert believed == [False, True, True]


def test_readings_out_of_range_for_too_long_are_a_lost_sensor():
    day = Day()
    day.see(180, 180)
    for _ in range(4):
        day.pass_minutes(5)
        assert day.read(500)[0] == "glucose_range"
    assert (day.rate, day.loop.why) == (BASAL, closed_loop.LOST)


def test_below_what_a_sensor_shows_nothing_is_given_for_as_long_as_it_says_so():
    """Bug: after a quarter of an hour below 40 mg/dL the sensor counted as lost, and the set rate ran again."""
    day = Day()
    day.see(60, 45)
    for _ in range(12):
        day.pass_minutes(5)
        assert day.read(39)[0] == "glucose_range"
        assert (day.rate, day.loop.why) == (0, closed_loop.DOUBT)
    assert day.loop.lowest_mg_dl() == 39
    day.pass_minutes(LOST // MIN)
    assert (day.rate, day.loop.why) == (0, closed_loop.DOUBT)
    day.pass_minutes(1)
    assert (day.rate, day.loop.why) == (BASAL, closed_loop.LOST)


def test_a_first_reading_that_is_too_low_to_be_shown_stops_the_set_rate():
    day = Day()
    assert day.read(0)[0] == "glucose_range"
    assert (day.rate, day.loop.why) == (0, closed_loop.DOUBT)
    day.see(90)
    assert day.rate > 0


def test_a_sensor_that_does_not_move_for_three_quarters_of_an_hour_is_stuck():
    day = Day()
    day.see(*[160] * 9)
    assert day.rate > BASAL
    day.see(160)
    assert (day.rate, day.loop.why) == (BASAL, closed_loop.STUCK)
    day.see(161)
    assert day.loop.why == closed_loop.MORE


def test_a_sensor_at_its_lower_end_is_not_stuck_but_low():
    day = Day()
    day.see(70, 55, 40)
    day.see(*[40] * 20)
    assert (day.rate, day.loop.why) == (0, closed_loop.LOW)


# ---- what survives ---------------------------------------------------------------------------------------------------


def test_insulin_on_board_outlives_a_power_cut_as_if_no_time_had_passed():
    day = Day()
    day.pass_minutes(1, bolus_u=4.0)
    day.pass_minutes(30)
    kept = day.loop.state()
    again = loop()
    again.restore(kept, int(day.dose_nl), 0)
    assert again.on_board.uu() == day.loop.on_board.uu()


def test_what_was_given_after_it_was_kept_counts_as_given_now():
    its, again = loop(), loop()
    its.given(0, 0, BASAL)
    its.given(MIN, 500_000, BASAL)
    again.restore(its.state(), 500_000 + 2 * NL_PER_U, 0)
    assert again.on_board.uu() == its.on_board.uu() + 2 * UNIT


def test_another_program_begins_with_what_is_still_on_board():
    its, again = loop(), loop()
    its.given(0, 0, BASAL)
    its.given(MIN, 500_000, BASAL)
    before = its.on_board.uu()
    again.restore(its.state(), 0, 75 * MIN)
    assert again.on_board.uu() == pytest.approx(before * 2 * exp(-1), rel=1e-3)
    again.given(0, 0, BASAL)
    again.given(MIN, BASAL // 60, BASAL)
    assert again.on_board.uu() == pytest.approx(before * (1 + 76 / 75) * exp(-76 / 75), rel=1e-3)


def test_an_account_that_knows_less_than_was_kept_takes_nothing_off():
    its, again = loop(), loop()
    its.given(0, 0, BASAL)
    its.given(MIN, 500_000, BASAL)
    again.restore(its.state(), 400_000, 0)
    assert again.on_board.uu() == its.on_board.uu()


def test_what_is_kept_is_few_whole_numbers():
    day = Day()
    for mg_dl in drawn_glucose(Random(1), 200):
        day.pass_minutes(5, bolus_u=1.0)
        day.read(mg_dl)
    numbers = day.loop.state()
    assert len(numbers) == 3
    assert all(type(number) is int and abs(number) < 10**12 for number in numbers)


@pytest.mark.parametrize("bad", [[], [1, 2], [1, 2, 3, 4]])
def test_what_is_no_state_is_not_taken(bad):
    with pytest.raises((ValueError, IndexError)):
        loop().restore(bad, 0, 0)


def test_a_program_without_boluses_at_its_set_rate_has_nothing_on_board():
    day = Day()
    day.pass_minutes(600)
    assert abs(day.loop.on_board.uu()) < 2000
    assert day.dose_nl == pytest.approx(BASAL * 10)


def test_while_the_pump_stands_insulin_is_missing_and_the_loop_knows():
    its = loop()
    its.given(0, 0, BASAL)
    for minute in range(1, 121):
        its.given(minute * MIN, 0, BASAL)
    withheld = -sum(0.8 / 60 * (1 + t / PEAK_MIN) * exp(-t / PEAK_MIN) for t in range(120))
    assert its.on_board.uu() / UNIT == pytest.approx(withheld, rel=0.01)


def test_minutes_are_whole_and_none_is_lost_however_often_it_is_called():
    often, seldom = loop(), loop()
    for its, every in ((often, 1000), (seldom, 60_000)):
        its.given(0, 0, BASAL)
        for now in range(every, 30 * MIN + 1, every):
            its.given(now, floor(3 * BASAL * now / 3_600_000), BASAL)
    assert often.on_board.uu() == seldom.on_board.uu() > 0
