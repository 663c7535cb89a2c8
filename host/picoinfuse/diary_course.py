"""A course: one program from its start to its end, as the entries tell it: what it did when, and what held it up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from picoinfuse_firmware import alarms, states

from .diary_plan import Dose, Walk, pieces_of
from .diary_source import CONTACT, Ordered, Source
from .log import Entry

RUNS = (states.INFUSING, states.KVO)
OFF = "off"  # a stretch without power; the others are states of the pump
HELD = (states.PAUSED, states.ALARM, OFF)
COMPLETE, STOPPED, UNDER_WAY = "complete", "stopped", "under way"
ALARMED = "ended by the alarm"  # nobody answered it before the run, and its record, were over
LOST = "lost"  # power was lost, and nobody could go on with it
NOT_KNOWN = "not known"  # the entries of its end are missing
PROGRAM, PERSON, PATIENT = "program", "person", "patient"
# Notes of a power loss after which nobody can go on, as the firmware's recovery.py names them.
NO_WAY_ON = ("program_lost", "pump_failed", "place_lost", "drive_changed")
# What people do with a program that runs, as the firmware's access.py names it.
BY_PEOPLE = ("start", "pause", "resume", "stop", "apply", "override", "refill")
_STOPS = {row.name for row in alarms.TABLE if row.stops}
_END = alarms.BY_CODE[alarms.END].name
_PAUSED_LONG = alarms.BY_CODE[alarms.PAUSE_TOO_LONG].name  # the only one that ends a run without stopping the motor


@dataclass
class Stretch:
    """For so long the pump was in one state. to: None while it still is. since: of a pump without power, when it was
    heard last; vague: it may have run on for a while after that, nobody knows how long.
    """

    state: str
    since: Entry
    to: Entry | None = None
    alarm: str = ""
    vague: bool = False

    def words(self) -> str:
        """Return what held the pump up."""
        if self.state == OFF:
            return "no power"
        return f"alarm {self.alarm.replace('_', ' ')}".strip() if self.state == states.ALARM else "paused"


@dataclass
class Bolus:
    """A bolus beside the basal rate. who: PROGRAM, PERSON or PATIENT. given: None as long as nobody knows."""

    at: Entry
    who: str
    volume_nl: int
    id: str
    given: bool | None = None


@dataclass(frozen=True)
class Refusal:
    """Something that was asked for at the pump and not done. what: key, demand, or an action that its asker may not do.

    why: the pump's own word, or who asked.
    """

    at: Entry
    what: str
    why: str


@dataclass
class Course:
    """One program from its start on. ordered: None if nobody here knows more than its check value and its volume.

    ended: None while it is under way. ended_by: the alarm that ended it, "" for none. given_nl: the dose account when
    it was told last; up to uncertain_nl of it may not have been given. dropped_nl: of the order, what is not given any
    more since power was lost.
    """

    started: Entry
    ordered: Ordered | None
    walk: Walk | None
    ended: Entry | None = None
    outcome: str = UNDER_WAY
    ended_by: str = ""
    given_nl: int = 0
    uncertain_nl: int = 0
    dropped_nl: int = 0
    stretches: list[Stretch] = field(default_factory=list)
    boluses: list[Bolus] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    marks: dict[int, Entry] = field(default_factory=dict)  # piece -> when it began
    shifts: dict[int, float] = field(default_factory=dict)  # piece -> how far changes of the rate had moved it
    people: list[tuple[str, str]] = field(default_factory=list)  # what somebody who was logged in did, and who

    @property
    def check(self) -> str:
        """The check value of the program."""
        return self.started.what

    @property
    def programmed_nl(self) -> int:
        """What the program orders."""
        return self.started.value

    @property
    def asked_nl(self) -> int:
        """The boluses of people, as far as they were given whole, or it is not known that they were not."""
        return sum(bolus.volume_nl for bolus in self.boluses if bolus.who != PROGRAM and bolus.given is not False)

    def passed(self, piece: int) -> bool:
        """Return whether a piece of the program has begun; one more than there are: whether the program is over."""
        return self.walk is not None and self.walk.at >= piece

    def end_of(self, dose: Dose) -> Entry | None:
        """Return when a dose ended: at the beginning of what follows, or with the course; None: it did not."""
        if self.walk is not None and dose.last == len(self.walk.pieces) - 1:
            return self.ended if self.outcome == COMPLETE else None
        return self.marks.get(dose.last + 1)

    def shift_at(self, piece: int) -> float:
        """Return by how much changes of the rate had moved a piece, in milliseconds."""
        return self.shifts.get(piece, 0.0 if self.walk is None else self.walk.shift_ms)

    def of_dose_nl(self, before_nl: float, volume_nl: int) -> int:
        """Return how much of a dose that is not over was given. before_nl: of the doses before it.

        By the account; while it runs, since the account was told last, by the time that passed. A pump that is paused
        or alarms told its account when the motor stood still, and has given nothing since.
        """
        told_nl = float(self.given_nl - self.asked_nl)
        waits = bool(self.stretches) and self.stretches[-1].state in (states.PAUSED, states.ALARM)
        if self.walk is not None and self.ended is None and not self.walk.ahead_ms and not waits:
            told_nl = max(told_nl, self.walk.volume_nl)
        return round(min(volume_nl, max(0.0, told_nl - before_nl)))

    def held_up(self, until: Entry) -> tuple[str, ...]:
        """Return what held the pump up before a moment, in words."""
        words: dict[str, int] = {}
        for stretch in self.stretches:
            if stretch.state in HELD and (stretch.since.n, stretch.since.at_ms) < (until.n, until.at_ms):
                words[stretch.words()] = words.get(stretch.words(), 0) + 1
        return tuple(f"{name} ({many} times)" if many > 1 else name for name, many in words.items())

    def holds(self) -> Stretch | None:
        """Return what holds it up now, while it is under way; None if nothing does."""
        waits = self.ended is None and bool(self.stretches) and self.stretches[-1].state in HELD
        return self.stretches[-1] if waits else None


def courses_of(source: Source) -> list[Course]:
    """Return every course, in the order of their starts."""
    teller = _Teller(source)
    for entry in source.entries:
        teller.take(entry)
    if source.outcome == "alarm":
        teller.alarm_ended()
    return teller.courses


class _Teller:
    """Reads entry by entry."""

    def __init__(self, source: Source) -> None:
        self.courses: list[Course] = []
        self.course: Course | None = None
        self._source = source
        self._state = ""
        self._at: Entry | None = None  # up to here the course is told
        self._ran_to: Entry | None = None  # power failed some time after this while it ran
        self._resumed_ms = -1
        self._fresh = False  # power has just come: the pump says `idle` before it says what it found
        self._no_way = False
        self._alarm = ""
        self._takes: dict[str, Callable[[Course, Entry], None]] = {
            "state": self._state_is,
            "phase": self._phase,
            "rate": self._rate,
            "bolus": self._bolus,
            "bolus_end": self._bolus_end,
            "demand": self._demand,
            "key": self._key,
            "denied": self._denied,
            "alarm": self._alarm_came,
            "note": self._note,
            CONTACT: self._contact,
        }

    def take(self, entry: Entry) -> None:
        """Take the next entry."""
        if entry.kind == "program":
            self._close(entry, NOT_KNOWN)
            self._open(entry)
            return
        if entry.kind == "by" and self.courses:
            self._by(self.courses[-1], entry)
        course = self.course
        if course is None or self._at is None:
            return
        if self._source.start_of(entry) != self._source.start_of(self._at):
            self._power_off(course, self._at, entry)
        self._go_on(course, entry)
        takes = self._takes.get(entry.kind)
        if takes is not None:
            takes(course, entry)

    def alarm_ended(self) -> None:
        """The run that these entries tell of is over, and an alarm that nobody answered ended it."""
        course = self.course
        held = None if course is None else course.holds()
        if course is not None and held is not None:
            self._close(held.since, ALARMED)
            course.ended_by = held.alarm or (_PAUSED_LONG if held.state == states.PAUSED else "")

    def _open(self, entry: Entry) -> None:
        ordered = self._source.programs.get(entry.what)
        walk = Walk(pieces_of(ordered.plan)) if ordered is not None else None
        self.course = Course(entry, ordered, walk)
        self.courses.append(self.course)
        self._state, self._at, self._ran_to, self._alarm = "", entry, None, ""
        self._fresh = self._no_way = False
        self._mark(self.course, entry, 0.0)

    def _close(self, entry: Entry, outcome: str) -> None:
        course = self.course
        if course is None:
            return
        course.ended, course.outcome = entry, outcome
        self._stretch_ends(course, entry)
        if outcome == COMPLETE and course.walk is not None:
            course.walk.at = len(course.walk.pieces)
        self._cut_boluses(course, outcome == COMPLETE)
        self.course = None

    def _cut_boluses(self, course: Course, done: bool) -> None:
        for bolus in course.boluses:
            if bolus.given is None:
                bolus.given = done

    # ---- time ---------------------------------------------------------------------------------------------------

    def _go_on(self, course: Course, entry: Entry) -> None:
        """Let the walk come to the time of an entry of the same start."""
        before = self._at
        if before is not None and self._state in RUNS and course.walk is not None:
            now_ms = course.walk.now_ms
            course.walk.advance(max(0, entry.at_ms - before.at_ms))
            self._mark(course, before, now_ms)
        self._at = entry

    def _mark(self, course: Course, before: Entry, now_ms: float) -> None:
        """Note when pieces began since the walk was at now_ms, which was the time of `before`."""
        if course.walk is None:
            return
        for piece, at_ms in course.walk.begun.items():
            if piece not in course.marks:
                course.marks[piece] = before._replace(at_ms=round(before.at_ms + at_ms - now_ms))
                course.shifts[piece] = course.walk.shift_ms

    def _stretch_ends(self, course: Course, entry: Entry) -> None:
        if course.stretches and course.stretches[-1].to is None:
            course.stretches[-1].to = entry

    def _power_off(self, course: Course, before: Entry, entry: Entry) -> None:
        """Power was lost some time after `before`, and is back."""
        runs = self._state in RUNS
        self._ran_to = before if runs else None
        self._stretch_ends(course, before)
        course.stretches.append(Stretch(OFF, before, entry, vague=runs))
        self._cut_boluses(course, False)
        self._at, self._state, self._fresh = entry, OFF, True

    def _ran_until(self, course: Course, given_nl: int) -> None:
        """It ran until so much was given: so far at least it came before power failed."""
        before = self._ran_to
        self._ran_to = None
        if before is None or course.walk is None:
            return
        now_ms = course.walk.now_ms
        course.walk.to_volume(given_nl - course.asked_nl)
        course.walk.power_lost()
        self._mark(course, before, now_ms)
        failed = before._replace(at_ms=before.at_ms + round(course.walk.now_ms - now_ms))
        off = next(stretch for stretch in reversed(course.stretches) if stretch.state == OFF)
        if course.walk.rate() > 0 and off.vague:  # the account says when: it was giving something
            off.since, off.vague = failed, False
            course.stretches[course.stretches.index(off) - 1].to = failed
        start = self._source.dates.starts[self._source.start_of(before)]
        start.longest_ms = max(start.longest_ms, failed.at_ms)

    # ---- kinds of entries ---------------------------------------------------------------------------------------

    def _state_is(self, course: Course, entry: Entry) -> None:
        state = entry.what
        if self._fresh and state == states.IDLE:
            return
        fresh, self._fresh = self._fresh, False
        course.given_nl = entry.value
        if fresh:
            self._ran_until(course, entry.value)
        if state == states.COMPLETE:
            self._close(entry, COMPLETE)
        elif state == states.IDLE:
            self._close(entry, LOST if self._no_way else STOPPED)
        elif state in (states.STAGED, states.READY, states.PRIMING):
            self._close(entry, NOT_KNOWN)
        else:
            self._stretch_ends(course, entry)
            alarm = self._alarm if state == states.ALARM else ""
            course.stretches.append(Stretch(state, entry, alarm=alarm))
            self._turn(course, entry, state)
            self._resumed_ms = entry.at_ms if state in RUNS and self._state not in RUNS else -1
            self._state = state

    def _turn(self, course: Course, entry: Entry, state: str) -> None:
        """Between dose and keep-vein-open the pump says where it is."""
        walk = course.walk
        if walk is None or self._state not in RUNS or state not in RUNS or state == self._state:
            return
        if entry.at_ms == self._resumed_ms and walk.in_kvo():
            return  # it goes on in it
        self._told(course, entry, walk.turn(state == states.KVO))

    def _told(self, course: Course, entry: Entry, new: bool) -> None:
        """Where the walk is now begins at this entry, if the pump told something `new`."""
        walk = course.walk
        if walk is None or not new:
            return
        for piece in [piece for piece in course.marks if piece >= walk.at]:
            del course.marks[piece]
        self._mark(course, entry, walk.now_ms)

    def _contact(self, course: Course, entry: Entry) -> None:
        if not self._fresh:
            course.given_nl = entry.value

    def _phase(self, course: Course, entry: Entry) -> None:
        if course.walk is not None:
            self._told(course, entry, course.walk.meet(entry.value))

    def _rate(self, course: Course, entry: Entry) -> None:
        if course.walk is not None:
            course.walk.change_rate(entry.value)

    def _bolus(self, course: Course, entry: Entry) -> None:
        who = PROGRAM if entry.what == "program" else PERSON
        course.boluses.append(Bolus(entry, who, entry.value, entry.what))

    def _bolus_end(self, course: Course, entry: Entry) -> None:
        for bolus in course.boluses:
            if bolus.id == entry.what and bolus.given is None:
                bolus.given = True

    def _demand(self, course: Course, entry: Entry) -> None:
        if entry.what != "given":
            course.refusals.append(Refusal(entry, "demand", entry.what))
        elif course.boluses and course.boluses[-1].at.at_ms == entry.at_ms:
            course.boluses[-1].who = PATIENT
        else:  # the entry of the bolus itself is missing
            course.boluses.append(Bolus(entry, PATIENT, entry.value, "-"))

    def _key(self, course: Course, entry: Entry) -> None:
        what, _, why = entry.what.partition(".")
        if what == "refused":
            course.refusals.append(Refusal(entry, "key", why))

    def _denied(self, course: Course, entry: Entry) -> None:
        who, _, action = entry.what.rpartition(".")
        course.refusals.append(Refusal(entry, action, f"asked by {who}" if who != "-" else "nobody was logged in"))

    def _by(self, course: Course, entry: Entry) -> None:
        who, _, action = entry.what.rpartition(".")
        ended = course.ended
        if action in BY_PEOPLE and (ended is None or (ended.boot, ended.at_ms) == (entry.boot, entry.at_ms)):
            course.people.append((action, who))

    def _alarm_came(self, course: Course, entry: Entry) -> None:
        if entry.what in _STOPS:
            self._alarm = entry.what
        elif entry.what == _END:  # the dose is complete; from now on the vein is kept open without end
            course.given_nl = entry.value
            self._close(entry, COMPLETE)

    def _note(self, course: Course, entry: Entry) -> None:
        if entry.what == "uncertain_nl":
            course.uncertain_nl = entry.value
        elif entry.what == "dropped_nl":
            course.dropped_nl += entry.value
        elif entry.what in NO_WAY_ON:
            self._no_way = True
