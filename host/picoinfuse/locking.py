"""The lock level that a therapy orders, set on a pump that knows people; what came of it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import Refused
from .status import LEVELS

if TYPE_CHECKING:
    from .pump import Pump

OPEN = "open"
# `lock` of a therapy file -> the pump's level. `open` orders nothing: the level that the pump's rules set stays.
LEVEL_OF = {"basic": 1, "full": 2, "pca": 3}
NAMES = (OPEN, *LEVEL_OF)  # of all levels, as a person says them


def ordered(order: object) -> str:
    """Return the `lock` of a therapy, "open" for what has none."""
    return str(getattr(getattr(order, "file", None), "lock", OPEN))


def before_start(pump: Pump, order: object) -> str:
    """Return in words what will become of the lock level that is ordered; "" if none is."""
    lock = ordered(order)
    if lock == OPEN:
        return ""
    if pump.status().lock < 0:
        return _nobody(lock)
    return f"{lock} is ordered: level {LEVEL_OF[lock]} is set after the start ({LEVELS[LEVEL_OF[lock]]})"


def after_start(pump: Pump, order: object) -> str:
    """Set the lock level that a therapy orders, as who is logged in; return what came of it, "" if none is ordered.

    What runs is not touched if that is not possible.
    """
    lock = ordered(order)
    if lock == OPEN:
        return ""
    level, standing = LEVEL_OF[lock], pump.status().lock
    if standing < 0:
        return _nobody(lock)
    if standing != level:
        try:
            pump.lock(level)
        except Refused as refusal:
            return f"{lock} is ordered, and level {standing} stands: {refusal}"
    return f"level {level}, as ordered ({lock}): {LEVELS[level]}"


def _nobody(lock: str) -> str:
    return f"{lock} is ordered; nobody is known to this pump, so it cannot be locked (docs/access.md)"
