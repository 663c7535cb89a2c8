"""What a diary is made of: the entries of one pump in order, their dates, and what its programs order.

From an archive these are all that the pump has logged; from the record of a run what the host heard, phases included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from picoinfuse_firmware import program as firmware

from . import courses
from .archive import Archive, Contact, Gap
from .dates import Dates, When
from .log import Entry
from .notebook import Notebook
from .record import Record
from .run import NOTEBOOK

CONTACT = "contact"  # the kind of an entry that is none of the pump's: a computer asked how it stands
NEARLY_MS = 5_000  # the date of a record is taken a moment before the start


@dataclass(frozen=True)
class Ordered:
    """What a program orders. name: of its therapy, or its check value. plan: the pump's own program."""

    name: str
    title: str
    drug: str
    plan: firmware.Program


@dataclass
class Source:
    """Entries in the order in which they happened, of one pump. programs: by their check values.

    Among the entries are the contacts of computers with the pump, of kind CONTACT: their value is the dose account.
    refused: requests of this host that the pump refused, in words; they are in no log. outcome: of the run, if these
    are the entries of the record of one; the log of a pump goes on.
    """

    entries: list[Entry]
    dates: Dates
    programs: dict[str, Ordered]
    name: str
    gaps: list[Gap] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    outcome: str = ""

    @property
    def last(self) -> Entry | None:
        """The last moment that is known of."""
        return self.entries[-1] if self.entries else None

    def start_of(self, entry: Entry) -> int:
        """Return the number of the start of an entry, counted from 0 in this source."""
        return self.dates.start_of(entry.n)

    def when(self, entry: Entry) -> When:
        """Return when an entry happened, by the calendar."""
        return self.dates.of(entry)

    def between_ms(self, one: Entry, other: Entry) -> tuple[int, int | None]:
        """Return how long it was from one entry to a later one: at least, and at most (None: nobody knows)."""
        first, last = self.start_of(one), self.start_of(other)
        if first == last:
            exact = other.at_ms - one.at_ms
            return exact, exact
        starts = self.dates.starts
        least = starts[first].longest_ms - one.at_ms
        least += sum(start.longest_ms - start.began_ms for start in starts[first + 1 : last])
        least += other.at_ms - starts[last].began_ms
        early, late = self.when(one), self.when(other)
        most = None
        if early.latest_ms is not None and late.earliest_ms is not None:
            least = max(least, late.earliest_ms - early.latest_ms)
        if early.earliest_ms is not None and late.latest_ms is not None:
            most = max(least, late.latest_ms - early.earliest_ms)
        return least, most


def of_archive(archive: Archive) -> Source:
    """Return the source of an archive."""
    entries, contacts = archive.entries(), archive.contacts()
    dates = Dates(entries, contacts)
    programs = {}
    for check, data in archive.programs().items():
        plan = _plan(data.get("text", ""))
        if plan is not None:
            programs[check] = Ordered(data.get("name", check), data.get("title", ""), data.get("drug", ""), plan)
    return Source(_with_contacts(entries, dates), dates, programs, f"pump {archive.journal}", archive.gaps())


def _with_contacts(entries: list[Entry], dates: Dates) -> list[Entry]:
    """Return the entries, and behind those that a contact has seen the contact."""
    met = [
        Entry(contact.newest, contact.boot, contact.at_ms, CONTACT, "-", contact.delivered_nl) for contact in dates.met
    ]
    return sorted([*entries, *met], key=lambda entry: (entry.n, entry.kind == CONTACT, entry.at_ms))


def _plan(text: str) -> firmware.Program | None:
    try:
        plan: firmware.Program = firmware.of_text(text)
        return plan
    except (ValueError, TypeError, IndexError):
        return None  # of another version


def of_record(record: Record) -> Source:
    """Return the source of a run's record."""
    entries: list[Entry] = []
    boot = 1
    for event in record.events:
        if event.kind == "boot" and entries:
            boot += 1
        entries.append(Entry(len(entries) + 1, boot, event.at_ms, event.kind, event.what, event.value))
    dates = Dates(entries, _contact(record, entries))
    if entries and record.rows:
        last = entries[-1]
        at_ms = max(last.at_ms, int(record.rows[-1][0]))
        parts = record.meta.get(courses.KEY, [])
        given_nl = parts[-1]["delivered_nl"] if parts else round(record.meta["result"]["delivered_ml"] * 1e6)
        entries.append(last._replace(at_ms=at_ms, kind=CONTACT, what="-", value=given_nl))
    its = record.meta["program"]
    name, drug = record.meta["therapy"], record.meta.get("drug", "")
    title = record.meta.get("title") or name
    programs = {its["check"]: Ordered(name, title, drug, _of_meta(its))}
    for part in record.meta.get(courses.KEY, [])[1:]:
        plan, is_drug = _of_meta(part["program"]), part["what"] == courses.DRUG
        said = "the rest, slower" if is_drug else "the line is kept open after a reaction, no drug"
        programs.setdefault(
            part["program"]["check"], Ordered(name if is_drug else courses.SALINE, said, drug if is_drug else "", plan)
        )
    return Source(
        entries=entries,
        dates=dates,
        programs=programs,
        name=str(record.path or record.meta["therapy"]),
        refused=_refused(record),
        outcome=record.meta["result"]["outcome"],
    )


def _of_meta(its: dict[str, Any]) -> firmware.Program:
    phases = [firmware.Phase(*values) for values in its["phases"]]
    return firmware.Program(
        its["barrel_um"],
        its["capacity_nl"],
        its["filled_nl"],
        its["friction_mn"],
        its["occlusion_mmhg"],
        its["near_end_ms"],
        phases,
    )


def _contact(record: Record, entries: list[Entry]) -> list[Contact]:
    """Return the moment of the start as a contact. Not of a simulated world: its time is none of the calendar."""
    started = next((entry for entry in entries if entry.kind == "program"), None)
    if started is None or record.meta["result"].get("patient_ml") is not None:
        return []
    try:
        wall_ms = round(datetime.fromisoformat(record.meta["date"]).timestamp() * 1000)
    except (KeyError, ValueError):
        return []
    return [Contact(started.boot, started.at_ms, wall_ms + NEARLY_MS, NEARLY_MS, 1, started.n)]


def _refused(record: Record) -> list[str]:
    """Return the requests of this run that the pump refused, from the notebook beside the record."""
    if record.path is None or not (record.path / NOTEBOOK).is_file():
        return []
    entries = Notebook(record.path / NOTEBOOK).entries()
    return [f"{entry.verb} {entry.detail}".strip() for entry in entries if entry.state == "refused"]
