"""Which of several pumps is meant: they are listed, and the person at the terminal is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import typer

from ..errors import SeveralPumps

if TYPE_CHECKING:
    from ..pump import Pump

T = TypeVar("T")


def reach(port: str) -> Pump:
    """Return the pump at `port`; with "auto" and several of them, the one that the person chooses."""
    from .. import connect

    return chosen(connect, port)


def chosen(act: Callable[[str], T], port: str) -> T:
    """Return act(port), and if that finds several pumps, act(the one that is chosen).

    Raises SeveralPumps as it is where nobody sits at the terminal.
    """
    try:
        return act(port)
    except SeveralPumps as several:
        if not sys.stdin.isatty():
            raise
        ports = several.ports
        print(f"{len(ports)} of them are plugged in:", file=sys.stderr)
        for number, name in enumerate(ports, 1):
            print(f"  {number}  {name}", file=sys.stderr)
        number = 0
        while not 1 <= number <= len(ports):
            number = typer.prompt(f"Which one (1 to {len(ports)})", type=int, err=True)
    return act(ports[number - 1])
