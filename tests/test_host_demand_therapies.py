"""Therapies in which the patient asks, or a sensor leads: a file becomes the whole numbers that the clinic means."""

import pytest

from picoinfuse import Therapy

OPTIONS = {
    "morphine-pca": [
        "+drug morphine.ng 1,1",  # 1 mg/mL
        "+weight - 70000",
        "+demand - 1000000,50,3,480000",  # 1 mg = 1 mL at 60 mL/h, 8 min
        "+limit - 3600000,10000000",  # 10 mg in 1 h
        "+limit - 14400000,40000000",  # 40 mg in 4 h
    ],
    "chronic-pain": [
        "+drug morphine.ng 10,1",  # 10 mg/mL
        "+demand - 100000,5,3,1200000",  # 1 mg = 0.1 mL at 6 mL/h, 20 min
        "+limit - 3600000,3200000",
        "+limit - 14400000,9200000",
    ],
    "labour-epidural": [
        "+drug bupivacaine-with-fentany.ng 5,8",  # 0.625 mg/mL
        "+demand - 6000000,100,3,1200000",  # 6 mL at 120 mL/h, 20 min
        "+limit - 3600000,18750000",  # 30 mL in 1 h
        "+limit - 14400000,52500000",  # 84 mL in 4 h
    ],
    "insulin-loop": [
        "+drug insulin.uU 10,1",
        "+weight - 70000",
        "+loop - 100,110,40000,300000,3000000,4500000,900000",
    ],
}


@pytest.mark.parametrize("name", OPTIONS)
def test_its_options_are_what_the_clinic_means(name):
    program = Therapy.read(name).program
    assert [option.compiled.text() for option in program.options] == OPTIONS[name]


def test_the_loading_dose_of_pca_is_a_bolus_by_weight():
    loading, rest = (phase.compiled for phase in Therapy.read("morphine-pca").program.phases)
    assert (loading.kind, loading.volume_nl) == ("bolus", 7_000_000)  # 0.1 mg/kg x 70 kg of 1 mg/mL
    assert (rest.kind, rest.rate_nl) == ("pause", 0)  # basal 0


def test_the_epidural_boluses_come_every_45_minutes():
    program = Therapy.read("labour-epidural").program
    assert [phase.kind for phase in program.phases] == ["bolus", "pause", "repeat"]
    assert program.duration_ms == 8 * 45 * 60_000
    assert program.volume_nl == 8 * 6_000_000
