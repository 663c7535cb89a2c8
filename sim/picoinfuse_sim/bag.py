"""What a pump in a bag does to the patient: moved up and down, with a drug from the refrigerator; measured, drawn.

Each measurement runs two benches of the same seed, one of which is left in peace: what differs is the move's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from picoinfuse import Program, syringes
from picoinfuse.plot import BLUE, GREY, ORANGE, _figure, _save

from .bench import Bench
from .faults import parse

SETTLE_S = 45 * 60.0  # the plunger has come loose and the flow is even
AFTER_S = 20 * 60.0  # a move is looked at for so long
MINUTE_S = 60.0
LOOK_S = 5.0


@dataclass(frozen=True)
class Move:
    """What a move to cm above (below 0: below) did, against a pump that stayed.

    extra_ml: more (less) than there within AFTER_S. peak: the largest mean of a minute, of the rate that is ordered.
    pause_s: from the move until the patient has again what was there at the move; 0 for a move up. alarms: that came.
    """

    syringe: str
    rate_ml_h: float
    cm: float
    extra_ml: float
    peak: float
    pause_s: float
    alarms: tuple[str, ...]


@dataclass(frozen=True)
class Walk:
    """An hour in a bag: up and down by cm every five minutes. Flows are means of a minute, of the rate ordered.

    error: of what came in the hour, as a part. without: minutes in which the patient got nothing, or gave blood back.
    """

    syringe: str
    rate_ml_h: float
    cm: float
    error: float
    highest: float
    lowest: float
    without: int
    alarms: tuple[str, ...]


def _infusing(syringe: str, rate: str, seed: int, **world: str | float) -> Bench:
    kind = syringes.find(syringe)
    bench = Bench(seed=seed, syringe=syringe, **world)  # type: ignore[arg-type]
    volume = f"{kind.capacity_nl * 95 // 100} nL"
    bench.pump.start(Program.continuous(rate, volume, syringe=syringe, occlusion="medium", near_end="0 min"))
    bench.advance(SETTLE_S)
    return bench


def flows(bench: Bench, seconds: float) -> list[float]:
    """Let so long pass and return what the patient has at each look, in mL since now."""
    before = bench.truth()["patient_ml"]
    found = []
    for _ in range(round(seconds / LOOK_S)):
        bench.advance(LOOK_S)
        found.append(bench.truth()["patient_ml"] - before)
    return found


def per_minute(volumes: Sequence[float], rate_ml_h: float) -> list[float]:
    """Return the means of each minute as parts of a rate."""
    step = round(MINUTE_S / LOOK_S)
    marks = [0.0, *volumes[step - 1 :: step]]
    return [(b - a) * 60 / rate_ml_h for a, b in pairwise(marks)]


def _alarms(bench: Bench, since: int) -> tuple[str, ...]:
    return tuple(event.what for event in bench.pump.events()[since:] if event.kind == "alarm")


def moved(syringe: str, rate_ml_h: float, cm: float, seed: int = 1) -> Move:
    """Measure one move."""
    rate = f"{rate_ml_h:g} mL/h"
    still, bench = _infusing(syringe, rate, seed), _infusing(syringe, rate, seed)
    since = len(bench.pump.events())
    bench.line.set_height(cm)
    volumes, peace = flows(bench, AFTER_S), flows(still, AFTER_S)
    behind = [i for i, ml in enumerate(volumes) if ml < 0]
    return Move(
        syringe,
        rate_ml_h,
        cm,
        extra_ml=volumes[-1] - peace[-1],
        peak=max(per_minute(volumes, rate_ml_h)),
        pause_s=(behind[-1] + 1) * LOOK_S if behind else 0.0,
        alarms=_alarms(bench, since),
    )


def carried(syringe: str, rate_ml_h: float, cm: float = 40.0, seed: int = 1) -> tuple[Walk, list[float]]:
    """Measure an hour in a bag; return it with the means of its minutes."""
    bench = _infusing(syringe, f"{rate_ml_h:g} mL/h", seed)
    since = len(bench.pump.events())
    parse(f"carried@0s:{cm:g} cm").strike(bench)
    volumes = flows(bench, 3600.0)
    minutes = per_minute(volumes, rate_ml_h)
    walk = Walk(
        syringe,
        rate_ml_h,
        cm,
        error=volumes[-1] / rate_ml_h - 1,
        highest=max(minutes),
        lowest=min(minutes),
        without=sum(part <= 0 for part in minutes),
        alarms=_alarms(bench, since),
    )
    return walk, minutes


def cold(route: str, rate_ml_h: float, celsius: float = 4.0, seed: int = 1) -> tuple[float, float, float]:
    """Return (mmHg at 20 degC, mmHg when cold, part of the volume that came in the cold half hour) on a route.

    The pressures are what the line takes at this rate, above the patient's.
    """
    rate = f"{rate_ml_h:g} mL/h"
    warm, bench = _infusing("BD 60 mL", rate, seed, route=route), _infusing("BD 60 mL", rate, seed, route=route)
    parse(f"cold@0s:{celsius:g} degC").strike(bench)
    peace, volumes = flows(warm, 1800.0), flows(bench, 1800.0)
    # Resistance times rate: the pressure itself swings with the plunger's stick-slip.
    warm_mmhg, cold_mmhg = (its.line.open_mmhg_h_per_ml * rate_ml_h for its in (warm, bench))
    return warm_mmhg, cold_mmhg, volumes[-1] / peace[-1]


def draw(path: Path, syringe: str = "BD 60 mL", cm: float = 40.0) -> None:
    """Draw the flow of each minute of an hour in a bag, at a low and a usual rate."""
    rates = (1.0, 5.0)
    figure, axes = _figure((1, 1), (10.0, 5.4), f"An hour in a bag: {cm:g} cm up and down every five minutes", syringe)
    for axis, rate_ml_h in zip(axes, rates, strict=True):
        _, minutes = carried(syringe, rate_ml_h, cm)
        axis.bar([i + 0.5 for i in range(len(minutes))], [part * rate_ml_h for part in minutes], width=1.0,
                 color=[BLUE if part > 0 else ORANGE for part in minutes], alpha=0.8)  # fmt: skip
        axis.axhline(rate_ml_h, color=GREY, linewidth=1.2, linestyle="--")
        axis.axhline(0, color=GREY, linewidth=0.8)
        axis.set_ylabel(f"into the patient (mL/h)\nat {rate_ml_h:g} mL/h")
    axes[-1].set_xlabel("time in the bag (min); orange: nothing came, or blood went back into the line")
    _save(figure, path)
