"""The panels of a simulated patient in the picture of a run: one for each unit, the signs of it together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .record import Record

HEIGHT_IN = 2.3  # by which a panel makes the picture higher
COLOURS = ("#0072B2", "#D55E00", "#009E73")  # of Okabe and Ito, as in plot.py; more signs of one unit begin anew
STYLES = ("-", "--", "-.")


def units(record: Record) -> list[str]:
    """Return the units that have a panel, in the order of the signs; none without a patient who was seen."""
    if not record.seen:
        return []
    return list(dict.fromkeys(sign["unit"] for sign in record.meta["patient"]["signs"] if sign["unit"]))


def draw(record: Record, axes: Sequence[Any], size: float) -> list[int]:
    """Draw the signs into one axis for each of `units`; size: seconds of the time axis. Return how many in each."""
    its = record.meta["patient"]
    times = [(row[0] - record.started_ms) / 1000 / size for row in record.seen]
    counts = []
    for axis, unit in zip(axes, units(record), strict=True):
        mine = [(column, sign) for column, sign in enumerate(its["signs"], 1) if sign["unit"] == unit]
        highest = 0.0
        for number, (column, sign) in enumerate(mine):
            values = [row[column] for row in record.seen]
            highest = max(highest, *values)
            axis.plot(times, values, color=COLOURS[number % len(COLOURS)], linestyle=STYLES[number % len(STYLES)],
                      linewidth=1.8, label=sign["label"])  # fmt: skip
        axis.set_ylabel(unit)
        axis.set_ylim(0, 1.12 * (highest or 1.0))
        counts.append(len(mine))
    axes[0].set_title(f"{its['for']}: {its['title']}", fontsize=9.5, color="#666666", loc="left", pad=18)
    return counts
