"""The line and what can be done to it: clamps, kinks, leaks, air, height, another pump, another patient.

How the pressure in it moves stands in circuit.py, which fluid is where in tubing.py, who got what in account.py. Every
method brings the line to now first, and raises BadInput for a value outside its range.
"""

from math import inf, isinf, log1p

from .circuit import MS_NL_PER_H_ML, PLACES, Circuit
from .fluid import COLDEST_C, WARMEST_C, thickness
from .ranges import one_of, within
from .routes import CANNULA_MMHG_H_PER_ML, INFILTRATION_MMHG_H_PER_ML, VEIN_MMHG, cannula_mmhg_h_per_ml
from .tubing import DETECTOR_NL, TUBING_NL_PER_MMHG, Tubing

__all__ = [
    "CANNULA_MMHG_H_PER_ML",
    "PLACES",
    "TUBING_MMHG_H_PER_ML",
    "TUBING_NL_PER_MMHG",
    "VEIN_MMHG",
    "Line",
    "Tubing",
    "seconds_to_pressure",
]

TUBING_MMHG_H_PER_ML = Tubing().mmhg_h_per_ml  # 0.13 (REFERENCE section 4, derived)
ENDS = ("syringe", "patient")
_RAMP_PIECES = 480


class Line(Circuit):
    """A Circuit with hands on it. Places are PLACES, ends ENDS; resistances in mmHg per mL/h."""

    @property
    def clamped(self) -> bool:
        """Whether there is a clamp anywhere."""
        return bool(self._clamps)

    def clamp(self, where: str = "downstream") -> None:
        """Close the line at one of PLACES; by default at the patient's end."""
        one_of("place of a clamp", where, PLACES)
        with self._event():
            self._clamps.add(where)

    def release(self, where: str | None = None) -> None:
        """Open the clamp at a place, or every one: what the line stored runs into the patient as a bolus."""
        places = PLACES if where is None else (one_of("place of a clamp", where, PLACES),)
        with self._event():
            self._clamps.difference_update(places)

    def kink(self, mmhg_h_per_ml: float, where: str = "downstream", over_s: float = 0.0) -> None:
        """Bend the tubing at one of PLACES, so that it resists so much more (0 to 1e6): at once, or rising evenly.

        A rising kink is a staircase of 480 exact pieces, each with the resistance of its middle. It needs `keep_time`.
        """
        one_of("place of a kink", where, PLACES)
        within("resistance of a kink", mmhg_h_per_ml, 0, 1e6, "mmHg per mL/h")
        within("time in which a kink closes", over_s, 0, 1e7, "s")
        self._ramps[where] += 1
        if not over_s:
            self._set_kink(where, mmhg_h_per_ml)
        else:
            self._ramp(where, self._kinks[where], mmhg_h_per_ml, over_s * 1000 / _RAMP_PIECES, 0, self._ramps[where])

    def _set_kink(self, where: str, mmhg_h_per_ml: float) -> None:
        with self._event():
            self._kinks[where] = mmhg_h_per_ml

    def _ramp(self, where: str, first: float, last: float, piece_ms: float, piece: int, number: int) -> None:
        if self._ramps[where] != number:
            return
        if piece == _RAMP_PIECES:
            self._set_kink(where, last)
            return
        self._set_kink(where, first + (last - first) * (piece + 0.5) / _RAMP_PIECES)
        if self._later is None:
            raise RuntimeError("a kink that closes gradually needs a clock: use Bench.line, or `keep_time`")
        self._later(piece_ms, lambda: self._ramp(where, first, last, piece_ms, piece + 1, number))

    def unkink(self, where: str | None = None) -> None:
        """Straighten the tubing at a place, or everywhere."""
        places = PLACES if where is None else (one_of("place of a kink", where, PLACES),)
        with self._event():
            for place in places:
                self._ramps[place] += 1
                self._kinks[place] = 0.0

    def leak(self, mmhg_h_per_ml: float) -> None:
        """Let fluid drip out at the syringe: P/R, R from 1e-3 to 1e6; a line that sucks draws air in."""
        within("resistance of a leak", mmhg_h_per_ml, 1e-3, 1e6, "mmHg per mL/h")
        with self._event():
            self._leak = mmhg_h_per_ml

    def mend(self) -> None:
        """Close the leak."""
        with self._event():
            self._leak = inf

    def disconnect(self, at: str = "syringe") -> None:
        """Take the line off, at the syringe or at the patient's cannula: everything is spilled from now on."""
        one_of("end of the line", at, ENDS)
        with self._event():
            self.open_at = at

    def connect(self) -> None:
        """Put the line on again."""
        with self._event():
            self.open_at = ""

    def vent(self) -> None:
        """Open the line at the syringe for a moment: what it stored under pressure is spilled, not given."""
        with self._event():
            pass
        self.account.spill(self.compliance_nl_per_mmhg * self.excess_mmhg)
        self.excess_mmhg = 0.0
        with self._event():
            pass

    def bubble(self, volume_ml: float) -> None:
        """Let a bubble of this size (at rest, 0 to 10 mL) be what leaves the syringe next."""
        within("air", volume_ml, 0, 10, "mL")
        with self._event():
            self.account.passage.syringe_air_nl += volume_ml * 1e6

    def remove_air(self) -> None:
        """Take the line off, flick every bubble out of syringe and tubing, and put it on again, full of drug.

        What it stored under pressure is spilled; what takes the air's place comes by hand, so it is in no account.
        """
        self.vent()
        with self._event():
            self.account.passage.remove_air()

    def hang(self, content: str) -> None:
        """Take syringe and tubing off at the Y-piece and put others on, full of "drug" or "saline" (Passage.hang).

        What the line stored under pressure is spilled.
        """
        self.vent()
        with self._event():
            self.account.passage.hang(content)

    def set_cannula(self, gauge: str) -> None:
        """Put in another cannula, a key of CANNULA_MMHG_H_PER_ML."""
        mmhg_h_per_ml = cannula_mmhg_h_per_ml(gauge)
        with self._event():
            self._cannula = mmhg_h_per_ml
            self._tissue = self.route.tissue_mmhg_h_per_ml

    @property
    def open_mmhg_h_per_ml(self) -> float:
        """The resistance of the line without its clamps: tubing, kinks, cannula, tissue."""
        tubes = (self.tubing.mmhg_h_per_ml + self._cannula) * thickness(self._fluid_c) * self._viscosity
        return tubes + sum(self._kinks.values()) + self._tissue

    def set_resistance(self, mmhg_h_per_ml: float) -> None:
        """Change the open line's resistance to this, by what is at the cannula; not below that of the tubing."""
        rest = self.open_mmhg_h_per_ml - self._tissue
        within("resistance of the line", mmhg_h_per_ml, rest, 1e31, "mmHg per mL/h")
        with self._event():
            self._tissue = mmhg_h_per_ml - rest

    def set_patient(self, mmhg: float) -> None:
        """Change the pressure at the cannula's tip (-50 to 300); the pressure in the line stays."""
        within("patient's pressure", mmhg, -50, 300, "mmHg")
        with self._event():
            self.body_mmhg = mmhg

    def infiltrate(self, mmhg: float | None = None) -> None:
        """Let the cannula slip out of the vein into the tissue; mmhg: the pressure there, None: as in the vein.

        At 5 mL/h the tissue's resistance is 2.7 mmHg where the vein's was 0.3: no pressure alarm can see it.
        """
        within("patient's pressure", self.body_mmhg if mmhg is None else mmhg, -50, 300, "mmHg")
        with self._event():
            self._tissue = self.route.tissue_mmhg_h_per_ml + INFILTRATION_MMHG_H_PER_ML
            self.body_mmhg = self.body_mmhg if mmhg is None else mmhg

    @property
    def height_cm(self) -> float:
        """How far the pump is above the patient."""
        return self._height_cm

    def set_height(self, cm: float) -> None:
        """Move the pump to cm above the patient (-200 to 200): up gives a bolus, down a pause."""
        within("height of the pump", cm, -200, 200, "cm")
        with self._event():
            self._height_cm = cm

    def set_temperature(self, celsius: float) -> None:
        """Change the temperature of the fluid in the line (0 to 45 C): cold fluid is thicker."""
        within("temperature of the fluid", celsius, COLDEST_C, WARMEST_C, "C")
        with self._event():
            self._fluid_c = celsius

    def second_pump(self, ml_h: float) -> None:
        """Let another pump give so much (0 to 1200) through a Y-piece at the cannula; 0: it stands and holds."""
        within("rate of the second pump", ml_h, 0, 1200, "mL/h")
        with self._event():
            self._second_ml_h = ml_h

    def set_valve(self, fitted: bool = True) -> None:
        """Fit a check valve at the end of the tubing, or take it out."""
        with self._event():
            self._valve = fitted

    def set_compliance(self, nl_per_mmhg: float) -> None:
        """Change the compliance by the syringe's part of it; pressure and volume in the line stay."""
        barrel = self._barrel_nl_mmhg + nl_per_mmhg - self.compliance_nl_per_mmhg
        within("compliance of the syringe", barrel, 1.0, 1e6, "nL/mmHg")
        with self._event():
            self._barrel_nl_mmhg = barrel

    # --- air ----------------------------------------------------------------------------------------------------

    @property
    def air_nl(self) -> float:
        """The air in syringe and line at the last event, in nL."""
        return self.account.passage.inside_air_nl()

    def air_at_detector(self, now_ms: float) -> float:
        """Return how large the bubble is that stands before the air detector, behind the syringe, in nL; 0: none."""
        return self.account_at(now_ms).passage.own.bubble_nl(DETECTOR_NL)


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
    tau_s = resistance_mmhg_h_per_ml * MS_NL_PER_H_ML * compliance_nl_per_mmhg / 1e3
    return -tau_s * log1p(-(to_mmhg - from_mmhg) / (final_mmhg - from_mmhg))
