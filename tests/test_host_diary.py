"""The dose diary: what the entries of a pump show of doses, delays, people and alarms, and what they do not show."""

import pytest

from diaries import BEGAN_S, EVERY_2_H, HOUR_MS, NOTHING_BETWEEN, Home
from picoinfuse import AutoNurse, Entry, Option, Phase, Program, diary
from picoinfuse.dates import Dates
from picoinfuse.diary_course import PATIENT, PERSON
from picoinfuse.diary_source import Ordered, Source, of_record
from picoinfuse.record import Record
from picoinfuse_sim import Bench

MIN_MS = 60_000


@pytest.fixture(params=[EVERY_2_H, NOTHING_BETWEEN], ids=["kvo", "pause"])
def home(request, tmp_path):
    return Home(tmp_path, request.param)


def wall_ms(home, at_ms):
    """The computer's time of a bench time."""
    return BEGAN_S * 1000 + at_ms


def go_on(home):
    home.pump.acknowledge()
    home.pump.resume()


def test_three_doses_in_time_without_a_cable(home):
    home.start()
    began_ms = home.bench.now_ms
    home.alone("7 h")
    home.meet()
    (course,) = home.diary().courses
    doses = home.doses()
    assert [dose.status for dose in doses] == ["given"] * 3
    assert [dose.ordered_nl for dose in doses] == [dose.given_nl for dose in doses] == [10_000_000] * 3
    assert [dose.due_ms for dose in doses] == [0, 2 * HOUR_MS, 4 * HOUR_MS]
    assert [dose.why for dose in doses] == [()] * 3
    source = home.diary().source
    for dose, hours in zip(doses, (0, 2, 4), strict=True):
        assert abs(source.when(dose.began).middle_ms - wall_ms(home, began_ms + hours * HOUR_MS)) < 3000
        assert source.between_ms(dose.began, dose.ended)[0] == pytest.approx(12 * MIN_MS, abs=500)
    assert course.outcome == "complete"
    assert course.given_nl == home.pump.status().delivered_nl


def test_a_pause_makes_all_that_comes_later_late_and_says_why(home):
    home.start()
    home.alone("1 h")
    home.pump.pause()
    home.alone("50 min")
    home.pump.resume()
    home.alone("6 h")
    home.meet()
    first, *others = home.doses()
    assert (first.status, first.late_ms, first.why) == ("given", (0, 0), ())
    for dose in others:
        assert dose.status == "late"
        least, most = dose.late_ms
        assert least == pytest.approx(50 * MIN_MS, abs=3000)
        assert most - least < 3000
        assert dose.why == ("paused",)
    assert [dose.status for dose in home.doses(late_after_ms=HOUR_MS)] == ["given"] * 3


def test_while_the_pump_is_paused_a_dose_has_what_the_account_says(home):
    home.start()
    home.alone("6 min")
    home.pump.pause()
    home.meet()
    (course,) = home.diary().courses
    assert home.doses()[0].given_nl == course.given_nl == home.pump.status().delivered_nl


def test_a_power_cut_between_doses_with_a_computer_before_and_after(home):
    home.start()
    home.alone("1 h")
    home.meet()
    home.alone("15 min", lambda: home.bench.power_cut(2 * 3600), "2.5 h")
    go_on(home)
    home.alone("5 h")
    home.meet()
    first, *others = home.doses()
    assert (first.status, first.given_nl) == ("given", 10_000_000)
    for dose in others:
        assert dose.status == "late"
        least, most = dose.late_ms
        # Two hours off and half an hour until somebody came; up to ten minutes of the gap are done once more.
        assert least >= 150 * MIN_MS - 5000
        assert most <= 161 * MIN_MS
        assert most - least < 10_000
        assert dose.why == ("no power", "alarm power lost", "paused")


def test_a_power_cut_that_nobody_can_date_leaves_a_delay_that_is_not_known(home):
    home.start()
    home.archive._file.execute("DELETE FROM contact")  # of the first start nobody knows the date
    home.alone("1 h", lambda: home.bench.power_cut(2 * 3600), "2.5 h")
    go_on(home)
    home.alone("5 h")
    home.meet()
    first, second, third = home.doses()
    assert home.diary().source.between_ms(first.began, first.ended)[0] == pytest.approx(12 * MIN_MS, abs=500)
    for dose in (second, third):
        assert dose.status == "perhaps late"
        assert dose.late_ms[0] <= 150 * MIN_MS
        assert dose.late_ms[1] is None
        assert "no power" in dose.why


def test_when_power_failed_is_known_if_something_was_being_given_and_not_in_a_gap(home):
    home.start()
    home.alone("6 min", lambda: home.bench.power_cut(600.0), "20 min")
    home.meet()
    (course,) = home.diary().courses
    infusing, off, _ = course.stretches
    assert (off.state, off.vague) == ("off", False)
    assert infusing.to == off.since
    assert off.since.at_ms - infusing.since.at_ms == pytest.approx(6 * MIN_MS, abs=10_000)  # by the account
    go_on(home)
    home.alone("1 h", lambda: home.bench.power_cut(600.0), "20 min")
    home.meet()
    (course,) = home.diary().courses
    assert [stretch.vague for stretch in course.stretches if stretch.state == "off"] == [False, True]


def test_a_dose_that_power_cut_short_was_given_partly_and_its_rest_after_it(home):
    home.start()
    home.alone("6 min", lambda: home.bench.power_cut(600.0), "20 min")
    home.meet()
    first, second, _ = home.doses()
    assert first.status == "under way"
    assert first.given_nl == pytest.approx(5_000_000, abs=150_000)
    assert second.status == "not due yet"
    (course,) = home.diary().courses
    status = home.pump.status()
    assert (course.given_nl, course.uncertain_nl) == (status.delivered_nl, status.uncertain_nl)
    go_on(home)
    home.alone("30 min")
    home.meet()
    assert home.doses()[0].status == "given"
    home.pump.stop()
    home.meet()
    assert [dose.status for dose in home.doses()] == ["given", *["not due when it was stopped"] * 2]


def test_a_dose_that_nobody_went_on_with_is_missed_when_it_is_stopped(home):
    home.start()
    home.alone("1 h", lambda: home.bench.power_cut(60.0), "2.5 h")
    home.meet()
    assert [dose.status for dose in home.doses()] == ["given", "overdue", "not due yet"]
    assert home.doses()[1].late_ms[0] == pytest.approx(90 * MIN_MS, abs=90_000)
    home.pump.stop()
    home.meet()
    first, second, third = home.doses()
    assert (first.status, second.status, third.status) == ("given", "missed", "not due when it was stopped")
    assert (second.began, second.given_nl) == (None, 0)
    (course,) = home.diary().courses
    assert course.outcome == "stopped"


def test_a_dose_that_is_stopped_in_the_middle_is_given_partly(home):
    home.start()
    home.alone("2 h")
    home.bench.advance("3 min")
    home.pump.stop()
    home.meet()
    first, second, third = home.doses()
    assert (first.status, second.status, third.status) == ("given", "partly given", "not due when it was stopped")
    assert first.given_nl + second.given_nl == pytest.approx(home.pump.status().delivered_nl, abs=400)
    assert second.ended is None


def test_what_people_ask_for_beside_the_order_is_theirs_and_moves_no_dose(tmp_path):
    home = Home(tmp_path, [Phase.rate("5 mL/h", volume="10 mL")])
    home.start()
    home.bench.advance("10 min")
    home.pump.bolus("0.5 mL", "100 mL/h")
    home.bench.advance("10 min")
    home.pump.bolus("1 mL", "50 mL/h")
    home.bench.advance("20 s")
    home.pump.stop()
    home.meet()
    its = home.diary()
    assert [(bolus.who, bolus.volume_nl, bolus.given) for bolus in its.boluses] == [
        (PERSON, 500_000, True),
        (PERSON, 1_000_000, False),
    ]
    ((dose,),) = its.doses
    assert dose.status == "partly given"
    # By the account: what of the second bolus was given counts with the dose, since nobody knows how they share.
    assert dose.given_nl == home.pump.status().delivered_nl - 500_000


def test_a_changed_rate_moves_the_times_at_which_later_doses_are_due(tmp_path):
    home = Home(tmp_path, NOTHING_BETWEEN)
    home.start()
    home.bench.advance("6 min")
    home.pump.rate("10 mL/h")  # 5 mL are left: 30 min instead of 6
    home.alone("8 h")
    home.meet()
    first, second, third = home.doses()
    assert [dose.status for dose in (first, second, third)] == ["given"] * 3
    assert second.due_ms == pytest.approx(2 * HOUR_MS + 24 * MIN_MS, abs=10_000)
    assert third.due_ms == pytest.approx(4 * HOUR_MS + 24 * MIN_MS, abs=10_000)


def test_alarms_and_the_time_until_they_were_answered(tmp_path):
    home = Home(tmp_path, [Phase.rate("40 mL/h", volume="30 mL")])
    bench = home.bench
    home.start()
    bench.advance("1 min")
    bench.line.clamp()
    bench.advance("10 min")
    bench.press("mute")
    bench.advance("5 min")
    bench.line.release()
    bench.advance("1 min")
    go_on(home)
    bench.mains(False)
    bench.advance("10 min")
    bench.mains()
    bench.advance("1 min")
    bench.senses.open_cover()
    bench.advance("30 s")
    bench.power_cut()
    bench.advance("20 s")
    home.meet()
    by_name = {alarm.name: alarm for alarm in reversed(home.diary().alarms)}  # the first of each
    occlusion, mains, cover, lost = (by_name[n] for n in ("occlusion", "mains_lost", "cover_open", "power_lost"))
    events = {(event.kind, event.what): event.at_ms for event in home.archive.entries()}
    waited = events["key", "mute"] - events["alarm", "occlusion"]
    assert (occlusion.how, occlusion.answer_ms) == ("muted", (waited, waited))
    assert occlusion.over.at_ms - occlusion.answered.at_ms == pytest.approx(6 * MIN_MS, abs=2000)
    assert (mains.priority, mains.answered, mains.over.at_ms - mains.came.at_ms) == ("low", None, 600_000)
    assert (cover.answered, cover.over, cover.lost) == (None, None, True)
    assert (lost.open, lost.stops, lost.answered) == (True, True, None)


def test_a_syringe_that_is_told_of_when_a_program_is_loaded_answers_no_alarm(tmp_path):
    """Bug: `mains_lost` was answered at once by the syringe of the next program."""
    home = Home(tmp_path, [Phase.rate("40 mL/h", volume="30 mL")])
    home.bench.mains(False)
    home.bench.advance("5 s")
    home.start()
    home.meet()
    (alarm,) = home.diary().alarms
    assert (alarm.name, alarm.answered) == ("mains_lost", None)


def test_an_alarm_is_answered_by_who_acknowledges_it(tmp_path):
    home = Home(tmp_path, [Phase.rate("40 mL/h", volume="30 mL")])
    home.start()
    home.bench.advance("1 min")
    home.bench.senses.open_cover()
    home.bench.advance("3 min")
    home.bench.senses.open_cover(False)
    home.bench.advance("2 s")
    home.pump.acknowledge()
    home.meet()
    (alarm,) = home.diary().alarms
    assert alarm.how == "acknowledged"
    assert alarm.answered == alarm.over
    assert alarm.answer_ms[0] == pytest.approx(182_000, abs=2000)


def test_a_key_that_was_not_obeyed_is_told(tmp_path):
    home = Home(tmp_path, [Phase.rate("40 mL/h", volume="30 mL")])
    home.start()
    home.bench.advance("1 min")
    home.bench.press("start")
    home.bench.advance("600 ms")
    home.bench.press("start")
    home.bench.advance("2 s")
    home.meet()
    assert [(refusal.what, refusal.why) for refusal in home.diary().refusals] == [("key", "state_changed")]


def entries(*rows):
    return [Entry(n, 1, at_ms, kind, what, value) for n, (at_ms, kind, what, value) in enumerate(rows, 1)]


def source(rows, plan=None):
    told = entries(*rows)
    programs = {} if plan is None else {"c0ffee00": Ordered("pca", "PCA", "morphine", plan)}
    return Source(told, Dates(told, []), programs, "a pump")


PCA = (
    (0, "boot", "pump", 1),
    (0, "state", "idle", 0),
    (1000, "program", "c0ffee00", 30_000_000),
    (1000, "state", "infusing", 0),
    (61_000, "bolus", "00000001", 1_000_000),
    (61_000, "demand", "given", 1_000_000),
    (90_000, "bolus_end", "00000001", 0),
    (95_000, "demand", "lockout", 420_000),
    (99_000, "demand", "lockout", 416_000),
)


WARD = (
    (0, "boot", "pump", 1),
    (500, "by", "anna.login", 1_700_049_600),
    (1000, "program", "c0ffee00", 30_000_000),
    (1000, "state", "infusing", 0),
    (1000, "by", "anna.start", 0),
    (2000, "denied", "-.stop", 0),
    (3000, "denied", "bert.apply", 0),
    (4000, "alarm", "occlusion", 412),
    (4000, "state", "alarm", 100),
    (9000, "alarm_end", "occlusion", 0),
    (9000, "state", "paused", 100),
    (9000, "by", "anna.acknowledge", 0),
    (9500, "state", "idle", 100),
    (9500, "by", "carl.stop", 0),
    (9900, "by", "carl.start", 0),
)


def test_who_did_it_is_told_where_people_log_in():
    its = diary.read(source(WARD))
    (course,) = its.courses
    assert course.people == [("start", "anna"), ("stop", "carl")]
    assert [(it.what, it.why) for it in course.refusals] == [
        ("stop", "nobody was logged in"),
        ("apply", "asked by bert"),
    ]
    (alarm,) = its.alarms
    assert (alarm.how, alarm.answer_ms) == ("acknowledged by anna", (5000, 5000))
    assert course.given_nl == 100  # a login is no contact that knows the account
    assert its.source.when(course.started).known


def test_what_the_patient_asked_for_is_told_apart_from_what_people_gave():
    its = diary.read(source(PCA))
    assert [(bolus.who, bolus.given, bolus.volume_nl) for bolus in its.boluses] == [(PATIENT, True, 1_000_000)]
    assert [(refusal.what, refusal.why) for refusal in its.refusals] == [("demand", "lockout")] * 2


def test_a_patient_who_presses_has_demands_that_were_given_and_refused(tmp_path):
    home = Home(tmp_path, [Phase.rate("1 mL/h", volume="10 mL")])
    program = Program([Phase.rate("1 mL/h", volume="10 mL")], options=[Option.demand("1 mL", "60 mL/h", "6 min")])
    home.archive.keep_program(program.check, {"name": "pca", "text": str(program.compiled.text())})
    home.pump.start(program)
    for _ in range(4):  # every three minutes: the second and the fourth fall into the lockout
        home.bench.advance("3 min")
        home.bench.press("bolus")
    home.bench.advance("5 min")
    home.meet()
    its = home.diary()
    assert [(bolus.who, bolus.volume_nl, bolus.given) for bolus in its.boluses] == [(PATIENT, 1_000_000, True)] * 2
    assert [refusal.what for refusal in its.refusals] == ["demand"] * 2
    assert its.courses[0].given_nl == pytest.approx(home.pump.status().delivered_nl, abs=400)  # a step
    assert its.doses[0][0].given_nl == pytest.approx(its.courses[0].given_nl - 2_000_000, abs=10_000)


def test_a_demand_counts_once_also_if_the_entry_of_its_bolus_is_missing():
    its = diary.read(source([row for row in PCA if row[1] != "bolus"]))
    assert [(bolus.who, bolus.volume_nl) for bolus in its.boluses] == [(PATIENT, 1_000_000)]


def test_a_program_that_another_computer_started_has_a_course_and_no_doses():
    its = diary.read(source(PCA))
    (course,) = its.courses
    assert (course.ordered, course.check, course.programmed_nl) == (None, "c0ffee00", 30_000_000)
    assert its.doses == [[]]


def test_entries_that_are_missing_leave_an_end_that_is_not_known():
    rows = [*PCA, (200_000, "program", "c0ffee00", 30_000_000), (200_000, "state", "infusing", 0)]
    its = diary.read(source(rows))
    assert [course.outcome for course in its.courses] == ["not known", "under way"]
    later = diary.read(source([*PCA, (300_000, "state", "staged", 0)]))
    assert later.courses[0].outcome == "not known"


def test_a_program_that_nobody_could_go_on_with_is_lost(tmp_path):
    home = Home(tmp_path)
    home.start()
    home.bench.advance("5 min")
    home.bench.board.flash.records["program"] = b"damaged"
    home.bench.power_cut()
    home.bench.advance("20 s")
    home.pump.acknowledge()
    home.meet()
    (course,) = home.diary().courses
    assert course.outcome == "lost"
    first, second, _ = home.doses()
    assert (first.status, second.status) == ("partly given", "not due when it was stopped")


def test_a_dose_after_which_the_vein_is_kept_open_without_end_is_complete(tmp_path):
    home = Home(tmp_path, [Phase.rate("50 mL/h", volume="5 mL"), Phase.kvo("1 mL/h")])
    home.start()
    home.bench.advance("1 h")
    home.meet()
    its = home.diary()
    assert its.courses[0].outcome == "complete"
    assert [dose.status for dose in its.doses[0]] == ["given"]


def test_nothing_happened_yet():
    its = diary.read(Source([], Dates([], []), {}, "a new pump"))
    assert (its.courses, its.doses, its.alarms, its.boluses, its.refusals) == ([], [], [], [], [])


def test_the_record_of_a_run_gives_the_same_diary_as_the_log(tmp_path):
    hourly = [Phase.rate("50 mL/h", volume="10 mL"), Phase.pause("48 min"), Phase.repeat(2)]
    bench = Bench(seed=3, faults=["clamp@5min:10min"])
    record = bench.pump.run(Program(hourly), nurse=AutoNurse(HOUR_MS, 1), out=tmp_path / "run")
    home = Home(tmp_path, hourly, seed=3, faults=["clamp@5min:10min"])
    home.start()
    home.pump.wait(nurse=AutoNurse(HOUR_MS, 1))
    home.meet()
    from_log, from_record = home.diary(), diary.read(of_record(Record.read(record.path)))
    for ours, its in zip(from_log.doses[0], from_record.doses[0], strict=True):
        assert (ours.status, ours.given_nl) == (its.status, its.given_nl)
        assert ours.late_ms[0] == pytest.approx(its.late_ms[0], abs=3000)
    assert [alarm.name for alarm in from_log.alarms] == [alarm.name for alarm in from_record.alarms]
    assert from_record.doses[0][0].status == "given"
    assert from_record.doses[0][1].status == "late"
    assert "alarm occlusion" in from_record.doses[0][1].why[0]


def test_what_the_pump_refused_a_host_stands_in_the_diary_of_its_record(tmp_path):
    from picoinfuse import Refused

    bench = Bench(seed=1)
    pump = bench.pump

    def ask(event):
        if event.kind == "state" and event.what == "infusing":
            pump.prime("1 mL", "50 mL/h", not_connected=True)

    with pytest.raises(Refused):
        pump.run(Program([Phase.rate("100 mL/h", volume="1 mL")]), out=tmp_path / "run", on_event=ask)
    its = diary.read(of_record(Record.read(tmp_path / "run")))
    assert its.source.refused == ["prime 1 mL at 50 mL/h"]
