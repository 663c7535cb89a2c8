"""Numbers on the command line: whole or decimal, within limits; a refusal names the option, the value and the limit."""

from __future__ import annotations

from math import isfinite

from ..errors import BadInput


def whole(text: str, option: str, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`. Raises BadInput."""
    digits = text.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 30 and low <= int(text) <= high):
        raise BadInput(f"{option} = {text!r}: is not a whole number from {low} to {high}")
    return int(text)


def decimal(text: str, option: str, low: float, high: float) -> float:
    """Return a number from `low` to `high`. Raises BadInput."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not (isfinite(value) and low <= value <= high):
        raise BadInput(f"{option} = {text!r}: is not a number from {low:g} to {high:g}")
    return value
