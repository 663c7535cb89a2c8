"""The command `tci`: a target on the command line, its record and picture, its exit status, and bad input by name."""

import json
import re
from pathlib import Path

import pytest

import picoinfuse as pi
from cli_work import result_of
from picoinfuse.cli import main
from picoinfuse.pump import Pump
from picoinfuse_sim import Bench
from picoinfuse_sim.patient.catalogue import parse
from wires import HostKilled

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


# ---- a host that is started again


@pytest.fixture
def died(tmp_path, monkeypatch):
    """The bench of an infusion whose host died after 200 s; its record is runs/tci-1."""
    model = pi.TciModel.schnider()
    bench = Bench(patient=parse(model.patient), ideal=True)

    def die(row):
        if bench.pump.stream.started_ms is not None and bench.pump.stream.seconds(row.at_ms) >= 200:
            raise HostKilled

    with pytest.raises(HostKilled):
        bench.pump.run(pi.Tci(model, target="4 ug/mL", duration="10 min"), out="runs/tci-1", on_telemetry=die)
    monkeypatch.setattr("picoinfuse.cli.tci.reach", lambda url: Pump(bench.port()))
    return bench


def test_started_again_it_goes_on_until_the_end(died, capsys):
    died.advance("10 s")
    assert main(["tci", "--go-on", "runs/tci-1", "--port", "COM5"]) == 0
    said = capsys.readouterr().out
    assert "(teaching model): since 3 min 30 s, " in said
    assert re.search(r"ug/mL in the plasma and (3\.9\d|4\.0\d) at the effect site", said)
    assert "state      complete" in said
    assert died.truth()["effect_ug_ml"] == pytest.approx(4, rel=0.02)


def test_ctrl_c_after_going_on_says_that_the_pump_is_stopped(died, capsys, monkeypatch):
    """It said "interrupted" alone, and nobody knew whether the drug still ran."""

    def interrupted(*args, **kinds):
        raise KeyboardInterrupt

    monkeypatch.setattr(Pump, "wait", interrupted)
    assert main(["tci", "--go-on", "runs/tci-1", "--port", "COM5"]) == 5
    assert re.search(r"The pump is stopped, its program is over: \d+\.\d{3} mL given", capsys.readouterr().err)


def test_a_pump_that_has_fallen_back_to_a_pause_asks_a_person_first(died, capsys):
    died.advance("2 min")
    assert main(["tci", "--go-on", "runs/tci-1", "--port", "COM5"]) == 2
    assert "tci --go-on: there is nobody to ask; read the lines above, then add --yes" in capsys.readouterr().err
    assert Pump(died.port()).status().state == "paused"
    assert main(["tci", "--go-on", "runs/tci-1", "--port", "COM5", "--yes"]) == 0
    assert died.truth()["effect_ug_ml"] == pytest.approx(4, rel=0.02)


def test_whoever_begins_anew_at_a_pump_under_way_is_told_how_to_go_on(died, capsys):
    """Bug: only "let it end, or stop it", and nothing of the drug in the body."""
    assert main(["tci", "--target", "4 ug/mL", "--port", "COM5"]) == 2
    said = capsys.readouterr().err
    assert "is infusing" in said
    assert f"picoinfuse tci --go-on {Path('runs/tci-1')} --port COM5" in said
    Path("runs/tci-1/tci-state.json").unlink()
    assert main(["tci", "--target", "4 ug/mL", "--port", "COM5"]) == 2
    assert "No state of one is kept here: a person goes on by hand, and no target is begun" in capsys.readouterr().err


def test_going_on_has_the_targets_of_before(died, capsys):
    assert main(["tci", "--go-on", "runs/tci-1", "--target", "5 ug/mL"]) == 2
    assert "with --go-on the targets are those of before" in capsys.readouterr().err
    assert main(["tci"]) == 2
    assert "--target: is missing; write e.g. --target '4 ug/mL'" in capsys.readouterr().err
