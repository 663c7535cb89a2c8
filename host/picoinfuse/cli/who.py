"""Who asks: the option --user, and where the code comes from. It is never an option, and never shown."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from typing import Annotated

import typer

from ..errors import BadInput

VARIABLE = "PICOINFUSE_CODE"

USER = Annotated[
    str | None,
    typer.Option(
        "--user",
        help=f"Log in under this name; the code is asked for, or taken from {VARIABLE}. Without it: as the patient.",
        metavar="NAME",
    ),
]


def code_of(name: str, variable: str = VARIABLE) -> str:
    """Return a person's code: of the environment, or typed without an echo. Raises BadInput where nobody can type."""
    code = os.environ.get(variable)
    if code:
        return code
    if not sys.stdin.isatty():
        raise BadInput(f"code of {name}: is missing, and nobody is at a terminal to type it; set {variable}")
    return getpass(f"Code of {name}: ")
