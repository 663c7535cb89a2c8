"""A reaction rehearsed on the real firmware: no drug while the line is kept open, and nothing of the dose lost."""

import json

import pytest

from picoinfuse import Phase, Program, Record, Therapy, diary, reaction_nurse
from picoinfuse.cli import main
from picoinfuse.courses import DRUG, SALINE, spans_s, volumes_ml
from picoinfuse.diary_source import of_record
from picoinfuse.diary_words import lines
from picoinfuse.library import SHIPPED, Library
from picoinfuse.nurse import nurse
from picoinfuse.reaction import ANSWERS, GONE, MODERATE, SALINE_ML_H, SEVERE, Answer
from picoinfuse_sim import Bench, hands
from picoinfuse_sim.patient.catalogue import parse
from picoinfuse_sim.tubing import COMMON_NL, Tubing

IRON = "iron-sucrose"
STEP_ML = 0.00035
COMMON_ML = COMMON_NL / 1e6  # what stands between the Y-piece and the vein: nobody can take it out
ORDERED_ML, RATE_ML_H = 50.0, 200.0


class Rehearsed:
    """A run beside which somebody writes down, once in ten seconds, what of the drug had really left the cannula."""

    def __init__(self, patient="reaction,at=5 min", order=IRON, who="auto:30s", faults=(), then=None, **options):
        self.then = then
        self.bench = Bench(seed=1, patient=parse(patient), faults=faults, **options)
        self.bench.pump.telemetry_ms = 10_000
        self.drug = []  # (seconds since the start, mL of drug, mL of anything)
        order = Therapy.read(order) if isinstance(order, str) else order
        self.record = self.bench.pump.run(order, nurse=nurse(who, 1), on_telemetry=self.look)
        self.its = self.record.result()
        self.reactions = self.record.meta.get("reactions", [])
        self.courses = self.record.meta.get("courses", [])

    def look(self, row):
        truth = self.bench.truth()
        self.drug.append((self.bench.pump.stream.seconds(row.at_ms), truth["drug_ml"], truth["patient_ml"]))
        if self.then is not None:
            self.then(self, row)

    def courses_now(self):
        """Which programs ran so far, by what the pump said."""
        return [DRUG, SALINE][: sum(event.kind == "program" for event in self.bench.pump.stream.events)]

    def between(self, column, from_s, to_s):
        """Return by how much a column grew."""
        rows = [row for row in self.drug if from_s <= row[0] <= to_s]
        return rows[-1][column] - rows[0][column]

    def symptoms(self, from_s, to_s=1e9):
        began_ms = self.record.started_ms
        return [row[1] for row in self.record.seen if from_s <= (row[0] - began_ms) / 1000 <= to_s]

    def given_ml(self, what):
        return sum(course["delivered_nl"] for course in self.courses if course["what"] == what) / 1e6


@pytest.fixture(scope="module")
def moderate():
    return Rehearsed()


@pytest.fixture(scope="module")
def severe():
    return Rehearsed("reaction,at=5 min,severity=severe,kind=breathing")


def test_the_whole_dose_is_given_and_not_more(moderate):
    assert moderate.its["outcome"] == "complete"
    assert -STEP_ML < moderate.its["delivered_ml"] - ORDERED_ML <= 0
    assert [course["what"] for course in moderate.courses] == [DRUG, SALINE, DRUG]
    assert moderate.given_ml(DRUG) == pytest.approx(moderate.its["delivered_ml"])
    drug_ml = moderate.bench.truth()["drug_ml"]
    assert drug_ml <= ORDERED_ML
    assert drug_ml == pytest.approx(ORDERED_ML, rel=0.015), "what the line stored is spilled at each change"


@pytest.mark.parametrize("which", ["moderate", "severe"])
def test_while_the_line_is_kept_open_no_drug_comes_but_what_stands_in_it(which, request):
    run = request.getfixturevalue(which)
    [(from_s, to_s)] = spans_s(run.record)
    assert 0 < run.between(1, from_s, to_s) <= COMMON_ML + 0.02
    assert run.between(1, from_s + 10 * 60, to_s) == pytest.approx(0, abs=1e-6)
    hours = (to_s - from_s) / 3600
    assert run.between(2, from_s, to_s) == pytest.approx(SALINE_ML_H * hours, rel=0.1), "the vein is kept open"
    assert run.reactions[0]["saline_ml"] == pytest.approx(SALINE_ML_H * hours, rel=0.01)


def test_the_tubing_of_the_drug_waits_with_its_syringe():
    """A long line: with the drug's own tubing left on, saline would push all that into the patient."""
    run = Rehearsed(tubing=Tubing(5.0, 1.5))
    [(from_s, to_s)] = spans_s(run.record)
    assert Tubing(5.0, 1.5).dead_nl / 1e6 > 8
    assert run.between(1, from_s, to_s) <= COMMON_ML + 0.1
    assert run.its["delivered_ml"] == pytest.approx(ORDERED_ML, abs=STEP_ML)


def test_she_comes_when_it_is_felt_and_looks_until_it_is_over(moderate):
    its = moderate.reactions[0]
    assert its["grade"] == MODERATE
    assert 5 * 60 <= its["came_s"] < 6 * 60
    assert 15 <= its["stopped_s"] - its["came_s"] < 120, "until it is felt, and half a minute to the bedside"
    assert its["stopped_s"] < its["over_s"] < its["ended_s"]
    wait_s = ANSWERS[MODERATE].wait_ms / 1000
    assert wait_s <= its["ended_s"] - its["over_s"] < wait_s + 30
    assert max(moderate.symptoms(its["over_s"] + 10)) < GONE
    assert its["given_ml"] == pytest.approx(RATE_ML_H * its["stopped_s"] / 3600, rel=0.01)


def test_the_rest_comes_at_half_the_rate_and_is_borne(moderate):
    its = moderate.reactions[0]
    assert its["rate_ml_h"] == pytest.approx(RATE_ML_H)
    assert its["resumed_ml_h"] == pytest.approx(RATE_ML_H / 2)
    resumed_ms = moderate.courses[2]["from_ms"]
    rates = {row.rate_nl_h for row in moderate.record.telemetry if row.at_ms > resumed_ms}
    assert max(rates) == RATE_ML_H / 2 * 1e6
    assert its["rest_ml"] == pytest.approx(ORDERED_ML - its["given_ml"])
    lasted_s = moderate.its["duration_s"] - its["ended_s"]
    assert lasted_s == pytest.approx(its["rest_ml"] / its["resumed_ml_h"] * 3600, rel=0.01)


def test_after_a_severe_one_nothing_more_of_it_is_given(severe):
    its = severe.reactions[0]
    assert severe.its["outcome"] == "stopped"
    assert severe.its["delivered_ml"] == pytest.approx(its["given_ml"])
    assert severe.given_ml(DRUG) < 0.5 * ORDERED_ML
    assert [course["what"] for course in severe.courses] == [DRUG, SALINE]
    assert its["resumed_ml_h"] is None
    assert severe.bench.truth()["drug_ml"] <= its["given_ml"] + COMMON_ML
    assert its["ended_s"] - its["over_s"] >= ANSWERS[SEVERE].wait_ms / 1000
    assert severe.bench.pump.status().state == "idle"


def test_without_a_nurse_it_gets_as_bad_as_it_can_and_the_dose_runs_on():
    run = Rehearsed(who="none")
    assert run.its["outcome"] == "complete"
    assert run.reactions == run.courses == []
    assert max(run.symptoms(0)) > 5.5


def test_a_patient_who_bears_it_is_left_alone():
    run = Rehearsed("reaction,at=2 h")
    assert run.its["outcome"] == "complete"
    assert run.reactions == []


def test_who_reacts_once_more_has_had_enough_of_it(monkeypatch):
    """A nurse who goes on at the full rate has it again, and does not try a third time."""
    monkeypatch.setitem(reaction_nurse.ANSWERS, MODERATE, Answer(15 * 60_000, 1.0, "tell nobody"))
    run = Rehearsed()
    assert [course["what"] for course in run.courses] == [DRUG, SALINE, DRUG, SALINE]
    assert [its["resumed_ml_h"] for its in run.reactions] == [RATE_ML_H, None]
    assert run.its["outcome"] == "stopped"
    assert run.its["delivered_ml"] == pytest.approx(run.reactions[1]["given_ml"])
    assert run.reactions[0]["given_ml"] < run.its["delivered_ml"] < ORDERED_ML


def test_a_step_up_just_before_it_came_is_not_the_rate_that_was_borne():
    steps = [Phase.rate("60 mL/h", duration="5 min"), Phase.rate("120 mL/h", volume="20 mL")]
    run = Rehearsed("reaction,at=6 min", Program(steps))
    assert run.reactions[0]["rate_ml_h"] == pytest.approx(60)
    assert run.reactions[0]["resumed_ml_h"] == pytest.approx(30)
    assert run.its["delivered_ml"] == pytest.approx(25, abs=STEP_ML)


def test_the_planned_syringes_go_on_where_they_were():
    from picoinfuse.options import Option

    order = Program([Phase.rate("120 mL/h", volume="30 mL")], filled="10 mL", options=[Option.syringes(3)], alike=True)
    run = Rehearsed("reaction,at=8 min", order)
    assert run.its["outcome"] == "complete"
    assert run.its["delivered_ml"] == pytest.approx(30, abs=STEP_ML)
    last = run.courses[2]["program"]
    assert last["filled_nl"] == pytest.approx(20e6 - run.courses[0]["delivered_nl"], abs=1000)
    refills = [event.value for event in run.record.events if event.kind == "refill"]
    assert refills[-1] == 10_000_000
    changes = [alarm for alarm in run.its["alarms"] if alarm["code"] == "syringe_change"]
    assert len(changes) == 2


@pytest.mark.parametrize(
    ("faults", "alarm"),
    [
        (("power_cut@20min:10 s",), "power_lost"),
        (("power_cut@330s:10 s",), "power_lost"),
        (("clamp@330s:5 min",), "occlusion"),
    ],
)
def test_what_else_happens_meanwhile_costs_no_drug(faults, alarm):
    run = Rehearsed(faults=faults, who="resume:30s")
    assert alarm in [row["code"] for row in run.its["alarms"]]
    assert run.its["outcome"] == "complete"
    assert run.its["delivered_ml"] == pytest.approx(ORDERED_ML, abs=STEP_ML)
    assert run.bench.truth()["drug_ml"] <= ORDERED_ML


def test_a_nurse_without_saline_leaves_the_pump_stopped_and_says_so(monkeypatch):
    monkeypatch.delitem(hands.ACTIONS, "fit_saline")
    run = Rehearsed()
    assert run.its["outcome"] == "stopped"
    assert run.its["delivered_ml"] == pytest.approx(run.reactions[0]["given_ml"])
    assert "there is no saline within reach" in run.record.summary()


def test_a_program_of_saline_that_the_pump_refuses_takes_nothing_from_the_account_of_the_drug(monkeypatch):
    """The account begins anew when a program is loaded, also one that is never started."""
    monkeypatch.setattr(reaction_nurse, "SALINE_ML", 70.0)
    run = Rehearsed()
    assert run.its["outcome"] == "stopped"
    assert run.its["delivered_ml"] == pytest.approx(run.reactions[0]["given_ml"])
    assert run.its["delivered_ml"] > 15
    assert "saline: " in run.reactions[0]["refused"]
    assert run.reactions[0]["refused"] in run.record.summary()


def test_ctrl_c_while_the_line_is_kept_open_stops_and_keeps_the_account():
    def interrupt(run, row):
        if run.courses_now() == [DRUG, SALINE]:
            raise KeyboardInterrupt

    run = Rehearsed(then=interrupt)
    assert run.its["outcome"] == "stopped"
    assert [course["what"] for course in run.courses] == [DRUG, SALINE]
    assert run.its["delivered_ml"] == pytest.approx(run.reactions[0]["given_ml"])
    assert run.bench.pump.status().state == "idle"


def test_a_drug_library_on_the_pump_has_nothing_against_saline():
    library = Library.read(SHIPPED)
    run = Rehearsed(texts={"library": library.text})
    assert [course["what"] for course in run.courses] == [DRUG, SALINE, DRUG]
    assert run.reactions[0]["refused"] == ""
    assert run.its["delivered_ml"] == pytest.approx(ORDERED_ML, abs=STEP_ML)


def test_the_record_and_the_diary_tell_the_three_parts(moderate, tmp_path):
    moderate.record.save(tmp_path)
    again = Record.read(tmp_path)
    assert again.meta["reactions"] == moderate.reactions
    given, dose = volumes_ml(again)
    assert given == sorted(given)
    assert dose[-1] == pytest.approx(ORDERED_ML, abs=0.1)
    words = again.summary()
    assert "reaction    moderate, came after 5 min" in words
    assert "at 100 mL/h" in words
    told = diary.read(of_record(again))
    assert [course.ordered.name for course in told.courses] == [IRON, "saline", IRON]
    assert [course.given_nl for course in told.courses] == [course["delivered_nl"] for course in again.meta["courses"]]
    assert [course.outcome for course in told.courses] == ["stopped", "stopped", "complete"]
    text = "\n".join(lines(told))
    assert "saline: the line is kept open after a reaction, no drug" in text
    assert "the rest, slower" in text


def test_the_command_line_rehearses_it(tmp_path, capsys):
    out = tmp_path / "run"
    words = ["run", IRON, "--seed", "1", "--patient", "reaction,at=5min,severity=severe", "--nurse", "auto"]
    assert main([*words, "--out", str(out), "--json"]) == 5
    said = capsys.readouterr()
    assert "not resumed: the rest of the dose is not given" in said.err
    assert json.loads(said.out.splitlines()[-1])["outcome"] == "stopped"
    assert (out / "plot.png").exists()


def test_the_same_seed_gives_the_same_bytes(moderate, tmp_path):
    again = Rehearsed()
    for name, run in (("a", moderate), ("b", again)):
        run.record.save(tmp_path / name)
    for name in ("telemetry.csv", "events.jsonl", "patient.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
