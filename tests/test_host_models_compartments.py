"""Compartment models: against scipy, against closed forms, and no drug appears or is lost."""

from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from picoinfuse.errors import BadInput
from picoinfuse.models.compartments import Compartments, Kinetics, propagator

MORPHINE = Kinetics(17.5, 0.0705056, 0.1273408, 0.0259641, 0.0182584, 0.0016332, 0.005)
RATES = st.floats(1e-4, 100)


def by_scipy(kinetics, minutes):
    """The same propagator from scipy's expm of the same differential equations, written out a second time."""
    k10, k12, k21 = kinetics.k10_per_min, kinetics.k12_per_min, kinetics.k21_per_min
    k13, k31, ke0 = kinetics.k13_per_min, kinetics.k31_per_min, kinetics.ke0_per_min
    equations = np.zeros((6, 6))  # plasma, second, third, eliminated, effect site, what flows in
    for there, here, rate in ((0, 1, k12), (1, 0, k21), (0, 2, k13), (2, 0, k31), (0, 3, k10)):
        equations[here, there] += rate
        equations[there, there] -= rate
    equations[4, 0], equations[4, 4] = ke0, -ke0
    equations[0, 5] = 1 / minutes
    return expm(equations * minutes)[:5]


@settings(max_examples=60, deadline=None)
@given(RATES, RATES, RATES, RATES, RATES, RATES, st.floats(1e-3, 1000))
def test_any_rates_over_any_time_agree_with_scipy(k10, k12, k21, k13, k31, ke0, minutes):
    kinetics = Kinetics(1.0, k10, k12, k21, k13, k31, ke0)
    np.testing.assert_allclose(propagator(kinetics, minutes), by_scipy(kinetics, minutes), rtol=1e-6, atol=1e-13)


@pytest.mark.parametrize(
    "kinetics",
    [
        Kinetics(1.0, 1000, 1000, 1e-4, 500, 1000, 1000),  # a million times faster than its slowest
        Kinetics(1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5),
        Kinetics(1.0, 0.0, 0.2, 0.1),  # nothing is eliminated
        Kinetics(1.0, 0.1),
    ],
    ids=["stiff", "equal rates", "closed", "one compartment"],
)
@pytest.mark.parametrize("minutes", [1 / 60, 1, 60, 1440])
def test_hard_models_agree_with_scipy(kinetics, minutes):
    np.testing.assert_allclose(propagator(kinetics, minutes), by_scipy(kinetics, minutes), rtol=1e-9, atol=1e-13)


def test_equal_rates_of_plasma_and_effect_site_have_their_closed_form():
    """Two equal eigenvalues with one eigenvector: whoever divides by their difference divides by zero."""
    body = Compartments(Kinetics(2.0, 0.3, ke0_per_min=0.3))
    body.give(10)
    for minute in range(1, 31):
        body.advance(60_000)
        assert body.plasma_per_l == pytest.approx(5 * exp(-0.3 * minute), rel=1e-12)
        assert body.effect_per_l == pytest.approx(5 * 0.3 * minute * exp(-0.3 * minute), rel=1e-12)


def test_one_compartment_fills_as_an_exponential():
    body = Compartments(Kinetics(5.0, 0.1))
    for minute in range(1, 61):
        body.advance(60_000, 3.0)
        assert body.plasma_per_l == pytest.approx(3 / 0.1 / 5 * (1 - exp(-0.1 * minute)), rel=1e-12)


def test_a_rate_goes_on_until_the_plasma_has_rate_over_clearance():
    body = Compartments(MORPHINE)
    body.advance(60 * 86_400_000, 60 * 1440 * 0.02)
    assert body.plasma_per_l == pytest.approx(0.02 / MORPHINE.clearance_l_per_min, rel=1e-9)
    assert body.effect_per_l == pytest.approx(body.plasma_per_l, rel=1e-9)


def test_an_hour_is_3600_seconds():
    at_once, slowly = Compartments(MORPHINE), Compartments(MORPHINE)
    at_once.advance(3_600_000, 7.2)
    for _ in range(3600):
        slowly.advance(1000, 0.002)
    assert slowly.amounts == pytest.approx(at_once.amounts, rel=1e-11)
    assert slowly.effect_per_l == pytest.approx(at_once.effect_per_l, rel=1e-11)


SCHEDULE = st.lists(st.tuples(st.integers(1, 86_400_000), st.floats(0, 100), st.floats(0, 10)), min_size=1, max_size=30)


@settings(max_examples=50, deadline=None)
@given(SCHEDULE, st.sampled_from([MORPHINE, Kinetics(1.0, 1000, 1000, 1e-4, 500, 1000, 1000), Kinetics(3.0, 0.02)]))
def test_whatever_is_given_is_in_the_body_or_was_eliminated(schedule, kinetics):
    body = Compartments(kinetics)
    for duration_ms, amount, bolus in schedule:
        body.give(bolus)
        body.advance(duration_ms, amount)
        assert min(*body.amounts, body.eliminated, body.effect_per_l) >= 0
    given_in_all = sum(amount + bolus for _, amount, bolus in schedule)
    assert body.infused == pytest.approx(given_in_all, rel=1e-12)
    assert body.in_body + body.eliminated == pytest.approx(given_in_all, rel=1e-12, abs=1e-300)


def test_a_day_of_seconds_loses_no_drug():
    body = Compartments(MORPHINE)
    for second in range(86_400):
        body.advance(1000, 0.001 if second % 600 < 60 else 0.0)
    assert body.infused == pytest.approx(8.64, rel=1e-11)
    assert body.in_body + body.eliminated == pytest.approx(body.infused, rel=1e-12)


def test_volumes_and_clearances_are_another_way_to_say_the_same():
    kinetics = Kinetics.of_clearances(5.0, 2.5, 10.0, 1.5, 200.0, 0.8, 0.4)
    assert kinetics.volumes_l == pytest.approx((5, 10, 200))
    assert kinetics.clearance_l_per_min == pytest.approx(2.5)
    assert (kinetics.k21_per_min, kinetics.k31_per_min) == pytest.approx((0.15, 0.004))
    assert Kinetics.of_clearances(5.0, 2.5).volumes_l == (5, 0, 0)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Kinetics(0, 0.1), "v1 = 0 L: a volume is more than 0"),
        (lambda: Kinetics(float("nan"), 0.1), "v1 = nan L"),
        (lambda: Kinetics(1, -0.1), "k10 = -0.1 /min: a rate constant is 0 to 1000 /min"),
        (lambda: Kinetics(1, 0.1, ke0_per_min=5000), "ke0 = 5000 /min"),
        (lambda: Kinetics(1, 0.1, 0.2, 0.0), "k12 = 0.2 /min, k21 = 0 /min: .* give both or neither"),
        (lambda: Kinetics.of_clearances(0, 1), "v1 = 0 L"),
        (lambda: Kinetics.of_clearances(5, 1, 10), "v2 = 10 L, cl2 = 0 L/min: .* give both or neither"),
        (lambda: Kinetics.of_clearances(5, 1, 10, 1, 0, 2), "v3 = 0 L, cl3 = 2 L/min"),
        (lambda: Kinetics.of_clearances(5, 1, -10, 1), "v2 = -10 L"),
        (lambda: Compartments(MORPHINE).give(-1), "amount = -1: what is given is 0 or more"),
        (lambda: Compartments(MORPHINE).advance(0), "0 in 0 ms: time goes forward"),
        (lambda: Compartments(MORPHINE).advance(1000, -1), "-1 in 1000 ms"),
        (lambda: Compartments(MORPHINE).advance(1000, float("inf")), "inf in 1000 ms"),
    ],
)
def test_what_cannot_be_is_explained(build, message):
    with pytest.raises(BadInput, match=message):
        build()
