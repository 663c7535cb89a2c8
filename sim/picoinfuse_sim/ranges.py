"""Which numbers of the simulated world are refused, and in which words."""

from math import isfinite

from picoinfuse.errors import BadInput


def within(what: str, value: float, low: float, high: float, unit: str) -> float:
    """Return `value` if low <= value <= high; otherwise raise BadInput with what it is, the value and the limits."""
    if not (isfinite(value) and low <= value <= high):
        raise BadInput(f"{what} = {value:g} {unit}: the simulated line takes {low:g} to {high:g} {unit}")
    return value


def one_of(what: str, name: str, known: tuple[str, ...]) -> str:
    """Return `name` if it is known; otherwise raise BadInput with the names that are."""
    if name not in known:
        raise BadInput(f"{what} {name!r}: the known ones are {', '.join(known)}")
    return name
