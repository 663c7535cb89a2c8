"""Occlusion: the pressure in the syringe (force on the plunger less its friction) is above the threshold.

The friction is what friction.py has learnt, within its bounds: with no learning at all the highest force there can be
without an alarm is that of the threshold and of one and a half times the nominal friction.
"""

from ..alarms import OCCLUSION
from ..dose import force_of_pressure_mn, mmhg_per_mn

_ALWAYS_MN = -(1 << 40)
SAMPLES = 3  # so many in a row must be above the limit: one noisy sample is no alarm; delays it by two polls


class OcclusionWatch:
    """Looks at every poll while the motor runs; needs to be asked only for a force above `quiet_mn`."""

    def __init__(self, program):
        self._mmhg_num, self._mmhg_den = mmhg_per_mn(program.barrel_um)
        self.limit_mmhg = program.occlusion_mmhg
        self._pressure_mn = force_of_pressure_mn(program.occlusion_mmhg, program.barrel_um)
        self._above = 0
        self._backwards = False
        self._most_mmhg = 0
        self.friction_mn = self.limit_mn = self.quiet_mn = 0
        self.follow(program.friction_mn)

    def follow(self, friction_mn):
        """The friction baseline has moved."""
        self.friction_mn = friction_mn
        self.limit_mn = friction_mn + self._pressure_mn
        if not self._above:
            self.quiet_mn = self.limit_mn

    def backwards(self, force_mn):
        """The plunger is drawn back, now from this force: its friction turns round, and the pressure can only fall."""
        self._most_mmhg = self.pressure_mmhg(force_mn)
        self._backwards = True

    def forwards(self):
        """The plunger is pushed again."""
        self._backwards = False

    def look(self, force_mn):
        """Return OCCLUSION when the force was above the limit for SAMPLES looks in a row, else 0."""
        if force_mn <= self.limit_mn:
            self._above = 0
            self.quiet_mn = self.limit_mn
            return 0
        self._above += 1
        self.quiet_mn = _ALWAYS_MN
        return OCCLUSION if self._above >= SAMPLES else 0

    def present(self, force_mn):
        """Return whether the pressure is still above the threshold."""
        return force_mn > self.limit_mn

    def pressure_mmhg(self, force_mn):
        """Return the pressure this force means, in mmHg: friction taken off, or put on once it was drawn back.

        While the plunger turns round its friction is somewhere in between: then it is no more than what there was
        before, and no suction that friction alone may bear.
        """
        most_mn = force_mn + self.friction_mn
        if self._backwards:
            return min(self._most_mmhg, most_mn * self._mmhg_num // self._mmhg_den)
        least_mn = force_mn - self.friction_mn
        if least_mn < 0:
            least_mn = min(0, most_mn)
        return least_mn * self._mmhg_num // self._mmhg_den
