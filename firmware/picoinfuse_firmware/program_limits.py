"""Accepts or refuses a whole program for a syringe and a drive, with the reason, the value and the limit.

Asked while nothing moves, when a program is sent or was interrupted; so a Pico reads it then and lets it go.
The limits themselves, and what is checked while the pump runs, stand in limits.py.
"""

from .dose import area_um2, mmhg_per_mn, step_of
from .limits import (
    FAKED_BY_FRICTION,
    MAX_BARREL_UM,
    MAX_DURATION_MS,
    MAX_FRICTION_MN,
    MAX_OCCLUSION_MMHG,
    MAX_PHASES,
    MAX_REPEATS,
    MAX_VOLUME_NL,
    MIN_BARREL_UM,
    MIN_LOOP_PHASE_MS,
    MIN_OCCLUSION_MMHG,
    fastest_basal_nl_h,
    max_rate_nl_h,
    rate,
    rate_nl_h,
    volume,
)
from .program import BOLUS, KVO, PAUSE, RAMP, RATE, REPEAT


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
