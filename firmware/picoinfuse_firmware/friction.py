"""How much of the force on the plunger is friction: learnt while flow is proven, slowly, within bounds.

A force sensor reads friction and pressure in one. A constant for the friction is wrong for every single syringe, and a
friction that is learnt freely learns an occlusion away. So this learns only

- over windows of displaced volume (trend.py) in which a closed line would have raised the force by much more than it
  rose: then the fluid went somewhere, and what is left is friction and the pressure of an open line;
- upwards by a sixteenth of the difference for each window, and only if the force does not climb in it; downwards by
  half of it, since a force that falls is no occlusion;
- within half of the nominal friction above and below it. A force beyond that is held for pressure, and not learnt;
- at slow flows: a fast one needs pressure of its own, which would be taken for friction.

So a line that closes however slowly is seen late by half of the nominal friction at the most. What is learnt survives a
pause; another syringe or another program begins at the nominal value.
"""

from .dose import force_of_pressure_mn

BOUND_PART = 2  # half of the nominal friction, up and down
PROVEN_PART = 4  # flow is proven when the force climbs by less than a quarter of what a closed line does ...
FLAT_PART = 32  # ... and it does not climb at all when by less than so small a part
UP_PART, DOWN_PART = 16, 2
OPEN_MMHG = 10  # pressure of an open line: a peripheral vein has 5 to 20 mmHg
FASTEST_NL_H = 50000000  # 50 mL/h through cannula and tubing need 7 mmHg [derived from Poiseuille]


class Friction:
    """The friction baseline of one syringe, `mn` in millinewton, within low_mn and high_mn."""

    def __init__(self, program):
        self.nominal_mn = self.mn = program.friction_mn
        self.low_mn = self.nominal_mn - self.nominal_mn // BOUND_PART
        self.high_mn = self.nominal_mn + self.nominal_mn // BOUND_PART
        self._open_mn = force_of_pressure_mn(OPEN_MMHG, program.barrel_um)

    def forget(self):
        """Another syringe of the same kind is fitted."""
        self.mn = self.nominal_mn

    def learn(self, trend, rate_nl_h):
        """Take in what a whole window of a trend.Trend shows; return whether the baseline moved."""
        climb_mn = trend.climb_mn
        if rate_nl_h > FASTEST_NL_H or climb_mn * PROVEN_PART > trend.closed_mn:
            return False
        seen_mn = trend.level_mn - self._open_mn
        before_mn = self.mn
        if seen_mn < before_mn:
            self.mn = max(self.low_mn, before_mn - (before_mn - seen_mn + DOWN_PART - 1) // DOWN_PART)
        elif seen_mn <= self.high_mn and climb_mn * FLAT_PART <= trend.closed_mn:
            self.mn = before_mn + (seen_mn - before_mn) // UP_PART
        return self.mn != before_mn
