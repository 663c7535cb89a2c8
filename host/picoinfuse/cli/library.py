"""The commands `library`: show, check, install, remove: the drug library of a pharmacist, and the one on a pump."""

from __future__ import annotations

from typing import Annotated

import typer

from picoinfuse_firmware.board import LIBRARY

from . import exits
from .choose import chosen
from .config import said_start
from .options import PORT
from .who import USER_OPTION

app = typer.Typer(
    help="The drug library: drugs, concentrations, soft and hard limits; as a file, and on the pump.",
    rich_markup_mode=None,
)
NAME = Annotated[str, typer.Argument(help="A TOML file, or `teaching`, the one that is shipped.", metavar="LIBRARY")]


@app.command()
def show(
    library: NAME = "teaching",
    drug: Annotated[list[str] | None, typer.Option("--drug", help="Only this one; repeatable.", metavar="NAME")] = None,
) -> None:
    """Show a drug library in words: every drug with its concentrations, its limits and their source."""
    from ..library import Library

    print("\n".join(Library.read(library).lines(drug or ())))


@app.command()
def check(
    library: NAME,
    therapy: Annotated[
        list[str] | None, typer.Option("--therapy", help="Also judge this therapy; repeatable.", metavar="THERAPY")
    ] = None,
) -> None:
    """Say whether a file is a drug library that a pump would take, and what it says of therapies.

    Exit status: 0 a pump would take all of it, some perhaps with a reason; 2 the file or a therapy is refused.
    """
    from ..errors import Refused
    from ..library import Library
    from ..therapy import Therapy

    its = Library.read(library)
    drugs = "1 drug" if len(its.drugs) == 1 else f"{len(its.drugs)} drugs"
    print(f"{library}: good. Version {its.version}, {drugs}, check value {its.check:08x}.")
    refused = False
    for name in therapy or []:
        try:
            its.attached(Therapy.read(name).program)
            print(f"{name}: within all limits.")
        except Refused as refusal:
            refused = refused or not refusal.reason.startswith("soft_limit")
            print(f"{name}: {refusal}")
    raise typer.Exit(exits.REFUSED if refused else exits.COMPLETE)


@app.command()
def install(library: NAME, port: PORT = "auto", user: USER_OPTION = None) -> None:
    """Put a drug library onto a pump: all of it or nothing. Programs made with another one are refused from then on."""
    from .. import pump_files
    from ..library import Library

    its = Library.read(library)
    data = its.text.encode()
    starts = chosen(lambda where: pump_files.change(where, LIBRARY, lambda before: data), port)
    print(f"Drug library {its.version}, check value {its.check:08x}.")
    said_start(starts)


@app.command()
def remove(
    port: PORT = "auto",
    user: USER_OPTION = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take the drug library of a pump away: no dose is limited by a library any more."""
    from .. import pump_files
    from .ask import sure

    sure("After this no drug library limits what the pump gives.", yes)
    said_start(chosen(lambda where: pump_files.change(where, LIBRARY, lambda before: None), port))
