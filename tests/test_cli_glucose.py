"""The commands `glucose` and `meal` at a pump with a closed loop: what is told, refused, and asked for first."""

import pytest
import typer

from picoinfuse import Therapy
from picoinfuse.cli import main
from picoinfuse_firmware import states

MEAL = ["meal", "insulin-loop", "45 g", "--ratio", "15 g/U"]


@pytest.fixture
def pump(bench, monkeypatch):
    """A pump of the command line, on which the shipped closed loop has run for a minute."""
    bench.change_syringe("BD 5 mL")
    monkeypatch.setattr("picoinfuse.cli.glucose.reach", lambda port: bench.pump)
    bench.pump.start("insulin-loop")
    bench.advance("1 min")
    return bench.pump


def test_a_reading_is_told_and_what_the_loop_makes_of_it(bench, pump, capsys):
    assert main(["glucose", "5.8 mmol/L"]) == 0
    said = capsys.readouterr().out
    assert "glucose    104 mg/dL (5.8 mmol/L)\n" in said
    assert "loop       0.08 mL/h: glucose is where it should be\n" in said
    assert "U beyond the set basal rate (teaching model)" in said


def test_the_same_in_either_unit(bench, pump, capsys):
    assert main(["glucose", "10 mmol/L"]) == 0
    first = capsys.readouterr().out
    bench.advance("5 min")
    assert main(["glucose", "180 mg/dL"]) == 0
    assert first.splitlines()[0] == capsys.readouterr().out.splitlines()[0] == "glucose    180 mg/dL (10.0 mmol/L)"


def test_a_low_reading_stops_the_basal_insulin(bench, pump, capsys):
    assert main(["glucose", "60 mg/dL"]) == 0
    assert "no basal insulin: glucose is low, or soon will be" in capsys.readouterr().out
    bench.advance("1 min")
    assert pump.status().rate_nl_h == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("6.4 mg/dL", "is 6.4 mg/dL or 0.3552 mmol/L, beyond 10 to 1000 mg/dL; is the unit right?"),
        ("115 mmol/L", "is 2072 mg/dL or 115 mmol/L, beyond"),
        ("6.4", "has no unit; write e.g. glucose = '6.4 mmol/L'"),
        ("6.4 mL/h", "is no glucose; write e.g. '6.4 mmol/L' or '115 mg/dL'"),
        ("high", "does not begin with a number"),
    ],
)
def test_a_slip_of_the_unit_never_reaches_the_pump(pump, capsys, text, says):
    assert main(["glucose", text]) == 2
    assert says in capsys.readouterr().err
    assert main(["glucose", "104 mg/dL"]) == 0, "it would be too soon after another one"


def test_a_reading_that_the_pump_does_not_believe_says_what_the_pump_does(bench, pump, capsys):
    """A sensor shows nothing below 40 mg/dL: the pump takes it for low, and gives nothing."""
    assert main(["glucose", "104 mg/dL"]) == 0
    bench.advance("5 min")
    capsys.readouterr()
    assert main(["glucose", "1.9 mmol/L"]) == 2
    said = capsys.readouterr().err
    assert "glucose = 34 mg/dL: a glucose of 34 mg/dL is beyond 40 mg/dL" in said
    assert "nothing if this one was low" in said
    bench.advance("1 min")
    assert pump.status().rate_nl_h == 0


def test_a_second_reading_too_soon_and_one_too_old_leave_the_loop_as_it_is(pump, capsys):
    assert main(["glucose", "104 mg/dL"]) == 0
    assert main(["glucose", "105 mg/dL"]) == 2
    assert "goes on with the readings that it has" in capsys.readouterr().err
    assert main(["glucose", "105 mg/dL", "--age", "1 h"]) == 2
    assert "a reading 1 h old" in capsys.readouterr().err


def test_without_a_loop_that_is_said(bench, monkeypatch, capsys):
    monkeypatch.setattr("picoinfuse.cli.glucose.reach", lambda port: bench.pump)
    assert main(["glucose", "104 mg/dL"]) == 2
    assert "no closed loop runs on this pump" in capsys.readouterr().err


# ---- food ----------------------------------------------------------------------------------------------------


def test_a_meal_is_told_in_units_before_it_is_given_and_counts_as_ordered(bench, pump, capsys):
    before = pump.status()
    assert main([*MEAL, "--yes"]) == 0
    said = capsys.readouterr().out
    assert "45 g of carbohydrate at 15 g for a unit: 3.00 U of insulin, 0.3000 mL of 10 U/mL at 10 mL/h" in said
    assert pump.status().ordered_nl - before.ordered_nl == 300_000
    bench.advance("3 min")
    given_nl = pump.status().delivered_nl - before.delivered_nl
    assert 300_000 - 100 <= given_nl <= 300_000 + 80_000 * 4 // 60


def test_who_says_no_or_is_not_asked_gives_nothing(pump, capsys, monkeypatch):
    ordered_nl = pump.status().ordered_nl
    assert main(MEAL) == 2
    assert "meal: there is nobody to ask; read the lines above, then add --yes" in capsys.readouterr().err
    asked = []
    monkeypatch.setattr(typer, "confirm", lambda question: asked.append(question) or False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert main(MEAL) == 5
    assert asked == ["Give this bolus now, beside the basal rate?"]
    assert pump.status().ordered_nl == ordered_nl


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["insulin-loop", "45", "--ratio", "15 g/U"], "food = '45': has no unit; write e.g. food = '45 g'"),
        (["insulin-loop", "450 g", "--ratio", "15 g/U"], "food = '450 g': is beyond 1 to 250 g; is it meant?"),
        (["insulin-loop", "45 U", "--ratio", "15 g/U"], "food = '45 U': is not in g"),
        (["insulin-loop", "45 g", "--ratio", "15 U/g"], "--ratio = '15 U/g': is not in g/U"),
        (["insulin-loop", "45 g", "--ratio", "1 g/U"], "--ratio = '1 g/U': is beyond 2 to 100 g/U"),
        (["morphine-pca", "45 g", "--ratio", "15 g/U"], "says no concentration in units"),
        (["oxytocin", "45 g", "--ratio", "15 g/U"], "therapy = 'oxytocin': is not the program on the pump"),
    ],
)
def test_what_cannot_be_a_meal_gives_nothing(pump, capsys, arguments, says):
    ordered_nl = pump.status().ordered_nl
    assert main(["meal", *arguments, "--yes"]) == 2
    assert says in capsys.readouterr().err
    assert pump.status().ordered_nl == ordered_nl


def test_never_more_than_the_ratio_says(pump, capsys):
    before_nl = pump.status().ordered_nl
    assert main(["meal", "insulin-loop", "10 g", "--ratio", "3 g/U", "--yes"]) == 0
    assert pump.status().ordered_nl - before_nl == 333_333
    assert "3.33 U" in capsys.readouterr().out


def test_a_bolus_that_the_pump_refuses_is_no_bolus(bench, pump, capsys):
    pump.pause()
    assert pump.status().state == states.PAUSED
    assert main([*MEAL, "--yes"]) == 2
    assert "is being given" not in capsys.readouterr().out
    assert pump.status().check == Therapy.read("insulin-loop").program.check
