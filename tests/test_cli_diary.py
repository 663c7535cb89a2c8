"""`picoinfuse diary`: from an archive, from a pump, from a record; as words, table, JSON and picture."""

import csv
import json

import pytest

from cabled import PORT, Cabled
from picoinfuse.cli import main

THERAPY = """\
name = "twice"
title = "Twice"
source = "a test"
[drug]
name = "an antibiotic"
route = "intravenous"
[syringe]
name = "BD 60 mL"
[[phases]]
kind = "rate"
rate = "60 mL/h"
volume = "5 mL"
[[phases]]
kind = "pause"
duration = "40 min"
[[phases]]
kind = "repeat"
times = 2
"""


@pytest.fixture
def cabled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PICOINFUSE_ARCHIVE", str(tmp_path / "pumps"))
    (tmp_path / "twice.toml").write_text(THERAPY)
    its = Cabled(monkeypatch, seed=1)
    assert main(["run", "twice.toml", "--detach", *PORT]) == 0
    its.bench.host_unplugged()
    its.bench.advance("30 min")
    its.bench.power_cut(3600.0)
    its.bench.advance("2 h")
    its.bench.host_unplugged(False)
    return its


def test_the_days_without_a_cable_are_read_from_the_pump(cabled, capsys, tmp_path):
    capsys.readouterr()
    assert main(["diary", *PORT, "--csv", "diary.csv", "--plot", "diary.png"]) == 0
    said = capsys.readouterr()
    assert "rows written into diary.csv" in said.err
    assert (tmp_path / "diary.png").read_bytes().startswith(b"\x89PNG")
    assert "twice: Twice (" in said.out
    assert "overdue (no power, alarm power lost)" in said.out
    with (tmp_path / "diary.csv").open(newline="") as file:
        assert [row["what"] for row in csv.DictReader(file)] == ["course", "dose", "dose", "alarm"]
    assert main(["resume", "--yes", *PORT]) == 0
    cabled.bench.advance("2 h")
    capsys.readouterr()
    assert main(["diary", *PORT, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    (course,) = data["courses"]
    assert (course["outcome"], course["drug"]) == ("complete", "an antibiotic")
    assert [dose["status"] for dose in course["doses"]] == ["given", "late"]
    assert main(["diary", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == data
    assert main(["diary", data["source"].removeprefix("pump "), "--late-after", "5 h", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert [dose["status"] for dose in again["courses"][0]["doses"]] == ["given", "given"]


def test_the_diary_of_a_simulated_run_is_that_of_its_record(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "twice.toml").write_text(THERAPY)
    faults = ["--fault", "power_cut@10min:5 s"]
    assert main(["run", "twice.toml", "--seed", "1", "--out", "run", "--nurse", "resume:1min", *faults]) == 0
    capsys.readouterr()
    assert main(["diary", "run"]) == 0
    said = capsys.readouterr().out
    assert "perhaps late (no power, alarm power lost, paused)" in said
    assert "power lost" in said
    assert main(["diary", "run", "--json"]) == 0
    (course,) = json.loads(capsys.readouterr().out)["courses"]
    assert course["doses"][1]["late_s"][1] is None  # how long it had no power, no record knows


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["0badcafe"], "has no archive"),
        (["--late-after", "soon"], "--late-after"),
        (["--port", "sim://"], "give the folder of its record"),
        ([], "fetch one first"),
        (["."], "is it a record"),
    ],
)
def test_what_is_wrong_is_told(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PICOINFUSE_ARCHIVE", str(tmp_path / "pumps"))
    assert main(["diary", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_another_pump_than_the_one_that_is_named_is_told(cabled, capsys):
    assert main(["diary", "0badcafe", *PORT]) == 2
    assert "leave out one of the two" in capsys.readouterr().err
