"""Where in its program a delivery stands. How another one comes to stand there: stand.py."""

from .checkpoint import Checkpoint
from .program import KVO, RAMP, RATE
from .ratio import ceil

RUNS = 1  # values of Checkpoint.entered
KVO_IS_OVER = 2


def place_of(delivery):
    """Return a new Checkpoint of where a delivery stands: at its horizon, or where it was held."""
    place = Checkpoint()
    lane = delivery.lane
    at_ms = delivery.horizon_ms if delivery.running else delivery.held_ms
    num, den = lane.value(at_ms)
    place.phase = delivery.phase
    place.passes = max([1] + list(delivery.passes.values()))
    place.given = delivery.steps_given(lane)
    place.laid = place.reserved = max(lane.laid, place.given)  # a motor that runs away does more than was laid
    place.owed_nl = num // den - delivery.step.nl_of(place.laid)
    other = delivery.kvo if lane is delivery.dose else delivery.dose
    num, den = other.value(at_ms)
    place.other = other.given
    place.other_owed_nl = num // den - delivery.step.nl_of(other.given)
    place.added_nl = delivery.added_nl()
    place.uncertain = delivery.uncertain
    if delivery.bolus_runs:
        num, den = lane.bolus.of_item(at_ms)
        place.bolus_nl = lane.bolus.volume_nl - num // den
    for waiting in delivery.boluses:
        place.bolus_nl += waiting[0]
    place.entered = KVO_IS_OVER if lane is delivery.kvo else 0
    if not delivery.turn and delivery.phase < len(delivery.phases):
        phase = delivery.phases[delivery.phase]
        if (phase.kind == KVO) == (lane is delivery.kvo):
            place.entered = RUNS
            _put_used(place, delivery, phase, at_ms)
    return place


def _put_used(place, delivery, phase, at_ms):
    """Put into `place` how much of the running phase is over, and a person's rate for it."""
    basal = delivery.lane.basal
    if phase.kind == RAMP:
        place.used_ms = at_ms - delivery.ramp_from_ms
        return
    held = basal.held or (basal.rate_nl, basal.rate_ms, basal.until_ms - at_ms)
    if phase.duration_ms:
        place.used_ms = phase.duration_ms - held[2]
    if phase.kind == RATE:
        place.used_nl = ceil(*basal.of_item(at_ms))
        if (held[0], held[1]) != (phase.rate_nl, phase.rate_ms):
            place.rate_nl, place.rate_ms = held[0], held[1]
