"""How much is in the syringe, at which step of the motor more would be given than there was, and what follows then."""

from . import alarms
from .board import FORCE


class Content:
    """The content of the syringe of one pump (a Controller)."""

    def __init__(self, pump):
        self._pump = pump
        self._filled_nl = 0  # in the syringe when it was looked at, and ...
        self._steps = 0  # ... board.steps() then
        self.planned = 0  # syringes that the program plans to follow this one
        self.changing = False  # it is empty, and the next one is waited for

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
        lookout.empty_at_steps = ends_at = steps + pump.delivery.step.steps_in(filled_nl) + 1
        # A syringe that another one is to follow gives that step, so that together they give what all of them hold.
        pump.delivery.ends_at = ends_at if self.planned else None
        self.changing = False
        force_mn = board.force_mn() if FORCE in board.has else 0
        lookout.engaged.fitted(pump.program.friction_mn, force_mn)

    def another(self):
        """A person fitted another syringe while the program is under way."""
        if self.planned:
            self.planned -= 1

    def supply_nl(self):
        """Return what is left in the syringe, and will be in those that are planned to follow."""
        return self.left_nl() + self.planned * self._pump.program.capacity_nl if self.planned else self.left_nl()

    def is_over(self, at_end):
        """Nothing more can be given from this syringe: raise the alarm. at_end: the end switch says so."""
        code = alarms.EMPTY
        if self.planned:
            from .watch import change

            code = change.look(self.left_nl(), at_end, self._pump.program.capacity_nl) or code
        self.changing = code != alarms.EMPTY
        self._pump.alarm(code, self.left_nl())

    def left_nl(self):
        """Return what is left in the syringe by the account."""
        pump = self._pump
        if pump.delivery is None:
            return 0
        return self._filled_nl - pump.delivery.step.nl_of(pump.board.steps() - self._steps)
