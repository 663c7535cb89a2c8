"""How far the journal is ahead of the dose: before a step is laid, a record says that it may have been given.

A record is written where a phase begins, where a person changes the flow, where so many steps are laid that the next
ones would pass what it reserved, and where the motor stops. What it says may be ahead of the truth by

    R = a quarter of a turn + 2 steps + (RESERVE_MS + LOOKAHEAD_MS + CHUNK_MS) of the fastest flow that was ordered

and is never behind it. While nothing flows it is exact. A pause, and a phase that keeps the vein open, are written
again every TIME_MS, so that no more of their time is done once more.
"""

from .board import ENCODER
from .standing import place_of

RESERVE_PART_OF_TURN = 4  # the journal is ahead of what is laid by a quarter of a turn ...
RESERVE_MS = 2000  # ... and by more than the look-ahead
TIME_MS = 600000
_NEVER = 1 << 60


class Reserve:
    """The reserve of one pump (a Controller), in steps of the lane that flows."""

    def __init__(self, pump):
        self._pump = pump
        self._quarter = pump.board.config.steps_per_turn // RESERVE_PART_OF_TURN
        self._steps = 0  # the journal holds that so many may have been done
        self.at_steps = 0  # when so many are laid, more must be taken ...
        self.at_ms = _NEVER  # ... or at this time

    def take(self, delivery):
        """Reserve what can be laid at the present flow before this is called again."""
        now_ms = self._pump.now_ms
        num, den = delivery.rate()
        laid = delivery.lane.laid
        ahead = delivery.step.steps_in(num * RESERVE_MS // den) + 2 if num else 0
        # From a syringe that another one follows no more is laid than it holds, so no more is reserved.
        most = _NEVER if delivery.ends_at is None else laid + delivery.steps_left()
        if delivery.landmark or min(laid + ahead, most) > self._steps or now_ms >= self.at_ms or not num:
            delivery.landmark = False
            self._steps = min(laid + ahead + self._quarter, most) if num else laid
            self._write(delivery, self._steps)
            self.at_ms = _NEVER if num and not delivery.in_kvo() else now_ms + TIME_MS
        self.at_steps = self._steps - ahead if num and self._steps < most else _NEVER

    def none(self):
        """What moves now is no dose."""
        self.at_steps = self.at_ms = _NEVER

    def exactly(self, delivery):
        """The motor stands still: the journal can hold what was delivered exactly."""
        self._steps = self.at_steps = 0
        self.at_ms = _NEVER
        delivery.landmark = True
        self._write(delivery, delivery.lane.laid)

    def _write(self, delivery, reserved):
        pump = self._pump
        board = pump.board
        # The angle first: if it is older than the count, less seems to have been given when this was written, and so
        # not too little afterwards.
        angle = board.angle() if ENCODER in board.has else None
        place = place_of(delivery)
        place.run = pump.journal.run
        place.reserved = reserved = max(reserved, place.laid)
        place.drawn = pump.relief.drawn_steps()
        place.left_nl = pump.left_nl()
        place.planned = pump.content.planned
        place.angle = -1 if angle is None else angle
        dose = place.other if delivery.in_kvo() else reserved
        pump.journal.reserve(delivery.step.nl_of(dose), place)
