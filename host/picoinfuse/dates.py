"""When an entry of the log happened, by the calendar: the pump has none, so a contact ties its clock to a computer's.

Within a start of the pump its clock runs on: one contact gives every entry of that start a date. Whoever logs in there
says the time too, and the pump enters it. An entry of a start in which nobody asked lies between what is known before
and after: the starts around it with their lengths.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .archive import Contact
from .log import Entry

DRIFT_PPM = 50  # of the crystal of a Pico and of a computer, each against the other: engineer's memory
CLOCK_MS = 5_000  # by so much, beyond drift, two contacts may disagree until a computer's clock is called wrong
BACK_MS = 10_000  # an entry so much before the one in front of it is of another start
LOGIN_MS = 2_500  # the time of a login is told in whole seconds, and entered when the code has come
SAYS_MS = 120_000  # what is known better than to two minutes is told as one time


@dataclass(frozen=True)
class When:
    """Between which moments something happened: milliseconds since 1970, UTC; None: nothing is known on that side."""

    earliest_ms: int | None = None
    latest_ms: int | None = None

    @property
    def known(self) -> bool:
        """Whether it is known to within two minutes."""
        return self.width_ms is not None and self.width_ms <= SAYS_MS

    @property
    def width_ms(self) -> int | None:
        """How far apart the two are; None if one is not known."""
        if self.earliest_ms is None or self.latest_ms is None:
            return None
        return self.latest_ms - self.earliest_ms

    @property
    def middle_ms(self) -> int | None:
        """The middle between the two."""
        if self.earliest_ms is None or self.latest_ms is None:
            return None
        return (self.earliest_ms + self.latest_ms) // 2

    def words(self) -> str:
        """Return it in the computer's own time zone: a time, "between A and B", "before B", "after A", or "-"."""
        if self.known:
            return local(self.middle_ms or 0)
        if self.earliest_ms is not None and self.latest_ms is not None:
            return f"between {local(self.earliest_ms)} and {local(self.latest_ms)}"
        if self.latest_ms is not None:
            return f"before {local(self.latest_ms)}"
        return "-" if self.earliest_ms is None else f"after {local(self.earliest_ms)}"


def local(ms: int) -> str:
    """Return milliseconds since 1970 as date and time in the computer's own time zone."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def iso(ms: int | None) -> str | None:
    """Return milliseconds since 1970 as ISO 8601 in UTC, for programs."""
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


@dataclass
class Start:
    """One start of the pump, as the log tells it. first, last: numbers of its entries.

    began_ms, longest_ms: the pump's times of the first and the last thing that is known of it.
    """

    boot: int
    first: int
    last: int
    began_ms: int
    longest_ms: int
    contacts: list[Contact] = field(default_factory=list)
    begin: When = field(default_factory=When)  # when the pump's clock was 0; not used with contacts


class Dates:
    """Dates of the entries of one log, in the order of their numbers, from the contacts in any order.

    met: the contacts of starts that the entries tell of.
    """

    def __init__(self, entries: Sequence[Entry], contacts: Sequence[Contact]) -> None:
        self.starts: list[Start] = []
        self._problems: list[str] = []
        for entry in entries:
            self._take(entry)
        self._firsts = [start.first for start in self.starts]
        self.met = [contact for contact in contacts if self._belongs(contact)]
        others = [contact for contact in contacts if contact not in self.met]
        for entry in entries:
            if _tells_time(entry):
                self._belongs(_login(entry))
        for start in self.starts:
            self._agree(start)
        self._forwards(others)
        self._backwards(others)

    def _take(self, entry: Entry) -> None:
        last = self.starts[-1] if self.starts else None
        if last is None or entry.boot != last.boot or entry.kind == "boot" or entry.at_ms < last.longest_ms - BACK_MS:
            self.starts.append(Start(entry.boot, entry.n, entry.n, entry.at_ms, entry.at_ms))
            return
        last.last = entry.n
        last.longest_ms = max(last.longest_ms, entry.at_ms)

    def _belongs(self, contact: Contact) -> bool:
        """Give a contact to the start in which it was; False if nothing of that start is known."""
        at = self.start_of(contact.newest)
        for i in (at, at + 1):  # at + 1: the entries before that start's first known one are missing
            if not 0 <= i < len(self.starts):
                continue
            start = self.starts[i]
            if start.boot == contact.boot and (i == at or contact.at_ms <= start.began_ms + BACK_MS):
                start.contacts.append(contact)
                start.longest_ms = max(start.longest_ms, contact.at_ms)
                return True
        return False

    def start_of(self, n: int) -> int:
        """Return the index of the start in which entry n was, -1 if it was before all that are known."""
        return bisect_right(self._firsts, n) - 1

    def _agree(self, start: Start) -> None:
        """Let only the newest contacts count that agree with each other: a clock that was set is right afterwards."""
        its = start.contacts
        its.sort(key=lambda contact: contact.at_ms)
        for i in range(len(its) - 1, 0, -1):
            one, other = its[i - 1], its[i]
            passed_ms = other.at_ms - one.at_ms
            off_ms = other.wall_ms - one.wall_ms - passed_ms
            if abs(off_ms) > CLOCK_MS + one.within_ms + other.within_ms + passed_ms * 2 * DRIFT_PPM // 10**6:
                self._problems.append(
                    f"the clock of a computer was wrong: between {local(one.wall_ms)} and {local(other.wall_ms)} it "
                    f"went {abs(off_ms) / 1000:.0f} s {'more' if off_ms > 0 else 'less'} than the pump's; the later "
                    "time is taken for right"
                )
                start.contacts = its[i:]
                return

    def _forwards(self, others: Sequence[Contact]) -> None:
        """No start began before the one in front of it had gone on for as long as is known."""
        ended_ms: int | None = None
        for i, start in enumerate(self.starts):
            after = self._firsts[i - 1] if i else 0
            walls = [c.wall_ms - c.within_ms for c in others if after <= c.newest < start.first]
            earliest = max([*walls, *([] if ended_ms is None else [ended_ms])], default=None)
            start.begin = When(earliest, None)
            end = self.at(i, start.longest_ms)
            ended_ms = end.earliest_ms

    def _backwards(self, others: Sequence[Contact]) -> None:
        """Every start had gone on for as long as is known when the next one began."""
        began_ms: int | None = None
        for i in range(len(self.starts) - 1, -1, -1):
            start = self.starts[i]
            before = self._firsts[i + 1] if i + 1 < len(self.starts) else None
            walls = [
                c.wall_ms + c.within_ms for c in others if c.newest >= start.last and (not before or c.newest < before)
            ]
            latest = min([*walls, *([] if began_ms is None else [began_ms])], default=None)
            if latest is not None:
                start.begin = When(start.begin.earliest_ms, latest - start.longest_ms)
            began_ms = self.at(i, 0).latest_ms

    def at(self, start: int, at_ms: int) -> When:
        """Return when the pump's clock showed at_ms in a start, by its index."""
        its = self.starts[start]
        if its.contacts:
            return _by_contacts(its.contacts, at_ms)
        early, late = its.begin.earliest_ms, its.begin.latest_ms
        if early is not None and late is not None and early > late:
            early, late = late, early  # the clocks of two computers contradict each other; `problems` tells
        return When(None if early is None else early + at_ms, None if late is None else late + at_ms)

    def of(self, entry: Entry) -> When:
        """Return when an entry happened."""
        return self.at(self.start_of(entry.n), entry.at_ms)

    def problems(self) -> list[str]:
        """Return what is wrong with the clocks of the computers, in words; [] if all agree."""
        said = list(self._problems)
        for start in self.starts:
            its = start.begin
            if (
                not start.contacts
                and its.earliest_ms is not None
                and its.latest_ms is not None
                and its.earliest_ms > its.latest_ms + CLOCK_MS
            ):
                said.append(
                    f"the clocks of two computers contradict each other about start {start.boot} of the pump "
                    f"({(its.earliest_ms - its.latest_ms) / 1000:.0f} s)"
                )
        return said


def _tells_time(entry: Entry) -> bool:
    """Return whether somebody logged in at the pump and told the time."""
    return entry.kind == "by" and entry.what.endswith(".login") and entry.value > 0


def _login(entry: Entry) -> Contact:
    return Contact(entry.boot, entry.at_ms, entry.value * 1000 + 500, LOGIN_MS, 0, entry.n)


def _by_contacts(contacts: Sequence[Contact], at_ms: int) -> When:
    """Return the moment between the contacts around it, or beyond the nearest one, with what is not known of it."""
    i = bisect_right([contact.at_ms for contact in contacts], at_ms)
    if 0 < i < len(contacts):
        one, other = contacts[i - 1], contacts[i]
        part = (at_ms - one.at_ms) / (other.at_ms - one.at_ms)
        wall_ms = one.wall_ms + round(part * (other.wall_ms - one.wall_ms))
        away_ms = min(at_ms - one.at_ms, other.at_ms - at_ms)
        within_ms = max(one.within_ms, other.within_ms)
    else:
        near = contacts[i - 1] if i else contacts[0]
        wall_ms = near.wall_ms + at_ms - near.at_ms
        away_ms = abs(at_ms - near.at_ms)
        within_ms = near.within_ms
    within_ms += away_ms * DRIFT_PPM // 10**6 + 1
    return When(wall_ms - within_ms, wall_ms + within_ms)
