"""Accepts or refuses, with the reason, the value and the limit; never alters the number it was given.

A check returns None, or a refusal: (reason, value, limit). Pure arithmetic: the host asks it too, for an early answer.
The reasons in words are in reasons.py, which the pump does not load. A whole program is checked in program_limits.py.
"""

from .program import RAMP, RATE

MIN_RATE_NL_H = 10000  # 0.01 mL/h: the lowest sensible rate of the smallest syringe [Perfusor compact plus]
MAX_RATE_NL_H = 1200000000  # 1200 mL/h: as typical syringe pumps
MIN_BARREL_UM, MAX_BARREL_UM = 3000, 45000  # from a 1 mL to a 140 mL syringe
MIN_OCCLUSION_MMHG, MAX_OCCLUSION_MMHG = 50, 1000  # below 1034 mmHg [GIP 1.10]
# Occlusion levels by name, in mmHg: within what a real syringe pump offers for each (low 50-300, medium 150-600, high
# 250-900) [Fresenius Agilia].
OCCLUSION_LEVELS = (("low", 150), ("medium", 300), ("high", 600))
MAX_FRICTION_MN = 30000  # teaching value: half as much again as the 20 N published for real syringes
# Friction can fake the pressure of so many times its nominal value: a sticky stretch rubs twice as hard, standing still
# a fifth harder again, and the learnt baseline may stand at half the nominal value (friction.py): 2 * 1.2 - 0.5 = 1.9.
FAKED_BY_FRICTION = 2
MAX_PHASES = 32
MAX_REPEATS = 1000
MIN_LOOP_PHASE_MS = 100  # mean of the phases of a repeat: each is a run, and a poll can append three
MAX_DURATION_MS = 2678400000  # 31 days
MAX_VOLUME_NL = 1000000000  # 1 L: more than any syringe
MAX_RATE_MS = 1000000000000000  # a rate is a ratio; this keeps its numbers within 50 bits
MAX_MUTE_MS = 120000  # audio pause [GIP 3.2.1]
MIN_TELEMETRY_MS = 100
MAX_PRIORITY = 3  # of an alarm: 1 low, 2 medium, 3 high
MAX_RATE_BITS = 256  # of the common denominator of the rates that were ordered in one phase


def rate_nl_h(rate_nl, rate_ms):
    """Return a rate in nL/h, floored."""
    return rate_nl * 3600000 // rate_ms


def max_rate_nl_h(config, step):
    """Return the highest rate in nL/h for this drive (a Config) and syringe (a StepVolume)."""
    by_drive = 3600000000 * step.pl_num // (config.min_interval_us * step.pl_den * 1000)
    return min(by_drive, MAX_RATE_NL_H)


def rate(rate_nl, rate_ms, highest_nl_h):
    """Check one rate against the highest that drive and syringe allow."""
    if rate_ms <= 0 or rate_ms > MAX_RATE_MS or rate_nl <= 0:
        return ("rate_too_low", 0, MIN_RATE_NL_H)
    if rate_nl * 3600000 > highest_nl_h * rate_ms:
        return ("rate_too_high", rate_nl_h(rate_nl, rate_ms), highest_nl_h)
    if rate_nl * 3600000 < MIN_RATE_NL_H * rate_ms:
        return ("rate_too_low", rate_nl_h(rate_nl, rate_ms), MIN_RATE_NL_H)
    return None


def volume(volume_nl, step):
    """Check one volume: at least a motor step, at most a litre."""
    if step.steps_in(volume_nl) < 1:
        return ("volume_too_small", volume_nl, step.nl_of(1) + 1)
    if volume_nl > MAX_VOLUME_NL:
        return ("volume_too_large", volume_nl, MAX_VOLUME_NL)
    return None


def fastest_basal_nl_h(phases):
    """Return the highest rate of these phases in nL/h, floored; boluses and keep-vein-open apart."""
    basal = 0
    for phase in phases:
        if phase.kind == RATE or phase.kind == RAMP:
            basal = max(basal, rate_nl_h(phase.rate_nl, phase.rate_ms))
            if phase.kind == RAMP:
                basal = max(basal, rate_nl_h(phase.to_nl, phase.to_ms))
    return basal
