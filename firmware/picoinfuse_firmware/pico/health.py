"""How long do polls and collections of garbage take, when is collected, and how much memory is left?

Collected is in the slack after a poll and never inside one: a collection takes 4 to 20 ms on a Pico. A poll leaves some
hundred bytes behind, a request some thousand; so it is collected when enough has gathered, about once a second.
MicroPython collects by itself only when nothing is left at all, which the free memory of a Pico puts far away.
"""

import gc
from time import ticks_diff, ticks_us

GARBAGE_BYTES = 8192  # so much gathers before it is collected; a Pico has ten times as much free
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
        self._clean = 0  # allocated just after the last collection

    def polled(self, us):
        """A poll took `us`."""
        if us > self._poll_us_max:
            self._poll_us_max = us
        self._poll_us += us
        self._polls += 1
        if self._polls == MEAN_OF:
            self._polls >>= 1
            self._poll_us >>= 1

    def tidy(self):
        """Collect if enough garbage has gathered."""
        if gc.mem_alloc() - self._clean >= GARBAGE_BYTES:
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
        self._clean = gc.mem_alloc()
        self._free = gc.mem_free()
        if self._free < self._least_free:
            self._least_free = self._free

    def numbers(self):
        """Return the numbers of board.HEALTH."""
        return (
            self._poll_us // self._polls if self._polls else 0,
            self._poll_us_max,
            self._collect_us // self._collections if self._collections else 0,
            self._collect_us_max,
            self._free,
            self._least_free if self._collections else 0,
        )
