"""The command `syringes`: the catalogue as a table, and `syringes calibrate`, which writes what weighing found."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ..calibrate import WATER

app = typer.Typer(help="List the syringes that are known, or calibrate one by weighing.", rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def syringes(context: typer.Context) -> None:
    """List the syringes that are known, or calibrate one by weighing."""
    if context.invoked_subcommand is not None:
        return
    from .. import syringe_file
    from ..syringes import SHIPPED, catalogue

    known = catalogue()
    wide = max(len(name) for name in known)
    print("Teaching values; weigh what yours gives (`picoinfuse syringes calibrate --help`).\n")
    print(
        f"{'syringe':<{wide}}  diameter  capacity  friction  compliance  lowest  highest  occlusion\n"
        f"{'':<{wide}}        mm        mL         N     uL/mmHg    mL/h     mL/h  levels"
    )
    for name, its in known.items():
        levels = " ".join(its.occlusion_levels) or "none"
        source = "" if its.source == SHIPPED else f"  [{its.source}]"
        print(
            f"{name:<{wide}}  {its.barrel_um / 1000:8.3f}  {its.capacity_nl / 1e6:8g}  {its.friction_mn / 1000:8g}"
            f"  {its.compliance_nl_mmhg / 1000:10g}  {its.lowest_ml_h:6g}  {its.highest_ml_h:7.0f}  {levels}{source}"
        )
    yours, where = syringe_file.existing(), syringe_file.place()
    print(
        "\nlowest: below it the plunger moves by jerks (published for a real pump); highest: what the drive reaches.\n"
        "occlusion levels: those that the friction of the plunger allows.\n"
        + (f"Yours, before ours: {yours}" if yours else f"Yours would stand in {where}; {syringe_file.VARIABLE} names"
           " another file" if where else f"No file of yours: {syringe_file.VARIABLE} is empty")
    )  # fmt: skip


@app.command()
def calibrate(
    syringe: Annotated[str, typer.Argument(help="The syringe, e.g. 'BD 60 mL'.", metavar="SYRINGE")],
    ordered: Annotated[str, typer.Option(help="What was given by the pump's account, e.g. '10 mL'.", metavar="VOLUME")],
    weighed: Annotated[str, typer.Option(help="What it weighs, e.g. '9.87 g'.", metavar="MASS")],
    density: Annotated[
        str, typer.Option(help="Of the fluid; the default is water of 20 C.", metavar="DENSITY")
    ] = WATER,
    out: Annotated[Path | None, typer.Option(help="Which file of syringes (default: yours).", metavar="FILE")] = None,
) -> None:
    """Compute the true inner diameter from what was weighed, and write it into your file of syringes.

    For a make of syringe. The screw of the pump, the same for all syringes, comes first: picoinfuse calibrate steps.
    """
    from .. import syringe_file
    from ..calibrate import calibrate as compute
    from ..errors import BadInput

    found = compute(syringe, ordered, weighed, datetime.now(UTC).date().isoformat(), density)
    path = out or syringe_file.place()
    if path is None:
        raise BadInput(f"--out: is missing, and {syringe_file.VARIABLE} is empty; say which file")
    found.save(path)
    its = found.syringe
    print(
        f"{its.name}: {its.barrel_um / 1000:.3f} mm becomes {found.barrel_um / 1000:.3f} mm; it gave "
        f"{float(found.factor):.5f} of what was ordered ({float(found.factor - 1):+.2%}).\n\n{found.row}\n"
        f"Written into {path}"
    )
