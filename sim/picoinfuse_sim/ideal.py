"""The plant without stick-slip, for closed forms: a rigid plunger moves with every step, all softness in the line.

Friction is a force that acts against the last motion and delays nothing; screw and nut have no error. What is solved
here is exact for whole runs of steps at once.
"""

from math import exp, inf

from picoinfuse.errors import BadInput

from .drive import FRAME_MN_PER_UM, Drive
from .line import Line
from .plant import Plant
from .syringe import LOOK_UP_SHIFT, Syringe


class IdealPlant(Plant):
    """A Plant whose plunger stands where the screw stands. The line is given the whole compliance of the syringe."""

    def __init__(self, drive: Drive, syringe: Syringe, line: Line) -> None:
        self.direction = 1  # friction acts against the last motion; a syringe is fitted with the pusher run up to it
        self._zero_steps = 0  # where the screw stood when the syringe was fitted
        self._end_steps = 0  # where the plunger meets the end of its barrel
        self._frame_mn = FRAME_MN_PER_UM * drive.advances_um[0]  # of one step with the plunger there
        self._free_below_mmhg = self._rise_mmhg = self._patient_mn = self._still_mn = self._mn_per_mmhg = 0.0
        super().__init__(drive, syringe, line)

    def _fit_spring(self) -> None:
        """There is no spring: the plunger is where the screw is."""
        self._zero_steps = self.drive.turned_steps
        # Whole steps that fit: a hair is allowed, so that a volume of exactly n steps is n steps and not n - 1.
        self._end_steps = self._zero_steps + int(self.syringe.filled_nl / self.syringe.step_nl + 1e-9)
        self.direction = 1

    def refresh(self) -> None:
        """Compute again what is kept ready for the next step; to be called after a change of any part."""
        syringe, line, turned = self.syringe, self.line, self.drive.turned_steps
        self._plunger_nl = self._place_nl(turned)
        self._mn_per_mmhg = syringe.mn_per_mmhg
        self._rise_mmhg = syringe.step_nl / line.compliance_nl_per_mmhg
        # Steps below this excess pressure need no look at the motor's thrust, wherever friction is highest.
        self._patient_mn = line.patient_mmhg * syringe.mn_per_mmhg
        highest_mn = self._patient_mn + syringe.highest_mn
        thrust_mn = self.drive.thrust_mn(inf)
        self._free_below_mmhg = (thrust_mn - highest_mn) / syringe.mn_per_mmhg - 2 * self._rise_mmhg
        if line.wary:
            self._free_below_mmhg = -inf
        self._still_mn = self._force_at(turned)
        self.wake_ms = -inf  # the force is never the same for long

    def _place_nl(self, turned: int) -> float:
        return (min(turned, self._end_steps) - self._zero_steps) * self.syringe.step_nl

    def _force_at(self, turned: int) -> float:
        """Return the force less that of the line's excess pressure."""
        pressing_mn = self._frame_mn * max(0, turned - self._end_steps)
        friction_mn = self.syringe.friction_mn(self._place_nl(turned))
        return (self._patient_mn + self.direction * friction_mn + pressing_mn) * self.fitted

    # --- motion --------------------------------------------------------------------------------------------------

    def forward(self, at_ms: float) -> None:
        """One forward step at `at_ms`: what `run(at_ms, 1, 0, 1)` does, without its questions where they are idle."""
        drive, line, syringe = self.drive, self.line, self.syringe
        turned = drive.turned_steps
        if (
            drive.sound
            and turned < self._end_steps
            and line.excess_mmhg < self._free_below_mmhg
            and self.direction > 0
            and self._driven()
        ):
            drive.turned_steps = turned = turned + 1
            line.push(at_ms, 1, 0, syringe.step_nl)
            travelled = turned - self._zero_steps
            self._plunger_nl = travelled * syringe.step_nl
            self._still_mn = self._patient_mn + syringe.friction_table[travelled >> LOOK_UP_SHIFT]
            return
        self.run(at_ms, 1, 0, 1)

    def run(self, first_ms: float, count: int, interval_ms: float, sign: int) -> None:
        """`count` steps in direction `sign`, interval_ms apart, the first at first_ms."""
        room = self._end_steps - self.drive.turned_steps
        free = min(count, max(0, room)) if sign > 0 else count * (room >= 0)
        if self.drive.sound and self._driven() and free and self._stays_below_thrust(first_ms, free, interval_ms, sign):
            self.drive.turned_steps += sign * free
            self.line.push(first_ms, free, interval_ms, sign * self.syringe.step_nl)
            self.direction = sign
        else:
            free = 0
        for i in range(free, count):
            self._one_by_one(first_ms + i * interval_ms, sign)
        self.refresh()

    def _driven(self) -> bool:
        return self.fitted and self._engaged

    def _stays_below_thrust(self, first_ms: float, count: int, interval_ms: float, sign: int) -> bool:
        """Return whether no step of the run can meet the motor's limit.

        The excess after each step of a run goes one way, so its ends decide; the first may stand one rise above the
        excess before it, which the margin in `refresh` covers.
        """
        line = self.line
        if sign < 0 or line.wary:
            return not line.wary
        before = line.excess_mmhg, line.at_ms
        line.push(first_ms, count, interval_ms, self.syringe.step_nl)
        highest = max(before[0], line.excess_mmhg)
        line.excess_mmhg, line.at_ms = before
        return highest < self._free_below_mmhg

    def _one_by_one(self, at_ms: float, sign: int) -> None:
        """One step that may be lost: by the drive, at the end of the barrel, or at the limit of the motor's thrust."""
        drive, line, syringe = self.drive, self.line, self.syringe
        line.settle(at_ms)
        for _ in range(drive.turns()):
            turned = drive.turned_steps
            if not self._driven():
                drive.turned_steps += sign
                self._zero_steps += sign
                self._end_steps += sign
                continue
            if sign > 0:
                force_mn = self._force_at(turned) + line.excess_mmhg * syringe.mn_per_mmhg
                if force_mn >= drive.thrust_mn(inf):
                    break
            drive.turned_steps = turned + sign
            self.direction = sign
            # At the end of the barrel the plunger stays, and only the frame bends or comes back.
            if self._place_nl(turned) != self._place_nl(turned + sign):
                line.push(at_ms, 1, 0, sign * syringe.step_nl)

    def wake(self, now_ms: float) -> None:
        """Find out the force at now_ms."""
        line = self.line
        excess_mmhg = line.excess_mmhg * exp((line.at_ms - now_ms) * line.per_ms)
        self.push_mn = self._still_mn + excess_mmhg * self._mn_per_mmhg * self._driven()

    # --- what it is, and what hands do to it ---------------------------------------------------------------------

    def at_end(self) -> bool:
        """Return whether the plunger presses on the end of its barrel."""
        return self.drive.turned_steps > self._end_steps

    def _softness_nl(self, syringe: Syringe) -> float:
        return syringe.kind.compliance_nl_mmhg

    def capture(self, captured: bool = True) -> None:
        """A plunger that is not captured runs ahead, which this plant cannot do: raises BadInput for False."""
        if not captured:
            raise BadInput("captured = False, ideal = True: only a bench that is not ideal lets a plunger run ahead")

    def empty(self) -> None:
        """Spill what the syringe holds: from here on the plunger is at the end of its barrel."""
        self._now()
        self.syringe.filled_nl = self.syringe.end_nl = self._plunger_nl
        self._end_steps = self.drive.turned_steps
        self.refresh()
