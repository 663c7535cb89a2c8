"""What was ordered beside the program is told as ordered, and the difference to what was delivered is a true one."""

import json

import pytest

from picoinfuse import Option, Phase, Program, Record, connect, ordered
from picoinfuse.closed_loop import Loop
from picoinfuse_sim import Bench

PCA = Program(
    [Phase.bolus("1 mL", "60 mL/h"), Phase.pause("20 min")],
    options=[Option.demand("0.5 mL", "60 mL/h", "5 min")],
)


def run(order, *presses, **world):
    """The record of a run in which the patient presses at some minutes."""
    bench = Bench(seed=3, **world)
    for minutes in presses:
        bench.at(f"{minutes} min", lambda: bench.press("bolus"))
    return bench.pump.run(order)


def difference_ml(record):
    """What the summary says that was delivered beyond what was ordered."""
    line = next(line for line in record.summary().splitlines() if line.startswith("  delivered"))
    return float(line.rpartition("(")[2].removesuffix(" mL)"))


def test_boluses_that_were_granted_are_ordered_and_no_over_delivery():
    """Bug: "programmed 7, delivered 23 (+16)" for a PCA in which the pump gave exactly what the patient was granted."""
    record = run(PCA, 3, 4, 12)
    its = ordered.of(record)
    assert (its.asked, its.given, its.demand_nl, its.boluses, its.changed_nl) == (3, 2, 1_000_000, 0, 0)
    assert record.result()["ordered_ml"] == 2.0
    assert -0.001 < difference_ml(record) <= 0
    words = record.summary()
    assert "programmed  1.0000 mL" in words
    assert "by demand   1.0000 mL: of 3 boluses that the patient asked for, 2 given" in words
    assert "ordered     2.0000 mL in all" in words


def test_where_the_program_is_all_that_was_ordered_nothing_more_is_told():
    words = run(Program.continuous("120 mL/h", "1 mL")).summary()
    assert "programmed  1.0000 mL" in words
    assert "\n  ordered" not in words


def test_a_bolus_by_a_person_and_a_change_of_the_rate_are_told_apart():
    bench = Bench(seed=3)
    bench.at("1 min", lambda: bench.pump.bolus("0.5 mL", "60 mL/h"))
    bench.at("2 min", lambda: bench.pump.rate("30 mL/h"))
    record = bench.pump.run(Program.continuous("60 mL/h", duration="4 min"))
    its = ordered.of(record)
    assert (its.boluses, its.bolus_nl, its.changes) == (1, 500_000, 1)
    assert -1_030_000 < its.changed_nl < -970_000  # half of the rate for two minutes, but for the look-ahead
    assert -0.001 < difference_ml(record) <= 0
    assert "by people   0.5000 mL in 1 bolus\n" in record.summary()
    assert "mL, by 1 change of the rate" in record.summary()


def test_what_a_closed_loop_changed_is_told_as_its_own():
    """Bug: a day of insulin, 1.92 mL by the set basal rate, read as 0.97 mL too much."""
    loop = Loop(basal_u_h=1, sensitivity_mg_dl_per_u=40, max_basal_u_h=3, max_on_board_u=3)
    with connect("sim://?seed=3&syringe=BD%2010%20mL&patient=hovorka,start=250") as pump:
        record = pump.run(loop.program(hours=2))
    its = ordered.of(record)
    assert its.by_loop > 0
    assert its.changed_nl > 0
    assert its.total_nl == record.telemetry[-1].ordered_nl
    assert -0.001 < difference_ml(record) <= 0
    assert "by the closed loop, which set the rate" in record.summary()


def test_a_run_that_was_stopped_lacks_what_was_not_given():
    bench = Bench(seed=3)
    bench.at("1 min", bench.pump.stop)
    record = bench.pump.run(Program.continuous("60 mL/h", "4 mL"))
    assert record.result()["ordered_ml"] == 4.0
    assert difference_ml(record) == pytest.approx(-3, abs=0.05)


def test_an_older_record_tells_the_same_from_its_telemetry(tmp_path):
    words = run(PCA, 3).summary()
    bench = Bench(seed=3)
    bench.at("3 min", lambda: bench.press("bolus"))
    record = bench.pump.run(PCA, out=tmp_path)
    meta = json.loads((tmp_path / "meta.json").read_text(encoding="utf-8"))
    del meta["result"]["ordered_ml"]
    (tmp_path / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    again = Record.read(tmp_path)
    assert ordered.of(again) == ordered.of(record)
    assert again.summary().partition("\n  record")[0] == words
