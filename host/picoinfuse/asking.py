"""What a pump can be asked that changes nothing: sensors, log, health, doses; a part of Pump."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from picoinfuse_firmware.board import HEALTH, SENSORS

from .log import Entry, OnProgress, fetch
from .session import Session
from .status import Doses

if TYPE_CHECKING:
    from .pump import Pump


class Asking:
    """The questions of a Pump, which has the session."""

    session: Session

    def hello(self, tries: int = 5) -> dict[str, Any]:
        raise NotImplementedError

    def _ask(self, name: str, values: Sequence[Any] = ()) -> dict[str, Any]:
        raise NotImplementedError

    def absent(self) -> list[str]:
        """Return the names of the sensors that the pump does not have; what only they can see raises no alarm."""
        fitted = (self.session.welcome or self.hello())["sensors"]
        return [str(name) for bit, name in enumerate(SENSORS) if not fitted >> bit & 1]

    def problem(self) -> str:
        """Return the word for why this pump does not infuse whatever is asked, "" if all is well."""
        word = (self.session.welcome or self.hello())["problem"]
        return "" if word == "-" else str(word)

    def health(self) -> dict[str, int]:
        """Return how long polls and collections take on the pump (us) and how much memory is free there (bytes)."""
        fields = self._ask("health")
        return {name: int(fields[name]) for name in HEALTH}

    def log(self, last: int | None = None, on_progress: OnProgress | None = None) -> list[Entry]:
        """Return the newest `last` entries (default: all) of the log that the pump keeps without power, oldest first.

        on_progress: called with how many were fetched, and of how many. Damaged entries are left out.
        """
        return fetch(cast("Pump", self), last, on_progress)

    def log_entry(self, n: int) -> Entry:
        """Return entry n of the log. Raises Refused (`entry_gone` with the range that is kept, `entry_damaged`)."""
        fields = self._ask("log", (n,))
        return Entry(**{name: fields[name] for name in Entry._fields})

    def senses(self) -> dict[str, int]:
        """Return one reading of each fitted sensor, 0 for what is not fitted: the fields of `senses_are`."""
        return _numbers(self._ask("senses"))

    def about(self) -> dict[str, Any]:
        """Return what the board says of itself: the fields of `about_is`, all numbers but `journal`, a word."""
        return _numbers(self._ask("about"))

    def try_signal(self, priority: int) -> None:
        """Show and sound an alarm priority (1 low, 2 medium, 3 high) for three seconds. Raises Refused if not idle."""
        self._ask("try_signal", (priority,))

    def doses(self) -> Doses:
        """Return what was asked for and given, and how full the limits are. Raises Refused if no option asks for it."""
        its = self._ask("doses")
        return Doses(its["asked"], its["given"], its["wait_ms"], tuple(its["full"]), tuple(its["most"]))


def _numbers(fields: dict[str, Any]) -> dict[str, int]:
    return {name: value for name, value in fields.items() if name != "answer"}
