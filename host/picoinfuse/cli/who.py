"""Who asks: the option --user, and where codes come from, which are never an option and never shown."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from getpass import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import BadInput

if TYPE_CHECKING:
    from ..acting import Acting, LogsIn

CODE, SECOND_CODE = "PICOINFUSE_CODE", "PICOINFUSE_SECOND_CODE"
USER, SECOND = "PICOINFUSE_USER", "PICOINFUSE_SECOND"


@dataclass
class Said:
    """Who was named on the command line; None: the environment, or the person at the terminal is asked."""

    user: str | None = None
    second: str | None = None


said = Said()


def _is_user(name: str | None) -> str | None:
    said.user = name
    return name


def _is_second(name: str | None) -> str | None:
    said.second = name
    return name


USER_OPTION = Annotated[
    str | None,
    typer.Option(
        "--user",
        callback=_is_user,
        help=f"Who asks, on a pump that knows people (also {USER}). The code is asked for, or taken from {CODE}.",
        metavar="NAME",
    ),
]
SECOND_OPTION = Annotated[
    str | None,
    typer.Option(
        "--second",
        callback=_is_second,
        help=f"Who confirms, where a second person has to (also {SECOND}, {SECOND_CODE}).",
        metavar="NAME",
    ),
]


def answer(pump: LogsIn, reason: str) -> bool:
    """Log in whom the pump wants for what was refused for this reason; return False if there is nobody."""
    name = _wanted(pump, reason)
    if name is None:
        return False
    pump.login(name, code_of(name, SECOND_CODE if reason == "second_person" else CODE))
    return True


def first(pump: Acting) -> None:
    """Log in whom the command line or the environment names, if the pump knows people; no name is asked for here.

    Also where a second person has confirmed meanwhile: the first one goes on.
    """
    name = said.user or os.environ.get(USER)
    if name and pump.user != name and pump.status().lock >= 0:
        pump.login(name, code_of(name))


def _wanted(pump: LogsIn, reason: str) -> str | None:
    if reason == "second_person":
        return said.second or os.environ.get(SECOND) or _typed("Another person than the one who programmed it")
    user = said.user or os.environ.get(USER)
    if reason == "log_in":
        return user or _typed("This pump wants to know who you are. Name")
    # The second person may confirm and not start: the first one goes on.
    return user if reason == "not_your_role" and user != pump.user else None


def _typed(question: str) -> str | None:
    """Return a name that the person at the terminal types; None where there is nobody."""
    return str(typer.prompt(question, err=True)).strip() if sys.stdin.isatty() else None


def code_of(name: str, variable: str = CODE) -> str:
    """Return a person's code: of the environment, or typed without an echo. Raises BadInput where nobody can type."""
    code = os.environ.get(variable)
    if code:
        return code
    if not sys.stdin.isatty():
        raise BadInput(f"code of {name}: is missing, and nobody is at a terminal to type it; set {variable}")
    return getpass(f"Code of {name}: ")
