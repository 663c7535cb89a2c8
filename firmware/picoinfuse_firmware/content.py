"""How much is in the syringe, and at which step of the motor more would be given than there was."""

from .board import FORCE


class Content:
    """The content of the syringe of one pump (a Controller)."""

    def __init__(self, pump):
        self._pump = pump
        self._filled_nl = 0  # in the syringe when it was looked at, and ...
        self._steps = 0  # ... board.steps() then

    def is_now(self, filled_nl):
        """filled_nl are in the syringe; it may be another one, so its friction is learnt anew."""
        pump = self._pump
        board = pump.board
        lookout = pump.lookout
        lookout.friction.forget()
        pump.occlusion.follow(lookout.friction.mn)
        self._filled_nl = filled_nl
        self._steps = steps = board.steps()
        # One step beyond what is in it: an order of all there is ends before that, as complete and not as empty.
        lookout.empty_at_steps = steps + pump.delivery.step.steps_in(filled_nl) + 1
        force_mn = board.force_mn() if FORCE in board.has else 0
        lookout.engaged.fitted(pump.program.friction_mn, force_mn)

    def left_nl(self):
        """Return what is left in the syringe by the account."""
        pump = self._pump
        if pump.delivery is None:
            return 0
        return self._filled_nl - pump.delivery.step.nl_of(pump.board.steps() - self._steps)
