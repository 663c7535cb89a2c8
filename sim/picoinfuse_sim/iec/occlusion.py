"""The occlusion test: how soon the alarm comes, at which pressure, and what runs out when the clamp is opened.

After a stretch of even flow the line is clamped at the patient's end. The pressure is that in the line at the poll that
raised the alarm. Then the pump may draw back; three minutes after the alarm the clamp is opened with the motor at rest,
and what leaves the cannula in the next five minutes is the bolus: normal flow would give nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from picoinfuse import syringes
from picoinfuse.errors import BadInput, Refused
from picoinfuse.program import Program
from picoinfuse.syringes import Syringe
from picoinfuse.units import occlusion_mmhg
from picoinfuse_firmware import states
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.limits import OCCLUSION_LEVELS

from ..bench import Bench
from .accuracy import rate_of
from .curves import TEACHING

RATES = ("1 mL/h", "5 mL/h")  # minimum and intermediate rate of the standard (REFERENCE section 1)
LEVELS = tuple(str(name) for name, _ in OCCLUSION_LEVELS)
BEFORE_S = 3600.0  # of even flow, but never more than ...
BEFORE_PART = 0.25  # ... this part of what the syringe holds
DRAW_BACK_S = 180.0  # from the alarm until the clamp is opened; drawing back takes at most 2 min (relief.py)
RELEASE_S = 300.0  # what leaves the cannula within this is the bolus


@dataclass(frozen=True)
class Row:
    """One threshold at one rate. `refused` says why the pump does not take it; `note` how it ended if not by the alarm.

    to_alarm_s: from clamp to alarm; warning_s: to the early warning of a rising pressure, None if there was none;
    pressure_mmhg: in the line at the alarm; drawn_back_ml: by the screw, backlash included; left_mmhg: in the line when
    the clamp is opened; bolus_ml: what then leaves the cannula; bolus_undrawn_ml: the same without drawing back.
    """

    syringe: str
    level: str
    threshold_mmhg: int
    rate_ml_h: float
    refused: str | None = None
    note: str | None = None
    to_alarm_s: float | None = None
    warning_s: float | None = None
    pressure_mmhg: float | None = None
    drawn_back_ml: float | None = None
    left_mmhg: float | None = None
    bolus_ml: float | None = None
    bolus_undrawn_ml: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return asdict(self)


def occlusion(
    syringe: str | Syringe = "BD 60 mL",
    levels: Iterable[str] = LEVELS,
    rates: Iterable[str] = RATES,
    *,
    seed: int = 0,
    config: dict[str, Any] | None = None,
    **world: Any,
) -> Iterator[Row]:
    """Test every level ("low", or a pressure as "400 mmHg") at every rate, and yield a Row of each as it is done.

    config: keywords of the firmware's Config, e.g. force_min_mn=0 for a load cell that reads no tension. world: other
    keywords of Bench, e.g. captured=False. Raises BadInput for what cannot be read.
    """
    kind = syringes.find(syringe)
    rates = list(rates)
    for level in levels:
        for rate in rates:
            yield one(kind, level, rate, seed=seed, config=config, **world)


def one(
    syringe: str | Syringe, level: str, rate: str, *, seed: int = 0, config: dict[str, Any] | None = None, **world: Any
) -> Row:
    """Test one level at one rate, with and without drawing back."""
    kind = syringes.find(syringe)
    names: dict[str, Any] = {"syringe": kind.name, "level": level, "rate_ml_h": rate_of(rate)}
    names["threshold_mmhg"] = occlusion_mmhg(level, "threshold")
    try:
        found = _clamp(kind, level, rate, seed, {**(config or {}), "draw_back": True}, world)
        undrawn = _clamp(kind, level, rate, seed, {**(config or {}), "draw_back": False}, world)
    except Refused as refusal:
        return Row(**names, refused=str(refusal))
    if isinstance(found, str) or isinstance(undrawn, str):
        return Row(**names, note=found if isinstance(found, str) else str(undrawn))
    return Row(**names, **found, bolus_undrawn_ml=undrawn["bolus_ml"])


def _clamp(
    kind: Syringe, level: str, rate: str, seed: int, config: dict[str, Any], world: dict[str, Any]
) -> dict[str, Any] | str:
    """Run one test. Return its figures, or in words how it ended if not by the occlusion alarm."""
    bench = Bench(seed, kind, config=Config(**config), **{"tolerances": True, **world})
    bench.line.set_patient(0)
    bench.advance("1 min")
    kind = bench.syringe.kind
    order = Program.continuous(rate, f"{kind.capacity_nl} nL", syringe=kind, occlusion=level, near_end="0 min")
    bench.pump.start(order)
    holds_s = BEFORE_PART * kind.capacity_nl / 1e6 / rate_of(rate) * 3600
    bench.advance(min(BEFORE_S, holds_s))
    if bench.controller.state != states.INFUSING:
        return f"stopped before the clamp: {_ended(bench)}"
    bench.line.clamp()
    clamp_ms = bench.now_ms
    while bench.controller.state == states.INFUSING:
        bench.poll_once()
    pressure_mmhg, alarm_ms = bench.truth()["pressure_mmhg"], bench.now_ms
    events = bench.pump.events()
    if not any(event.kind == "alarm" and event.what == "occlusion" for event in events):
        return f"no occlusion alarm: the test ended with {_ended(bench)}"
    skew_ms = alarm_ms - next(event.at_ms for event in reversed(events) if event.what == "occlusion")
    warnings = [event.at_ms + skew_ms for event in events if event.what == "pressure_rising"]
    bench.run_until(alarm_ms + round(DRAW_BACK_S * 1000))
    left_mmhg, before_ml = bench.truth()["pressure_mmhg"], bench.truth()["patient_ml"]
    drawn_ml = bench.board.steps_reverse() * bench.syringe.step_nl / 1e6
    bench.line.release()
    bench.advance(RELEASE_S)
    return {
        "to_alarm_s": (alarm_ms - clamp_ms) / 1000,
        "warning_s": (warnings[0] - clamp_ms) / 1000 if warnings else None,
        "pressure_mmhg": pressure_mmhg,
        "drawn_back_ml": drawn_ml,
        "left_mmhg": left_mmhg,
        "bolus_ml": bench.truth()["patient_ml"] - before_ml,
    }


def _ended(bench: Bench) -> str:
    """Return in words by which alarm the infusion ended, or in which state it is."""
    told = (event.what for event in reversed(bench.pump.events()) if event.kind == "alarm")
    return next(told, str(bench.controller.state)).replace("_", " ")


def as_dict(rows: Iterable[Row], seed: int, captured: bool = True) -> dict[str, Any]:
    """Return the whole test ready for JSON."""
    return {
        "for": TEACHING,
        "seed": seed,
        "captured": captured,
        "release_s": RELEASE_S,
        "rows": [row.as_dict() for row in rows],
    }


def check_levels(levels: Iterable[str]) -> list[str]:
    """Return the levels if each can be read. Raises BadInput."""
    chosen = list(levels)
    for level in chosen:
        occlusion_mmhg(level, "--threshold")
    if not chosen:
        raise BadInput("--threshold: name at least one")
    return chosen
