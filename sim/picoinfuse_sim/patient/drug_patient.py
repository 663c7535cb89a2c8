"""A patient in whom a drug is distributed: what left the cannula -> concentration in plasma and at the effect site."""

from __future__ import annotations

from picoinfuse.models.compartments import Compartments, Kinetics
from picoinfuse.models.drugs import Drug

from .base import Patient, Sign

NL_PER_ML = 1e6


class DrugPatient(Patient):
    """Kinetics of one drug. Teaching model.

    per_ml: what is in the syringe, `drug.amount` per mL, 0 or more. title: model and person, for pictures and words.
    The body is empty at first; every way into it counts as a vein, and what a second pump gives has no drug.
    """

    def __init__(self, drug: Drug, kinetics: Kinetics, per_ml: float, title: str) -> None:
        self.drug = drug
        self.body = Compartments(kinetics)
        self.per_ml = per_ml
        self.title = title
        self._now_ms = 0
        self.signs: tuple[Sign, ...] = (Sign(f"plasma_{drug.column}", f"{drug.name} in the plasma", drug.shown),)
        if kinetics.ke0_per_min:
            self.signs += (Sign(f"effect_{drug.column}", "at the effect site", drug.shown),)

    def advance(self, to_ms: int, drug_nl: float) -> None:
        """Live on until to_ms, while drug_nl of the syringe's fluid flow in evenly."""
        self.body.advance(to_ms - self._now_ms, drug_nl / NL_PER_ML * self.per_ml)
        self._now_ms = to_ms

    @property
    def plasma(self) -> float:
        """The concentration in the plasma, in the drug's unit."""
        return self.body.plasma_per_l * self.drug.per_l

    @property
    def effect(self) -> float:
        """The concentration at the effect site, in the drug's unit."""
        return self.body.effect_per_l * self.drug.per_l

    def values(self) -> tuple[float, ...]:
        """Return the concentrations."""
        return (self.plasma, self.effect) if self.body.kinetics.ke0_per_min else (self.plasma,)
