"""Temperature: the pump is hotter or colder than its parts may be."""

from ..alarms import TEMPERATURE

LOOKS = 3  # in a row, so that one wrong reading is no alarm


def outside(temperature_mc, config):
    """Return TEMPERATURE if it is outside the limits of the Config, else 0."""
    if config.temperature_min_mc <= temperature_mc <= config.temperature_max_mc:
        return 0
    return TEMPERATURE


class TemperatureWatch:
    """Looks every few seconds while the motor moves."""

    def __init__(self, config):
        self._config = config
        self._looks = 0

    def look(self, temperature_mc):
        """Return TEMPERATURE after LOOKS looks in a row outside the limits, else 0."""
        code = outside(temperature_mc, self._config)
        self._looks = self._looks + 1 if code else 0
        return code if self._looks >= LOOKS else 0
