"""The commands `access`: who may use a pump, on the pump or in a file of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from picoinfuse_firmware.board import PEOPLE

from .choose import chosen
from .config import said_start
from .options import PORT
from .who import USER_OPTION

if TYPE_CHECKING:
    from ..people import PeopleFile

NEW_VARIABLE = "PICOINFUSE_NEW_CODE"
MAX_BYTES = 65536

app = typer.Typer(
    help="Who may use a pump: people with roles and codes. A pump without such a file is open to everybody.",
    rich_markup_mode=None,
)
FILE = Annotated[
    Path | None,
    typer.Option("--file", help="A file of this machine instead of a pump's, for sim://?access=FILE.", metavar="FILE"),
]
NAME = Annotated[str, typer.Argument(help="1 to 12 small letters, digits and _.", metavar="NAME")]


@app.command("list")
def list_people(port: PORT = "auto", user: USER_OPTION = None, file: FILE = None) -> None:
    """List who may use a pump, and its rules. A running pump is started anew for it."""
    from .. import pump_files
    from ..people import PeopleFile

    where = str(file) if file else "the file of people on the pump"
    data = _of_file(file) if file else chosen(lambda its: pump_files.fetch(its, PEOPLE), port)
    if data is None:
        print("Nobody is known to this pump: everybody may do everything.")
        return
    print("\n".join(PeopleFile.parse(data, where).lines()))


@app.command("set")
def set_person(
    name: NAME,
    role: Annotated[str, typer.Argument(help="nurse, pharmacist, prescriber or technician.", metavar="ROLE")],
    port: PORT = "auto",
    user: USER_OPTION = None,
    file: FILE = None,
) -> None:
    """Let a person use the pump, or give one another role and code. The code is typed twice and never shown.

    The first person of a pump is a technician, who alone can let it leave its firmware to change this again.
    """
    from .. import people

    people.checked_name(name)
    code = _new_code(name)
    _change(port, file, lambda its: its.with_person(name, role, code))
    print(f"{name} is {role}.")


@app.command()
def remove(name: NAME, port: PORT = "auto", user: USER_OPTION = None, file: FILE = None) -> None:
    """Take a person away."""
    _change(port, file, lambda its: its.without(name))
    print(f"{name} is unknown to it from now on.")


@app.command()
def rules(
    level: Annotated[
        str | None, typer.Option(help="The lock level until somebody sets another one: 0 to 3.", metavar="LEVEL")
    ] = None,
    relock: Annotated[
        str | None, typer.Option(help="Who does nothing for so long is logged out, e.g. '3 min'.", metavar="TIME")
    ] = None,
    double_check: Annotated[
        bool | None,
        typer.Option("--double-check/--no-double-check", help="A second person confirms each program."),
    ] = None,
    port: PORT = "auto",
    user: USER_OPTION = None,
    file: FILE = None,
) -> None:
    """Change the rules that hold for everybody. docs/access.md has the table of roles and lock levels."""
    from .. import units
    from ..errors import BadInput
    from .numbers import whole

    if level is None and relock is None and double_check is None:
        raise BadInput("rules: nothing to change; add --level, --relock or --double-check")
    its_level = None if level is None else whole(level, "--level", 0, 3)
    its_relock = None if relock is None else units.duration_ms(relock, "--relock")
    _change(port, file, lambda its: its.with_rules(level=its_level, relock_ms=its_relock, double_check=double_check))
    print("The rules are changed.")


@app.command()
def clear(
    port: PORT = "auto",
    user: USER_OPTION = None,
    file: FILE = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take the file away: everybody may do everything again."""
    from .. import pump_files
    from .ask import sure

    sure("After this everybody may do everything with the pump.", yes)
    if file:
        file.unlink(missing_ok=True)
    else:
        said_start(chosen(lambda its: pump_files.change(its, PEOPLE, lambda data: None), port))
    print("Nobody is known to it any more.")


def _change(port: str, file: Path | None, new: Callable[[PeopleFile], PeopleFile]) -> None:
    from .. import pump_files
    from ..people import PeopleFile

    where = str(file) if file else "the file of people on the pump"

    def changed(data: bytes | None) -> bytes:
        before = PeopleFile() if data is None else PeopleFile.parse(data, where)
        return new(before).text.encode()

    if file:
        _put(file, changed(_of_file(file, missing_ok=True)))
    else:
        said_start(chosen(lambda its: pump_files.change(its, PEOPLE, changed), port))


def _of_file(file: Path, missing_ok: bool = False) -> bytes | None:
    from ..errors import BadInput

    try:
        return file.read_bytes()[:MAX_BYTES]
    except FileNotFoundError:
        if missing_ok:
            return None
        raise BadInput(f"{file}: there is no such file; picoinfuse access set NAME technician --file {file}") from None
    except OSError as error:
        raise BadInput(f"{file}: cannot be read: {error.strerror or error}") from None


def _put(file: Path, data: bytes) -> None:
    from ..errors import BadInput

    fresh = file.with_name(file.name + ".new")
    try:
        fresh.write_bytes(data)
        fresh.replace(file)
    except OSError as error:
        raise BadInput(f"{file}: cannot be written: {error.strerror or error}; choose another file") from None


def _new_code(name: str) -> str:
    """Return a new code, typed twice, or of the environment. Raises BadInput."""
    import sys
    from getpass import getpass

    from ..errors import BadInput

    code = os.environ.get(NEW_VARIABLE)
    if code:
        return code
    if not sys.stdin.isatty():
        raise BadInput(f"new code of {name}: is missing, and nobody is at a terminal to type it; set {NEW_VARIABLE}")
    code = getpass(f"New code of {name}: ")
    if getpass("Once more: ") != code:
        raise BadInput("new code: the two are not the same; nothing was changed")
    return code
