"""What a run will lack is told before it starts, and refuses nothing."""

import pytest

from picoinfuse import connect
from picoinfuse.cli.hints import tell_hints
from picoinfuse.therapy import Therapy

NURSE = True


def told(capsys, name, query="", nurse=NURSE):
    with connect(f"sim://{query}") as pump:
        tell_hints(pump, Therapy.read(name), nurse)
    return capsys.readouterr().err


def test_a_therapy_that_needs_nobody_has_no_note(capsys):
    assert told(capsys, "hydration", nurse=False) == ""


def test_syringes_that_nobody_changes(capsys):
    said = told(capsys, "hydration-bolus", nurse=False)
    assert said.startswith("note      4 syringes are ordered and nobody changes them")
    assert "--nurse auto" in said
    assert told(capsys, "hydration-bolus") == ""


@pytest.mark.parametrize(
    ("name", "says", "who"),
    [
        ("morphine-pca", "nobody presses the bolus key", "--patient 'pca,weight=70'"),
        ("insulin-loop", "nobody wears a glucose sensor", "--patient 'hovorka,weight=70,sensitivity=0.5,"),
    ],
)
def test_a_patient_that_a_therapy_lives_of_is_missing(capsys, name, says, who):
    said = told(capsys, name)
    assert says in said
    assert who in said
    assert says not in told(capsys, name, "?patient=pca")


def test_a_patient_who_is_more_sensitive_than_the_therapy_is_ordered_for(capsys):
    """Bug: `--patient hovorka` had low glucose all day, and nothing said why."""
    said = told(capsys, "insulin-loop", "?patient=hovorka")
    assert "ordered for a patient with a sensitivity to insulin of 0.5; for one of 1 its insulin is too much" in said
    assert "--patient 'hovorka,weight=70,sensitivity=0.5," in said
    assert "too little" in told(capsys, "insulin-loop", "?patient=hovorka,sensitivity=0.4")
    assert told(capsys, "insulin-loop", "?patient=hovorka,sensitivity=0.50") == ""


def test_a_patient_whose_drug_is_ten_times_thinner_than_the_therapys(capsys):
    said = told(capsys, "chronic-pain", "?patient=pca")
    assert "the patient gets a drug of 1 mg/mL, the therapy's has 10 mg/mL" in said
    assert "the patient gets" not in told(capsys, "chronic-pain", "?patient=pca,concentration=10000%20ug/mL")
    assert "the patient gets" not in told(capsys, "morphine-pca", "?patient=pca")
