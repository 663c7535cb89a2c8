"""The command `log`: what the pump has kept of everything that happened to it, for people, as JSON or as a table."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from .numbers import whole
from .options import PORT

MANY = 50  # entries: from so many on it is shown how far it is
EVERY, LINE_EVERY = 10, 500  # entries: so often on a terminal, and as lines of a log
MOST = 1_000_000_000
DATE_WIDTH = 21


def log(
    port: PORT = "auto",
    last: Annotated[str | None, typer.Option(help="Only the newest N entries (default: all).", metavar="N")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The entries as one JSON list.")] = False,
    table: Annotated[
        Path | None, typer.Option("--csv", help="Write them into this file, as a table.", metavar="FILE")
    ] = None,
) -> None:
    """Show the log that the pump keeps without power: the events of all its starts. Changes nothing.

    A Pico on its cable gives some 35 entries a second, so more than 3000 take a minute and a half: see --last. With
    dates, and only what is new: picoinfuse archive fetch.
    """
    from ..dates import Dates, local
    from ..log import fetch, write_csv
    from ..stream import Event
    from .choose import reach
    from .noted import noted
    from .view import clock, event_words

    count = None if last is None else whole(last, "--last", 1, MOST)
    with reach(port) as pump:
        entries = fetch(pump, count, progress)
        noted(pump)
    if table is not None:
        write_csv(table, entries)
    if as_json:
        print(json.dumps([entry._asdict() for entry in entries]))
        return
    if table is not None:
        print(f"{len(entries)} entries written into {table}")
        return
    dates = Dates(entries, ())
    when = [dates.of(entry) for entry in entries]
    wide = DATE_WIDTH if any(date.known for date in when) else 0  # known only where somebody logged in
    print(f"entry   start     since  {'date' if wide else '':<{wide}}what")
    for entry, date in zip(entries, when, strict=True):
        words, _ = event_words(Event(entry.n, entry.at_ms, entry.kind, entry.what, entry.value))
        day = local(date.middle_ms or 0) if date.known else "-" if wide else ""
        print(f"{entry.n:>5}  {entry.boot:>6}  {clock(entry.at_ms / 1000):>8}  {day:<{wide}}{words}")


def progress(done: int, of: int) -> None:
    """Show how far it is: on one line of the terminal, which is cleared at the end; elsewhere a line now and then."""
    if of < MANY:
        return
    text = f"{done} of {of} entries"
    if not sys.stderr.isatty():
        if done % LINE_EVERY == 0 or done == of:
            print(text, file=sys.stderr, flush=True)
    elif done % EVERY == 0 or done == of:
        text = "" if done == of else text
        print(f"\r{text:<40}\r{text}", end="", file=sys.stderr, flush=True)
