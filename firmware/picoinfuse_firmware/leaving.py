"""When may the pump leave its firmware for MicroPython's prompt, and when does it?

Only at rest; and not at once, so that the host has its answer before the board resets.
"""

from . import states

ANSWER_MS = 200  # the answer is on its way for so long
AT_REST = (states.IDLE, states.COMPLETE, states.ALARM)


class Leaving:
    """The way back of one pump (a Controller)."""

    def __init__(self, pump):
        self._pump = pump
        self._at_ms = -1  # -1: nobody asked for it

    def refusal(self):
        """Return why the pump cannot leave now, or None."""
        pump = self._pump
        if pump.relief.active:
            return ("drawing_back", 0, 0)
        at_work = pump.journal.under_way or pump.moving is not None or pump.requests.half_made()
        return ("not_idle", 0, 0) if at_work or pump.state not in AT_REST else None

    def ask(self, now_ms):
        """Somebody asks for it; return why not, or None."""
        no = self.refusal()
        if no is None:
            self._at_ms = now_ms + ANSWER_MS
        return no

    def look(self, now_ms):
        """Leave if that was asked for, unless something was begun since. Called once a second."""
        if 0 <= self._at_ms <= now_ms:
            self._at_ms = -1
            if self.refusal() is None:
                self._pump.board.leave()
