"""The plant: drive, syringe and line together, moved by motor steps, each at its own time."""

from math import exp
from typing import Final

from .drive import FRAME_MN_PER_UM, THRUST_MN, Drive
from .line import Line
from .syringe import LOOK_UP_SHIFT, Syringe


class Plant:
    """What is outside the electronics. It survives power cuts and knows nothing of the firmware.

    step_um: how far one motor step moves the pusher. The board calls `forward` for a single forward step and `run` for
    anything else, in the order of time.
    """

    def __init__(self, drive: Drive, syringe: Syringe, line: Line, step_um: float) -> None:
        self.drive: Final = drive
        self.line: Final = line
        self.syringe = syringe
        self.direction = 1  # friction acts against the last motion; a syringe is fitted with the pusher run up to it
        self._frame_mn = FRAME_MN_PER_UM * step_um  # of one step with the plunger at the end of the barrel
        self._earlier_nl = 0.0  # displaced by syringes that were taken out
        self._free_below_mmhg = 0.0
        self._rise_mmhg = 0.0
        self._patient_mn = 0.0
        self.mn_per_mmhg = 0.0  # of the syringe that is fitted
        self.still_mn = 0.0  # the force on the plunger less that of the line's excess pressure
        line.changed = self.refresh
        self.refresh()

    def refresh(self) -> None:
        """Compute again what is kept ready for the next step; to be called after a change of any part."""
        syringe, line = self.syringe, self.line
        friction_mn = syringe.friction_mn(self.drive.turned_steps)
        self.mn_per_mmhg = syringe.mn_per_mmhg
        self._rise_mmhg = syringe.step_nl / line.compliance_nl_per_mmhg
        # Steps below this excess pressure need no look at the motor's thrust, wherever friction is highest.
        self._patient_mn = line.patient_mmhg * syringe.mn_per_mmhg
        highest_mn = self._patient_mn + 2 * syringe.kind.friction_mn
        self._free_below_mmhg = (THRUST_MN - highest_mn) / syringe.mn_per_mmhg - 2 * self._rise_mmhg
        pressing_mn = self._frame_mn * syringe.pressed_steps(self.drive.turned_steps)
        self.still_mn = self._patient_mn + self.direction * friction_mn + pressing_mn

    # --- motion --------------------------------------------------------------------------------------------------

    def forward(self, at_ms: float) -> None:
        """One forward step at `at_ms`: what `run(at_ms, 1, 0, 1)` does, without its questions where they are idle."""
        drive, line, syringe = self.drive, self.line, self.syringe
        turned = drive.turned_steps
        if (
            drive.sound
            and turned < syringe.end_at_steps
            and line.excess_mmhg < self._free_below_mmhg
            and self.direction > 0
        ):
            drive.turned_steps = turned = turned + 1
            line.excess_mmhg = line.excess_mmhg * exp((line.at_ms - at_ms) * line.per_ms) + self._rise_mmhg
            line.at_ms = at_ms
            self.still_mn = (
                self._patient_mn + syringe.friction_table[(turned - syringe.fitted_at_steps) >> LOOK_UP_SHIFT]
            )
            return
        self.run(at_ms, 1, 0, 1)

    def run(self, first_ms: float, count: int, interval_ms: float, sign: int) -> None:
        """`count` steps in direction `sign`, interval_ms apart, the first at first_ms."""
        room = self.syringe.end_at_steps - self.drive.turned_steps
        free = min(count, max(0, room)) if sign > 0 else count * (room >= 0)
        if self.drive.sound and free and self._stays_below_thrust(first_ms, free, interval_ms, sign):
            self.drive.turned_steps += sign * free
            self.line.push(first_ms, free, interval_ms, sign * self.syringe.step_nl)
            self.direction = sign
        else:
            free = 0
        for i in range(free, count):
            self._one_by_one(first_ms + i * interval_ms, sign)
        self.refresh()

    def _stays_below_thrust(self, first_ms: float, count: int, interval_ms: float, sign: int) -> bool:
        """Return whether no step of the run can meet the motor's limit.

        The excess after each step of a run goes one way, so its ends decide; the first may stand one rise above the
        excess before it, which the margin in `refresh` covers.
        """
        if sign < 0:
            return True
        line = self.line
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
            if sign > 0:
                pressing_mn = self._frame_mn * syringe.pressed_steps(turned)
                force_mn = self._patient_mn + line.excess_mmhg * syringe.mn_per_mmhg + syringe.friction_mn(turned)
                if force_mn + pressing_mn >= THRUST_MN:
                    break
            drive.turned_steps = turned + sign
            self.direction = sign
            # At the end of the barrel the plunger stays, and only the frame bends or comes back.
            if syringe.displaced_nl(turned) != syringe.displaced_nl(turned + sign):
                line.push(at_ms, 1, 0, sign * syringe.step_nl)

    # --- what it is ----------------------------------------------------------------------------------------------

    def force_mn(self, now_ms: float) -> float:
        """Return the force on the plunger in mN, without any sensor error."""
        line = self.line
        excess_mmhg = line.excess_mmhg * exp((line.at_ms - now_ms) * line.per_ms)
        return self.still_mn + excess_mmhg * self.syringe.mn_per_mmhg

    def displaced_nl(self) -> float:
        """Return what the plunger has displaced since the bench was built, in nL, all syringes together."""
        return self._earlier_nl + self.syringe.displaced_nl(self.drive.turned_steps)

    def patient_nl(self, now_ms: float) -> float:
        """Return what left the cannula, in nL."""
        return self.line.patient_nl(self.displaced_nl(), now_ms)

    # --- what hands do to it -------------------------------------------------------------------------------------

    def fit(self, syringe: Syringe) -> None:
        """Take the syringe out and put this one in, pusher run up to the plunger. The open line spills its pressure."""
        self.line.disconnect()
        self._earlier_nl = self.displaced_nl()
        softer_nl = syringe.kind.compliance_nl_mmhg - self.syringe.kind.compliance_nl_mmhg
        if softer_nl:
            self.line.set_compliance(self.line.compliance_nl_per_mmhg + softer_nl)
        self.syringe = syringe
        self.direction = 1
        self.refresh()
