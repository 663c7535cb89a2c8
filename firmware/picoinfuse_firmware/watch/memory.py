"""Memory: the program and what is reckoned from it are no longer what was confirmed, or the pump cannot reckon."""

from ..alarms import MEMORY
from ..dose import step_of

EVERY_MS = 60000  # GIP 3.3 asks for checks of memory and processor; once a minute costs less than a thousandth of it
ANSWERS_EVERY = 10  # the known answers of the self-test: every tenth time
VALUE_PROGRAM = 1  # values of the alarm: the program's check value ...
VALUE_STEP = 2  # ... the volume of a motor step ...
VALUE_ANSWERS = 3  # ... or a known answer is wrong


class MemoryWatch:
    """Compares with the check value that the host sent when it confirmed, and with the syringe of that moment."""

    def __init__(self, config, known_answers):
        self._config = config
        self._known_answers = known_answers  # returns 0 if the pump reckons well
        self._check = None
        self._times = 0
        self.at_ms = 0  # when it is to be looked next
        self.value = 0

    def confirmed(self, check):
        """A person confirmed the program with this check value; None: it is gone."""
        self._check = check

    def look(self, now_ms, program, step):
        """Return MEMORY or 0. step: the StepVolume that the delivery uses."""
        self.at_ms = now_ms + EVERY_MS
        self._times += 1
        self.value = 0
        if self._check is not None:
            again = step_of(self._config, program.barrel_um)
            if program.check() != self._check:
                self.value = VALUE_PROGRAM
            elif (again.pl_num, again.pl_den) != (step.pl_num, step.pl_den):
                self.value = VALUE_STEP
        if self._times % ANSWERS_EVERY == 0 and self._known_answers():
            self.value = VALUE_ANSWERS
        return MEMORY if self.value else 0
