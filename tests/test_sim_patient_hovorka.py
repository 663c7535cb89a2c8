"""The glucose model: against an independent solver and closed forms, its steady state, and what a body does."""

from itertools import pairwise
from math import exp

import pytest

from picoinfuse.errors import BadInput
from picoinfuse_sim.patient.hovorka import MG_DL_PER_MMOL_L, Body, Hovorka

DAY_MIN = 1440
MEALS_G = {420: 45.0, 720: 70.0, 1140: 80.0}
BOLUSES_U = {420: 3.0, 720: 4.5, 1140: 5.0}
EXERCISE = {900: 0.6, 960: 0.0}


def the_same_by_scipy(weight_kg, sensitivity, start, basal_mu_min, every_min):
    """Solve the published equations anew: meals in their closed form, boluses over one minute, exercise by segments.

    start: glucose in mmol/L. Returns minute -> (glucose mg/dL, insulin mU/L). Nothing here is of the model under test.
    """
    integrate = pytest.importorskip("scipy.integrate")
    w = weight_kg
    vg, vi, f01, egp0 = 0.16 * w, 0.12 * w, 0.0097 * w, 0.0161 * w
    k12, ka, ke, t_i, t_g = 0.066, (0.006, 0.06, 0.03), 0.138, 55.0, 40.0
    s_i = [sensitivity * s for s in (51.2e-4, 8.2e-4, 520e-4)]

    def gut(t):
        total = 0.0
        for at, grams in MEALS_G.items():
            if t > at:
                total += grams / 180.156e-3 * 0.8 * (t - at) * exp(-(t - at) / t_g) / t_g**2
        return total

    def slope(t, y, u, effort):
        q1, q2, s1, s2, i, x1, x2, x3, m, s = y
        g = q1 / vg
        f01c = f01 * min(1.0, g / 4.5)
        fr = 0.003 * (g - 9) * vg if g > 9 else 0.0
        return [
            -f01c - fr - x1 * q1 + k12 * q2 + max(0.0, egp0 * (1 - x3)) + gut(t) - 0.02 * m * q1,
            x1 * q1 - (k12 + x2) * q2,
            u - s1 / t_i,
            (s1 - s2) / t_i,
            s2 / t_i / vi - ke * i,
            -ka[0] * x1 + ka[0] * s_i[0] * i * (1 + s),
            -ka[1] * x2 + ka[1] * s_i[1] * i * (1 + s),
            -ka[2] * x3 + ka[2] * s_i[2] * i,
            (effort - m) / 10,
            (effort - s) / (45 if effort > s else 240),
        ]

    insulin = basal_mu_min / ke / vi
    x = [s * insulin for s in s_i]
    q1 = start * vg
    y = [q1, x[0] * q1 / (k12 + x[1]), basal_mu_min * t_i, basal_mu_min * t_i, insulin, *x, 0.0, 0.0]
    effort, found = 0.0, {}
    edges = sorted({0, DAY_MIN, *range(0, DAY_MIN, every_min), *BOLUSES_U, *(b + 1 for b in BOLUSES_U), *EXERCISE})
    for begin, end in pairwise(edges):
        effort = EXERCISE.get(begin, effort)
        u = basal_mu_min + BOLUSES_U.get(begin, 0.0) * 1000
        done = integrate.solve_ivp(slope, (begin, end), y, "DOP853", args=(u, effort), rtol=1e-11, atol=1e-13)
        y = done.y[:, -1]
        found[end] = (y[0] / vg * 18.0156, y[4])
    return found


@pytest.mark.parametrize(("weight_kg", "sensitivity"), [(75.0, 1.0), (75.0, 0.5), (30.0, 0.8)])
def test_a_day_with_meals_boluses_and_exercise_agrees_with_an_independent_solver(weight_kg, sensitivity):
    body = Body(weight_kg=weight_kg, sensitivity=sensitivity)
    basal_mu_min = body.basal_u_h(120) * 1000 / 60
    its = Hovorka(body, 120)
    found = the_same_by_scipy(weight_kg, sensitivity, 120 / MG_DL_PER_MMOL_L, basal_mu_min, every_min=60)
    for minute in range(DAY_MIN):
        its.eat(MEALS_G.get(minute, 0.0))
        its.exercise(EXERCISE.get(minute, its.effort))
        its.advance(minute + 1, basal_mu_min + BOLUSES_U.get(minute, 0.0) * 1000)
        if minute + 1 in found:
            glucose, insulin = found[minute + 1]
            assert its.glucose_mg_dl == pytest.approx(glucose, rel=1e-6)
            assert its.insulin_mu_l == pytest.approx(insulin, rel=1e-6)


@pytest.mark.parametrize("glucose", [55, 80, 100, 120, 162, 200, 250])
def test_at_its_basal_rate_a_fasting_person_stays_where_he_is(glucose):
    body = Body(sensitivity=0.5)
    its = Hovorka(body, glucose)
    assert its.glucose_mg_dl == pytest.approx(glucose)
    basal = body.basal_u_h(glucose) * 1000 / 60
    for hour in range(1, 25):
        its.advance(hour * 60, basal * 60)
    assert its.glucose_mg_dl == pytest.approx(glucose, rel=1e-6)


def test_insulin_under_the_skin_goes_as_two_equal_compartments():
    body = Body()
    its, without = Hovorka(body, 120), Hovorka(body, 120)
    basal = body.basal_u_h(120) * 1000 / 60
    its.advance(1e-3, 4000.0)
    without.advance(1e-3, 0.0)
    for minute in (30, 55, 110, 220, 330):
        its.advance(minute, basal * (minute - its.at_min))
        without.advance(minute, basal * (minute - without.at_min))
        left = (1 + minute / 55) * exp(-minute / 55)
        assert its.on_board_u - without.on_board_u == pytest.approx(4.0 * left, rel=1e-4)


def test_the_gut_lets_four_fifths_of_a_meal_through_with_its_fastest_minute_at_forty():
    its = Hovorka()
    its.eat(60)
    amounts = []
    for minute in range(1, 601):
        its.advance(minute, 0.0)
        amounts.append(its.carbohydrate_g)
    assert amounts[0] == pytest.approx(48.0, rel=1e-3)
    flow = [a - b for a, b in pairwise(amounts)]
    assert flow.index(max(flow)) + 1 == pytest.approx(40, abs=1)
    assert amounts[-1] < 0.01


def test_without_insulin_glucose_rises_for_hours_and_the_kidneys_limit_it():
    its = Hovorka(Body(sensitivity=0.5), 120)
    highest = []
    for hour in range(1, 49):
        its.advance(hour * 60, 0.0)
        highest.append(its.glucose_mg_dl)
    assert highest == sorted(highest)
    assert highest[4] > 160
    # With no insulin at all only F01 and the kidneys take: 0.003 (G - 9) VG = EGP0 - F01.
    rest = (0.0161 - 0.0097) / (0.003 * 0.16) + 9
    assert highest[-1] < rest * MG_DL_PER_MMOL_L


def test_more_insulin_lowers_glucose_and_a_resistant_person_less():
    lowest = {}
    for sensitivity in (1.0, 0.5):
        body = Body(sensitivity=sensitivity)
        its = Hovorka(body, 180)
        basal = body.basal_u_h(180) * 1000 / 60
        its.advance(1, basal + 1000)
        its.advance(240, basal * 239)
        lowest[sensitivity] = its.glucose_mg_dl
    assert lowest[1.0] < lowest[0.5] < 180


def test_glucose_never_falls_below_zero_whatever_is_given():
    its = Hovorka(Body(), 120)
    for hour in range(1, 25):
        its.advance(hour * 60, 50_000.0)
        assert its.glucose_mg_dl > 0


def test_an_hour_at_half_the_highest_effort_lowers_glucose_by_tens_of_mg_dl():
    body = Body(sensitivity=0.5)
    its = Hovorka(body, 120)
    its.exercise(0.5)
    its.advance(60, body.basal_u_h(120) * 1000)
    assert 30 < 120 - its.glucose_mg_dl < 60


def test_after_exercise_glucose_stays_low_for_hours_and_is_back_the_next_day():
    body = Body(sensitivity=0.5)
    basal = body.basal_u_h(120) * 1000
    its = Hovorka(body, 120)
    its.exercise(0.5)
    its.advance(60, basal)
    its.exercise(0)
    after = []
    for hour in range(2, 37):
        its.advance(hour * 60, basal)
        after.append(its.glucose_mg_dl)
    assert after[3] < 100
    assert after[-1] == pytest.approx(120, rel=0.05)


def test_a_day_takes_few_enough_looks_at_the_equations():
    """A sixtieth of a second on any machine of today; a solver that shrinks its step would be felt in every test."""
    its = Hovorka()
    asked = 0
    slope = its._solver._slope

    def counting(t, y):
        nonlocal asked
        asked += 1
        return slope(t, y)

    its._solver._slope = counting
    for minute in range(1, DAY_MIN + 1):
        its.eat(MEALS_G.get(minute, 0.0))
        its.advance(minute, 10.0)
    assert asked < 20_000


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Body(weight_kg=5), "weight = 5 kg"),
        (lambda: Body(weight_kg=float("nan")), "weight = nan kg"),
        (lambda: Body(sensitivity=9), "sensitivity = 9"),
        (lambda: Hovorka(glucose_mg_dl=20), "glucose = 20 mg/dL"),
        (lambda: Hovorka().eat(-1), "meal = -1 g"),
        (lambda: Hovorka().eat(1000), "meal = 1000 g"),
        (lambda: Hovorka().exercise(2), "effort = 2"),
        (lambda: Hovorka().advance(0, 1.0), "advance to 0 min"),
        (lambda: Hovorka().advance(1, -1.0), "with -1 mU"),
    ],
)
def test_what_is_out_of_range_is_refused_with_its_name_and_limits(make, says):
    with pytest.raises(BadInput, match=says):
        make()
