"""What a program asks for beyond its phases, in human units -> the firmware's options in whole numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from picoinfuse_firmware import drug as drugs
from picoinfuse_firmware import library as libraries
from picoinfuse_firmware import options as firmware

from . import units
from .errors import BadInput

# Amounts of drug as units.py names them -> the firmware's unit, and how many of it are one of ours.
AMOUNTS = {
    "[mass]": ("ng", 10**9),
    "[activity]": ("uU", 10**6),
    "[substance]": ("nmol", 10**9),
    "[charge]": ("nEq", 10**9),
}
NL_PER_L = 10**9


def drug_unit(strength: units.Quantity) -> tuple[str, int]:
    """Return the pump's unit for a drug of this concentration, and how many of it are one of the unit file's."""
    return next(unit for name, unit in AMOUNTS.items() if strength.has(name))


def _strength(drug: Option | None) -> units.Quantity | None:
    return None if drug is None else units.concentration(dict(drug.typed)["drug concentration"], "drug concentration")


def _amount(text: object, field: str, drug: Option | None, example: str, body: units.Body | None) -> units.Quantity:
    """Read a dose ("2 mg"; with a drug) or a volume; return it as a volume, exact."""
    asked = units.dose(text, field, _strength(drug), body or units.Body(), example)
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
        kind = next(amount for amount in AMOUNTS if strength.has(amount))
        unit, times = AMOUNTS[kind]
        exact = strength.value * Fraction(times, NL_PER_L)  # of the unit in a nanolitre
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
    def library(version: str, check: int) -> Option:
        """Say which drug library the program was made with: its version and the check value of its file."""
        return Option(firmware.Option(firmware.LIBRARY, version, [check]), (("library", f"{version} {check:08x}"),))

    @staticmethod
    def override(reason: str, parameters: Iterable[str]) -> Option:
        """Pass soft limits of the drug library, for a reason: one word, which the pump logs with who gave it."""
        if not libraries.is_word(reason) or len(reason) > libraries.MAX_REASON:
            raise BadInput(
                f"override = {reason!r}: write one word of 1 to {libraries.MAX_REASON} letters, digits, - or _"
            )
        names = sorted(set(parameters), key=libraries.PARAMETERS.index)
        numbers = [libraries.PARAMETERS.index(name) for name in names]
        return Option(
            firmware.Option(firmware.OVERRIDE, reason, numbers), (("override", f"{reason}: {', '.join(names)}"),)
        )

    @staticmethod
    def syringes(number: int) -> Option:
        """Plan so many syringes: when one is empty the pump alarms and goes on from the next, which is filled full."""
        if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= 100_000:
            raise BadInput(f"syringes = {number!r}: must be a whole number from 1 on")
        return Option(firmware.Option(firmware.SYRINGES, "-", [number]), (("syringes", str(number)),))

    @staticmethod
    def limit(
        most: str, window: str, drug: Option | None = None, *, body: units.Body | None = None, where: str = "limit"
    ) -> Option:
        """Give at most so much ("10 mg", "8 mL") in any window of time ("1 h", "4 h"), all of it counted.

        drug: the `drug` option of the same program, if it has one; then an amount of it can be written. body: for one
        per kg. where: begins every message. Rounded down.
        """
        exact = _amount(most, f"{where} most", drug, "10 mg", body).value * NL_PER_L
        if drug is not None:
            amount, volume_nl = drug.compiled.numbers
            exact = exact * amount / volume_nl
        if exact < 1:
            raise BadInput(f"{where} most = {most!r}: is less than the pump can count")
        window_ms = units.duration_ms(window, f"{where} window")
        compiled = firmware.Option(firmware.LIMIT, "-", [window_ms, int(exact)])
        return Option(compiled, ((f"{where} most", most), (f"{where} window", window)))

    @staticmethod
    def demand(
        dose: str, rate: str, lockout: str, drug: Option | None = None, *, body: units.Body | None = None
    ) -> Option:
        """Let the patient have a bolus: how much ("1 mg" of the drug, "1 mL"), how fast, and not again for how long.

        drug: the `drug` option of the same program, if it has one. body: for a dose per kg. The volume is rounded down
        to a nanolitre.
        """
        volume_nl = int(_amount(dose, "demand dose", drug, "1 mL", body).value * NL_PER_L)
        speed = units.rate(rate, "demand rate", _strength(drug), body)
        lockout_ms = units.duration_ms(lockout, "demand lockout")
        compiled = firmware.Option(firmware.DEMAND, "-", [volume_nl, speed.nl, speed.ms, lockout_ms])
        return Option(compiled, (("demand dose", dose), ("demand rate", rate), ("demand lockout", lockout)))

    @staticmethod
    def hold(after: str, rate: str | None = None, drug: Option | None = None) -> Option:
        """Let this host look after the program: not heard for `after`, the pump falls back to `rate`, or pauses.

        Each change of the rate is a word of the host, and so is Pump.stay(). drug: as for `demand`.
        """
        nl = ms = 0
        if rate is not None:
            speed = units.rate(rate, "hold rate", _strength(drug))
            if speed.nl == 0:
                raise BadInput(f"hold rate = {rate!r}: must be more than 0; leave it out to pause")
            nl, ms = speed.nl, speed.ms
        compiled = firmware.Option(firmware.HOLD, "-", [units.duration_ms(after, "hold after"), nl, ms])
        return Option(compiled, (("hold after", after), *((("hold rate", rate),) if rate is not None else ())))
