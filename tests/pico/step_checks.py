"""What every test of the stepper asks of the edges at its pins (pio_bench.py)."""

from itertools import pairwise

PULSE_US = 4
STEP_US = 20  # the shortest interval, and min_interval_us of most tests


def in_us(bench, us):
    """Return the firmware's clock so long from now, not wrapped."""
    return bench.ticks + bench.now + us


def steps_at(first_us, count, interval_us):
    return [first_us + i * interval_us for i in range(count)]


def check(bench, stepper):
    """Whatever happened: each edge is counted in its direction, each pulse is whole, and DIR stood still around it."""
    back = bench.directions().count(1)
    forward = len(bench.edges()) - back
    assert (stepper.steps_forward(), stepper.steps_reverse(), stepper.steps()) == (forward, back, forward - back)
    assert all(width >= PULSE_US for width in bench.pulses())
    if len(bench.edges()) > 1:
        assert min(b - a for a, b in pairwise(bench.edges())) >= STEP_US
    if bench.directions():
        before, after = bench.direction_margins()
        assert before is None or before >= 1
        assert after is None or after >= 1
