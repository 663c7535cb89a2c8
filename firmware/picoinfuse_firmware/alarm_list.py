"""Which alarms are active, which one is shown, and whether it sounds."""

from .alarms import BY_CODE
from .limits import MAX_MUTE_MS

EARLY_MS = 1200  # the pump looks once a second, so the sound is back by so much early: never later than two minutes


class AlarmList:
    """Active alarms in the order they came."""

    def __init__(self):
        self.codes = []
        self.priority = 0  # the highest one
        self.shown = (0, False)  # what light and sound show: (priority, audible)
        self._muted_until_ms = 0
        self._try_until_ms = 0

    def changed(self, now_ms):
        """Return whether `shown` had to be made anew."""
        if now_ms < self._try_until_ms and not self.priority:
            return False
        shown = (self.priority, self.priority > 0 and now_ms + EARLY_MS >= self._muted_until_ms)
        if shown == self.shown:
            return False
        self.shown = shown
        return True

    def try_out(self, until_ms, priority):
        """Show and sound a priority without an alarm, until the pump looks after until_ms or an alarm comes."""
        self._try_until_ms = until_ms
        self.shown = (priority, True)

    def add(self, code):
        """Make an alarm active; returns False if it already was. A new alarm ends the audio pause."""
        if code in self.codes:
            return False
        self.codes.append(code)
        self._muted_until_ms = 0
        self._rank()
        return True

    def remove(self, code):
        """End an alarm; returns False if it was not active."""
        if code not in self.codes:
            return False
        self.codes.remove(code)
        self._rank()
        return True

    def stopping(self):
        """Return the code of an active alarm that stops the motor, or 0."""
        for code in self.codes:
            if BY_CODE[code].stops:
                return code
        return 0

    def latched(self):
        """Return the active alarms that wait to be acknowledged."""
        return [code for code in self.codes if BY_CODE[code].latching]

    def mute(self, now_ms, for_ms):
        """Pause the sound for at most two minutes; returns False if for_ms is longer."""
        if not 0 <= for_ms <= MAX_MUTE_MS:
            return False
        self._muted_until_ms = now_ms + for_ms
        return True

    def muted_ms(self, now_ms):
        """Return how long the audio pause still lasts."""
        return max(0, self._muted_until_ms - now_ms)

    def _rank(self):
        self.priority = max([0] + [BY_CODE[code].priority for code in self.codes])
