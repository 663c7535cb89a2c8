"""What to infuse: a syringe and a list of phases, in whole numbers, and the check value both ends compute of them.

Phase kinds and the numbers each one uses (the others are 0):

    rate    rate_nl/rate_ms until volume_nl is given or duration_ms is over, whichever is first (0: no such end)
    ramp    from rate_nl/rate_ms to to_nl/to_ms, linear in time over duration_ms
    pause   nothing for duration_ms
    bolus   volume_nl at rate_nl/rate_ms beside the phases that follow; takes no time of its own
    kvo     keep the vein open at rate_nl/rate_ms for duration_ms (0: until stopped, the last phase only);
            its volume is accounted for apart from the dose
    repeat  go back to phase to_nl until it and what follows have run to_ms times in all

What goes beyond phases (a drug and its limits, a patient's own boluses, planned syringe changes, ...) are options: a
kind, a word, and numbers. options.py knows them, and a pump whose program has none does not load it.
"""

from binascii import crc32

RATE = "rate"
RAMP = "ramp"
PAUSE = "pause"
BOLUS = "bolus"
KVO = "kvo"
REPEAT = "repeat"


class Phase:
    """One phase; the module's text says which numbers each kind uses."""

    def __init__(self, kind, rate_nl=0, rate_ms=0, volume_nl=0, duration_ms=0, to_nl=0, to_ms=0):
        self.kind = kind
        self.rate_nl = rate_nl
        self.rate_ms = rate_ms
        self.volume_nl = volume_nl
        self.duration_ms = duration_ms
        self.to_nl = to_nl
        self.to_ms = to_ms

    def values(self):
        """Return what a `phase` message carries after its index."""
        return [
            self.kind,
            self.rate_nl,
            self.rate_ms,
            self.volume_nl,
            self.duration_ms,
            self.to_nl,
            self.to_ms,
        ]

    def volume(self):
        """Return the volume this phase orders once, as an exact ratio (num, den) of nanolitres."""
        if self.kind == RATE:
            if self.duration_ms == 0:
                return self.volume_nl, 1
            by_time = self.rate_nl * self.duration_ms
            if self.volume_nl and self.volume_nl * self.rate_ms <= by_time:
                return self.volume_nl, 1
            return by_time, self.rate_ms
        if self.kind == RAMP:
            total = self.rate_nl * self.to_ms + self.to_nl * self.rate_ms
            return total * self.duration_ms, 2 * self.rate_ms * self.to_ms
        if self.kind == BOLUS:
            return self.volume_nl, 1
        return 0, 1

    def duration(self):
        """Return how long this phase takes once, in milliseconds; -1: until stopped."""
        if self.kind == RATE and self.volume_nl:
            by_volume = -(-self.volume_nl * self.rate_ms // self.rate_nl)
            if self.duration_ms == 0 or by_volume < self.duration_ms:
                return by_volume
        if self.kind == KVO and self.duration_ms == 0:
            return -1
        if self.kind == BOLUS or self.kind == REPEAT:
            return 0
        return self.duration_ms


def after_ms(phases, index, passes):
    """Return how long the phases after number `index` take; a last keep-vein-open without end takes no time.

    passes: index of a repeat phase -> how many passes of its loop have begun.
    """
    total = 0
    for i in range(index + 1, len(phases)):
        total += max(0, phases[i].duration())
        if phases[i].kind == REPEAT:
            loop_ms = sum([p.duration() for p in phases[phases[i].to_nl : i]])
            total += loop_ms * (phases[i].to_ms - passes.get(i, 1))
    return total


class Program:
    """A syringe, the phases to infuse from it, and the options.

    barrel_um: inner diameter of the barrel; capacity_nl: what the barrel holds; filled_nl: fluid in it;
    friction_mn: of the plunger; occlusion_mmhg: alarm threshold; near_end_ms: warn so long before the end (0: do not).
    """

    def __init__(self, barrel_um, capacity_nl, filled_nl, friction_mn, occlusion_mmhg, near_end_ms, phases, options=()):
        self.barrel_um = barrel_um
        self.capacity_nl = capacity_nl
        self.filled_nl = filled_nl
        self.friction_mn = friction_mn
        self.occlusion_mmhg = occlusion_mmhg
        self.near_end_ms = near_end_ms
        self.phases = phases
        self.options = list(options)  # of options.Option

    def load_values(self):
        """Return what a `load` message carries."""
        return self._head() + [len(self.options)]

    def _head(self):
        return [
            self.barrel_um,
            self.capacity_nl,
            self.filled_nl,
            self.friction_mn,
            self.occlusion_mmhg,
            self.near_end_ms,
            len(self.phases),
        ]

    def check(self):
        """Return the check value of everything in the program: eight hex digits, the same on both ends."""
        return "%08x" % (crc32(self.text().encode()) & 0xFFFFFFFF)

    def text(self):
        """Return everything in the program as lines of words; `of_text` reads it."""
        rows = [self._head()] + [p.values() for p in self.phases]
        lines = [" ".join([str(v) for v in row]) for row in rows]
        return "\n".join(lines + [option.text() for option in self.options])

    def passes(self):
        """Return how often each phase runs, repeats counted, as a list."""
        times = [1] * len(self.phases)
        for i in range(len(self.phases)):
            phase = self.phases[i]
            if phase.kind == REPEAT:
                for j in range(phase.to_nl, i):
                    times[j] = times[j] * phase.to_ms
        return times

    def volume_nl(self):
        """Return what the program orders in all, in whole nanolitres (floored), keep-vein-open apart."""
        num, den = 0, 1
        times = self.passes()
        for i in range(len(self.phases)):
            n, d = self.phases[i].volume()
            num, den = num * d + n * times[i] * den, den * d
        return num // den

    def duration_ms(self):
        """Return how long the program takes, in milliseconds; -1: until stopped."""
        total = 0
        times = self.passes()
        for i in range(len(self.phases)):
            one = self.phases[i].duration()
            if one < 0:
                return -1
            total += one * times[i]
        return total


def of_text(text):
    """Return the Program that `text` writes down. Raises ValueError, TypeError or IndexError if it is none."""
    lines = text.split("\n")
    numbers = [int(word) for word in lines[0].split(" ")]
    phases, options = [], []
    for line in lines[1:]:
        if line.startswith("+"):
            from .options import of_line  # most programs have none, and a Pico does not read that file then

            options.append(of_line(line))
            continue
        words = line.split(" ")
        phases.append(Phase(words[0], *[int(word) for word in words[1:]]))
    return Program(*numbers[:6], phases, options)
