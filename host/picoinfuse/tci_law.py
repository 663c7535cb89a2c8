"""Which rate comes next in target-controlled infusion: arithmetic on a model of a drug in a body; it knows no pump.

Every `interval` the rate is decided anew from the state of the body, as after Jacobs 1990 (plasma) and Shafer and Gregg
1992 (effect site; both as the R package tci cites them). For the effect site that is: the highest rate for one interval
after which, with nothing more, the effect site never comes above the target. The model is linear, so with `free` what
comes without any drug and `pulse` what an amount of 1 in the interval adds, that rate is the least of (target - free) /
pulse over all times to come: no search. It is the fastest rate until the drug in the plasma suffices, then none until
the effect site is there, where plasma and effect site meet. From then on the plasma is held at the target.

Two bounds beside the target: the fastest rate, and a ceiling of the plasma. A rate is never so high that the plasma
would come above the ceiling if it went on for `held`, which is how long a pump goes on when it hears nothing more.
Teaching model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from .errors import BadInput
from .models.compartments import MS_PER_MIN, Compartments, Kinetics, Matrix, propagator

PLASMA, EFFECT = SITES = ("plasma", "effect")
NEAR = 0.02  # of the target: the effect site is there, and the plasma is to be held
# Holding: while the plasma stays so near with the rate of now, that rate stays; else it is brought back slowly, so that
# rates are few and even. Further away than FAR, it is brought back within one interval.
KEPT = 0.005
FAR = 0.05
SLOWLY = 6  # intervals
SAME = 0.02  # rates that differ by less than this part are the same, where the target is still approached
TRIFLE = 0.005  # of the target: a pulse that would lift the effect site by less is not given
LONGEST_PEAK_MS = 2 * 3_600_000  # a model whose effect comes later than that is none for this law
GRID = 300  # times up to the peak at which the effect site is looked at, at the least
_A1, _Z, _IN = 0, 4, 5


class Law:
    """Decides rates for one model; amounts are in the unit of the model's drug, concentrations in that per litre.

    site: PLASMA or EFFECT. interval_ms: for which a rate is decided. held_ms: for which each rate must be bearable.
    least, most: amounts per minute between which a rate lies; least counts as nothing. ceiling_per_l: of the plasma.
    Raises BadInput for an effect site that the model does not have.
    """

    def __init__(
        self,
        kinetics: Kinetics,
        site: str,
        interval_ms: int,
        held_ms: int,
        least: float,
        most: float,
        ceiling_per_l: float,
    ) -> None:
        if site not in SITES:
            raise BadInput(f"site = {site!r}: is not one of {', '.join(SITES)}")
        if site == EFFECT and not kinetics.ke0_per_min:
            raise BadInput(f"site = {site!r}: this model has no effect site; write {PLASMA}")
        self.kinetics = kinetics
        self.site = site
        self.interval_ms = interval_ms
        self.least, self.most = least, most
        self._ceiling = ceiling_per_l * kinetics.v1_l
        self._one = propagator(kinetics, interval_ms / MS_PER_MIN)
        self._slow = propagator(kinetics, SLOWLY * interval_ms / MS_PER_MIN)
        self._held = propagator(kinetics, held_ms / MS_PER_MIN)
        self._held_min = held_ms / MS_PER_MIN
        self._interval_min = interval_ms / MS_PER_MIN
        if site == EFFECT:
            self._after = _effect_rows(kinetics, self._one[:, _IN], interval_ms)
            self._pulse = self._after @ self._one[:, _IN]
            self._highest = float(self._pulse.max())

    def rate(self, state: Matrix, target_per_l: float, rate: float, lag_ms: int) -> float | None:
        """Return the rate to be had next, as an amount per minute, or None if the one of now is as good.

        state: of the body now (Compartments.state). rate: of now; it goes on for lag_ms before another takes effect.
        """
        if lag_ms:
            before = propagator(self.kinetics, lag_ms / MS_PER_MIN)
            state = before[:, :_IN] @ state + before[:, _IN] * (rate * lag_ms / MS_PER_MIN)
        target = target_per_l * self.kinetics.v1_l
        plasma, effect = state[_A1], state[_Z]
        there = abs(effect - target) <= NEAR * target and plasma <= target * (1 + NEAR)
        after = self._one[:, :_IN] @ state
        if self.site == PLASMA or there:
            then = float(after[_A1] + self._one[_A1, _IN] * rate * self._interval_min)
            wanted = rate if _kept(float(plasma) - target, then - target, target) else self._plasma_rate(state, target)
            same = 0.0
        else:
            amount = float(np.min((target - self._after @ after) / self._pulse))
            wanted = amount / self._interval_min if amount * self._highest > TRIFLE * target else 0.0
            same = SAME
        held = (self._ceiling - self._held[_A1, :_IN] @ state) / self._held[_A1, _IN] / self._held_min
        most = max(self.least, min(self.most, float(held)))
        wanted = max(self.least, min(most, wanted))
        if abs(wanted - rate) <= same * max(wanted, rate) and rate <= most:
            return None
        return wanted

    def _plasma_rate(self, state: Matrix, target: float) -> float:
        """Return the rate that brings the plasma to the target: at once from far away, slowly from near."""
        far = abs(state[_A1] - target) > FAR * target
        step, minutes = (self._one, self._interval_min) if far else (self._slow, SLOWLY * self._interval_min)
        return float((target - step[_A1, :_IN] @ state) / step[_A1, _IN] / minutes)


def _kept(off: float, then_off: float, target: float) -> bool:
    """Return whether the plasma stays near the target with the rate of now, or comes nearer fast enough."""
    nearer = off * then_off > 0 and abs(then_off) <= abs(off) * (1 - 0.5 / SLOWLY) and abs(off) <= FAR * target
    return nearer or abs(then_off) <= KEPT * target


def _effect_rows(kinetics: Kinetics, pulse: Matrix, interval_ms: int) -> Matrix:
    """Return rows that give the effect site of a state now and at times to come, past the peak that a pulse makes."""
    step_ms = max(1, interval_ms // 10)
    while True:
        step = propagator(kinetics, step_ms / MS_PER_MIN)[:, :_IN]
        rows: list[Matrix] = []
        row = np.zeros(5)
        row[_Z] = 1.0
        highest = -1.0
        while len(rows) * step_ms < LONGEST_PEAK_MS and len(rows) < 4 * GRID:
            rows.append(row)
            height = float(row @ pulse)
            if height < highest:
                break
            highest = height
            row = row @ step
        else:
            if len(rows) * step_ms >= LONGEST_PEAK_MS:
                raise BadInput("ke0: the effect of this model comes more than 2 h after a bolus; take a faster one")
            step_ms *= 4
            continue
        while len(rows) < 2 * GRID:  # what is in the body already may peak later than a pulse from here
            row = row @ step
            rows.append(row)
        return np.array(rows)


class Point(NamedTuple):
    """One second with an ideal pump. rate: an amount per minute, from now on."""

    at_ms: int
    plasma_per_l: float
    effect_per_l: float
    rate: float


STEP_MS = 1000


def ideal(law: Law, target_at: Callable[[int], float], duration_ms: int) -> Iterator[Point]:
    """Yield what a pump would give that obeys at once and exactly, second by second; the body is empty at first.

    target_at: milliseconds since the start -> target per litre.
    """
    body = Compartments(law.kinetics)
    rate = 0.0
    for at_ms in range(0, duration_ms, STEP_MS):
        if at_ms % law.interval_ms == 0:
            wanted = law.rate(body.state, target_at(at_ms), rate, 0)
            rate = rate if wanted is None else wanted
        yield Point(at_ms, body.plasma_per_l, body.effect_per_l, rate)
        body.advance(STEP_MS, rate * STEP_MS / MS_PER_MIN)
    yield Point(duration_ms, body.plasma_per_l, body.effect_per_l, rate)
