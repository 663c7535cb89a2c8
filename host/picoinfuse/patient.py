"""What is kept of a simulated patient: the signs at each telemetry, and in words.

The host knows nothing of any model: which signs there are, and what they are called, comes over the port as data. Of a
sign that is glucose in the plasma it also says how much of the time that was in range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import glucose, signs

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


def summary(record: Record) -> list[str]:
    """Return lines for Record.summary: who it is, and from where to where each sign went; none without a patient."""
    if "patient" not in record.meta or not record.seen:
        return []
    its = record.meta["patient"]
    lines = [f"  model       {its['title']} ({its['for']})", *signs.summary(its, record.seen)]
    for column, sign in enumerate(its["signs"], 1):
        if sign["name"] == glucose.SIGN:
            lines.append(f"              {glucose.words(glucose.shares([row[column] for row in record.seen]))}")
    return lines
