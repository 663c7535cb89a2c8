"""The glucose sensor: its lag in closed form, the statistics of its error, gaps, ends, and what goes wrong with it."""

from math import exp

import numpy as np
import pytest

from picoinfuse.errors import BadInput
from picoinfuse_sim.patient.cgm import EVERY_MS, GlucoseSensor

MIN = 60_000
QUIET = {"noise_mg_dl": 0.0, "gaps_per_day": 0.0}


def sensor(seed=1, mg_dl=120.0, **options):
    return GlucoseSensor(np.random.default_rng(seed), mg_dl, **options)


def worn(its, days, mg_dl=120.0):
    """Wear it at one even glucose."""
    for minute in range(1, round(days * 1440) + 1):
        its.advance(minute * MIN, mg_dl)
    return its


def test_there_is_a_whole_reading_every_five_minutes():
    its = worn(sensor(**QUIET), 1)
    assert [r.at_ms for r in its.readings] == list(range(EVERY_MS, 86_400_001, EVERY_MS))
    assert {r.mg_dl for r in its.readings} == {120}


def test_a_step_of_glucose_is_followed_with_one_time_constant():
    its = sensor(**QUIET, lag_min=10.0)
    its.advance(1, 220.0)  # as good as at once
    its.advance(60 * MIN, 220.0)
    expected = [round(220 - 100 * exp(-minutes / 10)) for minutes in range(5, 61, 5)]
    assert [r.mg_dl for r in its.readings] == expected


def test_on_an_even_rise_it_is_late_by_its_lag():
    its = sensor(**QUIET, lag_min=5.0)
    for minute in range(1, 61):
        its.advance(minute * MIN, 120 + 2.0 * minute)
    assert its.newest.mg_dl == round(240 - 2.0 * 5)


def test_how_often_it_is_looked_at_changes_nothing_on_a_straight_line():
    often, seldom = sensor(**QUIET), sensor(**QUIET)
    for second in range(1, 3601):
        often.advance(second * 1000, 120 + second / 60)
    seldom.advance(3_600_000, 180.0)
    assert often.readings == seldom.readings


def test_the_error_has_the_published_spread_and_memory():
    error = np.array([r.mg_dl for r in worn(sensor(gaps_per_day=0.0), 60, 200.0).readings]) - 200.0
    assert len(error) == 60 * 288
    # Its memory leaves about 1000 independent ones of these: mean and spread are known to a twentieth.
    assert abs(error.mean()) < 3 * 11 / 1000**0.5
    assert error.std() == pytest.approx(11.0, rel=0.07)
    for readings, kept in ((1, 0.7 ** (1 / 3)), (3, 0.7), (6, 0.49)):
        assert np.corrcoef(error[:-readings], error[readings:])[0, 1] == pytest.approx(kept, abs=0.06)


def test_the_same_seed_gives_the_same_readings_and_another_gives_others():
    assert worn(sensor(seed=3), 1).readings == worn(sensor(seed=3), 1).readings
    assert worn(sensor(seed=3), 1).readings != worn(sensor(seed=4), 1).readings


def test_it_falls_silent_as_often_and_as_long_as_asked_for():
    its = worn(sensor(noise_mg_dl=0.0, gaps_per_day=3.0), 200)
    times = np.array([r.at_ms for r in its.readings]) // EVERY_MS
    missing = np.diff(times) - 1
    gaps = missing[missing > 0]
    # A gap cannot begin while one runs, and two may touch: a twentieth fewer and longer.
    assert len(gaps) / 200 == pytest.approx(3.0, rel=0.15)
    assert gaps.mean() == pytest.approx(4.0, rel=0.2)


def test_beyond_its_ends_it_shows_the_ends():
    assert worn(sensor(mg_dl=20.0, **QUIET), 0.1, 20.0).newest.mg_dl == 40
    assert worn(sensor(mg_dl=700.0, **QUIET), 0.1, 700.0).newest.mg_dl == 400


def test_lost_for_half_an_hour_it_misses_six_readings():
    its = worn(sensor(**QUIET), 1 / 24)
    its.lose(30)
    for minute in range(61, 121):
        its.advance(minute * MIN, 120.0)
    assert [r.at_ms // MIN for r in its.readings][12:] == [95, 100, 105, 110, 115, 120]


def test_stuck_it_shows_what_it_showed_until_it_is_let_go():
    its = worn(sensor(**QUIET), 1 / 24)
    its.stick()
    for minute in range(61, 121):
        its.advance(minute * MIN, 300.0)
    assert {r.mg_dl for r in its.readings} == {120}
    its.stick(False)
    its.advance(125 * MIN, 300.0)
    assert its.newest.mg_dl == 300


def test_pressed_on_it_reads_too_low_for_a_while():
    its = worn(sensor(**QUIET), 1 / 24)
    its.jump(-60, for_min=20)
    for minute in range(61, 101):
        its.advance(minute * MIN, 120.0)
    assert [r.mg_dl for r in its.readings][12:] == [60, 60, 60, 60, 120, 120, 120, 120]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"lag_min": -1}, "lag = -1 min: a glucose sensor takes 0 to 60 min"),
        ({"noise_mg_dl": 80}, "noise = 80 mg/dL"),
        ({"gaps_per_day": float("inf")}, "gaps = inf a day"),
    ],
)
def test_what_is_out_of_range_is_refused(options, says):
    with pytest.raises(BadInput, match=says):
        sensor(**options)
