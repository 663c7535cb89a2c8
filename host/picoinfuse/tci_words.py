"""What a run at a target is in words: when the target was reached, how the rates went, how far the patient was off."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from .status import duration_words

if TYPE_CHECKING:
    from .record import Record

WITHIN = 0.02  # of the target: so near it counts as reached
COLUMNS = {"plasma": 2, "effect": 3}  # of Record.tci


class Performance(NamedTuple):
    """How far a simulated patient was from the model, in percent: (patient - model) / model, at the site of the target.

    mdpe: the median of it, the bias; mdape: the median of its size, the inaccuracy (of the indices of Varvel et al.
    1992, as aneskey.com, "Performance of Target-Controlled Infusion Systems", gives them).
    """

    mdpe: float
    mdape: float


def reached_ms(record: Record) -> int | None:
    """Return when the model first came within 2 % of the first target, in milliseconds since the start; None: never."""
    column = COLUMNS[record.meta["tci"]["site"]]
    for row in record.tci:
        if row[1] and abs(row[column] - row[1]) <= WITHIN * row[1]:
            return int(row[0]) - record.started_ms
    return None


def performance(record: Record) -> Performance | None:
    """Return it from when the target was reached on; None without a patient whose concentration can be compared."""
    since_ms = reached_ms(record)
    its: dict[str, Any] = record.meta.get("patient", {})
    site = record.meta["tci"]["site"]
    names = [sign["name"] for sign in its.get("signs", [])]
    wanted = f"{site}_ug_ml"
    if since_ms is None or wanted not in names:
        return None
    column = names.index(wanted) + 1
    true = {row[0]: row[column] for row in record.seen}
    errors = [
        (true[row[0]] / row[COLUMNS[site]] - 1) * 100
        for row in record.tci
        if row[0] - record.started_ms >= since_ms and row[0] in true and row[COLUMNS[site]] > 0
    ]
    return Performance(median(errors), median(map(abs, errors))) if errors else None


def summary(record: Record) -> list[str]:
    """Return lines for Record.summary; none for a run without a target."""
    if "tci" not in record.meta or not record.tci:
        return []
    its = record.meta["tci"]
    when = reached_ms(record)
    column = COLUMNS[its["site"]]
    plasma = max(row[COLUMNS["plasma"]] for row in record.tci)
    highest = max(row[column] for row in record.tci)
    rates = [row.rate_nl_h for row in record.telemetry]
    changes = sum(event.kind == "rate" for event in record.events)
    reached = "not reached" if when is None else f"reached within 2 % after {duration_words(when)}"
    lines = [
        f"  target      {its['title']} ({its['for']}): {reached}",
        f"              model: highest {highest:.3g} ug/mL, plasma up to {plasma:.3g} ug/mL",
        f"              {changes} changes of rate, up to {max(rates) / 1e6:.4g} mL/h",
    ]
    off = performance(record)
    if off is not None:
        lines.append(
            f"              the patient against the model: {off.mdpe:+.1f} % in the median, {off.mdape:.1f} % in size"
        )
    return lines
