"""Calibration of the load cell: readings without a load and under a known mass -> its zero and its counts per newton.

The pump tells its force in whole mN, by the zero and the factor that it has; from these its raw counts follow, exactly
enough: a mN is some ten counts, a reading trembles by twice that, and many are averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from .calibrate import amount
from .configuration import Values
from .configuration_fields import RANGES
from .errors import BadInput

GRAVITY = Fraction("9.80665")  # m/s2, by definition; between equator and pole it differs by half a per cent
LEAST_READINGS = 10
LEAST_G, MOST_G = 100, 20_000
LEAST_TIMES_NOISE = 50  # the load moves the mean by so many of a reading's standard deviations
OTHER_CELL = Fraction(1, 10)  # a factor that moved by more is another cell, or another mass than was said


@dataclass(frozen=True)
class Readings:
    """Raw counts of the load cell: their mean, the standard deviation of one, and how many there were."""

    mean: Fraction
    deviation: float
    count: int


@dataclass(frozen=True)
class Cell:
    """What was found. sure: 95 %, of the counts per newton, by the noise alone; hint: what looks odd, or ""."""

    force_zero_counts: int
    force_counts_per_n: int
    noise_mn: float
    sure: float
    hint: str

    def text(self, before: Values) -> str:
        """Return it in words, before and after."""
        return (
            f"force_zero_counts   {before['force_zero_counts']} becomes {self.force_zero_counts}\n"
            f"force_counts_per_n  {before['force_counts_per_n']} becomes {self.force_counts_per_n}, "
            f"95 % sure within {self.sure:.2%} (the mass itself apart)\n"
            f"A reading trembles by {self.noise_mn:.1f} mN" + (f"\n{self.hint}" if self.hint else "")
        )


def readings(counts: Sequence[int | Fraction], where: str) -> Readings:
    """Return mean and spread. where: "without a load" or "under the load". Raises BadInput for too few."""
    if len(counts) < LEAST_READINGS:
        raise BadInput(f"{len(counts)} readings {where}; {LEAST_READINGS} are wanted. Is the load cell connected?")
    mean = sum((Fraction(value) for value in counts), Fraction(0)) / len(counts)
    variance = sum(float(value - mean) ** 2 for value in counts) / (len(counts) - 1)
    return Readings(mean, sqrt(variance), len(counts))


def counts_of(force_mn: int, values: Values) -> Fraction:
    """Return the raw counts of a force that the pump told by these values, which it floored to a whole mN."""
    newton = (Fraction(force_mn) + Fraction(1, 2)) / 1000
    return values["force_zero_counts"] + newton * values["force_counts_per_n"]


def within_its_range(forces_mn: Sequence[int], values: Values, where: str) -> None:
    """Raise BadInput if a force that the pump told stands at an end of what the cell can read: that is no reading."""
    low, high = values["force_min_mn"], values["force_max_mn"]
    for force_mn in forces_mn:
        if not low < force_mn < high:
            raise BadInput(
                f"A reading of {force_mn} mN {where}: the cell reads {low} to {high} mN, its ends are none. Is a "
                "wire of it off, or the mass too heavy?"
            )


def mass_g(text: str, field: str = "--mass") -> Fraction:
    """Return the mass on the cell in grams. Raises BadInput."""
    grams = amount(text, field, {"[mass]": 1}, "500 g")
    if not LEAST_G <= grams <= MOST_G:
        raise BadInput(f"{field} = {text!r}: is outside {LEAST_G} g to {MOST_G // 1000} kg; 1 kg is good")
    return grams


def found(unloaded: Readings, loaded: Readings, grams: Fraction, before: Values, gravity: Fraction = GRAVITY) -> Cell:
    """Return zero and factor. Raises BadInput if the load hardly moved the reading, or the result is no load cell."""
    moved = loaded.mean - unloaded.mean
    noise = max(unloaded.deviation, loaded.deviation)
    newton = grams * gravity / 1000
    if abs(moved) < LEAST_TIMES_NOISE * noise or moved == 0:
        raise BadInput(
            f"--mass = {float(grams):g} g: moved the reading by {float(moved):.0f} counts, it trembles by {noise:.0f} "
            f"by itself; {LEAST_TIMES_NOISE} times that are wanted. Is the mass on the cell, and heavy enough?"
        )
    per_n = round(moved / newton)
    zero = round(unloaded.mean)
    for name, value in (("force_counts_per_n", per_n), ("force_zero_counts", zero)):
        low, high = RANGES[name]
        if not low <= value <= high or (value == 0 and name == "force_counts_per_n"):
            raise BadInput(f"--mass = {float(grams):g} g: gives {name} = {value}; the limits are {low} to {high}")
    hint = ""
    earlier = before["force_counts_per_n"]
    if before["force_calibrated"] and abs(Fraction(per_n, earlier) - 1) > OTHER_CELL:
        hint = f"That is {float(Fraction(per_n, earlier) - 1):+.0%} from the last time: another cell, or another mass?"
    spread = sqrt(unloaded.deviation**2 / unloaded.count + loaded.deviation**2 / loaded.count)
    return Cell(zero, per_n, noise / abs(per_n) * 1000, 2 * spread / abs(float(moved)), hint)
