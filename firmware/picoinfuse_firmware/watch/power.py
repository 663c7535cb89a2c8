"""Power: BATTERY_LOW (30 minutes are left), BATTERY_DEPLETED, and MAINS_LOST."""

from ..alarms import BATTERY_DEPLETED, BATTERY_LOW, MAINS_LOST
from ..board import MAINS_GONE

LOOKS = 3  # in a row: the voltage sags for a moment when the motor starts
BACK_MV = 100  # so far above the limit it must be for the alarm to end: without it, one at the limit comes and goes


def mains(bits):
    """Return MAINS_LOST if the bits of `Board.switches` say so, else 0."""
    return MAINS_LOST if bits & MAINS_GONE else 0


def depleted(battery_mv, fed, config):
    """Return BATTERY_DEPLETED if the battery is empty and no mains feeds the pump, else 0."""
    return BATTERY_DEPLETED if battery_mv < config.battery_empty_mv and not fed else 0


class BatteryWatch:
    """Looks every few seconds."""

    def __init__(self, config):
        self._config = config
        self._looks = 0
        self._code = 0

    def look(self, battery_mv, fed):
        """Return BATTERY_DEPLETED, BATTERY_LOW or 0. fed: the mains is known to be there."""
        config = self._config
        back_mv = BACK_MV if self._code else 0
        if fed or battery_mv >= config.battery_low_mv + back_mv:
            code = 0
        elif depleted(battery_mv, fed, config):
            code = BATTERY_DEPLETED
        else:
            code = BATTERY_LOW
        if code == self._code:
            self._looks = 0
            return code
        self._looks += 1
        if self._looks >= LOOKS or fed:
            self._looks = 0
            self._code = code
        return self._code
