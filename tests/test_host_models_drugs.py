"""The published models: their numbers, for whom they hold, and their curves against scipy's solver."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from picoinfuse.errors import BadInput
from picoinfuse.models import drugs
from picoinfuse.models.compartments import Compartments, Kinetics
from picoinfuse.models.drugs import FEMALE, MALE

MODELS = {
    "marsh 0.26": drugs.marsh(70, 0.26),
    "marsh 1.2": drugs.marsh(70, 1.2),
    "schnider": drugs.schnider(40, 70, 170, MALE),
    "schnider, old and small": drugs.schnider(80, 50, 156, FEMALE),
    "minto": drugs.minto(40, 70, 170, FEMALE),
    "morphine": drugs.loetsch(70),
    "oxytocin": drugs.oxytocin(),
    "one compartment": Kinetics(20.0, 0.01, ke0_per_min=0.05),
}
# (minutes, amount per minute, given at once before): a bolus, infusions, pauses.
SCHEDULE = ((5, 0, 100), (30, 10, 0), (10, 0, 0), (120, 2.5, 0), (20, 0, 50), (300, 0, 0))


def solved(kinetics, at_min):
    """Concentrations at these minutes by scipy, from volumes and clearances instead of rate constants."""
    v1, v2, v3 = kinetics.volumes_l
    cl1, cl2, cl3 = (k * v1 for k in (kinetics.k10_per_min, kinetics.k12_per_min, kinetics.k13_per_min))

    def slope(_, c, rate):
        c1, c2, c3, ce = c
        to2, to3 = cl2 * (c1 - c2), cl3 * (c1 - c3)
        return [
            (rate - cl1 * c1 - to2 - to3) / v1,
            to2 / v2 if v2 else 0,
            to3 / v3 if v3 else 0,
            kinetics.ke0_per_min * (c1 - ce),
        ]

    state, began, found = np.zeros(4), 0.0, []
    for minutes, rate, bolus in SCHEDULE:
        state[0] += bolus / v1
        span = (began, began + minutes)
        wanted = [t for t in at_min if span[0] < t <= span[1]]
        run = solve_ivp(slope, span, state, "LSODA", t_eval=wanted, args=(rate,), rtol=1e-11, atol=1e-14)
        assert run.success
        found += [(c[0], c[3]) for c in run.y.T]
        state, began = run.y[:, -1].copy(), span[1]
    return np.array(found)


@pytest.mark.parametrize("kinetics", MODELS.values(), ids=MODELS)
def test_boluses_infusions_and_pauses_agree_with_an_independent_solver(kinetics):
    body, ours, at_min, now = Compartments(kinetics), [], [], 0.0
    for minutes, rate, bolus in SCHEDULE:
        body.give(bolus)
        for _ in range(5):
            body.advance(minutes * 12_000, rate * minutes / 5)
            now += minutes / 5
            at_min.append(now)
            ours.append((body.plasma_per_l, body.effect_per_l))
    theirs = solved(kinetics, at_min)
    np.testing.assert_allclose(np.array(ours), theirs, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("kinetics", MODELS.values(), ids=MODELS)
def test_the_steady_state_is_rate_over_clearance(kinetics):
    body = Compartments(kinetics)
    body.advance(30 * 86_400_000, 30 * 1440 * 5.0)
    assert body.plasma_per_l == pytest.approx(5.0 / kinetics.clearance_l_per_min, rel=1e-9)


def peak_min(kinetics):
    """How long after a bolus the effect site has most, to a hundredth of a minute."""
    body = Compartments(kinetics)
    body.give(1)
    effects = [0.0]
    while effects[-1] >= max(effects):
        body.advance(600)
        effects.append(body.effect_per_l)
    return (len(effects) - 2) / 100


@pytest.mark.parametrize("name", ["schnider", "marsh 1.2", "minto"])
def test_the_effect_peaks_when_others_say(name):
    """stanpumpR has 1.6 min for propofol and remifentanil; adults had 80 +/- 20 s (Anesthesiology 2004;101:1269)."""
    assert peak_min(MODELS[name]) == pytest.approx(1.6, abs=0.25)


def test_the_slow_constant_of_marsh_peaks_much_later():
    assert peak_min(MODELS["marsh 0.26"]) > 3.5


def test_morphine_peaks_where_it_was_asked_to():
    assert peak_min(drugs.loetsch(70)) == pytest.approx(93.8, abs=0.02)
    assert peak_min(drugs.loetsch(70, 20)) == pytest.approx(20, abs=0.02)
    assert drugs.loetsch(70).ke0_per_min == pytest.approx(0.005, rel=1e-3)  # the round number they began with


def test_a_peak_that_no_effect_site_has_is_refused():
    with pytest.raises(BadInput, match="peak = 30 min: no effect site of this model peaks then"):
        drugs.with_peak(Kinetics(10.0, 0.0), 30)


def test_marsh_grows_with_the_weight():
    light, heavy = drugs.marsh(50, 0.26), drugs.marsh(100, 0.26)
    assert (light.v1_l, heavy.v1_l) == pytest.approx((11.4, 22.8))
    assert heavy.clearance_l_per_min == pytest.approx(2 * light.clearance_l_per_min)


def test_the_second_volume_of_schnider_is_counted_from_53_years():
    """A public code has 52, which REFERENCE section 7 warns of."""
    assert drugs.schnider(53, 77, 177, MALE).volumes_l == pytest.approx((4.27, 18.9, 238))
    # At 40 years another one, PyTCI, shows 24.
    assert round(drugs.schnider(40, 70, 170, MALE).volumes_l[1]) == 24


def test_schnider_at_its_reference_person():
    lean = drugs.lean_kg(77, 177, MALE)
    kinetics = drugs.schnider(53, 77, 177, MALE)
    assert kinetics.clearance_l_per_min == pytest.approx(1.89 - 0.0681 * (lean - 59))
    assert kinetics.ke0_per_min == 0.456


def test_remifentanil_falls_with_age_as_its_abstract_says():
    """From 20 to 85 years V1 falls by about 25 % and the clearance by about 33 %."""
    young, old = (drugs.minto(age, 69.6, 170, MALE) for age in (20, 85))
    assert drugs.lean_kg(69.6, 170, MALE) == pytest.approx(55, abs=0.2)
    assert old.v1_l / young.v1_l == pytest.approx(0.75, abs=0.03)
    assert old.clearance_l_per_min / young.clearance_l_per_min == pytest.approx(0.67, abs=0.05)


def test_oxytocin_is_cleared_as_fast_as_others_found():
    assert drugs.oxytocin().clearance_l_per_min * 60 == pytest.approx(67.1, abs=13.4)  # L/h, de Groot 1995


def test_the_lean_mass_of_james():
    assert drugs.lean_kg(70, 170, MALE) == pytest.approx(1.1 * 70 - 128 * (70 / 170) ** 2)
    assert drugs.lean_kg(70, 170, FEMALE) == pytest.approx(1.07 * 70 - 148 * (70 / 170) ** 2)


@pytest.mark.parametrize("sex", [FEMALE, MALE])
def test_the_lean_mass_rises_with_the_weight_as_far_as_it_is_told(sex):
    weights = [weight for weight in range(40, 150) if not refuses(lambda w=weight: drugs.lean_kg(w, 170, sex))]
    lean = [drugs.lean_kg(weight, 170, sex) for weight in weights]
    assert all(b > a for a, b in pairwise(lean))
    assert 100 < weights[-1] < 130


def refuses(build):
    try:
        build()
    except BadInput:
        return True
    return False


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: drugs.schnider(12, 70, 170, MALE), "age = 12 y: the model propofol-schnider holds for 25 to 81 y"),
        (lambda: drugs.schnider(40, 30, 170, MALE), "weight = 30 kg: .* 44 to 123 kg"),
        (lambda: drugs.schnider(40, 70, 210, MALE), "height = 210 cm: .* 155 to 191 cm"),
        (lambda: drugs.schnider(40, 70, 170, "m"), "sex = 'm': the formulas know female and male"),
        (lambda: drugs.schnider(40, 110, 158, FEMALE), "weight = 110 kg: .* lean body mass .* holds up to 90 kg"),
        (lambda: drugs.minto(90, 70, 170, MALE), "age = 90 y: the model remifentanil-minto"),
        (lambda: drugs.minto(40, 120, 170, MALE), "weight = 120 kg"),
        (lambda: drugs.minto(40, 70, 140, MALE), "height = 140 cm"),
        (lambda: drugs.marsh(20, 0.26), "weight = 20 kg: the model propofol-marsh holds for 30 to 150 kg"),
        (lambda: drugs.marsh(float("nan"), 0.26), "weight = nan kg"),
        (lambda: drugs.loetsch(10), "weight = 10 kg: the model morphine-loetsch"),
        (lambda: drugs.loetsch(70, 500), "peak = 500 min"),
    ],
)
def test_whom_a_model_does_not_know_it_refuses(build, message):
    with pytest.raises(BadInput, match=message):
        build()
