"""The commands that only look: list, show, plot."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from . import exits

THERAPY = Annotated[str, typer.Argument(help="The name of a shipped therapy, or a TOML file.", metavar="THERAPY")]


def list_therapies() -> None:
    """List the therapies that are shipped, and the syringes."""
    from ..syringes import catalogue
    from ..therapy import Therapy, shipped

    names = shipped()
    wide = max(len(name) for name in names)
    print("Therapies (for teaching only):")
    for name in names:
        print(f"  {name:<{wide}}  {Therapy.read(name).title}")
    print("\nSyringes:")
    makers: dict[str, list[str]] = {}
    for syringe in catalogue():
        maker, _, size = syringe.partition(" ")
        makers.setdefault(maker, []).append(size.removesuffix(" mL"))
    for maker, sizes in makers.items():
        print(f"  {maker} {', '.join(sizes)} mL" if all(sizes) else f"  {maker}")
    print("  (picoinfuse syringes: their measures, and how to calibrate yours)")
    print("\nLook at a therapy: picoinfuse show NAME. Run it: picoinfuse run NAME [--syringe 'BD 20 mL']")


def show(
    therapy: THERAPY,
    syringe: Annotated[str | None, typer.Option(help="Another syringe than the file's.", metavar="NAME")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "--plot", help="Where to put the picture (default: ./NAME.png).", metavar="PNG"),
    ] = None,
    picture: Annotated[bool, typer.Option(help="Draw the picture as well.")] = True,
) -> None:
    """Explain a therapy in words, exact and rounded, and draw it: rate, dose so far, syringe changes."""
    from ..describe import words
    from ..therapy import Therapy
    from .battery import full_lines

    read = Therapy.read(therapy)
    if syringe is not None:
        read = read.with_syringe(syringe)
    print(words(read))
    print("\n".join(full_lines(read)))
    if picture:
        from ..plot import plot_therapy

        path = Path(f"{read.name}.png") if out is None else out
        plot_therapy(read, path)
        print(f"\nPicture: {path}")


def check(
    files: Annotated[
        list[str], typer.Argument(help="Therapy files, or names of shipped therapies.", metavar="FILE...")
    ],
) -> None:
    """Say of therapy files whether a pump would take them; what is unsafe or impossible is refused with the reason.

    Exit status: 0 all are good, 2 one at least is refused.
    """
    from ..describe import volume_words
    from ..errors import BadInput, Refused
    from ..status import duration_words
    from ..therapy import Therapy

    refused = False
    for name in files:
        try:
            its = Therapy.read(name)
            its.program.check_limits()
        except (BadInput, Refused) as error:
            refused = True
            said = str(error) if isinstance(error, BadInput) else f"{Path(name).name}: {error}"
            print(said, file=sys.stderr)
            continue
        changes = f", {its.program.syringes} syringes" if its.program.syringes > 1 else ""
        length = duration_words(its.program.duration_ms)
        print(f"{Path(name).name}: good: {its.drug}, {volume_words(its.program.volume_nl)}, {length}{changes}")
    raise typer.Exit(exits.REFUSED if refused else exits.COMPLETE)


def schema() -> None:
    """Print the JSON schema of therapy files, by which an editor helps to write them."""
    from ..schema import text

    print(text(), end="")


def plot(
    record: Annotated[Path, typer.Argument(help="The folder of a record, such as runs/hydration-1.", metavar="RECORD")],
    out: Annotated[
        Path | None, typer.Option(help="Where to put the picture (default: plot.png in the record).", metavar="PNG")
    ] = None,
) -> None:
    """Draw the picture of a record again."""
    from ..record import Record

    path = record / "plot.png" if out is None else out
    Record.read(record).plot(path)
    print(f"Picture: {path}")
