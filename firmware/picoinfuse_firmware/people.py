"""The file of people on the pump: who they are, their roles, their salted and hashed codes; and whether it is whole.

    picoinfuse people 1
    level N             the lock level from this file's first start on, until somebody sets another one: 0 to 3
    relock_ms N         who is logged in and does nothing for so long is logged out
    double_check 0|1    1: a program is confirmed by another person than the one who programmed it
    rounds N            of PBKDF2-HMAC-SHA256 from a code to its verifier; the host's work, never the pump's
    person NAME ROLE SALT VERIFIER
    ...
    check XXXXXXXX

It is read anew at each login (texts.py): what is kept in memory are the rules. Pure: the host asks it too.
"""

from binascii import unhexlify

from .access import MAX_LEVEL, PATIENT, ROLES
from .texts import DAMAGED, number_of, read

HEAD = ["picoinfuse", "people", "1"]
MAX_PEOPLE = 12
MAX_NAME = 12  # letters: name and action fit into an entry of the log
MIN_RELOCK_MS, RELOCK_MS, MAX_RELOCK_MS = 10000, 180000, 3600000  # authenticate again after 3 min idle [KSU]
MIN_ROUNDS, MAX_ROUNDS = 1000, 10000000
SALT_LETTERS, VERIFIER_LETTERS = 32, 64
# The rules, in this order: name, least, most.
RULES = (
    ("level", 0, MAX_LEVEL),
    ("relock_ms", MIN_RELOCK_MS, MAX_RELOCK_MS),
    ("double_check", 0, 1),
    ("rounds", MIN_ROUNDS, MAX_ROUNDS),
)
_NAME = "abcdefghijklmnopqrstuvwxyz0123456789_"


class Person:
    """One line of the file. place: counted from 0; salt: hex; verifier: bytes."""

    def __init__(self, place, name, role, salt, verifier):
        self.place = place
        self.name = name
        self.role = role
        self.salt = salt
        self.verifier = verifier


class People:
    """What a file holds: the rules as attributes, how many people, and the Person whose name is `wanted`, or None.

    problem: "" if the file is whole, else a word as texts.read gives it, and the rest is of no meaning. check: another
    file has another one.
    """

    def __init__(self, lines, wanted=""):
        self.level = MAX_LEVEL
        self.relock_ms = RELOCK_MS
        self.double_check = 0
        self.rounds = MAX_ROUNDS
        self.names = []
        self._wanted = wanted
        self._last = 0
        self.person = None
        self.check, self.problem = read(lines, HEAD, self._take)
        if self._last < len(RULES) and not self.problem:
            self.problem = DAMAGED  # it ends before its rules do
        if self.problem:
            self.person = None

    def _take(self, number, words):
        self._last = number
        if number == 0:
            return len(words) == len(HEAD)
        if number <= len(RULES):
            name, least, most = RULES[number - 1]
            setattr(self, name, number_of(words[1], least, most))
            return len(words) == 2 and words[0] == name
        place = len(self.names)
        if place == MAX_PEOPLE or len(words) != 5 or words[0] != "person" or words[1] in self.names:
            return False
        name, role, salt, verifier = words[1:]
        if not is_name(name) or role not in ROLES or role == PATIENT:
            return False
        if len(salt) != SALT_LETTERS or len(verifier) != VERIFIER_LETTERS:
            return False
        unhexlify(salt)
        person = Person(place, name, role, salt, unhexlify(verifier))
        self.names.append(name)
        if name == self._wanted:
            self.person = person
        return True


def is_name(name):
    """Return whether a name can be a person's: 1 to 12 small letters, digits and _."""
    return 0 < len(name) <= MAX_NAME and not name.strip(_NAME)
