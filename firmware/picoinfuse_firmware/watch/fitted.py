"""Syringe and cover: SYRINGE_REMOVED, COVER_OPEN by their switches, SYRINGE_UNKNOWN by the barrel's gauge.

The switches count from the confirmation of a program until it is over or stopped, also while the motor stands: a
syringe that nothing holds runs empty into a patient below it. So whoever changes a syringe on purpose hears the alarm
too, for as long as it is out: it cannot be acknowledged before the syringe is back and the cover closed, and then like
any other. Before the confirmation and after the end nobody needs to be there: then they are silent.
"""

from ..alarms import COVER_OPEN as COVER_ALARM
from ..alarms import SYRINGE_REMOVED, SYRINGE_UNKNOWN
from ..board import COVER_OPEN, SYRINGE_OUT

# A barrel further from the program's than this is another one. Twice the tolerance is less than the 1.5 mm between any
# two sizes of the host's catalogue, and three times what a gauge errs (0.1 mm, engineer's memory); makes of one size
# that differ by less (BD and Monoject 60 mL: 0.1 mm) cannot be told apart.
TOLERANCE_UM = 300
LOOKS = 2  # the gauge must say so twice in a row: somebody may just be touching the clamp


def syringe(bits):
    """Return SYRINGE_REMOVED if the bits of `Board.switches` say so, else 0."""
    return SYRINGE_REMOVED if bits & SYRINGE_OUT else 0


def cover(bits):
    """Return COVER_OPEN if the bits of `Board.switches` say so, else 0."""
    return COVER_ALARM if bits & COVER_OPEN else 0


def by_gauge(barrel_um, ordered_um):
    """Return SYRINGE_UNKNOWN if the barrel in the clamp is not the one that was ordered, else 0."""
    return SYRINGE_UNKNOWN if abs(barrel_um - ordered_um) > TOLERANCE_UM else 0


class BarrelWatch:
    """Looks every few seconds while the motor moves."""

    def __init__(self):
        self._looks = 0

    def look(self, barrel_um, ordered_um):
        """Return SYRINGE_UNKNOWN after LOOKS looks in a row at another barrel, else 0."""
        code = by_gauge(barrel_um, ordered_um)
        self._looks = self._looks + 1 if code else 0
        return code if self._looks >= LOOKS else 0
