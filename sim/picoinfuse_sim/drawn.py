"""A therapy drawn from a seed: syringe, program, line, and what people do meanwhile; nothing of it is a fault."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log
from random import Random
from typing import Any

from picoinfuse.errors import Refused
from picoinfuse.program import Phase, Program
from picoinfuse.syringes import Syringe, catalogue
from picoinfuse_firmware import limits
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.dose import step_of

from .bench import Bench
from .fluid import thickness
from .line import TUBING_MMHG_H_PER_ML
from .routes import CANNULA_MMHG_H_PER_ML, CM_PER_MMHG, ROUTES
from .senses import FORCE_NOISE_MN

# The syringe on the pump is not quite the one of the catalogue: its friction differs by up to this part (teaching
# value), beside what varies along the travel. Its barrel differs as the bench draws it.
FRICTION_PART = 0.3
# More is in the barrel than the pump is told by this part, so that a barrel a little too wide does not run empty before
# the end: who fills a syringe to the last drop gets the alarm `empty`, and rightly.
SPARE = 1.06
BELOW_SENSIBLE = 0.15  # this part of the therapies goes below the lowest sensible rate, by up to ten times
PRESSURE_SHARE = 0.45  # the line's own pressure at the highest rate is at most this part of the threshold
KVO_SHARE = 0.2  # keeping the vein open takes at most this part of what is in the syringe
FLUID_C = (4.0, 37.0)  # out of the refrigerator, or warmed
HEIGHT_CM = (-30.0, 30.0)  # of the pump above the patient
NOISE_TIMES = (0.5, 2.0)  # of the usual noise of the load cell
LEVELS_MMHG = (150, 300, 600)  # low, medium, high
MAX_DRAWS = 1000  # until one fits; each has a good chance
KINDS = ("continuous", "steps", "ramp", "doses", "boluses")


@dataclass(frozen=True)
class Act:
    """What a person does `at_s` after the start: rate, bolus, pause or resume, with the words of the order."""

    at_s: float
    verb: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """One therapy and the world it runs in.

    fitted: the syringe as it really is, but for its bore; options: of the Bench; noise_mn: of the load cell.
    """

    number: int
    seed: int
    kind: str
    fitted: Syringe
    program: Program
    options: dict[str, Any]
    noise_mn: float
    acts: tuple[Act, ...]

    def bench(self) -> Bench:
        """Return a new bench with this syringe and line; the same every time."""
        bench = Bench(self.seed, **self.options)
        bench.senses.noise_mn = self.noise_mn
        return bench

    def words(self) -> str:
        """Return it in one line."""
        its = self.program
        rates = [
            phase.compiled.rate_nl * 3.6 / phase.compiled.rate_ms for phase in its.phases if phase.compiled.rate_ms
        ]
        acts = f", {len(self.acts)} acts of people" if self.acts else ""
        return (
            f"{its.syringe.name}, {self.kind}, {min(rates):.4g} to {max(rates):.4g} mL/h, "
            f"{its.volume_nl / 1e6:.4g} mL, {self.options['route']}, occlusion {its.occlusion_mmhg} mmHg{acts}"
        )


def draw(seed: int, number: int, hours: float = 24.0) -> Drawn:
    """Return therapy `number` of the campaign `seed`, of at most `hours` hours.

    The pump's own limits decide what can be ordered: what they refuse is drawn again.
    """
    random = Random(f"{seed} {number}")
    own_seed = random.randrange(1 << 48)
    for _ in range(MAX_DRAWS):
        drawn = _attempt(random, number, own_seed, hours * 3600)
        if drawn is not None:
            return drawn
    raise RuntimeError(f"campaign {seed}: no therapy number {number} was found that the pump takes")


def _between(random: Random, low: float, high: float) -> float:
    """Return a number whose logarithm is evenly spread."""
    return low if high <= low else exp(random.uniform(log(low), log(high)))


def _attempt(random: Random, number: int, own_seed: int, end_s: float) -> Drawn | None:
    nominal = random.choice(list(catalogue().values()))
    friction_mn = round(nominal.friction_mn * random.uniform(1 - FRICTION_PART, 1 + FRICTION_PART))
    fitted = replace(nominal, friction_mn=friction_mn)
    route = random.choice(list(ROUTES.values()))
    cannula = random.choice((None, None, *CANNULA_MMHG_H_PER_ML)) if route.name.endswith("vein") else None
    fluid_c, height_cm = random.choice((20.0, 20.0, random.uniform(*FLUID_C))), random.uniform(*HEIGHT_CM)
    threshold_mmhg = random.choice(LEVELS_MMHG)
    config = Config()
    step = step_of(config, nominal.barrel_um)
    tubes = (CANNULA_MMHG_H_PER_ML[cannula or route.cannula] + TUBING_MMHG_H_PER_ML) * thickness(fluid_c)
    room_mmhg = PRESSURE_SHARE * threshold_mmhg - route.mmhg + height_cm / CM_PER_MMHG
    by_line = room_mmhg / (tubes + route.tissue_mmhg_h_per_ml)
    highest = min(limits.max_rate_nl_h(config, step) / 1e6, by_line)
    lowest = nominal.lowest_ml_h
    if random.random() < BELOW_SENSIBLE:
        lowest /= 10
    if lowest >= highest:
        return None
    full_ml = nominal.capacity_nl / 1e6 / SPARE
    filled_ml = int(10 * full_ml * random.choice((1.0, 1.0, random.uniform(0.3, 1.0)))) / 10
    kind = random.choice(KINDS)
    phases = _phases(random, kind, (lowest, highest), filled_ml, end_s)
    program = Program(
        phases,
        syringe=nominal,
        filled=f"{filled_ml:.1f} mL",
        occlusion=f"{threshold_mmhg} mmHg",
        near_end=random.choice(("3 min", "3 min", "0 min", "30 min")),
    )
    try:
        program.check_limits(config)
    except Refused:
        return None
    options = {
        "syringe": fitted,
        "filled_ml": filled_ml * SPARE,
        "route": route.name,
        "cannula": cannula,
        "fluid_c": round(fluid_c, 1),
        "height_cm": round(height_cm, 1),
        "jitter_ms": random.choice((0, 0, 5, 30)),
        "tolerances": True,
    }
    lasts_s = end_s if program.duration_ms < 0 else min(end_s, program.duration_ms / 1000)
    acts = _acts(random, kind, (lowest, highest), filled_ml, lasts_s)
    noise_mn = FORCE_NOISE_MN * random.uniform(*NOISE_TIMES)
    return Drawn(number, own_seed, kind, fitted, program, options, noise_mn, acts)


def _rate(ml_h: float) -> str:
    """Write a rate as people do: to three digits, at most thousandths of a mL/h."""
    digits = 3 if ml_h < 1 else 2 if ml_h < 10 else 1 if ml_h < 100 else 0
    return f"{max(0.01, ml_h):.{digits}f} mL/h"


def _seconds(seconds: float) -> str:
    return f"{max(1, round(seconds))} s"


def _phases(random: Random, kind: str, range_ml_h: tuple[float, float], filled_ml: float, end_s: float) -> list[Phase]:
    """Return phases that order at most what is in the syringe, and go on until end_s: with keep-vein-open at last."""
    lowest, highest = range_ml_h
    rate = _between(random, lowest, highest)
    share = random.uniform(0.4, 0.7)  # a part is left for people's boluses and for keeping the vein open
    whole_s = min(end_s, share * filled_ml / rate * 3600)
    rest_s = end_s - whole_s
    least = min(lowest, KVO_SHARE * filled_ml / (end_s / 3600))
    kvo = _rate(_between(random, max(0.01, least / 10), least))
    phases: list[Phase]
    if kind == "continuous":
        phases = [Phase.rate(_rate(rate), duration=_seconds(whole_s))]
    elif kind == "steps":
        count = random.randint(2, 5)
        rates = [_between(random, max(lowest, rate / 4), rate) for _ in range(count)]
        phases = [Phase.rate(_rate(one), duration=_seconds(whole_s / count)) for one in rates]
    elif kind == "ramp":
        low = _rate(max(lowest, rate / random.uniform(2, 10)))
        edge = _seconds(whole_s / 4)
        phases = [Phase.ramp(low, _rate(rate), edge)]
        phases += [Phase.rate(_rate(rate), duration=_seconds(whole_s / 2)), Phase.ramp(_rate(rate), low, edge)]
    elif kind == "doses":
        times = random.randint(2, 6)
        dose = Phase.rate(_rate(rate), duration=_seconds(whole_s / times))
        between_s = _seconds(max(60.0, rest_s / times))
        between = random.choice((Phase.pause(between_s), Phase.kvo(kvo, between_s)))
        return [dose, between, Phase.repeat(times)]
    else:
        times = random.randint(2, 6)
        each_s = whole_s / times
        basal = max(lowest, rate / 2)
        bolus_rate = _between(random, basal, highest - basal) if highest > 2 * basal else basal
        bolus_ml = min(0.3 * basal, bolus_rate / 3) * each_s / 3600
        bolus = Phase.bolus(f"{max(0.01, bolus_ml):.3f} mL", _rate(bolus_rate))
        phases = [bolus, Phase.rate(_rate(basal), duration=_seconds(each_s)), Phase.repeat(times)]
    return [*phases, Phase.kvo(kvo)] if rest_s > 0 else phases


def _acts(
    random: Random, kind: str, range_ml_h: tuple[float, float], filled_ml: float, lasts_s: float
) -> tuple[Act, ...]:
    """Return what people do, in the order of time: titrations, boluses, pauses of a few minutes."""
    lowest, highest = range_ml_h
    acts: list[Act] = []
    if lasts_s < 300:
        return ()
    if kind in ("continuous", "steps"):
        for _ in range(random.choice((0, 0, 1, 2, 4))):
            acts.append(Act(random.uniform(60, lasts_s), "rate", (_rate(_between(random, lowest, highest / 2)),)))
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        volume_ml = max(0.01, random.uniform(0.002, 0.03) * filled_ml)
        rate = _between(random, max(lowest, highest / 100), highest / 2)
        acts.append(Act(random.uniform(60, lasts_s), "bolus", (f"{volume_ml:.3f} mL", _rate(rate))))
    for _ in range(random.choice((0, 0, 1, 3))):
        at_s = random.uniform(60, lasts_s)
        acts += [Act(at_s, "pause"), Act(at_s + random.uniform(10, 100), "resume")]
    return tuple(sorted(acts, key=lambda act: act.at_s))
