"""A board whose force follows from its steps: backlash, a spring, a plunger that rubs, a line that is open or closed.

Rougher than the simulator on purpose, and written apart from it: no slipping, no noise, a closed line has no outlet and
an open one no resistance.
"""

from boards import TestBoard
from orders import step_of

AREA_UM2 = {5: 114_232_000, 20: 287_425_000, 60: 559_902_000}  # of the plungers of orders.BARREL_UM
OPEN_MMHG = 10


class PlungerBoard(TestBoard):
    """Volumes in nL, pressures in mmHg. spring, line: compliances in nL/mmHg. captured: the pusher can pull."""

    def __init__(self, size_ml=60, friction_mn=5000, spring=1100, line=1900, captured=True, backlash_um=100, **options):
        super().__init__(**options)
        step = step_of(size_ml)
        self.step_nl = step.pl_num / step.pl_den / 1000
        self.mn_per_mmhg = AREA_UM2[size_ml] * 133.322e-9
        self.friction_mmhg = friction_mn / self.mn_per_mmhg
        self.spring, self.line = spring, line
        self.captured = captured
        self.gap_nl = backlash_um * AREA_UM2[size_ml] / 1e9 * 1e3
        self.closed = False
        self.pressure = OPEN_MMHG
        self._nut = self._screw = 0.0  # the pusher follows the screw within the backlash
        self._plunger = -(self.friction_mmhg + OPEN_MMHG) * spring  # the spring is taken up
        self._seen = 0

    def clamp(self, closed=True):
        """Close the line, or open it again: then the pressure is gone at once."""
        self.force_mn()
        self.closed = closed
        if not closed:
            self.pressure = OPEN_MMHG

    def force_mn(self):
        steps = self.steps()
        self._screw += (steps - self._seen) * self.step_nl
        self._seen = steps
        self._nut = min(max(self._nut, self._screw), self._screw + self.gap_nl)
        if abs(self._push() - self.pressure) > self.friction_mmhg:
            # It slides until spring and line differ by the friction.
            over = self._push() - self.pressure
            over -= self.friction_mmhg if over > 0 else -self.friction_mmhg
            moved = over / ((1 / self.spring if self._push() else 0) + (1 / self.line if self.closed else 0))
            self._plunger += moved
            if self.closed:
                self.pressure += moved / self.line
        return round(self._push() * self.mn_per_mmhg)

    def _push(self):
        push = (self._nut - self._plunger) / self.spring
        return push if self.captured else max(push, 0.0)
