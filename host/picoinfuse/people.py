"""Who may use a pump: the file of people as the host makes and changes it, and what a person's code is turned into.

The code never leaves this machine. The file holds, for each person, a salt and a verifier: the code after many rounds
of PBKDF2-HMAC-SHA256. The pump compares hashes and never computes a round (docs/access.md says what one would take it).
"""

from __future__ import annotations

import hashlib
import secrets
from binascii import crc32
from dataclasses import dataclass, replace

from picoinfuse_firmware import access
from picoinfuse_firmware import people as firmware

from .errors import BadInput
from .status import duration_words

ROLES = tuple(role for role in access.ROLES if role != access.PATIENT)
ROUNDS = 200_000  # some tenths of a second on a laptop; engineer's judgement
MIN_CODE, MAX_CODE = 6, 64  # characters

PROBLEMS = {
    "damaged": "the file of people cannot be read, or was changed by hand or by a fault",
    "format": "the file of people is of another format than the one that is known here",
}


def verifier(code: str, salt: str, rounds: int) -> bytes:
    """Return what stands in the file for a code. salt: hex."""
    return hashlib.pbkdf2_hmac("sha256", code.encode(), bytes.fromhex(salt), rounds)


def checked_name(name: str) -> str:
    """Return a name that the pump can keep. Raises BadInput."""
    if not firmware.is_name(name):
        raise BadInput(f"name = {name!r}: write 1 to {firmware.MAX_NAME} small letters, digits or _")
    return name


@dataclass(frozen=True)
class Row:
    """One person of the file. salt, verifier: hex."""

    name: str
    role: str
    salt: str
    verifier: str


@dataclass(frozen=True)
class PeopleFile:
    """The whole file; not changed once made. level: the lock level that holds until somebody sets another one."""

    level: int = access.MAX_LEVEL
    relock_ms: int = firmware.RELOCK_MS
    double_check: int = 0
    rounds: int = ROUNDS
    people: tuple[Row, ...] = ()

    @staticmethod
    def parse(data: bytes | str, where: str) -> PeopleFile:
        """Return what a file holds. Raises BadInput for one that the pump would not take."""
        try:
            text = data if isinstance(data, str) else data.decode()
        except UnicodeDecodeError:
            text = ""
        found = firmware.People(text.splitlines(keepends=True))
        if found.problem:
            raise BadInput(f"{where}: {PROBLEMS[found.problem]}; remove it and set everybody anew")
        rows = tuple(Row(*line.split(" ")[1:]) for line in text.splitlines() if line.startswith("person "))
        return PeopleFile(found.level, found.relock_ms, found.double_check, found.rounds, rows)

    @property
    def text(self) -> str:
        """The file for the pump."""
        rows = [
            " ".join(firmware.HEAD),
            *(f"{name} {getattr(self, name)}" for name, _, _ in firmware.RULES),
            *(f"person {row.name} {row.role} {row.salt} {row.verifier}" for row in self.people),
        ]
        text = "".join(f"{row}\n" for row in rows)
        return f"{text}check {crc32(text.encode()):08x}\n"

    def with_person(self, name: str, role: str, code: str) -> PeopleFile:
        """Return it with this person, new or with another role and code. Raises BadInput."""
        checked_name(name)
        if role not in ROLES:
            raise BadInput(f"role = {role!r}: is not one of {', '.join(ROLES)} (a patient does not log in)")
        if not MIN_CODE <= len(code) <= MAX_CODE or not code.isprintable() or code != code.strip():
            raise BadInput(f"code: write {MIN_CODE} to {MAX_CODE} printable characters, no blanks at its ends")
        salt = secrets.token_hex(firmware.SALT_LETTERS // 2)
        row = Row(name, role, salt, verifier(code, salt, self.rounds).hex())
        others = tuple(other for other in self.people if other.name != name)
        if len(others) >= firmware.MAX_PEOPLE:
            raise BadInput(f"name = {name!r}: the file holds {firmware.MAX_PEOPLE} people; remove one first")
        return self._usable(replace(self, people=(*others, row)))

    def without(self, name: str) -> PeopleFile:
        """Return it without this person. Raises BadInput."""
        others = tuple(other for other in self.people if other.name != name)
        if len(others) == len(self.people):
            raise BadInput(f"name = {name!r}: is not in the file; it has {', '.join(self.names) or 'nobody'}")
        return self._usable(replace(self, people=others))

    def with_rules(
        self, *, level: int | None = None, relock_ms: int | None = None, double_check: bool | None = None
    ) -> PeopleFile:
        """Return it with other rules. Raises BadInput for a value outside its range, or for a file of nobody.

        Rules alone would lock everybody out of a pump, the technician too who could take them away again.
        """
        for name, value, least, most in (
            ("level", level, 0, access.MAX_LEVEL),
            ("relock", relock_ms, firmware.MIN_RELOCK_MS, firmware.MAX_RELOCK_MS),
        ):
            if value is not None and not least <= value <= most:
                said = [str(number) for number in (value, least, most)]
                if name == "relock":
                    said = [f"{n / 1000:.3f} s" if n % 1000 else duration_words(n) for n in (value, least, most)]
                raise BadInput(f"{name} = {said[0]}: is outside {said[1]} to {said[2]}")
        changed = replace(
            self,
            level=self.level if level is None else level,
            relock_ms=self.relock_ms if relock_ms is None else relock_ms,
            double_check=self.double_check if double_check is None else int(double_check),
        )
        return self._usable(changed)

    @property
    def names(self) -> list[str]:
        """The names, in the order of the file."""
        return [row.name for row in self.people]

    def _usable(self, changed: PeopleFile) -> PeopleFile:
        """Return it. Raises BadInput if nobody could bring the pump to its prompt any more, to change this file."""
        if not any(row.role == access.TECHNICIAN for row in changed.people):
            raise BadInput(
                "technician: there must be one at least, who alone can let the pump leave its firmware, for a "
                "new file; set that person first"
            )
        return changed

    def lines(self) -> list[str]:
        """Return it as lines to read; no salt, no verifier."""
        wide = max((len(name) for name in self.names), default=0)
        return [
            f"lock level     {self.level} until somebody sets another one",
            f"logged out     after {self.relock_ms / 1000:g} s without a request",
            f"second person  {'confirms each program' if self.double_check else 'not needed to confirm a program'}",
            *(f"  {row.name:<{wide}}  {row.role}" for row in self.people),
        ]
