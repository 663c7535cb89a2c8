"""Call-back: a setting was begun and not finished for 30 seconds."""

from ..alarms import CALL_BACK

AFTER_MS = 30000  # as the Medfusion pumps do


class CallBackWatch:
    """Watches for a program that is staged or ready, and for a proposed change."""

    def __init__(self):
        self._since_ms = -1

    def touched(self, now_ms):
        """A person did something: the time begins anew."""
        if self._since_ms >= 0:
            self._since_ms = now_ms

    def look(self, now_ms, half_made):
        """Return CALL_BACK when something has been half-made for AFTER_MS, else 0."""
        if not half_made:
            self._since_ms = -1
            return 0
        if self._since_ms < 0:
            self._since_ms = now_ms
        return CALL_BACK if now_ms - self._since_ms >= AFTER_MS else 0
