"""The circuit from plunger to patient: one compliance, one resistance, solved exactly between the motor steps.

C dP/dt = Q - (P - Pe)/R. A motor step is an instantaneous displacement v: P rises by v/C. Between steps P - Pe decays
as exp(-dt/(R C)). What left is what was displaced less what the line still stores: an identity, so no volume is ever
lost to rounding of an integral. A clamp is R = infinity: then nothing decays at all.

What lies in the line: plunger - barrel - leak - "upstream" - tubing - check valve - "downstream" - Y-piece of a second
pump - "common" - cannula - patient; a clamp or kink can be at the three places in quotation marks. Everything but the
motor steps is an event: the state is brought to its moment, one parameter changes, R, C and Pe are computed anew.

Behind an upstream kink Ru the tubing follows its inflow at once: its pressure is the share f = Rd/(Ru + Rd) of the
syringe's, so C = Cs + f Ct is again one compliance. Of what the tubing holds beyond that share after a change, f goes
back to the syringe at once, and 1 - f runs off to the patient by an exponential of its own, the tail. With a clamp
(f = 0) and without one (f = 1) that is exact; with a kink it neglects the tubing's own time, Rd Ct, half a second.

Units: mmHg, nL, milliseconds (with fractions, on the board's counter). A resistance is given in mmHg per mL/h.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from math import exp, expm1, inf, isinf, log

from .account import Account
from .fluid import COLDEST_C, WARMEST_C, thickness
from .ranges import within
from .routes import CM_PER_MMHG, cannula_mmhg_h_per_ml
from .routes import find as find_route
from .tubing import Passage, Tubing

MS_NL_PER_H_ML = 3.6  # 1 mmHg per mL/h is 3.6 mmHg ms per nL; 1 mL/h is 1/3.6 nL per ms
PLACES = ("upstream", "downstream", "common")
OPEN_MMHG_H_PER_ML = 1e-3  # of a Luer cone that nothing is screwed on: pressure is gone in some ten milliseconds
# A clamp against which a second pump pushes: 50 nL an hour get through at 500 mmHg. Both pumps then fill the line in a
# straight line, the beginning of an exponential that is still exact in double precision.
SEALED_MMHG_H_PER_ML = 1e7
AIR_MMHG = 760.0
LOOK_MS = 1000.0  # while there is air, a leak or a second pump: how often what stands where is brought up to date


def _share(up: float, down: float) -> float:
    """Return which share of the syringe's excess pressure the tubing has behind an upstream resistance."""
    if not up or isinf(down):
        return float(not isinf(up))
    return 0.0 if isinf(up) else down / (up + down)


class Circuit:
    """Everything elastic and everything narrow between the plunger and the patient.

    compliance_nl_per_mmhg: of syringe and tubing together, more than the tubing's own. route: a key of routes.ROUTES.
    cannula: a key of CANNULA_MMHG_H_PER_ML; None: the route's usual one. patient_mmhg: the pressure at the cannula's
    tip; None: the route's. height_cm: of the pump above it. fluid_c: its temperature. viscosity: against water of the
    same temperature. filled: with "drug", "saline" or "air". valve: one that lets nothing flow back, at the tubing's
    end.

    `patient_mmhg`, the attribute: at the syringe, the pressure at which the line is at rest. `clock`: returns now in ms
    with the plant brought there. `changed`: is called after every change but a motor step. `displaced`: returns what
    the plunger has displaced in all. `wary`: steps must come one by one, each by `settle` and `push`, because R can
    change between them. Raises BadInput for anything outside its range.
    """

    def __init__(
        self,
        compliance_nl_per_mmhg: float,
        *,
        route: str = "peripheral vein",
        cannula: str | None = None,
        patient_mmhg: float | None = None,
        tubing: Tubing | None = None,
        height_cm: float = 0.0,
        fluid_c: float = 20.0,
        viscosity: float = 1.0,
        filled: str = "drug",
        valve: bool = False,
    ) -> None:
        self.route = find_route(route)
        self.tubing = tubing or Tubing()
        self._tube_nl_mmhg = self.tubing.nl_per_mmhg
        self._barrel_nl_mmhg = compliance_nl_per_mmhg - self._tube_nl_mmhg
        within("compliance of the syringe", self._barrel_nl_mmhg, 1.0, 1e6, "nL/mmHg")
        self._cannula = cannula_mmhg_h_per_ml(cannula or self.route.cannula)
        self._tissue = self.route.tissue_mmhg_h_per_ml
        self.body_mmhg = within(
            "patient's pressure", self.route.mmhg if patient_mmhg is None else patient_mmhg, -50, 300, "mmHg"
        )
        self._height_cm = within("height of the pump", height_cm, -200, 200, "cm")
        self._fluid_c = within("temperature of the fluid", fluid_c, COLDEST_C, WARMEST_C, "C")
        self._viscosity = within("viscosity against water", viscosity, 0.5, 100, "")
        self._valve = valve
        self._clamps: set[str] = set()
        self._kinks = dict.fromkeys(PLACES, 0.0)
        self._ramps = dict.fromkeys(PLACES, 0)  # counts up, so that a newer kink at the place ends an older ramp
        self._leak = inf
        self.open_at = ""
        self._second_ml_h = 0.0
        self.account = Account(0.0, Passage(self.tubing.dead_nl, filled))
        self._shut = False  # the check valve
        self.wary = False
        self.excess_mmhg = 0.0  # P - Pe at the moment at_ms, just after what happened then
        self.at_ms = 0.0
        self._tail_nl = 0.0  # in the tubing beyond what its share of the pressure holds, at _tail_ms
        self._tail_ms = 0.0
        self._pushed_nl = 0.0
        self.displaced: Callable[[], float] = lambda: self._pushed_nl
        self.clock: Callable[[], float] = lambda: self.at_ms
        self.changed: Callable[[], None] = lambda: None
        self._later: Callable[[float, Callable[[], None]], None] | None = None
        self._looking = False
        self._soften()
        self._derive()
        self._unstored_nl = (self._barrel_nl_mmhg + self._soft_nl_mmhg) * self.patient_mmhg

    # --- the circuit --------------------------------------------------------------------------------------------

    def _soften(self) -> None:
        """Compute the tubing's compliance with the air in the line: V/P of an ideal gas, at the patient's pressure.

        The slope at rest: at 300 mmHg more the bubble is really 0.7 times as soft, so alarms come later and boluses are
        larger than they would be.
        """
        self._soft_nl_mmhg = self._tube_nl_mmhg + self.account.passage.inside_air_nl() / (AIR_MMHG + self.body_mmhg)

    def _derive(self) -> None:
        """Compute R, C and Pe from everything that is in the line."""
        thick = thickness(self._fluid_c) * self._viscosity
        held = {place: inf if place in self._clamps else self._kinks[place] for place in PLACES}
        up = held["upstream"]
        self._own = self.tubing.mmhg_h_per_ml * thick + held["downstream"]
        behind = held["common"] + (0.0 if self.open_at == "patient" else self._cannula * thick + self._tissue)
        self._far_mmhg = (0.0 if self.open_at == "patient" else self.body_mmhg) - self._height_cm / CM_PER_MMHG
        if self._second_ml_h:
            behind = min(behind, SEALED_MMHG_H_PER_ML)
            self._far_mmhg += self._second_ml_h * behind
        down = inf if self._shut else self._own + behind
        if self.open_at == "syringe":
            self._share = float(up == 0)
            path, outlet_mmhg = OPEN_MMHG_H_PER_ML, 0.0
        else:
            self._share = _share(up, down)
            path, outlet_mmhg = up + down, self._far_mmhg
        self.resistance_mmhg_h_per_ml = path  # infinite while the line is clamped
        flows = 1.0 / path + 1.0 / self._leak
        self.patient_mmhg = outlet_mmhg if isinf(self._leak) else outlet_mmhg / path / flows
        self.compliance_nl_per_mmhg = self._barrel_nl_mmhg + self._share * self._soft_nl_mmhg
        self.per_ms = flows / (MS_NL_PER_H_ML * self.compliance_nl_per_mmhg)
        off = 1.0 / down + (1.0 / up if up and self._share else 0.0)
        self._tail_per_ms = off / (MS_NL_PER_H_ML * self._soft_nl_mmhg)
        self.wary = self._shut or not isinf(self._leak)
        self._plain = not (self.wary or self._valve)

    @property
    def _valved(self) -> bool:
        """Whether the check valve has a say in where the syringe's fluid goes."""
        return self._valve and self.open_at != "syringe" and "upstream" not in self._clamps

    def _tube_mmhg(self, pressure_mmhg: float, tail_nl: float) -> float:
        return self._far_mmhg + self._share * (pressure_mmhg - self._far_mmhg) + tail_nl / self._soft_nl_mmhg

    def _rebalance(self, pressure_mmhg: float, tube_mmhg: float, shut: bool | None = None) -> None:
        """Compute the circuit anew and go on from these two pressures. shut: the valve; None: as the flow wants it."""
        self._soften()
        self._shut = bool(shut)
        self._derive()
        after_mmhg = self._share_out(pressure_mmhg, tube_mmhg)
        if shut is None and self._valved and after_mmhg < self._far_mmhg:
            self._shut = True
            self._derive()
            after_mmhg = self._share_out(pressure_mmhg, tube_mmhg)
        self.excess_mmhg = after_mmhg - self.patient_mmhg

    def _share_out(self, pressure_mmhg: float, tube_mmhg: float) -> float:
        """Split what the tubing holds beyond its share into what goes back and the tail; return the pressure after."""
        beyond_nl = self._soft_nl_mmhg * (tube_mmhg - self._tube_mmhg(pressure_mmhg, 0.0))
        back = self._share
        if self._valve and beyond_nl < 0:
            # The patient fills up nothing: the syringe does, or, cut off from it, the tubing stays as it is.
            back = float(back > 0)
            self._tail_per_ms = 0.0
        self._tail_nl, self._tail_ms = (1.0 - back) * beyond_nl, self.at_ms
        return pressure_mmhg + back * beyond_nl / self.compliance_nl_per_mmhg

    @contextmanager
    def _event(self) -> Iterator[None]:
        """Bring everything to now, let one thing change, and go on from the same pressures and the same volumes."""
        now_ms = self.clock()
        self.settle(now_ms)
        self.account = self._booked(now_ms, self.displaced())
        pressure_mmhg, tail_nl = self.patient_mmhg + self.excess_mmhg, self._tail(now_ms)
        tube_mmhg, stored_nl = self._tube_mmhg(pressure_mmhg, tail_nl), self.stored_nl(now_ms)
        self._tail_nl, self._tail_ms = tail_nl, now_ms
        yield
        self._rebalance(pressure_mmhg, tube_mmhg)
        self._unstored_nl += self.stored_nl(now_ms) - stored_nl
        self.changed()
        self._watch_plugs()

    # --- motor steps and time -----------------------------------------------------------------------------------

    def push(self, first_ms: float, count: int, interval_ms: float, volume_nl: float) -> None:
        """Displace `volume_nl` (< 0: draw back) `count` times, interval_ms apart, the first time at first_ms.

        Closed form: E is multiplied by q = exp(-h/RC) from step to step and each adds d = v/C, so after n steps
        E = E0 q^(n-1) + d (1 - q^n)/(1 - q).
        """
        self._pushed_nl += count * volume_nl
        if not self._plain and (self.wary or volume_nl < 0):
            for i in range(count):
                self._push_warily(first_ms + i * interval_ms, volume_nl)
            return
        rise = volume_nl / self.compliance_nl_per_mmhg
        per_ms = self.per_ms
        excess = self.excess_mmhg * exp((self.at_ms - first_ms) * per_ms)
        if count == 1:
            self.excess_mmhg = excess + rise
            self.at_ms = first_ms
            return
        per_step = interval_ms * per_ms
        terms = expm1(-count * per_step) / expm1(-per_step) if per_step else float(count)
        self.excess_mmhg = excess * exp((1 - count) * per_step) + rise * terms
        self.at_ms = first_ms + (count - 1) * interval_ms

    def _push_warily(self, at_ms: float, volume_nl: float) -> None:
        self.settle(at_ms)
        self.excess_mmhg += volume_nl / self.compliance_nl_per_mmhg
        if self._valved and self._shut != (self.patient_mmhg + self.excess_mmhg < self._far_mmhg):
            self._turn_valve()

    def settle(self, now_ms: float) -> None:
        """Let the pressure relax until now_ms, at which nothing is displaced."""
        if self.wary:
            self._settle_warily(now_ms)
            return
        self.excess_mmhg *= exp((self.at_ms - now_ms) * self.per_ms)
        self.at_ms = now_ms

    def _settle_warily(self, now_ms: float) -> None:
        """With a leak, or a check valve that is shut. Once on the way the leak may let the valve open or shut."""
        if self._valved and self.per_ms:
            turn_mmhg = self._far_mmhg - self.patient_mmhg
            ratio = self.excess_mmhg / turn_mmhg if turn_mmhg else 0.0
            turn_ms = self.at_ms + log(ratio) / self.per_ms if ratio > 1 else inf
            if turn_ms < now_ms and self._shut == (turn_mmhg < 0):
                self._leak_until(turn_ms)
                self._turn_valve()
        self._leak_until(now_ms)

    def _leak_until(self, now_ms: float) -> None:
        """Let the pressure relax, and what runs out of the leak meanwhile be exactly the integral of P/R."""
        ms, excess = now_ms - self.at_ms, self.excess_mmhg
        self.excess_mmhg = excess * exp(-ms * self.per_ms)
        self.at_ms = now_ms
        if not isinf(self._leak):
            area = self.patient_mmhg * ms - excess * expm1(-ms * self.per_ms) / self.per_ms
            self.account.leaked_nl += area / (self._leak * MS_NL_PER_H_ML)

    def _turn_valve(self) -> None:
        pressure_mmhg = self.patient_mmhg + self.excess_mmhg
        tube_mmhg = self._tube_mmhg(pressure_mmhg, self._tail(self.at_ms))
        self._rebalance(pressure_mmhg, tube_mmhg, not self._shut)
        self.changed()

    def keep_time(self, later: Callable[[float, Callable[[], None]], None]) -> None:
        """Let `later` plan an action so many ms from now: gradual kinks and bubbles on their way need that."""
        self._later = later
        self._watch_plugs()

    def _watch_plugs(self) -> None:
        moving = self._second_ml_h or self.account.passage.inside_air_nl() or not isinf(self._leak)
        if self._later and not self._looking and moving:
            self._looking = True
            self._later(LOOK_MS, self._look)

    def _look(self) -> None:
        self._looking = False
        with self._event():
            pass

    def start_at(self, now_ms: float) -> None:
        """Go on with another counter of milliseconds, on which it is now_ms."""
        self._tail_ms += now_ms - self.at_ms
        self.account.at_ms += now_ms - self.at_ms
        self.at_ms = now_ms
        self.changed()

    # --- what it is at a moment ---------------------------------------------------------------------------------

    def _at(self, now_ms: float) -> Circuit:
        """Return this circuit, or, where R can change on the way, a copy that was brought to now_ms."""
        if not self.wary:
            return self
        probe = copy(self)
        probe.account = copy(self.account)
        probe.changed = lambda: None
        probe.settle(now_ms)
        return probe

    def pressure_mmhg(self, now_ms: float) -> float:
        """Return the pressure at now_ms (not before the last event), in mmHg."""
        line = self._at(now_ms)
        return line.patient_mmhg + line.excess_mmhg * exp((line.at_ms - now_ms) * line.per_ms)

    def flow_ml_h(self, now_ms: float) -> float:
        """Return what flows out of the cannula of ours at now_ms, in mL/h; below 0 it flows back."""
        line = self._at(now_ms)
        if line.open_at == "patient":
            return 0.0
        tail_ml_h = line._tail(now_ms) * line._tail_per_ms * MS_NL_PER_H_ML
        if line.open_at == "syringe":
            return tail_ml_h
        return (line.pressure_mmhg(now_ms) - line._far_mmhg) / line.resistance_mmhg_h_per_ml + tail_ml_h

    def _tail(self, now_ms: float) -> float:
        return self._tail_nl * exp((self._tail_ms - now_ms) * self._tail_per_ms)

    def stored_nl(self, now_ms: float) -> float:
        """Return what syringe and tubing hold more than at first, in nL."""
        line = self._at(now_ms)
        pressure_mmhg = line.pressure_mmhg(now_ms) if line is self else line.patient_mmhg + line.excess_mmhg
        tube_mmhg = line._tube_mmhg(pressure_mmhg, line._tail(now_ms))
        return line._barrel_nl_mmhg * pressure_mmhg + line._soft_nl_mmhg * tube_mmhg - line._unstored_nl

    def _booked(self, now_ms: float, displaced_nl: float) -> Account:
        """Return the account as it stands at now_ms, what left since the last event included."""
        line = self._at(now_ms)
        account = copy(line.account)
        out_nl = displaced_nl - line.stored_nl(now_ms) - account.leaked_nl
        to_patient_nl = line._tail_nl - line._tail(now_ms) if line.open_at == "syringe" else None
        account.book(now_ms, out_nl, to_patient_nl, line.open_at, line._second_ml_h / MS_NL_PER_H_ML)
        return account

    def account_at(self, now_ms: float) -> Account:
        """Return who got what until now_ms (not before the last event)."""
        return self._booked(now_ms, self.displaced())

    def patient_nl(self, displaced_nl: float, now_ms: float) -> float:
        """Return what left the cannula until now_ms, in nL, when the plunger has displaced `displaced_nl` in all.

        Only ours: what a second pump gives apart. While it pushes back into our line this falls.
        """
        return self._booked(now_ms, displaced_nl).patient_nl
