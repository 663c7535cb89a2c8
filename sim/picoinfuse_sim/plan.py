"""Which fault meets which therapy of a campaign, and when: only where what its alarms may need is still to come."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from random import Random

from picoinfuse.profile import profile

from .detection import BOLUS_ML_H, detection
from .drawn import Drawn
from .line import TUBING_NL_PER_MMHG

# How long each alarm may take. The pressure alarms wait until compliance is full: up to the threshold, with the
# friction that may hide in it, and this many times more.
PRESSURE_ALARMS = ("occlusion", "pressure_rising")
PRESSURE_SLACK = 1.5
# The alarms of the drive wait for windows, whose length for a syringe and a rate is published (detection.py).
DRIVE_ALARMS = {
    "motor_stalled": "stall_s",
    "under_delivery": "slip_s",
    "over_delivery": "overturn_s",
    "guard": "overturn_s",
    "rate_unreachable": "slip_s",
}
DRIVE_SLACK = 1.2
# Alarms that wait for a volume in mL as well: air has to come to the detector, a pusher to move by half a turn, and a
# jammed load cell is told when the screw has made 50 steps.
VOLUMES_ML = {"air": 0.15, "not_engaged": 1.5, "sensor_fault": 0.02}
# Alarms that wait for something slow, in seconds; all others are there within QUICK_S.
SLOW_S = {
    "sensor_fault": 90.0,
    "syringe_unknown": 30.0,
    "key_stuck": 60.0,
    "memory": 75.0,
    "temperature": 900.0,
    "battery_low": 600.0,
    "battery_depleted": 600.0,
}
QUICK_S = 15.0


def needs(drawn: Drawn, names: Sequence[str], rate_ml_h: float) -> float:
    """Return how many seconds of flow at this rate one of these alarms may take in this therapy, generously."""
    return max(_needs(drawn, name, rate_ml_h) for name in names)


def _needs(drawn: Drawn, name: str, rate_ml_h: float) -> float:
    if name in PRESSURE_ALARMS:
        return QUICK_S + _full_s(drawn, rate_ml_h)
    if name in DRIVE_ALARMS:
        its = detection(drawn.program.syringe.name, min(rate_ml_h, BOLUS_ML_H))
        return QUICK_S + DRIVE_SLACK * float(getattr(its, DRIVE_ALARMS[name]))
    return SLOW_S.get(name, QUICK_S) + VOLUMES_ML.get(name, 0.0) / rate_ml_h * 3600


def _full_s(drawn: Drawn, rate_ml_h: float) -> float:
    its = drawn.fitted
    area_mm2 = pi / 4 * (its.barrel_um / 1000) ** 2
    friction_mmhg = its.friction_mn / area_mm2 / 133.322e-3
    compliance_ml_mmhg = (its.compliance_nl_mmhg + TUBING_NL_PER_MMHG) / 1e6
    to_fill_ml = PRESSURE_SLACK * compliance_ml_mmhg * (drawn.program.occlusion_mmhg + friction_mmhg)
    return to_fill_ml / rate_ml_h * 3600


def fits(drawn: Drawn, names: Sequence[str], random: Random, end_s: float) -> float | None:
    """Return a moment, in seconds after the start, at which the motor moves and enough is still to come; or None.

    Counted is what is ordered, keep-vein-open apart: at the rate of that moment it must last for as long as needed.
    """
    its = profile(drawn.program)
    moments = []
    for i in range(len(its.time_s) - 1):
        begins, ends, rate_ml_h = its.time_s[i], min(its.time_s[i + 1], end_s), its.rate_ml_h[i]
        if rate_ml_h <= 0 or ends - begins < 1:
            continue
        needed_s = needs(drawn, names, rate_ml_h)
        for part in (0.1, 0.5, 0.9):
            at_s = begins + part * (ends - begins)
            given_ml = its.volume_ml[i] + part * (its.volume_ml[i + 1] - its.volume_ml[i])
            left_ml = its.volume_ml[-1] - given_ml
            if at_s > 1 and end_s - at_s >= needed_s and left_ml >= rate_ml_h * needed_s / 3600:
                moments.append(at_s)
    return random.choice(moments) if moments else None
