"""The patients that have a name: each can be made and described, and what is wrong in a text is explained."""

import json
import tomllib
from pathlib import Path

import pytest

from picoinfuse.errors import BadInput
from picoinfuse_sim.patient import command, uva_padova
from picoinfuse_sim.patient.catalogue import MODELS, parse
from picoinfuse_sim.settings import bench_of

# One model comes with a package that not everybody has.
MADE = [name for name in MODELS if name != "uva-padova" or uva_padova.installed()]
PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"


@pytest.mark.parametrize("name", MADE)
def test_every_model_can_be_made_without_saying_anything(name):
    patient = parse(name)
    assert patient.title.startswith(f"{name}: ")
    assert len(patient.values()) == len(patient.signs) > 0
    before = patient.values()
    patient.advance(60_000, 0.0)
    assert len(patient.values()) == len(before)
    assert MODELS[name].source


@pytest.mark.parametrize("name", MADE)
def test_the_columns_of_the_signs_are_told_apart(name):
    names = [sign.name for sign in parse(name).signs]
    assert len(set(names)) == len(names)
    assert all(name.replace("_", "").isalnum() and name.islower() for name in names)


@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if "mg/mL" in str(model.parameters)])
def test_twice_the_concentration_is_twice_the_plasma(name):
    for word, factor in (("2 mg/mL", 1), ("4 mg/mL", 2), ("4000 ug/mL", 2)):
        patient = parse(f"{name},concentration={word}")
        patient.advance(60_000, 1e6)
        if factor == 1:
            once = patient.values()[0]
        assert patient.values()[0] == pytest.approx(factor * once)


def test_an_amount_of_a_millilitre_is_in_the_plasma():
    patient = parse("oxytocin,concentration=10 mU/mL")
    patient.advance(1000, 1e6)
    assert patient.values()[0] == pytest.approx(10 / 10.1, rel=0.01)  # mU/L
    patient = parse("remifentanil-minto,concentration=50 ug/mL")
    patient.advance(1000, 1e6)
    v1_l = patient.body.kinetics.v1_l
    assert patient.values()[0] == pytest.approx(50_000 / (v1_l * 1000), rel=0.02)  # ng/mL


def test_what_is_said_reaches_the_model_and_the_title():
    patient = parse(" propofol-schnider , age = 60, weight=80 kg,height=180 cm,sex=female, concentration=20 mg/mL")
    assert patient.title == "propofol-schnider: 60 y, 80 kg, 180 cm, female, concentration 20 mg/mL"
    assert patient.body.kinetics.volumes_l[1] == pytest.approx(18.9 - 0.391 * 7)
    assert patient.per_ml == 20
    assert parse("propofol-marsh,ke0=1.2").body.kinetics.ke0_per_min == 1.2
    assert parse("generic,v1=5 L,cl1=6 L/h,v2=10 L,cl2=0.2 L/min").body.kinetics.volumes_l == pytest.approx((5, 10, 0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "unknown model ''; the known ones are: propofol-marsh, propofol-schnider"),
        ("aspirin,age=3", "unknown model 'aspirin'"),
        ("pca,", "'' is not PARAMETER=VALUE; write e.g. pca,weight=70"),
        ("pca,pain", "'pain' is not PARAMETER=VALUE"),
        ("pca,pain=", "'pain=' is not PARAMETER=VALUE"),
        ("pca,pain=2,pain=3", "says pain twice"),
        ("oxytocin,age=30", "patient oxytocin: age = '30': unknown parameter; the known ones are: concentration"),
        ("pca,pain=11", "pain = '11': is outside 0 to 10 of 10"),
        ("pca,pain=much", "pain = 'much': write a number"),
        ("propofol-schnider,age=12", "age = 12 y: the model propofol-schnider holds for 25 to 81 y"),
        ("propofol-schnider,age=-1", "age = '-1': is outside 0 to 120 y"),
        ("propofol-schnider,sex=m", "sex = 'm': is none of: female, male"),
        ("propofol-schnider,weight=70 lb", "weight = '70 lb': write a number and its unit"),
        ("propofol-marsh,concentration=10 U/mL", "propofol is counted in mg; write e.g. '10 mg/mL'"),
        ("oxytocin,concentration=10 mg/mL", "oxytocin is counted in mU"),
        ("oxytocin,concentration=0 mU/mL", "must be more than 0"),
        ("generic,v2=3 L", "v2 = 3 L, cl2 = 0 L/min: a compartment has a volume and a clearance"),
        ("generic,v1=0 L", "v1 = '0 L': is outside 0.1 to 10000 L"),
        ("reaction,kind=itch", "kind = 'itch': is none of: allergy, fever, breathing"),
        ("reaction,at=soon", "at = 'soon'"),
    ],
)
def test_what_is_wrong_in_a_text_is_explained(text, message):
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert message in str(caught.value)
    with pytest.raises(BadInput):
        bench_of([("patient", text)])


def test_the_world_has_the_patient():
    bench = bench_of([("patient", "pca,pain=8")])
    assert (
        bench.bedside.patient.title == "pca: 70 kg, pain 8 of 10, relief 16 ng/mL, peak 20 min, concentration 1 mg/mL"
    )
    assert bench.port().patient()["for"] == "teaching model"
    assert bench_of([]).port().patient() is None


def test_the_command_describes_every_model(capsys):
    command.patients()
    words = capsys.readouterr().out
    assert "not for treating anyone" in words
    for name, model in MODELS.items():
        assert f"\n{name}\n" in words
        assert model.source in words
        assert all(row.name in words for row in model.parameters)
    command.patients(json=True)
    data = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in data["patients"]] == list(MODELS)
    assert data["for"] == "teaching only"


def test_the_command_is_declared():
    commands = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["entry-points"]["picoinfuse.commands"]
    assert commands["patients"] == f"{command.__name__}:patients"
