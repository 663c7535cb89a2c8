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


def _amount(text: object, field: str, drug: Option | None, example: str) -> units.Quantity:
    """Read a dose ("2 mg"; with a drug) or a volume; return it as a volume, exact."""
    strength = None
    if drug is not None:
        strength = units.concentration(dict(drug.typed)["drug concentration"], "drug concentration")
    asked = units.dose(text, field, strength, units.Body(), example)
    if asked.has("[time]"):
        raise BadInput(f"{field} = {text!r}: is a rate; write e.g. {field} = {example!r}")
    if asked.value <= 0:
        raise BadInput(f"{field} = {text!r}: must be more than 0")
    return asked


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

    @staticmethod
    def limit(most: str, window: str, drug: Option | None = None) -> Option:
        """Give at most so much ("10 mg", "8 mL") in any window of time ("1 h", "4 h"), all of it counted.

        drug: the `drug` option of the same program, if it has one; then an amount of it can be written. Rounded down.
        """
        exact = _amount(most, "limit most", drug, "10 mg").value * _NL_PER_L
        if drug is not None:
            amount, volume_nl = drug.compiled.numbers
            exact = exact * amount / volume_nl
        if exact < 1:
            raise BadInput(f"limit most = {most!r}: is less than the pump can count")
        window_ms = units.duration_ms(window, "limit window")
        compiled = firmware.Option(firmware.LIMIT, "-", [window_ms, int(exact)])
        return Option(compiled, (("limit most", most), ("limit window", window)))

    @staticmethod
    def demand(dose: str, rate: str, lockout: str, drug: Option | None = None) -> Option:
        """Let the patient have a bolus: how much ("1 mg" of the drug, "1 mL"), how fast, and not again for how long.

        drug: the `drug` option of the same program, if it has one. The volume is rounded down to a nanolitre.
        """
        volume_nl = int(_amount(dose, "demand dose", drug, "1 mL").value * _NL_PER_L)
        strength = None
        if drug is not None:
            strength = units.concentration(dict(drug.typed)["drug concentration"], "drug concentration")
        speed = units.rate(rate, "demand rate", strength)
        lockout_ms = units.duration_ms(lockout, "demand lockout")
        compiled = firmware.Option(firmware.DEMAND, "-", [volume_nl, speed.nl, speed.ms, lockout_ms])
        return Option(compiled, (("demand dose", dose), ("demand rate", rate), ("demand lockout", lockout)))
