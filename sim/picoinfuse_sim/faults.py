"""Everything that can go wrong, by name: one catalogue for tests, the command line, sim:// and the documents."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from textwrap import wrap
from typing import Any

from picoinfuse.errors import BadInput

from . import fault_text
from .fault_text import DURATION, Fault, Planned
from .faults_drive import DRIVE_AND_SYRINGE
from .faults_electronics import ELECTRONICS
from .faults_line import LINE_AND_PATIENT

__all__ = ["CATALOGUE", "GROUPS", "Fault", "Planned", "as_json", "find", "parse", "words"]

GROUPS = ("drive", "syringe", "line", "patient", "sensors", "power", "host", "firmware")
CATALOGUE: dict[str, Fault] = {
    fault.name: fault
    for group in GROUPS
    for fault in DRIVE_AND_SYRINGE + LINE_AND_PATIENT + ELECTRONICS
    if fault.group == group
}
_WIDE = 100  # columns of the texts


def parse(text: str) -> Planned:
    """Read "NAME@TIME" or "NAME@TIME:ARGUMENT". Raises BadInput that says what is wrong and what would be right."""
    return fault_text.read(text, CATALOGUE)


def find(name: str) -> Fault:
    """Return the row of this name. Raises BadInput that names those that are like it, or all."""
    fault = CATALOGUE.get(name)
    if fault is None:
        near = get_close_matches(name, CATALOGUE, 3, 0.5)
        known = f"did you mean {' or '.join(near)}?" if near else f"the known ones are: {', '.join(CATALOGUE)}"
        raise BadInput(f"fault {name!r}: unknown; {known}")
    return fault


def words(faults: Iterable[Fault]) -> list[str]:
    """Return lines for people: how each fault is written, what it does, and which alarm ought to see it."""
    lines = []
    group = ""
    for fault in faults:
        if fault.group != group:
            group = fault.group
            lines += [group.upper(), ""]
        lines.append(f"  {fault.usage()}")
        lines += _indented(fault.text)
        if fault.argument is not None:
            otherwise = f"; without it: {fault.default_text}" if fault.default_text else ""
            if fault.argument is DURATION and not otherwise:
                otherwise = "; without it: for good"
            lines += _indented(f"e.g. {fault.example()}{otherwise}")
        lines += [*_indented(f"Alarm: {fault.alarm}."), ""]
    return lines[:-1]


def _indented(text: str) -> list[str]:
    return wrap(text, _WIDE, initial_indent="      ", subsequent_indent="      ")


def as_json(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    """Return the same as data."""
    return [
        {
            "name": fault.name,
            "group": fault.group,
            "text": fault.text,
            "argument": fault.argument.name if fault.argument else None,
            "default": fault.default_text or None,
            "example": fault.example(),
            "alarms": list(fault.alarms),
            "why": fault.why or None,
        }
        for fault in faults
    ]
