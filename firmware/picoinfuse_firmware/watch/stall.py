"""Motor stalled: the screw stands, or turns less than half of what the motor is stepped.

Each step counts one missing and each step that the screw turned takes two away, never below none. So a screw that turns
has none missing, one that stands has as many as it was stepped, and what slips by less than half is left to flow.py.
"""

from ..alarms import MOTOR_STALLED
from ..ratio import gcd

# So much of a turn may be missing: 7.2 degrees, four full steps of a 200-step motor. The encoder's worst error between
# two readings (flow.py: 3.5 degrees) counts twice and stays below.
PART_OF_TURN = 50


class StallWatch:
    """Looks while the motor runs; what is missing is kept while it stands."""

    def __init__(self, config):
        common = gcd(config.steps_per_turn, config.encoder_counts_per_turn)
        self._per_step = config.encoder_counts_per_turn // common
        self._per_count = 2 * config.steps_per_turn // common
        self._most = config.steps_per_turn * self._per_step // PART_OF_TURN
        self._none = 0  # the difference at which nothing was missing
        self._missing = 0

    def arm(self, steps, encoder):
        """The motor runs from now on; how the screw was moved meanwhile does not count."""
        self._none = steps * self._per_step - encoder * self._per_count - self._missing

    def rest(self, steps, encoder):
        """The motor stands from now on."""
        self._missing = max(0, steps * self._per_step - encoder * self._per_count - self._none)

    def forget(self):
        """An alarm told of it: `arm` begins anew."""
        self._missing = 0

    def look(self, steps, encoder):
        """Return MOTOR_STALLED or 0."""
        difference = steps * self._per_step - encoder * self._per_count
        if difference < self._none:
            self._none = difference
            return 0
        return MOTOR_STALLED if difference - self._none > self._most else 0
