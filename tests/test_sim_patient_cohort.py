"""The cohort of ten adults: skipped with a sentence where its package is missing; else a table, data and pictures."""

import json
import tomllib
from pathlib import Path

import pytest

from picoinfuse.errors import BadInput
from picoinfuse_sim.patient import cohort, uva_padova
from picoinfuse_sim.patient.cohort_command import cohort as command

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
with_simglucose = pytest.mark.skipif(
    not uva_padova.installed(), reason="simglucose is not installed: pip install 'picoinfuse[cohort]'"
)


def test_without_simglucose_it_says_so_and_ends(monkeypatch, capsys):
    monkeypatch.setattr(uva_padova, "installed", lambda: False)
    command(seed="1", hours="24", compare=False, pictures=None, json=True)
    words, data = capsys.readouterr().out.splitlines()
    assert words.startswith("Skipped: the UVA/Padova patients come with the package simglucose")
    assert "pip install 'picoinfuse[cohort]'" in words
    assert json.loads(data)["for"] == "teaching only"


@with_simglucose
def test_adults_live_and_are_told_of(monkeypatch, capsys, tmp_path):
    """Two of the ten, for two hours: all of them for a day are minutes of work."""
    assert cohort.ADULTS == uva_padova.ADULTS
    monkeypatch.setattr(cohort, "ADULTS", uva_padova.ADULTS[:2])
    monkeypatch.setattr(cohort, "MEALS", "45g@30min")
    command(seed="1", hours="2", compare=False, pictures=tmp_path, json=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Teaching model, not for treating anyone")
    assert [line.split()[0] for line in lines[2:4]] == list(uva_padova.ADULTS[:2])
    assert lines[4].startswith("All 2: ")
    people = json.loads(lines[5])["people"]
    assert len(people) == len(list(tmp_path.glob("adult-*.png"))) == 2
    for person in people:
        its = person["loop"]
        assert its["in_range"] + its["low"] + its["high"] == pytest.approx(1)
        assert its["very_low"] <= its["low"]
        assert its["low"] == 0
        meal_u = 45 / person["grams_per_unit"]
        assert meal_u * 0.95 < its["insulin_u"] < meal_u + 3 * 2 * person["basal_u_h"]
        assert set(its["alarms"]) <= {"glucose_low", "glucose_lost", "near_end", "end"}


@with_simglucose
def test_each_is_ordered_a_loop_that_the_pump_takes():
    for name in uva_padova.ADULTS:
        basal, _, lowers = uva_padova.therapy_of(name)
        loop = cohort.loop_of(basal, lowers)
        loop.program(24, cohort.SYRINGE).check_limits()
        assert loop.basal_u_h <= basal
        assert loop.max_basal_u_h <= 3 * basal


@pytest.mark.parametrize(("option", "value"), [("hours", "1"), ("hours", "many"), ("seed", "-1")])
def test_a_number_that_makes_no_sense_is_refused(monkeypatch, option, value):
    monkeypatch.setattr(uva_padova, "installed", lambda: True)
    with pytest.raises(BadInput, match=f"--{option}"):
        command(**{"seed": "1", "hours": "24", "compare": False, "pictures": None, "json": False, option: value})


def test_the_command_is_declared():
    commands = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["entry-points"]["picoinfuse.commands"]
    assert commands["cohort"] == "picoinfuse_sim.patient.cohort_command:cohort"
