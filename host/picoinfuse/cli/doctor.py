"""The command that walks through the hardware with a person: doctor."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from . import exits
from .choose import reach
from .options import PORT

if TYPE_CHECKING:
    from ..doctor_person import Item


class AtTerminal:
    """The person at this terminal; with `yes`, or where nobody sits at one, nothing that is said was seen."""

    def __init__(self, yes: bool) -> None:
        self._yes = yes
        self.looks = not yes and sys.stdin.isatty()

    def asked_to(self, text: str) -> None:
        """Say what to do."""
        print(f"  -> {text}", file=sys.stderr)

    def says(self, question: str) -> bool | None:
        """Ask a question."""
        if self._yes:
            return True
        if not self.looks:
            return None
        return bool(typer.confirm(f"  ?  {question}", err=True))


def doctor(
    port: PORT = "auto",
    only: Annotated[
        list[str] | None, typer.Option(help="Look at this only; may be given again.", metavar="CHECK")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Answer every question by yes: above all, that nothing is connected.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    syringe: Annotated[str, typer.Option(help="The syringe that is fitted.", metavar="NAME")] = "BD 60 mL",
) -> None:
    """Go through the hardware with you: turn, push, press, see and hear. Exit status 3 if something is broken."""
    from ..doctor import examine

    lines = sys.stderr if as_json else sys.stdout

    def told(item: Item) -> None:
        print(item.text(), file=lines, flush=True)

    with reach(port) as pump:
        report = examine(pump, AtTerminal(yes), only=only or (), syringe=syringe, on_item=told)
    print(json.dumps(report.data(), indent=1) if as_json else f"\n{report.text()}")
    if not report.ok:
        raise typer.Exit(exits.FOUND)
