"""What becomes of the lock level that a therapy orders, in words; Pump.start sets it, on a pump that knows people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .acting import LOCKS
from .status import LEVELS

if TYPE_CHECKING:
    from .pump import Pump


NOTHING = "the patient may pause the sound, and no other key does anything"


def level_of(order: object) -> int:
    """Return the level that an order wants, 1 to 3; 0: none, the level that the pump's rules set stays."""
    return LOCKS[_word(order)]


def _word(order: object) -> str:
    return str(getattr(getattr(order, "file", None), "lock", "open"))


def _leaves(order: object) -> str:
    """Return what the level that an order wants leaves to who is not logged in."""
    return NOTHING if _word(order) == "keys" else LEVELS[level_of(order)]


def before_start(pump: Pump, order: object) -> str:
    """Return in words what will become of the lock level that is ordered; "" if none is."""
    level = level_of(order)
    if not level:
        return ""
    if pump.status().lock < 0:
        return _nobody(order)
    return f"{_word(order)} is ordered: level {level} is set with the start ({_leaves(order)})"


def after_start(pump: Pump, order: object) -> str:
    """Return in words which level stands now, if one was ordered; "" if none was."""
    level = level_of(order)
    if not level:
        return ""
    standing = pump.status().lock
    if standing < 0:
        return _nobody(order)
    if standing != level:
        return f"{_word(order)} is ordered, and level {standing} stands: {LEVELS[standing]}"
    return f"level {level}, as ordered ({_word(order)}): {_leaves(order)}"


def _nobody(order: object) -> str:
    return f"{_word(order)} is ordered; nobody is known to this pump, so it cannot be locked (docs/access.md)"
