"""What was asked for by who may not (`log_in`, `locked`, ...): who that is, who may, and how to log in: in words."""

from __future__ import annotations

from picoinfuse_firmware import access

from .status import LEVELS, Status

LOG_IN, LOCKED, NOT_YOUR_ROLE, SECOND_PERSON = access.LOG_IN, access.LOCKED, access.NOT_YOUR_ROLE, "second_person"
REASONS = (LOG_IN, LOCKED, NOT_YOUR_ROLE, SECOND_PERSON)
HOW = "--user NAME (the code is asked for, or taken from PICOINFUSE_CODE), in a script Pump.login(name, code)"
HOW_SECOND = "--second NAME (the code is asked for, or taken from PICOINFUSE_SECOND_CODE), in a script Pump.login"
# What a request is about where its name alone does not tell.
ABOUT = {
    "phase": "load (a phase of a program)",
    "option": "load (an option of a program)",
    "apply": "apply (a change of rate, or a bolus)",
    "override": "override (a reason why a soft limit is passed)",
    "refill": "refill (a new syringe)",
    "leave": "leave (the firmware)",
}


def roles(request: str) -> list[str]:
    """Return the roles that may ask for it, as the firmware's table has them; the patient is who is not logged in."""
    return [role for role in access.ROLES if not access.refusal(role, 0, request)]


def for_some(request: str) -> bool:
    """Return whether it matters who asks for it: neither for everybody, nor for the patient alone."""
    return roles(request) not in (list(access.ROLES), [access.PATIENT])


def who(status: Status) -> str:
    """Return who is logged in, e.g. "rita (prescriber) is logged in"."""
    name, _, role = status.who.partition(".")
    return f"{name} ({role}) is logged in" if role else "nobody is logged in, which counts as the patient"


def words(reason: str, request: str, status: Status) -> str:
    """Return why `request` was refused to who asked it (one of REASONS), who may do it, and how to log in."""
    asked = ABOUT.get(request, request)
    people = [role for role in roles(request) if role != access.PATIENT]
    may = f"for a {_or(people)}: log in by {HOW}"
    if reason == LOCKED:
        level = f"let a {_or(roles('lock'))} set another level (picoinfuse lock LEVEL)"
        return f"{asked}: {who(status)}, and the lock level {status.lock} holds it back ({LEVELS[status.lock]}); " + (
            f"it is {may}; or {level}" if people else level
        )
    if reason == SECOND_PERSON:
        return (
            f"{asked}: {who(status)} and wrote a part of this program, so another person has to confirm it: "
            f"{_or(people)}. Let that one log in: {HOW_SECOND}"
        )
    if not people:
        return f"{asked}: {who(status)}; it is for the patient alone, who is not logged in: Pump.logout"
    return f"{asked}: {who(status)}; it is {may} (docs/access.md has the table)"


def _or(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
