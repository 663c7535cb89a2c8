"""Calibration of the drive by weighing: what several deliveries really gave -> volume_ppm, and how sure that is.

The screw and its gear are one for all syringes, so this is done once for a pump, with the syringe whose bore is known
best; what differs from make to make of syringe is `picoinfuse syringes calibrate` (calibrate.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from . import units
from .calibrate import LEAST_NL, amount, refuse_absurd
from .configuration_fields import RANGES
from .errors import BadInput

RUNS = 3
MOST_RUNS = 10
MAX_SCATTER = Fraction(1, 100)  # between the least and the most of the runs; more is a drop, air, or a wrong reading
# Student's t, 95 %, two-sided, for so many runs: their mean is known within t * s / sqrt(n).
STUDENT = {2: 12.71, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}
AIR_G_ML = Fraction(12, 10000)  # at 20 C and 1013 hPa
WEIGHTS_G_ML = Fraction(8)  # what a balance is adjusted with
LEAST_C, MOST_C = 5, 40  # the formula holds from 0 to 40 C


@dataclass(frozen=True)
class Run:
    """One delivery: what the pump counted, and what was found, both in nL; words: as it was read."""

    ordered_nl: int
    given_nl: Fraction
    words: str

    @property
    def factor(self) -> Fraction:
        """What was given, divided by what the pump counted."""
        return self.given_nl / self.ordered_nl


@dataclass(frozen=True)
class Found:
    """volume_ppm: the new one; factor: the mean of the runs; scatter: most less least; sure: 95 %, None for one run."""

    before_ppm: int
    volume_ppm: int
    factor: Fraction
    scatter: Fraction
    sure: float | None

    def text(self) -> str:
        """Return it in words, before and after."""
        sure = "one run says nothing of how sure that is" if self.sure is None else f"95 % sure within {self.sure:.2%}"
        return (
            f"It gave {float(self.factor):.5f} of what it counted ({float(self.factor - 1):+.2%}); {sure}.\n"
            f"volume_ppm  {self.before_ppm} becomes {self.volume_ppm}"
        )


def water_g_ml(celsius: Fraction) -> Fraction:
    """Return the density of pure water without air in it, in g/mL, at 0 to 40 C and 1013 hPa.

    Tanaka, Girard, Davis, Peuto, Bignell: Recommended table for the density of water, Metrologia 38 (2001) 301-309
    (formula and coefficients from the engineer's memory; 0.998207 at 20 C agrees with every table).
    """
    a1, a2, a3 = Fraction("-3.983035"), Fraction("301.797"), Fraction("522528.9")
    a4, a5 = Fraction("69.34881"), Fraction("999.974950")
    return a5 * (1 - (celsius + a1) ** 2 * (celsius + a2) / (a3 * (celsius + a4))) / 1000


def celsius(text: str, field: str) -> Fraction:
    """Return a temperature of water: "20", "20.5 C" or "20.5 degC". Raises BadInput."""
    number = text.strip().removesuffix("C").removesuffix("deg").strip()
    try:
        value = Fraction(number) if len(number) <= 12 and "/" not in number else Fraction(-1000)
    except ValueError:
        value = Fraction(-1000)
    if not LEAST_C <= value <= MOST_C:
        raise BadInput(f"{field} = {text!r}: write the temperature of the water, {LEAST_C} to {MOST_C} degC, e.g. 20.5")
    return value


def weighed_nl(text: str, field: str, density_g_ml: Fraction) -> Fraction:
    """Return the volume of what a balance reads as `text`, e.g. "9.87 g", in nL, exact. Raises BadInput.

    What is weighed floats a little in the air, and so do the weights that the balance was adjusted with: a tenth of a
    per cent for water, V = m (1 - air/weights) / (density - air), as in ISO 8655-6.
    """
    grams = amount(text, field, {"[mass]": 1}, "9.87 g")
    return grams * (1 - AIR_G_ML / WEIGHTS_G_ML) / (density_g_ml - AIR_G_ML) * 1_000_000


def found(runs: Sequence[Run], before_ppm: int, field: str = "--weighed", *, one_is_enough: bool = False) -> Found:
    """Return what follows from the runs for a pump that counted with before_ppm.

    field: the option that the runs came by, for messages. Raises BadInput for too few, for what is more than 10 % off,
    and for runs that differ by more than 1 %.
    """
    least = 1 if one_is_enough else RUNS
    if not least <= len(runs) <= MOST_RUNS:
        raise BadInput(
            f"{field}: {len(runs)} runs; {least} to {MOST_RUNS} are wanted" + ("" if least == 1 else ", or --once")
        )
    for run in runs:
        if run.ordered_nl < LEAST_NL:
            raise BadInput(
                f"{field} = {run.words!r}: the pump counted {run.ordered_nl / 1e6:g} mL for it, too little to weigh; "
                f"the least is {LEAST_NL // 1_000_000} mL"
            )
        refuse_absurd(
            field,
            run.words,
            run.given_nl,
            run.factor,
            "Look at the diameter of the syringe first: is it the one that was named? Was it weighed without the cup?",
        )
    factors = [run.factor for run in runs]
    mean = sum(factors, Fraction(0)) / len(factors)
    scatter = max(factors) - min(factors)
    if scatter > MAX_SCATTER:
        listed = ", ".join(run.words for run in runs)
        raise BadInput(
            f"{field} = {listed}: the runs differ by {float(scatter):.1%}; the limit is {float(MAX_SCATTER):.0%}. Is "
            "air in the syringe, a drop at the needle, or the balance not level? Do it again"
        )
    volume_ppm = round(before_ppm * mean)
    low, high = RANGES["volume_ppm"]
    if not low <= volume_ppm <= high:
        raise BadInput(
            f"{field}: with volume_ppm = {before_ppm} as it was, it would become {volume_ppm}; the limits are {low} "
            f"and {high}. Are pitch_um and steps_per_turn those of this pump?"
        )
    sure = None
    if len(factors) > 1:
        variance = sum(float(factor - mean) ** 2 for factor in factors) / (len(factors) - 1)
        sure = STUDENT[len(factors)] * sqrt(variance / len(factors))
    return Found(before_ppm, volume_ppm, mean, scatter, sure)


def volume_read_nl(text: str, field: str) -> Fraction:
    """Return a volume that was read from a scale, e.g. "9.9 mL". Raises BadInput for none."""
    nl = units.volume_nl(text, field)
    if nl == 0:
        raise BadInput(f"{field} = {text!r}: nothing came; is the line open and the plunger held?")
    return Fraction(nl)
