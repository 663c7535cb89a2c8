"""The law of target-controlled infusion: with an ideal pump, against scipy's solver and a search of its own."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from picoinfuse.errors import BadInput
from picoinfuse.models import drugs
from picoinfuse.models.compartments import Compartments, Kinetics
from picoinfuse.models.drugs import FEMALE, MALE
from picoinfuse.tci_law import EFFECT, PLASMA, Law, ideal

MODELS = {
    "schnider": drugs.schnider(40, 70, 170, MALE),
    "schnider, old and small": drugs.schnider(80, 50, 156, FEMALE),
    "marsh 0.26": drugs.marsh(70, 0.26),
    "marsh 1.2": drugs.marsh(110, 1.2),
}
EVERY_MS, HELD_MS = 10_000, 31_700
LEAST, MOST, CEILING = 0.1 / 60, 100.0, 15.0  # mg/min: of 10 mg/mL, 0.01 and 600 mL/h
HOUR_MS = 3_600_000
STAIRS = ((0, 4.0), (20, 5.0), (40, 3.0))  # minutes, mg/L


def law_of(kinetics, site=EFFECT, most=MOST, ceiling=CEILING):
    return Law(kinetics, site, EVERY_MS, HELD_MS, LEAST, most, ceiling)


def target_at(at_ms):
    return [value for minute, value in STAIRS if minute * 60_000 <= at_ms][-1]


def slope(kinetics):
    """The equations from volumes and clearances, for scipy: (C1, C2, C3, Ce)."""
    v1, v2, v3 = kinetics.volumes_l
    cl1, cl2, cl3 = (k * v1 for k in (kinetics.k10_per_min, kinetics.k12_per_min, kinetics.k13_per_min))

    def of(_, c, rate):
        to2, to3 = cl2 * (c[0] - c[1]), cl3 * (c[0] - c[2])
        return [
            (rate - cl1 * c[0] - to2 - to3) / v1,
            to2 / v2,
            to3 / v3,
            kinetics.ke0_per_min * (c[0] - c[3]),
        ]

    return of


def solve(kinetics, c, minutes, rate, points=2):
    """Return the concentrations at `points` times over so many minutes at a rate, the first one now."""
    at = np.linspace(0, minutes, points)
    run = solve_ivp(slope(kinetics), (0, minutes), c, "LSODA", t_eval=at, args=(rate,), rtol=1e-10, atol=1e-13)
    assert run.success
    return run.y.T


def concentrations(kinetics, body):
    """The state of a Compartments in the terms of `slope`."""
    volumes = kinetics.volumes_l
    return [*(a / v for a, v in zip(body.amounts, volumes, strict=True)), body.effect_per_l]


@pytest.fixture(scope="module", params=MODELS, ids=list(MODELS))
def hour(request):
    """An hour of three targets at the effect site, with an ideal pump."""
    kinetics = MODELS[request.param]
    return kinetics, list(ideal(law_of(kinetics), target_at, HOUR_MS))


def test_the_rates_give_by_scipy_what_the_law_says(hour):
    kinetics, points = hour
    c = np.zeros(4)
    for began, ended in pairwise(points[::10]):
        assert (c[0], c[3]) == pytest.approx((began.plasma_per_l, began.effect_per_l), rel=1e-6, abs=1e-9)
        c = solve(kinetics, c, (ended.at_ms - began.at_ms) / 60_000, began.rate)[-1]


@pytest.mark.parametrize(("step", "settled_min"), [(0, 8), (1, 10), (2, 12)])
def test_the_effect_site_reaches_each_target_and_stays(hour, step, settled_min):
    _, points = hour
    minute, target = STAIRS[step]
    mine = [p.effect_per_l for p in points if minute <= p.at_ms / 60_000 < minute + 20]
    settled = mine[settled_min * 60 :]
    assert min(settled) > target * 0.99
    assert max(settled) < target * 1.01
    overshoot = max(mine) if step < 2 else target + (target - min(mine))
    assert overshoot < target * 1.02


@pytest.mark.parametrize("kinetics", MODELS.values(), ids=MODELS)
def test_the_plasma_reaches_each_target_and_stays(kinetics):
    points = list(ideal(law_of(kinetics, PLASMA), target_at, HOUR_MS))
    for minute, target in STAIRS:
        mine = [p.plasma_per_l for p in points if minute <= p.at_ms / 60_000 < minute + 20]
        assert mine[-1] == pytest.approx(target, rel=0.01)
        if minute < 40:
            assert max(mine) < target * 1.02
        settled = mine[5 * 60 :]
        assert (min(settled), max(settled)) == pytest.approx((target, target), rel=0.015)


def test_rates_stay_between_least_and_most_and_are_few(hour):
    _, points = hour
    rates = [p.rate for p in points]
    assert min(rates) >= LEAST
    assert max(rates) <= MOST
    assert sum(a != b for a, b in pairwise(rates)) < 45  # of 360 decisions


def test_nothing_flows_while_what_is_there_suffices(hour):
    _, points = hour
    after_lowering = [p for p in points if 40 * 60_000 <= p.at_ms < 41 * 60_000]
    assert {p.rate for p in after_lowering} == {LEAST}


@pytest.mark.parametrize("kinetics", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("given", [0.0, 20.0])
def test_one_interval_and_then_nothing_just_reaches_the_target(kinetics, given):
    """The classic search, by scipy: the rate for which the peak of the effect site is the target."""
    body = Compartments(kinetics)
    if given:
        body.give(given)
        body.advance(40_000)
    law = law_of(kinetics, most=1e6, ceiling=1e6)
    c0 = concentrations(kinetics, body)

    def over(rate):
        infused = solve(kinetics, c0, EVERY_MS / 60_000, rate)[-1]
        return solve(kinetics, infused, 12, 0.0, 1500)[:, 3].max() - 4.0

    wanted = brentq(over, 0.0, 5000.0, rtol=1e-6)
    assert law.rate(body.state, 4.0, 0.0, 0) == pytest.approx(wanted, rel=2e-4)


@pytest.mark.parametrize("kinetics", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("ceiling", [6.0, 9.0])
def test_every_rate_may_go_on_for_as_long_as_a_pump_holds_it(kinetics, ceiling):
    law = law_of(kinetics, ceiling=ceiling)
    body = Compartments(kinetics)
    rate, highest = 0.0, 0.0
    for _ in range(60):
        wanted = law.rate(body.state, 5.0, rate, 0)
        rate = rate if wanted is None else wanted
        held = solve(kinetics, concentrations(kinetics, body), HELD_MS / 60_000, rate)[-1][0]
        highest = max(highest, held)
        assert held <= ceiling * (1 + 1e-6)
        body.advance(EVERY_MS, rate * EVERY_MS / 60_000)
    if kinetics is not MODELS["marsh 1.2"]:
        assert highest > 0.95 * ceiling, "it is the ceiling that bounds it"


def test_the_lag_of_a_pump_is_reckoned_with():
    """The rate of now goes on for a while: the state after that is what is decided on."""
    kinetics = MODELS["schnider"]
    late, law = Compartments(kinetics), law_of(kinetics)
    late.advance(20_000, 20.0)
    now = late.state
    late.advance(1200, 60.0 * 1200 / 60_000)
    assert law.rate(now, 4.0, 60.0, 1200) == pytest.approx(law.rate(late.state, 4.0, 60.0, 0), rel=1e-9)


def test_a_rate_that_is_as_good_is_kept():
    kinetics = MODELS["marsh 0.26"]
    law = law_of(kinetics)
    body = Compartments(kinetics)
    steady = 4.0 * kinetics.clearance_l_per_min
    body.advance(30 * 86_400_000, 30 * 1440 * steady)  # at rest, all compartments full
    assert law.rate(body.state, 4.0, steady, 0) is None
    assert law.rate(body.state, 4.0, steady * 1.001, 0) is None
    assert law.rate(body.state, 4.0, 2 * steady, 0) == pytest.approx(steady, rel=0.2)
    assert law.rate(body.state, 4.5, steady, 0) > 2 * steady


def test_what_no_law_can_steer_is_explained():
    with pytest.raises(BadInput, match="site = 'brain': is not one of plasma, effect"):
        law_of(MODELS["schnider"], "brain")
    with pytest.raises(BadInput, match="site = 'effect': this model has no effect site; write plasma"):
        law_of(drugs.oxytocin())
    with pytest.raises(BadInput, match="comes more than 2 h after a bolus"):
        law_of(Kinetics(10.0, 0.0001, ke0_per_min=0.0001))
