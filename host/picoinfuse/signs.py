"""Values over time beside the telemetry, of a simulated patient or of a model: as a table, read again, and in words.

`its` says which: its["signs"] is a list of dicts with the name (of the column), the label and the unit of each; a row
is (at_ms, a value for each sign), at device milliseconds. A value that is no number (nan) is none: there is nothing to
tell yet, as of a sensor before its first reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Any

from .errors import BadInput

Rows = Sequence[tuple[float, ...]]
TRIFLE = 1e-6  # of the largest value: what is less reads as nothing ("1.12e-20" of symptoms that are over)


def columns(its: dict[str, Any]) -> list[str]:
    """Return the header of the table."""
    return ["at_ms", *[sign["name"] for sign in its["signs"]]]


def table(its: dict[str, Any], rows: Rows) -> str:
    """Return the rows as CSV: device milliseconds and the values, to nine digits."""
    lines = [",".join(columns(its))]
    lines += [f"{row[0]}," + ",".join(f"{value:.9g}" for value in row[1:]) for row in rows]
    return "\n".join(lines) + "\n"


def read(text: str, its: dict[str, Any], where: str) -> list[tuple[float, ...]]:
    """Return the rows of a table. Raises BadInput that says where and what is wrong."""
    try:
        names = columns(its)
    except (KeyError, TypeError) as error:
        raise BadInput(f"{where}: meta.json does not say which signs there are ({error})") from error
    header, *lines = text.splitlines() or [""]
    if header != ",".join(names):
        raise BadInput(f"{where} line 1 is not the header {','.join(names)}")
    rows: list[tuple[float, ...]] = []
    for number, line in enumerate(lines, 2):
        at_ms, *values = line.split(",")
        try:
            if len(values) != len(names) - 1:
                raise ValueError(f"{len(values) + 1} fields, not {len(names)}")
            rows.append((int(at_ms), *map(float, values)))
        except ValueError as error:
            raise BadInput(f"{where} line {number} is damaged ({error})") from error
    if not text.endswith("\n"):
        raise BadInput(f"{where} line {len(lines) + 1} is damaged (it does not end)")
    return rows


def summary(its: dict[str, Any], rows: Rows) -> list[str]:
    """Return lines for Record.summary: from where to where each sign went."""
    lines = []
    for column, sign in enumerate(its["signs"], 1):
        if not sign["label"]:
            continue  # for programs, not for people
        values = [row[column] for row in rows if not isnan(row[column])]
        if not values:
            lines.append(f"              {sign['label']}: nothing yet")
            continue
        trifle = TRIFLE * max(map(abs, values))
        last = values[-1] if abs(values[-1]) > trifle else 0.0
        lines.append(
            f"              {sign['label']}: {min(values):.4g} to {max(values):.4g}{_unit(sign['unit'])}, "
            f"at the end {last:.4g}"
        )
    return lines


def _unit(unit: str) -> str:
    """Return a unit behind numbers; one that is a scale ("0 to 10") would read as one more number."""
    if not unit:
        return ""
    return f" (scale {unit})" if unit[0].isdigit() else f" {unit}"
