"""A diary for people, as a table for spreadsheets, and as data for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .archive import WHY
from .dates import iso, local
from .diary import Diary, Given
from .diary_alarms import Alarm
from .diary_course import PATIENT, PERSON, PROGRAM, UNDER_WAY, Bolus, Course
from .diary_source import Source
from .log import Entry
from .status import duration_words

HEAD = (
    "what", "name", "number", "ordered_ml", "given_ml", "due", "from", "to", "late_s_least", "late_s_most",
    "answered_s_least", "answered_s_most", "status", "why",
)  # fmt: skip
BY = {PROGRAM: "by the program", PERSON: "asked for by a person", PATIENT: "asked for by the patient"}
SOON_S = 60  # a delay below it is none to people
SAME_S = 120  # two bounds of a delay that are no further apart are told as one


def clock(ms: int) -> str:
    """Return milliseconds as h:mm:ss."""
    seconds = ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def at(source: Source, entry: Entry, dated: bool = True) -> str:
    """Return when an entry happened: by the calendar, or by the pump's own clock in its start."""
    when = source.when(entry)
    if dated and when.known:
        return local(when.middle_ms or 0)
    boot = f"start {entry.boot}, " if len(source.dates.starts) > 1 else ""
    return f"{boot}{clock(entry.at_ms)}"


def long(ms: int) -> str:
    """Return a time to the second."""
    return duration_words(round(ms / 1000) * 1000)


def late_words(late_ms: tuple[int, int | None]) -> str:
    """Return a delay in words: a time, two bounds, or that nobody knows."""
    least, most = late_ms
    if most is None:
        return f"at least {long(least)}" if least >= SOON_S * 1000 else "not known"
    if most < SOON_S * 1000:
        return "-"
    if most - least <= SAME_S * 1000:
        return long((least + most) // 2)
    return f"{long(least)} to {long(most)}"


def _ml(nl: int) -> str:
    return f"{nl / 1e6:.3f}"


# --- for people ------------------------------------------------------------------------------------------------------


def lines(diary: Diary) -> list[str]:
    """Return the diary in lines to read."""
    source = diary.source
    said = [f"Diary of {source.name} (for teaching only)"]
    if source.entries:
        said.append(f"from {at(source, source.entries[0])} to {at(source, source.entries[-1])}")
    for gap in source.gaps:
        said.append(f"entries {gap.first} to {gap.last} are missing: {WHY[gap.why]}; what they told is not here")
    said += [f"Mind that {problem}" for problem in source.dates.problems()]
    for course, doses in zip(diary.courses, diary.doses, strict=True):
        said += ["", *_course(source, course, doses)]
    if not diary.courses:
        said += ["", "No program was started in this time"]
    said += ["", *_alarms(source, diary.alarms)]
    if source.refused:
        said += ["", "Refused by the pump when this computer asked: " + "; ".join(source.refused)]
    return said


def _course(source: Source, course: Course, doses: Sequence[Given]) -> list[str]:
    ordered = course.ordered
    name = f"{ordered.name}: {ordered.title}" if ordered is not None else "a program that is not known here"
    least = ""
    if course.uncertain_nl:
        least = f"; of that up to {_ml(course.uncertain_nl)} mL may not have been given, since power was lost"
    beside = f" and {_ml(course.asked_nl)} mL in boluses that were asked for" if course.asked_nl else ""
    said = [
        f"{name} ({course.check})",
        f"  started {at(source, course.started)}, {_end(source, course)}",
        f"  ordered {_ml(course.programmed_nl)} mL{beside}, given {_ml(course.given_nl)} mL{least}",
    ]
    if course.dropped_nl:
        said.append(f"  {_ml(course.dropped_nl)} mL of the order are not given any more, since power was lost")
    if doses:
        rows: list[tuple[str, ...]] = [("dose", "mL ordered", "given", "due", "began", "late", "")]
        rows += [_dose(source, course, dose) for dose in doses]
        said += _table(rows)
    elif ordered is None:
        said.append("  what it orders in detail only the computer knows that started it: picoinfuse archive merge")
    said += _extras(source, course)
    return said


def _end(source: Source, course: Course) -> str:
    """Return how a course ended and when, or what holds it up."""
    if course.ended is not None:
        by = f" {course.ended_by.replace('_', ' ')}" if course.ended_by else ""
        return f"{course.outcome}{by} {at(source, course.ended)}"
    held = course.holds()
    if held is not None:
        return f"waits since {at(source, held.since)}: {held.words()}"
    return UNDER_WAY + (" when contact was lost" if source.outcome == "uncertain" else "")


def _dose(source: Source, course: Course, dose: Given) -> tuple[str, ...]:
    why = f" ({', '.join(dose.why)})" if dose.why else ""
    return (
        str(dose.number),
        _ml(dose.ordered_nl),
        _ml(dose.given_nl),
        due_words(source, course, dose),
        at(source, dose.began) if dose.began else "-",
        late_words(dose.late_ms),
        dose.status + why,
    )


def due_words(source: Source, course: Course, dose: Given) -> str:
    """Return when a dose was due: by the calendar, or so long after the start of its course."""
    when = source.when(course.started)
    if when.known:
        return local((when.middle_ms or 0) + dose.due_ms)
    return f"{clock(dose.due_ms)} after the start"


def _extras(source: Source, course: Course) -> list[str]:
    said = []
    if course.people:
        said.append("  " + ", ".join(dict.fromkeys(f"{action} by {who}" for action, who in course.people)))
    for who, word in BY.items():
        its = [bolus for bolus in course.boluses if bolus.who == who]
        if its:
            given = [bolus for bolus in its if bolus.given is not False]
            total = _ml(sum(bolus.volume_nl for bolus in given))
            many = "1 bolus" if len(its) == 1 else f"{len(its)} boluses"
            said.append(f"  {many} {word}, {len(given)} given, {total} mL: {_times(source, its)}")
    reasons: dict[tuple[str, str], list[Entry]] = {}
    for refusal in course.refusals:
        reasons.setdefault((refusal.what, refusal.why), []).append(refusal.at)
    for (what, why), entries in reasons.items():
        times = ", ".join(at(source, entry) for entry in entries[:3]) + (", ..." if len(entries) > 3 else "")
        often = "once" if len(entries) == 1 else f"{len(entries)} times"
        said.append(f"  refused: {what}, {why.replace('_', ' ')}, {often}: {times}")
    return said


def _times(source: Source, boluses: Sequence[Bolus]) -> str:
    return ", ".join(at(source, bolus.at) for bolus in boluses[:3]) + (", ..." if len(boluses) > 3 else "")


def _alarms(source: Source, alarms: Sequence[Alarm]) -> list[str]:
    if not alarms:
        return ["No alarms"]
    rows = [("came", "alarm", "", "answered after", "over after")]
    for alarm in alarms:
        answered = f"{_span(alarm.answer_ms)} ({alarm.how})" if alarm.answer_ms is not None else "not answered"
        over = "power was lost" if alarm.lost else "-"
        if alarm.over is not None:
            over = _span(source.between_ms(alarm.came, alarm.over))
        rows.append((at(source, alarm.came), alarm.name.replace("_", " "), alarm.priority, answered, over))
    return ["Alarms", *_table(rows)]


def _span(ms: tuple[int, int | None]) -> str:
    return long(ms[0]) if ms[0] == ms[1] else late_words(ms)


def _table(rows: Iterable[Sequence[str]]) -> list[str]:
    table = list(rows)
    wide = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    cells = [[cell.ljust(width) for cell, width in zip(row, wide, strict=True)] for row in table]
    return ["  " + "  ".join(row).rstrip() for row in cells]


# --- for spreadsheets and programs -----------------------------------------------------------------------------------


def rows(diary: Diary) -> list[list[Any]]:
    """Return one row for each course, dose, bolus, refusal and alarm, with the columns of HEAD."""
    source, found = diary.source, []
    for course, doses in zip(diary.courses, diary.doses, strict=True):
        name = course.ordered.name if course.ordered else course.check
        ends = at(source, course.ended) if course.ended else ""
        found.append(
            _row("course", name, ordered=course.programmed_nl, given=course.given_nl, since=at(source, course.started),
                 to=ends, status=course.outcome, why=course.ended_by)
        )  # fmt: skip
        for dose in doses:
            found.append(
                _row("dose", name, dose.number, dose.ordered_nl, dose.given_nl, due_words(source, course, dose),
                     at(source, dose.began) if dose.began else "", at(source, dose.ended) if dose.ended else "",
                     dose.late_ms, status=dose.status, why="; ".join(dose.why))
            )  # fmt: skip
        for bolus in course.boluses:
            status = "not known" if bolus.given is None else "given" if bolus.given else "cut short"
            found.append(
                _row("bolus", name, ordered=bolus.volume_nl, since=at(source, bolus.at), status=status, why=bolus.who)
            )
        for refusal in course.refusals:
            found.append(
                _row("refused", name, since=at(source, refusal.at), status=refusal.what, why=refusal.why)
            )  # fmt: skip
    for alarm in diary.alarms:
        found.append(
            _row("alarm", alarm.name, since=at(source, alarm.came), to=at(source, alarm.over) if alarm.over else "",
                 answered=alarm.answer_ms, status=alarm.priority, why=alarm.how)
        )  # fmt: skip
    found += [_row("refused", text, status="host") for text in source.refused]
    return found


def _row(
    what: str,
    name: str,
    number: int | str = "",
    ordered: int | None = None,
    given: int | None = None,
    due: str = "",
    since: str = "",
    to: str = "",
    late: tuple[int, int | None] | None = None,
    answered: tuple[int, int | None] | None = None,
    status: str = "",
    why: str = "",
) -> list[Any]:
    volumes = ["" if nl is None else nl / 1e6 for nl in (ordered, given)]
    spans = ["" if ms is None else ms / 1000 for span in (late, answered) for ms in (span or (None, None))]
    return [what, name, number, *volumes, due, since, to, *spans, status, why]


def data(diary: Diary) -> dict[str, Any]:
    """Return the diary as plain data for JSON. Dates are UTC; a time has its bounds and the pump's own clock."""
    source = diary.source

    def moment(entry: Entry | None) -> dict[str, Any] | None:
        if entry is None:
            return None
        when = source.when(entry)
        return {
            "start": entry.boot,
            "at_ms": entry.at_ms,
            "earliest": iso(when.earliest_ms),
            "latest": iso(when.latest_ms),
        }

    return {
        "for": "teaching only",
        "source": source.name,
        "late_after_s": diary.late_after_ms / 1000,
        "gaps": [{"first": gap.first, "last": gap.last, "why": gap.why} for gap in source.gaps],
        "problems": source.dates.problems(),
        "courses": [
            {
                "program": course.check,
                "name": course.ordered.name if course.ordered else None,
                "title": course.ordered.title if course.ordered else None,
                "drug": course.ordered.drug if course.ordered else None,
                "started": moment(course.started),
                "ended": moment(course.ended),
                "outcome": course.outcome,
                "ended_by": course.ended_by or None,
                "ordered_ml": course.programmed_nl / 1e6,
                "given_ml": course.given_nl / 1e6,
                "uncertain_ml": course.uncertain_nl / 1e6,
                "dropped_ml": course.dropped_nl / 1e6,
                "doses": [
                    {
                        "number": dose.number,
                        "ordered_ml": dose.ordered_nl / 1e6,
                        "given_ml": dose.given_nl / 1e6,
                        "due_s": dose.due_ms / 1000,
                        "began": moment(dose.began),
                        "ended": moment(dose.ended),
                        "late_s": [None if ms is None else ms / 1000 for ms in dose.late_ms],
                        "status": dose.status,
                        "why": list(dose.why),
                    }
                    for dose in doses
                ],
                "boluses": [
                    {"at": moment(bolus.at), "by": bolus.who, "ml": bolus.volume_nl / 1e6, "given": bolus.given}
                    for bolus in course.boluses
                ],
                "people": [{"did": action, "who": who} for action, who in course.people],
                "refused": [{"at": moment(it.at), "what": it.what, "why": it.why} for it in course.refusals],
            }
            for course, doses in zip(diary.courses, diary.doses, strict=True)
        ],
        "alarms": [
            {
                "alarm": alarm.name,
                "priority": alarm.priority,
                "came": moment(alarm.came),
                "answered": moment(alarm.answered),
                "answered_by": alarm.how or None,
                "answered_s": None if alarm.answer_ms is None else [ms and ms / 1000 for ms in alarm.answer_ms],
                "over": moment(alarm.over),
                "power_lost": alarm.lost,
            }
            for alarm in diary.alarms
        ],
        "refused_by_the_pump": source.refused,
    }
