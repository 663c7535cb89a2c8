"""A person is waited for: CALL_BACK for a setting that is half made, PAUSE_TOO_LONG for a pause by a person."""

from ..alarms import CALL_BACK, PAUSE_TOO_LONG

AFTER_MS = 30000  # as the Medfusion pumps do
PAUSE_MS = 600000  # GIP 2.2 asks for the reminder; ten minutes are a teaching value


class WaitWatch:
    """Watches for something that waits for a person: code comes when it has waited for after_ms."""

    def __init__(self, code, after_ms):
        self._code = code
        self._after_ms = after_ms
        self.since_ms = -1  # nothing waits

    def touched(self, now_ms):
        """A person did something: the time begins anew."""
        if self.since_ms >= 0:
            self.since_ms = now_ms

    def look(self, now_ms, waits):
        """Return the code when it has waited for so long, else 0."""
        if not waits:
            self.since_ms = -1
            return 0
        if self.since_ms < 0:
            self.since_ms = now_ms
        return self._code if now_ms - self.since_ms >= self._after_ms else 0


class CallBackWatch(WaitWatch):
    """Watches for a program that is staged or ready, and for a proposed change."""

    def __init__(self):
        super().__init__(CALL_BACK, AFTER_MS)


class PauseWatch(WaitWatch):
    """Watches for a program that a person paused or has not resumed after an alarm; a pause phase is no such pause."""

    def __init__(self):
        super().__init__(PAUSE_TOO_LONG, PAUSE_MS)
