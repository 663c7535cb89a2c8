"""What a person's hands do to the simulated pump, by name: fit a syringe, close a clamp, pull a plug, press a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bench import Bench

PRESS_S = 0.3  # a finger on a key
HOLD_S = 2.5  # on purpose: longer than the two seconds that the firmware asks for


def _clamp(bench: Bench) -> None:
    bench.line.clamp()


def _release(bench: Bench) -> None:
    bench.line.release()


ACTIONS: dict[str, Callable[[Bench], None]] = {
    "change_syringe": lambda bench: bench.change_syringe(),
    "clamp": _clamp,
    "release": _release,
    "unplug": lambda bench: bench.host_unplugged(),
    "plug": lambda bench: bench.host_unplugged(False),
    "press_start": lambda bench: bench.press("start"),
    "press_bolus": lambda bench: bench.press("bolus"),
    "press_mute": lambda bench: bench.press("mute"),
    "hold_start": lambda bench: bench.press("start", HOLD_S),
}


def act(bench: Bench, action: str) -> bool:
    """Do it now; False for anything that no hand here does."""
    if action not in ACTIONS:
        return False
    ACTIONS[action](bench)
    return True
