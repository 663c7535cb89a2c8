"""One flow of fluid, exactly: what it has given at any millisecond, as a ratio of nanolitres.

A stream works through items. An item flows at one rate until its volume is given or its time is over; the rate may be
changed on the way. An item that ends has given its volume exactly, so that no fraction is lost or carried over: only a
running item holds an odd denominator.
"""

from .ratio import ceil, plus


class Stream:
    """Starts at rest with nothing given."""

    def __init__(self):
        self.before_num, self.before_den = 0, 1  # nL given by the items before this one
        self.given_num, self.given_den = 0, 1  # nL given by this item before start_ms
        self.start_ms = 0
        self.rate_nl, self.rate_ms = 0, 1
        self.volume_nl = -1  # of this item; -1: ends by time only
        self.until_ms = -1  # -1: no end by time
        self.end_ms = -1  # the first millisecond at which the item is over; -1: never
        self.by_volume = False  # the item ends because its volume is given
        self.held = None  # the rate while the flow is held

    def value(self, at_ms):
        """Return all nanolitres given by at_ms as (num, den), exact."""
        num, den = self.of_item(at_ms)
        return plus(self.before_num, self.before_den, num, den)

    def of_item(self, at_ms):
        """Return what this item has given by at_ms: never more than it was to give, however late one asks."""
        if 0 <= self.end_ms <= at_ms:
            if self.by_volume:
                return self.volume_nl, 1
            at_ms = self.end_ms
        return plus(self.given_num, self.given_den, self.rate_nl * (at_ms - self.start_ms), self.rate_ms)

    def begin(self, at_ms, rate_nl, rate_ms, volume_nl=-1, until_ms=-1):
        """Close the item that runs and begin one at rate_nl/rate_ms."""
        self.before_num, self.before_den = self.value(at_ms)
        self.given_num, self.given_den = 0, 1
        self.start_ms = at_ms
        self.rate_nl, self.rate_ms = rate_nl, rate_ms
        self.volume_nl = volume_nl
        self.until_ms = until_ms
        self._set_end()

    def rest(self, at_ms):
        """Close the item that runs; nothing flows until the next begin."""
        self.begin(at_ms, 0, 1)

    def change(self, at_ms, rate_nl, rate_ms):
        """Go on with the same item at another rate."""
        self.given_num, self.given_den = self.of_item(at_ms)
        self.start_ms = at_ms
        self.rate_nl, self.rate_ms = rate_nl, rate_ms
        self._set_end()

    def hold(self, at_ms):
        """Let nothing flow until `go`; the time that is left to an item by time stands still too."""
        self.held = (self.rate_nl, self.rate_ms, max(0, self.until_ms - at_ms) if self.until_ms >= 0 else -1)
        self.change(at_ms, 0, 1)
        self.until_ms = self.end_ms = -1

    def go(self, at_ms):
        """Go on after `hold`."""
        rate_nl, rate_ms, left_ms = self.held
        self.held = None
        self.until_ms = at_ms + left_ms if left_ms >= 0 else -1
        self.change(at_ms, rate_nl, rate_ms)

    def set_held_rate(self, rate_nl, rate_ms):
        """Change the rate at which the held flow will go on."""
        self.held = (rate_nl, rate_ms, self.held[2])

    def total_of_item(self):
        """Return what the item, running or held, will have given at its end, in nanolitres as (num, den)."""
        if self.held is None:
            return self.of_item(self.end_ms)
        rate_nl, rate_ms, left_ms = self.held
        if left_ms < 0:
            return self.volume_nl, 1
        num, den = plus(self.given_num, self.given_den, rate_nl * left_ms, rate_ms)
        return (self.volume_nl, 1) if 0 <= self.volume_nl * den <= num else (num, den)

    def left_ms(self, now_ms):
        """Return the time the item still needs, held or not; 0 if it has no end."""
        if self.held is None:
            return max(0, self.end_ms - now_ms)
        rate_nl, rate_ms, left_ms = self.held
        if self.volume_nl >= 0 and rate_nl > 0:
            by_volume_ms = ceil((self.volume_nl * self.given_den - self.given_num) * rate_ms, self.given_den * rate_nl)
            if left_ms < 0 or by_volume_ms < left_ms:
                return by_volume_ms
        return max(0, left_ms)

    def state(self):
        """Return all of the stream as plain data, for `restore`."""
        return (
            self.before_num,
            self.before_den,
            self.given_num,
            self.given_den,
            self.start_ms,
            self.rate_nl,
            self.rate_ms,
            self.volume_nl,
            self.until_ms,
        )

    def restore(self, state):
        """Take back what `state` returned."""
        self.before_num, self.before_den, self.given_num, self.given_den = state[:4]
        self.start_ms, self.rate_nl, self.rate_ms, self.volume_nl, self.until_ms = state[4:]
        self._set_end()

    def _set_end(self):
        self.end_ms = self.until_ms
        self.by_volume = False
        if self.volume_nl >= 0 and self.rate_nl > 0:
            left_num = (self.volume_nl * self.given_den - self.given_num) * self.rate_ms
            by_volume_ms = self.start_ms + ceil(left_num, self.given_den * self.rate_nl)
            if self.end_ms < 0 or by_volume_ms <= self.end_ms:
                self.end_ms = by_volume_ms
                self.by_volume = True
