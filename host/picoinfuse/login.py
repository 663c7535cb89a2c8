"""Logging in on a pump: how a code becomes an answer to its nonce, and how what is asked for is sealed after that."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from picoinfuse_firmware import access, people, seal

from .errors import PicoInfuseError
from .people import checked_name, verifier
from .session import Seal, Session

NOBODY = "-"
WRONG = ("wrong_code", "code_wait")


@lru_cache(maxsize=16)
def _verifier(code: str, salt: str, rounds: int) -> bytes:
    """The same person logs in several times in one command, and each round is work."""
    return verifier(code, salt, rounds)


def log_in(session: Session, name: str, code: str, clock: Callable[[], float] = time.time) -> None:
    """Log somebody in: what this session asks for from now on is theirs, and sealed.

    clock: seconds since 1970, which the pump writes into its log and uses for nothing. Raises Refused (unknown_person,
    wrong_code, code_wait, pump_open) and BadInput for what can be no name.
    """
    fields = session.ask("login", (checked_name(name), int(clock())))
    digest, key = answer_to(name, code, fields["nonce"], fields["salt"], fields["rounds"])
    session.ask("answer", (digest,))
    session.seal = sealing(key)


def answer_to(name: str, code: str, nonce: str, salt: str, rounds: int) -> tuple[str, bytes]:
    """Return (the answer to a pump's challenge, the key of the login that it opens).

    Raises PicoInfuseError for a challenge that no pump of ours sends: too cheap a hash could be guessed against.
    """
    if not people.MIN_ROUNDS <= rounds <= people.MAX_ROUNDS or len(salt) != people.SALT_LETTERS:
        raise PicoInfuseError(
            f"The pump wants the code hashed {rounds} times, and not {people.MIN_ROUNDS} to {people.MAX_ROUNDS} times. "
            "Nothing was sent. Is it the pump that it says it is?"
        )
    its = _verifier(code, salt, rounds)
    return seal.answer(its, nonce, name), seal.key(its, nonce, name)


def log_out(session: Session) -> None:
    """Nobody is logged in from now on."""
    session.ask("login", (NOBODY, 0))
    session.seal = None


def sealing(key: bytes) -> Seal:
    """Return what puts the seal of this key behind the first word of a request that can deliver."""

    def its(seq: int, name: str, values: Sequence[Any], about: str) -> Sequence[Any]:
        if not access.has_mark(name, "K"):
            return values
        return (f"{values[0]}.{seal.seal(key, seq, name, values, about)}", *values[1:])

    return its
