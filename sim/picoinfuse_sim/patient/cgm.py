"""A continuous glucose sensor: late, noisy, sometimes silent, and now and then wrong. Teaching model.

Glucose under the skin follows that in the plasma with one time constant, dG' = (G - G')/LAG, solved exactly for a
plasma glucose that runs straight from one look to the next. Every 5 minutes there is a reading: G' and an error that
remembers the one before. Lag and error are those of Breton and Kovatchev, "Analysis, Modeling, and Simulation of the
Accuracy of Continuous Glucose Sensors", J Diabetes Sci Technol 2 (2008) 853-862: a time constant of 5 min; an error
with a standard deviation of 11 mg/dL, which is 0.7 times that of 15 min ago and something new. (Theirs is a little
skewed, ours Gaussian.) How often a sensor falls silent, and for how long, are teaching values.
"""

from __future__ import annotations

from math import exp, inf, isfinite, sqrt
from typing import NamedTuple

import numpy as np

from picoinfuse.errors import BadInput

EVERY_MS = 300_000
LAG_MIN = 5.0
NOISE_MG_DL = 11.0
KEPT = 0.7 ** (1 / 3)  # of the error, from one reading to the next
GAPS_PER_DAY = 2.0
GAP_READINGS = 4.0  # that are missing in a gap, on average
LEAST_MG_DL, MOST_MG_DL = 40, 400  # what is shown as LOW and HIGH beyond; engineer's memory of what sensors offer


class Reading(NamedTuple):
    """at_ms: when it was taken, in ms since the bench was built. mg_dl: 40 to 400; what is beyond shows as these."""

    at_ms: int
    mg_dl: int


class GlucoseSensor:
    """A sensor in the skin of one person, in balance with mg_dl when it is built. Teaching model.

    rng: of error and gaps. lag_min: 0 to 60. noise_mg_dl: standard deviation of the error, 0 to 50. gaps_per_day: 0 to
    50. Raises BadInput.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        mg_dl: float,
        *,
        lag_min: float = LAG_MIN,
        noise_mg_dl: float = NOISE_MG_DL,
        gaps_per_day: float = GAPS_PER_DAY,
    ) -> None:
        self._rng = rng
        self._lag_ms = _within("lag", lag_min, 60, "min") * 60_000
        self._noise = _within("noise", noise_mg_dl, 50, "mg/dL")
        self._gap = _within("gaps", gaps_per_day, 50, "a day") * EVERY_MS / 86_400_000
        self._at_ms = 0
        self._plasma = self._skin = mg_dl
        self._error = float(rng.normal()) * noise_mg_dl
        self._missing = 0  # readings of the gap that runs
        self._lost_until_ms = -1.0
        self._stuck: int | None = None
        self._off_mg_dl, self._off_until_ms = 0.0, -1.0
        self.readings: list[Reading] = []

    @property
    def newest(self) -> Reading | None:
        """The newest reading, however old; None before the first."""
        return self.readings[-1] if self.readings else None

    def advance(self, to_ms: int, mg_dl: float) -> None:
        """Plasma glucose has come to mg_dl by to_ms, in a straight line. Take the readings that fell due."""
        begin_ms, begin = self._at_ms, self._plasma
        slope = (mg_dl - begin) / (to_ms - begin_ms) if to_ms > begin_ms else 0.0
        due_ms = (begin_ms // EVERY_MS + 1) * EVERY_MS
        while due_ms <= to_ms:
            self._follow(due_ms, begin + slope * (due_ms - begin_ms), slope)
            self._take(due_ms)
            due_ms += EVERY_MS
        self._follow(to_ms, mg_dl, slope)

    def _follow(self, to_ms: int, mg_dl: float, slope: float) -> None:
        passed_ms, lag_ms = to_ms - self._at_ms, self._lag_ms
        if lag_ms > 0:
            off = self._skin - self._plasma + slope * lag_ms
            self._skin = mg_dl - slope * lag_ms + off * exp(-passed_ms / lag_ms)
        else:
            self._skin = mg_dl
        self._at_ms, self._plasma = to_ms, mg_dl

    def _take(self, at_ms: int) -> None:
        self._error = KEPT * self._error + sqrt(1 - KEPT**2) * self._noise * float(self._rng.normal())
        starts, length = self._rng.random() < self._gap, int(self._rng.geometric(1 / GAP_READINGS))
        if starts and not self._missing:
            self._missing = length
        if self._missing:
            self._missing -= 1
            return
        if at_ms <= self._lost_until_ms:
            return
        wrong = self._off_mg_dl if at_ms <= self._off_until_ms else 0.0
        shown = min(MOST_MG_DL, max(LEAST_MG_DL, round(self._skin + self._error + wrong)))
        if self._stuck is not None:
            shown = self._stuck
        self.readings.append(Reading(at_ms, shown))

    # What goes wrong with it

    def lose(self, for_min: float = inf) -> None:
        """It is silent from now on, for so long."""
        self._lost_until_ms = self._at_ms + for_min * 60_000

    def stick(self, stuck: bool = True) -> None:
        """It shows the newest reading for ever, until it is told otherwise."""
        self._stuck = self.newest.mg_dl if stuck and self.newest else None

    def jump(self, mg_dl: float, for_min: float = inf) -> None:
        """It reads so much too high (below 0: too low, as when somebody lies on it), for so long."""
        self._off_mg_dl, self._off_until_ms = mg_dl, self._at_ms + for_min * 60_000


def _within(what: str, value: float, high: float, unit: str) -> float:
    if not (isfinite(value) and 0 <= value <= high):
        raise BadInput(f"{what} = {value:g} {unit}: a glucose sensor takes 0 to {high:g} {unit}")
    return value
