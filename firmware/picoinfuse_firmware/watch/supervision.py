"""Supervision lost: a host that was to look after this program has not been heard for too long while it infuses."""

from ..alarms import SUPERVISION_LOST


class SupervisionWatch:
    """for_ms: so long the pump goes on by itself. What it hears of, and every new beginning, is a sign of life."""

    def __init__(self, for_ms):
        self._for_ms = for_ms
        self._since_ms = 0
        self._infuses = False
        self.lost = False

    def heard(self, now_ms):
        """The host gave a sign of life; returns whether it had been lost."""
        was, self.lost = self.lost, False
        self._since_ms = now_ms
        return was

    def stands(self):
        """The motor stands, however short: when it infuses again that is a new beginning."""
        self._infuses = False

    def look(self, now_ms, infuses):
        """Return SUPERVISION_LOST at the moment in which it is lost, else 0; `lost` says that it is."""
        if infuses and not self._infuses:
            self.heard(now_ms)
        self._infuses = infuses
        if not infuses or self.lost or now_ms - self._since_ms < self._for_ms:
            return 0
        self.lost = True
        return SUPERVISION_LOST
