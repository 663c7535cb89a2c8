"""Who acts on a pump: logging in and out, the lock level, reasons for the drug library; a part of Pump.

On a pump without people nothing of this is needed. On one with people each request that needs somebody is refused until
somebody is logged in; `asks` may see to that, and the request is sent once more.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from picoinfuse_firmware import library as libraries
from picoinfuse_firmware import options as kinds

from . import login as logins
from . import not_yours
from .errors import BadInput, Refused
from .options import Option
from .program import Program
from .session import Session
from .therapy import Therapy

if TYPE_CHECKING:
    from .library import Library
    from .status import Status

WANTS_SOMEBODY = ("log_in", "second_person", "not_your_role")
# The words of a therapy file -> lock levels. `keys` is the level of `pca` where there is no bolus to ask for.
LOCKS = {"open": 0, "basic": 1, "full": 2, "pca": 3, "keys": 3}
LIBRARY_VARIABLE = "PICOINFUSE_LIBRARY"  # names the file of a drug library


class LogsIn(Protocol):
    """What somebody can log in at: a Pump, or one of another version that is to leave its firmware."""

    user: str | None

    def login(self, name: str, code: str) -> None:
        """Log in. Raises Refused."""


Asks = Callable[[LogsIn, str], bool]  # (pump, reason) -> whether somebody else is logged in now
at_terminal: Asks | None = None  # of every Pump of this process; the command line puts its own here
# Logs in whom the command line names, before the first request that is not for everybody: else each command of a nurse
# would be refused once, and the pump's log would hold a refusal that nobody caused, in place of a true one.
named_first: Callable[[Acting], None] | None = None


class Acting:
    """What a person needs before a pump obeys; the Pump has the session and the program."""

    session: Session
    program: Program | None
    user: str | None = None  # who logged in last through this Pump
    asks: Asks | None = None

    def login(self, name: str, code: str) -> None:
        """Log in: what is asked for from now on is this person's. Ends with another login, or after some idle minutes.

        Raises Refused: pump_open (nobody is known to it), unknown_person, wrong_code, code_wait.
        """
        self._known(lambda: logins.log_in(self.session, name, code))
        self.user = name

    def logout(self) -> None:
        """Nobody is logged in from now on."""
        self._known(lambda: logins.log_out(self.session))
        self.user = None

    def lock(self, level: int) -> None:
        """Set what a person who is not logged in may do, 0 to 3 (docs/access.md). It outlives power cuts."""
        self._known(lambda: self._send("lock", (level,)))

    def _lock_as_ordered(self, order: object) -> None:
        """Set the lock level that a therapy file asks for; an open pump has none, and "open" changes none."""
        file = order.file if isinstance(order, Therapy) else None
        wanted = LOCKS[file.lock] if file is not None else 0
        if wanted and self.status().lock not in (-1, wanted):
            self.lock(wanted)

    def status(self) -> Status:
        raise NotImplementedError

    def _known(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Refused as refusal:
            if refusal.reason != "not_ordered":
                raise
            raise Refused(
                "pump_open",
                text="nobody is known to this pump, and everybody may do everything: picoinfuse access set NAME ROLE "
                "tells it of people",
            ) from None

    def _send(self, name: str, values: Sequence[Any], about: str = "") -> dict[str, Any]:
        """Send a request; if the pump wants somebody else for it and `asks` sees to that, once more."""
        first = None if self.asks is not None else named_first
        if first is not None and not_yours.for_some(name):
            first(self)
        try:
            return self.session.ask(name, values, about)
        except Refused as refusal:
            asks = self.asks or at_terminal
            if refusal.reason not in WANTS_SOMEBODY or asks is None or not asks(self, refusal.reason):
                raise
        return self.session.ask(name, values, about)

    def _proposed(self, name: str, values: Sequence[Any], override: str, asked: str) -> dict[str, Any]:
        """Propose a change and return the pump's answer; `override` is told for each soft limit that is in its way.

        asked: the change in the words of who wants it, for a refusal.
        """
        passed: list[int] = []
        while True:
            try:
                return self._send(name, values)
            except Refused as refusal:
                kind, _, parameter = refusal.reason.partition(".")
                number = libraries.PARAMETERS.index(parameter) if kind == "soft_limit" else -1
                if not override or number < 0 or number in passed:
                    raise (self.program.explained(refusal, asked) if self.program else refusal) from None
                passed.append(number)
            self._send("override", (override, passed))

    def _made_for(self, refusal: Refused, program: Program, library: str | Path | None, override: str) -> Program:
        """Return the program as one that was made with the drug library of the pump, which has refused it as it was.

        Raises the refusal if it is about something else, BadInput if that library is not known here.
        """
        if refusal.reason != "other_library" or not refusal.limit or _names_one(program):
            raise refusal
        if override and not program.drug_unit:  # no drug, nothing that a library could say: any of them will do
            return program.with_options(Option.library("-", refusal.limit), Option.override(override, ["drug"]))
        return _with_check(refusal.limit, library).attached(program, override)


def _names_one(program: Program) -> bool:
    return any(option.kind == kinds.LIBRARY for option in program.options)


def _with_check(check: int, named: str | Path | None) -> Library:
    """Return the drug library with this check value: the one that was named, or the one that is shipped."""
    from .library import SHIPPED, Library

    name = named or os.environ.get(LIBRARY_VARIABLE) or SHIPPED
    library = Library.read(name)
    if library.check != check:
        raise BadInput(
            f"library = {str(name)!r}: has the check value {library.check:08x}, and the drug library of the pump "
            f"{check:08x}: name the file that was installed there (--library FILE, or {LIBRARY_VARIABLE})"
        )
    return library
