"""What travels with a program beside its phases: each option has a kind, a word, and whole numbers.

drug      NAME.UNIT   amount, volume_nl                        the concentration; UNIT: ng, uU (micro-units) or nmol
weight    -           g                                        the patient's
demand    -           volume_nl, rate_nl, rate_ms, lockout_ms  a bolus that the patient asks for
limit     -           window_ms, most                          in any window so long; in the drug's unit, else nL
syringes  -           n                                        one after the other
loop      -           target, sensitivity, ...                 insulin after a glucose sensor
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from . import units
from .errors import BadInput

# Dimension of an amount -> the pump's unit for it, and how many of them are one of the unit file's (g, IU, mol).
DRUG_UNITS = {"[mass]": ("ng", 10**9), "[activity]": ("uU", 10**6), "[substance]": ("nmol", 10**9)}
NL_PER_L = 10**9
MAX_NAME = 20  # letters of a drug's name that travel


@dataclass(frozen=True)
class Option:
    """One option as it travels."""

    kind: str
    what: str
    numbers: tuple[int, ...]

    def line(self) -> str:
        """Return it as it stands in the text of a program, of which the check value is made."""
        return f"+{self.kind} {self.what} {','.join(map(str, self.numbers))}"


def drug_unit(strength: units.Quantity) -> tuple[str, int] | None:
    """Return the pump's unit for a drug and how many of it are one of the unit file's; None: it is counted in none."""
    return next((unit for name, unit in DRUG_UNITS.items() if strength.has(name)), None)


def drug(name: str, strength: units.Quantity) -> Option | None:
    """Return the concentration of a drug; None if the pump has no unit for it: then limits are volumes."""
    unit = drug_unit(strength)
    if unit is None:
        return None
    letters = "".join(c if c.isascii() and c.isalnum() else "_" for c in name.casefold())
    per_nl = strength.value * unit[1] / NL_PER_L
    return Option(
        "drug", f"{letters[:MAX_NAME].strip('_') or 'drug'}.{unit[0]}", (per_nl.numerator, per_nl.denominator)
    )


def weight(kg: Fraction) -> Option:
    """Return the patient's weight, floored to a gram: a limit per kg is never raised by rounding."""
    return Option("weight", "-", (int(kg * 1000),))


def demand(volume_nl: Fraction, rate: units.Rate, lockout_ms: int) -> Option:
    """Return the bolus that a patient may ask for; its volume is floored to a nanolitre."""
    return Option("demand", "-", (int(volume_nl), rate.nl, rate.ms, lockout_ms))


def limit(window_ms: int, most_nl: Fraction, strength: units.Quantity | None, field: str) -> Option:
    """Return the most that is given in any window so long, floored: in the drug's unit, or without one in nL."""
    unit = None if strength is None else drug_unit(strength)
    most = most_nl if strength is None or unit is None else most_nl * strength.value * unit[1] / NL_PER_L
    if most < 1:
        raise BadInput(f"{field}: is less than 1 {unit[0] if unit else 'nL'}, the least that the pump counts")
    return Option("limit", "-", (window_ms, int(most)))
