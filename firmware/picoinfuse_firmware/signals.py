"""Light and sound of an alarm as pulse timings of IEC 60601-1-8: whole numbers, from priority and time since it began.

A board plays this after `signal(priority, audible)`: from that moment on it shows `light` and sounds `sound`, and needs
to look again at `next_change_ms`. Only the highest active priority is played; an audio pause takes the sound and leaves
the light.
"""

from .alarms import HIGH, LOW, MEDIUM

DARK = 0
RED = 1
YELLOW = 2
CYAN = 3
COLOURS = ("dark", "red", "yellow", "cyan")

# The drug-delivery melody C5 D4 G4 - C5 D4, in hertz, rounded.
C5_HZ = 523
D4_HZ = 294
G4_HZ = 392

# Light: colour, period, on for so long of it. Period 0: steady.
LIGHT = {
    HIGH: (RED, 500, 200),  # 2 Hz, 40 %; the standard: 1.4 to 2.8 Hz, 20 to 60 %
    MEDIUM: (YELLOW, 2000, 800),  # 0.5 Hz, 40 %; 0.4 to 0.8 Hz, 20 to 60 %
    LOW: (CYAN, 0, 0),
}

# Sound: each pulse as (silence before it, its length, hertz), and how long the burst and the silence behind it last.
HIGH_PULSE_MS = 150  # 75 to 200 ms
HIGH_GAP_MS = 100  # 50 to 125 ms
HIGH_GROUP_MS = 350  # between the three and the two: two gaps and a pulse (engineer's memory of the standard)
HIGH_HALF_MS = 800  # between the two fives: 0.35 to 1.3 s
HIGH_BETWEEN_MS = 4000  # between two bursts: 2.5 to 15 s
PULSE_MS = 200  # medium and low: 125 to 250 ms
GAP_MS = 200  # medium and low: 125 to 250 ms
MEDIUM_BETWEEN_MS = 10000  # 2.5 to 30 s
LOW_BETWEEN_MS = 20000  # more than 15 s


def _five(before_ms):
    """Return five pulses of a high alarm, grouped 3-2, before_ms after what was before."""
    return (
        (before_ms, HIGH_PULSE_MS, C5_HZ),
        (HIGH_GAP_MS, HIGH_PULSE_MS, D4_HZ),
        (HIGH_GAP_MS, HIGH_PULSE_MS, G4_HZ),
        (HIGH_GROUP_MS, HIGH_PULSE_MS, C5_HZ),
        (HIGH_GAP_MS, HIGH_PULSE_MS, D4_HZ),
    )


def _burst(pulses, between_ms):
    """Return (period, pulses), each pulse as (from_ms, to_ms, hertz) since the burst began."""
    at_ms = 0
    timed = []
    for silence_ms, length_ms, hertz in pulses:
        at_ms += silence_ms
        timed.append((at_ms, at_ms + length_ms, hertz))
        at_ms += length_ms
    return at_ms + between_ms, tuple(timed)


SOUND = {
    HIGH: _burst(_five(0) + _five(HIGH_HALF_MS), HIGH_BETWEEN_MS),
    MEDIUM: _burst(((0, PULSE_MS, C5_HZ), (GAP_MS, PULSE_MS, D4_HZ), (GAP_MS, PULSE_MS, G4_HZ)), MEDIUM_BETWEEN_MS),
    LOW: _burst(((0, PULSE_MS, C5_HZ), (GAP_MS, PULSE_MS, D4_HZ)), LOW_BETWEEN_MS),
}


def light(priority, since_ms):
    """Return the colour that is lit since_ms after the signal began: DARK, RED, YELLOW or CYAN."""
    if priority not in LIGHT:
        return DARK
    colour, period_ms, on_ms = LIGHT[priority]
    return colour if not period_ms or since_ms % period_ms < on_ms else DARK


def sound(priority, audible, since_ms):
    """Return the frequency in hertz that sounds since_ms after the signal began, 0 for silence."""
    if not audible or priority not in SOUND:
        return 0
    period_ms, pulses = SOUND[priority]
    at_ms = since_ms % period_ms
    for from_ms, to_ms, hertz in pulses:
        if from_ms <= at_ms < to_ms:
            return hertz
    return 0


def next_change_ms(priority, audible, since_ms):
    """Return when light or sound change next, in milliseconds since the signal began; -1: never."""
    if priority not in LIGHT:
        return -1
    change_ms = -1
    _, period_ms, on_ms = LIGHT[priority]
    if period_ms:
        at_ms = since_ms % period_ms
        change_ms = since_ms - at_ms + (on_ms if at_ms < on_ms else period_ms)
    if audible:
        period_ms, pulses = SOUND[priority]
        at_ms = since_ms % period_ms
        edge_ms = period_ms
        for from_ms, to_ms, _ in pulses:
            if at_ms < to_ms:
                edge_ms = from_ms if at_ms < from_ms else to_ms
                break
        edge_ms += since_ms - at_ms
        if change_ms < 0 or edge_ms < change_ms:
            change_ms = edge_ms
    return change_ms
