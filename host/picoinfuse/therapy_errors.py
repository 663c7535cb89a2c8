"""What is wrong with the fields of a therapy file, in our words: field, value, what is allowed, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import Repr
from typing import Any

from .configuration_fields import SECTIONS

SPELLED = "is it spelled right?"
LISTS = ("phases", "limits")  # of tables, written [[...]]
LONGEST_VALUE = 60  # characters of a value that a message repeats
_short = Repr()
_short.maxstring = _short.maxother = LONGEST_VALUE
_short.maxlong = 30
_short.maxlist = _short.maxdict = 3
_short.maxlevel = 2


def shown(value: object) -> str:
    """Return a value as it was written, cut short if it is long; whole numbers of any size."""
    try:
        return _short.repr(value)
    except ValueError:  # a whole number too long to be written out
        return "a very long number"


def problems(errors: Sequence[Any]) -> list[str]:
    """Return pydantic's errors in our words, one line each.

    A misspelt field is also a missing one; the spelling is what helps, so of both it alone is told.
    """
    for error in errors:
        if error["type"] == "extra_forbidden" and error["loc"][0] in SECTIONS:
            return [_say(error)]  # another kind of file: what else is wrong with it says nothing
    tables = {tuple(error["loc"][:-1]) for error in errors if error["type"] == "extra_forbidden"}
    told = [error for error in errors if error["type"] != "missing" or tuple(error["loc"][:-1]) not in tables]
    return list(dict.fromkeys(_say(error) for error in told))


def _field(loc: list[Any]) -> str:
    """Return the name of a field as people look for it: "phase 2 rate", "limits 1 window", "patient weight"."""
    if len(loc) > 1 and loc[0] == "phases":
        loc = [f"phase {loc[1] + 1}", *loc[3:]]  # between them stands the kind, by which pydantic chose the fields
    return " ".join(str(part + 1) if isinstance(part, int) else shown_name(str(part)) for part in loc)


def shown_name(name: str) -> str:
    """Return the name of a field, cut short if it is long, and without what no screen shows."""
    name = name if name.isprintable() else repr(name)
    return name if len(name) <= LONGEST_VALUE else f"{name[: LONGEST_VALUE - 3]}..."


def _say(error: Any) -> str:
    loc = list(error["loc"])
    name = _field(loc)
    kind, limits, value = error["type"], error.get("ctx", {}), shown(error["input"])
    if kind == "missing":
        return f"{name}: is missing; add it"
    if kind in ("model_type", "model_attributes_type"):
        of_list = loc[0] in LISTS and len(loc) > 1
        return f"{name} = {value}: write it as a table " + (f"[[{loc[0]}]]" if of_list else f"[{name}]")
    if kind == "list_type" and name in LISTS:
        return f"{name} = {value}: each {name[:-1]} stands under its own [[{name}]]"
    if kind == "list_type":
        return f"{name} = {value}: write a list, [...]"
    if kind == "extra_forbidden" and isinstance(error["input"], (dict, list)):
        looks = "is this the configuration of a pump (picoinfuse config check)?" if name in SECTIONS else SPELLED
        return f"[{name}]: there is no such field in a therapy; {looks}"
    if kind == "extra_forbidden":
        return f"{name} = {value}: there is no such field; {SPELLED}"
    if kind == "literal_error":
        return f"{name} = {value}: is not one of {limits['expected']}"
    if kind == "union_tag_invalid":
        return f"{name} kind = {shown(limits['tag'])}: is not one of {limits['expected_tags']}"
    if kind == "union_tag_not_found":
        return f"{name} kind: is missing; add it"
    if kind == "string_type":
        return f"{name} = {value}: must be text in quotes, a number with its unit"
    if kind == "int_type":
        return f"{name} = {value}: must be a whole number, without quotes and unit"
    if kind == "greater_than_equal":
        return f"{name} = {value}: is below {limits['ge']}, the least"
    if kind == "less_than_equal":
        return f"{name} = {value}: is above {limits['le']}, the most"
    if kind == "string_too_short":
        return f"{name} = {value}: is empty; write at least {limits['min_length']} character"
    if kind == "string_too_long":
        return f"{name} = {value}: is longer than {limits['max_length']} characters; write less"
    if kind == "too_short":
        return f"{name} = {value}: there are none; write at least {limits['min_length']}"
    if kind == "too_long":
        return f"{name}: there are {limits['actual_length']}; the most is {limits['max_length']}"
    if kind == "value_error":
        return f"{name} = {value}: {limits['error']}"
    return f"{name} = {value}: {error['msg'][0].lower()}{error['msg'][1:]}"
