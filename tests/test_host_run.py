"""What a run keeps: a record as soon as something was started, and nothing at all if nothing was."""

import json

import pytest

from cabled import PORT, Cabled
from picoinfuse import Program
from picoinfuse.cli import main
from picoinfuse.errors import Refused, Uncertain
from picoinfuse_firmware import wire
from wires import BadWire

pytestmark = pytest.mark.usefixtures("own_folder")
TOO_MUCH = Program.continuous("40 mL/h", "40 mL", filled="5 mL")
FINE = Program.continuous("60 mL/h", "0.2 mL", filled="5 mL")


def test_a_refused_run_leaves_no_folder(bench, tmp_path):
    """Refused runs left folders with an empty record in runs/, which counted as the runs of before."""
    with pytest.raises(Refused) as refused:
        bench.pump.run(TOO_MUCH, out=tmp_path / "out")
    assert refused.value.record.meta["result"]["outcome"] == "refused"
    assert not (tmp_path / "out").exists()


def test_a_refused_run_leaves_what_stood_in_the_folder_before(bench, tmp_path):
    record = bench.pump.run(FINE, out=tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(Refused):
        bench.pump.run(TOO_MUCH, out=tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert record.meta["result"]["outcome"] == "complete"


def test_a_start_that_was_never_answered_is_kept(bench, tmp_path):
    """Nobody knows whether it was done, so its identity must not be lost."""
    from picoinfuse import Pump

    heard = []

    def starts(line):
        message = wire.decode(line.rstrip(b"\r\n"))
        heard.append(message[1] if message else "")
        return heard[-1] == "start"

    pump = Pump(BadWire(bench, lose_request=starts))
    with pytest.raises(Uncertain):
        pump.run(FINE, out=tmp_path / "out")
    assert "start" in heard
    assert (tmp_path / "out" / "requests.jsonl").exists()
    assert json.loads((tmp_path / "out" / "meta.json").read_text("utf-8"))["result"]["outcome"] == "uncertain"


def test_refused_commands_leave_no_folder_and_no_runs(tmp_path, capsys, monkeypatch):
    assert main(["run", "hydration", "--syringe", "BD 5 mL"]) == 2
    assert not (tmp_path / "runs").exists()
    Cabled(monkeypatch, seed=1)
    assert main(["run", "hydration", "--detach", *PORT]) == 0
    assert main(["tci", "--target", "4 ug/mL", *PORT]) == 2
    assert main(["run", "hydration", *PORT]) == 2
    assert not (tmp_path / "runs").exists()


def test_the_first_run_that_is_kept_has_number_1(tmp_path, small, capsys):
    assert main(["run", "hydration", "--syringe", "BD 5 mL"]) == 2
    assert main(["run", small]) == 0
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["small-1"]
