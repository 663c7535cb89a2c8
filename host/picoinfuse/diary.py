"""A dose diary: what was ordered, given, late, missed and refused, and how soon alarms were answered, from the log.

It says only what the entries show. Where power was off for a time that nobody knows, or entries are missing, a delay
lies between two bounds, or is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .diary_alarms import Alarm, alarms_of
from .diary_course import Bolus, Course, Refusal, courses_of
from .diary_plan import STEP_NL, Dose, doses_of
from .diary_source import Source
from .log import Entry

LATE_MS = 30 * 60_000  # a dose that begins later is late; usual for drugs whose time matters (engineer's memory)

GIVEN = "given"
LATE = "late"
PERHAPS_LATE = "perhaps late"
PARTLY = "partly given"
RUNNING = "under way"
MISSED = "missed"
OVERDUE = "overdue"
NOT_DUE = "not due yet"
CANCELLED = "not due when it was stopped"
NOT_GIVEN = "not given; whether it was due is not known"
TIME_NOT_KNOWN = "given; when is not known"


@dataclass(frozen=True)
class Given:
    """One dose of a course, as it was ordered and as it was given. Volumes in nanolitres, times in milliseconds.

    due_ms: after the start of the course, by the order and the rates that people chose. began, ended: None if it did
    not, or nobody knows when. late_ms: at least and at most (None: nobody knows). why: what held it up.
    """

    number: int
    ordered_nl: int
    due_ms: int
    began: Entry | None
    ended: Entry | None
    given_nl: int
    late_ms: tuple[int, int | None]
    status: str
    why: tuple[str, ...]


@dataclass
class Diary:
    """Everything of one source. courses: each with its doses in `doses`, in the same order."""

    source: Source
    late_after_ms: int
    courses: list[Course] = field(default_factory=list)
    doses: list[list[Given]] = field(default_factory=list)
    boluses: list[Bolus] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)


def read(source: Source, late_after_ms: int = LATE_MS) -> Diary:
    """Return the diary of a source. late_after_ms: a dose that begins so much after its time is late."""
    courses = courses_of(source)
    return Diary(
        source=source,
        late_after_ms=late_after_ms,
        courses=courses,
        doses=[given_of(course, source, late_after_ms) for course in courses],
        boluses=[bolus for course in courses for bolus in course.boluses],
        refusals=[refusal for course in courses for refusal in course.refusals],
        alarms=alarms_of(source),
    )


def given_of(course: Course, source: Source, late_after_ms: int) -> list[Given]:
    """Return the doses of a course; [] if nobody here knows what its program orders."""
    if course.walk is None:
        return []
    before_nl = 0.0
    given: list[Given] = []
    for dose in doses_of(course.walk.pieces):
        given.append(_given(course, source, dose, before_nl, late_after_ms))
        before_nl += dose.volume_nl
    return given


def _given(course: Course, source: Source, dose: Dose, before_nl: float, late_after_ms: int) -> Given:
    due_ms = round(dose.offset_ms + course.shift_at(dose.first))
    volume_nl = round(dose.volume_nl)
    began, ended, given_nl = None, None, 0
    known = course.ended or source.last or course.started
    by_account_nl = course.of_dose_nl(before_nl, volume_nl)
    # After a power cut in a gap the walk may be some minutes ahead of the pump; then the account has the last word.
    ahead = course.walk is not None and course.walk.ahead_ms > 0
    over = course.passed(dose.last + 1) and not (ahead and by_account_nl < volume_nl - STEP_NL)
    if not course.passed(dose.first) or (ahead and not over and by_account_nl < STEP_NL):
        late = _late(source, course.started, known, due_ms)
        status = _not_begun(course, late, late_after_ms)
    else:
        began, ended = course.marks.get(dose.first), course.end_of(dose)
        late = (0, None) if began is None else _late(source, course.started, began, due_ms)
        known = began or known
        if over:
            given_nl = volume_nl
            status = TIME_NOT_KNOWN if began is None else _status(late, late_after_ms)
        else:
            given_nl = by_account_nl
            status = RUNNING if course.ended is None else PARTLY
    why = course.held_up(known) if late != (0, 0) else ()
    return Given(dose.number, volume_nl, due_ms, began, ended, given_nl, late, status, why)


def _late(source: Source, started: Entry, moment: Entry, due_ms: int) -> tuple[int, int | None]:
    """Return how long after its time a moment is: at least and at most."""
    least, most = source.between_ms(started, moment)
    return max(0, least - due_ms), None if most is None else max(0, most - due_ms)


def _status(late: tuple[int, int | None], late_after_ms: int) -> str:
    if late[0] > late_after_ms:
        return LATE
    return GIVEN if late[1] is not None and late[1] <= late_after_ms else PERHAPS_LATE


def _not_begun(course: Course, late: tuple[int, int | None], late_after_ms: int) -> str:
    over = course.ended is not None
    if late[0] > late_after_ms:
        return MISSED if over else OVERDUE
    if late[1] is None or late[1] > late_after_ms:
        return NOT_GIVEN  # whether it was due already, nobody knows
    return CANCELLED if over else NOT_DUE
