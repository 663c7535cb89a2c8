"""`picoinfuse log`: for people, as JSON, as a table."""

import csv
import json

import pytest

from picoinfuse.cli import main
from picoinfuse.cli.log import MANY, progress

pytestmark = pytest.mark.usefixtures("own_folder")
PORT = ["--port", "sim://"]


def test_a_person_reads_what_happened(capsys):
    assert main(["log", *PORT]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["entry", "start", "since", "what"]
    assert lines[1].split(maxsplit=3) == ["1", "1", lines[1].split()[2], "the pump is on (start number 1)"]


def test_a_script_reads_json(capsys):
    assert main(["log", *PORT, "--json", "--last", "1"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert list(entry) == ["n", "boot", "at_ms", "kind", "what", "value"]


def test_a_table_is_written(capsys, tmp_path):
    assert main(["log", *PORT, "--csv", "log.csv"]) == 0
    assert "written into log.csv" in capsys.readouterr().out
    with open("log.csv", newline="") as file:
        assert next(csv.reader(file)) == ["n", "boot", "at_ms", "kind", "what", "value"]


def test_a_table_that_cannot_be_written_is_bad_input_and_no_bug_of_ours(capsys):
    assert main(["log", *PORT, "--csv", "nowhere/log.csv"]) == 2
    error = capsys.readouterr().err
    assert "nowhere/log.csv: cannot be written" in error
    assert "Traceback" not in error


@pytest.mark.parametrize("wrong", ["0", "-3", "many"])
def test_a_wrong_number_is_explained(wrong, capsys):
    assert main(["log", *PORT, "--last", wrong]) == 2
    assert "--last" in capsys.readouterr().err


def test_progress_is_one_line_of_a_terminal_that_goes_away(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    for done in range(1, MANY + 1):
        progress(done, MANY)
    said = capsys.readouterr().err
    assert f"40 of {MANY} entries" in said
    assert "\n" not in said
    assert said.endswith("\r" + " " * 40 + "\r")
    progress(MANY - 1, MANY - 1)
    assert capsys.readouterr().err == ""


def test_progress_is_a_line_now_and_then_where_nobody_looks_at_a_terminal(capsys):
    """It was silent there: 3000 entries of a Pico take a minute and a half."""
    for done in range(1, 1201):
        progress(done, 1200)
    assert capsys.readouterr().err.splitlines() == [f"{done} of 1200 entries" for done in (500, 1000, 1200)]
    for done in range(1, MANY):
        progress(done, MANY - 1)
    assert capsys.readouterr().err == ""
