"""What a computer does when it meets a pump: it notes the two clocks, and fetches what it does not have of the log."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from picoinfuse_firmware.board import MAINS_GONE, MAINS_SENSE

from .archive import Archive, Contact
from .errors import BadInput
from .log import DAMAGED, Entry, OnProgress, kept, one
from .status import Status

if TYPE_CHECKING:
    from .pump import Pump

PIECE = 25  # entries: some seconds' worth on a cable, and then they are on the disk
ROUNDS = 10  # a pump that tells of something all the time is not waited for for ever
Clock = Callable[[], float]  # seconds since 1970, UTC


def wall_clock() -> float:
    """Return the time of this computer's clock, in seconds since 1970, UTC."""
    return time.time()


def journal_of(pump: Pump) -> str:
    """Return the name of the pump's journal. Raises BadInput for a pump that keeps none."""
    journal = str(pump.about()["journal"])
    if journal == "-":
        raise BadInput(f"The pump at {pump.port.name} keeps no log, so there is nothing to fetch (picoinfuse doctor)")
    return journal


def meet(pump: Pump, clock: Clock | None = None) -> Contact:
    """Ask the pump how it stands and return that as a Contact with the time of this computer (default: wall_clock)."""
    clock = clock or wall_clock
    oldest, newest = kept(pump)
    fed = -1
    if MAINS_SENSE not in pump.absent():
        fed = 0 if pump.senses()["switches"] & MAINS_GONE else 1
    before_s = clock()
    status: Status = pump.status()
    after_s = clock()
    within_ms = max(1, round((after_s - before_s) * 500))
    wall_ms = round((before_s + after_s) * 500)
    return Contact(
        status.boot, status.at_ms, wall_ms, within_ms, oldest, newest, status.battery_mv, fed, status.delivered_nl
    )


def gather(pump: Pump, archive: Archive, clock: Clock | None = None, on_progress: OnProgress | None = None) -> int:
    """Note the contact, and fetch all entries that the archive does not have, the oldest first. Returns how many.

    What was fetched before the cable was pulled is kept. on_progress: called with how many were fetched, of how many.
    """
    contact = meet(pump, clock)
    archive.note(contact)
    oldest, newest = contact.oldest, contact.newest
    done = 0
    for _ in range(ROUNDS):
        wanted = archive.missing(oldest, newest) if newest else []
        if not wanted:
            break
        of = done + len(wanted)
        for start in range(0, len(wanted), PIECE):
            piece = [(n, one(pump, n)) for n in wanted[start : start + PIECE]]
            archive.add(
                (entry for _, entry in piece if isinstance(entry, Entry)), (n for n, it in piece if it == DAMAGED)
            )
            done += len(piece)
            if on_progress is not None:
                on_progress(done, of)
        oldest, newest = kept(pump)  # while we fetched, something may have happened
    return done
