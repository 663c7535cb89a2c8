"""How a delivery comes to stand, after a power cut, where another one stood (standing.py).

What the record reserved and may have been given counts as given: a rate or ramp goes on behind it, within its phase,
since before the next phase is laid a new record is written. A pause and keeping the vein open are times: they go on
where the record found them, and so does every phase by time, as if no time had passed while the power was off.
Boluses are not gone on with.
"""

from .delivery import TREAD_MS
from .program import KVO, RAMP, RATE, REPEAT
from .ratio import ceil, plus
from .standing import KVO_IS_OVER, RUNS


def stand(delivery, place, steps):
    """Let a delivery that has not begun stand at `place`, `steps` of its lane given; return what is dropped, in nL.

    place.used_nl and used_ms become what the phase goes on from. Dropped are the rest of boluses, and what was laid and
    not given if `steps` are known to be less.
    """
    step = delivery.step
    phase = delivery.phases[place.phase] if place.entered == RUNS else None
    in_kvo = phase.kind == KVO if phase else place.entered == KVO_IS_OVER
    lane, other = (delivery.kvo, delivery.dose) if in_kvo else (delivery.dose, delivery.kvo)
    delivery.phase = place.phase
    delivery.uncertain = place.uncertain
    for i in range(place.phase, len(delivery.phases)):
        if delivery.phases[i].kind == REPEAT:
            if delivery.phases[i].to_nl <= place.phase and place.passes > 1:
                delivery.passes = {i: place.passes}
            break
    _give(other, place.other, step.nl_of(place.other) + place.other_owed_nl, 1)
    due_nl = step.nl_of(place.laid) + place.owed_nl
    value = (due_nl, 1)
    dropped_nl = 0
    if place.reserved > place.given:
        if not in_kvo:
            left_nl = _left_nl(phase, place)
            steps = min(steps, max(place.laid, step.steps_in(due_nl + left_nl + place.bolus_nl)))
            _pass_over(phase, place, ceil(*_volume(step, steps)) - due_nl)
            dropped_nl = due_nl + left_nl - _left_nl(phase, place) - step.nl_of(steps)
        value = _volume(step, steps)
    dropped_nl += place.bolus_nl
    if dropped_nl <= step.nl_of(1):
        dropped_nl = 0  # of what is ordered, less than a step is never given
    _give(lane, steps, *value)
    if phase is not None:
        delivery.lane = lane
        delivery.turn = ""
        _begin(delivery, phase, place)
    delivery.add(place.added_nl - dropped_nl, 1)
    lane.open(0)
    other.open(0)
    return dropped_nl


def rate_of(phase, place):
    """Return the rate at which a phase goes on: (nL, ms)."""
    return (place.rate_nl, place.rate_ms) if place.rate_ms else (phase.rate_nl, phase.rate_ms)


def _volume(step, steps):
    """Return the volume of so many steps in nanolitres, exact: (num, den)."""
    return steps * step.pl_num, step.pl_den * 1000


def _give(lane, steps, num, den):
    """So many steps count as given, num/den nL as due."""
    lane.given = lane.laid = steps
    lane.basal.before_num, lane.basal.before_den = num, den


def _ramp_nl(phase, ms):
    """Return what a ramp has given at its millisecond ms, in treads as `Delivery.tread` lays it: (num, den)."""
    rest_ms = ms % TREAD_MS
    num, den = _line_nl(phase, ms - rest_ms)
    if not rest_ms:
        return num, den
    to_ms = min(ms - rest_ms + TREAD_MS, phase.duration_ms)
    num2, den2 = _line_nl(phase, to_ms)
    span_ms = to_ms - (ms - rest_ms)
    return plus(num * (span_ms - rest_ms), den * span_ms, num2 * rest_ms, den2 * span_ms)


def _line_nl(phase, ms):
    """Return the area under the line of a ramp at its millisecond ms, an edge of a tread: (num, den)."""
    both = phase.rate_ms * phase.to_ms
    from_nl = phase.rate_nl * phase.to_ms
    span = 2 * phase.duration_ms
    return ms * (from_nl * span + (phase.to_nl * phase.rate_ms - from_nl) * ms), both * span


def _left_nl(phase, place):
    """Return what a phase has left to give, floored."""
    if phase is None:
        return 0
    if phase.kind == RAMP:
        num, den = _ramp_nl(phase, phase.duration_ms)
        num2, den2 = _ramp_nl(phase, place.used_ms)
        num, den = plus(num, den, -num2, den2)
        return num // den
    if phase.kind != RATE:
        return 0
    left_nl = -1
    if phase.volume_nl:
        left_nl = phase.volume_nl - place.used_nl
    if phase.duration_ms:
        nl, ms = rate_of(phase, place)
        by_time_nl = nl * (phase.duration_ms - place.used_ms) // ms
        if left_nl < 0 or by_time_nl < left_nl:
            left_nl = by_time_nl
    return left_nl


def _pass_over(phase, place, passed_nl):
    """Of a rate or ramp passed_nl more count as given."""
    if phase is None or passed_nl <= 0:
        return
    if phase.kind == RATE:
        nl, ms = rate_of(phase, place)
        if phase.volume_nl:
            passed_nl = min(passed_nl, phase.volume_nl - place.used_nl)
        place.used_nl += passed_nl
        if phase.duration_ms and nl:  # a closed loop lets it stand still
            place.used_ms = min(phase.duration_ms, place.used_ms + ceil(passed_nl * ms, nl))
    elif phase.kind == RAMP:
        # To the first edge of a tread by which so much is given.
        num, den = plus(*_ramp_nl(phase, place.used_ms), passed_nl, 1)
        low, high = place.used_ms // TREAD_MS, -(-phase.duration_ms // TREAD_MS)
        while low < high:
            middle = (low + high) // 2
            num2, den2 = _ramp_nl(phase, min(middle * TREAD_MS, phase.duration_ms))
            if num2 * den >= num * den2:
                high = middle
            else:
                low = middle + 1
        place.used_ms = min(low * TREAD_MS, phase.duration_ms)


def _begin(delivery, phase, place):
    """Begin a phase of which a part is over, held until somebody lets it go on."""
    lane = delivery.lane
    basal = lane.basal
    before_num, before_den = basal.before_num, basal.before_den
    if phase.kind == RAMP:
        delivery.ramp_from_ms = -place.used_ms
        delivery.tread(-(place.used_ms % TREAD_MS), phase)
    else:
        until_ms = phase.duration_ms - place.used_ms if phase.duration_ms else -1
        nl, ms = rate_of(phase, place)
        basal.begin(0, nl, ms or 1, phase.volume_nl or -1, until_ms)
        basal.given_num = place.used_nl
        basal.change(0, nl, ms or 1)
    num, den = basal.of_item(0)
    basal.before_num, basal.before_den = plus(before_num, before_den, -num, den)
    basal.hold(0)
    lane.bolus.hold(0)
