"""The panels below the rate in the picture of a run: one for each unit, signs of a patient and of a model together."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from textwrap import fill
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .record import Record

TITLE_LETTERS = 105  # of what a model is, in a line: more of a `hovorka` ran out of the picture
HEIGHT_IN = 2.3  # by which a panel makes the picture higher
COLOURS = ("#0072B2", "#D55E00", "#009E73")  # of Okabe and Ito, as in plot.py; more signs of one unit begin anew
STYLES = ("-", "--", "-.")
# What the host reckons at a target is drawn thin and behind: target, plasma, effect site.
MODEL_COLOURS = ("#000000", "#56B4E9", "#E69F00")
MODEL_STYLES = ("-", "--", "-")
Rows = Sequence[tuple[float, ...]]


def _sources(record: Record) -> list[tuple[dict[str, Any], Rows, bool]]:
    """Return what was seen: which signs, their rows, and whether it is the host's model."""
    found = (("tci", record.tci, True), ("patient", record.seen, False))
    return [(record.meta[key], rows, is_model) for key, rows, is_model in found if rows]


def units(record: Record) -> list[str]:
    """Return the units that have a panel, in the order of the signs; none where nothing was seen."""
    signs = [sign for its, _, _ in _sources(record) for sign in its["signs"]]
    return list(dict.fromkeys(sign["unit"] for sign in signs if sign["unit"]))


def draw(record: Record, axes: Sequence[Any], size: float) -> list[int]:
    """Draw the signs into one axis for each of `units`; size: seconds of the time axis. Return how many in each."""
    sources = _sources(record)
    counts = []
    for axis, unit in zip(axes, units(record), strict=True):
        lines, highest = 0, 0.0
        for its, rows, is_model in sources:
            times = [(row[0] - record.started_ms) / 1000 / size for row in rows]
            colours, styles = (MODEL_COLOURS, MODEL_STYLES) if is_model else (COLOURS, STYLES)
            mine = [(column, sign) for column, sign in enumerate(its["signs"], 1) if sign["unit"] == unit]
            for number, (column, sign) in enumerate(mine):
                values = [row[column] for row in rows]
                highest = max([highest, *(value for value in values if not isnan(value))])
                axis.plot(times, values, color=colours[number % len(colours)], linestyle=styles[number % len(styles)],
                          linewidth=1.2 if is_model else 1.8, label=sign["label"])  # fmt: skip
            lines += len(mine)
        axis.set_ylabel(unit)
        axis.set_ylim(0, 1.12 * (highest or 1.0))
        counts.append(lines)
    lines_of = [fill(its["title"], TITLE_LETTERS) for its, _, _ in sources]
    titles = f"{sources[0][0]['for']}: " + ";\npatient: ".join(lines_of)
    axes[0].set_title(titles, fontsize=9.5, color="#666666", loc="left", pad=22)
    return counts
