"""Questions to the person at the terminal; where nobody sits there, the option that answers is named instead."""

from __future__ import annotations

import sys

import typer

from ..errors import BadInput


def ask(question: str, option: str) -> str:
    """Return what the person types. Raises BadInput that names the option where there is no terminal."""
    if not sys.stdin.isatty():
        raise BadInput(f"{option}: is missing, and nobody is at a terminal to be asked: {question}")
    return str(typer.prompt(question)).strip()


def sure(what: str, said: bool) -> None:
    """Tell what is about to be done and wait for the Enter key; `said`: --yes. Ctrl-C leaves all as it is.

    Raises BadInput where there is no terminal.
    """
    if said:
        return
    if not sys.stdin.isatty():
        raise BadInput(f"--yes: is missing, and nobody is at a terminal to be asked; nothing was changed. {what}")
    print(what)
    typer.prompt("Enter to do it, Ctrl-C to leave it as it is", default="", show_default=False)


def ready(what: str, said: bool, option: str = "--yes") -> None:
    """Tell what to do now and wait for the Enter key; `said`: the options said already that it is done."""
    print(what)
    if said:
        return
    if not sys.stdin.isatty():
        raise BadInput(f"{option}: is missing, and nobody is at a terminal to do this")
    typer.prompt("Enter when it is done", default="", show_default=False)
