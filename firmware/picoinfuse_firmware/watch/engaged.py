"""Drive not engaged: the pusher moves and nothing resists it, or the force of a plunger that was pushed is gone.

A fresh syringe shows no force until the spring of stopper and rod is taken up, so the screw may first move it by
ALLOWED_UM. That the plunger is pushed is known when the force has risen by a quarter of its friction above what the
load cell read when the syringe was fitted, whatever its zero is, and stayed there for LOOKS looks; or when it was
pressed already then. From then on less than an eighth of it is nothing.
"""

from ..alarms import NOT_ENGAGED

ALLOWED_UM = 1000  # half a turn: 0.2 mL in a 60 mL syringe are 0.4 mm, backlash and a gap left by hand come on top
LOOKS = 3  # so many looks in a row
LARGEST_ZERO_MN = 500  # a cell that reads more than its tare error and drift is pressed (20 kg cell, engineer's memory)
LEAST_FRICTION_MN = 800  # an eighth of less is lost in the load cell's noise (20 mN) and drift: not armed then
ALWAYS_MN = 1 << 40
_NEVER_MN = -ALWAYS_MN


class EngagedWatch:
    """Looks at force and steps while the motor moves; needs to be asked only while the force is below limit_mn."""

    def __init__(self, config):
        self._allowed = ALLOWED_UM * config.steps_per_turn // config.pitch_um
        self.fitted(0, 0)

    def fitted(self, friction_mn, force_mn):
        """A syringe of this friction is in; the pump stands and reads this force, its zero if nothing is pushed."""
        self._friction_mn = friction_mn
        self._zero_mn = force_mn
        self._floor_mn = None  # below this nothing is pushed; None: it was not pushed yet
        self._pushed = 0  # so many looks in a row it seemed to be
        if not -LARGEST_ZERO_MN <= force_mn <= LARGEST_ZERO_MN:
            self._floor_mn = friction_mn // 8  # it was pushed before
        self.arm(0)

    def arm(self, steps):
        """The motor begins to move; it may have drawn back before."""
        self.limit_mn = ALWAYS_MN if self._friction_mn >= LEAST_FRICTION_MN else _NEVER_MN
        self._from_steps = steps + self._allowed
        self._looks = 0
        self._looked_ms = 0

    def look(self, now_ms, force_mn, steps):
        """Return NOT_ENGAGED when the force is missing for LOOKS looks in a row, else 0."""
        if self._floor_mn is None:
            if force_mn - self._zero_mn >= self._friction_mn // 4:
                self._pushed += 1
                self._looks = 0
                if self._pushed < LOOKS:
                    return 0  # one reading may be noise
                self._floor_mn = self._zero_mn + self._friction_mn // 8
            else:
                self._pushed = 0
        if self._floor_mn is not None and force_mn >= self._floor_mn:
            self.limit_mn = self._floor_mn
            self._from_steps = steps
            self._looks = 0
            return 0
        if steps < self._from_steps:
            return 0
        if now_ms - self._looked_ms > 1500:
            self._looks = 0  # in between it was not asked: the force was there
        self._looked_ms = now_ms
        self._looks += 1
        return NOT_ENGAGED if self._looks >= LOOKS else 0
