"""The command line `picoinfuse ...`: `main` runs one command and returns its exit status."""

from __future__ import annotations

from collections.abc import Sequence

from .exits import status_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (default: that of this process) and return its exit status, as told in exits.py."""
    from .. import acting
    from . import who
    from .app import build

    who.said.user = who.said.second = None
    acting.at_terminal, acting.named_first = who.answer, who.first
    try:
        return status_of(build(), arguments)
    finally:
        acting.at_terminal = acting.named_first = None  # a script that goes on after it is not this terminal
