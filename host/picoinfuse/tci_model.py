"""The person and the model that target-controlled infusion reckons with: propofol after Marsh, and after Schnider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import BadInput
from .models import drugs
from .models.compartments import Kinetics
from .models.drugs import MALE, PROPOFOL, Drug

MARSH, SCHNIDER = MODELS = ("marsh", "schnider")
MARSH_KE0_PER_MIN = 0.26  # as the Diprifusor has it, see drugs.marsh
SLOWEST_KE0_PER_MIN, FASTEST_KE0_PER_MIN = 0.05, 5.0  # teaching values; published are 0.26 and 1.2


@dataclass(frozen=True)
class TciModel:
    """One person as a model, made by `marsh` or `schnider`, which raise BadInput. Teaching model.

    patient: the same person in the words of `picoinfuse patients`, to put behind a simulated pump.
    """

    name: str
    title: str
    source: str
    patient: str
    weight_kg: float
    kinetics: Kinetics
    person: tuple[tuple[str, Any], ...]  # the arguments that made it
    drug: Drug = PROPOFOL

    @staticmethod
    def marsh(weight_kg: float = 70.0, ke0_per_min: float = MARSH_KE0_PER_MIN) -> TciModel:
        """Return Marsh's model: everything in proportion to the weight, 30 to 150 kg; ke0 of the effect site."""
        if not SLOWEST_KE0_PER_MIN <= ke0_per_min <= FASTEST_KE0_PER_MIN:
            raise BadInput(
                f"ke0 = {ke0_per_min:g} /min: the effect site follows with {SLOWEST_KE0_PER_MIN:g} to "
                f"{FASTEST_KE0_PER_MIN:g} /min; published are 0.26 and 1.2"
            )
        return TciModel(
            MARSH,
            f"propofol-marsh: {weight_kg:g} kg, ke0 {ke0_per_min:g} /min",
            "model: Marsh et al., Br J Anaesth 1991;67:41",
            f"propofol-marsh,weight={weight_kg:g},ke0={ke0_per_min:g}",
            weight_kg,
            drugs.marsh(weight_kg, ke0_per_min),
            (("weight_kg", weight_kg), ("ke0_per_min", ke0_per_min)),
        )

    @staticmethod
    def schnider(age_y: float = 40.0, weight_kg: float = 70.0, height_cm: float = 170.0, sex: str = MALE) -> TciModel:
        """Return Schnider's model: by age (25 to 81 years), weight (44 to 123 kg), height (155 to 191 cm) and sex."""
        return TciModel(
            SCHNIDER,
            f"propofol-schnider: {age_y:g} y, {weight_kg:g} kg, {height_cm:g} cm, {sex}",
            "model: Schnider et al., Anesthesiology 1998;88:1170 and 1999;90:1502",
            f"propofol-schnider,age={age_y:g},weight={weight_kg:g},height={height_cm:g},sex={sex}",
            weight_kg,
            drugs.schnider(age_y, weight_kg, height_cm, sex),
            (("age_y", age_y), ("weight_kg", weight_kg), ("height_cm", height_cm), ("sex", sex)),
        )
