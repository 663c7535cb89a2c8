"""How the day of a person with diabetes is written: meals, exercise and trouble with the sensor, each as NUMBER@TIME.

    meals=45g@7h/70g@12.5h/20g@16h:quiet     carbohydrate; `quiet`: nobody is told, so there is no bolus
    exercise=0.5@17h:1h                         effort (0 to 1 of the highest oxygen uptake), when, for how long
    trouble=lost@10h:30min/pressed@23h:20min    what is wrong with the sensor: lost, stuck or pressed

Times count from the beginning of the simulation; more than one stand side by side with `/` between them.
"""

from __future__ import annotations

from picoinfuse import units
from picoinfuse.errors import BadInput

from ..fault_text import number_of, word_of
from .glucose import TROUBLES, Exercise, Meal, Trouble
from .hovorka import MAX_MEAL_G

QUIET = "quiet"
_GRAMS = number_of({"": 1, "g": 1}, 0, MAX_MEAL_G, "g")
_EFFORT = number_of({"": 1}, 0, 1, "")
_TROUBLE = word_of(*TROUBLES)


def _events(text: str, field: str, example: str) -> list[tuple[str, int, str]]:
    """Return (what, at_ms, rest) of each event. Raises BadInput that says what would be right."""
    found = []
    for part in text.split("/"):
        what, at, rest = (word.strip() for word in part.partition("@"))
        time, _, more = (word.strip() for word in rest.partition(":"))
        if not (what and at and time):
            raise BadInput(f"{field}: {part.strip()!r} is not WHAT@TIME; write e.g. {example}")
        found.append((what, units.duration_ms(time, f"{field}: time"), more))
    return found


def meals(text: str, field: str) -> list[Meal]:
    """Read meals. Raises BadInput."""
    found = []
    for what, at_ms, more in _events(text, field, "45g@7h/70g@12h"):
        if more not in ("", QUIET):
            raise BadInput(f"{field}: {more!r} after the time: only {QUIET!r} can stand there")
        found.append(Meal(at_ms, float(_GRAMS(what, f"{field}: meal") or 0), more != QUIET))
    return found


def exercise(text: str, field: str) -> list[Exercise]:
    """Read exercise. Raises BadInput."""
    found = []
    for what, at_ms, more in _events(text, field, "0.5@17h:1h"):
        if not more:
            raise BadInput(f"{field}: says not for how long; write e.g. 0.5@17h:1h")
        found.append(Exercise(at_ms, float(_EFFORT(what, f"{field}: effort") or 0), _length(more, field)))
    return found


def trouble(text: str, field: str) -> list[Trouble]:
    """Read what goes wrong with the sensor. Raises BadInput."""
    found = []
    for what, at_ms, more in _events(text, field, "lost@10h:30min"):
        if not more:
            raise BadInput(f"{field}: says not for how long; write e.g. lost@10h:30min")
        found.append(Trouble(at_ms, str(_TROUBLE(what, field)), _length(more, field)))
    return found


def _length(text: str, field: str) -> int:
    ms = units.duration_ms(text, f"{field}: how long")
    if not ms:
        raise BadInput(f"{field}: {text!r} is no time; write how long it lasts")
    return ms
