"""A bench from texts: the keys and values that a sim:// address and `picoinfuse serve` understand."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from picoinfuse.errors import BadInput
from picoinfuse.units import volume_nl

from .bench import Bench

KEYS = ("seed", "syringe", "filled", "fault", "speed")  # speed is read by who lets time pass


def speed_of(text: str) -> float | None:
    """Return how many times faster than real time, or None for "max". Raises BadInput for anything else."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not (isfinite(speed) and speed > 0):
        raise BadInput(f"speed = {text!r}: write a number above 0 (1 is real time), or max")
    return speed


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadInput(f"seed = {text!r}: write a whole number from 0 on, of at most 18 digits")
    return int(text)


def bench_of(pairs: Iterable[tuple[str, str]]) -> Bench:
    """Return a bench for (key, value) pairs of texts. Raises BadInput naming the key and the value."""
    given: dict[str, str] = {}
    faults = []
    for key, value in pairs:
        if key not in KEYS:
            raise BadInput(f"{key} = {value!r}: unknown key; the known ones are: {', '.join(KEYS)}")
        if key == "fault":
            faults.append(value)
        elif key in given:
            raise BadInput(f"{key} is given twice: {given[key]!r} and {value!r}")
        else:
            given[key] = value
    filled = given.get("filled")
    return Bench(
        _seed(given.get("seed", "0")),
        given.get("syringe", "BD 60 mL"),
        None if filled is None else volume_nl(filled, "filled") / 1e6,
        faults=faults,
    )
