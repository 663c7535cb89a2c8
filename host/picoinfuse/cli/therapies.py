"""The command `therapies`: a table of the shipped ones as they are ordered, or, with --all, as they ran."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from . import exits
from .numbers import whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..therapy import Therapy

MAX_SEED = 10**18 - 1


def therapies(
    run_all: Annotated[
        bool, typer.Option("--all", help="Run every one of them whole on a simulated pump; some minutes.")
    ] = False,
    seed: Annotated[str, typer.Option(help="Of everything random in the simulated world.", metavar="N")] = "0",
    as_json: Annotated[bool, typer.Option("--json", help="Last line of standard output: the rows as JSON.")] = False,
) -> None:
    """A table of the shipped therapies: what is ordered; with --all what was given, with which alarms.

    Exit status with --all: 0 all complete, 3 one was not.
    """
    from ..therapy import Therapy, shipped

    number = whole(seed, "--seed", 0, MAX_SEED)
    read = [Therapy.read(name) for name in shipped()]
    if run_all:
        raise typer.Exit(_run(read, number, as_json))
    rows = [_ordered(its) for its in read]
    if as_json:
        print(json.dumps([dict(zip(ORDERED, row, strict=True)) for row in rows]))
    else:
        table(ORDERED, rows)


ORDERED = ("therapy", "route", "volume mL", "dose", "duration", "changes", "place")


def _ordered(therapy: Therapy) -> list[str]:
    from ..describe import amount_words
    from ..status import duration_words

    program = therapy.program
    return [
        therapy.name,
        therapy.route,
        f"{program.volume_nl / 1e6:.6g}",
        amount_words(program.volume_nl, therapy.strength) or "-",
        duration_words(program.duration_ms),
        str(program.syringes - 1),
        therapy.file.place if therapy.file else "",
    ]


def _run(read: Sequence[Therapy], seed: int, as_json: bool) -> int:
    from ..rehearsal import HEAD, Rehearsal, rehearse

    rows: list[Rehearsal] = []
    for therapy in read:
        print(f"{therapy.name} ...", file=sys.stderr)
        rows.append(rehearse(therapy, seed)[0])
        if rows[-1].outcome == "stopped":  # Ctrl-C stops a pump, and its run ends in order; the others are not begun
            raise KeyboardInterrupt
    if as_json:
        print(json.dumps([row.data() for row in rows]))
    else:
        table(HEAD, [row.cells() for row in rows])
    return exits.COMPLETE if all(row.outcome == "complete" for row in rows) else exits.ALARM


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns as wide as they need."""
    wide = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    for row in (head, *rows):
        print("  ".join(f"{cell:<{width}}" for cell, width in zip(row, wide, strict=True)).rstrip())
