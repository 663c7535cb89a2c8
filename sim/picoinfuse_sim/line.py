"""The line from syringe to patient: one compliance, one resistance, solved exactly between the motor steps.

C dP/dt = Q - (P - Pv)/R. A motor step is an instantaneous displacement v: P rises by v/C. Between steps P - Pv decays
as exp(-dt/(R C)). What reached the patient is what was displaced less what the line still stores, C (P - P0): an
identity, so no volume is ever lost to rounding of an integral. A clamp is R = infinity: then nothing decays at all.

Units: mmHg, nL, milliseconds (with fractions, on the board's counter). A resistance is given in mmHg per mL/h.
"""

from collections.abc import Callable
from math import exp, expm1, inf, isinf, log1p

# Resistances in mmHg per mL/h by Poiseuille, 128 mu L / (pi d^4), water at 20 C (REFERENCE section 4, derived).
CANNULA_MMHG_H_PER_ML = {"24G": 0.033, "22G": 0.016, "20G": 0.0066, "18G": 0.0033, "epidural": 1.9}
TUBING_MMHG_H_PER_ML = 0.13  # 1 mm inner diameter, 1.5 m long (REFERENCE section 4, derived)
TUBING_NL_PER_MMHG = 800.0  # 0.7-0.9 uL/mmHg (REFERENCE section 4, derived from Snijder 2015)
VEIN_MMHG = 10.0  # peripheral vein, 5-20 mmHg (REFERENCE section 4, engineer's memory)
_MS_NL_PER_H_ML = 3.6  # 1 mmHg per mL/h is 3.6 mmHg ms per nL


class Line:
    """Everything elastic and everything narrow between the plunger and the patient.

    compliance_nl_per_mmhg: of syringe and tubing together, > 0. cannula: a key of CANNULA_MMHG_H_PER_ML.
    patient_mmhg: the pressure the fluid flows against. `clock`: returns now in ms with the plant brought there.
    """

    def __init__(self, compliance_nl_per_mmhg: float, *, cannula: str = "22G", patient_mmhg: float = VEIN_MMHG) -> None:
        self.compliance_nl_per_mmhg = compliance_nl_per_mmhg
        self.open_mmhg_h_per_ml = CANNULA_MMHG_H_PER_ML[cannula] + TUBING_MMHG_H_PER_ML
        self.clamped = False
        self.patient_mmhg = patient_mmhg
        self.excess_mmhg = 0.0  # P - Pv at the moment at_ms, just after what happened then
        self.at_ms = 0.0
        self.start_mmhg = patient_mmhg
        self.spilled_nl = 0.0  # ran out of the opened line and reached nobody
        self.clock: Callable[[], float] = lambda: self.at_ms
        self.changed: Callable[[], None] = lambda: None
        self.per_ms = 0.0
        self._set_rate()

    @property
    def resistance_mmhg_h_per_ml(self) -> float:
        """The resistance now, in mmHg per mL/h; infinite while the line is clamped."""
        return inf if self.clamped else self.open_mmhg_h_per_ml

    def _set_rate(self) -> None:
        per_ms = self.resistance_mmhg_h_per_ml * _MS_NL_PER_H_ML * self.compliance_nl_per_mmhg
        self.per_ms = 0.0 if isinf(per_ms) else 1.0 / per_ms

    # --- what happens to it -------------------------------------------------------------------------------------

    def push(self, first_ms: float, count: int, interval_ms: float, volume_nl: float) -> None:
        """Displace `volume_nl` (< 0: draw back) `count` times, interval_ms apart, the first time at first_ms.

        Closed form: E is multiplied by q = exp(-h/RC) from step to step and each adds d = v/C, so after n steps
        E = E0 q^(n-1) + d (1 - q^n)/(1 - q).
        """
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

    def settle(self, now_ms: float) -> None:
        """Let the pressure relax until now_ms, at which nothing is displaced."""
        self.excess_mmhg *= exp((self.at_ms - now_ms) * self.per_ms)
        self.at_ms = now_ms

    def clamp(self) -> None:
        """Close the line at the patient's end."""
        self.settle(self.clock())
        self.clamped = True
        self._set_rate()

    def release(self) -> None:
        """Open the clamp: what the line stored runs into the patient as a bolus."""
        self.settle(self.clock())
        self.clamped = False
        self._set_rate()

    def set_cannula(self, mmhg_h_per_ml: float) -> None:
        """Change the open line's resistance to `mmhg_h_per_ml` (> 0), tubing included."""
        self.settle(self.clock())
        self.open_mmhg_h_per_ml = mmhg_h_per_ml
        self._set_rate()

    def set_patient(self, mmhg: float) -> None:
        """Change the pressure that the fluid flows against; the pressure in the line stays."""
        self.settle(self.clock())
        self.excess_mmhg += self.patient_mmhg - mmhg
        self.patient_mmhg = mmhg
        self.changed()

    def disconnect(self) -> None:
        """Open the line at the syringe: what it stored under pressure is spilled, not given."""
        self.settle(self.clock())
        self.spilled_nl += self.compliance_nl_per_mmhg * self.excess_mmhg
        self.excess_mmhg = 0.0

    def set_compliance(self, nl_per_mmhg: float) -> None:
        """Change the compliance (air in the line, another syringe) at the present pressure.

        What the softer or stiffer line stores more or less at this pressure is called spilled: it reached nobody.
        """
        self.settle(self.clock())
        held_mmhg = self.excess_mmhg + self.patient_mmhg - self.start_mmhg
        self.spilled_nl += (self.compliance_nl_per_mmhg - nl_per_mmhg) * held_mmhg
        self.compliance_nl_per_mmhg = nl_per_mmhg
        self._set_rate()

    # --- what it is at a moment ---------------------------------------------------------------------------------

    def pressure_mmhg(self, now_ms: float) -> float:
        """Return the pressure at now_ms (not before the last event), in mmHg."""
        return self.patient_mmhg + self.excess_mmhg * exp((self.at_ms - now_ms) * self.per_ms)

    def flow_ml_h(self, now_ms: float) -> float:
        """Return what flows out of the cannula at now_ms, in mL/h; below 0 it flows back."""
        return (self.pressure_mmhg(now_ms) - self.patient_mmhg) / self.resistance_mmhg_h_per_ml

    def patient_nl(self, displaced_nl: float, now_ms: float) -> float:
        """Return what left the cannula until now_ms, in nL, when the plunger has displaced `displaced_nl` in all."""
        stored_nl = self.compliance_nl_per_mmhg * (self.pressure_mmhg(now_ms) - self.start_mmhg)
        return displaced_nl - stored_nl - self.spilled_nl


def seconds_to_pressure(
    from_mmhg: float,
    to_mmhg: float,
    rate_ml_h: float,
    compliance_nl_per_mmhg: float,
    resistance_mmhg_h_per_ml: float = inf,
    patient_mmhg: float = VEIN_MMHG,
) -> float:
    """Return after how many seconds of a constant rate the line reaches `to_mmhg`; infinite if it never does.

    Solution of C dP/dt = Q - (P - Pv)/R from P(0) = from_mmhg: with a clamp (R infinite) it is C (to - from)/Q.
    """
    if to_mmhg <= from_mmhg:
        return 0.0
    if isinf(resistance_mmhg_h_per_ml):
        return compliance_nl_per_mmhg * (to_mmhg - from_mmhg) / (rate_ml_h * 1e6 / 3600.0)
    final_mmhg = patient_mmhg + rate_ml_h * resistance_mmhg_h_per_ml
    if to_mmhg >= final_mmhg:
        return inf
    tau_s = resistance_mmhg_h_per_ml * _MS_NL_PER_H_ML * compliance_nl_per_mmhg / 1e3
    return -tau_s * log1p(-(to_mmhg - from_mmhg) / (final_mmhg - from_mmhg))
