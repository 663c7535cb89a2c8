"""Air: the bubble detector sees air for some looks in a row."""

from ..alarms import AIR
from ..board import AIR_SEEN

# One look a second: a single bubble shorter than so many seconds of flow passes. At 5 mL/h that is 4 uL.
LOOKS = 3


def seen(bits):
    """Return AIR if the bits of `Board.switches` say so now, else 0."""
    return AIR if bits & AIR_SEEN else 0


class AirWatch:
    """Looks once a second while the motor moves towards a patient."""

    def __init__(self):
        self._looks = 0

    def look(self, bits):
        """Return AIR after LOOKS looks in a row, else 0."""
        code = seen(bits)
        self._looks = self._looks + 1 if code else 0
        return code if self._looks >= LOOKS else 0
