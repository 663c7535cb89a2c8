"""The command `tci`: a target on the command line, its record and picture, its exit status, and bad input by name."""

import json

import pytest

from cli_work import result_of
from picoinfuse.cli import main

pytestmark = pytest.mark.usefixtures("own_folder")
SHORT = ["tci", "--target", "1 ug/mL", "--for", "1 min", "--seed", "1"]


def test_a_target_is_run_and_kept_with_the_person_of_the_model_behind_the_pump(capsys, tmp_path):
    assert main([*SHORT, "--age", "60", "--weight", "80 kg", "--height", "180", "--sex", "female", "--json"]) == 0
    captured = capsys.readouterr()
    result = json.loads(captured.out.splitlines()[-1])
    assert (result["therapy"], result["outcome"]) == ("tci", "complete")
    assert "propofol-schnider: 60 y, 80 kg, 180 cm, female (teaching model)" in captured.err
    assert "propofol-schnider: 60 y, 80 kg, 180 cm, female, concentration 10 mg/mL (teaching model)" in captured.err
    folder = tmp_path / "runs" / "tci-1"
    assert {path.name for path in folder.iterdir()} >= {"tci.csv", "patient.csv", "plot.png", "requests.jsonl"}


def test_marsh_and_another_patient(capsys):
    words = ["--model", "marsh", "--weight", "80", "--ke0", "1.2", "--patient", "propofol-schnider,age=60"]
    assert main([*SHORT, *words]) == 0
    said = capsys.readouterr().out
    assert "propofol-marsh: 80 kg, ke0 1.2 /min (teaching model)" in said
    assert "propofol-schnider: 60 y, 70 kg" in said


@pytest.mark.parametrize(
    "more", [["--patient", "nobody"], ["--port", "sim://?patient=oxytocin"], ["--world", "patient=oxytocin"]]
)
def test_nobody_or_somebody_else_can_be_at_the_line(more, capsys):
    assert main([*SHORT, *more]) == 0
    said = capsys.readouterr().out
    assert "propofol in the plasma" not in said
    assert "the patient against the model" not in said
    assert ("oxytocin in the plasma" in said) == ("nobody" not in more)


def test_a_run_that_ends_by_an_alarm_says_so(capsys):
    assert main(["tci", "--target", "4 ug/mL", "--for", "5 min", "--seed", "1", "--fault", "stall@5s"]) == 3
    said = capsys.readouterr().out
    assert "outcome     alarm" in said
    assert "(teaching model): not reached" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--target", "4"], "target = '4': has no unit"),
        (["--target", "4 ug/mL", "--model", "minto"], "--model = 'minto': is not one of schnider, marsh"),
        (["--target", "4 ug/mL", "--ke0", "0.26"], "--ke0 = '0.26': the model schnider does not ask for it"),
        (["--target", "4 ug/mL", "--model", "marsh", "--age", "40"], "--age = '40': the model marsh does not ask"),
        (["--target", "4 ug/mL", "--age", "old"], "--age = 'old': is not a number"),
        (["--target", "4 ug/mL", "--weight", "300 kg"], "weight = 300 kg: the model propofol-schnider holds"),
        (["--target", "4 ug/mL", "--for", "1 h"], "the model needs 69.9 mL"),
        (["--target", "4 ug/mL", "--syringes", "two"], "--syringes = 'two': is not a whole number"),
        (["--target", "1 ug/mL", "--seed", "-1"], "--seed = '-1'"),
        (["--target", "1 ug/mL", "--nurse", "bob"], "nurse = 'bob'"),
        (["--target", "1 ug/mL", "--port", "/dev/none", "--patient", "pca"], "--patient: only a simulated pump"),
    ],
)
def test_bad_input_is_one_line_that_names_it(words, message, capsys):
    assert main(["tci", *words, "--json"]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert len(captured.err.strip().splitlines()) == 1
    assert json.loads(captured.out.splitlines()[-1])["outcome"] == "refused"


def test_a_target_is_asked_for(capsys):
    assert main(["tci"]) == 2
    assert "--target" in capsys.readouterr().err


def test_a_missing_pump_is_told(capsys):
    assert main(["tci", "--target", "1 ug/mL", "--for", "1 min", "--port", "/dev/no-such-pump", "--json"]) == 4
    assert result_of(capsys)["outcome"] in ("refused", "uncertain")


def test_all_defaults_are_an_infusion_that_fits_into_its_syringe(capsys):
    assert main(["tci", "--target", "4 ug/mL", "--fault", "stall@5s"]) == 3, "it starts; the fault keeps it short"
    assert "outcome     alarm" in capsys.readouterr().out
