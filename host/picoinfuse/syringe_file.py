"""A file of syringes: where yours stands, its fields, and one clear message for whatever is wrong in it.

[[syringe]]
name = "BD 60 mL"            # one of ours: what you write goes before it, the rest stays
inner_diameter_mm = 26.58

[[syringe]]
name = "Acme 25 mL"          # one of your own: all five
inner_diameter_mm = 21.2
capacity_ml = 25
friction_n = 3
compliance_ul_mmhg = 1.8
"""

from __future__ import annotations

import os
import sys
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from picoinfuse_firmware import limits

from .errors import BadInput

VARIABLE = "PICOINFUSE_SYRINGES"  # names the file; empty: none at all
MAX_BYTES = 1_000_000
Number = Literal["inner_diameter_mm", "capacity_ml", "friction_n", "compliance_ul_mmhg"]
# Least and most of each, as the pump's limits have them or, for compliance, far around what is published.
NUMBERS: dict[Number, tuple[Fraction, Fraction]] = {
    "inner_diameter_mm": (Fraction(limits.MIN_BARREL_UM, 1000), Fraction(limits.MAX_BARREL_UM, 1000)),
    "capacity_ml": (Fraction(1, 2), Fraction(limits.MAX_VOLUME_NL, 1_000_000)),
    "friction_n": (Fraction(1, 1000), Fraction(limits.MAX_FRICTION_MN, 1000)),
    "compliance_ul_mmhg": (Fraction(1, 1000), Fraction(50)),
}


def place() -> Path | None:
    """Return where your file is, or would be: what PICOINFUSE_SYRINGES says, or the usual folder of this system."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    if sys.platform == "win32":
        folder = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return folder / "picoinfuse" / "syringes.toml"


def existing(missing_ok: bool = False) -> Path | None:
    """Return your file if there is one.

    Raises BadInput if PICOINFUSE_SYRINGES names one that is not there, unless missing_ok: it is about to be written.
    """
    path = place()
    if path is None or path.is_file():
        return path
    if os.environ.get(VARIABLE) and not missing_ok:
        raise BadInput(f"{VARIABLE} = {str(path)!r}: there is no such file; name another, or unset it")
    return None


class Row(BaseModel):
    """One [[syringe]]: numbers are exact decimals with at most three digits after the point, in quotes or without."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=60)
    inner_diameter_mm: Fraction | None = None
    capacity_ml: Fraction | None = None
    friction_n: Fraction | None = None
    compliance_ul_mmhg: Fraction | None = None
    calibrated: str = Field(default="", max_length=200)

    @field_validator("name")
    @classmethod
    def _printable(cls, name: str) -> str:
        if name != name.strip() or not name.isprintable():
            raise ValueError("has blanks at its ends, or signs that cannot be printed")
        return name

    @field_validator(*NUMBERS, mode="before")
    @classmethod
    def _exact(cls, value: object, info: Any) -> Fraction:
        low, high = NUMBERS[info.field_name]
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise ValueError("must be a number")
        try:
            number = Fraction(value)
        except (ValueError, ZeroDivisionError):
            raise ValueError("must be a number without a unit, the field's name says the unit") from None
        if not low <= number <= high:
            raise ValueError(f"is outside {float(low):g} to {float(high):g}")
        if (number * 1000).denominator != 1:
            raise ValueError("is finer than 0.001; leave digits away")
        return number

    def thousandths(self, name: Number) -> int:
        """Return a number in whole thousandths of its unit."""
        return int((getattr(self, name) or 0) * 1000)

    def over(self, other: Row) -> Row:
        """Return this row with what it does not say taken from `other`, under the name of that."""
        said: dict[str, Any] = {name: getattr(self, name) for name in NUMBERS if getattr(self, name) is not None}
        return other.model_copy(update={**said, "calibrated": self.calibrated})

    def check_complete(self, path: Path) -> None:
        """Raise BadInput for a number that is missing, or if diameter and capacity do not belong together."""
        for name in NUMBERS:
            if getattr(self, name) is None:
                raise BadInput(f"{path}: syringe {self.name!r} {name}: is missing; one that is not ours needs all five")
        assert self.inner_diameter_mm is not None
        assert self.capacity_ml is not None
        stroke_mm = float(self.capacity_ml) * 4000 / 3.1416 / float(self.inner_diameter_mm) ** 2
        if not 10 <= stroke_mm <= 300:
            raise BadInput(
                f"{path}: syringe {self.name!r} inner_diameter_mm = {float(self.inner_diameter_mm):g}: with "
                f"capacity_ml = {float(self.capacity_ml):g} the barrel is {stroke_mm:.0f} mm long; "
                "the limits are 10 and 300 mm"
            )


def read(path: Path) -> list[Row]:
    """Return the rows of a file. Raises BadInput that names file, row, field, value and limit."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise BadInput(f"{path}: is longer than {MAX_BYTES} bytes; is it a file of syringes?")
        text = data.decode()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error}") from error
    except UnicodeDecodeError:
        raise BadInput(f"{path}: is no text in UTF-8; is it a file of syringes?") from None
    return parse(text, str(path))


def parse(text: str, where: str) -> list[Row]:
    """Return the rows of a text; `where` begins every message. Raises BadInput."""
    try:
        fields = tomllib.loads(text, parse_float=str)  # as it was typed: a float would not be what was written
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(f"{where}: is no valid TOML: {error}") from error
    tables = fields.pop("syringe", [])
    if fields:
        raise BadInput(f"{where}: {next(iter(fields))}: there is no such field; each syringe stands under [[syringe]]")
    if not isinstance(tables, list):
        raise BadInput(f"{where}: syringe: each one stands under its own [[syringe]], with two brackets")
    rows: list[Row] = []
    for number, table in enumerate(tables, 1):
        row = _row(table, number, where)
        if any(other.name == row.name for other in rows):
            raise BadInput(f"{where}: syringe {number} name = {row.name!r}: is there twice; leave one of them away")
        rows.append(row)
    return rows


def _row(table: Any, number: int, where: str) -> Row:
    name = table.get("name") if isinstance(table, dict) else None
    place = f"{where}: syringe {number}" + (f" {name!r}" if isinstance(name, str) and name else "")
    try:
        return Row.model_validate(table)
    except ValidationError as errors:
        # A misspelt field is also a missing one; the spelling is what helps.
        error = min(errors.errors(), key=lambda one: one["type"] != "extra_forbidden")
    field = ".".join(map(str, error["loc"]))
    kind, value = error["type"], error["input"]
    if kind == "missing":
        raise BadInput(f"{place} {field}: is missing; add it")
    if kind == "extra_forbidden":
        known = ", ".join(Row.model_fields)
        raise BadInput(f"{place} {field} = {value!r}: there is no such field; the known ones are: {known}")
    if kind == "value_error":
        raise BadInput(f"{place} {field} = {_shown(value)}: {error['ctx']['error']}")
    raise BadInput(f"{place} {field} = {_shown(value)}: {error['msg'][0].lower()}{error['msg'][1:]}".replace("  ", " "))


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
