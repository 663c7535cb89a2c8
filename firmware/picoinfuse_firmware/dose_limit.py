"""How much a program may give in any window of time: at most so much, all of it counted, and never reckoned too low.

    boluses in the window + the new one + the fastest basal for the whole window <= most

A bolus is in a window as a whole if a part of it can be. The fastest basal is that of every phase that may still come,
and of what flowed in the window; keeping the vein open is a basal too. What the program itself orders by `bolus` phases
counts when it comes; a phase that ends by its volume takes no time here, since a person may hurry it. Two motor steps
are added, for those that lie on the two edges of a window.
"""

from .ledger import LATE_MS, MAX_WINDOW_MS, ceil_of
from .options import DRUG, HOLD, find
from .program import BOLUS, KVO, PAUSE, RAMP, RATE, REPEAT

MIN_WINDOW_MS = 60000
MAX_MOST = 1000000000000000
HOUR_MS = 3600000
MAX_WALK = 300  # phases that are followed one by one while the motor stands; what repeats more often is estimated
NEVER = -1


def check(option, program, step, config):
    """Check an option `limit` by itself and against what the program orders."""
    if option.what != "-":
        return ("bad_option", 0, 0)
    if len(option.numbers) != 2:
        return ("bad_option", 0, len(option.numbers) + 1)
    window_ms, most = option.numbers
    if window_ms < MIN_WINDOW_MS:
        return ("window_range", window_ms, MIN_WINDOW_MS)
    if window_ms > MAX_WINDOW_MS:
        return ("window_range", window_ms, MAX_WINDOW_MS)
    if not 1 <= most <= MAX_MOST:
        return ("most_range", most, MAX_MOST)
    limit = Limit(window_ms, most, step, program)
    total = limit.total(to_come(program.phases, 0, 1, 0, window_ms, MAX_WALK), [], limit.fastest(program.phases, 0))
    return ("dose_limit", total, most) if total > most else None


def concentration(program):
    """Return (amount, volume_nl) of the drug of a program; (1, 1) if it has none: then volumes are counted."""
    drug = find(program, DRUG)
    return tuple(drug.numbers) if drug else (1, 1)


class Limit:
    """At most `most` in a window, of the drug of a program; step: a dose.StepVolume."""

    def __init__(self, window_ms, most, step, program):
        self.window_ms = window_ms
        self.most = most
        self._amount, self._volume_nl = concentration(program)
        self._steps = self._amount_of(step.nl_of(2) + 1)
        hold = find(program, HOLD)
        self._falls_to = self._amount_of_rate(*hold.numbers[1:]) if hold and hold.numbers[2] > 0 else 0

    def _amount_of(self, nl):
        return ceil_of(nl, self._amount, self._volume_nl)

    def total(self, own, others, rate, at_ms=0):
        """Return the most that a window can hold which ends at_ms from now or later.

        own: the program's own boluses to come, as `to_come` gives them. others: rows (begin, end, amount), in ms from
        now. rate: the fastest basal, in the unit of the drug per hour.
        """
        rows = [(begin, end, self._amount_of(nl)) for begin, end, nl in own]
        if others:
            rows = sorted(rows + others)
        span_ms = self.window_ms + LATE_MS
        rows = [row for row in rows if row[1] > at_ms - span_ms]
        most = held = first = 0
        for begin, _, amount in rows:
            held += amount
            while rows[first][1] <= begin - span_ms:
                held -= rows[first][2]
                first += 1
            most = max(most, held)
        return most + ceil_of(rate, span_ms, HOUR_MS) + self._steps

    def fastest(self, phases, first):
        """Return the fastest flow beside boluses from phase `first` on, in the drug's unit per hour, rounded up."""
        rate = self._falls_to
        for phase in phases[first:]:
            if phase.kind in (RATE, RAMP, KVO):
                rate = max(rate, self._amount_of_rate(phase.rate_nl, phase.rate_ms))
            if phase.kind == RAMP:
                rate = max(rate, self._amount_of_rate(phase.to_nl, phase.to_ms))
        return rate

    def _amount_of_rate(self, nl, ms):
        return ceil_of(nl * HOUR_MS, self._amount, self._volume_nl * ms)


def first_of_loop(phases, first):
    """Return the first phase that can still come when phase `first` runs: the start of its loop."""
    for i in range(first, len(phases)):
        if phases[i].kind == REPEAT and phases[i].to_nl <= first:
            return phases[i].to_nl
    return first


def quickest_ms(phase):
    """Return the least time a phase takes: one by volume may be hurried by a person."""
    if phase.kind == RATE:
        return 0 if phase.volume_nl else phase.duration_ms
    return phase.duration_ms if phase.kind in (RAMP, PAUSE, KVO) else 0


def to_come(phases, first, passes, in_ms, window_ms, most_walked, busy_ms=0):
    """Return what `bolus` phases from number `first` on give, as rows (begin, end, nL) in ms from now.

    passes: of the loop it is in, begun. in_ms: when phase `first` begins. busy_ms: so long another bolus runs, for
    which these wait. Of a loop as many passes are followed as begin in some window; if these are more than most_walked
    phases, all they give is taken for given at once.
    """
    if not [phase for phase in phases[first_of_loop(phases, first) :] if phase.kind == BOLUS]:
        return []
    rows = []
    free_ms = busy_ms
    walked = 0
    i = first
    loop_at, left = -1, 0  # the repeat that is being gone through, and how many passes more of it
    while i < len(phases):
        phase = phases[i]
        walked += 1
        i += 1
        if phase.kind == BOLUS:
            begin_ms = max(in_ms, free_ms)
            free_ms = begin_ms - (-phase.volume_nl * phase.rate_ms // phase.rate_nl)
            rows.append((begin_ms, free_ms, phase.volume_nl))
        elif phase.kind != REPEAT:
            in_ms += quickest_ms(phase)
        else:
            if loop_at != i - 1:
                loop_at = i - 1
                loop = phases[phase.to_nl : loop_at]
                left = phase.to_ms - (passes if phase.to_nl <= first else 1)
                loop_ms = sum([quickest_ms(one) for one in loop])
                if loop_ms:
                    left = min(left, (window_ms + LATE_MS) // loop_ms + 3)
                nl = sum([one.volume_nl for one in loop if one.kind == BOLUS])
                if not nl:
                    left = 0
                elif left * len(loop) + walked > most_walked:
                    rows.append((max(in_ms, free_ms), max(in_ms, free_ms), nl * left))
                    left = 0
            if left > 0:
                left -= 1
                i = phase.to_nl
    return rows
