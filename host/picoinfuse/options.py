"""What a program asks for beyond its phases, in human units -> the firmware's options in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from picoinfuse_firmware import drug as drugs
from picoinfuse_firmware import options as firmware

from . import units
from .errors import BadInput

# Amounts of drug as units.py names them -> the firmware's unit, and how many of it are one of ours.
_UNITS = {
    "[mass]": ("ng", 10**9),
    "[activity]": ("uU", 10**6),
    "[substance]": ("nmol", 10**9),
    "[charge]": ("nEq", 10**9),
}
_NL_PER_L = 10**9


@dataclass(frozen=True)
class Option:
    """One option, made by one of the functions below, which take text with units and raise BadInput.

    compiled: the firmware's option in whole numbers. typed: the fields as they were written.
    """

    compiled: Any  # picoinfuse_firmware.options.Option
    typed: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> str:
        """Its kind, e.g. syringes."""
        return str(self.compiled.kind)

    @staticmethod
    def drug(name: str, concentration: str) -> Option:
        """Say what is in the syringe: the name of the drug, and how much of it in which volume, e.g. "1 mg/mL"."""
        word = "-".join(name.lower().split()) if isinstance(name, str) else ""
        if not drugs.is_name(word):
            raise BadInput(
                f"drug name = {name!r}: write 1 to {drugs.MAX_NAME} letters from a to z, digits, spaces, - or _"
            )
        strength = units.concentration(concentration, "drug concentration")
        kind = next(amount for amount in _UNITS if strength.has(amount))
        unit, times = _UNITS[kind]
        exact = strength.value * Fraction(times, _NL_PER_L)  # of the unit in a nanolitre
        amount, volume_nl = exact.numerator, exact.denominator
        if amount > drugs.MAX_AMOUNT or volume_nl > drugs.MAX_AMOUNT_VOLUME_NL:
            raise BadInput(f"drug concentration = {concentration!r}: has too many digits; write it rounder")
        compiled = firmware.Option(firmware.DRUG, f"{word}.{unit}", [amount, volume_nl])
        return Option(compiled, (("drug name", name), ("drug concentration", concentration)))

    @staticmethod
    def weight(weight: str) -> Option:
        """Say what the patient weighs, "70 kg"; to a gram, rounded down."""
        grams = int(units.weight_kg(weight, "patient weight") * 1000)
        return Option(firmware.Option(firmware.WEIGHT, "-", [grams]), (("patient weight", weight),))

    @staticmethod
    def syringes(number: int) -> Option:
        """Plan so many syringes: when one is empty the pump alarms and goes on from the next, which is filled full."""
        if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= 100_000:
            raise BadInput(f"syringes = {number!r}: must be a whole number from 1 on")
        return Option(firmware.Option(firmware.SYRINGES, "-", [number]), (("syringes", str(number)),))
