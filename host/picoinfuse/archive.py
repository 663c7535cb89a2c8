"""The archive of one pump's log on this computer: fetched in pieces, from several computers, without a gap or a double.

A file of SQLite for each journal (the pump's name for its log, drawn when it was made). An entry has its number for
ever, so what is fetched twice is the same entry; what differs is another log, and is refused. A piece that is fetched
is on the disk before the next one is asked for: a cable that is pulled costs nothing.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from .errors import BadInput
from .log import Entry

FORMAT = 1
JOURNAL = re.compile(r"[0-9a-f]{8}")
WAIT_S = 5.0  # for another program that is just writing
OVERWRITTEN, DAMAGED, NOT_FETCHED = "overwritten", "damaged", "not fetched"
WHY = {
    OVERWRITTEN: "the pump had overwritten them before anybody fetched them",
    DAMAGED: "a power cut tore them while they were written",
    NOT_FETCHED: "they are still on the pump, or were when it was asked last",
}
_TABLES = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE entry (n INTEGER PRIMARY KEY, boot INTEGER NOT NULL, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,
                    what TEXT NOT NULL, value INTEGER NOT NULL);
CREATE TABLE damaged (n INTEGER PRIMARY KEY);
CREATE TABLE contact (boot INTEGER NOT NULL, at_ms INTEGER NOT NULL, wall_ms INTEGER NOT NULL,
                      within_ms INTEGER NOT NULL, oldest INTEGER NOT NULL, newest INTEGER NOT NULL,
                      battery_mv INTEGER NOT NULL, fed INTEGER NOT NULL, delivered_nl INTEGER NOT NULL,
                      PRIMARY KEY (wall_ms, boot, at_ms));
CREATE TABLE program (check_value TEXT PRIMARY KEY, data TEXT NOT NULL);
"""
_NOTE = "INSERT OR IGNORE INTO contact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True)
class Contact:
    """One moment at which a computer asked the pump: what ties the pump's clock to the calendar.

    boot, at_ms: as in an Entry. wall_ms: milliseconds since 1970, UTC, of the computer's clock, and known to within
    within_ms. oldest, newest: the numbers of the entries that the pump kept then. battery_mv: 0 if none is fitted. fed:
    1 the mains is there, 0 it is gone, -1 not known. delivered_nl: of its dose account.
    """

    boot: int
    at_ms: int
    wall_ms: int
    within_ms: int
    oldest: int
    newest: int
    battery_mv: int = 0
    fed: int = -1
    delivered_nl: int = 0


@dataclass(frozen=True)
class Gap:
    """Entries that are missing, from number `first` to `last`. why: a key of WHY."""

    first: int
    last: int
    why: str


class Archive:
    """The log of one pump in a file. journal: eight hex digits; a file that does not exist yet is made for it.

    A context manager that closes the file. Raises BadInput that names the file and says what is wrong with it.
    """

    def __init__(self, path: Path, journal: str | None = None) -> None:
        self.path = path
        if journal is None and not path.is_file():
            raise BadInput(f"{path}: there is no such archive; picoinfuse archive list shows those that there are")
        if journal is not None and not JOURNAL.fullmatch(journal):
            raise BadInput(f"{path}: {journal!r} is not the name of a journal: eight hex digits")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=WAIT_S)
        except (OSError, sqlite3.Error) as error:
            raise BadInput(f"{path}: cannot be opened: {error}; choose another folder") from error
        try:
            self.journal = self._opened(journal)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _opened(self, journal: str | None) -> str:
        with self._change() as file:
            file.execute("BEGIN IMMEDIATE")  # of two programs that make it at once, one waits for the other
            if not file.execute("SELECT 1 FROM sqlite_master").fetchone():
                if journal is None:
                    raise BadInput(f"{self.path}: is empty, and no archive; give another file")
                for statement in _TABLES.split(";"):
                    file.execute(statement)
                file.executemany("INSERT INTO about VALUES (?, ?)", (("format", str(FORMAT)), ("journal", journal)))
            elif not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'about'").fetchone():
                raise BadInput(f"{self.path}: is a database, but no archive of a pump; give another file")
            about = dict(file.execute("SELECT key, value FROM about"))
        if about.get("format") != str(FORMAT):
            raise BadInput(f"{self.path}: has format {about.get('format')}; this program reads {FORMAT}")
        if journal is not None and about["journal"] != journal:
            raise BadInput(f"{self.path}: is the log of pump {about['journal']}, not of {journal}; give another file")
        return str(about["journal"])

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One change: all of it is on the disk afterwards, or nothing."""
        try:
            with self._file:
                yield self._file
        except sqlite3.Error as error:
            raise BadInput(f"{self.path}: {_words(error)}") from error

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            return self._file.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise BadInput(f"{self.path}: {_words(error)}") from error

    # What goes in

    def add(self, entries: Iterable[Entry], damaged: Iterable[int] = ()) -> int:
        """Keep entries, and the numbers of those that are damaged on the pump. Returns how many were new.

        Raises BadInput if one is not the entry that is kept under its number; then none of them is kept.
        """
        with self._change() as file:
            return self._add(file, entries, damaged)

    def _add(self, file: sqlite3.Connection, entries: Iterable[Entry], damaged: Iterable[int]) -> int:
        new = 0
        for entry in entries:
            new += file.execute("INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?, ?)", entry).rowcount
            row = file.execute("SELECT * FROM entry WHERE n = ?", (entry.n,)).fetchone()
            if row != tuple(entry):
                raise BadInput(
                    f"{self.path}: entry {entry.n} is another one here ({_said(Entry(*row))}) than there "
                    f"({_said(entry)}): it is not the same log. Move this file away; then a new archive is begun"
                )
        file.executemany("INSERT OR IGNORE INTO damaged VALUES (?)", ((n,) for n in damaged))
        return new

    def note(self, contact: Contact) -> None:
        """Keep a contact with the pump."""
        with self._change() as file:
            file.execute(_NOTE, astuple(contact))

    def keep_program(self, check: str, data: dict[str, Any]) -> None:
        """Keep what a program orders, by its check value: the log names only that. data: anything that JSON can hold.

        Of two that say the same in other words the newest is kept.
        """
        with self._change() as file:
            file.execute("INSERT OR REPLACE INTO program VALUES (?, ?)", (check, json.dumps(data)))

    def merge(self, other: Archive) -> int:
        """Take over what another archive of the same log has, from another computer. Returns how many entries were new.

        Raises BadInput if it is another log.
        """
        if other.journal != self.journal:
            raise BadInput(
                f"{other.path}: is the log of pump {other.journal}, not of {self.journal}; only archives of the same "
                "log are merged"
            )
        with self._change() as file:
            new = self._add(file, other.entries(), (n for (n,) in other._rows("SELECT n FROM damaged")))
            file.executemany(_NOTE, (astuple(contact) for contact in other.contacts()))
            programs = other._rows("SELECT check_value, data FROM program")
            file.executemany("INSERT OR IGNORE INTO program VALUES (?, ?)", programs)
            return new

    # What is there

    def entries(self) -> list[Entry]:
        """Return all entries in the order of their numbers."""
        return [Entry._make(row) for row in self._rows("SELECT * FROM entry ORDER BY n")]

    def contacts(self) -> list[Contact]:
        """Return all contacts in the order of the computer's clock."""
        return [Contact(*row) for row in self._rows("SELECT * FROM contact ORDER BY wall_ms, boot, at_ms")]

    def programs(self) -> dict[str, dict[str, Any]]:
        """Return what each program orders, by its check value."""
        return {check: json.loads(data) for check, data in self._rows("SELECT check_value, data FROM program")}

    def missing(self, first: int, last: int) -> list[int]:
        """Return the numbers from first to last that are not here, and are not known to be damaged."""
        there = {n for (n,) in self._rows("SELECT n FROM entry WHERE n BETWEEN ? AND ?", first, last)}
        there |= {n for (n,) in self._rows("SELECT n FROM damaged WHERE n BETWEEN ? AND ?", first, last)}
        return [n for n in range(first, last + 1) if n not in there]

    def gaps(self) -> list[Gap]:
        """Return what is missing of the log, from its first entry to the newest one that a contact has seen."""
        oldest, newest = self._rows("SELECT coalesce(max(oldest), 0), coalesce(max(newest), 0) FROM contact")[0]
        here = [n for (n,) in self._rows("SELECT n FROM entry ORDER BY n")]
        torn = {n for (n,) in self._rows("SELECT n FROM damaged")}
        gaps: list[Gap] = []
        before = 0
        for n in [*here, max(newest, here[-1] if here else 0) + 1]:
            for number in range(before + 1, n):
                why = DAMAGED if number in torn else OVERWRITTEN if number < oldest else NOT_FETCHED
                if gaps and gaps[-1].why == why and gaps[-1].last == number - 1:
                    gaps[-1] = Gap(gaps[-1].first, number, why)
                else:
                    gaps.append(Gap(number, number, why))
            before = n
        return gaps


def _said(entry: Entry) -> str:
    return f"{entry.kind} {entry.what} {entry.value} in start {entry.boot}, {entry.at_ms} ms"


def _words(error: sqlite3.Error) -> str:
    text = str(error)
    if "locked" in text:
        return f"another program is writing it ({text}); wait, and try again"
    if "not a database" in text or "malformed" in text or "no such" in text:
        return f"is damaged, or no archive ({text}); move it away, and fetch the log again"
    return f"cannot be used: {text}; is there room on the disk, and may you write there?"
