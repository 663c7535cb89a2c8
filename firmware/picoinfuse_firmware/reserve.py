"""How far the journal is ahead of the dose: before a step is laid, it holds a volume that includes that step."""

RESERVE_PART_OF_TURN = 4  # the journal is ahead of what is laid by a quarter of a turn ...
RESERVE_MS = 2000  # ... and by more than the look-ahead
_NEVER = 1 << 60


class Reserve:
    """The reserve of one pump, in steps of the dose."""

    def __init__(self, journal, config):
        self._journal = journal
        self._quarter = config.steps_per_turn // RESERVE_PART_OF_TURN
        self._steps = 0  # the journal holds that so many may have been done
        self.at_steps = 0  # when so many are laid, more must be taken

    def take(self, delivery):
        """Reserve what can be laid at the present flow before this is called again."""
        num, den = delivery.rate()
        laid = delivery.dose.laid
        ahead = delivery.step.steps_in(num * RESERVE_MS // den) + 2
        if laid + ahead > self._steps:
            self._steps = laid + ahead + self._quarter
            self._journal.reserve(delivery.step.nl_of(self._steps))
        self.at_steps = self._steps - ahead

    def none(self):
        """What moves now is no dose."""
        self.at_steps = _NEVER

    def exactly(self, delivery):
        """The motor stands still: the journal can hold what was delivered exactly."""
        self._steps = self.at_steps = 0
        self._journal.reserve(delivery.dose_nl())
