"""What a program orders over time, for pictures: rate and volume as polylines. No dosing decision uses it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from picoinfuse_firmware import program as firmware

from .program import Program

MAX_PIECES = 20_000  # of a program with many repeats; the picture ends there
OPEN_END_S = 600.0  # how much is drawn of a keep-vein-open without end
NL_PER_MS_TO_ML_H = 3.6


@dataclass
class Profile:
    """Times in seconds, rates in mL/h, volumes in mL of the dose (keep-vein-open apart); `kvo`: (from, to, mL/h).

    flow_ml_h, used_ml: all that leaves the syringe, keep-vein-open included.
    """

    time_s: list[float] = field(default_factory=list)
    rate_ml_h: list[float] = field(default_factory=list)
    volume_ml: list[float] = field(default_factory=list)
    flow_ml_h: list[float] = field(default_factory=list)
    used_ml: list[float] = field(default_factory=list)
    kvo: list[tuple[float, float, float]] = field(default_factory=list)
    boluses: list[tuple[float, float, float, float]] = field(default_factory=list)  # from, to, mL/h, mL
    phases: list[tuple[float, int]] = field(default_factory=list)  # when each begins, its index
    open_end: bool = False


def _order(program: Program) -> list[int]:
    """Return the indices of the phases in the order in which they run, repeats unrolled."""
    order: list[int] = []
    done: dict[int, int] = {}
    index = 0
    while index < len(program.phases) and len(order) < MAX_PIECES:
        its = program.phases[index].compiled
        if its.kind == firmware.REPEAT:
            done[index] = done.get(index, 0) + 1
            index = its.to_nl if done[index] < its.to_ms else index + 1
            continue
        order.append(index)
        index += 1
    return order


def profile(program: Program) -> Profile:
    """Return what `program` orders over time."""
    result = Profile()
    pieces: list[tuple[float, float, float, float]] = []  # of the basal stream: from, to, mL/h at both ends
    now = 0.0
    for index in _order(program):
        its = program.phases[index].compiled
        rate = NL_PER_MS_TO_ML_H * its.rate_nl / its.rate_ms if its.rate_ms else 0.0
        length = its.duration() / 1000
        if its.kind == firmware.BOLUS:
            millilitres = its.volume_nl / 1e6
            result.boluses.append((now, now + millilitres / rate * 3600, rate, millilitres))
            continue
        result.phases.append((now, index))
        if its.kind == firmware.KVO:
            if length < 0:
                length, result.open_end = OPEN_END_S, True
            result.kvo.append((now, now + length, rate))
            pieces.append((now, now + length, 0.0, 0.0))
        else:
            end = NL_PER_MS_TO_ML_H * its.to_nl / its.to_ms if its.kind == firmware.RAMP else rate
            pieces.append((now, now + length, rate, end))
        now += length
    _add_up(result, pieces, now)
    return result


def _add_up(result: Profile, pieces: list[tuple[float, float, float, float]], end: float) -> None:
    """Put basal pieces and boluses together into one polyline of the rate and one of the volume."""
    edges = [*(p[:2] for p in pieces), *(b[:2] for b in result.boluses)]
    cuts = sorted({0.0, end, *(edge for both in edges for edge in both)})
    volume, used, at, kvo = 0.0, 0.0, 0, 0
    for start, stop in pairwise(cuts):
        while at + 1 < len(pieces) and pieces[at][1] <= start:
            at += 1
        low = high = 0.0
        if pieces and pieces[at][0] <= start < pieces[at][1]:
            began, ended, first, last = pieces[at]
            low = first + (last - first) * (start - began) / (ended - began)
            high = first + (last - first) * (stop - began) / (ended - began)
        while kvo + 1 < len(result.kvo) and result.kvo[kvo][1] <= start:
            kvo += 1
        open_vein = 0.0
        if result.kvo and result.kvo[kvo][0] <= start < result.kvo[kvo][1]:
            open_vein = result.kvo[kvo][2]
        extra = sum(rate for began, ended, rate, _ in result.boluses if began <= start < ended)
        count = 2 if low == high else 24  # a ramp's volume is a curve
        for step in range(count):
            part = step / (count - 1)
            rate = low + (high - low) * part
            here = start + (stop - start) * part
            gained = ((low + rate) / 2 + extra) * (here - start) / 3600
            result.time_s.append(here)
            result.rate_ml_h.append(rate + extra)
            result.volume_ml.append(volume + gained)
            result.flow_ml_h.append(rate + extra + open_vein)
            result.used_ml.append(used + gained + open_vein * (here - start) / 3600)
        volume, used = result.volume_ml[-1], result.used_ml[-1]
