"""What the numbers of a drug library say to people: amounts of drug, limits, and why something was refused."""

from __future__ import annotations

from fractions import Fraction

from picoinfuse_firmware import library as firmware

from .status import duration_words
from .units import rounded

# The pump's units -> what people write, from the largest to the smallest, and how many of the pump's are one.
SCALES = {
    "ng": (("g", 10**9), ("mg", 10**6), ("ug", 10**3), ("ng", 1)),
    "uU": (("U", 10**6), ("mU", 10**3), ("uU", 1)),
    "nmol": (("mol", 10**9), ("mmol", 10**6), ("umol", 10**3), ("nmol", 1)),
    "nEq": (("Eq", 10**9), ("mEq", 10**6), ("uEq", 10**3), ("nEq", 1)),
}
PER = {"rate": "/h", "rate_kg": "/kg/h", "bolus_kg": "/kg", "speed": "/h", "dose_kg": "/kg"}
MEANS = {
    "rate": "rate",
    "rate_kg": "rate per body weight",
    "bolus": "one bolus",
    "bolus_kg": "one bolus per body weight",
    "speed": "rate of a bolus",
    "dose": "dose in all",
    "dose_kg": "dose in all per body weight",
    "in_1h": "most in one hour",
    "in_4h": "most in four hours",
    "lockout": "lockout between boluses that are asked for",
    "weight": "body weight",
    "drug": "drug",
}


def amount_words(number: int, unit: str) -> str:
    """Return an amount in the pump's unit as people write it: 1500000 ng is "1.5 mg"."""
    for name, size in SCALES[unit]:
        if number >= size:
            return f"{rounded(Fraction(number, size), 6)} {name}"
    return f"{number} {SCALES[unit][-1][0]}"


def limit_words(parameter: str, number: int, unit: str) -> str:
    """Return a value of a parameter as people write it."""
    if parameter == "lockout":
        return duration_words(number)
    if parameter == "weight":
        return f"{rounded(Fraction(number, 1000))} kg"
    return amount_words(number, unit) + PER.get(parameter, "")


def refusal_words(reason: str, value: int, limit: int, unit: str) -> str:
    """Return a refusal of the library in words. reason: e.g. "hard_limit.rate"; unit: the pump's, of the drug."""
    kind, _, parameter = reason.partition(".")
    what = MEANS[parameter]
    if kind == "limit_missing":
        return (
            f"the library limits the {what}, and the program says no limit of its own for as long: let it give at most "
            f"{amount_words(limit, unit)}"
        )
    if reason == "soft_limit.drug":
        return "the program does not say which drug it gives: say it, or give a reason (--override REASON)"
    beyond = f"{what} {limit_words(parameter, value, unit)} is {'above' if value > limit else 'below'}"
    its = limit_words(parameter, limit, unit)
    if kind == "soft_limit":
        return f"{beyond} the soft limit {its} of the drug library: change it, or give a reason (--override REASON)"
    return f"{beyond} the hard limit {its} of the drug library, which no reason passes: change it"


def is_of_library(reason: str) -> bool:
    """Return whether a refusal is one that `refusal_words` has words for."""
    kind, _, parameter = reason.partition(".")
    return kind in ("soft_limit", "hard_limit", "limit_missing") and parameter in firmware.PARAMETERS
