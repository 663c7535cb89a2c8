"""Which fault meets which therapy of a campaign, and when: only where there is time to see it."""

from __future__ import annotations

from random import Random

from picoinfuse.profile import profile

from .drawn import Drawn
from .line import TUBING_NL_PER_MMHG

# What an alarm may need until it must have come, generously: minutes of infusion, and volume. The volume of a pressure
# alarm is what compliance swallows up to the threshold with the friction that may hide in it.
RATE_MIN, RATE_ML = 40.0, 0.3
PRESSURE_MIN = 3.0
OTHER_MIN = 6.0
PRESSURE_ALARMS = ("occlusion", "pressure_rising")
RATE_ALARMS = ("motor_stalled", "over_delivery", "under_delivery", "rate_unreachable", "not_engaged")


def needs(drawn: Drawn, names: tuple[str, ...]) -> tuple[float, float]:
    """Return how many seconds of infusion, and how many mL, one of these alarms may take in this therapy."""
    seconds, millilitres = OTHER_MIN * 60, 0.0
    if any(name in PRESSURE_ALARMS for name in names):
        its = drawn.fitted
        area_mm2 = 3.1416 / 4 * (its.barrel_um / 1000) ** 2
        friction_mmhg = its.friction_mn / (area_mm2 * 133.322e-3)
        compliance = (its.compliance_nl_mmhg + TUBING_NL_PER_MMHG) / 1e6
        seconds, millilitres = PRESSURE_MIN * 60, 1.5 * compliance * (drawn.program.occlusion_mmhg + friction_mmhg)
    if any(name in RATE_ALARMS for name in names):
        seconds, millilitres = max(seconds, RATE_MIN * 60), max(millilitres, RATE_ML)
    return seconds, millilitres


def fits(drawn: Drawn, names: tuple[str, ...], random: Random, end_s: float) -> float | None:
    """Return a moment, in seconds after the start, at which the motor moves and enough is still to come; or None."""
    seconds, millilitres = needs(drawn, names)
    its = profile(drawn.program)
    moments = []
    last = its.time_s[-1] if its.time_s else 0.0
    for i in range(len(its.time_s) - 1):
        begins, ends = its.time_s[i], min(its.time_s[i + 1], end_s)
        if its.rate_ml_h[i] <= 0 or ends - begins < 1:
            continue
        whole_ml = its.volume_ml[-1]
        for part in (0.1, 0.5, 0.9):
            at_s = begins + part * (ends - begins)
            given_ml = its.volume_ml[i] + part * (its.volume_ml[i + 1] - its.volume_ml[i])
            if at_s > 1 and min(last, end_s) - at_s >= seconds and whole_ml - given_ml >= millilitres:
                moments.append(at_s)
    return random.choice(moments) if moments else None
