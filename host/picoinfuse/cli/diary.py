"""The command `diary`: what was ordered, given, late, missed and refused, and how soon alarms were answered."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import BadInput
from .address import SIMULATED
from .log import progress
from .options import URL, WHICH

if TYPE_CHECKING:
    from ..diary_source import Source

LATE = "30 min"  # as diary.LATE_MS


def diary(
    source: Annotated[
        str | None,
        typer.Argument(
            help="A pump's eight hex digits, or the folder of a record (default: the only pump with an archive).",
            metavar="PUMP|RECORD",
        ),
    ] = None,
    port: Annotated[str | None, typer.Option(help=f"Fetch what is new from a pump first. {WHICH}", metavar=URL)] = None,
    late_after: Annotated[
        str, typer.Option(help="A dose that begins so much after its time is late.", metavar="TIME")
    ] = LATE,
    table: Annotated[
        Path | None, typer.Option("--csv", help="Write it into this file, as a table.", metavar="FILE")
    ] = None,
    picture: Annotated[Path | None, typer.Option("--plot", help="Draw it into this file.", metavar="PNG")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The diary as one JSON object.")] = False,
) -> None:
    """Show what was ordered and given, what came late or not at all, and how long alarms waited for an answer.

    From the archive of a pump's log (see `picoinfuse archive`), or from the record of one run. What the entries do not
    show is not guessed: a delay over a power cut has two bounds. For teaching only.
    """
    from .. import diary as diaries
    from ..diary_words import HEAD, data, lines, rows
    from ..log import write_rows
    from ..units import duration_ms

    late_ms = duration_ms(late_after, "--late-after")
    its = diaries.read(_source(source, port), late_ms)
    if table is not None:
        found = rows(its)
        write_rows(table, HEAD, found)
        print(f"{len(found)} rows written into {table}", file=sys.stderr)
    if picture is not None:
        from ..diary_plot import plot

        plot(its, picture)
        print(f"Picture: {picture}", file=sys.stderr)
    if as_json:
        print(json.dumps(data(its)))
    else:
        print("\n".join(lines(its)))


def _source(name: str | None, port: str | None) -> Source:
    from ..archive_place import chosen, of_journal
    from ..contact import gather, journal_of
    from ..diary_source import of_archive, of_record
    from ..record import META, Record
    from .choose import reach

    if port is not None:
        if port.startswith(SIMULATED):
            raise BadInput(f"--port = {port!r}: this pump ends with this command; give the folder of its record")
        with reach(port) as pump, of_journal(journal_of(pump)) as archive:
            if name not in (None, archive.journal):
                raise BadInput(f"{name!r}: the pump at {port} is {archive.journal}; leave out one of the two")
            gather(pump, archive, on_progress=progress if sys.stderr.isatty() else None)
            return of_archive(archive)
    if name is not None and ((Path(name) / META).exists() or Path(name).is_dir()):
        return of_record(Record.read(name))
    with chosen(name) as archive:
        return of_archive(archive)
