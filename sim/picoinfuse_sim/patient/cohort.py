"""Ten adults, one day, three meals: the UVA/Padova cohort behind our pump, with the closed loop and without it.

Each has the basal rate, the ratio for meals and the correction that simglucose's tables have for them. The limits of
the loop are in proportion to the basal rate; all of it is a teaching example.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor
from typing import NamedTuple

from picoinfuse.closed_loop import Loop
from picoinfuse.glucose import Meals

from ..settings import bench_of
from .loop_day import LoopDay, live
from .uva_padova import ADULTS, therapy_of

MEALS = "45g@7h/70g@12h/80g@19h"
MAX_BASAL = 3.0  # times the set basal rate
MAX_ON_BOARD_H = 2.0  # so many hours of the set basal rate may be on board beyond it
SYRINGE = "BD 10 mL"


class Person(NamedTuple):
    """One adult's day. loop: with readings passed on; open: at the set basal rate, None if it was not asked for."""

    name: str
    basal_u_h: float
    grams_per_unit: float
    lowers_mg_dl: float
    loop: LoopDay
    open: LoopDay | None


def run(
    seed: int = 1, hours: int = 24, compare: bool = False, on_person: Callable[[Person], object] = lambda person: None
) -> list[Person]:
    """Let all ten live for so long; on_person is called with each as he is done. Raises BadInput without simglucose."""
    people = []
    for number, name in enumerate(ADULTS, 1):
        basal, grams, lowers = therapy_of(name)
        loop = loop_of(basal, lowers)
        days = [
            live(
                bench_of(
                    [
                        ("seed", str(seed)),
                        ("syringe", SYRINGE),
                        ("route", "subcutaneous"),
                        ("patient", f"uva-padova,person={number},meals={MEALS}"),
                    ]
                ),
                loop,
                Meals(grams, loop.u_per_ml),
                hours,
                follow=follow,
            )
            for follow in ((True, False) if compare else (True,))
        ]
        people.append(Person(name, basal, grams, lowers, days[0], days[1] if compare else None))
        on_person(people[-1])
    return people


def loop_of(basal_u_h: float, lowers_mg_dl: float) -> Loop:
    """Return the loop for somebody with this basal rate and correction, rounded down as one orders it."""
    return Loop(
        _down(basal_u_h, 0.001),
        _down(lowers_mg_dl, 0.01),
        _down(MAX_BASAL * basal_u_h, 0.01),
        _down(MAX_ON_BOARD_H * basal_u_h, 0.1),
    )


def _down(value: float, step: float) -> float:
    """Return a value rounded down to a step."""
    return round(floor(value / step + 1e-9) * step, 6)
