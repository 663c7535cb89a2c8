"""Rate not reached: for some time the motor has been behind what is due.

After a poll that came too late the motor goes on at the ordered rate and makes up what it missed only where one run
joins the next; a drive that cannot keep the pace never does. Either way the motor goes on.
"""

from ..alarms import RATE_UNREACHABLE

PART_OF_TURN = 64  # behind by more than this part of a turn: 17 uL in a 60 mL syringe, 3.6 uL in a 5 mL one ...
FOR_MS = 10000  # ... for so long
CAUGHT_UP_PART = 8  # it is over when less than this part of that is left
_ALWAYS_STEPS = -(1 << 40)


class RateWatch:
    """Compares the steps made with those due; needs to be asked only when behind by more than `quiet_steps`."""

    def __init__(self, config):
        self._most = config.steps_per_turn // PART_OF_TURN
        self._caught_up = self._most // CAUGHT_UP_PART
        self.rest()

    def rest(self):
        """The motor stands: nothing is to be kept up with."""
        self._since_ms = -1  # it keeps the pace
        self.quiet_steps = self._most

    def look(self, now_ms, behind):
        """Return RATE_UNREACHABLE once the motor was `behind` (steps) too far for too long, until it caught up."""
        if self._since_ms < 0:
            if behind > self._most:
                self._since_ms = now_ms
                self.quiet_steps = _ALWAYS_STEPS
            return 0
        if behind <= self._caught_up:
            self.rest()
            return 0
        return RATE_UNREACHABLE if now_ms - self._since_ms >= FOR_MS else 0
