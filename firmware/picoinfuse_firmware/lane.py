"""Which account a step counts towards: the dose, or keep-vein-open. Each has its own flows and its own count."""

from .due import Due
from .stream import Stream


class Lane:
    """The flows of one account, what is due of them, and the steps that were laid and given for it."""

    def __init__(self, step):
        self.basal = Stream()
        self.bolus = Stream()
        self.due = Due(step)
        self.laid = 0  # steps handed to the board
        self.given = 0  # steps counted by the board, without those since the mark

    def open(self, at_ms):
        """Open a segment of what is due from the streams as they are now."""
        a, b = self.basal, self.bolus
        num, den = self.value(at_ms)
        self.due.open(
            at_ms,
            num,
            den,
            a.rate_nl * b.rate_ms + b.rate_nl * a.rate_ms,
            a.rate_ms * b.rate_ms,
        )

    def steps_at(self, at_ms):
        """Return the steps due at at_ms by the streams: exact at the end of an item, where a segment is not."""
        return self.due.steps_of(*self.value(at_ms))

    def value(self, at_ms):
        """Return the nanolitres due at at_ms by the streams: (num, den), exact."""
        num, den = self.basal.value(at_ms)
        num2, den2 = self.bolus.value(at_ms)
        return num * den2 + num2 * den, den * den2
