"""Every shipped therapy, whole, on the real firmware in virtual time: given as ordered, and no alarm but the expected.

The orders are written down here a second time, from the clinical numbers, so that a slip in a file is seen.
"""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from picoinfuse import AutoNurse, Phase, Therapy
from picoinfuse.plan import plan
from picoinfuse.rehearsal import rehearse, world_of
from picoinfuse.therapy import shipped
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.dose import step_of
from picoinfuse_sim import Bench

H, MIN = 3600, 60
USUAL = {"near_end": 1, "end": 1}


def changed(times):
    """The alarms of a therapy that takes a new syringe so many times."""
    return {**USUAL, "syringe_change": times}


# name: (volume in mL that the program orders, duration in seconds without the pauses for syringe changes,
#        keep-vein-open in mL, alarms)
ORDERS = {
    "aciclovir": (10 * 10 / 5, H, 0, USUAL),  # 10 mg/kg, 10 kg, 5 mg/mL
    "fluorouracil": (92, 46 * H, 0, changed(1)),  # 2400 mg/m2 x 1.8 m2 of 4320 mg in 92 mL
    "hepatic-fudr": (0.2 * 70 * 14 / 5, 14 * 24 * H, 0, changed(3)),  # mg/kg/day, kg, days, mg/mL
    "home-antibiotic": (3 * 50, 20 * H, 2 * 4 * 0.5, changed(2)),
    "hydration-bolus": (20 * 10, 30 * MIN, 0, changed(3)),
    "infliximab": (250, (3 * 15 + 30) * MIN + 155 / 150 * H, 0, changed(4)),
    "insulin-loop": (24 * 0.8 / 10, 24 * H, 0, USUAL),  # 0.8 U/h of 10 U/mL, and what the loop makes of it
    "intraperitoneal": (1000, 2 * H, 0, changed(7)),
    "labour-antibiotic": ((3 + 1.5 + 1.5) / 0.06, 8.5 * H, 2 * 3.5 * 0.5, changed(1)),  # g, g/mL
    "labour-epidural": (8 * 6, 8 * 45 * MIN, 0, USUAL),
    "labour-fluids": ((40 + 20 + 50) * 4, 4 * H, 0, changed(3)),
    "methylprednisolone": (3 * 50, 49 * H, 0, changed(2)),
    "morphine-pca": (0.1 * 70 / 1, 12 * H, 0, USUAL),  # the loading dose, and what the patient asks for
    "nutrition": (2000, 12 * H, 0, changed(14)),
    "sepsis-fluid": (20 * 10, 15 * MIN, 0, changed(3)),
    "subcutaneous-hydration": (200, 4 * H, 0, changed(1)),
    "vancomycin": (1000 / 5, 100 * MIN, 0, changed(3)),
    "ceftriaxone": (50, 40 * MIN, 3 / 6, USUAL),
    "chronic-pain": (12 / 10, 12 * H, 0, USUAL),  # 1 mg/h of 10 mg/mL, and what the patient asks for
    "child-at-home": (50 * 10 / 20, 45 * MIN, 0.5 / 4, USUAL),  # 50 mg/kg, 10 kg, 20 mg/mL
    "hydration": (40, H, 0, USUAL),
    "intrathecal": (12 / 5, 24 * H, 0, USUAL),  # 12 mg of 5 mg/mL at 0.1 mL/h
    "iron-sucrose": (50, 15 * MIN, 0, USUAL),
    "oxytocin": (1 * 30 / 10 + 2 * 60 / 10, 90 * MIN, 0, USUAL),  # mU/min, min, mU/mL
    "port-flush": (20, 10 * 12 + 9 * 2, 0, {"end": 1}),
    "port-lock": (500 / 100, 150, 0, {"end": 1}),  # U, U/mL
    "profile": (5 + 35 / 12 + 2 * (2 + 2.5) - 25 / 12, H, 1 / 6, USUAL),
    "sepsis-antibiotic": (80 * 10 / 20, 40 * MIN, 3 / 6, USUAL),
    "subcutaneous-biologic": (600 / 120, 5 * MIN, 0, USUAL),
}


# Up to millions of motor steps: for these the simulated world has no stick-slip and no errors, which is quicker.
LARGE = (
    "hydration-bolus", "infliximab", "intraperitoneal", "labour-fluids", "nutrition", "sepsis-fluid",
    "subcutaneous-hydration", "vancomycin",
)  # fmt: skip
LED = ("morphine-pca", "chronic-pain", "insulin-loop")  # by the patient, or by a glucose sensor
NURSE_S = 150  # at most until she has changed a syringe


def run_whole(name, monkeypatch=None):
    """Run a therapy as `picoinfuse therapies --all` does, and look at what came of it; returns its record."""
    therapy = Therapy.read(name)
    program = therapy.program
    volume_ml, duration_s, kvo_ml, expected = ORDERS[name]
    if monkeypatch is not None:
        fitting = world_of(therapy)
        monkeypatch.setattr("picoinfuse.rehearsal.world_of", lambda _: {**fitting, "ideal": "yes"})
    row, record = rehearse(therapy)
    step_ml = step_of(Config(), program.syringe.barrel_um).nl_of(1) / 1e6 + 1e-6
    assert row.outcome == "complete"
    assert row.programmed_ml == pytest.approx(volume_ml, abs=2e-6)  # floored to a nanolitre
    assert 0 <= row.ordered_ml - row.delivered_ml <= step_ml
    if name not in LED:
        assert row.ordered_ml == pytest.approx(row.programmed_ml, abs=1e-6)
    assert Counter(row.alarms) == Counter(expected)
    kvo = record.telemetry[-1].kvo_nl / 1e6
    assert kvo <= kvo_ml + step_ml
    # What a syringe and its line can hold back, or lose when it is changed, at the most.
    held_ml = program.occlusion_mmhg * 3.7e-3 * program.syringes
    assert abs(record.result()["patient_ml"] - row.delivered_ml - kvo_ml) < held_ml
    assert -1.5 < row.duration_s - duration_s < 1.5 + (program.syringes - 1) * NURSE_S
    return record


@pytest.mark.parametrize(
    "name", sorted(set(ORDERS) - {"port-flush", "fluorouracil", "home-antibiotic", "nutrition", *LED})
)
def test_it_is_given_whole_as_ordered_with_the_expected_alarms_only(name, monkeypatch):
    run_whole(name, monkeypatch if name in LARGE else None)


def test_every_shipped_therapy_has_its_order_written_down_here():
    assert sorted(ORDERS) == shipped()


def changes(record):
    """When a syringe was called for in seconds since the start, the pauses for those before it left out."""
    found, paused_ms, since = [], 0, None
    for event in record.events:
        if event.kind == "alarm" and event.what == "syringe_change":
            found.append((event.at_ms - record.started_ms - paused_ms) / 1000)
            since = event.at_ms
        elif event.kind == "state" and event.what in ("infusing", "kvo") and since is not None:
            paused_ms, since = paused_ms + event.at_ms - since, None
    return found


def test_a_port_is_flushed_in_pushes_with_rests():
    begun = Counter(event.what for event in run_whole("port-flush").events if event.kind == "phase")
    assert begun == {"rate": 10, "pause": 9}


def test_the_second_syringe_of_5fu_is_called_for_after_23_hours():
    assert changes(run_whole("fluorouracil")) == pytest.approx([23 * H], abs=2)


def test_the_antibiotic_at_home_gets_a_new_syringe_between_two_doses():
    """A dose and what keeps the vein open until the next one are one syringe."""
    assert changes(run_whole("home-antibiotic")) == pytest.approx([8 * H, 16 * H], abs=15)


def test_nutrition_gets_its_syringes_when_the_plan_says(monkeypatch):
    planned = [load.at_s for load in plan(Therapy.read("nutrition").program)[1:]]
    assert changes(run_whole("nutrition", monkeypatch)) == pytest.approx(planned, abs=2)


def test_the_antibiotic_of_sepsis_follows_its_fluid():
    """Two fluids are two therapies; on one pump the second one is loaded when the first is complete."""
    fluid, antibiotic = Therapy.read("sepsis-fluid"), Therapy.read("sepsis-antibiotic")
    assert antibiotic.file.follows == fluid.name
    bench = Bench(seed=0, syringe=fluid.program.syringe.name, filled_ml=50, ideal=True)
    nurse = AutoNurse(seed=0)
    assert bench.pump.run(fluid, nurse=nurse).result()["outcome"] == "complete"
    bench.change_syringe()
    record = bench.pump.run(antibiotic, nurse=nurse)
    assert record.result()["outcome"] == "complete"
    assert record.result()["delivered_ml"] == pytest.approx(40, abs=0.001)
    assert {alarm["code"] for alarm in record.alarms()} == {"near_end", "end"}


def most_in(record, window_s, own=()):
    """The most that was given as boluses in any window, in mL: what the patient was given, and own (at_s, mL)."""
    given = [*own]
    for event in record.events:
        if event.kind == "demand" and event.what == "given":
            given.append(((event.at_ms - record.started_ms) / 1000, event.value / 1e6))
    return max(sum(ml for at_s, ml in given if since <= at_s < since + window_s) for since, _ in given)


def test_pca_gives_what_the_patient_asks_for_within_lockout_and_limits():
    record = run_whole("morphine-pca")
    given = [event.at_ms for event in record.events if event.kind == "demand" and event.what == "given"]
    asked = [event for event in record.events if event.kind == "demand"]
    assert 5 < len(given) < len(asked)
    assert min(after - before for before, after in pairwise(given)) >= 8 * MIN * 1000
    assert most_in(record, H, own=[(0, 7)]) <= 10  # mL of 1 mg/mL: 10 mg in an hour, the loading dose counts
    assert most_in(record, 4 * H, own=[(0, 7)]) <= 40
    assert record.telemetry[-1].ordered_nl == (7 + len(given)) * 1_000_000


def test_a_relative_who_presses_all_day_gets_no_more_than_the_limits():
    """The lockout and the limits hold, whoever presses; what they cannot see is that the patient sleeps."""
    therapy = Therapy.read("morphine-pca")
    phases = [therapy.program.phases[0], Phase.pause("5 h")]
    shorter = replace(therapy, program=therapy.program.with_phases(phases))
    row, record = rehearse(shorter, patient="pca,weight=70,relief=80", fault="by_proxy@1min:2min")
    assert row.outcome == "complete"
    assert row.asked > 3 * row.given > 30
    assert most_in(record, H, own=[(0, 7)]) <= 10
    assert most_in(record, 4 * H, own=[(0, 7)]) <= 40


def test_the_basal_rate_of_chronic_pain_counts_in_its_limits():
    record = run_whole("chronic-pain")
    asked = Counter(event.what for event in record.events if event.kind == "demand")
    assert asked["given"] > 3
    assert asked["locked_out"] or asked["limit_reached"]
    assert most_in(record, H) <= 0.22 + 1e-9  # mL of 10 mg/mL: 3.2 mg in an hour less 1 mg of basal
    assert record.telemetry[-1].ordered_nl == 1_200_000 + asked["given"] * 100_000


def test_a_woman_in_labour_asks_for_boluses_between_those_of_the_program():
    therapy = Therapy.read("labour-epidural")
    bench = Bench(seed=0, syringe=therapy.program.syringe.name, filled_ml=130, route="epidural")
    for minutes in (10, 12, 32, 50, 95, 100, 120):
        bench.at(minutes * MIN, lambda: bench.press("bolus"))
    record = bench.pump.run(therapy)
    asked = [event.what for event in record.events if event.kind == "demand"]
    assert asked == ["given", "locked_out", "given", "locked_out", "given", "locked_out", "given"]
    assert record.result()["outcome"] == "complete"
    assert record.result()["delivered_ml"] == pytest.approx(48 + 4 * 6, abs=0.001)
    assert {alarm["code"] for alarm in record.alarms()} == {"near_end", "end"}


def test_the_loop_keeps_glucose_in_range_over_three_meals():
    """A teaching model; nobody announces a bolus for the meals, so the loop alone answers them."""
    record = run_whole("insulin-loop")
    assert "glucose" in record.summary()
    rates = {row.rate_nl_h for row in record.telemetry}
    assert len(rates) > 5  # it moved
    assert max(rates) <= 300_000  # 3 U/h of 10 U/mL


@pytest.mark.parametrize("name", shipped())
def test_a_therapy_follows_one_that_is_there(name):
    assert Therapy.read(name).file.follows in ("", *shipped())
