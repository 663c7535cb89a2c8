"""The two-hour accuracy test on the simulated pump: which syringe, how long, where the balance stands, what is sampled.

The set is full and at rest when the infusion starts, and is not purged by the drive before: so the start-up curve holds
all there is of backlash, stiction and compliance. The balance is exact, and stands at the height of the pump.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import floor
from typing import Any

import numpy as np

from picoinfuse.errors import BadInput, PicoInfuseError
from picoinfuse.program import Context, Program
from picoinfuse.syringes import Syringe
from picoinfuse_firmware import states

from ..bench import Bench
from .curves import ANALYSIS_MIN, SAMPLE_S, START_MIN, TEACHING, WINDOWS_MIN, Trumpet, trumpet

TEST_MIN = START_MIN + ANALYSIS_MIN
# A syringe that is soon empty is tested over so much of what it holds: a barrel may be wider than its name says.
USABLE = 0.97
MOST_START_MIN = 2880.0  # two days; the standard lets an ambulatory pump settle for one (REFERENCE section 1)
LONG_TERM = (0.05, 0.97)  # the long-term error is that between these parts of the content of a syringe
LONG_TERM_SAMPLES = 200
LONG_TERM_ML_H = 50.0
OCCLUSION = "high"  # an accuracy test is not about the occlusion alarm


@dataclass(frozen=True)
class Accuracy:
    """One run of the test. alarms: their names, in the order in which they came. times_s, volume_ml: the samples."""

    syringe: str
    seed: int
    calibrated: bool
    result: Trumpet
    alarms: list[str]
    times_s: list[float] = field(repr=False)
    volume_ml: list[float] = field(repr=False)

    @property
    def title(self) -> str:
        """What was tested, in one line."""
        barrel = "calibrated" if self.calibrated else "a barrel as real ones are"
        return f"{self.syringe} ({barrel}) at {self.result.rate_ml_h:g} mL/h, simulated, seed {self.seed}"

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON, without the samples."""
        return {
            **self.result.as_dict(),
            "source": "simulated pump",
            "for": TEACHING,
            "syringe": self.syringe,
            "seed": self.seed,
            "calibrated": self.calibrated,
            "alarms": self.alarms,
            "notes": self.result.notes,
        }


def rate_of(text: str) -> float:
    """Return a rate as typed in mL/h, above 0. Raises BadInput."""
    rate = float(Context(None).rate(text, "--rate").ml_per_h)
    if rate <= 0:
        raise BadInput(f"--rate = {text!r}: the rate must be above 0")
    return rate


def spans_min(syringe: Syringe, rate_ml_h: float, start_min: float | None = None) -> tuple[float, float]:
    """Return when the analysis begins and how long it is, in minutes: 60 and 60, or what a small syringe has.

    start_min: a begin that was asked for; then it is an hour in any case.
    A syringe that lasts over an hour gives an hour, its last one; a smaller one is analysed after a sixth of its time.
    Raises BadInput when it is empty too soon for any window.
    """
    lasts_min = syringe.capacity_nl / 1e6 / rate_ml_h * 60
    if start_min is not None:
        latest_min = min(MOST_START_MIN, USABLE * lasts_min - ANALYSIS_MIN)
        if not 0 <= start_min <= latest_min:
            room = f"can begin at 0 to {floor(latest_min)} min" if latest_min >= 0 else "has no room"
            raise BadInput(
                f"--start-min = {start_min:g}: the analysis hour {room} with a {syringe.name} syringe at {rate_ml_h:g} "
                "mL/h; take a larger syringe, or leave it out"
            )
        return floor(2 * start_min) / 2, ANALYSIS_MIN
    usable_min = min(TEST_MIN, floor(2 * USABLE * lasts_min) / 2)
    if usable_min > ANALYSIS_MIN:
        return usable_min - ANALYSIS_MIN, ANALYSIS_MIN
    start_min = max(0.5, floor(usable_min / 3) / 2)
    if usable_min - start_min < WINDOWS_MIN[0]:
        raise BadInput(
            f"--rate = {rate_ml_h:g} mL/h: empties a {syringe.name} syringe in {lasts_min * 60:.0f} s; the test needs "
            "100 s. Take a larger syringe or a lower rate"
        )
    return start_min, usable_min - start_min


def accuracy(
    rate: str,
    syringe: str = "BD 60 mL",
    *,
    seed: int = 0,
    calibrated: bool = False,
    start_min: float | None = None,
    **world: Any,
) -> Accuracy:
    """Run the test at `rate` ("5 mL/h") with a syringe of the catalogue and return it.

    The barrel differs from the catalogue's within a real syringe's tolerance, drawn by `seed`; calibrated: it was
    weighed and the pump knows its bore. start_min: when the analysis hour begins (default: 60, or what a small syringe
    lets). world: other keywords of Bench. Raises BadInput, Refused, and PumpAlarm if the pump stops.
    """
    rate_ml_h = rate_of(rate)
    bench = _bench(syringe, seed, calibrated, **world)
    kind = bench.syringe.kind
    begin_min, length_min = spans_min(kind, rate_ml_h, start_min)
    samples = round((begin_min + length_min) * 60 / SAMPLE_S)
    volume_nl = min(kind.capacity_nl, int(rate_ml_h / 60 * (begin_min + length_min + 2) * 1e6))
    times_s, volume_ml = _sample(bench, rate, volume_nl, kind, samples)
    result = trumpet(times_s, volume_ml, rate_ml_h, start_min=begin_min, analysis_min=length_min)
    return Accuracy(kind.name, seed, calibrated, result, _alarms(bench), times_s, volume_ml)


def long_term_error(syringe: str = "BD 60 mL", *, seed: int = 0, calibrated: bool = False, **world: Any) -> float:
    """Return the error of the mean flow over nearly a whole syringe at 50 mL/h, in percent; arguments as `accuracy`.

    The mean flow is the slope of the straight line fitted through the volumes (least squares): a difference of two
    volumes would mostly tell how much harder the plunger rubs at one end than at the other, which the
    stopper stores.
    """
    bench = _bench(syringe, seed, calibrated, **world)
    kind = bench.syringe.kind
    _start(bench, f"{LONG_TERM_ML_H:g} mL/h", kind.capacity_nl, kind)
    start_ms, lasts_ms = bench.now_ms, kind.capacity_nl / 1e6 / LONG_TERM_ML_H * 3.6e6
    due_ml, given_ml = [], []
    for part in np.linspace(*LONG_TERM, LONG_TERM_SAMPLES):
        bench.run_until(start_ms + round(part * lasts_ms))
        due_ml.append(LONG_TERM_ML_H * (bench.now_ms - start_ms) / 3.6e6)
        given_ml.append(bench.truth()["patient_ml"])
    _must_run(bench)
    return 100 * (float(np.polyfit(due_ml, given_ml, 1)[0]) - 1)


def _bench(syringe: str, seed: int, calibrated: bool, **world: Any) -> Bench:
    options = {"tolerances": True, "calibrated": calibrated, **world}
    bench = Bench(seed, syringe, **options)
    bench.line.set_patient(0)  # the balance, at the height of the pump
    bench.advance("1 min")  # and what the line held against a vein is gone before the test
    return bench


def _start(bench: Bench, rate: str, volume_nl: int, kind: Syringe) -> None:
    bench.pump.start(Program.continuous(rate, f"{volume_nl} nL", syringe=kind, occlusion=OCCLUSION, near_end="0 min"))


def _must_run(bench: Bench) -> None:
    """Raise PumpAlarm if an alarm has stopped the pump."""
    if bench.controller.state not in (states.INFUSING, states.COMPLETE, states.KVO):
        bench.pump.wait()
        raise PicoInfuseError(f"the pump does not infuse any more: it is {bench.controller.state}")


def _sample(bench: Bench, rate: str, volume_nl: int, kind: Syringe, samples: int) -> tuple[list[float], list[float]]:
    _start(bench, rate, volume_nl, kind)
    start_ms = bench.now_ms
    first_ml = bench.truth()["patient_ml"]
    times_s, volume_ml = [0.0], [0.0]
    for number in range(1, samples + 1):
        bench.run_until(start_ms + round(number * SAMPLE_S * 1000))
        times_s.append((bench.now_ms - start_ms) / 1000)
        volume_ml.append(bench.truth()["patient_ml"] - first_ml)
        _must_run(bench)
    return times_s, volume_ml


def _alarms(bench: Bench) -> list[str]:
    return [event.what for event in bench.pump.events() if event.kind == "alarm"]
