"""The commands that only look: list, show, plot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
        Path | None, typer.Option(help="Where to put the picture (default: ./NAME.png).", metavar="PNG")
    ] = None,
    picture: Annotated[bool, typer.Option(help="Draw the picture as well.")] = True,
) -> None:
    """Show a therapy in words, exact and rounded, and as a picture."""
    from ..describe import words
    from ..therapy import Therapy

    read = Therapy.read(therapy)
    if syringe is not None:
        read = read.with_syringe(syringe)
    print(words(read))
    if picture:
        from ..plot import plot_therapy

        path = Path(f"{read.name}.png") if out is None else out
        plot_therapy(read, path)
        print(f"\nPicture: {path}")


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
