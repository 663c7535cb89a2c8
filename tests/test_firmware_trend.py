"""The trend of the force: windows of displaced volume, whatever the time they take."""

import pytest

from boards import ml, order, rate, step_of
from picoinfuse_firmware.dose import force_of_pressure_mn
from picoinfuse_firmware.trend import BLOCKS, Trend

ML_H = ml(1)


def trend_of(size_ml=60):
    return Trend(order(rate(1, 1), size_ml=size_ml), step_of(size_ml))


def feed(trend, force_mn, steps, per_look=1, rate_nl_h=ML_H, start=0):
    """Give readings of force_mn(steps), one for every `per_look` steps; return after how many windows were complete."""
    complete = []
    for at in range(start, start + steps, per_look):
        if trend.look(force_mn(at), at, rate_nl_h):
            complete.append(at)
    return complete


@pytest.mark.parametrize(("size_ml", "line_nl_mmhg", "travel_um"), [(5, 2364, 2720), (20, 2930, 670), (60, 3536, 282)])
def test_over_a_window_a_soft_closed_line_raises_the_force_by_a_third_more_than_friction_does(
    size_ml, line_nl_mmhg, travel_um
):
    trend = trend_of(size_ml)
    steps = feed(trend, lambda at: 5000, 6000)[0]
    barrel_um = order(rate(1, 1), size_ml=size_ml).barrel_um
    closed_mn = force_of_pressure_mn(1000, barrel_um) / 1000 * step_of(size_ml).nl_of(steps) / line_nl_mmhg
    assert closed_mn == pytest.approx(trend.closed_mn, rel=0.02)
    assert trend.closed_mn == trend.rise_mn * 4 // 3
    assert steps * 2000 / 3200 == pytest.approx(travel_um, rel=0.03)


@pytest.mark.parametrize(("size_ml", "part"), [(5, 1.5), (20, 0.75), (60, 0.5)])
def test_what_friction_does_by_itself_is_more_of_it_where_a_closed_line_needs_a_longer_way(size_ml, part):
    assert trend_of(size_ml).rise_mn == int(order(rate(1, 1), size_ml=size_ml).friction_mn * part)


def test_even_force_is_settled_after_a_window_and_does_not_climb():
    trend = trend_of()
    assert len(feed(trend, lambda at: 5000, 2100)) == 4
    assert trend.settled
    assert (trend.now_mn, trend.low_mn, trend.level_mn, trend.climb_mn) == (5000, 5000, 5000, 0)


def test_a_force_that_rises_from_the_beginning_is_not_settled():
    trend = trend_of()
    feed(trend, lambda at: 5000 + 10 * at, 3000)
    assert not trend.settled
    assert trend.climb_mn > trend.closed_mn
    feed(trend, lambda at: 35000, 3000, start=3000)
    assert trend.settled


def test_a_saw_is_seen_at_its_middle_and_does_not_climb():
    trend = trend_of()
    feed(trend, lambda at: 5000 + 20 * (at % 40), 2200)
    assert trend.settled
    assert trend.level_mn == pytest.approx(5390, abs=60)
    assert abs(trend.climb_mn) < 60


def test_the_lowest_of_the_last_window_is_kept_and_what_was_before_is_forgotten():
    trend = trend_of()
    feed(trend, lambda at: 4000 if at < 300 else 5000, 600)
    assert trend.low_mn == 4000
    feed(trend, lambda at: 5000, 900, start=600)
    assert trend.low_mn == pytest.approx(5000, abs=5)


def test_a_faster_flow_begins_anew_and_a_slower_one_does_not():
    trend = trend_of()
    feed(trend, lambda at: 5000, 600)
    feed(trend, lambda at: 5000, 10, rate_nl_h=ml(0.1), start=600)
    assert trend.settled
    feed(trend, lambda at: 5000, 10, rate_nl_h=ml(5), start=610)
    assert trend.settled
    feed(trend, lambda at: 9000, 1, rate_nl_h=ml(6), start=620)
    assert not trend.settled
    assert trend.low_mn == 9000


def test_at_a_high_rate_a_block_is_what_goes_by_between_two_looks():
    trend = trend_of()
    feed(trend, lambda at: 5000, 1000 * (BLOCKS + 2), per_look=1000, rate_nl_h=ml(1200))
    assert trend.settled


def test_noise_is_smoothed_and_a_single_wild_reading_is_less_than_half_of_itself():
    trend = trend_of()
    feed(trend, lambda at: 5000 + (40 if at % 2 else -40), 100)
    assert 4985 < trend.now_mn < 5015
    trend.look(9000, 100, ML_H)
    assert trend.now_mn < 7000
