"""How many steps are due at a time, and at what microsecond each one: one exact ratio, floored once.

A segment is (start_ms, base, rem, inc, den): steps(t) = base + (rem + inc * (t - start_ms)) // den. The segments of the
look-ahead are kept, so that `at` answers for now while `run` already answers for what is being laid.
"""

from .ratio import gcd


class Due:
    """Due steps of flows measured in nanolitres; step: a dose.StepVolume."""

    def __init__(self, step):
        self._per_nl_num, self._per_nl_den = step.pl_den * 1000, step.pl_num
        self._segments = [(0, 0, 0, 0, 1)]
        self._last = self._segments[0]

    def steps_of(self, num, den):
        """Return the whole steps in num/den nanolitres."""
        return num * self._per_nl_num // (den * self._per_nl_den)

    def open(self, at_ms, num, den, rate_num, rate_den):
        """From at_ms on, when num/den nL are due, rate_num/rate_den nL per ms are added. Later segments are dropped."""
        rem = num * self._per_nl_num
        rem_den = den * self._per_nl_den
        inc = rate_num * self._per_nl_num
        inc_den = rate_den * self._per_nl_den
        common = gcd(rem_den, inc_den)
        rem = rem * (inc_den // common)
        inc = inc * (rem_den // common)
        all_den = rem_den // common * inc_den
        base, rem = divmod(rem, all_den)
        while self._segments and self._segments[-1][0] >= at_ms:
            self._segments.pop()
        self._last = (at_ms, base, rem, inc, all_den)
        self._segments.append(self._last)

    def forget(self, before_ms):
        """Drop the segments that ended before before_ms."""
        while len(self._segments) > 1 and self._segments[1][0] <= before_ms:
            self._segments.pop(0)

    def at(self, at_ms):
        """Return the steps due at at_ms."""
        start_ms, base, rem, inc, den = self._last
        if at_ms < start_ms:
            i = len(self._segments) - 1
            while i > 0 and self._segments[i][0] > at_ms:
                i -= 1
            start_ms, base, rem, inc, den = self._segments[i]
        return base + (rem + inc * (at_ms - start_ms)) // den

    def run(self, laid, until_ms, last=-1):
        """Return the steps after number `laid` that are due until until_ms in the newest segment, as one run.

        last: the number of the last one where the caller knows better than the segment, as at the end of an item.
        Returns (count, microseconds of the first one on the device's clock, rounded up, mean interval in us, floored).
        """
        start_ms, base, rem, inc, den = self._last
        if last < 0:
            last = base + (rem + inc * (until_ms - start_ms)) // den
        count = last - laid
        if count <= 0:
            return 0, 0, 0
        if inc == 0:
            return count, start_ms * 1000, 0  # they were due before the flow came to rest
        wanted = (laid + 1 - base) * den - rem
        first_us = -(-wanted * 1000 // inc)
        interval_us = 0
        if count > 1:
            last_us = -(-(wanted + (count - 1) * den) * 1000 // inc)
            interval_us = (last_us - first_us) // (count - 1)
        return count, start_ms * 1000 + first_us, interval_us
