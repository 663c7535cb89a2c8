"""What a person's hands do at the simulated pump, by name: fit a syringe, close a clamp, pull a plug, press a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .tubing import DRUG, SALINE

if TYPE_CHECKING:
    from .bench import Bench

TAP_S = 0.3  # a finger on a key
HOLD_S = 2.5  # on purpose: longer than the two seconds that the firmware asks for
PUSH_MN = 8000  # a finger on the pusher: teaching value
MN_PER_GRAM = 9.80665  # the weight of a gram
LOAD = "load "  # so many grams stand on the load cell: "load 500"


def _clamp(bench: Bench) -> None:
    bench.line.clamp()


def _release(bench: Bench) -> None:
    bench.line.release()


def _hang(bench: Bench, content: str) -> None:
    """Put syringe and tubing of the other fluid to the cannula; those of this one are set aside and come back."""
    if bench.line.account.passage.hangs == content:
        return
    world, plant = bench.world, bench.plant
    left_ml = max(0.0, plant.content_nl()) / 1e6
    plant.fit(world.new_syringe(bench.syringe.kind, world.aside_ml))
    world.aside_ml = left_ml
    bench.line.hang(content)


ACTIONS: dict[str, Callable[[Bench], None]] = {
    "change_syringe": lambda bench: bench.change_syringe(),
    "fit_saline": lambda bench: _hang(bench, SALINE),
    "fit_drug": lambda bench: _hang(bench, DRUG),
    "clamp": _clamp,
    "release": _release,
    "unplug": lambda bench: bench.host_unplugged(),
    "plug": lambda bench: bench.host_unplugged(False),
    "push": lambda bench: bench.senses.push(PUSH_MN),
    "let_go": lambda bench: bench.senses.push(0),
    "take_syringe": lambda bench: bench.plant.remove(),
    "put_syringe": lambda bench: bench.plant.put_back(),
    "open_cover": lambda bench: bench.senses.open_cover(),
    "close_cover": lambda bench: bench.senses.open_cover(False),
    "show_air": lambda bench: bench.senses.see_air(),
    "clear_air": lambda bench: bench.senses.see_air(False),
    "pull_mains": lambda bench: bench.mains(False),
    "plug_mains": lambda bench: bench.mains(),
    "press_end": lambda bench: bench.senses.press_end(),
    "let_go_end": lambda bench: bench.senses.press_end(False),
    "hold_start": lambda bench: bench.press("start", HOLD_S),
}


def _key(name: str) -> dict[str, Callable[[Bench], None]]:
    return {
        f"tap_{name}": lambda bench: bench.press(name),
        f"press_{name}": lambda bench: bench.senses.press(name),
        f"let_go_{name}": lambda bench: bench.senses.press(name, False),
    }


ACTIONS |= _key("start") | _key("bolus") | _key("mute")


def turn(bench: Bench, turns: float) -> None:
    """Turn the screw by so many turns now, also without power; below 0: back."""
    at_ms = bench.board.bring_plant()
    steps = round(turns * bench.config.steps_per_turn)
    bench.plant.run(at_ms, abs(steps), 0.0, 1 if steps > 0 else -1)


def act(bench: Bench, action: str) -> bool:
    """Do it now; False for anything that no hand here does."""
    if action.startswith(LOAD):
        bench.senses.offset_force(float(action.removeprefix(LOAD)) * MN_PER_GRAM)
    elif action in ACTIONS:
        ACTIONS[action](bench)
    else:
        return False
    return True
