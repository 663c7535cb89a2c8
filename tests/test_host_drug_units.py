"""One drug name in two kinds of unit is told before a start; what is one kind, or another drug, is not."""

import pytest

from cabled import PORT, Cabled
from picoinfuse import Option, Program, drug_units
from picoinfuse.cli import main
from picoinfuse.options import AMOUNTS
from therapy_text import therapy_text


def program(name, concentration):
    return Program.continuous("6 mL/h", "1 mL", options=[Option.drug(name, concentration)])


def kept(*programs):
    """What an archive has of them."""
    return {its.check: {"name": f"therapy {i}", "text": str(its.compiled.text())} for i, its in enumerate(programs, 1)}


def test_another_kind_of_unit_is_told_with_the_therapy_that_had_it():
    before = kept(program("magnesium", "100 mg/mL"), program("magnesium", "0.4 mmol/mL"))
    (said,) = drug_units.others(before, program("Magnesium", "50 mg/mL").compiled)
    assert said.startswith(
        "magnesium counts by weight here, and by substance (mol) in 'therapy 2' that this pump had before: "
    )
    assert "they are two drugs" in said
    assert len(drug_units.others(before, program("magnesium", "1 mEq/mL").compiled)) == 2


def test_every_unit_of_a_drug_has_words():
    assert set(drug_units.KINDS) == {unit for unit, _ in AMOUNTS.values()}


@pytest.mark.parametrize(
    ("name", "concentration"), [("morphine", "1 mg/mL"), ("morphine", "50 ug/mL"), ("insulin", "1 U/mL")]
)
def test_one_kind_or_another_drug_is_not_told(name, concentration):
    before = kept(program("morphine", "1 mg/mL"), program("insulin", "100 U/mL"), Program.continuous("5 mL/h", "1 mL"))
    before["00000000"] = {"text": "of another version"}
    assert drug_units.others(before, program(name, concentration).compiled) == []
    assert drug_units.others(before, Program.continuous("5 mL/h", "1 mL").compiled) == []


def test_run_tells_it_before_the_start_and_starts(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PICOINFUSE_ARCHIVE", str(tmp_path / "pumps"))
    Cabled(monkeypatch, seed=1)
    for concentration, dose in (("1 mg/mL", "1 mg"), ("1 mmol/mL", "1 mmol")):
        file = tmp_path / f"{dose[2:]}.toml"
        drug = f'[drug]\nname = "magnesium"\nroute = "intravenous"\nconcentration = "{concentration}"\n'
        phases = f'[[phases]]\nkind = "rate"\nrate = "60 mL/h"\ndose = "{dose}"\n'
        file.write_text(therapy_text(drug=drug, phases=phases), "utf-8")
        assert main(["run", str(file), *PORT]) == 0
        said = capsys.readouterr().err
        assert ("magnesium counts by substance (mol) here" in said) == ("mmol" in dose)
        main(["stop", *PORT])
