"""The commands `pause`, `acknowledge`, `mute`, `rate`, `bolus`, `demand` at a pump that runs, refused and done."""

import pytest
import typer

import peoples
from cabled import PORT, Cabled
from picoinfuse import PumpAlarm
from picoinfuse.cli import main, who
from picoinfuse.library import Library
from picoinfuse_firmware import wire
from wires import BadWire, is_answer

DRUG = """\
name = "drug"
title = "A drug"
source = "a test"
[drug]
name = "morphine"
concentration = "2 mg/mL"
route = "intravenous"
[patient]
weight = "50 kg"
[syringe]
name = "BD 60 mL"
filled = "50 mL"
[[phases]]
kind = "rate"
rate = "4 mL/h"
"""
BY_TIME = DRUG + 'duration = "5 h"\n'
BY_VOLUME = DRUG + 'volume = "20 mL"\n'
BOTH = BY_TIME + 'volume = "19 mL"\n'


@pytest.fixture
def cabled(tmp_path, monkeypatch):
    """A pump on a cable, and an archive of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PICOINFUSE_ARCHIVE", str(tmp_path / "pumps"))
    return Cabled(monkeypatch, seed=1)


@pytest.fixture
def running(cabled, tmp_path, capsys):
    """The same, an hour after a therapy was started on it, by its text."""

    def start(text, *more):
        (tmp_path / "drug.toml").write_text(text, "utf-8")
        assert main(["run", "drug.toml", "--detach", *PORT, *more]) == 0
        cabled.bench.advance("1 h")
        capsys.readouterr()
        return cabled.bench

    return start


def ordered(bench):
    """What a wrong dose or a second one would change: (state, rate, ordered) by the pump."""
    bench.pump.hello()  # the command had a session of its own
    status = bench.pump.status()
    return status.state, status.rate_nl_h, status.ordered_nl


# ---- the rate --------------------------------------------------------------------------------------------------------


def test_a_new_rate_of_a_step_by_time_says_the_dose_and_leaves_the_end(running, capsys):
    bench = running(BY_TIME)
    assert main(["rate", "2 mL/h", "--yes", *PORT]) == 0
    said = capsys.readouterr().out
    assert "drug, infusing: 4.0" in said
    assert "rate       4 mL/h (8 mg/h) -> 2 mL/h (4 mg/h), 0.5 times as fast\n" in said
    assert "end        as before, in 4 h" in said or "end        as before, in 3 h 59 min" in said
    assert "less: about 12" in said
    bench.advance("5 s")
    state, rate_nl_h, ordered_nl = ordered(bench)
    assert (state, rate_nl_h) == ("infusing", 2_000_000)
    assert ordered_nl == pytest.approx(12_000_000, abs=20_000)


def test_a_new_rate_of_a_step_by_volume_says_the_end_and_leaves_the_dose(running, capsys):
    bench = running(BY_VOLUME)
    assert main(["rate", "8 mL/h", "--yes", *PORT]) == 0
    said = capsys.readouterr().out
    assert "end        in 2 h" in said or "end        in 1 h 59 min" in said
    assert "dose       as ordered: 20 mL (40 mg) in all\n" in said
    bench.advance("5 s")
    assert ordered(bench) == ("infusing", 8_000_000, 20_000_000)
    assert bench.pump.status().remaining_ms == pytest.approx(2 * 3_600_000, abs=60_000)


def test_of_a_step_that_ends_with_what_comes_first_no_number_is_guessed(running, capsys):
    running(BOTH)
    assert main(["rate", "2 mL/h", "--yes", *PORT]) == 0
    assert "whichever comes first. The pump says both when it is done" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["4 mg/h", "1 ug/kg/min"])
def test_a_rate_in_units_of_the_drug_is_one_of_the_concentration_on_the_pump(running, capsys, text):
    bench = running(BY_TIME)
    assert main(["rate", text, "--therapy", "drug.toml", "--yes", *PORT]) == 0
    bench.advance("5 s")
    assert ordered(bench)[1] == {"4 mg/h": 2_000_000, "1 ug/kg/min": 1_500_000}[text]


def test_the_archive_knows_the_concentration_and_no_weight(running, capsys):
    bench = running(BY_TIME)
    assert main(["rate", "4 mg/h", "--yes", *PORT]) == 0
    bench.advance("5 s")
    assert ordered(bench)[1] == 2_000_000
    assert main(["rate", "4 ug/kg/min", "--yes", *PORT]) == 2
    assert "rate = '4 ug/kg/min': the patient's weight is not known here: write it in mL/h" in capsys.readouterr().err


def test_a_drug_that_is_not_known_here_is_asked_for_in_ml(running, capsys, monkeypatch):
    bench = running(BY_TIME)
    monkeypatch.setenv("PICOINFUSE_ARCHIVE", "")
    before = ordered(bench)
    assert main(["rate", "4 mg/h", "--yes", *PORT]) == 2
    assert "rate = '4 mg/h': what is in the syringe is not known here: write it in mL/h, or" in capsys.readouterr().err
    assert main(["bolus", "4 mg", "--rate", "60 mL/h", "--yes", *PORT]) == 2
    assert "bolus = '4 mg': what is in the syringe is not known here: write it in mL, or" in capsys.readouterr().err
    assert main(["rate", "4 mg/h", "--therapy", "morphine-pca", "--yes", *PORT]) == 2
    assert "therapy = 'morphine-pca': is not the program on the pump" in capsys.readouterr().err
    assert ordered(bench) == before
    assert main(["rate", "2 mL/h", "--yes", *PORT]) == 0
    said = capsys.readouterr().out
    assert "rate       4 mL/h -> 2 mL/h" in said
    assert "a step that ends with its volume takes another time for the same dose" in said


def test_another_concentration_is_never_taken_for_the_one_in_the_syringe(running, tmp_path, capsys):
    """The dose would be ten times as much; the check value of the program tells them apart where the drug is told."""
    bench = running(BY_TIME)
    before = ordered(bench)
    (tmp_path / "other.toml").write_text(BY_TIME.replace("2 mg/mL", "0.2 mg/mL").replace("4 mL/h", "4.1 mL/h"), "utf-8")
    assert main(["rate", "4 mg/h", "--therapy", "other.toml", "--yes", *PORT]) == 2
    assert "is not the program on the pump" in capsys.readouterr().err
    assert ordered(bench) == before


# ---- what changes nothing --------------------------------------------------------------------------------------------

CHANGES = (["rate", "8 mL/h"], ["bolus", "2 mL", "--rate", "100 mL/h"])


@pytest.mark.parametrize("command", CHANGES)
def test_who_says_no_or_is_not_asked_changes_nothing(running, capsys, monkeypatch, command):
    bench = running(BY_VOLUME)
    before = ordered(bench)
    assert main([*command, *PORT]) == 2
    assert f"{command[0]}: there is nobody to ask; read the lines above, then add --yes" in capsys.readouterr().err
    asked = []
    monkeypatch.setattr(typer, "confirm", lambda question: asked.append(question) or False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert main([*command, *PORT]) == 5
    assert asked == [{"rate": "Change the rate now?", "bolus": "Give this bolus now, beside what runs?"}[command[0]]]
    bench.advance("1 min")
    assert ordered(bench) == before


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["rate", "9000 mL/h"], "rate = '9000 mL/h': the rate 9000 mL/h is above"),
        (["rate", "0 mL/h"], "rate = '0 mL/h': must be more than 0; to stand still use a pause"),
        (["rate", "2"], "rate = '2': has no unit"),
        (["rate", "2 mL"], "rate = '2 mL'"),
        (["rate", "2 U/h"], "counts the drug by activity, and its concentration = '2 mg/mL' does not"),
        (
            ["bolus", "200 mL", "--rate", "100 mL/h"],
            "bolus = '200 mL' at '100 mL/h': 200 mL are ordered, 20 mL are in the syringe",
        ),
        (["bolus", "2 mL/h", "--rate", "100 mL/h"], "is a rate, not a volume"),
        (["bolus", "0 mL", "--rate", "100 mL/h"], "volume = '0 mL': must be at least 1 nL"),
    ],
)
def test_a_refusal_names_what_was_asked_for_and_changes_nothing(running, capsys, command, says):
    bench = running(BY_VOLUME.replace('filled = "50 mL"', 'filled = "40 mL"'))
    before = ordered(bench)
    assert main([*command, "--yes", *PORT]) == 2
    assert says in capsys.readouterr().err
    bench.advance("1 min")
    assert ordered(bench) == before


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ([*CHANGES[0], "--yes"], "idle, no program is on it; nothing is infused whose rate could be changed"),
        ([*CHANGES[1], "--yes"], "idle, no program is on it; nothing is infused beside which a bolus could be given"),
        (["pause"], "nothing moves that could be paused"),
        (["acknowledge"], "there is no alarm to acknowledge"),
        (["mute", "3 min"], "mute = '3 min': an audio pause of 3 min is above 2 min"),
        (["mute", "3"], "has no unit"),
        (["demand"], "demand: the program on the pump has no option for this"),
    ],
)
def test_at_a_pump_at_rest_the_reason_is_told(cabled, capsys, command, says):
    cabled.bench.advance("10 s")
    assert main([*command, *PORT]) == 2
    assert says in capsys.readouterr().err
    assert cabled.bench.pump.status().state == "idle"


def test_a_pump_that_was_paused_while_the_person_thought_takes_no_change(running, capsys, monkeypatch):
    bench = running(BY_VOLUME)

    def think(question):
        bench.pump.pause()
        return True

    monkeypatch.setattr(typer, "confirm", think)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert main(["bolus", "2 mL", "--rate", "100 mL/h", *PORT]) == 2
    assert "nothing was proposed, or something else happened since" in capsys.readouterr().err
    assert ordered(bench)[2] == 20_000_000


# ---- a bolus ---------------------------------------------------------------------------------------------------------


def test_a_bolus_is_told_in_drug_and_volume_before_it_is_given_and_counts_once(running, capsys):
    bench = running(BY_VOLUME)
    assert main(["bolus", "4 mg", "--rate", "100 mL/h", "--yes", *PORT]) == 0
    said = capsys.readouterr().out
    assert "bolus      2 mL (4 mg) at 100 mL/h (200 mg/h), in 1 min 12 s\n" in said
    assert "beside     4 mL/h (8 mg/h) that flows now\n" in said
    assert "dose       22 mL (44 mg) in all, not 20 mL (40 mg)\n" in said
    before_nl = bench.pump.status().delivered_nl
    bench.advance("90 s")
    assert ordered(bench)[2] == 22_000_000
    assert bench.pump.status().delivered_nl - before_nl == pytest.approx(2_100_000, abs=10_000)


def test_while_a_bolus_runs_a_new_rate_says_no_number_that_would_be_wrong(running, capsys):
    running(BY_VOLUME)
    assert main(["bolus", "2 mL", "--rate", "100 mL/h", "--yes", *PORT]) == 0
    capsys.readouterr()
    assert main(["rate", "2 mL/h", "--yes", *PORT]) == 0
    assert "The pump says both when it is done" in capsys.readouterr().out


class Applies:
    """A predicate for a line of the pump: the answer to an `apply`, so often."""

    def __init__(self, times):
        self.times = times
        self.next = False

    def sent(self, line):
        message = wire.decode(line.rstrip(b"\r\n"))
        self.next = message is not None and message[1] == "apply"
        return False

    def __call__(self, line):
        if self.next and is_answer(line) and self.times:
            self.times -= 1
            return True
        return False


def over_a_bad_wire(monkeypatch, bench, lost):
    """Let every command reach the pump by a wire that loses these answers."""
    import picoinfuse
    from picoinfuse import Pump

    def connect(url):
        port = BadWire(bench, lose_request=lost.sent, lose=lost)
        port.truth = lambda: None
        return Pump(port)

    monkeypatch.setattr(picoinfuse, "connect", connect)


def boluses(bench):
    return [event for event in bench.pump.events() if event.kind == "bolus" and event.what != "program"]


BOLUS = ["bolus", "2 mL", "--rate", "100 mL/h", "--yes", *PORT]


def test_a_lost_answer_is_repaired_and_the_bolus_is_given_once(running, monkeypatch, capsys):
    bench = running(BY_VOLUME)
    over_a_bad_wire(monkeypatch, bench, Applies(2))
    assert main(BOLUS) == 0
    bench.advance("2 min")
    assert ordered(bench)[2] == 22_000_000


def test_no_answer_at_all_says_so_and_the_same_command_again_gives_no_second_bolus(running, monkeypatch, capsys):
    """A person, or a script, that gets status 4 says the command again: it must not be the second bolus."""
    bench = running(BY_VOLUME)
    over_a_bad_wire(monkeypatch, bench, Applies(99))
    assert main(BOLUS) == 4
    assert "bolus: it was sent and not answered, so nobody knows here whether it was done" in capsys.readouterr().err
    bench.advance("2 min")
    over_a_bad_wire(monkeypatch, bench, Applies(0))
    assert main(BOLUS) == 2
    said = capsys.readouterr().err
    assert (
        "bolus: nothing was asked for now. What was asked for before, and not answered, came through: bolus 2 mL at"
        in said
    )
    bench.advance("2 min")
    assert ordered(bench)[2] == 22_000_000
    assert main(BOLUS) == 0, "said once more it is another one"
    bench.advance("2 min")
    assert ordered(bench)[2] == 24_000_000


def test_a_request_that_never_came_is_told_and_the_next_one_is_given_once(running, monkeypatch, capsys):
    bench = running(BY_VOLUME)

    class Cut(Applies):
        def sent(self, line):
            message = wire.decode(line.rstrip(b"\r\n"))
            return message is not None and message[1] == "apply"

    over_a_bad_wire(monkeypatch, bench, Cut(0))
    assert main(BOLUS) == 4
    capsys.readouterr()
    over_a_bad_wire(monkeypatch, bench, Applies(0))
    assert main(BOLUS) == 0
    assert "before     bolus 2 mL at 100 mL/h" in capsys.readouterr().out
    bench.advance("2 min")
    assert ordered(bench)[2] == 22_000_000


# ---- pause, acknowledge, mute, demand --------------------------------------------------------------------------------


def test_a_pause_stands_still_until_it_is_resumed(running, capsys):
    bench = running(BY_VOLUME)
    assert main(["pause", *PORT]) == 0
    said = capsys.readouterr().out
    assert "The pump is paused: 4.0" in said
    assert "Go on: picoinfuse resume --port /dev/ttyACM0" in said
    bench.advance("5 s")
    still = bench.board.steps()
    bench.advance("1 min")
    assert bench.board.steps() == still
    assert main(["resume", "--yes", *PORT]) == 0
    bench.advance("1 min")
    assert bench.board.steps() > still


def test_an_alarm_is_muted_acknowledged_when_its_cause_is_gone_and_nothing_restarts(cabled, tmp_path, capsys):
    bench = cabled.bench
    (tmp_path / "drug.toml").write_text(BY_VOLUME.replace("4 mL/h", "100 mL/h"), "utf-8")
    assert main(["run", "drug.toml", "--detach", *PORT]) == 0
    bench.advance("10 s")
    bench.line.clamp()
    with pytest.raises(PumpAlarm, match="occlusion"):
        bench.pump.wait()
    bench.advance("20 s")
    capsys.readouterr()
    assert main(["mute", "1 min", *PORT]) == 0
    assert "The sound is paused for 1 min; alarms: occlusion.\n" in capsys.readouterr().out
    assert main(["mute", "0 s", *PORT]) == 0
    assert "The sound is not paused; alarms: occlusion.\n" in capsys.readouterr().out
    bench.line.release()
    bench.advance("5 s")
    assert main(["acknowledge", *PORT]) == 0
    said = capsys.readouterr().out
    assert "Acknowledged: occlusion.\nThe pump is paused: " in said
    bench.advance("5 s")
    still = bench.board.steps()
    bench.advance("10 s")
    assert bench.board.steps() == still


def test_a_patient_asks_for_a_bolus_and_the_pump_says_when_the_next_one_comes(cabled, capsys):
    assert main(["run", "morphine-pca", "--detach", *PORT]) == 0
    cabled.bench.advance("10 min")
    capsys.readouterr()
    assert main(["demand", *PORT]) == 0
    assert (
        "The bolus is being given.\n1 of 1 that were asked for were given; the next one in" in capsys.readouterr().out
    )
    before = ordered(cabled.bench)
    assert main(["demand", *PORT]) == 2
    assert "demand: " in capsys.readouterr().err
    assert ordered(cabled.bench)[2] == before[2]


def test_a_nurse_who_is_named_changes_the_rate_and_nobody_else_does(tmp_path, monkeypatch, capsys):
    for name in (who.USER, who.SECOND, who.CODE, who.SECOND_CODE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    cabled = Cabled(monkeypatch, seed=1, texts={"access": peoples.file()})
    cabled.bench.advance("3 s")
    monkeypatch.setenv(who.CODE, peoples.STAFF["anna"][1])
    (tmp_path / "drug.toml").write_text(BY_VOLUME, "utf-8")
    assert main(["run", "drug.toml", "--detach", "--user", "anna", *PORT]) == 0
    cabled.bench.advance("1 h")
    before = ordered(cabled.bench)
    for command in (*CHANGES, ["pause"]):
        assert main([*command, *([] if command == ["pause"] else ["--yes"]), *PORT]) == 2
        assert "nobody is logged in, which counts as the patient" in capsys.readouterr().err
    assert ordered(cabled.bench) == before
    assert main(["rate", "2 mL/h", "--yes", "--user", "anna", *PORT]) == 0
    cabled.bench.advance("5 s")
    assert ordered(cabled.bench)[1] == 2_000_000
    assert main(["mute", *PORT]) == 0, "is for everybody"

    def think(question):
        cabled.bench.advance("4 min")  # and the login is over
        return True

    monkeypatch.setattr(typer, "confirm", think)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert main(["bolus", "1 mL", "--rate", "100 mL/h", "--user", "anna", *PORT]) == 0
    cabled.bench.advance("1 min")
    assert ordered(cabled.bench)[2] == 21_000_000


# ---- a pump with a drug library --------------------------------------------------------------------------------------


def test_a_soft_limit_needs_a_reason_and_a_hard_one_takes_none(tmp_path, monkeypatch, capsys):
    """With a library the program has another check value than its file: the archive knows the one on the pump."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PICOINFUSE_ARCHIVE", str(tmp_path / "pumps"))
    bench = Cabled(monkeypatch, seed=1, texts={"library": Library.read("teaching").text}).bench
    bench.advance("3 s")
    (tmp_path / "drug.toml").write_text(BY_VOLUME.replace('"4 mL/h"', '"0.4 mL/h"').replace("20 mL", "2 mL"), "utf-8")
    assert main(["run", "drug.toml", "--detach", "--override", "test", *PORT]) == 0
    bench.advance("10 min")
    before = ordered(bench)
    capsys.readouterr()
    assert main(["rate", "2 mg/h", "--yes", *PORT]) == 2
    assert "rate = '2 mg/h': rate 2 mg/h is above the soft limit 1 mg/h of the drug library" in capsys.readouterr().err
    assert main(["rate", "20 mg/h", "--yes", "--override", "pain", *PORT]) == 2
    assert "which no reason passes" in capsys.readouterr().err
    assert ordered(bench) == before
    assert main(["rate", "2 mg/h", "--yes", "--override", "pain", *PORT]) == 0
    assert "drug, infusing: " in capsys.readouterr().out
    bench.advance("5 s")
    assert ordered(bench)[1] == 1_000_000


def test_a_step_without_a_rate_says_so_and_not_to_try_again(running, capsys):
    bench = running(DRUG.replace('kind = "rate"\nrate = "4 mL/h"', 'kind = "pause"\nduration = "2 h"\n[[phases]]') + (
        'kind = "rate"\nrate = "4 mL/h"\nvolume = "2 mL"\n'
    ))  # fmt: skip
    before = ordered(bench)
    assert main(["rate", "2 mL/h", "--yes", *PORT]) == 2
    assert "step 1 of drug runs, which is a pause: only a step of constant rate" in capsys.readouterr().err
    assert ordered(bench) == before


def test_a_damaged_note_of_what_was_asked_for_stops_the_next_bolus(running, tmp_path, capsys):
    bench = running(BY_VOLUME)
    (tmp_path / "pumps" / f"{bench.board.flash.journal_id}.requests.jsonl").write_text("no entry\n", "utf-8")
    before = ordered(bench)
    assert main(BOLUS) == 2
    assert "bolus: what was asked for before cannot be read" in capsys.readouterr().err
    assert ordered(bench) == before
