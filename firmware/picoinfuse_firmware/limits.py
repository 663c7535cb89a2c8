"""Accepts or refuses, with the reason, the value and the limit; never alters the number it was given.

A check returns None, or a refusal: (reason, value, limit). Pure arithmetic: the host asks it too, for an early answer.
The reasons in words are in reasons.py, which the pump does not load.
"""

from .dose import area_um2, mmhg_per_mn, step_of
from .program import BOLUS, KVO, PAUSE, RAMP, RATE, REPEAT

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


def least_occlusion_mmhg(barrel_um, friction_mn):
    """Return the lowest threshold in mmHg that the friction of this syringe cannot reach by itself."""
    num, den = mmhg_per_mn(barrel_um)
    return -(-FAKED_BY_FRICTION * friction_mn * num // den)


def syringe(program, config):
    """Check the syringe of a program.Program against the frame."""
    barrel_um = program.barrel_um
    if barrel_um < MIN_BARREL_UM:
        return ("barrel_range", barrel_um, MIN_BARREL_UM)
    if barrel_um > MAX_BARREL_UM:
        return ("barrel_range", barrel_um, MAX_BARREL_UM)
    if program.capacity_nl > MAX_VOLUME_NL:
        return ("volume_too_large", program.capacity_nl, MAX_VOLUME_NL)
    if program.filled_nl > program.capacity_nl or program.filled_nl < 0:
        return ("filled_too_much", program.filled_nl, program.capacity_nl)
    stroke_um = program.filled_nl * 1000000 // area_um2(barrel_um)
    if stroke_um > config.travel_um:
        return ("stroke_too_long", stroke_um, config.travel_um)
    if not 0 <= program.friction_mn <= MAX_FRICTION_MN:
        return ("friction_range", program.friction_mn, MAX_FRICTION_MN)
    if program.occlusion_mmhg < MIN_OCCLUSION_MMHG:
        return ("occlusion_range", program.occlusion_mmhg, MIN_OCCLUSION_MMHG)
    if program.occlusion_mmhg > MAX_OCCLUSION_MMHG:
        return ("occlusion_range", program.occlusion_mmhg, MAX_OCCLUSION_MMHG)
    least_mmhg = least_occlusion_mmhg(barrel_um, program.friction_mn)
    if program.occlusion_mmhg < least_mmhg:
        return ("threshold_below_friction", program.occlusion_mmhg, least_mmhg)
    if not 0 <= program.near_end_ms <= MAX_DURATION_MS:
        return ("duration_too_long", program.near_end_ms, MAX_DURATION_MS)
    return None


def _duration(duration_ms):
    if duration_ms < 0:
        return ("duration_too_short", duration_ms, 0)
    if duration_ms > MAX_DURATION_MS:
        return ("duration_too_long", duration_ms, MAX_DURATION_MS)
    return None


def _phase(phase, index, last, step, highest_nl_h):
    """Check one phase by itself."""
    kind = phase.kind
    if kind not in (RATE, RAMP, PAUSE, BOLUS, KVO):
        return ("unknown_kind", index, 0)
    wanted_to = kind == RAMP
    if (phase.to_nl != 0 or phase.to_ms != 0) and not wanted_to:
        return ("bad_number", index, 0)
    if phase.volume_nl < 0 or (phase.volume_nl and kind not in (RATE, BOLUS)):
        return ("bad_number", index, 0)
    if kind == PAUSE and (phase.rate_nl or phase.rate_ms):
        return ("bad_number", index, 0)
    if kind == BOLUS and phase.duration_ms:
        return ("bad_number", index, 0)
    no = _duration(phase.duration_ms)
    if no:
        return no
    if kind != PAUSE:
        no = rate(phase.rate_nl, phase.rate_ms, highest_nl_h)
        if no:
            return no
    if kind == RAMP:
        no = rate(phase.to_nl, phase.to_ms, highest_nl_h)
        if no:
            return no
    if kind in (RAMP, PAUSE) and phase.duration_ms == 0:
        return ("duration_too_short", 0, 1)
    if kind == KVO and phase.duration_ms == 0 and not last:
        return ("kvo_not_last", index, 0)
    if kind == BOLUS or phase.volume_nl:
        no = volume(phase.volume_nl, step)
        if no:
            return no
    if kind == RATE and not phase.volume_nl and not phase.duration_ms:
        return ("bad_number", index, 0)
    return None


def _repeats(phases):
    """Check that repeats go back, do not overlap, and hold something that takes time."""
    free_from = 0
    for i in range(len(phases)):
        phase = phases[i]
        if phase.kind != REPEAT:
            continue
        others = phase.rate_nl or phase.rate_ms or phase.volume_nl or phase.duration_ms
        if others or not free_from <= phase.to_nl < i or not 1 <= phase.to_ms <= MAX_REPEATS:
            return ("bad_repeat", i, MAX_REPEATS)
        loop_ms = sum([phases[j].duration() for j in range(phase.to_nl, i)])
        if loop_ms <= 0:
            return ("bad_repeat", i, MAX_REPEATS)
        if loop_ms < MIN_LOOP_PHASE_MS * (i - phase.to_nl):
            return ("duration_too_short", loop_ms, MIN_LOOP_PHASE_MS * (i - phase.to_nl))
        free_from = i + 1
    return None


def program(order, config):
    """Check a whole program.Program for this drive (a Config)."""
    if not 1 <= len(order.phases) <= MAX_PHASES:
        return ("too_many_phases", len(order.phases), MAX_PHASES)
    no = syringe(order, config)
    if no:
        return no
    step = step_of(config, order.barrel_um)
    highest_nl_h = max_rate_nl_h(config, step)
    last = len(order.phases) - 1
    for i in range(len(order.phases)):
        if order.phases[i].kind != REPEAT:
            no = _phase(order.phases[i], i, i == last, step, highest_nl_h)
            if no:
                return no
    no = _repeats(order.phases) or _beside(order.phases, highest_nl_h)
    if no:
        return no
    supply_nl = order.filled_nl
    if order.options:
        from . import options

        no = options.check(order, step, config)
        if no:
            return no
        supply_nl = options.supply_nl(order)
    total_nl = order.volume_nl()
    if total_nl > supply_nl:
        return ("volume_exceeds_syringe", total_nl, supply_nl)
    if total_nl == 0 and not (order.options and options.find(order, options.DEMAND)):
        return ("nothing_ordered", 0, 0)
    if order.duration_ms() > MAX_DURATION_MS:
        return ("duration_too_long", order.duration_ms(), MAX_DURATION_MS)
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


def _beside(phases, highest_nl_h):
    """Check that the fastest bolus beside the fastest phase is still within reach of the drive."""
    basal = fastest_basal_nl_h(phases)
    bolus = 0
    for phase in phases:
        if phase.kind == BOLUS:
            bolus = max(bolus, rate_nl_h(phase.rate_nl, phase.rate_ms) + 1)
    if bolus and basal + bolus > highest_nl_h:
        return ("rate_too_high", basal + bolus, highest_nl_h)
    return None
