"""What a person's hands do at the simulated pump, by name; `act` of every port to it takes these names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bench import Bench

PUSH_MN = 8000  # a finger on the pusher: teaching value


def hands(bench: Bench) -> dict[str, Callable[[], None]]:
    """Return action -> what it does to this bench."""
    senses = bench.senses
    actions: dict[str, Callable[[], None]] = {
        "change_syringe": bench.change_syringe,
        "clamp": bench.line.clamp,
        "release": bench.line.release,
        "unplug": bench.host_unplugged,
        "plug": lambda: bench.host_unplugged(False),
        "push": lambda: senses.push(PUSH_MN),
        "let_go": lambda: senses.push(0),
        "take_syringe": bench.plant.remove,
        "put_syringe": bench.plant.put_back,
        "open_cover": senses.open_cover,
        "close_cover": lambda: senses.open_cover(False),
        "show_air": senses.see_air,
        "clear_air": lambda: senses.see_air(False),
        "pull_mains": lambda: bench.mains(False),
        "plug_mains": bench.mains,
        "press_end": senses.press_end,
        "let_go_end": lambda: senses.press_end(False),
    }
    for key in ("start", "bolus", "mute"):
        actions[f"press_{key}"] = lambda key=key: senses.press(key)  # type: ignore[misc]
        actions[f"let_go_{key}"] = lambda key=key: senses.press(key, False)  # type: ignore[misc]
    return actions
