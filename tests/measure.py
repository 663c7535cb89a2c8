"""What the tests of numbers measure with: the geometry of a syringe by its own formula, and the edges of a bench."""

from fractions import Fraction

from picoinfuse import syringes
from picoinfuse_firmware import states

# pi to 30 decimals, by John Machin's formula; the firmware's 355/113 is not used here on purpose.
PI = Fraction(3141592653589793238462643383279, 10**30)
PITCH_UM, STEPS_PER_TURN = 2000, 3200  # of the house's drive, docs/hardware.md
US_PER_H = 3_600_000_000


def step_nl(syringe):
    """Return the exact volume of a motor step in nanolitres: pi/4 d**2 pitch / steps; 1 um**3 is 1e-6 nL."""
    barrel_um = syringes.find(syringe).barrel_um
    return PI / 4 * barrel_um**2 * PITCH_UM / STEPS_PER_TURN / 10**6


def us_per_step(syringe, rate_ml_h):
    """Return the exact microseconds between two steps at a rate written as text, e.g. "0.1"."""
    return step_nl(syringe) * US_PER_H / (Fraction(rate_ml_h) * 10**6)


def edges_us(bench, since_ms=0):
    """Return the time of every STEP edge in microseconds of the pump's own time, counted from device time since_ms."""
    bench.board.bring_plant()
    wrap_us = 1000 << 30
    zero_us = bench.controller.origin_ms * 1000
    return [(at_us - zero_us) % wrap_us - since_ms * 1000 for at_us in bench.board.edges]


def times_ms(pump, kind, what):
    """Return the device times of every event of this kind and name."""
    return [event.at_ms for event in pump.events() if event.kind == kind and event.what == what]


def start(bench, program):
    """Start a program on the bench's pump and return the device time at which it began to infuse."""
    bench.pump.start(program)
    return times_ms(bench.pump, "state", "infusing")[0]


def until_alarm(bench):
    """Go on to the poll in which an alarm stops the motor, at most two days. No host listens: that costs time."""
    end_ms = bench.now_ms + 2 * 86_400_000
    while bench.controller.state != states.ALARM:
        assert bench.now_ms < end_ms, "no alarm came"
        bench.poll_once()
