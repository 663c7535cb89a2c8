"""What is unsafe or contradictory in a therapy though each field by itself is well: body, route, keep-vein-open."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

from picoinfuse_firmware import program as firmware
from picoinfuse_firmware.limits import rate_nl_h

from .errors import BadInput
from .program import Phase
from .units import rounded

NL_H = 10**6  # of a mL/h
# The most that a route takes: rate in mL/h, and why. Subcutaneous: a teaching value from memory, for one site.
# Intrathecal: rates are told in uL/h; 1 mL/h is chosen here, so that a slip from uL to mL is caught.
ROUTE_ML_H = {
    "subcutaneous": (
        60,
        "one site under the skin takes no more; go slower, or share it between two sites and two pumps",
    ),
    "intrathecal": (1, "into the spinal fluid it is uL/h; is the unit right?"),
}
# Real pumps keep a vein open at 0.1 to 3 mL/h. The volume counts as no dose, so a fast one would be a dose unseen.
KVO_ML_H = 5
BMI = (8, 80)  # kg/m2; chosen here, wide enough for a preterm child and for the heaviest
INFANT_KG = 20  # at most, below one year; chosen here
ADULT_KG = 25  # at least, from 18 years on; chosen here
SURFACE_PART = 0.25  # so far may a surface be from Mosteller's formula, sqrt(cm kg / 3600), which is from memory


def body(
    weight_kg: Fraction | None, surface_m2: Fraction | None, age: Fraction | None, height_m: Fraction | None
) -> None:
    """Raise BadInput if weight, surface, age (years) and height cannot be those of one person."""
    if weight_kg is None:
        return
    kg = float(weight_kg)
    if age is not None and age < 1 and kg > INFANT_KG:
        raise BadInput(
            f"patient age: below one year, and weight = {kg:g} kg; the most is {INFANT_KG} kg. Which is wrong?"
        )
    if age is not None and age >= 18 and kg < ADULT_KG:
        raise BadInput(
            f"patient age: 18 years or more, and weight = {kg:g} kg; the least is {ADULT_KG} kg. Which is wrong?"
        )
    if height_m is None:
        return
    bmi = kg / float(height_m) ** 2
    if not BMI[0] <= bmi <= BMI[1]:
        raise BadInput(
            f"patient height: {float(height_m):g} m with weight = {kg:g} kg are {bmi:.1f} kg/m2; people have {BMI[0]} "
            f"to {BMI[1]} kg/m2. Which is wrong?"
        )
    if surface_m2 is not None:
        usual = sqrt(float(height_m) * 100 * kg / 3600)
        if abs(float(surface_m2) - usual) > SURFACE_PART * usual:
            raise BadInput(
                f"patient surface: {float(surface_m2):g} m2, and height and weight make about {usual:.2f} m2; write "
                f"within {100 * SURFACE_PART:g} % of that, or leave it away"
            )


def _check_rate(nl: int, ms: int, most_ml_h: int, why: str, where: str) -> None:
    if ms and nl * 3_600_000 > most_ml_h * NL_H * ms:
        shown = rounded(Fraction(rate_nl_h(nl, ms), NL_H), 3)
        raise BadInput(f"{where}: {shown} mL/h is above {most_ml_h} mL/h: {why}")


def rates(phases: list[Phase], route: str) -> None:
    """Raise BadInput for a rate above what the route takes, or a keep-vein-open that would be a dose."""
    most_ml_h, why = ROUTE_ML_H.get(route, (0, ""))
    for phase in phases:
        its = phase.compiled
        typed = dict(phase.typed)
        if phase.kind == firmware.KVO:
            field = "rate" if "rate" in typed else "between"
            _check_rate(
                its.rate_nl,
                its.rate_ms,
                KVO_ML_H,
                "keep-vein-open counts as no dose; order a rate phase for more",
                f"{phase.place} {field}",
            )
        if not most_ml_h or phase.kind in (firmware.PAUSE, firmware.REPEAT):
            continue
        written = next((name for name in ("rate", "dose", "volume", "duration") if name in typed), "rate")
        where = f"{phase.place} {written}" + (f" = {typed[written]!r}" if written in typed else "")
        _check_rate(its.rate_nl, its.rate_ms, most_ml_h, why, where)
        if phase.kind == firmware.RAMP:
            _check_rate(its.to_nl, its.to_ms, most_ml_h, why, f"{phase.place} to = {typed.get('to', '')!r}")


def demand(nl: int, ms: int, route: str) -> None:
    """Raise BadInput for a demand that is given faster than the route takes."""
    if route in ROUTE_ML_H:
        most_ml_h, why = ROUTE_ML_H[route]
        _check_rate(nl, ms, most_ml_h, why, "demand rate")
