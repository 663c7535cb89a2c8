"""Solves ordinary differential equations in plain Python: Dormand-Prince steps of 5th order, error by the 4th.

A patient has a dozen states; for so few, lists are faster than arrays. The step is chosen so that the estimated error
stays below `rtol` of each state plus `atol`. Coefficients: Dormand and Prince 1980 (engineer's memory; the tests
compare with another solver).
"""

from __future__ import annotations

from collections.abc import Callable

State = list[float]
Slope = Callable[[float, State], State]

_A21 = 1 / 5
_A31, _A32 = 3 / 40, 9 / 40
_A41, _A42, _A43 = 44 / 45, -56 / 15, 32 / 9
_A51, _A52, _A53, _A54 = 19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729
_A61, _A62, _A63, _A64, _A65 = 9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656
_B1, _B3, _B4, _B5, _B6 = 35 / 384, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84
# The 5th order less the 4th.
_E1, _E3, _E4 = 71 / 57600, -71 / 16695, 71 / 1920
_E5, _E6, _E7 = -17253 / 339200, 22 / 525, -1 / 40
_SAFETY, _LEAST, _MOST = 0.9, 0.2, 5.0  # of the change of a step
_MAX_STEPS = 100_000


class Solver:
    """Follows dy/dt = slope(t, y) from one time to the next. rtol, atol: relative and absolute tolerance of a step."""

    def __init__(self, slope: Slope, rtol: float = 1e-9, atol: float = 1e-12) -> None:
        self._slope = slope
        self._rtol = rtol
        self._atol = atol
        self._step = 0.0  # that was right last time

    def go(self, t: float, y: State, end: float) -> State:
        """Return the state at `end`, not before t. The slope may jump at t. Raises ArithmeticError if it fails."""
        slope, rtol, atol = self._slope, self._rtol, self._atol
        step = self._step or (end - t) / 10
        k1 = slope(t, y)
        for _ in range(_MAX_STEPS):
            left = end - t
            if left <= 0:
                return y
            h = min(step, left)
            k2 = slope(t + h / 5, [v + h * _A21 * a for v, a in zip(y, k1, strict=True)])
            k3 = slope(t + h * 3 / 10, [v + h * (_A31 * a + _A32 * b) for v, a, b in zip(y, k1, k2, strict=True)])
            k4 = slope(
                t + h * 4 / 5,
                [v + h * (_A41 * a + _A42 * b + _A43 * c) for v, a, b, c in zip(y, k1, k2, k3, strict=True)],
            )
            k5 = slope(
                t + h * 8 / 9,
                [
                    v + h * (_A51 * a + _A52 * b + _A53 * c + _A54 * d)
                    for v, a, b, c, d in zip(y, k1, k2, k3, k4, strict=True)
                ],
            )
            k6 = slope(
                t + h,
                [
                    v + h * (_A61 * a + _A62 * b + _A63 * c + _A64 * d + _A65 * e)
                    for v, a, b, c, d, e in zip(y, k1, k2, k3, k4, k5, strict=True)
                ],
            )
            new = [
                v + h * (_B1 * a + _B3 * c + _B4 * d + _B5 * e + _B6 * f)
                for v, a, c, d, e, f in zip(y, k1, k3, k4, k5, k6, strict=True)
            ]
            k7 = slope(t + h, new)
            error = max(
                abs(h * (_E1 * a + _E3 * c + _E4 * d + _E5 * e + _E6 * f + _E7 * g))
                / (atol + rtol * max(abs(v), abs(w)))
                for a, c, d, e, f, g, v, w in zip(k1, k3, k4, k5, k6, k7, y, new, strict=True)
            )
            change = _SAFETY * error**-0.2 if error > 0 else _MOST
            step = h * min(_MOST, max(_LEAST, change)) if error > 1 or h < left or step <= h else max(step, h)
            if error <= 1:
                t, y, k1 = (end if h == left else t + h), new, k7
                self._step = step
        raise ArithmeticError(f"the equations could not be followed beyond t = {t:g} in {_MAX_STEPS} steps")
