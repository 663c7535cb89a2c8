"""The subcommand `picoinfuse campaign`: its options, its progress bar, its table, JSON and exit status."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

FILE = "campaign.json"
MOST = 100_000  # therapies of one campaign


def campaign(
    therapies: Annotated[str, typer.Option(metavar="N", help="How many therapies are drawn.")] = "200",
    seed: Annotated[str, typer.Option(metavar="N", help="Of everything that is drawn.")] = "1",
    hours: Annotated[str, typer.Option(metavar="HOURS", help="How long each of them is watched.")] = "24",
    faults: Annotated[bool, typer.Option(help="Run each of them again with a fault that ought to be seen.")] = True,
    only: Annotated[str | None, typer.Option(metavar="N", help="Only therapy number N, to repeat it.")] = None,
    fault: Annotated[
        str | None, typer.Option(metavar="NAME", help="This fault in every therapy, instead of each in turn.")
    ] = None,
    jobs: Annotated[str, typer.Option(metavar="N", help="Processes that share the work.")] = "2",
    as_json: Annotated[bool, typer.Option("--json", help="The last line is one JSON object.")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help=f"Write every result into DIR/{FILE} as well.")
    ] = None,
) -> None:
    """Count false alarms and missed faults in drawn therapies, over all syringes, rates, lines and programs.

    Exit status 3 if there was a false alarm, or a fault was missed.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from picoinfuse.cli import exits
    from picoinfuse.cli.numbers import decimal, whole

    from . import campaign as its
    from .campaign_report import report, words

    many, processes = whole(therapies, "--therapies", 1, MOST), whole(jobs, "--jobs", 1, 64)
    its_seed, its_hours = whole(seed, "--seed", 0, 10**18 - 1), decimal(hours, "--hours", 0.5, 48)
    its.check_fault(fault)
    if out is not None:
        _make(out)
    numbers = range(many) if only is None else [whole(only, "--only", 0, MOST)]
    results: list[its.Result] = []
    columns = (TextColumn("therapies"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    done = its.campaign(its_seed, numbers, its_hours, faults=faults, fault=fault, jobs=min(processes, len(numbers)))
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as bar:
        task = bar.add_task("", total=len(numbers))
        for rows in done:
            results += rows
            bar.update(task, advance=1, refresh=True)
    found = report(its_seed, its_hours, results)
    for line in words(found):
        print(line)
    every = found.pop("results")
    if out is not None:
        (out / FILE).write_text(json.dumps({**found, "results": every}, indent=1) + "\n", encoding="utf-8")
        print(f"Every result: {out / FILE}", file=sys.stderr)
    if as_json:
        print(json.dumps(found))
    if found["false_alarms"] or found["faults_missed"]:
        raise typer.Exit(exits.FOUND)


def _make(folder: Path) -> None:
    from picoinfuse.errors import BadInput

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"--out = {str(folder)!r}: cannot be made: {error}; choose another folder") from error
