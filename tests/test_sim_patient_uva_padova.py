"""The UVA/Padova adults behind our pump; all of it is skipped without the extra `cohort`, but for what is said then."""

import sys

import pytest

from picoinfuse.errors import BadInput
from picoinfuse_sim.patient import uva_padova
from picoinfuse_sim.patient.catalogue import parse
from picoinfuse_sim.patient.uva_padova import ADULTS, UvaPadova, therapy_of

with_simglucose = pytest.mark.skipif(
    not uva_padova.installed(), reason="simglucose is not installed: pip install 'picoinfuse[cohort]'"
)


def test_without_simglucose_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(uva_padova.importlib.util, "find_spec", lambda name: None)
    for name in [name for name in sys.modules if name.startswith("simglucose")]:
        monkeypatch.delitem(sys.modules, name)
    assert not uva_padova.installed()
    with pytest.raises(BadInput, match=r"pip install 'picoinfuse\[cohort\]'"):
        parse("uva-padova")


@with_simglucose
@pytest.mark.parametrize("name", ADULTS)
def test_at_his_basal_rate_a_fasting_adult_stays_where_he_is(name):
    basal_u_h, grams_per_unit, lowers = therapy_of(name)
    its = UvaPadova(name)
    start = its.glucose_mg_dl
    for hour in range(1, 4):
        its.advance(hour * 60, basal_u_h * 1000)
    assert its.glucose_mg_dl == pytest.approx(start, rel=1e-3)
    assert 0.5 < basal_u_h < 3
    assert 3 < grams_per_unit < 30
    assert 5 < lowers < 60


@with_simglucose
def test_with_plain_numbers_for_its_parameters_it_is_the_same_person():
    its, plain = UvaPadova(ADULTS[0]), UvaPadova(ADULTS[0])
    plain._its._params = uva_padova._t1d().T1DPatient.withName(ADULTS[0])._params  # as simglucose has them
    for person in (its, plain):
        person.eat(20)
        person.advance(30, 2000.0)
    assert list(its._its.state) == list(plain._its.state)


@with_simglucose
def test_food_raises_and_insulin_lowers_glucose():
    def after(grams, units):
        its = UvaPadova(ADULTS[0])
        its.eat(grams)
        its.advance(120, its.basal_u_h * 2000 + units * 1000)
        return its.glucose_mg_dl

    assert after(0, 5) < after(0, 0) < after(50, 0)


@with_simglucose
def test_our_pump_gives_him_whole_amounts_and_simglucoses_pump_is_not_loaded():
    parse("uva-padova,person=3,concentration=10 U/mL").advance(60_000, 1e6 / 60)
    assert not [name for name in sys.modules if name.startswith("simglucose.actuator")]


@with_simglucose
def test_he_does_no_exercise_and_there_are_ten_of_him():
    with pytest.raises(BadInput, match="use the patient hovorka"):
        UvaPadova(ADULTS[0]).exercise(0.5)
    with pytest.raises(BadInput, match="the known ones are adult#001"):
        UvaPadova("adult#011")
    with pytest.raises(BadInput, match="person = '11': is outside 1 to 10"):
        parse("uva-padova,person=11")
