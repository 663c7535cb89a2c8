"""Restarts: the third start after an alarm that stopped the motor, within ten minutes or with no flow in between.

At a low rate a clamp that stays needs longer than ten minutes from one occlusion to the next. Each time the account
grows by what was only pushed against the clamp and drawn back again, and would be complete in the end.
"""

from ..alarms import RESTARTS

MOST = 3  # the third one [KSU]
WITHIN_MS = 600000  # [KSU]


class RestartsWatch:
    """Counts the starts that follow an acknowledged alarm, from the first program until the next one is loaded."""

    def __init__(self):
        self._at_ms = []
        self._occlusions = 0  # in a row, without a flow that was proven between them
        self.after_alarm = False  # an alarm was acknowledged, and nobody has resumed since

    def forget(self):
        """The program was stopped, or another one is loaded."""
        self._at_ms = []
        self._occlusions = 0
        self.after_alarm = False

    def flowed(self):
        """The motor ran, and the force did not rise over a whole window: the line was open."""
        self._occlusions = 0

    def occluded(self):
        """An occlusion has stopped the program."""
        self._occlusions += 1

    def restart(self, now_ms):
        """Somebody wants to go on: return RESTARTS if that is once too often after an alarm, else 0."""
        if not self.after_alarm:
            return 0
        self.after_alarm = False
        self._at_ms = [at_ms for at_ms in self._at_ms if now_ms - at_ms < WITHIN_MS]
        self._at_ms.append(now_ms)
        return RESTARTS if len(self._at_ms) >= MOST or self._occlusions >= MOST else 0
