"""Who asks, on the command line: --user, the codes of the environment or typed, and what is said where nobody is."""

import json
from urllib.parse import quote

import pytest

import peoples
from picoinfuse import Option, Phase, Program, PumpAlarm
from picoinfuse.acting import LOCKS
from picoinfuse.cli import main, who
from picoinfuse.library import Library
from picoinfuse_firmware.people import People
from picoinfuse_sim import Bench

pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.fixture(autouse=True)
def nobody_typed(monkeypatch):
    for name in (who.USER, who.SECOND, who.CODE, who.SECOND_CODE):
        monkeypatch.delenv(name, raising=False)


def port_of(tmp_path, **rules):
    path = tmp_path / "people.txt"
    path.write_text(peoples.file(**rules), "utf-8")
    assert People(path.read_text("utf-8").splitlines(keepends=True)).problem == ""
    return f"sim://?access={quote(str(path))}"


def test_a_run_on_a_pump_with_people_wants_somebody(tmp_path, small, capsys):
    assert main(["run", small, "--port", port_of(tmp_path)]) == 2
    assert "nobody is logged in, which counts as the patient" in capsys.readouterr().err


def test_a_nurse_runs_a_therapy_with_the_code_of_the_environment(tmp_path, small, monkeypatch, capsys):
    monkeypatch.setenv(who.CODE, peoples.STAFF["anna"][1])
    assert main(["run", small, "--port", port_of(tmp_path), "--user", "anna", "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["outcome"] == "complete"
    monkeypatch.setenv(who.USER, "anna")
    assert main(["run", small, "--port", port_of(tmp_path)]) == 0


def test_who_is_named_logs_in_first_so_that_the_log_holds_no_refusal_that_nobody_caused(tmp_path, small, monkeypatch):
    """Each command with --user was refused to the patient first; at one a minute, true refusals were lost for it."""
    monkeypatch.setenv(who.CODE, peoples.STAFF["anna"][1])
    out = tmp_path / "record"
    assert main(["run", small, "--port", port_of(tmp_path), "--user", "anna", "--out", str(out)]) == 0
    kinds = [json.loads(line)["kind"] for line in (out / "events.jsonl").read_text("utf-8").splitlines()]
    assert "by" in kinds
    assert "denied" not in kinds


def test_a_name_is_no_use_to_a_pump_that_knows_nobody_and_wants_no_code(small):
    assert main(["run", small, "--user", "anna"]) == 0


def test_a_nurse_who_is_named_fits_a_syringe_and_resumes_where_the_level_holds_the_patient_back(monkeypatch, capsys):
    """Level 3 held the nurse's own refill back, since nobody had logged in; and `resume` had no --user."""
    bench = Bench(texts={"access": peoples.file()})
    bench.advance("3 s")
    pump = bench.pump
    pump.login("anna", peoples.STAFF["anna"][1])
    pump.start(Program([Phase.rate("60 mL/h", volume="2 mL")], filled="1 mL", options=[Option.syringes(2)], alike=True))
    with pytest.raises(PumpAlarm, match="syringe_change"):
        pump.wait()
    pump.logout()
    bench.change_syringe()
    monkeypatch.setattr("picoinfuse.cli.board.reach", lambda port: pump)
    assert main(["refill", "1 mL", "--yes"]) == 2
    assert "the lock level 3 holds it back" in capsys.readouterr().err
    monkeypatch.setenv(who.CODE, peoples.STAFF["anna"][1])
    assert main(["refill", "1 mL", "--yes", "--user", "anna"]) == 0
    assert pump.status().state == "infusing"
    pump.pause()
    pump.logout()
    assert main(["resume", "--yes", "--user", "anna"]) == 0
    assert pump.status().state == "infusing"


def test_a_code_is_typed_without_an_echo_and_never_shown(tmp_path, small, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    asked = []
    monkeypatch.setattr(who, "getpass", lambda question: asked.append(question) or peoples.STAFF["anna"][1])
    assert main(["run", small, "--port", port_of(tmp_path), "--user", "anna"]) == 0
    assert asked == ["Code of anna: "]
    said = capsys.readouterr()
    assert peoples.STAFF["anna"][1] not in said.out + said.err


def test_a_wrong_code_is_status_2_and_one_line(tmp_path, small, monkeypatch, capsys):
    monkeypatch.setenv(who.CODE, "wrong-1234")
    assert main(["run", small, "--port", port_of(tmp_path), "--user", "anna"]) == 2
    said = capsys.readouterr().err
    assert "picoinfuse: the code is wrong (1 in a row by now): wait 2 s" in said
    assert "Traceback" not in said


def test_without_a_terminal_the_variable_is_named(tmp_path, small, capsys):
    assert main(["run", small, "--port", port_of(tmp_path), "--user", "anna"]) == 2
    assert "set PICOINFUSE_CODE" in capsys.readouterr().err


def test_a_second_person_confirms_and_the_nurse_goes_on(tmp_path, small, monkeypatch, capsys):
    monkeypatch.setenv(who.CODE, peoples.STAFF["anna"][1])
    monkeypatch.setenv(who.SECOND_CODE, peoples.STAFF["hugo"][1])
    port = port_of(tmp_path, double_check=1)
    assert main(["run", small, "--port", port, "--user", "anna"]) == 2
    assert "so another person has to confirm it" in capsys.readouterr().err
    out = tmp_path / "record"
    assert main(["run", small, "--port", port, "--user", "anna", "--second", "hugo", "--out", str(out)]) == 0
    events = [json.loads(line) for line in (out / "events.jsonl").read_text("utf-8").splitlines()]
    assert [event["what"] for event in events if event["kind"] == "denied"] == []
    assert "anna.start" in [event["what"] for event in events]


def test_a_role_that_may_not_is_told(tmp_path, small, monkeypatch, capsys):
    monkeypatch.setenv(who.CODE, peoples.STAFF["tom"][1])
    assert main(["run", small, "--port", port_of(tmp_path), "--user", "tom"]) == 2
    assert "tom (technician) is logged in; it is for a nurse: log in by --user NAME" in capsys.readouterr().err


def test_the_lock_is_set_with_a_code(tmp_path, monkeypatch, capsys):
    port = port_of(tmp_path)
    monkeypatch.setenv(who.CODE, peoples.STAFF["rita"][1])
    assert main(["lock", "1", "--port", port]) == 2
    assert main(["lock", "1", "--port", port, "--user", "rita"]) == 0
    assert "lock level 1" in capsys.readouterr().out
    assert main(["lock", "4", "--port", port, "--user", "rita"]) == 2
    assert main(["lock", "1", "--port", "sim://"]) == 2
    assert "picoinfuse access set" in capsys.readouterr().err


def test_a_lock_level_has_the_name_that_therapy_files_give_it(tmp_path, monkeypatch, capsys):
    port = port_of(tmp_path)
    monkeypatch.setenv(who.CODE, peoples.STAFF["rita"][1])
    for name, number in LOCKS.items():
        assert main(["lock", name, "--port", port, "--user", "rita"]) == 0
        assert f"lock level {number}" in capsys.readouterr().out


def test_a_status_tells_who_and_what_is_locked(tmp_path, capsys):
    assert main(["status", "--port", port_of(tmp_path)]) == 0
    assert "people     nobody is logged in; lock level 3" in capsys.readouterr().out
    assert main(["status", "--port", "sim://"]) == 0
    assert "people     open: nobody is known to this pump" in capsys.readouterr().out


def test_a_reason_is_given_on_the_command_line(small, tmp_path, capsys):
    port = "sim://?library=teaching"
    assert main(["run", small, "--port", port]) == 2
    assert "does not say which drug it gives: say it, or give a reason (--override REASON)" in capsys.readouterr().err
    assert main(["run", small, "--port", port, "--override", "practice"]) == 0
    other = tmp_path / "ward.toml"
    other.write_text(
        'version = "w"\npharmacist = "p"\n[drugs.x]\nconcentrations = ["1 mg/mL"]\nsource = "s"\n'
        'rate = { hard_max = "1 mg/h" }\n',
        "utf-8",
    )
    its = f"sim://?library={quote(str(other))}"
    assert main(["run", small, "--port", its]) == 2
    assert f"the drug library of the pump {Library.read(other).check:08x}" in capsys.readouterr().err
    assert main(["run", small, "--port", its, "--library", str(other)]) == 2
    assert "does not say which drug it gives" in capsys.readouterr().err
    assert main(["run", small, "--port", its, "--override", "practice"]) == 0
