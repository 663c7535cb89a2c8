"""Human units -> whole numbers and exact fractions; the only place that reads a unit.

Volumes are whole nanolitres, times whole milliseconds, pressures whole mmHg. A rate is a ratio of whole numbers, so
many nanolitres in so many milliseconds, and never rounded. Everything that is written wrongly ends as `BadInput` with
the name of the field, the value and what would be right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from picoinfuse_firmware.limits import OCCLUSION_LEVELS

from .errors import BadInput

if TYPE_CHECKING:
    from pint import UnitRegistry

NL_PER_ML = 1_000_000
MS_PER_H = 3_600_000
MAX_TEXT = 80  # characters; a longer quantity is a mistake
MAX_DIGITS = 15  # of each whole number of a rate, so that every message of the wire fits into its line
MAX_VOLUME_NL = 20_000 * NL_PER_ML  # a teaching pump never needs more than 20 L; more is a slip of the unit
MAX_RATE_ML_H = 100_000  # far beyond any motor: more is a slip of the unit
SECONDS_PER_YEAR = 31_557_600  # of 365.25 days
MAX_DURATION_MS = 60 * 24 * MS_PER_H  # 60 days
FOUR_TWO_ONE = "4-2-1"  # a rate by body weight: mL/kg/h for the first 10 kg, the next 10, and the rest

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?"
_QUANTITY = re.compile(rf"\s*({_NUMBER})\s*(.*?)\s*")
_UNIT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\s*[*/]\s*[A-Za-z_][A-Za-z0-9_]*)*")

_KINDS = {  # what a field may be: its dimensions as pint names them, and an example of how to write it
    "volume": ({"[volume]": 1}, "10 mL"),
    "duration": ({"[time]": 1}, "30 min"),
    "rate": ({"[volume]": 1, "[time]": -1}, "40 mL/h"),
    "pressure": ({"[pressure]": 1}, "300 mmHg"),
    "weight": ({"[mass]": 1}, "10 kg"),
    "body surface": ({"[body_surface]": 1}, "1.8 m2"),
    "height": ({"[length]": 1}, "1.75 m"),
    "age": ({"[time]": 1}, "40 years"),
}
AMOUNTS = ("[mass]", "[activity]", "[substance]", "[charge]")
Dimensions = dict[str, int]


@dataclass(frozen=True)
class Quantity:
    """A number with its dimensions: `value` is in litre, second, gram, IU, mole, Eq, pascal, body_kg and body_m2."""

    value: Fraction
    dimensions: tuple[tuple[str, int], ...]
    text: str
    field: str

    def over(self, other: Quantity) -> Quantity:
        """Return this quantity divided by another one."""
        both = dict(self.dimensions)
        for name, power in other.dimensions:
            both[name] = both.get(name, 0) - power
        return Quantity(self.value / other.value, _sorted(both), self.text, self.field)

    def has(self, name: str) -> bool:
        """Return whether the dimension takes part, e.g. "[time]"."""
        return name in dict(self.dimensions)


@dataclass(frozen=True)
class Rate:
    """A rate as it travels: `nl` nanolitres in `ms` milliseconds, in lowest terms."""

    nl: int
    ms: int

    @property
    def ml_per_h(self) -> Fraction:
        """The same in mL/h, exact."""
        return Fraction(self.nl * MS_PER_H, self.ms * NL_PER_ML)


@dataclass(frozen=True)
class Body:
    """What a dose can be given per; None where the therapy does not say."""

    weight_kg: Fraction | None = None
    surface_m2: Fraction | None = None


def _sorted(dimensions: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((name, power) for name, power in dimensions.items() if power))


@lru_cache(maxsize=1)
def registry() -> UnitRegistry[Any]:
    """Return the pint registry of our own unit file, with fractions in place of floats."""
    import pint

    with as_file(files(__package__) / "units.txt") as path:
        return pint.UnitRegistry(str(path), non_int_type=Fraction, cache_folder=None)


@lru_cache(maxsize=256)
def _unit(text: str) -> tuple[Fraction, tuple[tuple[str, int], ...]] | None:
    """Return the factor to base units and the dimensions of a unit; None if there is no such unit."""
    import pint

    ureg = registry()
    try:
        one = ureg.Quantity(Fraction(1), ureg.parse_units(text)).to_base_units()
    except (pint.UndefinedUnitError, pint.DefinitionSyntaxError):
        return None
    dimensions = {str(name): int(str(power)) for name, power in one.dimensionality.items()}
    return Fraction(one.magnitude), _sorted(dimensions)


def _plain(text: str) -> str:
    """Write the signs that people use for one unit in the one way that the unit file knows."""
    for old, new in (("µ", "u"), ("μ", "u"), ("²", "2"), ("m^2", "m2"), ("·", "*"), (" per ", "/")):
        text = text.replace(old, new)
    text = re.sub(r"/\s*kg\b", "/body_kg", text)
    return re.sub(r"\bm2\b", "body_m2", text)


def _name_dimensions(dimensions: tuple[tuple[str, int], ...]) -> str:
    def word(name: str, power: int) -> str:
        plain = name.strip("[]").replace("_", " ")
        return plain if power == 1 else f"{plain}^{power}"

    above = " x ".join(word(name, power) for name, power in dimensions if power > 0) or "1"
    below = " / ".join(word(name, -power) for name, power in dimensions if power < 0)
    return f"{above} / {below}" if below else above


def quantity(text: object, field: str, example: str = "40 mL/h") -> Quantity:
    """Read "40 mL/h", "1 g in 50 mL", "2 mU/min".

    field: its name, for the message. Raises BadInput for anything that is not a number of 0 or more with known units.
    """
    if not isinstance(text, str):
        raise BadInput(f"{field} = {text!r}: write a number and its unit in quotes, e.g. {field} = {example!r}")
    if len(text) > MAX_TEXT:
        raise BadInput(f"{field} is {len(text)} characters long; a quantity has at most {MAX_TEXT}")
    above, *below = re.split(r"\s+(?:in|/)\s+(?=[\d.])", text)
    result = _one(above, text, field, example)
    if len(below) > 1:
        raise BadInput(f"{field} = {text!r}: only one division by a number is understood, e.g. '1 g in 50 mL'")
    if below:
        divisor = _one(below[0], text, field, example)
        if divisor.value == 0:
            raise BadInput(f"{field} = {text!r}: divides by zero")
        result = result.over(divisor)
    return Quantity(result.value, result.dimensions, text, field)


def _one(part: str, text: str, field: str, example: str) -> Quantity:
    match = _QUANTITY.fullmatch(part)
    if not match:
        raise BadInput(f"{field} = {text!r}: does not begin with a number; write e.g. {field} = {example!r}")
    number, unit = match.groups()
    value = Fraction(number)
    if value < 0:
        raise BadInput(f"{field} = {text!r}: is negative; the least is 0")
    if not unit:
        raise BadInput(f"{field} = {text!r}: has no unit; write e.g. {field} = {example!r}")
    plain = _plain(unit)
    known = _unit(plain) if _UNIT.fullmatch(plain) else None
    if known is None:
        if unit.startswith(","):
            raise BadInput(f"{field} = {text!r}: has a comma in its number; write a point, as in '1.5'")
        raise BadInput(f"{field} = {text!r}: unknown unit {unit!r}; write e.g. {field} = {example!r}")
    factor, dimensions = known
    return Quantity(value * factor, dimensions, text, field)


def _of_kind(text: object, kind: str, field: str) -> Quantity:
    wanted, example = _KINDS[kind]
    result = quantity(text, field, example)
    if dict(result.dimensions) != wanted:
        raise BadInput(
            f"{field} = {result.text!r}: is {_name_dimensions(result.dimensions)}, "
            f"not a {kind}; write e.g. {field} = {example!r}"
        )
    return result


def volume_nl(text: object, field: str = "volume") -> int:
    """Return whole nanolitres of a volume as typed. Raises BadInput also for one finer than 1 nL or over 20 L."""
    exact = _of_kind(text, "volume", field).value * 1_000_000_000
    if exact.denominator != 1:
        raise BadInput(f"{field} = {text!r}: is finer than 1 nL, the smallest volume there is; leave digits away")
    return _at_most(int(exact), MAX_VOLUME_NL, field, text, "20 L")


def duration_ms(text: object, field: str = "duration") -> int:
    """Return whole milliseconds of a duration. Raises BadInput also for one finer than 1 ms or over 60 days."""
    exact = _of_kind(text, "duration", field).value * 1000
    if exact.denominator != 1:
        raise BadInput(f"{field} = {text!r}: is finer than 1 ms, the smallest time there is; leave digits away")
    return _at_most(int(exact), MAX_DURATION_MS, field, text, "60 days")


def pressure_mmhg(text: object, field: str = "pressure") -> int:
    """Return a pressure in whole mmHg, floored: an alarm threshold given in bar is never raised by rounding."""
    pascal = _of_kind(text, "pressure", field).value
    return _at_most(int(pascal / Fraction("133.322")), 100_000, field, text, "100000 mmHg")


def occlusion_mmhg(text: object, field: str = "occlusion") -> int:
    """Return an occlusion threshold in whole mmHg: a level of the pump ("low", "medium", "high"), or a pressure."""
    levels = dict(OCCLUSION_LEVELS)
    if isinstance(text, str):
        word = text.strip().casefold()
        if word in levels:
            return int(levels[word])
        if word.isalpha():
            raise BadInput(f"{field} = {text!r}: is no level; write {', '.join(levels)}, or a pressure as '300 mmHg'")
    return pressure_mmhg(text, field)


def weight_kg(text: object, field: str = "weight") -> Fraction:
    """Return a body weight in kilograms, exact; 0.2 to 500 kg."""
    kg = _of_kind(text, "weight", field).value / 1000
    if not Fraction(1, 5) <= kg <= 500:
        raise BadInput(f"{field} = {text!r}: a body weighs 0.2 kg to 500 kg")
    return kg


def surface_m2(text: object, field: str = "surface") -> Fraction:
    """Return a body surface in square metres, exact; 0.1 to 4 m2."""
    m2 = _of_kind(text, "body surface", field).value
    if not Fraction(1, 10) <= m2 <= 4:
        raise BadInput(f"{field} = {text!r}: a body has 0.1 m2 to 4 m2 of surface")
    return m2


def height_m(text: object, field: str = "height") -> Fraction:
    """Return a body height in metres, exact; 0.2 to 2.6 m."""
    metres = _of_kind(text, "height", field).value
    if not Fraction(1, 5) <= metres <= Fraction(13, 5):
        raise BadInput(f"{field} = {text!r}: a body is 0.2 m to 2.6 m tall")
    return metres


def age_years(text: object, field: str = "age") -> Fraction:
    """Return an age in years, exact; 0 to 130 years."""
    years = _of_kind(text, "age", field).value / SECONDS_PER_YEAR
    if years > 130:
        raise BadInput(f"{field} = {text!r}: an age is 0 to 130 years; is the unit right?")
    return years


def concentration(text: object, field: str = "concentration") -> Quantity:
    """Return an amount of drug in a volume. Raises BadInput if it is something else, or zero."""
    result = quantity(text, field, "10 mU/mL")
    dimensions = dict(result.dimensions)
    if len(dimensions) != 2 or dimensions.get("[volume]") != -1 or not any(dimensions.get(a) == 1 for a in AMOUNTS):
        raise BadInput(
            f"{field} = {result.text!r}: is {_name_dimensions(result.dimensions)}, not an amount of drug in a volume; "
            f"write e.g. {field} = '10 mU/mL' or '1 g in 50 mL'"
        )
    if result.value == 0:
        raise BadInput(f"{field} = {result.text!r}: must be more than 0")
    return result


def dose(text: object, field: str, strength: Quantity | None, body: Body, example: str = "2 mU/min") -> Quantity:
    """Return a dose as volume or volume per time, in litres and seconds, exact.

    Understands volumes ("20 mL/kg"), amounts of drug ("1 g", "2 mU/min", "5 ug/kg/min", "2400 mg/m2"), alone or per
    time. strength: the concentration; body: needed for /kg and /m2. Raises BadInput if one is needed and missing.
    """
    asked = quantity(text, field, example)
    dimensions = dict(asked.dimensions)
    value = asked.value
    for name, size, where in (
        ("[body_weight]", body.weight_kg, "weight"),
        ("[body_surface]", body.surface_m2, "surface"),
    ):
        if dimensions.get(name) == -1:
            if size is None:
                raise BadInput(f"{field} = {asked.text!r}: needs the patient's {where}; add [patient] {where}")
            value *= size
            del dimensions[name]
    if any(dimensions.get(a) == 1 for a in AMOUNTS):
        if strength is None:
            raise BadInput(f"{field} = {asked.text!r}: needs the concentration; add [drug] concentration = '10 mU/mL'")
        kind = next(a for a in AMOUNTS if dimensions.get(a) == 1)
        if not strength.has(kind):
            raise BadInput(
                f"{field} = {asked.text!r}: counts the drug by {kind.strip('[]')}, and its concentration = "
                f"{strength.text!r} does not; one does not turn into the other, write both the same way"
            )
        result = Quantity(value, _sorted(dimensions), asked.text, field).over(strength)
        value, dimensions = result.value, dict(result.dimensions)
    if dimensions not in ({"[volume]": 1}, {"[volume]": 1, "[time]": -1}):
        against = f" with concentration = {strength.text!r}" if strength else ""
        raise BadInput(
            f"{field} = {asked.text!r}{against}: is {_name_dimensions(_sorted(dimensions))}, "
            "not a volume, a dose, or one of them per time"
        )
    return Quantity(value, _sorted(dimensions), asked.text, field)


def rate_of(litre_per_s: Fraction, field: str, text: object) -> Rate:
    """Return the rate that travels, of an exact one in L/s. Raises BadInput if it is absurdly fine or large."""
    if litre_per_s * 3_600_000 > MAX_RATE_ML_H:
        raise BadInput(f"{field} = {text!r}: is more than {MAX_RATE_ML_H // 1000} L/h; is the unit right?")
    nl_per_ms = litre_per_s * 1_000_000
    nl, ms = nl_per_ms.numerator, nl_per_ms.denominator
    if max(nl, ms) >= 10**MAX_DIGITS:
        raise BadInput(
            f"{field} = {text!r}: as a ratio of nL and ms has more digits than the {MAX_DIGITS} of a message; use fewer"
        )
    return Rate(nl, ms)


def rate(text: object, field: str = "rate", strength: Quantity | None = None, body: Body | None = None) -> Rate:
    """Return a rate, "40 mL/h" or, with a concentration and a body, "2 mU/min" or "4 mL/kg/h"."""
    per_time = dose(text, field, strength, body or Body(), "40 mL/h")
    if not per_time.has("[time]"):
        raise BadInput(f"{field} = {per_time.text!r}: is a volume, not a rate; write e.g. {field} = '40 mL/h'")
    return rate_of(per_time.value, field, text)


def four_two_one(body: Body, field: str = "rate") -> Rate:
    """Return the rate of maintenance fluid by the 4-2-1 rule: 4 mL/h per kg up to 10 kg, 2 up to 20 kg, then 1.

    Raises BadInput without a body weight.
    """
    if body.weight_kg is None:
        raise BadInput(f"{field} = {FOUR_TWO_ONE!r}: needs the patient's weight; add [patient] weight")
    kg = body.weight_kg
    ml_h = 4 * min(kg, Fraction(10)) + 2 * max(Fraction(0), min(kg, Fraction(20)) - 10) + max(Fraction(0), kg - 20)
    return rate_of(ml_h / 3_600_000, field, FOUR_TWO_ONE)


def _at_most(value: int, limit: int, field: str, text: object, limit_text: str) -> int:
    if value > limit:
        raise BadInput(f"{field} = {text!r}: is more than {limit_text}; is the unit right?")
    return value


def rounded(value: Fraction, digits: int = 4) -> str:
    """Return a fraction as a decimal with at most so many digits after the point, with "about" if it is not exact."""
    scaled = value * 10**digits
    shown = f"{float(round(scaled)) / 10**digits:.{digits}f}".rstrip("0").rstrip(".")
    return shown if scaled.denominator == 1 else f"about {shown}"
