"""The subcommand `picoinfuse campaign`: its options, its progress bar, its table, JSON and exit status."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

FILE = "campaign.json"
FOUND = 3  # exit status: a false alarm, or a fault that no alarm saw


def campaign(
    therapies: Annotated[int, typer.Option(min=1, max=100_000, help="How many therapies are drawn.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Of everything that is drawn.")] = 1,
    hours: Annotated[float, typer.Option(min=0.5, max=48.0, help="How long each of them is watched.")] = 24.0,
    faults: Annotated[bool, typer.Option(help="Run each of them again with a fault that ought to be seen.")] = True,
    only: Annotated[int | None, typer.Option(min=0, metavar="N", help="Only therapy number N, to repeat it.")] = None,
    fault: Annotated[
        str | None, typer.Option(metavar="NAME", help="This fault in every therapy, instead of each in turn.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the work.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="The last line is one JSON object.")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help=f"Write every result into DIR/{FILE} as well.")
    ] = None,
) -> None:
    """Count false alarms and missed faults in drawn therapies, over all syringes, rates, lines and programs.

    Exit status 0: none; 3: there was a false alarm, or a fault was missed.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from . import campaign as its
    from .campaign_report import report, words

    its.check_fault(fault)
    if out is not None:
        _make(out)
    numbers = range(therapies) if only is None else [only]
    results: list[its.Result] = []
    columns = (TextColumn("therapies"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    done = its.campaign(seed, numbers, hours, faults=faults, fault=fault, jobs=min(jobs, len(numbers)))
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as bar:
        task = bar.add_task("", total=len(numbers))
        for rows in done:
            results += rows
            bar.update(task, advance=1, refresh=True)
    found = report(seed, hours, results)
    for line in words(found):
        print(line)
    every = found.pop("results")
    if out is not None:
        (out / FILE).write_text(json.dumps({**found, "results": every}, indent=1) + "\n", encoding="utf-8")
        print(f"Every result: {out / FILE}", file=sys.stderr)
    if as_json:
        print(json.dumps(found))
    if found["false_alarms"] or found["faults_missed"]:
        raise typer.Exit(FOUND)


def _make(folder: Path) -> None:
    from picoinfuse.errors import BadInput

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"--out = {str(folder)!r}: cannot be made: {error}; choose another folder") from error
