"""Demand, limits over time and loop of a therapy file -> the options that travel with its program."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from . import plausible, therapy_options, units
from .errors import BadInput
from .options import Option
from .phase_tables import amount_for
from .program import Context
from .status import duration_words
from .units import MS_PER_H

if TYPE_CHECKING:
    from .therapy_file import DemandTable, LimitTable, LoopTable, TherapyFile

MINUTE_MS = 60_000
LOCKOUT_MS = (MINUTE_MS, 6 * MS_PER_H)  # a real PCA pump has 0 to 360 min (Graseby 3300); 0 is no lockout, and unsafe
WINDOW_MS = (10 * MINUTE_MS, 24 * MS_PER_H)  # a real one has 1 to 8 h (Graseby 3300); wider here, for teaching
TARGET_MG_DL = (80, 200)  # chosen here: below it the loop would aim at a low glucose
SENSITIVITY_MG_DL_U = (5, 500)  # chosen here


def build(file: TherapyFile, context: Context) -> list[Option]:
    """Return the options of [demand], [[limits]] and [loop]. Raises BadInput."""
    found: list[Option] = []
    demand_nl = Fraction(0)
    if file.demand is not None:
        its, demand_nl = _demand(file.demand, file.drug.route, context)
        found.append(its)
        if not file.limits:
            raise BadInput(
                "[demand]: there is no limit over time; add [[limits]] with window = '1 h' and most, so that pressing "
                "for hours cannot add up"
            )
    elif file.lock == "pca":
        raise BadInput("lock = 'pca': there is no [demand] that a patient could ask for; add it, or choose full")
    found += _limits(file.limits, demand_nl, context)
    if file.loop is not None:
        found.append(_loop(file.loop, context))
    return found


def _demand(table: DemandTable, route: str, context: Context) -> tuple[Option, Fraction]:
    its = replace(context, where="demand")
    volume, its = amount_for(its, table.dose, table.volume, "what a patient asks for")
    volume_nl = its.volume(volume)
    rate = its.rate(table.rate)
    plausible.demand(rate.nl, rate.ms, route)
    lockout_ms = its.duration(table.lockout, "lockout")
    low, high = LOCKOUT_MS
    if not low <= lockout_ms <= high:
        raise BadInput(
            f"demand lockout = {table.lockout!r}: is outside {duration_words(low)} to {duration_words(high)}; write a "
            "time in which one bolus can be felt before the next"
        )
    takes_ms = -(-int(volume_nl) * rate.ms // rate.nl)
    if takes_ms >= lockout_ms:
        raise BadInput(
            f"demand lockout = {table.lockout!r}: one bolus alone takes {duration_words(takes_ms)}; write more than "
            "that, or a faster rate"
        )
    return therapy_options.demand(volume_nl, rate, lockout_ms), volume_nl


def _limits(tables: list[LimitTable], demand_nl: Fraction, context: Context) -> list[Option]:
    found: list[Option] = []
    most_nl: list[tuple[int, Fraction]] = []
    low, high = WINDOW_MS
    for number, table in enumerate(tables, 1):
        its = replace(context, where=f"limits {number}")
        window_ms = its.duration(table.window, "window")
        if not low <= window_ms <= high:
            raise BadInput(
                f"{its.of('window')} = {table.window!r}: is outside {duration_words(low)} to {duration_words(high)}"
            )
        volume_nl = its.volume(table.most, "most")
        if volume_nl < demand_nl:
            raise BadInput(
                f"{its.of('most')} = {table.most!r}: is less than one bolus of [demand]; write more, or a smaller bolus"
            )
        most_nl.append((window_ms, volume_nl))
        found.append(
            therapy_options.limit(window_ms, volume_nl, context.strength, f"{its.of('most')} = {table.most!r}")
        )
    if len(most_nl) == 2:
        short, long = sorted(most_nl)
        if short[0] == long[0]:
            raise BadInput(f"limits 2 window = {tables[1].window!r}: is that of limits 1 too; one limit for a window")
        if short[1] >= long[1]:
            raise BadInput(
                f"limits: what may be given in {duration_words(short[0])} is not less than in "
                f"{duration_words(long[0])}; the shorter window would limit nothing"
            )
    return found


def _loop(table: LoopTable, context: Context) -> Option:
    its = replace(context, where="loop")
    if context.strength is None or not context.strength.has("[activity]"):
        raise BadInput("[loop]: needs [drug] concentration in units, e.g. '100 U/mL'")
    target = _glucose(table.target, "loop target", {"[mass]": 1, "[volume]": -1}, TARGET_MG_DL, "mg/dL")
    wanted = {"[mass]": 1, "[volume]": -1, "[activity]": -1}
    sensitivity = _glucose(table.sensitivity, "loop sensitivity", wanted, SENSITIVITY_MG_DL_U, "mg/dL/U")
    highest = its.rate(table.max_basal, "max_basal")
    return therapy_options.loop(int(target), int(sensitivity * 1000), highest.nl * MS_PER_H // highest.ms)


def _glucose(text: str, field: str, wanted: dict[str, int], within: tuple[int, int], unit: str) -> Fraction:
    """Return a concentration of glucose, or one per unit of insulin, in mg/dL; in litre and gram it is 1/100 of it."""
    its = units.quantity(text, field, f"{within[0]} {unit}")
    value = its.value * 100
    if dict(its.dimensions) != wanted or not within[0] <= value <= within[1]:
        raise BadInput(f"{field} = {text!r}: is not {within[0]} to {within[1]} {unit}")
    return value
