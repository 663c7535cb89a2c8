"""The commands `archive ...`: the logs of pumps as they are kept on this computer, with the dates that pumps lack."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..archive import WHY
from ..errors import BadInput
from .address import SIMULATED
from .log import MOST, progress
from .numbers import whole
from .options import PORT

if TYPE_CHECKING:
    from ..archive import Archive, Gap
    from ..dates import Dates
    from ..log import Entry

app = typer.Typer(help="Keep the logs of pumps on this computer, with dates.", rich_markup_mode=None)
PUMP = Annotated[
    str | None,
    typer.Argument(help="Its eight hex digits, as `list` shows them; needed if there are several.", metavar="PUMP"),
]


@app.command("list")
def list_archives() -> None:
    """List the pumps whose logs are kept here."""
    from ..archive_place import VARIABLE, chosen, folder, journals

    if folder() is None:
        raise BadInput(f"{VARIABLE} is empty, so nothing is kept here: unset it, or let it name a folder")
    names = journals()
    print(f"{len(names)} {'archive' if len(names) == 1 else 'archives'} in {folder()}")
    for name in names:
        with chosen(name) as archive:
            print(f"  {name}  {summary(archive)}")


def summary(archive: Archive) -> str:
    """Return how much there is of a log, in one line."""
    entries, contacts = archive.entries(), archive.contacts()
    if not entries:
        return "nothing is fetched yet: picoinfuse archive fetch"
    from ..dates import local

    lost = sum(gap.last - gap.first + 1 for gap in archive.gaps())
    met = f", met last on {local(contacts[-1].wall_ms)}" if contacts else ""
    return f"entries {entries[0].n} to {entries[-1].n}, {lost} missing{met}"


@app.command()
def fetch(port: PORT = "auto") -> None:
    """Fetch what is new in a pump's log into its archive. Changes nothing on the pump; a second time costs nothing.

    A pump on a cable gives some five to ten entries a second. What was fetched before a cable was pulled is kept.
    """
    from ..archive_place import of_journal
    from ..contact import gather, journal_of
    from .choose import reach

    if port.startswith(SIMULATED):
        raise BadInput(
            f"--port = {port!r}: this pump ends with this command, and its log with it. Start `picoinfuse serve` in "
            "another terminal and give its address"
        )
    with reach(port) as pump, of_journal(journal_of(pump)) as archive:
        before = len(archive.entries())
        gather(pump, archive, on_progress=progress if sys.stderr.isatty() else None)
        print(f"{len(archive.entries()) - before} new entries of pump {archive.journal}: {summary(archive)}")
        print(f"They are in {archive.path}; read them: picoinfuse archive show, picoinfuse diary")


@app.command()
def merge(
    file: Annotated[Path, typer.Argument(help="The archive of the same pump from another computer.", metavar="FILE")],
) -> None:
    """Take over what another computer has fetched of the same pump's log. The other file stays as it is."""
    from ..archive import Archive
    from ..archive_place import of_journal

    with Archive(file) as other, of_journal(other.journal) as archive:
        if other.path.resolve() == archive.path.resolve():
            raise BadInput(f"{file}: is the archive of this computer itself; give the one of the other computer")
        new = archive.merge(other)
        print(f"{new} new entries of pump {archive.journal}: {summary(archive)}")


@app.command()
def show(
    pump: PUMP = None,
    last: Annotated[str | None, typer.Option(help="Only the newest N entries (default: all).", metavar="N")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Entries and gaps as one JSON object.")] = False,
    table: Annotated[
        Path | None, typer.Option("--csv", help="Write them into this file, as a table.", metavar="FILE")
    ] = None,
) -> None:
    """Show a pump's log with dates: of entries from days without a cable, between which moments they lie."""
    from ..archive_place import chosen
    from ..dates import Dates
    from ..log import write_rows

    count = None if last is None else whole(last, "--last", 1, MOST)
    with chosen(pump) as archive:
        entries, gaps = archive.entries(), archive.gaps()
        dates = Dates(entries, archive.contacts())
        if count is not None:
            entries = entries[-count:]
            gaps = [gap for gap in gaps if entries and gap.last >= entries[0].n]
        rows = [_row(entry, dates) for entry in entries]
        if table is not None:
            write_rows(table, _row_head(), [row.values() for row in rows])
        if as_json:
            data = {
                "pump": archive.journal,
                "entries": rows,
                "gaps": [{"first": gap.first, "last": gap.last, "why": gap.why} for gap in gaps],
                "problems": dates.problems(),
            }
            print(json.dumps(data))
        elif table is not None:
            print(f"{len(rows)} entries written into {table}")
        else:
            _print(entries, gaps, dates)


def _row(entry: Entry, dates: Dates) -> dict[str, Any]:
    from ..dates import iso

    when = dates.of(entry)
    return {**entry._asdict(), "earliest": iso(when.earliest_ms), "latest": iso(when.latest_ms)}


def _row_head() -> list[str]:
    from ..log import Entry

    return [*Entry._fields, "earliest", "latest"]


def _print(entries: list[Entry], gaps: list[Gap], dates: Dates) -> None:
    from ..stream import Event
    from .view import clock, event_words

    print("entry   start     since  when                 what")
    waiting = list(gaps)
    for entry in entries:
        while waiting and waiting[0].last < entry.n:
            print(gap_words(waiting.pop(0)))
        words, _ = event_words(Event(entry.n, entry.at_ms, entry.kind, entry.what, entry.value))
        when = dates.of(entry).words()
        print(f"{entry.n:>5}  {entry.boot:>6}  {clock(entry.at_ms / 1000):>8}  {when:<19}  {words}")
    for gap in waiting:
        print(gap_words(gap))
    for problem in dates.problems():
        print(f"Mind that {problem}.")


def gap_words(gap: Gap) -> str:
    """Return a gap in words."""
    many = f"entry {gap.first}" if gap.first == gap.last else f"entries {gap.first} to {gap.last}"
    return f"  ...  {many}: missing, {WHY[gap.why]}"
