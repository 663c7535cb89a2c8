"""The plant: drive, syringe and line together, moved by motor steps; when the plunger sticks and when it slips.

Between the pusher and the plunger is a spring: stopper, rod and frame. A step presses the spring. The plunger stays
until the force of the spring less that of the fluid exceeds its static friction; then it slips, at once, until the
difference is its kinetic friction, and what it displaces goes into the line. Between steps the spring stands still and
the line's excess pressure fades as one exponential, so the moment of a slip between two steps is known in closed form:
nothing is integrated, and nothing happens between two events. Forces are in mN, volumes in nL, pressures in mmHg.
"""

from math import inf, log
from typing import Final

from .drive import Drive
from .line import Line
from .syringe import STATIC_RATIO, Syringe

# Friction that is as high at rest as in motion would let the plunger creep; here it slips so often in a step.
_CREEPS = 4
_TINY_MN = 1e-5  # a slip is due when its threshold is so near: the rounding of an exponential is a hundredth of it
_FASTEST_MS = 0.4  # between two steps: no step comes sooner, so below the thrust at this pace none is lost


class Plant:
    """What is outside the electronics. It survives power cuts and knows nothing of the firmware.

    The board calls `forward` for a single forward step and `run` for anything else, in the order of time. `push_mn` is
    the force on the load cell; without a step it stays until wake_ms, when `wake` is to be called. captured: the
    pusher holds the plunger and can pull it. static_ratio: of static to kinetic friction; 1 lets the plunger creep.
    """

    def __init__(
        self, drive: Drive, syringe: Syringe, line: Line, *, captured: bool = True, static_ratio: float = STATIC_RATIO
    ) -> None:
        self.drive: Final = drive
        self.line: Final = line
        self.syringe = syringe
        self.captured = captured
        self.fitted = True
        self.push_mn = 0.0  # of the spring: a syringe is fitted with the pusher run up to it, and no further
        self.wake_ms = inf
        self._engaged = True
        self._static_ratio = static_ratio
        self._earlier_nl = 0.0  # displaced by syringes that were taken out
        self._plunger_nl = 0.0  # displaced by this one
        self._gap_nl = 0.0  # the plunger has run so far ahead of the pusher; infinite: nothing pushes it
        self._stepped_ms = -inf
        self._safe_mn = -inf  # steps that leave the spring below this need no look at anything
        self._steps_per_turn = drive.steps_per_turn
        self._fit_spring()
        line.changed = self.refresh
        line.displaced = self.displaced_nl
        drive.changed = self.refresh
        self.refresh()

    def _fit_spring(self) -> None:
        syringe = self.syringe
        self._spring_mmhg_per_nl = 1 / syringe.stopper_nl_per_mmhg
        self._spring_mn_per_nl = syringe.mn_per_mmhg / syringe.stopper_nl_per_mmhg
        # What a step adds to the spring, by the angle of the screw.
        self._rises_mn = [um * syringe.nl_per_um * self._spring_mn_per_nl for um in self.drive.advances_um]

    def refresh(self) -> None:
        """Compute again what is kept ready for the next step; to be called after a change of any part."""
        self._fastest_mn = self.drive.thrust_mn(_FASTEST_MS)
        self._decide()

    # --- motion --------------------------------------------------------------------------------------------------

    def forward(self, at_ms: float) -> None:
        """One forward step at `at_ms`."""
        if at_ms < self.wake_ms:
            drive = self.drive
            turned = drive.turned_steps
            push_mn = self.push_mn + self._rises_mn[turned % self._steps_per_turn]
            if push_mn < self._safe_mn:
                drive.turned_steps = turned + 1
                self.push_mn = push_mn
                return
        self._step(at_ms, 1)

    def run(self, first_ms: float, count: int, interval_ms: float, sign: int) -> None:
        """`count` steps in direction `sign`, interval_ms apart, the first at first_ms."""
        step = self.forward if sign > 0 else self._back
        for i in range(count):
            step(first_ms + i * interval_ms)

    def _back(self, at_ms: float) -> None:
        self._step(at_ms, -1)

    def _step(self, at_ms: float, sign: int) -> None:
        """One step after which the plunger may slip, or which may be lost."""
        self.wake(at_ms)
        drive = self.drive
        interval_ms = max(_FASTEST_MS, at_ms - self._stepped_ms)
        self._stepped_ms = at_ms
        for _ in range(drive.turns()):
            if self.push_mn * sign >= drive.thrust_mn(interval_ms):
                break
            self._press(drive.turn(sign) * self.syringe.nl_per_um)
        self.line.settle(at_ms)
        self._decide()

    def wake(self, now_ms: float) -> None:
        """Let the plunger slip as often as it does by itself until now_ms, which is not before the last event."""
        while self.wake_ms <= now_ms:
            self.line.settle(self.wake_ms)
            self._decide()

    def start_at(self, now_ms: float) -> None:
        """Go on with another counter of milliseconds, on which it is now_ms."""
        self.line.start_at(now_ms)
        self._stepped_ms = -inf
        self.refresh()

    def _press(self, nearer_nl: float) -> None:
        """The pusher comes so much nearer to the plunger (below 0: it goes away from it)."""
        if self._gap_nl:
            self._gap_nl -= nearer_nl
            if self._gap_nl < 0:
                self.push_mn = -self._gap_nl * self._spring_mn_per_nl
                self._gap_nl = 0.0
            return
        self.push_mn += nearer_nl * self._spring_mn_per_nl
        if self.push_mn < 0 and not self.captured:
            self._gap_nl = -self.push_mn / self._spring_mn_per_nl
            self.push_mn = 0.0

    # --- the plunger ---------------------------------------------------------------------------------------------

    def _decide(self) -> None:
        """Let the plunger slip if it has to now (the line's `at_ms`), and find out when it does so by itself."""
        line, syringe = self.line, self.syringe
        mn_per_mmhg = syringe.mn_per_mmhg
        while True:
            rubs_mn = syringe.friction_mn(self._plunger_nl)
            holds_mn = max(rubs_mn * self._static_ratio, rubs_mn + self._creep_mn())
            excess_mn = line.excess_mmhg * mn_per_mmhg
            patient_mn = line.patient_mmhg * mn_per_mmhg
            # It slips ahead when the line's excess has fallen to the one, back when it has risen to the other.
            ahead_mn = self.push_mn - patient_mn - holds_mn
            back_mn = self.push_mn - patient_mn + holds_mn
            at_end = self._plunger_nl >= syringe.end_nl
            if not at_end and excess_mn <= ahead_mn + _TINY_MN:
                self._slip_ahead((ahead_mn + holds_mn - rubs_mn - excess_mn) / mn_per_mmhg)
            elif excess_mn >= back_mn - _TINY_MN:
                self._slip_back((excess_mn - back_mn + holds_mn - rubs_mn) / mn_per_mmhg)
            else:
                break
        self.wake_ms = inf
        if line.per_ms and 0 < ahead_mn < excess_mn and not at_end:
            self.wake_ms = line.at_ms + log(excess_mn / ahead_mn) / line.per_ms
        elif line.per_ms and excess_mn < back_mn < 0:
            self.wake_ms = line.at_ms + log(excess_mn / back_mn) / line.per_ms
        if not self.drive.sound or self.drive.slack_um or self._gap_nl:
            self._safe_mn = -inf
        elif at_end:
            self._safe_mn = self._fastest_mn
        else:
            lowest_mn = min(0.0, excess_mn) if line.per_ms else excess_mn
            self._safe_mn = min(patient_mn + holds_mn + lowest_mn, self._fastest_mn)

    def _creep_mn(self) -> float:
        """Return what the force falls by in a slip of the shortest length that is told apart."""
        stiffness = self._spring_mmhg_per_nl + 1 / self.line.compliance_nl_per_mmhg
        return self.syringe.step_nl / _CREEPS * stiffness * self.syringe.mn_per_mmhg

    def _slip_ahead(self, over_mmhg: float) -> None:
        """Move ahead until the spring less the fluid has fallen by so much."""
        soft = self.line.compliance_nl_per_mmhg
        if self._gap_nl:
            slip_nl = over_mmhg * soft
        else:
            slip_nl = over_mmhg / (self._spring_mmhg_per_nl + 1 / soft)
            touching_nl = self.push_mn / self._spring_mn_per_nl
            if not self.captured and slip_nl > touching_nl:
                # The pusher lets go on the way; from there on only the fluid stops it.
                left_mmhg = over_mmhg - touching_nl * (self._spring_mmhg_per_nl + 1 / soft)
                slip_nl = touching_nl + left_mmhg * soft
        self._displace(min(slip_nl, self.syringe.end_nl - self._plunger_nl))

    def _slip_back(self, over_mmhg: float) -> None:
        """Move back until the fluid less the spring has fallen by so much."""
        soft = self.line.compliance_nl_per_mmhg
        alone_nl = over_mmhg * soft if self._gap_nl else 0.0
        if alone_nl > self._gap_nl or not self._gap_nl:
            # It meets the pusher on the way, or leans on it already.
            alone_nl = self._gap_nl
            left_mmhg = over_mmhg - alone_nl / soft
            alone_nl += left_mmhg / (self._spring_mmhg_per_nl + 1 / soft)
        self._displace(-alone_nl)

    def _displace(self, volume_nl: float) -> None:
        self._plunger_nl += volume_nl
        self._press(-volume_nl)
        self.line.push(self.line.at_ms, 1, 0, volume_nl)

    # --- what it is ----------------------------------------------------------------------------------------------

    def force_mn(self, now_ms: float) -> float:
        """Return the force on the load cell in mN, without any sensor error; below 0 the pusher pulls."""
        if self.wake_ms <= now_ms:
            self.wake(now_ms)
        return self.push_mn

    def displaced_nl(self) -> float:
        """Return what the plunger has displaced since the bench was built, in nL, all syringes together."""
        return self._earlier_nl + self._plunger_nl

    def content_nl(self) -> float:
        """Return the fluid that is still in the syringe, in nL."""
        return self.syringe.filled_nl - self._plunger_nl

    def at_end(self) -> bool:
        """Return whether the plunger has met the end of its barrel."""
        return self._plunger_nl >= self.syringe.end_nl

    def patient_nl(self, now_ms: float) -> float:
        """Return what left the cannula, in nL."""
        return self.line.patient_nl(self.displaced_nl(), now_ms)

    # --- what hands and faults do to it --------------------------------------------------------------------------

    def _now(self) -> None:
        """Bring everything to this moment, before it is changed."""
        now_ms = self.line.clock()
        self.wake(now_ms)
        self.line.settle(now_ms)

    def fit(self, syringe: Syringe) -> None:
        """Take the syringe out and put this one in, pusher run up to the plunger. The open line spills its pressure."""
        self._now()
        self.line.vent()
        softer_nl = self._softness_nl(syringe) - self._softness_nl(self.syringe)
        self._earlier_nl += self._plunger_nl
        self._plunger_nl = 0.0
        self.syringe = syringe
        self.fitted = True
        self._fit_spring()
        self._touch()
        if softer_nl:
            self.line.set_compliance(self.line.compliance_nl_per_mmhg + softer_nl)
        self.refresh()

    def _softness_nl(self, syringe: Syringe) -> float:
        """Return what of a syringe's compliance belongs to the line, in nL/mmHg."""
        return syringe.barrel_nl_per_mmhg

    def _touch(self) -> None:
        """The pusher touches the plunger without pressing, or cannot reach it."""
        self.push_mn = 0.0
        self._gap_nl = 0.0 if self.fitted and self._engaged else inf

    def remove(self) -> None:
        """The syringe is taken out of its clamp, with the line still on it: nothing holds the plunger but friction."""
        self._now()
        self.fitted = False
        self._touch()
        self.refresh()

    def put_back(self) -> None:
        """The syringe that was removed is in its clamp again, the pusher run up to the plunger."""
        self._now()
        self.fitted = True
        self._touch()
        self.refresh()

    def disengage(self, loose: bool = True) -> None:
        """The nut is off the screw, which turns and moves nothing. False: it engages where the plunger stands."""
        self._now()
        self._engaged = not loose
        self._touch()
        self.refresh()

    def capture(self, captured: bool = True) -> None:
        """The claws hold the plunger. False: the pusher can only push, and the plunger may run ahead of it."""
        self._now()
        self.captured = captured
        if captured and self._gap_nl < inf:
            self._gap_nl = 0.0
        self.push_mn = self.push_mn if captured else max(0.0, self.push_mn)
        self.refresh()

    def scale_friction(self, factor: float) -> None:
        """The plunger rubs so many times as much (above 0) from here on: its silicone is gone."""
        self.stick(factor, 1.0)

    def stick(self, factor: float, part: float) -> None:
        """The plunger rubs so many times as much (above 0) over this part (0 to 1) of its travel, which begins here."""
        self._now()
        here_nl = max(0.0, self._plunger_nl)
        self.syringe.rub(factor, here_nl, here_nl + part * self.syringe.kind.capacity_nl * 1.02)
        self.refresh()

    def empty(self) -> None:
        """Spill what the syringe holds: from here on the plunger is at the end of its barrel."""
        self._now()
        self.syringe.filled_nl = self.syringe.end_nl = self._plunger_nl
        self.refresh()
