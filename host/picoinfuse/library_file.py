"""The fields of a drug library, declared once: a TOML file for a pharmacist -> whole numbers in the pump's own units.

    version = "ward-3"
    pharmacist = "who is responsible for it"

    [drugs.morphine]
    concentrations = ["1 mg/mL"]
    source = "where the limits come from"
    rate = { soft_max = "2 mg/h", hard_max = "5 mg/h" }

A maximum is rounded down to whole nanograms (or micro-units, ...), a minimum up: never towards more.
"""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from picoinfuse_firmware import drug as drugs
from picoinfuse_firmware import library as firmware

from . import units
from .errors import BadInput

MAX_BYTES = 200_000
SIDES = ("hard_min", "soft_min", "soft_max", "hard_max")  # in the order of the pump's four numbers

# What a limit is made of beside an amount of drug, and how many of the pump's (per hour) are one of units.py's.
_PER_H = {"[time]": -1}
_PER_KG = {"[body_weight]": -1}
SHAPES: dict[str, tuple[dict[str, int], int, str]] = {
    "rate": (_PER_H, 3600, "2 mg/h"),
    "rate_kg": ({**_PER_H, **_PER_KG}, 3600, "10 ug/kg/h"),
    "bolus": ({}, 1, "2 mg"),
    "bolus_kg": (_PER_KG, 1, "0.1 mg/kg"),
    "speed": (_PER_H, 3600, "60 mg/h"),
    "dose": ({}, 1, "100 mg"),
    "dose_kg": (_PER_KG, 1, "2 mg/kg"),
    "in_1h": ({}, 1, "10 mg"),
    "in_4h": ({}, 1, "40 mg"),
}
# Amounts of drug as units.py names them -> the pump's unit, and how many of it are one of ours.
AMOUNTS = {
    "[mass]": ("ng", 10**9),
    "[activity]": ("uU", 10**6),
    "[substance]": ("nmol", 10**9),
    "[charge]": ("nEq", 10**9),
}


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class LimitsTable(_Table):
    """Up to four limits of one parameter, as text with units; which of them a reason passes is in the name."""

    hard_min: str | None = None
    soft_min: str | None = None
    soft_max: str | None = None
    hard_max: str | None = None


class DrugTable(_Table):
    """One drug: the concentrations that may be used, and the limits of each parameter of firmware.PARAMETERS."""

    concentrations: list[str] = Field(min_length=1, max_length=firmware.MAX_CONCENTRATIONS)
    source: str = Field(min_length=1, max_length=500)
    note: str = Field(default="", max_length=500)
    rate: LimitsTable | None = None
    rate_kg: LimitsTable | None = None
    bolus: LimitsTable | None = None
    bolus_kg: LimitsTable | None = None
    speed: LimitsTable | None = None
    dose: LimitsTable | None = None
    dose_kg: LimitsTable | None = None
    in_1h: LimitsTable | None = None
    in_4h: LimitsTable | None = None
    lockout: LimitsTable | None = None
    weight: LimitsTable | None = None


class LibraryFile(_Table):
    """The whole file."""

    version: str
    pharmacist: str = Field(min_length=1, max_length=200)
    note: str = Field(default="", max_length=2000)
    drugs: dict[str, DrugTable] = Field(min_length=1, max_length=firmware.MAX_DRUGS)


def text_of(path: Path) -> str:
    """Return the text of a file. Raises BadInput."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise BadInput(f"{path}: is longer than {MAX_BYTES} bytes; is it a drug library?")
        return data.decode()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError:
        raise BadInput(f"{path}: is no text in UTF-8; is it a drug library?") from None


def parse(text: str, where: str) -> tuple[LibraryFile, dict[str, Any]]:
    """Return (the fields, name -> the firmware's Drug). Raises BadInput that names drug, field, value and limit."""
    try:
        fields = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(f"{where}: is no valid TOML: {error}") from error
    try:
        file = LibraryFile.model_validate(fields)
    except ValidationError as errors:
        # A misspelt field is also a missing one; the spelling is what helps.
        worst = min(errors.errors(), key=lambda one: one["type"] != "extra_forbidden")
        raise BadInput(f"{where}: {_say(worst)}") from None
    if not firmware.is_word(file.version):
        raise BadInput(f"{where}: version = {file.version!r}: write 1 to 24 letters, digits, - or _")
    return file, {name: _drug(f"{where}: drugs {name}", name, table) for name, table in file.drugs.items()}


def _say(error: Any) -> str:
    name = " ".join(str(part) for part in error["loc"])
    value = repr(error["input"])
    shown = value if len(value) <= 60 else f"{value[:57]}..."
    if error["type"] == "missing":
        return f"{name}: is missing; add it"
    if error["type"] == "extra_forbidden":
        known = ", ".join(firmware.PARAMETERS)
        inside = str(error["loc"][0]) == "drugs"
        which = (
            f"a drug has concentrations, source, note, {known}, each limit {', '.join(SIDES)}"
            if inside
            else (f"the known ones are {', '.join(LibraryFile.model_fields)}")
        )
        return f"{name} = {shown}: there is no such field; {which}"
    if error["type"] == "string_type":
        return f"{name} = {shown}: must be text in quotes, a number with its unit"
    if error["type"] in ("model_type", "dict_type"):
        return f'{name} = {shown}: write a table, e.g. {{ soft_max = "2 mg/h", hard_max = "5 mg/h" }}'
    return f"{name} = {shown}: {error['msg'][0].lower()}{error['msg'][1:]}"


def _drug(where: str, name: str, table: DrugTable) -> Any:
    """Return the firmware's Drug of a table."""
    if not drugs.is_name(name):
        raise BadInput(f"{where}: the name of a drug has 1 to {drugs.MAX_NAME} small letters, digits, - and _")
    concentrations, kind = [], ""
    for text in table.concentrations:
        strength = units.concentration(text, f"{where} concentrations")
        its = next(amount for amount in AMOUNTS if strength.has(amount))
        if kind and its != kind:
            raise BadInput(f"{where} concentrations = {text!r}: counts the drug otherwise than the one before it")
        kind = its
        exact = strength.value * Fraction(AMOUNTS[kind][1], 10**9)  # of the unit in a nanolitre
        concentrations.append((exact.numerator, exact.denominator))
        if concentrations.index(concentrations[-1]) != len(concentrations) - 1:
            raise BadInput(f"{where} concentrations = {text!r}: is there twice")
    limits = {}
    for parameter in firmware.PARAMETERS:
        its_limits = getattr(table, parameter, None)
        if its_limits is not None:
            limits[parameter] = _limits(f"{where} {parameter}", parameter, kind, its_limits)
    return firmware.Drug(name, AMOUNTS[kind][0], concentrations, limits)


def _limits(where: str, parameter: str, kind: str, table: LimitsTable) -> tuple[int, ...]:
    numbers = []
    before = ("", -1)
    for side in SIDES:
        text = getattr(table, side)
        if text is None:
            numbers.append(firmware.NONE)
            continue
        exact = _number(f"{where} {side}", parameter, kind, text)
        number = int(exact) if side.endswith("max") else -int(-exact // 1)
        if number > firmware.MAX_NUMBER:
            raise BadInput(f"{where} {side} = {text!r}: is more than a pump can count; is the unit right?")
        if number < before[1]:
            raise BadInput(f"{where} {side} = {text!r}: is less than {before[0]}; write {' <= '.join(SIDES)}")
        before = (f"{side} = {getattr(table, side)!r}", number)
        numbers.append(number)
    if before[1] < 0:
        raise BadInput(f"{where}: has no limit; write at least one of {', '.join(SIDES)}, or leave it away")
    return tuple(numbers)


def _number(where: str, parameter: str, kind: str, text: str) -> Fraction:
    """Return a limit in the pump's unit, exact. Raises BadInput for a text of another kind."""
    if parameter == "lockout":
        return Fraction(units.duration_ms(text, where))
    if parameter == "weight":
        return units.weight_kg(text, where) * 1000
    shape, times, example = SHAPES[parameter]
    its = units.quantity(text, where, example)
    if dict(its.dimensions) != {kind: 1, **shape}:
        raise BadInput(
            f"{where} = {text!r}: is not what its concentration counts ({kind.strip('[]')})"
            f"{'' if not shape else ' ' + ' and '.join(_WORDS[name] for name in shape)}; write e.g. {example!r}"
        )
    return its.value * AMOUNTS[kind][1] * times


_WORDS = {"[time]": "per time", "[body_weight]": "per kg"}
