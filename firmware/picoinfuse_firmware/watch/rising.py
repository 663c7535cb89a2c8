"""Pressure rising: the force climbs as a closed line makes it climb, or stands far above friction and open line.

An early warning; the motor goes on. The slope sees a clamp after a volume that is the same at every rate, long before
the threshold. It looks only after a window of steady force: a line that was closed from the beginning, or closes over
hours, is told by the level, which is half of the threshold and all the friction of this syringe once more.
"""

from ..alarms import PRESSURE_RISING
from ..dose import force_of_pressure_mn

SAMPLES = 3  # so many looks in a row
LEVEL_PART = 2  # of the threshold; the line's own pressure at a high rate stays below it
END_PART = 2  # the warning ends when half of the rise is left


class RisingWatch:
    """Asked after each reading that a trend.Trend has taken in."""

    def __init__(self, program):
        self._over_mn = program.friction_mn
        self._over_mn += force_of_pressure_mn(program.occlusion_mmhg, program.barrel_um) // LEVEL_PART
        self._above = 0

    def look(self, trend, friction_mn):
        """Return PRESSURE_RISING while the pressure rises, or is near its threshold; else 0."""
        now_mn = trend.now_mn
        rise_mn = trend.rise_mn
        over_mn = self._over_mn + friction_mn
        if self._above >= SAMPLES:
            rise_mn //= END_PART
            over_mn -= rise_mn
        if now_mn <= over_mn and (not trend.settled or now_mn - trend.low_mn <= rise_mn):
            self._above = 0
            return 0
        self._above += 1
        return PRESSURE_RISING if self._above >= SAMPLES else 0
