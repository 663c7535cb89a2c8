"""What is kept of a simulated patient: the signs at each telemetry, as a table, in words, and read again.

The host knows nothing of any model: which signs there are, and what they are called, comes over the port as data. Of a
sign that is glucose in the plasma it also says how much of the time that was in range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import glucose
from .errors import BadInput

if TYPE_CHECKING:
    from .port import Port
    from .record import Record
    from .stream import OnTelemetry, Telemetry


def watched(port: Port, record: Record, on_telemetry: OnTelemetry | None) -> OnTelemetry | None:
    """Return what is to be called at each telemetry, so that the record sees the patient too.

    Without a patient at the line that is on_telemetry itself, and nothing is spent.
    """
    its = port.patient()
    if its is None:
        return on_telemetry
    record.meta["patient"] = {key: its[key] for key in ("for", "title", "signs")}

    def look(row: Telemetry) -> None:
        now = port.patient()
        if now is not None:
            record.seen.append((row.at_ms, *now["values"]))
        if on_telemetry is not None:
            on_telemetry(row)

    return look


def columns(its: dict[str, Any]) -> list[str]:
    """Return the header of the table of a patient."""
    return ["at_ms", *[sign["name"] for sign in its["signs"]]]


def table(record: Record) -> str:
    """Return the rows as CSV: device milliseconds and the signs, to nine digits."""
    lines = [",".join(columns(record.meta["patient"]))]
    lines += [f"{row[0]}," + ",".join(f"{value:.9g}" for value in row[1:]) for row in record.seen]
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


def summary(record: Record) -> list[str]:
    """Return lines for Record.summary: who it is, and from where to where each sign went; none without a patient."""
    if "patient" not in record.meta or not record.seen:
        return []
    its = record.meta["patient"]
    lines = [f"  model       {its['title']} ({its['for']})"]
    for column, sign in enumerate(its["signs"], 1):
        if not sign["label"]:
            continue  # for programs, not for people
        values = [row[column] for row in record.seen]
        unit = f" {sign['unit']}" if sign["unit"] else ""
        lines.append(
            f"              {sign['label']}: {min(values):.4g} to {max(values):.4g}{unit}, at the end {values[-1]:.4g}"
        )
        if sign["name"] == glucose.SIGN:
            lines.append(f"              {glucose.words(glucose.shares(values))}")
    return lines
