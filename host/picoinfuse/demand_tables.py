"""Drug, weight, demand, limits over time and loop of a therapy file -> the options that travel with its program."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from picoinfuse_firmware import drug as drugs
from picoinfuse_firmware import options as firmware

from . import plausible, units
from .errors import BadInput
from .options import NL_PER_L, Option
from .phase_tables import amount_for
from .program import Context
from .status import duration_words
from .units import MS_PER_H

if TYPE_CHECKING:
    from .therapy_file import DemandTable, LimitTable, LoopTable, TherapyFile

MINUTE_MS = 60_000
LOCKOUT_MS = (MINUTE_MS, 6 * MS_PER_H)  # a real PCA pump has 0 to 360 min (Graseby 3300); 0 is no lockout, and unsafe
WINDOW_MS = (10 * MINUTE_MS, 24 * MS_PER_H)  # a real one has 1 to 8 h (Graseby 3300); wider here, for teaching
UU_PER_U = 10**6
MG_DL_PER_G_L = 100


def build(file: TherapyFile, context: Context) -> list[Option]:
    """Return the options of [demand], [[limits]] and [loop], the drug and the patient's weight before them.

    A drug with a concentration travels with every program, so that a pump with a drug library knows what it gives. A
    file without one, and without these tables, has no options. Raises BadInput.
    """
    if file.demand is None and file.lock == "pca":
        raise BadInput(
            "lock = 'pca': there is no [demand] that a patient could ask for; add it, or choose full or keys"
        )
    if file.demand is not None and file.lock == "keys":
        raise BadInput("lock = 'keys': there is a [demand] that the patient may ask for; choose pca")
    if file.demand is not None and not file.limits:
        raise BadInput(
            "[demand]: there is no limit over time; add [[limits]] with window = '1 h' and most, so that pressing "
            "for hours cannot add up"
        )
    found: list[Option] = []
    drug = None
    if file.drug.concentration is not None and context.strength is not None:
        drug = Option.drug(word(file.drug.name), file.drug.concentration)
        found.append(drug)
        if file.patient.weight is not None:
            found.append(Option.weight(file.patient.weight))
    demand_nl = Fraction(0)
    if file.demand is not None:
        its, demand_nl = _demand(file.demand, file.drug.route, context, drug)
        found.append(its)
    found += _limits(file.limits, demand_nl, context, drug)
    if file.loop is not None:
        found.append(_loop(file.loop, context))
    return found


def word(name: str) -> str:
    """Return a drug's name as it travels: small letters, digits and dashes, cut short."""
    letters = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.casefold())
    return "-".join(part for part in letters.split("-") if part)[: drugs.MAX_NAME].strip("-") or "drug"


def _demand(table: DemandTable, route: str, context: Context, drug: Option | None) -> tuple[Option, Fraction]:
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
    return Option.demand(volume, table.rate, table.lockout, drug, body=context.body), volume_nl


def _limits(tables: list[LimitTable], demand_nl: Fraction, context: Context, drug: Option | None) -> list[Option]:
    found: list[Option] = []
    most_nl: list[tuple[int, Fraction]] = []
    low, high = WINDOW_MS
    for number, table in enumerate(tables, 1):
        where = f"limits {number}"
        its = replace(context, where=where)
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
        found.append(Option.limit(table.most, table.window, drug, body=context.body, where=where))
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
    strength = context.strength
    if strength is None or not strength.has("[activity]"):
        raise BadInput("[loop]: needs [drug] concentration in units, e.g. '10 U/mL'")
    low, high = (_glucose(getattr(table, name), f"loop {name}") for name in ("target_low", "target_high"))
    if low > high:
        raise BadInput(f"loop target_low = {table.target_low!r}: is above target_high = {table.target_high!r}")
    sensitivity = _glucose(table.sensitivity, "loop sensitivity", per_unit=True)
    highest = its.rate(table.max_basal, "max_basal")
    on_board = its.volume(table.max_on_board, "max_on_board") * strength.value * UU_PER_U / NL_PER_L
    numbers = [
        int(low),
        int(high),
        int(sensitivity * 1000),
        highest.nl * MS_PER_H // highest.ms,
        int(on_board),
        its.duration(table.peak, "peak"),
        its.duration(table.lost, "lost"),
    ]
    typed = tuple((f"loop {name}", str(getattr(table, name))) for name in type(table).model_fields)
    return Option(firmware.Option(firmware.LOOP, "-", numbers), typed)


def _glucose(text: str, field: str, *, per_unit: bool = False) -> Fraction:
    """Return a concentration of glucose, or one per unit of insulin, in mg/dL; the pump says which it takes."""
    wanted = {"[mass]": 1, "[volume]": -1} | ({"[activity]": -1} if per_unit else {})
    example = "40 mg/dL/U" if per_unit else "100 mg/dL"
    its = units.quantity(text, field, example)
    if dict(its.dimensions) != wanted or its.value == 0:
        raise BadInput(f"{field} = {text!r}: is no glucose in mg/dL{'/U' if per_unit else ''}; write e.g. {example!r}")
    return its.value * MG_DL_PER_G_L
