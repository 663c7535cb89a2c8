"""What becomes of the lock level that a therapy orders, in words; Pump.start sets it, on a pump that knows people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .acting import LOCKS
from .status import LEVELS

if TYPE_CHECKING:
    from .pump import Pump


def level_of(order: object) -> int:
    """Return the level that an order wants, 1 to 3; 0: none, the level that the pump's rules set stays."""
    return LOCKS.index(getattr(getattr(order, "file", None), "lock", LOCKS[0]))


def before_start(pump: Pump, order: object) -> str:
    """Return in words what will become of the lock level that is ordered; "" if none is."""
    level = level_of(order)
    if not level:
        return ""
    if pump.status().lock < 0:
        return _nobody(level)
    return f"{LOCKS[level]} is ordered: level {level} is set with the start ({LEVELS[level]})"


def after_start(pump: Pump, order: object) -> str:
    """Return in words which level stands now, if one was ordered; "" if none was."""
    level = level_of(order)
    if not level:
        return ""
    standing = pump.status().lock
    if standing < 0:
        return _nobody(level)
    if standing != level:
        return f"{LOCKS[level]} is ordered, and level {standing} stands: {LEVELS[standing]}"
    return f"level {level}, as ordered ({LOCKS[level]}): {LEVELS[level]}"


def _nobody(level: int) -> str:
    return f"{LOCKS[level]} is ordered; nobody is known to this pump, so it cannot be locked (docs/access.md)"
