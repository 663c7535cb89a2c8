"""The words, the table and the data of a diary: every time with what is known of it, and no more."""

import json
import re

import pytest

from diaries import EVERY_2_H, Home
from picoinfuse import Entry, diary
from picoinfuse.archive import DAMAGED, Contact, Gap
from picoinfuse.dates import Dates
from picoinfuse.diary_source import Ordered, Source, of_record
from picoinfuse.diary_words import HEAD, clock, data, late_words, lines, rows
from picoinfuse.program import Program
from picoinfuse_sim import Bench

H = 3_600_000


@pytest.mark.parametrize(
    ("late_ms", "words"),
    [
        ((0, 0), "-"),
        ((0, 59_000), "-"),
        ((600_000, 601_000), "10 min"),
        ((0, H), "0 s to 1 h"),
        ((H, 3 * H), "1 h to 3 h"),
        ((0, None), "not known"),
        ((H, None), "at least 1 h"),
    ],
)
def test_a_delay_in_words(late_ms, words):
    assert late_words(late_ms) == words


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """A diary with a late dose, a power cut, alarms and a bolus."""
    home = Home(tmp_path_factory.mktemp("home"), EVERY_2_H)
    home.start()
    home.bench.advance("5 min")
    home.pump.bolus("0.5 mL", "100 mL/h")
    home.alone("1 h", lambda: home.bench.power_cut(2 * 3600), "2.5 h")
    home.pump.acknowledge()
    home.pump.resume()
    home.alone("90 min")
    home.meet()
    return home.diary()


def test_people_read_what_was_ordered_given_and_late(story):
    said = "\n".join(lines(story))
    assert said.startswith("Diary of pump ")
    assert "(for teaching only)" in said
    assert "antibiotic: An antibiotic every 2 h (" in said
    assert "ordered 30.000 mL and 0.500 mL in boluses that were asked for, given 2" in said
    assert "may not have been given, since power was lost" in said
    assert "1 bolus asked for by a person, 1 given, 0.500 mL: 2023-11-15" in said
    dose = next(line for line in said.splitlines() if line.startswith("  2 "))
    assert "late (no power, alarm power lost, paused)" in dose
    assert " 2 h 3" in dose  # two hours without power, and half an hour until somebody came
    alarm = next(line for line in said.splitlines() if "power lost  high" in line)
    assert "(acknowledged)" in alarm


def test_a_spreadsheet_has_a_row_for_each(story):
    found = [dict(zip(HEAD, row, strict=True)) for row in rows(story)]
    assert all(len(row) == len(HEAD) for row in rows(story))
    assert [row["what"] for row in found] == ["course", "dose", "dose", "dose", "bolus", "alarm"]
    second = found[2]
    assert (second["number"], second["status"], second["ordered_ml"]) == (2, "late", 10.0)
    assert second["late_s_least"] == pytest.approx(second["late_s_most"], abs=10)
    assert second["due"] < second["from"]
    assert found[5]["answered_s_least"] == found[5]["answered_s_most"] > 1000


def test_programs_read_the_same_as_json(story):
    its = json.loads(json.dumps(data(story)))
    (course,) = its["courses"]
    assert its["for"] == "teaching only"
    assert [dose["status"] for dose in course["doses"]] == ["given", "late", "overdue"]
    late = course["doses"][1]
    assert late["began"]["earliest"] <= late["began"]["latest"]
    assert late["late_s"][0] <= late["late_s"][1]
    assert course["doses"][2]["began"] is None
    (alarm,) = its["alarms"]
    assert (alarm["answered_by"], alarm["power_lost"]) == ("acknowledged", False)


def source(told, contacts=(), gaps=(), refused=()):
    plan = Program(EVERY_2_H).compiled
    entries = [Entry(n, boot, at_ms, kind, what, value) for n, (boot, at_ms, kind, what, value) in enumerate(told, 1)]
    programs = {"c0ffee00": Ordered("abx", "An antibiotic", "x", plan)}
    return Source(entries, Dates(entries, contacts), programs, "pump 0badcafe", list(gaps), list(refused))


STARTED = (
    (1, 0, "boot", "pump", 1),
    (1, 1000, "program", "c0ffee00", 30_000_000),
    (1, 1000, "state", "infusing", 0),
)


def test_without_a_date_times_are_those_of_the_pump():
    said = "\n".join(lines(diary.read(source(STARTED))))
    assert "started 0:00:01, under way" in said
    assert "2:00:00 after the start" in said
    both = "\n".join(lines(diary.read(source([*STARTED, (2, 0, "boot", "pump", 2), (2, 50, "state", "idle", 0)]))))
    assert "started start 1, 0:00:01" in both


def test_gaps_refusals_and_wrong_clocks_are_told():
    contacts = [Contact(1, 1000, 10 * H, 1, 1, 3), Contact(1, 61_000, 12 * H, 1, 1, 3)]
    its = diary.read(source(STARTED, contacts, [Gap(4, 9, DAMAGED)], ["bolus 3 mL at 900 mL/h"]))
    said = "\n".join(lines(its))
    assert "entries 4 to 9 are missing: a power cut tore them" in said
    assert "Mind that the clock of a computer was wrong" in said
    assert "Refused by the pump when this computer asked: bolus 3 mL at 900 mL/h" in said
    assert rows(its)[-1][:2] == ["refused", "bolus 3 mL at 900 mL/h"]
    assert data(its)["gaps"] == [{"first": 4, "last": 9, "why": "damaged"}]


def test_what_is_not_known_here_is_said():
    strange = source([*STARTED[:1], (1, 1000, "program", "0badf00d", 5_000_000), *STARTED[2:]])
    said = "\n".join(lines(diary.read(strange)))
    assert "a program that is not known here (0badf00d)" in said
    assert "only the computer knows that started it" in said
    nothing = "\n".join(lines(diary.read(source([]))))
    assert "No program was started" in nothing
    assert "No alarms" in nothing


def test_refusals_at_the_pump_are_counted_by_their_reason():
    keys = [(1, 2000 + 100 * i, "demand", "lockout", 400_000) for i in range(5)]
    said = "\n".join(lines(diary.read(source([*STARTED, *keys]))))
    assert "refused: demand, lockout, 5 times: 0:00:02, 0:00:02, 0:00:02, ..." in said


def test_a_run_that_an_alarm_ended_says_which_and_when():
    """Bug: it was "under way" for ever, also in a record whose outcome is an alarm."""
    bench = Bench(seed=1, faults=["clamp@1min"])
    record = bench.pump.run(Program.continuous("50 mL/h", "10 mL"))
    its = diary.read(of_record(record))
    (course,) = its.courses
    assert (course.outcome, course.ended_by) == ("ended by the alarm", "occlusion")
    assert course.ended.at_ms == next(event.at_ms for event in record.events if event.what == "occlusion")
    said = "\n".join(lines(its))
    assert f"ended by the alarm occlusion {clock(course.ended.at_ms)}" in said
    assert "under way" not in said
    assert [dose.status for dose in its.doses[0]] == ["partly given"]
    assert data(its)["courses"][0]["ended_by"] == "occlusion"
    row = dict(zip(HEAD, rows(its)[0], strict=True))
    assert (row["status"], row["why"]) == ("ended by the alarm", "occlusion")


def test_a_run_that_was_paused_for_too_long_says_so_too():
    bench = Bench(seed=1)
    bench.at("1 min", bench.pump.pause)
    its = diary.read(of_record(bench.pump.run(Program.continuous("50 mL/h", "10 mL"))))
    assert "ended by the alarm pause too long" in "\n".join(lines(its))


def test_a_pump_at_home_that_waits_says_since_when_and_why(tmp_path):
    """Its log goes on: somebody may still answer the alarm."""
    home = Home(tmp_path, EVERY_2_H)
    home.start()
    home.alone("1 min", home.bench.line.clamp, "10 min")
    home.meet()
    its = home.diary()
    assert its.courses[0].ended is None
    assert re.search(r"waits since 2023-11-15 \d\d:\d\d:\d\d: alarm occlusion\n", "\n".join(lines(its)))


def test_boluses_that_were_asked_for_stand_beside_what_was_ordered(tmp_path):
    home = Home(tmp_path, EVERY_2_H)
    home.start()
    home.bench.advance("1 min")
    home.pump.bolus("0.5 mL", "100 mL/h")
    home.alone("5 h")
    home.meet()
    assert "ordered 30.000 mL and 0.500 mL in boluses that were asked for, given 30.5" in "\n".join(lines(home.diary()))
