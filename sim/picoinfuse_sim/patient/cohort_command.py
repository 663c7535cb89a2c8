"""The command `picoinfuse cohort`: ten virtual adults for a day behind our pump, and their time in range."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from .cohort import Person
    from .loop_day import LoopDay

HEAD = f"{'person':<10} {'basal':>9} {'in range':>9} {'< 70':>6} {'< 54':>6} {'> 180':>6} {'mean':>6} {'insulin':>8}"


def cohort(
    seed: Annotated[str, typer.Option(metavar="N", help="Of the sensors' errors and of all else that is drawn.")] = "1",
    hours: Annotated[str, typer.Option(metavar="HOURS", help="How long each lives, 2 to 72.")] = "24",
    compare: Annotated[bool, typer.Option("--compare", help="Also without the loop, at the set basal rate.")] = False,
    pictures: Annotated[Path | None, typer.Option(metavar="DIR", help="A picture of each day goes there.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The last line is one JSON object.")] = False,
) -> None:
    """Ten adults of the UVA/Padova cohort, three meals, our pump with its closed loop: time in range. Minutes long."""
    from picoinfuse.cli.numbers import whole

    from . import cohort as people
    from . import uva_padova

    if not uva_padova.installed():
        print(f"Skipped: {uva_padova.MISSING}.")
        if json:
            print(json_module.dumps({"for": "teaching only", "skipped": uva_padova.MISSING}))
        return
    number, lasts = whole(seed, "--seed", 0, 10**18 - 1), whole(hours, "--hours", 2, 72)
    print("Teaching model, not for treating anyone: virtual adults, three meals a day with a bolus for each.")
    print(HEAD)
    rows: list[dict[str, Any]] = []

    def done(person: Person) -> None:
        for kind, day in (("loop", person.loop), ("open", person.open)):
            if day is not None:
                print(line(person, day, kind))
        rows.append(data(person))
        if pictures is not None:
            from .plot_loop import plot

            plot(person.loop, pictures / f"{person.name.replace('#', '-')}.png")

    people.run(number, lasts, compare, done)
    mean = sum(row["loop"]["in_range"] for row in rows) / len(rows)
    worst = min(row["loop"]["in_range"] for row in rows)
    print(f"All {len(rows)}: {mean:.0%} of the time in range on average, {worst:.0%} for the one who has least.")
    if json:
        print(json_module.dumps({"for": "teaching only", "people": rows}))


def line(person: Person, day: LoopDay, kind: str) -> str:
    """Return one row of the table; of an open day without the person's name."""
    its = day.shares()
    name = person.name if kind == "loop" else "  no loop"
    return (
        f"{name:<10} {person.basal_u_h:>5.2f} U/h {its['in_range']:>9.0%} {its['low']:>6.0%} {its['very_low']:>6.0%} "
        f"{its['high']:>6.0%} {day.mean_mg_dl():>6.0f} {day.moments[-1].given_u:>6.1f} U"
    )


def data(person: Person) -> dict[str, Any]:
    """Return it as --json prints it."""
    found: dict[str, Any] = {
        "name": person.name,
        "basal_u_h": person.basal_u_h,
        "grams_per_unit": person.grams_per_unit,
        "lowers_mg_dl": person.lowers_mg_dl,
    }
    for kind, day in (("loop", person.loop), ("open", person.open)):
        if day is not None:
            found[kind] = {
                **day.shares(),
                "mean_mg_dl": day.mean_mg_dl(),
                "least_mg_dl": min(day.glucose_mg_dl),
                "most_mg_dl": max(day.glucose_mg_dl),
                "insulin_u": day.moments[-1].given_u,
                "alarms": [name for name, _ in day.alarms],
            }
    return found
