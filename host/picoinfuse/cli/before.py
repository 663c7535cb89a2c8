"""No dose twice because an answer was lost: what a command sent unanswered, the next one asks about first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import BadInput, Refused, Uncertain
from ..notebook import SENT, Notebook

if TYPE_CHECKING:
    from ..pump import Pump

SUFFIX = ".requests.jsonl"


def answered_before(pump: Pump, command: str) -> None:
    """Keep what the pump is asked for from now on beside its archive; first ask about what was never answered.

    Raises Refused if the pump has done that after all: nothing more is asked for then, until somebody says it again.
    A simulated pump of this process has nothing of before.
    """
    from ..archive_place import folder
    from ..contact import journal_of

    place = folder()
    if place is None or pump.port.truth() is not None:
        return
    try:
        journal = journal_of(pump)
        place.mkdir(parents=True, exist_ok=True)
    except (BadInput, OSError):
        return  # a pump that keeps no journal, or a computer that keeps nothing
    path = place / f"{journal}{SUFFIX}"
    try:
        pump.notebook = Notebook(path)
    except BadInput as error:
        raise BadInput(
            f"{command}: what was asked for before cannot be read ({error}). Look into the log, then move it away"
        ) from None
    unanswered = [entry.id for entry in pump.notebook.open() if entry.state == SENT]
    settled = {its.id: its for its in pump.settle()}
    if not pump.notebook.open():  # all is known: it need not grow for ever
        path.unlink(missing_ok=True)
        pump.notebook = Notebook(path)
    done = [settled[id] for id in unanswered if settled[id].what != "unknown"]
    if done:
        raise Refused(
            "asked_before",
            text=f"{command}: nothing was asked for now. What was asked for before, and not answered, came through: "
            f"{'; '.join(its.text for its in done)}. If this one is to come beside it, say the command again",
        )
    for id in unanswered:
        print(f"before     {settled[id].text}")


def lost(error: Uncertain, command: str, port: str) -> Uncertain:
    """Return the error for an answer that was lost, with what to do at a terminal."""
    return Uncertain(
        f"{command}: it was sent and not answered, so nobody knows here whether it was done ({error.id}). Look at the "
        f"pump before you ask again: picoinfuse log --port {port} names it if it was",
        error.id,
    )
