"""Once a second: asks the slow watches and the guard, and turns what they answer into alarms."""

from . import alarms
from .board import ENCODER
from .journal import DONE
from .watch import reservoir
from .watch.callback import CallBackWatch
from .watch.flow import FlowWatch
from .watch.stall import StallWatch


class Lookout:
    """The slow watches of one pump (a Controller)."""

    def __init__(self, pump):
        self._pump = pump
        self._has_encoder = ENCODER in pump.board.has
        self.stall = StallWatch(pump.board.config)
        self.flow = FlowWatch(pump.board.config)
        self.call_back = CallBackWatch()
        self.dose_ms = 0  # how long the dose takes from start to end, as it was ordered
        self.near_end_at_ms = 0  # not before this can the end be near; 0 after every change of flow
        self.empty_at_steps = 0  # board.steps() at which more was given than there was

    def arm(self, now_ms):
        """The motor begins to move, or moves for another account: compare from here."""
        if self._has_encoder:
            board = self._pump.board
            encoder = board.encoder()
            self.stall.arm(board.steps(), encoder)
            # From what was given, not from what is due: after a late poll the motor still has to catch up.
            moving = self._pump.moving
            self.flow.arm(now_ms, moving.steps_given(moving.dose) + moving.steps_given(moving.kvo), encoder)

    def look(self, now_ms):
        """Raise and end the alarms that are not looked for at every poll."""
        pump = self._pump
        if self.call_back.look(now_ms, pump.requests.half_made()):
            pump.alarm(alarms.CALL_BACK, 0)
        elif alarms.CALL_BACK in pump.alarms.codes:
            pump.end_alarm(alarms.CALL_BACK)
        if pump.moving is not None:
            self._look_at_motion(pump, now_ms)
        cause = pump.guard.look(now_ms)
        if cause:
            pump.alarm(alarms.GUARD, cause)

    def _look_at_motion(self, pump, now_ms):
        board = pump.board
        steps = board.steps()
        if reservoir.empty(self.empty_at_steps - steps, pump.at_end()):
            pump.alarm(alarms.EMPTY, pump.left_nl())
            return
        if self._has_encoder:
            encoder = board.encoder()
            code = self.stall.look(steps, encoder)
            code = code or self.flow.look(now_ms, pump.moving.due_steps(now_ms), encoder)
            if code:
                pump.alarm(code, encoder)
                return
        if pump.moving is not pump.delivery:
            return
        if pump.bolus_id:
            self._look_for_end_of_bolus(pump, now_ms)
        if now_ms >= self.near_end_at_ms:
            self._look_for_end(pump, now_ms)

    def _look_for_end_of_bolus(self, pump, now_ms):
        over_ms = pump.delivery.bolus_over_ms()
        if 0 <= over_ms <= now_ms:
            pump.journal.end(pump.bolus_id, DONE)
            pump.event("bolus_end", pump.bolus_id, 0)
            pump.bolus_id = ""

    def _look_for_end(self, pump, now_ms):
        near_end_ms = pump.program.near_end_ms
        remaining_ms = pump.delivery.remaining_ms(now_ms)
        if near_end_ms and reservoir.near_end(near_end_ms, remaining_ms, self.dose_ms):
            pump.alarm(alarms.NEAR_END, remaining_ms)
        elif remaining_ms > near_end_ms:
            pump.end_alarm(alarms.NEAR_END)
            self.near_end_at_ms = now_ms + remaining_ms - near_end_ms
