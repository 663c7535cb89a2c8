"""Start-up and trumpet curve from delivered volume against time, wherever it was measured.

Formulas (REFERENCE section 1; from memory, consistent with published pump manuals). The volume is read every half
minute; Q_i is the mean flow of sample i and r the set rate. Over the analysis hour

    A = 100 (mean of Q_i - r) / r,

and for a window of P minutes, n = P / 0.5 samples,

    Ep(max), Ep(min) = largest, smallest over every position j of the mean of 100 (Q_i - r) / r, i = j .. j + n - 1.

The mean of n neighbouring flows is a difference of two volumes, so it is computed as one. **Resampling**: samples that
do not stand on the half-minute grid are brought there by linear interpolation of the *cumulative volume*, so no volume
is won or lost. Where samples are further apart than a window, the flow between them is taken as even: `longest_gap_s`
says how far.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from picoinfuse.errors import BadInput

WINDOWS_MIN: Final = (1, 2, 5, 11, 19, 31)  # observation windows of the standard (REFERENCE section 1)
SAMPLE_S: Final = 30.0  # one sample every half minute (REFERENCE section 1)
START_MIN: Final = 60.0  # the analysis hour is the second one
ANALYSIS_MIN: Final = 60.0
STARTUP_WINDOW_MIN: Final = 2  # start-up is over when the mean flow of two minutes ...
STARTUP_BAND: Final = 0.10  # ... stays within 10 % of the set rate
TEACHING: Final = "teaching simulation, no certified test"
_HAIR_S = 1e-6  # by so much the last sample may come early: time stamps are not exact in binary

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trumpet:
    """What a two-hour accuracy test says. For teaching only.

    windows_min: the observation windows in minutes; ep_max, ep_min: largest and smallest error of the mean flow over
    such a window within the analysis hour, in percent of the set rate, one per window. mean_error: A, the error of the
    whole analysis hour in percent. startup_s: seconds from the first sample to the first sample from which on every
    two-minute mean, to the end of the analysis hour, is within 10 % of the set rate; None if there is none. flow_s,
    flow_ml_h: the start-up curve, the middle of each half minute since the first sample and the mean flow in it.
    start_min, analysis_min: the analysis hour. longest_gap_s: between two samples that bear on the analysis hour.
    """

    rate_ml_h: float
    windows_min: tuple[int, ...]
    ep_max: tuple[float, ...]
    ep_min: tuple[float, ...]
    mean_error: float
    startup_s: float | None
    start_min: float
    analysis_min: float
    longest_gap_s: float
    flow_s: Floats = field(repr=False, compare=False)
    flow_ml_h: Floats = field(repr=False, compare=False)

    @property
    def startup_curve(self) -> tuple[Floats, Floats]:
        """Return (seconds since the first sample, mean flow in mL/h of the half minute around them)."""
        return self.flow_s, self.flow_ml_h

    @property
    def notes(self) -> list[str]:
        """What a reader has to know beside the figures."""
        said = []
        hidden = [str(window) for window in self.windows_min if window * 60 < self.longest_gap_s]
        if hidden:
            said.append(
                f"samples are up to {self.longest_gap_s:.0f} s apart: what happened between them is taken as even, so "
                f"the figures of {', '.join(hidden)} min may be too small"
            )
        if (self.start_min, self.analysis_min) != (START_MIN, ANALYSIS_MIN):
            end_min = self.start_min + self.analysis_min
            said.append(f"analysed are minutes {self.start_min:g} to {end_min:g}, not 60 to 120 as the standard asks")
        return said

    def as_dict(self) -> dict[str, Any]:
        """Return the figures ready for JSON, without the curve."""
        return {
            "windows_min": list(self.windows_min),
            "ep_max": list(self.ep_max),
            "ep_min": list(self.ep_min),
            "mean_error": self.mean_error,
            "startup_s": self.startup_s,
            "rate_ml_h": self.rate_ml_h,
            "start_min": self.start_min,
            "analysis_min": self.analysis_min,
            "longest_gap_s": self.longest_gap_s,
        }

    def plot(self, path: str | Path, title: str = "") -> None:
        """Draw start-up and trumpet curve as a pump's manual shows them. Raises BadInput if it cannot be written."""
        from .picture import draw

        draw(self, Path(path), title)


def trumpet(
    times_s: npt.ArrayLike,
    volume_ml: npt.ArrayLike,
    rate_ml_h: float,
    *,
    start_min: float = START_MIN,
    analysis_min: float = ANALYSIS_MIN,
) -> Trumpet:
    """Return start-up and trumpet curve of a cumulative volume.

    times_s: seconds, rising; volume_ml: delivered until then, in mL, as many. Where either begins does not matter.
    rate_ml_h: the set rate, above 0. start_min: when the analysis hour begins, in minutes since the first sample.
    analysis_min: how long it is, at least 1; windows that do not fit into a shorter one are left off.
    Raises BadInput (a ValueError) with the reason, the value and the limit.
    """
    rate = _number(rate_ml_h, "rate_ml_h")
    if rate <= 0:
        raise BadInput(f"rate_ml_h = {rate:g}: the set rate in mL/h must be above 0; errors are told in percent of it")
    start, length = _number(start_min, "start_min"), _number(analysis_min, "analysis_min")
    if start < 0:
        raise BadInput(f"start_min = {start:g}: the analysis begins at the first sample or later, 0 min or more")
    if length < WINDOWS_MIN[0]:
        raise BadInput(f"analysis_min = {length:g}: the shortest window is {WINDOWS_MIN[0]} min, so it is that or more")
    times, volumes = _samples(times_s, volume_ml)
    at_s = times - times[0]
    end_s = (start + length) * 60
    if at_s[-1] < end_s - _HAIR_S:
        raise BadInput(
            f"the samples cover {at_s[-1] / 60:.6g} min, the analysis needs {end_s / 60:g} min (minutes {start:g} to "
            f"{start + length:g} since the first sample): measure longer, or let it begin earlier with start_min"
        )
    gap_s = _longest_gap_s(at_s, start * 60, end_s)
    windows = tuple(window for window in WINDOWS_MIN if window <= length)
    if gap_s > windows[-1] * 60:
        raise BadInput(
            f"two neighbouring samples are {gap_s / 60:.6g} min apart within the analysis hour; the limit is the "
            f"longest window, {windows[-1]} min: beyond it no point of the trumpet is measured"
        )
    with np.errstate(over="ignore", invalid="ignore"):  # absurd volumes are told below
        curve = _on_grid(at_s, volumes, 0.0, end_s)
        flow = np.diff(curve) / (SAMPLE_S / 3600)
        hour = _on_grid(at_s, volumes, start * 60, end_s)
        errors = [_window_errors(hour, window, rate) for window in windows]
        mean_error = float(100 * ((hour[-1] - hour[0]) / ((len(hour) - 1) * SAMPLE_S / 3600) - rate) / rate)
        figures = [mean_error, *(float(edge) for row in errors for edge in (row.max(), row.min()))]
    if not all(map(isfinite, figures)) or not np.isfinite(flow).all():
        raise BadInput(f"volume_ml: reaches {np.abs(volumes).max():g} mL, too much to be reckoned with")
    return Trumpet(
        rate_ml_h=rate,
        windows_min=windows,
        ep_max=tuple(float(row.max()) for row in errors),
        ep_min=tuple(float(row.min()) for row in errors),
        mean_error=mean_error,
        startup_s=_startup_s(curve, rate),
        start_min=start,
        analysis_min=length,
        longest_gap_s=gap_s,
        flow_s=SAMPLE_S * (np.arange(len(flow), dtype=np.float64) + 0.5),
        flow_ml_h=flow,
    )


def _number(value: object, name: str) -> float:
    if isinstance(value, (bool, str)):
        raise BadInput(f"{name} = {value!r}: is not a number")
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise BadInput(f"{name} = {value!r}: is not a number") from None
    if not isfinite(number):
        raise BadInput(f"{name} = {number}: is not a finite number")
    return number


def _column(values: npt.ArrayLike, name: str) -> Floats:
    try:
        column = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name}: is not a row of numbers ({error})") from None
    if column.ndim != 1:
        raise BadInput(f"{name}: has {column.ndim} dimensions; a single row of numbers is needed")
    bad = np.flatnonzero(~np.isfinite(column))
    if len(bad):
        raise BadInput(f"{name}: sample {bad[0] + 1} of {len(column)} is {column[bad[0]]}; only finite numbers count")
    return column


def _samples(times_s: npt.ArrayLike, volume_ml: npt.ArrayLike) -> tuple[Floats, Floats]:
    times, volumes = _column(times_s, "times_s"), _column(volume_ml, "volume_ml")
    if len(times) != len(volumes):
        raise BadInput(f"{len(times)} times and {len(volumes)} volumes: every sample needs both")
    if len(times) < 2:
        raise BadInput(f"{len(times)} samples: at least 2 are needed, and 241 for two hours every half minute")
    back = np.flatnonzero(times[1:] <= times[:-1])
    if len(back):
        i = int(back[0])
        raise BadInput(
            f"times_s: sample {i + 2} is at {times[i + 1]:.12g} s, not after the one before it at {times[i]:.12g} s: "
            "times must rise; sort them, and leave double ones out"
        )
    return times, volumes


def _longest_gap_s(at_s: Floats, from_s: float, to_s: float) -> float:
    """Return the longest distance of two neighbours of which a part lies within from_s to to_s."""
    first = int(np.searchsorted(at_s, from_s, side="right")) - 1
    last = int(np.searchsorted(at_s, to_s - _HAIR_S, side="left"))
    return float(np.diff(at_s[max(first, 0) : last + 1]).max())


def _on_grid(at_s: Floats, volumes: Floats, from_s: float, to_s: float) -> Floats:
    """Return the volume every half minute from from_s on, as far as to_s."""
    count = int((to_s - from_s) / SAMPLE_S + 1e-9) + 1
    grid: Floats = np.interp(from_s + np.arange(count) * SAMPLE_S, at_s, volumes)
    return grid


def _window_errors(volumes: Floats, window_min: int, rate_ml_h: float) -> Floats:
    """Return the error in percent of the mean flow over the window, at every position."""
    n = round(window_min * 60 / SAMPLE_S)
    due_ml = rate_ml_h * window_min / 60
    errors: Floats = 100 * (volumes[n:] - volumes[:-n] - due_ml) / due_ml
    return errors


def _startup_s(volumes: Floats, rate_ml_h: float) -> float | None:
    """Return the first time from which on no two-minute mean, beginning there or later, leaves the band."""
    n = round(STARTUP_WINDOW_MIN * 60 / SAMPLE_S)
    if len(volumes) <= n:
        return None
    # A hair, so that a flow of exactly 10 % too little is within 10 % whatever its last bit says.
    outside = np.flatnonzero(np.abs(_window_errors(volumes, STARTUP_WINDOW_MIN, rate_ml_h)) > 100 * STARTUP_BAND + 1e-9)
    first = int(outside[-1]) + 1 if len(outside) else 0
    return first * SAMPLE_S if first < len(volumes) - n else None
