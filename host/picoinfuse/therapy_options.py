"""The options of a program that a therapy file asks for: each number is exact, or floored where it is a limit."""

from __future__ import annotations

from fractions import Fraction

from picoinfuse_firmware import drug as drugs
from picoinfuse_firmware import options as firmware

from . import units
from .errors import BadInput
from .options import Option

# Dimension of an amount -> the pump's unit for it, and how many of them are one of the unit file's (g, IU, mol, Eq).
DRUG_UNITS = {
    "[mass]": ("ng", 10**9),
    "[activity]": ("uU", 10**6),
    "[substance]": ("nmol", 10**9),
    "[charge]": ("nEq", 10**9),
}
NL_PER_L = 10**9


def drug_unit(strength: units.Quantity) -> tuple[str, int]:
    """Return the pump's unit for a drug, and how many of it are one of the unit file's."""
    return next(unit for name, unit in DRUG_UNITS.items() if strength.has(name))


def word(name: str) -> str:
    """Return a drug's name as it travels: small letters, digits and dashes, cut short."""
    letters = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.casefold())
    return "-".join(part for part in letters.split("-") if part)[: drugs.MAX_NAME].strip("-") or "drug"


def demand(volume_nl: Fraction, rate: units.Rate, lockout_ms: int) -> Option:
    """Return the bolus that a patient may ask for; its volume is floored to a nanolitre."""
    return _option("demand", (int(volume_nl), rate.nl, rate.ms, lockout_ms))


def limit(window_ms: int, most_nl: Fraction, strength: units.Quantity | None, field: str) -> Option:
    """Return the most that is given in any window so long, floored: in the drug's unit, or without one in nL."""
    most, unit = most_nl, "nL"
    if strength is not None:
        unit, times = drug_unit(strength)
        most = most_nl * strength.value * times / NL_PER_L
    if most < 1:
        raise BadInput(f"{field}: is less than 1 {unit}, the least that the pump counts")
    return _option("limit", (window_ms, int(most)))


def loop(*numbers: int) -> Option:
    """Return the closed loop of insulin: target from, to (mg/dL), sensitivity (ug/dL per U), highest basal rate (nL/h),

    most on board (uU), peak and lost (ms).
    """
    return _option("loop", numbers)


def _option(kind: str, numbers: tuple[int, ...]) -> Option:
    return Option(firmware.Option(kind, "-", list(numbers)), ((kind, ",".join(map(str, numbers))),))
