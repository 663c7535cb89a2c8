"""The syringe catalogue: name -> diameter, capacity, friction, compliance, from syringes.toml, in whole numbers."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files

from .errors import BadInput

# Capacity in mL and lowest sensible rate in mL/h of a real pump (Perfusor compact plus).
LOWEST_ML_H = ((30, 1.0), (20, 0.5), (10, 0.1), (5, 0.05))


@dataclass(frozen=True)
class Syringe:
    """One kind of syringe.

    barrel_um: inner diameter in micrometres; capacity_nl: what the barrel holds in nanolitres; friction_mn: of the
    plunger in millinewton; compliance_nl_mmhg: how many nanolitres it swells per mmHg. The origin of the values is told
    at the head of syringes.toml. A syringe of your own: `Syringe("mine", 20_100, 20_000_000, 2_500, 1_600)`.
    """

    name: str
    barrel_um: int
    capacity_nl: int
    friction_mn: int
    compliance_nl_mmhg: int

    @property
    def lowest_ml_h(self) -> float:
        """The lowest sensible rate in mL/h: below it a plunger of this size moves by jerks. The pump takes less."""
        return next((low for capacity_ml, low in LOWEST_ML_H if self.capacity_nl >= capacity_ml * 1_000_000), 0.01)


def _whole(text: str, factor: int, field: str) -> int:
    value = Fraction(text) * factor
    if value.denominator != 1 or value <= 0:
        raise BadInput(f"syringes.toml: {field} = {text!r} is finer than 1/{factor} or not above 0")
    return int(value)


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Syringe]:
    """Return every known syringe by name, in the order of the file."""
    rows = tomllib.loads((files(__package__) / "syringes.toml").read_text(encoding="utf-8"))["syringe"]
    known = {}
    for row in rows:
        known[row["name"]] = Syringe(
            row["name"],
            _whole(row["inner_diameter_mm"], 1000, "inner_diameter_mm"),
            _whole(row["capacity_ml"], 1_000_000, "capacity_ml"),
            _whole(row["friction_n"], 1000, "friction_n"),
            _whole(row["compliance_ul_mmhg"], 1000, "compliance_ul_mmhg"),
        )
    return known


def _key(name: str) -> str:
    return "".join(name.split()).casefold().removesuffix("ml")


def find(name: object, field: str = "syringe") -> Syringe:
    """Return the syringe of that name; case, blanks and a missing "mL" do not matter ("bd 60").

    Raises BadInput with the list of the known ones for any other name.
    """
    if isinstance(name, Syringe):
        return name
    if isinstance(name, str):
        for known in catalogue().values():
            if _key(known.name) == _key(name):
                return known
    raise BadInput(f"{field} = {name!r}: unknown syringe; the known ones are: {', '.join(catalogue())}")
