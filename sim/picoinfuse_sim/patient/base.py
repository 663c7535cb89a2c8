"""What every simulated patient is to the bench: a body that is told what arrived, and shows signs.

The bench tells the patient once in `every_ms` how much drug fluid really left the cannula since the last time: after
the start-up of the line, while it is clamped, as a bolus when it is released. What the pump was told to give it never
hears. Without a patient the bench does nothing of this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Sign(NamedTuple):
    """Something that can be seen or measured of a patient.

    name: its column in the record, the unit last, e.g. "plasma_ug_ml". label: in words; "": for programs only. unit: as
    people write it, e.g. "ug/mL"; signs of one unit are drawn in one panel, and those without one ("") stand in the
    record only.
    """

    name: str
    label: str
    unit: str


class Patient:
    """A body at the end of the cannula. Teaching model.

    title: model and person in one line. signs: what `values` returns, in this order. every_ms: how often the bench
    tells what arrived, in whole milliseconds, 100 to 60,000; within that time the inflow counts as even.
    """

    title: str = ""
    signs: tuple[Sign, ...] = ()
    every_ms: int = 1000

    def advance(self, to_ms: int, drug_nl: float) -> None:
        """Live on until `to_ms`, while drug_nl of the syringe's fluid flow in evenly.

        to_ms: since the bench was built, more than the last time; the first time it counts from 0. drug_nl: 0 or more.
        """
        raise NotImplementedError

    def values(self) -> tuple[float, ...]:
        """Return the signs as they are at the last `to_ms`."""
        raise NotImplementedError

    def meet(self, press: Callable[[str], object], rng: np.random.Generator) -> None:
        """The pump comes to the bed; press(key) is a finger on its key ("start", "bolus", "mute") for a moment.

        rng: for what is drawn, from the seed of the bench. A patient who does something, or is not always the same,
        keeps them; the others need nothing of this.
        """
