"""Therapy files: the shipped ones order what they say, and a wrong one gets one message that helps."""

from importlib.resources import files

import pytest

from picoinfuse import Therapy
from picoinfuse.errors import BadInput, Refused
from picoinfuse.therapy import shipped

GOOD = (files("picoinfuse") / "therapies" / "hydration.toml").read_text(encoding="utf-8")


def test_hydration_is_forty_millilitres_in_an_hour_for_a_child_of_ten_kilograms():
    therapy = Therapy.read("hydration")
    assert therapy.patient == "a child, 10 kg"
    assert therapy.program.syringe.name == "BD 60 mL"
    assert [p.compiled.values() for p in therapy.program.phases] == [["rate", 100, 9, 40_000_000, 0, 0, 0]]


def test_ceftriaxone_is_a_gram_in_half_an_hour_and_then_keeps_the_vein_open():
    program = Therapy.read("ceftriaxone").program
    assert [p.kind for p in program.phases] == ["rate", "kvo"]
    assert program.volume_nl == 50_000_000
    assert program.phases[0].compiled.duration() == 1_800_000


def test_oxytocin_two_milliunits_a_minute_are_twelve_millilitres_an_hour():
    program = Therapy.read("oxytocin").program
    assert [(p.compiled.rate_nl, p.compiled.rate_ms) for p in program.phases] == [(5, 3), (10, 3)]


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_therapy_is_within_the_limits_and_names_its_source(name):
    therapy = Therapy.read(name)
    assert therapy.name == name
    assert therapy.source
    therapy.program.check_limits()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("40 mL/h", "-40 mL/h", "phase 1 rate = '-40 mL/h': is negative"),
        ("40 mL/h", "40 foo/h", "phase 1 rate = '40 foo/h': unknown unit 'foo/h'"),
        ('"40 mL/h"', "40", "phase 1 rate = 40: must be text in quotes"),
        ('rate = "40 mL/h"', "", "phase 1 rate: is missing"),
        ('rate = "40 mL/h"', 'raet = "40 mL/h"', "phase 1 raet = '40 mL/h': there is no such field"),
        ('kind = "rate"', 'kind = "rat"', "phase 1 kind = 'rat': is not one of 'rate', 'ramp'"),
        ('kind = "rate"', "", "phase 1 kind: is missing"),
        ("[[phases]]", "[phases]", "each phase stands under its own [[phases]]"),
        ("[[phases]]", "[[phase]]", "there is no such field"),
        ("[patient]", "patient = 3\n[p]", "there is no such field"),
        ("title", "titel", "titel = "),
        ('"10 kg"', '"10 mL"', "patient weight = '10 mL': is volume, not a weight"),
        ("BD 60 mL", "BX 60 mL", "syringe = 'BX 60 mL': unknown syringe; the known ones are: BD 5 mL"),
        ("intravenous", "oral", "drug route = 'oral': is not one of intravenous"),
        ("intravenous", "intramuscular", "drug route = 'intramuscular': is not a pump route"),
        ('name = "hydration"', 'name = "../x"', "name = '../x': must be letters"),
        ('name = "hydration"', "name = hydration", "is no valid TOML"),
        ("300 mmHg", "300 mL", "alarms occlusion = '300 mL': is volume, not a pressure"),
        ("[drug]", '[drug]\nconcentration = "0 mg/mL"', "drug concentration = '0 mg/mL': must be more than 0"),
        ('rate = "40 mL/h"', 'rate = "40 mL/h"\ndose = "2 mU/min"', "there is a rate = '40 mL/h' too"),
        ('volume = "40 mL"', 'volume = "40 mL"\ndose = "1 g"', "there is a volume = '40 mL' too"),
        ('volume = "40 mL"', 'volume = "0.0000001 mL"', "finer than 1 nL"),
    ],
)
def test_a_wrong_file_gets_one_message_with_file_field_and_value(tmp_path, old, new, says):
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(BadInput, match=r"^mine\.toml: ") as caught:
        Therapy.read(path)
    assert says in str(caught.value)


def test_a_name_that_is_neither_shipped_nor_a_file_lists_the_shipped_ones():
    with pytest.raises(BadInput, match=r"therapy = 'nope'.*ceftriaxone, .*hydration"):
        Therapy.read("nope")


def test_what_is_no_text_file_is_refused(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        Therapy.read(tmp_path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="UTF-8"):
        Therapy.read(tmp_path / "binary.toml")
    (tmp_path / "long.toml").write_bytes(b"#" * 200_000)
    with pytest.raises(BadInput, match="longer than"):
        Therapy.read(tmp_path / "long.toml")


def test_a_bolus_may_be_a_dose_but_not_a_rate():
    bolus = GOOD.replace("[drug]", '[drug]\nconcentration = "1 mg/mL"') + '\n[[phases]]\nkind = "bolus"\n'
    its = Therapy.parse(bolus + 'dose = "2 mg"\nrate = "60 mL/h"').program.phases[1]
    assert its.compiled.volume_nl == 2_000_000
    with pytest.raises(BadInput, match="phase 2 dose = '2 mg/h': is a rate"):
        Therapy.parse(bolus + 'dose = "2 mg/h"\nrate = "60 mL/h"')
    with pytest.raises(BadInput, match="phase 2 volume: is missing"):
        Therapy.parse(bolus + 'rate = "60 mL/h"')


def test_a_dose_that_is_no_whole_number_of_nanolitres_is_floored_and_told():
    text = GOOD.replace("[drug]", '[drug]\nconcentration = "3 mg/mL"').replace('volume = "40 mL"', 'dose = "10 mg"')
    phase = Therapy.parse(text).program.phases[0]
    assert phase.compiled.volume_nl == 3_333_333
    assert phase.exact_nl.denominator == 3


@pytest.mark.parametrize(
    ("dose", "says"),
    [
        ("18 mg/h", r"phase 1 dose = '18 mg/h': counts the drug by mass"),
        ("180000 IU/h", r"phase 1 dose = '180000 IU/h': the rate 1800 mL/h is above 1200 mL/h"),
    ],
)
def test_a_dose_that_cannot_be_given_is_named_as_it_was_written(dose, says):
    """It was called `rate`, a field that is not in the file."""
    text = f"""
        name = "heparin"
        title = "a dose"
        source = "made up"
        [drug]
        name = "heparin"
        concentration = "100 IU/mL"
        route = "intravenous"
        [syringe]
        name = "BD 60 mL"
        [[phases]]
        kind = "rate"
        dose = "{dose}"
        volume = "40 mL"
    """
    with pytest.raises((BadInput, Refused), match=says):
        Therapy.parse(text, "heparin.toml").program.check_limits()
