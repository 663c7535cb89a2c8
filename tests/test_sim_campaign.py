"""The campaign: a small part of it, each fault once, and that what goes wrong is counted and can be had again.

The whole of it is a command of its own: picoinfuse campaign.
"""

import json

import pytest

from picoinfuse.cli import main
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.watch.occlusion import OcclusionWatch
from picoinfuse_sim import campaign, drawn
from picoinfuse_sim.campaign_report import report, words
from picoinfuse_sim.faults import CATALOGUE

SEED = 2
HOURS = 3.0  # of each therapy here; 24 in the command


# What is drawn


def test_the_same_number_is_the_same_therapy_and_the_next_one_another():
    first, again, *others = (drawn.draw(*which) for which in ((SEED, 5), (SEED, 5), (SEED, 6), (SEED + 1, 5)))
    assert first.program.check == again.program.check
    assert (first.seed, first.options, first.acts) == (again.seed, again.options, again.acts)
    for other in others:
        assert first.program.check != other.program.check
        assert first.seed != other.seed


def test_the_draw_covers_syringes_rates_programs_lines_and_hands():
    therapies = [drawn.draw(SEED, number) for number in range(200)]
    assert len({its.fitted.name for its in therapies}) == 21
    assert {its.kind for its in therapies} == set(drawn.KINDS)
    assert {act.verb for its in therapies for act in its.acts} == {"rate", "bolus", "pause", "resume"}
    assert {its.program.occlusion_mmhg for its in therapies} == set(drawn.LEVELS_MMHG)
    rates = [
        phase.compiled.rate_nl * 3.6 / phase.compiled.rate_ms
        for its in therapies
        for phase in its.program.phases
        if phase.compiled.rate_ms
    ]
    assert min(rates) <= 0.02
    assert max(rates) >= 900
    for its in therapies:
        its.program.check_limits(Config())
        assert 0.6 <= its.fitted.friction_mn / its.program.syringe.friction_mn <= 1.4
        assert its.program.filled_nl * drawn.SPARE <= its.fitted.capacity_nl


def test_every_therapy_goes_on_for_the_whole_time():
    for number in range(100):
        duration_ms = drawn.draw(SEED, number).program.duration_ms
        assert duration_ms < 0 or duration_ms >= 23.9 * 3_600_000


# False alarms, and faults that are seen


@pytest.mark.parametrize("number", range(8))
def test_a_therapy_without_a_fault_gives_no_alarm_but_the_expected_ones(number):
    result = campaign.without_fault(SEED, number, HOURS)
    assert [one for one in result.heard if one.alarm not in campaign.EXPECTED] == [], result.words
    assert result.hours >= HOURS - 0.01 or result.state == "complete"


@pytest.mark.parametrize("name", campaign.seen_faults())
def test_a_fault_that_an_alarm_ought_to_see_is_seen_in_the_first_therapy_it_fits_into(name):
    tried = (campaign.with_fault(SEED, number, name, HOURS) for number in range(100))
    result = next(one for one in tried if one is not None)
    assert result.caught_by in campaign.wanted(CATALOGUE[name]), (result.heard, result.words)
    assert result.after_s >= 0


def test_a_fault_that_no_alarm_can_see_is_not_asked_for():
    assert "infiltrate" in CATALOGUE
    assert "infiltrate" not in campaign.seen_faults()
    assert "clamp" in campaign.seen_faults()


def test_a_blind_watch_is_found(monkeypatch):
    """The campaign can fail: with an occlusion watch that sees nothing, a clamp is missed or stopped by another."""
    monkeypatch.setattr(OcclusionWatch, "look", lambda *_: 0)
    tried = (campaign.with_fault(SEED, number, "clamp", HOURS) for number in range(100))
    result = next(one for one in tried if one is not None)
    assert result.caught_by == ""
    found = report(SEED, HOURS, [result])
    assert found["faults_tried"] == 1
    assert found["faults_caught"] == 0
    assert found["faults_missed"][0]["repeat"] == f"picoinfuse campaign --seed {SEED} --only {result.number} --hours 3"


# What is told of it


def _result(number, fault="", **more):
    return campaign.Result(number, f"therapy {number}", fault, hours=12.0, **more)


def test_both_rates_times_and_volumes_are_told():
    found = report(
        7,
        24,
        [
            _result(1, heard=[campaign.Heard("near_end", 5.0), campaign.Heard("occlusion", 6.0)]),
            _result(0, heard=[campaign.Heard("end", 5.0)]),
            _result(0, "clamp", caught_by="occlusion", after_s=30.0, unintended_ml=-0.5),
            _result(1, "clamp", caught_by="occlusion", after_s=10.0, unintended_ml=-0.1),
            _result(2, "clamp", heard=[campaign.Heard("guard", 5.0)]),
        ],
    )
    assert found["false_alarms_per_therapy"] == 0.5
    assert found["false_alarms_per_day"] == 1.0
    assert found["alarms_expected"] == 2
    assert (found["faults_caught"], found["faults_tried"]) == (2, 3)
    row = next(row for row in found["faults"] if row["fault"] == "clamp")
    assert (row["tried"], row["caught"], row["median_s"], row["worst_s"]) == (3, 2, 20.0, 30.0)
    assert row["unintended_ml"] == -0.5
    text = "\n".join(words(found))
    assert "FALSE ALARM  occlusion at 6.0 s: therapy 1; again: picoinfuse campaign --seed 7 --only 1" in text
    assert "MISSED       clamp" in text
    assert "heard guard: therapy 2" in text
    assert "1 in 2 therapies" in text
    assert "2 of 3 caught" in text


# The command


def test_the_command_tells_both_rates_and_writes_what_it_found(capsys, tmp_path):
    command = ["campaign", "--therapies", "2", "--hours", "1", "--jobs", "1", "--json", "--out", str(tmp_path / "c")]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "false alarms  0 in 2 therapies" in out
    assert "2 of 2 caught" in out
    found = json.loads(out.splitlines()[-1])
    assert found["false_alarms"] == []
    written = json.loads((tmp_path / "c" / "campaign.json").read_text("utf-8"))
    assert {**written, "results": 0} == {**found, "results": 0}
    assert len(written["results"]) == 4


def test_one_therapy_can_be_had_again_and_gives_the_same(capsys):
    one = ["campaign", "--only", "4", "--hours", "0.5", "--jobs", "1", "--json", "--seed", "3"]
    said = []
    for _ in range(2):
        assert main(one) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]


def test_a_false_alarm_is_listed_and_is_the_exit_status(capsys, monkeypatch):
    monkeypatch.setattr("picoinfuse_sim.campaign_report.EXPECTED", ())
    number = next(n for n in range(50) if any(one.alarm == "end" for one in campaign.without_fault(1, n, 1).heard))
    assert main(["campaign", "--only", str(number), "--hours", "1", "--no-faults", "--jobs", "1"]) == 3
    said = capsys.readouterr().out
    assert "FALSE ALARM  end at" in said
    assert f"again: picoinfuse campaign --seed 1 --only {number} --hours 1" in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--therapies", "0"], ["--therapies", "0", "from 1 to 100000"]),
        (["--hours", "0"], ["--hours", "0", "from 0.5 to 48"]),
        (["--jobs", "0"], ["--jobs", "'0'", "from 1 to 64"]),
        (["--only", "-1"], ["--only", "-1", "from 0"]),
        (["--seed", "x"], ["--seed", "x", "whole number from 0"]),
        (["--fault", "earthquake"], ["--fault", "earthquake", "clamp"]),
        (["--fault", "infiltrate"], ["--fault", "infiltrate", "clamp"]),
        (["--out", "/dev/null/x"], ["--out", "/dev/null/x"]),
    ],
)
def test_bad_input_is_explained(capsys, options, words):
    assert main(["campaign", "--jobs", "1", *options]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    for word in words:
        assert word in lines[0]


@pytest.mark.real
def test_two_processes_find_the_same_as_one(capsys):
    said = []
    for jobs in ("1", "2"):
        assert main(["campaign", "--therapies", "2", "--hours", "0.5", "--jobs", jobs, "--json"]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
