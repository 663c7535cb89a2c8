"""The command `refill`: a planned syringe change at the terminal, asked for, told and refused."""

import pytest

from cabled import PORT, Cabled
from cli_work import SMALL
from picoinfuse import Option, Phase, Program
from picoinfuse.cli import main
from picoinfuse.errors import PumpAlarm


@pytest.fixture
def waiting(bench, monkeypatch):
    """A pump whose first of two syringes of 1 mL is empty."""
    phases = [Phase.rate("60 mL/h", volume="2 mL")]
    program = Program(phases, filled="1 mL", options=[Option.syringes(2)], alike=True)
    monkeypatch.setattr("picoinfuse.cli.board.reach", lambda port: bench.pump)
    bench.pump.start(program)
    with pytest.raises(PumpAlarm, match="syringe_change"):
        bench.pump.wait()
    bench.change_syringe()
    return bench.pump


def test_the_next_syringe_is_told_and_the_account_goes_on(waiting, capsys):
    assert main(["refill", "1 mL", "--yes"]) == 0
    said = capsys.readouterr().out
    assert "syringe change" in said
    assert said.endswith("It goes on.\n")
    status = waiting.wait()
    assert status.state == "complete"
    assert 0 <= 2_000_000 - status.delivered_nl < 400


def test_nobody_at_the_terminal_is_not_taken_for_yes(waiting, capsys):
    assert main(["refill", "1 mL"]) == 2
    assert "refill: there is nobody to ask; read the lines above, then add --yes" in capsys.readouterr().err
    assert waiting.status().state == "alarm"


def test_who_says_no_changes_nothing(waiting, capsys, monkeypatch):
    import typer

    asked = []
    monkeypatch.setattr(typer, "confirm", lambda question: asked.append(question) or False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert main(["refill", "1 mL"]) == 5
    assert asked == ["Is another syringe of the same kind fitted, with 1 mL in it, and may the program go on?"]
    assert waiting.status().state == "alarm"


@pytest.mark.parametrize(("volume", "says"), [("1 mg", "filled = '1 mg': is mass"), ("61 mL", "61 mL do not fit into")])
def test_what_cannot_be_in_it_is_refused(waiting, capsys, volume, says):
    assert main(["refill", volume, "--yes"]) == 2
    assert says in capsys.readouterr().err
    assert waiting.status().state == "alarm"


def test_without_a_program_that_waits_there_is_nothing_to_refill(bench, capsys, monkeypatch):
    monkeypatch.setattr("picoinfuse.cli.board.reach", lambda port: bench.pump)
    bench.advance("10 s")
    assert main(["refill", "50 mL", "--yes"]) == 2
    assert "refill: the pump is idle, no program is on it; there is nothing to go on with" in capsys.readouterr().err


def test_resume_before_the_next_syringe_is_told_names_the_command_for_it(waiting, capsys):
    assert main(["resume", "--yes"]) == 2
    assert "resume: the syringe is empty; fit the next one" in capsys.readouterr().err
    assert waiting.status().state == "alarm"


PLANNED = (
    SMALL.replace("small", "long")
    .replace('filled = "50 mL"', 'filled = "50 mL"\ncount = 3')
    .replace("40 mL/h", "300 mL/h")
    .replace('"1 mL"', '"150 mL"')
)


def test_less_than_was_planned_is_told_before_and_taken(tmp_path, monkeypatch, capsys):
    """30 mL into a plan of 50 mL were taken without a word, and the program ended in `empty`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PICOINFUSE_ARCHIVE", str(tmp_path / "pumps"))
    bench = Cabled(monkeypatch, seed=1).bench
    (tmp_path / "long.toml").write_text(PLANNED, "utf-8")
    assert main(["run", "long.toml", "--detach", *PORT]) == 0
    bench.advance("11 min")
    assert bench.pump.status().state == "alarm"
    bench.change_syringe()
    capsys.readouterr()
    assert main(["refill", "30 mL", *PORT]) == 2, "nobody is there to be asked"
    says = (
        "mind       planned were 50 mL in each of 3 syringes, and 30 mL are told\n"
        "           with it and 1 more as planned, about 20 mL of the 100 mL that are still to be given are missing"
    )
    assert says in capsys.readouterr().out
    assert main(["refill", "30 mL", "--yes", *PORT]) == 0, "what is fitted is never refused"
    assert says in capsys.readouterr().out
    bench.advance("7 min")
    assert bench.pump.status().alarm_names == ["syringe_change"]
    bench.change_syringe()
    capsys.readouterr()
    assert main(["refill", "50 mL", "--yes", *PORT]) == 0
    assert "mind       with it about 20 mL of the 70 mL that are still" in capsys.readouterr().out
    bench.advance("11 min")
    assert bench.pump.status().alarm_names == ["empty"]
    missing_nl = bench.pump.status().ordered_nl - bench.pump.status().delivered_nl
    assert missing_nl == pytest.approx(20_000_000, abs=100_000)  # the alarm comes up to a second later
    bench.change_syringe()
    capsys.readouterr()
    assert main(["refill", "20.5 mL", "--yes", *PORT]) == 0
    assert "mind" not in capsys.readouterr().out, "it is enough for the rest"


def test_as_planned_nothing_is_to_be_said(waiting, capsys):
    assert main(["refill", "1 mL", "--yes"]) == 0
    assert "mind" not in capsys.readouterr().out


def test_of_a_program_that_is_not_known_here_the_rest_is_told(waiting, capsys):
    assert main(["refill", "0.4 mL", "--yes"]) == 0
    assert "mind       0.4 mL are told, and 1 mL are still to be given: another syringe" in capsys.readouterr().out
