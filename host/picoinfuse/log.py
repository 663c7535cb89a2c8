"""What the pump's log holds: the events of all its starts, kept without power, fetched one by one."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from picoinfuse_firmware import messages

from .errors import BadInput, Refused

if TYPE_CHECKING:
    from .pump import Pump

GONE, DAMAGED = "entry_gone", "entry_damaged"
NONE_HAS = 0  # a number that no entry has: it is refused with the range of those that are kept


class Entry(NamedTuple):
    """One event as the log keeps it. n: counts for ever. boot: the pump's start; at_ms: milliseconds since then."""

    n: int
    boot: int
    at_ms: int
    kind: str
    what: str
    value: int


assert Entry._fields == messages.TABLE["entry"][0]

OnProgress = Callable[[int, int], object]  # (fetched, of how many)


# One request for each entry. An emulated Pico gives 34 to 36 entries a second, and the chip takes all of that time: a
# poll of 13 ms for each, and a collection of 22 ms after every second one. With two requests under way it was the
# same, 36, and of three it lost an answer (outbox.ANSWERS_KEPT).
def fetch(pump: Pump, last: int | None = None, on_progress: OnProgress | None = None) -> list[Entry]:
    """Return the newest `last` entries (all if None), oldest first; those that power cuts damaged are left out."""
    first, newest = _range(pump)
    if not newest:
        return []
    start = first if last is None else max(first, newest - last + 1)
    entries = []
    for n in range(start, newest + 1):
        entry = _entry(pump, n)
        if entry is not None:
            entries.append(entry)
        if on_progress is not None:
            on_progress(n - start + 1, newest - start + 1)
    return entries


def _range(pump: Pump) -> tuple[int, int]:
    """Return the numbers of the first and the last entry that the pump keeps; (0, 0) for none."""
    try:
        pump.log_entry(NONE_HAS)
    except Refused as refusal:
        if refusal.reason == GONE:
            return refusal.value, refusal.limit
        raise
    return 0, 0


def _entry(pump: Pump, n: int) -> Entry | None:
    """Return one entry; None if it is damaged, or went while we read."""
    try:
        return pump.log_entry(n)
    except Refused as refusal:
        if refusal.reason in (GONE, DAMAGED):
            return None
        raise


def write_csv(path: Path, entries: Iterable[Entry]) -> None:
    """Write entries as a table with a head. Raises BadInput for a file that cannot be written."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(Entry._fields)
            writer.writerows(entries)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror or error}; choose another file") from error
