"""Linear compartment models of a drug in a body, advanced exactly: one matrix exponential from event to event.

A mammillary model: compartment 1 (the plasma) exchanges with compartments 2 and 3 and eliminates; an effect site
follows the plasma. With A in amounts of drug, V1 in litres, R the inflow:

    dA1/dt = R - (k10 + k12 + k13) A1 + k21 A2 + k31 A3      dA2/dt = k12 A1 - k21 A2      dA3/dt = k13 A1 - k31 A3
    dE/dt  = k10 A1 (what is eliminated)                     dCe/dt = ke0 (C1 - Ce), C1 = A1/V1

(REFERENCE section 7). E is a state of its own: that infused = in the body + eliminated is a result, not a definition.
Written with Z = Ce V1, dZ/dt = ke0 (A1 - Z), every number off the diagonal is 0 or more. Then exp(M) is computed
without any subtraction: exp(M) = e^-q exp(M + q I), with q as large as the largest rate, is a sum of non-negative
terms, and so are the squarings that follow. Each entry is right to nearly all its digits, however far apart the rates
are or if two are equal, no amount ever becomes negative, and the columns are made to add up again after each squaring,
so no drug is lost to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
import numpy.typing as npt

from ..errors import BadInput

MS_PER_MIN = 60_000
MAX_PER_MIN = 1000.0  # of a rate constant: faster than a heart mixes the blood means another unit was meant
MAX_V_L = 1e5
_KEPT = 64  # propagators: a bench asks for one duration only
_TERMS = 24  # of the series, whose argument is at most 2: 2**24/24! is 3e-17

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Kinetics:
    """A linear model of one to three compartments with or without an effect site.

    v1_l: volume of the plasma, above 0. k10_per_min: elimination; k12, k21, k13, k31: from the one compartment to the
    other; ke0_per_min: equilibration of the effect site, 0 if there is none; all 0 to 1000 per minute. A compartment
    that drug can enter it can also leave. Raises BadInput that names the number.
    """

    v1_l: float
    k10_per_min: float
    k12_per_min: float = 0.0
    k21_per_min: float = 0.0
    k13_per_min: float = 0.0
    k31_per_min: float = 0.0
    ke0_per_min: float = 0.0

    def __post_init__(self) -> None:
        if not (isfinite(self.v1_l) and 0 < self.v1_l <= MAX_V_L):
            raise BadInput(f"v1 = {self.v1_l:g} L: a volume is more than 0 and at most {MAX_V_L:g} L")
        for name, value in vars(self).items():
            if name != "v1_l" and not (isfinite(value) and 0 <= value <= MAX_PER_MIN):
                word = name.removesuffix("_per_min")
                raise BadInput(f"{word} = {value:g} /min: a rate constant is 0 to {MAX_PER_MIN:g} /min")
        for there, back, number in ((self.k12_per_min, self.k21_per_min, 2), (self.k13_per_min, self.k31_per_min, 3)):
            if bool(there) != bool(back):
                raise BadInput(
                    f"k1{number} = {there:g} /min, k{number}1 = {back:g} /min: drug goes into a compartment and comes "
                    "back, or there is no such compartment: give both or neither"
                )

    @classmethod
    def of_clearances(
        cls,
        v1_l: float,
        cl1_l_per_min: float,
        v2_l: float = 0.0,
        cl2_l_per_min: float = 0.0,
        v3_l: float = 0.0,
        cl3_l_per_min: float = 0.0,
        ke0_per_min: float = 0.0,
    ) -> Kinetics:
        """Return the model of these volumes and clearances: k10 = Cl1/V1, k12 = Cl2/V1, k21 = Cl2/V2, and so on."""
        if not (isfinite(v1_l) and 0 < v1_l <= MAX_V_L):
            raise BadInput(f"v1 = {v1_l:g} L: a volume is more than 0 and at most {MAX_V_L:g} L")
        for volume_l, clearance, number in ((v2_l, cl2_l_per_min, 2), (v3_l, cl3_l_per_min, 3)):
            if not (0 <= volume_l <= MAX_V_L) or bool(volume_l) != bool(clearance):
                raise BadInput(
                    f"v{number} = {volume_l:g} L, cl{number} = {clearance:g} L/min: a compartment has a volume and a "
                    f"clearance, both above 0; give both or neither"
                )
        return cls(
            v1_l,
            cl1_l_per_min / v1_l,
            cl2_l_per_min / v1_l,
            cl2_l_per_min / v2_l if v2_l else 0.0,
            cl3_l_per_min / v1_l,
            cl3_l_per_min / v3_l if v3_l else 0.0,
            ke0_per_min,
        )

    @property
    def clearance_l_per_min(self) -> float:
        """What the body clears of drug: k10 V1. At a steady state the plasma has the inflow over this."""
        return self.k10_per_min * self.v1_l

    @property
    def volumes_l(self) -> tuple[float, float, float]:
        """V1, V2, V3; 0 for a compartment that is not there."""
        v2_l = self.v1_l * self.k12_per_min / self.k21_per_min if self.k21_per_min else 0.0
        v3_l = self.v1_l * self.k13_per_min / self.k31_per_min if self.k31_per_min else 0.0
        return self.v1_l, v2_l, v3_l

    def generator_per_min(self) -> Matrix:
        """Return the 5 x 5 matrix of dx/dt = M x for x = (A1, A2, A3, E, Z), per minute."""
        k10, k12, k13 = self.k10_per_min, self.k12_per_min, self.k13_per_min
        return np.array(
            [
                [-(k10 + k12 + k13), self.k21_per_min, self.k31_per_min, 0.0, 0.0],
                [k12, -self.k21_per_min, 0.0, 0.0, 0.0],
                [k13, 0.0, -self.k31_per_min, 0.0, 0.0],
                [k10, 0.0, 0.0, 0.0, 0.0],
                [self.ke0_per_min, 0.0, 0.0, 0.0, -self.ke0_per_min],
            ]
        )


_A1, _A2, _A3, _E, _Z, _IN = range(6)
_HELD = slice(_A1, _Z)  # the states among which no drug is lost


def propagator(kinetics: Kinetics, duration_min: float) -> Matrix:
    """Return the 5 x 6 matrix P of x(t + duration) = P (x(t), amount), for an amount that flows in evenly meanwhile.

    duration_min: 0 or more. Right to about 1e-15 times the number of the fastest time constants in the duration.
    """
    whole = np.zeros((6, 6))
    whole[:5, :5] = kinetics.generator_per_min() * duration_min
    whole[_A1, _IN] = 1.0
    fastest = float(-whole.diagonal().min())
    halvings = max(0, int(np.ceil(np.log2(max(fastest, 1.0)))))
    share = 0.5**halvings
    shift = fastest * share  # at most 1
    part = whole * share + np.eye(6) * shift
    term = np.eye(6)
    result = np.eye(6)
    for n in range(1, _TERMS + 1):
        term = term @ part / n
        result += term
    result *= np.exp(-shift)
    result[_IN] = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    _add_up(result, share)
    for _ in range(halvings):
        result = result @ result
        share *= 2
        _add_up(result, share)
    return np.ascontiguousarray(result[:5])


def _add_up(result: Matrix, share: float) -> None:
    """Take rounding out of the columns: what was in the body or flowed in is in the body or eliminated."""
    sums = result[_HELD].sum(axis=0)
    for column in (_A1, _A2, _A3, _E):
        result[_HELD, column] /= sums[column]
    result[_HELD, _IN] *= share / sums[_IN]


class Compartments:
    """A body with one drug in it; empty at first. Amounts are in any unit, concentrations in that unit per litre.

    infused: all that came in since the beginning.
    """

    def __init__(self, kinetics: Kinetics) -> None:
        self.kinetics = kinetics
        self.infused = 0.0
        self._state = np.zeros(5)
        self._full = np.zeros(6)
        self._propagators: dict[int, Matrix] = {}

    def give(self, amount: float) -> None:
        """Put an amount (0 or more) into the plasma at once."""
        if not (isfinite(amount) and amount >= 0):
            raise BadInput(f"amount = {amount:g}: what is given is 0 or more")
        self._state[_A1] += amount
        self.infused += amount

    def advance(self, duration_ms: int, amount: float = 0.0) -> None:
        """Let duration_ms pass (1 or more), in which `amount` (0 or more) flows in evenly."""
        if duration_ms <= 0 or not (isfinite(amount) and amount >= 0):
            raise BadInput(
                f"{amount:g} in {duration_ms} ms: time goes forward, and what flows in is 0 or more; a line that draws "
                "blood back gives nothing"
            )
        ready = self._propagators.get(duration_ms)
        if ready is None:
            if len(self._propagators) >= _KEPT:
                self._propagators.clear()
            ready = self._propagators[duration_ms] = propagator(self.kinetics, duration_ms / MS_PER_MIN)
        full = self._full
        full[:5] = self._state
        full[_IN] = amount
        self._state = ready @ full
        self.infused += amount

    @property
    def state(self) -> Matrix:
        """A copy of (A1, A2, A3, E, Z), to which `propagator` applies."""
        return self._state.copy()

    def restore(self, state: Matrix) -> None:
        """Take back what `state` returned."""
        self._state = state.copy()
        self.infused = float(state[_HELD].sum())

    @property
    def plasma_per_l(self) -> float:
        """The concentration in the plasma."""
        return float(self._state[_A1]) / self.kinetics.v1_l

    @property
    def effect_per_l(self) -> float:
        """The concentration at the effect site; 0 if the model has none."""
        return float(self._state[_Z]) / self.kinetics.v1_l

    @property
    def amounts(self) -> tuple[float, float, float]:
        """What is in each of the three compartments."""
        a1, a2, a3 = self._state[:3]
        return float(a1), float(a2), float(a3)

    @property
    def in_body(self) -> float:
        """All that is in the body."""
        return float(self._state[:3].sum())

    @property
    def eliminated(self) -> float:
        """All that left the body."""
        return float(self._state[_E])
