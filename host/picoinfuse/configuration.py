"""The pump's configuration on the host: a TOML file for people <-> whole numbers <-> the JSON file on the pump.

Values are a dict: field of picoinfuse_firmware.settings -> whole number. Whatever is wrong with a file ends as BadInput
that names file, line, field, value and what is allowed.
"""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

from picoinfuse_firmware import settings
from picoinfuse_firmware.config import Config

from .configuration_fields import DEFAULTS, MEANINGS, SECTION_OF, SECTIONS, UNITS, allowed, is_switch, shown
from .errors import BadInput

Values = dict[str, int]
MAX_BYTES = 100_000
COMMENT_COLUMN = 36

RULES = {
    "battery_empty_mv": "must be below battery_low_mv = {battery_low_mv}",
    "temperature_min_mc": "must be below temperature_max_mc = {temperature_max_mc}",
    "force_calibrated": "is missing while has_force is true: a cell that was never calibrated tells nothing. Calibrate "
    "it (picoinfuse calibrate force), or write has_force = false",
}
WHOLE_FILE = {
    "config_missing": "there is no configuration on the pump: picoinfuse config set FILE.toml writes one",
    "config_damaged": "the configuration on the pump cannot be read",
    "config_format": f"the configuration on the pump is not of format {settings.FORMAT}, the one that is known here",
    "config_check": "the configuration on the pump was changed, by hand or by a fault: its check value does not fit",
    "config_unknown": "the configuration on the pump has a field that is not known",
}


def defaults() -> Values:
    """Return the configuration of a bare pump: the usual drive, no sensor."""
    return dict(DEFAULTS)


def config_of(values: Values) -> Config:
    """Return the firmware's Config of some values."""
    return Config(**values)


# --- for people ------------------------------------------------------------------------------------------------------


def toml(values: Values, head: str = "") -> str:
    """Return the file for people: every field with its unit and meaning. head: lines that begin it, as comments."""
    lines = [
        "# The configuration of a PicoInfuse pump. For teaching only, not for treating anyone.",
        "# Whole numbers; the unit stands in the name. What each means, and its limits: docs/configuration.md.",
        "# Check it: picoinfuse config check FILE. Write it onto the pump: picoinfuse config set FILE --port PORT.",
        *(f"# {line}" for line in head.splitlines()),
    ]
    for section, (about, fields) in SECTIONS.items():
        lines += ["", f"# {about}.", f"[{section}]"]
        for name, (unit, meaning) in fields.items():
            text = f"{name} = {shown(name, values[name])}"
            said = meaning if is_switch(name) or name in settings.DATES else f"[{unit}] {meaning}"
            lines.append(f"{text:<{COMMENT_COLUMN}}  # {said.replace('`', '')}")
    return "\n".join(lines) + "\n"


def read(path: Path) -> Values:
    """Return the values of a TOML file. Raises BadInput."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise BadInput(f"{path}: is longer than {MAX_BYTES} bytes; is it a configuration?")
        return parse(data.decode(), str(path))
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror or error}; picoinfuse config new makes one") from error
    except UnicodeDecodeError:
        raise BadInput(f"{path}: is no text in UTF-8; is it a configuration?") from None


def parse(text: str, where: str) -> Values:
    """Return the values of a text; `where` begins every message. Raises BadInput with every problem, a line for each."""
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(f"{where}: is no valid TOML: {error}") from error
    problems: list[str] = []
    found: Values = {}
    for section, fields in tables.items():
        if section not in SECTIONS or not isinstance(fields, dict):
            inside = f"[{section}]" if isinstance(fields, dict) else section
            known = f"it belongs under [{SECTION_OF[section]}]" if section in SECTION_OF else _sections()
            problems.append(f"{_at(text, where, section)}: {inside}: there is no such section; {known}")
            continue
        for name, value in fields.items():
            at = _at(text, where, name)
            if SECTION_OF.get(name) == section:
                problem = _read_value(name, value, found)
            elif name in SECTION_OF:
                problem = f"belongs under [{SECTION_OF[name]}], and stands under [{section}]"
            else:
                problem = f"there is no such field; [{section}] has {', '.join(SECTIONS[section][1])}"
            if problem:
                problems.append(f"{at}: {name} = {_short(value)}: {problem}")
    if not problems:
        problems = [
            f"{where}: {name}: is missing under [{SECTION_OF[name]}]; add it, e.g. {name} = {shown(name, DEFAULTS[name])}"
            for name in settings.NAMES
            if name not in found
        ]
    if not problems and (word := settings.rule(found)):
        name = word.partition(".")[2]
        problems = [f"{_at(text, where, name)}: {problem_words(word, found)}"]
    if problems:
        raise BadInput("\n".join(problems))
    return {name: found[name] for name in settings.NAMES}


def _sections() -> str:
    return "the sections are " + ", ".join(f"[{name}]" for name in SECTIONS)


def _read_value(name: str, value: Any, found: Values) -> str:
    """Put a value of the TOML file among those that were found, as a whole number; return what is wrong with it."""
    if is_switch(name) and isinstance(value, bool):
        value = int(value)
    if name in settings.DATES and isinstance(value, date) and not isinstance(value, datetime):
        value = date_number(value)
    word = settings.problem_of(name, value)
    if not word:
        found[name] = value
        return ""
    return f"{'is not a whole number' if word.startswith('config_type') else 'is outside'}; write {allowed(name)}"


def date_number(day: date) -> int:
    """Return a date as the pump keeps it: yyyymmdd."""
    return day.year * 10000 + day.month * 100 + day.day


def _at(text: str, where: str, name: str) -> str:
    """Return the file and, if it can be found, the line in which a field or a section stands."""
    pattern = re.compile(rf"\s*(?:\[\s*)?[\"']?{re.escape(name)}[\"']?\s*[\]=.]")
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.match(line):
            return f"{where}, line {number}"
    return where


def _short(value: object) -> str:
    text = str(value) if isinstance(value, date) else {True: "true", False: "false"}.get(value) if isinstance(
        value, bool
    ) else repr(value)
    text = text or ""
    return text if len(text) <= 60 else f"{text[:57]}..."


# --- for the pump ----------------------------------------------------------------------------------------------------


def sealed(values: Values) -> bytes:
    """Return the file for the pump: JSON with format and check value, a line for each field."""
    return (json.dumps(settings.sealed(values), indent=0) + "\n").encode()


def of_pump(data: bytes | None) -> tuple[Values, str]:
    """Return (values, problem) of the pump's file; None: there is none.

    problem: "", or the word that the pump itself has for it. What could be read stands in the values, the rest has its
    default: enough to mend a file that an older firmware wrote.
    """
    if data is None:
        return defaults(), "config_missing"
    try:
        if not 0 < len(data) <= settings.MAX_BYTES:
            return defaults(), "config_damaged"
        raw = json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return defaults(), "config_damaged"
    problem = str(settings.check(raw)) if isinstance(raw, dict) else "config_damaged"
    kept = raw if isinstance(raw, dict) else {}
    values = {name: kept.get(name, DEFAULTS[name]) for name in settings.NAMES}
    return {name: DEFAULTS[name] if settings.problem_of(name, it) else it for name, it in values.items()}, problem


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    its = dict(pairs)
    if len(its) != len(pairs):
        raise ValueError("a key stands there twice")
    return its


def problem_words(word: str, values: Values | None = None) -> str:
    """Return a problem word of the pump in words for people; values: to tell the numbers, if they are known."""
    if word in WHOLE_FILE:
        return WHOLE_FILE[word]
    kind, _, name = word.partition(".")
    text = f"{name} = {shown(name, values[name])}" if values and name in values else name
    if kind == "config_rule" and name in RULES:
        return f"{text}: {RULES[name].format(**(values or DEFAULTS))}"
    if kind == "config_missing":
        return f"{name}: is missing in the configuration on the pump; another version of the firmware wrote it"
    if kind == "config_unknown":
        return f"{name}: this firmware does not know such a field; another version wrote it"
    if kind in ("config_range", "config_type") and name in MEANINGS:
        said = "is not a whole number" if kind == "config_type" else "is outside its limits"
        return f"{name} {said}: {allowed(name)}"
    return word


def lines(values: Values) -> list[str]:
    """Return the values as lines to read, section by section; what differs from the default is marked."""
    said = []
    for section, (about, fields) in SECTIONS.items():
        said.append(f"[{section}] {about.lower() if section != 'sensors' else 'what is fitted'}")
        for name in fields:
            unit = "" if is_switch(name) or name in settings.DATES else f" {UNITS[name]}"
            mark = "" if values[name] == DEFAULTS[name] else f"   (default {shown(name, DEFAULTS[name])})"
            said.append(f"  {name:<24} {shown(name, values[name])}{unit}{mark}")
    return said
