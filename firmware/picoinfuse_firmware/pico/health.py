"""How long do polls and collections of garbage take, when is collected, and how much memory is left?

Collected is in the slack after a poll and never inside one: a collection takes 18 ms on the emulated chip. A poll
leaves some hundred bytes behind, a request some thousand: so it is collected after ten polls, or sooner after so much
work that ten polls are never done in. MicroPython collects by itself only when nothing is left at all, and 120 kB are
free then. To ask how much is free takes 8 ms: that is done now and then, and after a host asked.
"""

import gc
from time import ticks_diff, ticks_us

POLLS = 10  # a second, while nobody asks for anything
WORK_US = 20000  # of polls; they leave at most 1 kB behind in a millisecond
MEASURE_AFTER = 60  # collections: about a minute
MEAN_OF = 4096  # measurements; then the older half counts half. Sums stay small integers


class Health:
    """What `Board.health` tells."""

    def __init__(self):
        self._polls = 0
        self._poll_us = 0  # of so many polls
        self._poll_us_max = 0
        self._collections = 0
        self._collect_us = 0
        self._collect_us_max = 0
        self._free = 0
        self._least_free = 1 << 29
        self._since = 0  # the last collection: so many polls ...
        self._since_us = 0  # ... that took so long
        self._measure = 0  # after so many more collections

    def polled(self, us):
        """A poll took `us`."""
        if us > self._poll_us_max:
            self._poll_us_max = us
        self._since += 1
        self._since_us += us
        self._poll_us += us
        self._polls += 1
        if self._polls == MEAN_OF:
            self._polls >>= 1
            self._poll_us >>= 1

    def tidy(self):
        """Collect if enough garbage has gathered."""
        if self._since >= POLLS or self._since_us >= WORK_US:
            self.collect()

    def collect(self):
        """Collect now, and measure."""
        began = ticks_us()
        gc.collect()
        us = ticks_diff(ticks_us(), began)
        if us > self._collect_us_max:
            self._collect_us_max = us
        self._collect_us += us
        self._collections += 1
        if self._collections == MEAN_OF:
            self._collections >>= 1
            self._collect_us >>= 1
        self._since = self._since_us = 0
        self._measure -= 1
        if self._measure <= 0:
            self._measure = MEASURE_AFTER
            self._free = gc.mem_free()
            if self._free < self._least_free:
                self._least_free = self._free

    def numbers(self):
        """Return the numbers of board.HEALTH. Who asks again a second later gets the memory that is free now."""
        self._measure = 0
        return (
            self._poll_us // self._polls if self._polls else 0,
            self._poll_us_max,
            self._collect_us // self._collections if self._collections else 0,
            self._collect_us_max,
            self._free,
            self._least_free if self._collections else 0,
        )
