"""How long it takes until the dose of a delivery is complete."""

from .program import KVO, RAMP, after_ms


def of(delivery, now_ms):
    """Return the time until the dose is complete, in milliseconds; a last keep-vein-open is not counted."""
    phases = delivery.phases
    laid_ms = max(0, delivery.horizon_ms - now_ms) if delivery.turn else 0
    boluses_ms = of_boluses(delivery, now_ms)
    if delivery.phase >= len(phases):
        return max(laid_ms, boluses_ms)
    phase = phases[delivery.phase]
    if delivery.turn or (phase.kind == KVO and delivery.lane is delivery.dose):
        left_ms = laid_ms + boluses_ms + max(0, phase.duration())  # it begins when what is laid and runs is over
    elif phase.kind == KVO and phase.duration_ms == 0:
        left_ms = 0
    elif phase.kind == RAMP:
        left_ms = delivery.ramp_from_ms + phase.duration_ms - (now_ms if delivery.running else delivery.held_ms)
    else:
        left_ms = delivery.lane.basal.left_ms(now_ms)
    left_ms += after_ms(phases, delivery.phase, delivery.passes)
    kinds = [p.kind for p in phases[delivery.phase + 1 :]] if boluses_ms else []
    if KVO in kinds:  # that waits for the boluses
        boluses_ms += after_ms(phases, delivery.phase + kinds.index(KVO), delivery.passes)
    return max(0, boluses_ms, left_ms)


def of_boluses(delivery, now_ms):
    """Return how long the boluses that run and wait at the horizon still take."""
    left_ms = delivery.lane.bolus.left_ms(now_ms) if delivery.bolus_runs else 0
    for volume_nl, rate_nl, rate_ms in delivery.boluses:
        left_ms += -(-volume_nl * rate_ms // rate_nl)
    return left_ms
