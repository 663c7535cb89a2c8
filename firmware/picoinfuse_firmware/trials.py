"""What a person who checks the hardware may ask for: readings of now, and light and sound of a priority for a moment.

Nothing here moves the motor, and nothing here is done while a program is under way.
"""

from . import report
from .limits import MAX_PRIORITY

TRIAL_MS = 3000  # long enough to see a light blink and to hear the first burst of every priority


class Trials:
    """The requests of `picoinfuse doctor` that no therapy needs; a part of Requests, which has the pump."""

    def senses(self, now_ms):
        return "senses_are", report.senses(self._pump)

    def about(self, now_ms):
        return "about_is", report.about_board(self._pump)

    def try_signal(self, now_ms, priority):
        pump = self._pump
        if not 1 <= priority <= MAX_PRIORITY:
            return "refused", ("priority_range", priority, MAX_PRIORITY)
        if pump.alarms.codes:
            return "refused", ("alarm_active", pump.alarms.codes[0], 0)
        if pump.moving is not None or pump.journal.under_way or pump.relief.active:
            return "refused", ("not_now", 0, 0)
        pump.alarms.try_out(now_ms + TRIAL_MS, priority)
        pump.board.signal(*pump.alarms.shown)
        return "ok", ()
