"""`picoinfuse iec` as a person or a script meets it: words, JSON, files, and bad input."""

import json

import pytest

from picoinfuse.cli import main

KEYS = {"windows_min", "ep_max", "ep_min", "mean_error", "startup_s"}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def json_of(capsys):
    captured = capsys.readouterr()
    return json.loads(captured.out.splitlines()[-1]), captured.err


def test_the_accuracy_test_tells_and_draws(capsys, tmp_path):
    assert main(["iec", "accuracy", "--rate", "5 mL/h", "--syringe", "BD 60 mL"]) == 0
    captured = capsys.readouterr()
    assert "teaching simulation" in captured.out
    assert "mean error A" in captured.out
    assert "Ep(max) (%)" in captured.out
    assert "BD 60 mL" in captured.out
    assert (tmp_path / "runs" / "iec-accuracy-1" / "accuracy.png").read_bytes().startswith(b"\x89PNG")


def test_its_json_is_the_last_line_and_the_same_with_the_same_seed(capsys, tmp_path):
    command = ["iec", "accuracy", "--rate", "5 mL/h", "--seed", "3", "--json", "--out", "there/new"]
    assert main(command) == 0
    told, said = json_of(capsys)
    assert set(told) >= KEYS
    assert told["windows_min"] == [1, 2, 5, 11, 19, 31]
    assert len(told["ep_max"]) == len(told["ep_min"]) == 6
    assert all(high >= low for high, low in zip(told["ep_max"], told["ep_min"], strict=True))
    assert told["seed"] == 3
    assert "teaching" in told["for"]
    assert "mean error A" in said
    assert {path.name for path in (tmp_path / "there" / "new").iterdir()} == {
        "accuracy.png",
        "result.json",
        "samples.csv",
    }
    assert main(command) == 0
    assert json_of(capsys)[0] == told
    assert main([*command[:4], "--seed", "4", *command[6:]]) == 0
    assert json_of(capsys)[0]["mean_error"] != told["mean_error"]


def test_the_samples_it_wrote_are_measured_data_that_say_the_same(capsys):
    assert main(["iec", "accuracy", "--rate", "5 mL/h", "--json", "--out", "a", "--calibrated"]) == 0
    simulated = json_of(capsys)[0]
    assert simulated["calibrated"] is True
    assert main(["iec", "accuracy", "--rate", "5 mL/h", "--csv", "a/samples.csv", "--json", "--out", "b"]) == 0
    measured = json_of(capsys)[0]
    for key in KEYS - {"windows_min", "startup_s"}:
        assert measured[key] == pytest.approx(simulated[key], abs=1e-3)
    assert measured["startup_s"] == simulated["startup_s"]
    assert measured["source"] == "a/samples.csv"


def test_masses_of_a_balance_with_a_density_and_a_later_hour(capsys, tmp_path):
    rows = "".join(f"{t};{t / 3600 * 5 * 1.1:.6f}\n".replace(".", ",") for t in range(0, 9001, 30))
    (tmp_path / "balance.csv").write_text("time (s);mass (g)\n" + rows, "utf-8")
    command = ["iec", "accuracy", "--rate", "5 mL/h", "--csv", "balance.csv", "--json", "--out", "x"]
    assert main([*command, "--density", "1.1 g/mL", "--start-min", "90"]) == 0
    told = json_of(capsys)[0]
    assert told["mean_error"] == pytest.approx(0, abs=0.001)
    assert told["start_min"] == 90


def test_a_syringe_that_is_soon_empty_says_what_was_analysed(capsys):
    assert main(["iec", "accuracy", "--rate", "50 mL/h", "--syringe", "bd 10", "--json", "--out", "x"]) == 0
    told, said = json_of(capsys)
    assert told["windows_min"] == [1, 2, 5]
    assert "analysed are minutes 1.5 to 11.5, not 60 to 120" in said


def test_a_slow_infusion_may_settle_for_longer_than_an_hour(capsys):
    command = ["iec", "accuracy", "--rate", "0.1 mL/h", "--syringe", "BD 5 mL", "--json", "--out", "x"]
    assert main([*command, "--start-min", "600"]) == 0
    told, said = json_of(capsys)
    assert (told["start_min"], told["analysis_min"]) == (600, 60)
    assert "analysed are minutes 600 to 660" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rate", "5"], "has no unit"),
        (["--rate", "five"], "does not begin with a number"),
        (["--rate", "0 mL/h"], "--rate"),
        (["--rate", "-5 mL/h"], "is negative"),
        (["--rate", "5 mg/h"], "--rate"),
        (["--rate", "0.001 mL/h"], "below"),
        (["--rate", "50000 mL/h"], "empties a BD 60 mL syringe"),
        (["--rate", "5 mL/h", "--syringe", "BD 61 mL"], "unknown syringe"),
        (["--rate", "5 mL/h", "--seed", "-1"], "seed"),
        (["--rate", "5 mL/h", "--csv", "none.csv"], "no such file"),
        (["--rate", "5 mL/h", "--csv", "short.csv"], "cover 0.5 min, the analysis needs 120 min"),
        (["--rate", "5 mL/h", "--csv", "short.csv", "--seed", "1"], "--seed 1 is of the simulated pump"),
        (["--rate", "5 mL/h", "--csv", "short.csv", "--calibrated"], "--calibrated is of the simulated pump"),
        (["--rate", "5 mL/h", "--csv", "short.csv", "--density", "9 g/mL"], "outside 0.5 to 3"),
        (["--rate", "5 mL/h", "--csv", "short.csv", "--start-min", "-1"], "0 min or more"),
        (["--rate", "5 mL/h", "--density", "1 g/mL"], "is for measured data"),
        (["--rate", "5 mL/h", "--start-min", "700"], "can begin at 0 to 638 min with a BD 60 mL syringe"),
        (["--rate", "5 mL/h", "--start-min", "nan"], "can begin at 0 to"),
        (["--rate", "1000 mL/h", "--start-min", "0"], "has no room"),
        (["--rate", "50 mL/h", "--start-min", "60"], "can begin at 0 to 9 min"),
        (["--rate", "5 mL/h", "--out", "short.csv"], "cannot be made"),
        ([], "--rate"),
    ],
)
def test_bad_input_to_the_accuracy_test_is_told_without_a_traceback(arguments, said, capsys, tmp_path):
    (tmp_path / "short.csv").write_text("time_s,volume_ml\n0,0\n30,0.04\n", "utf-8")
    assert main(["iec", "accuracy", *arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err


def test_the_occlusion_test_tells_every_threshold_at_both_rates(capsys, tmp_path):
    assert main(["iec", "occlusion", "--syringe", "BD 10 mL", "--json", "--out", "x"]) == 0
    told, said = json_of(capsys)
    assert "teaching simulation" in said
    assert [(row["level"], row["rate_ml_h"]) for row in told["rows"]] == [
        (level, rate) for level in ("low", "medium", "high") for rate in (1, 5)
    ]
    assert json.loads((tmp_path / "x" / "result.json").read_text("utf-8")) == told
    for row in told["rows"]:
        assert row["refused"] is None
        assert row["to_alarm_s"] > 0
        assert row["bolus_ml"] < row["bolus_undrawn_ml"]


def test_a_threshold_below_the_friction_of_the_syringe_says_so_in_its_row(capsys):
    levels = ["--threshold", "60 mmHg", "--threshold", "300 mmHg"]
    assert main(["iec", "occlusion", *levels, "--rate", "50 mL/h", "--json"]) == 0
    told, said = json_of(capsys)
    assert "friction alone can look like" in told["rows"][0]["refused"]
    assert told["rows"][0]["to_alarm_s"] is None
    assert told["rows"][1]["to_alarm_s"] > 0
    assert "friction alone" in said


@pytest.mark.parametrize("option", [["--threshold", "5 mmHg"], ["--rate", "0.01 mL/h"], ["--threshold", "60 mmHg"]])
def test_a_test_of_which_the_pump_refuses_all_is_bad_input_and_not_a_result(option, capsys, tmp_path):
    assert main(["iec", "occlusion", *option, "--json", "--out", "x"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("nothing to test: the pump refuses all that was asked") == 1
    assert "Traceback" not in captured.err
    assert not (tmp_path / "x" / "result.json").exists()


def test_an_infusion_that_stopped_before_the_clamp_gives_no_figures(capsys):
    """Once it was an alarm after 0.0 min at 0 mmHg."""
    assert main(["iec", "occlusion", "--threshold", "150 mmHg", "--rate", "1200 mL/h", "--json"]) == 0
    told, said = json_of(capsys)
    row = told["rows"][0]
    assert row["note"].startswith("stopped before the clamp: ")
    assert row["note"] in said
    assert [row[name] for name in ("refused", "to_alarm_s", "pressure_mmhg", "bolus_ml")] == [None] * 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--syringe", "BD 61 mL"], "unknown syringe"),
        (["--threshold", "middle"], "is no level"),
        (["--threshold", "300"], "has no unit"),
        (["--rate", "5"], "has no unit"),
        (["--rate", "0 mL/h"], "--rate"),
        (["--seed", "x"], "seed"),
        (["--out", "a.file"], "cannot be made"),
        (["--json", "--sideways"], "sideways"),
    ],
)
def test_bad_input_to_the_occlusion_test_is_told_without_a_traceback(arguments, said, capsys, tmp_path):
    (tmp_path / "a.file").write_text("x", "utf-8")
    assert main(["iec", "occlusion", *arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err


def test_iec_alone_says_what_there_is(capsys):
    assert main(["iec"]) == 2
    captured = capsys.readouterr()
    assert "occlusion" in captured.out + captured.err
