"""What a row of the fault catalogue holds, and how the argument of a fault is read from text: exactly, or refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from picoinfuse import syringes, units
from picoinfuse.errors import BadInput
from picoinfuse.nearest import perhaps
from picoinfuse.status import duration_words
from picoinfuse_firmware.board import SENSORS

from .senses import KEYS

if TYPE_CHECKING:
    from .bench import Bench

Value = float | str | None
_NUMBER = re.compile(r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*(.*?)\s*")


@dataclass(frozen=True)
class Argument:
    """What may follow the time of a fault: how it is called, one way to write it, and who reads it.

    read: takes the text and the name of the field for the message; raises BadInput.
    """

    name: str
    example: str
    read: Callable[[str, str], Value]


def _number(text: str, field: str, known: dict[str, Fraction], least: float, most: float, unit: str) -> float:
    """Read a number with one of the known units (name -> factor), from `least` to `most` of `unit`."""
    match = _NUMBER.fullmatch(text)
    named = match and known.get(match.group(2).replace("°", "deg").replace("µ", "u"))
    if not match or named is None:
        ways = ", ".join(word for word in known if word) or "a plain number"
        raise BadInput(f"{field} = {text!r}: write a number and its unit ({ways})")
    value = Fraction(match.group(1)) * named
    if not least <= float(value) <= most:  # as floats: the fraction 1/1000 is less than the float 0.001
        raise BadInput(f"{field} = {text!r}: is outside {least:g} to {most:g} {unit}".rstrip())
    return float(value)


def number_of(known: dict[str, int | Fraction], least: float, most: float, unit: str) -> Callable[[str, str], Value]:
    """Return a reader of a number with one of the known units (name -> factor), from `least` to `most` of `unit`."""
    factors = {name: Fraction(factor) for name, factor in known.items()}
    return lambda text, field: _number(text, field, factors, least, most, unit)


def _duration(text: str, field: str) -> float:
    """Return seconds, of whole milliseconds."""
    ms = units.duration_ms(text, field)
    if not ms:
        raise BadInput(f"{field} = {text!r}: lasts 0 s; write how long")
    return ms / 1000


def _volume(text: str, field: str) -> float:
    """Return millilitres, of whole nanolitres."""
    nl = units.volume_nl(text, field)
    if not 0 < nl <= 5_000_000:
        raise BadInput(f"{field} = {text!r}: is outside 0 to 5 mL")
    return nl / 1e6


def _rate(text: str, field: str) -> float:
    """Return mL/h."""
    ml_h = float(units.rate(text, field).ml_per_h)
    if not 0 <= ml_h <= 1000:
        raise BadInput(f"{field} = {text!r}: is outside 0 to 1000 mL/h")
    return ml_h


def _fraction(text: str, field: str) -> float:
    match = _NUMBER.fullmatch(text)
    value = Fraction(match.group(1)) / (100 if match.group(2) == "%" else 1) if match else Fraction(0)
    if not match or match.group(2) not in ("", "%") or not 0 < value <= 1:
        raise BadInput(f"{field} = {text!r}: is not a fraction above 0 and up to 1")
    return float(value)


def _syringe(text: str, field: str) -> str:
    try:
        return syringes.find(text).name
    except BadInput as error:
        raise BadInput(f"{field}: {error}") from None


def word_of(*words: str) -> Callable[[str, str], Value]:
    """Return a reader of one of these words."""

    def read(text: str, field: str) -> Value:
        if text not in words:
            raise BadInput(f"{field} = {text!r}: is none of: {', '.join(words)}")
        return text

    return read


_CM: dict[str, int | Fraction] = {"cm": 1, "mm": Fraction(1, 10), "m": 100}
_resistance = number_of({"mmHg h/mL": 1, "mmHg*h/mL": 1}, 0.001, 1e6, "mmHg h/mL")


def _resistance_or_duration(text: str, field: str) -> Value:
    """Return mmHg h/mL of "80 mmHg h/mL"; "4 h" stays the text of the duration that it is."""
    if "mmHg" in text:
        return _resistance(text, field)
    _duration(text, field)
    return text


DURATION = Argument("DURATION", "30 s", _duration)
FRACTION = Argument("FRACTION", "0.2", _fraction)
VOLUME = Argument("VOLUME", "0.5 mL", _volume)
RATE = Argument("RATE", "50 mL/h", _rate)
PRESSURE = Argument("PRESSURE", "150 mmHg", lambda text, field: float(units.pressure_mmhg(text, field)))
RESISTANCE = Argument("RESISTANCE", "20 mmHg h/mL", _resistance)
RESISTANCE_OR_DURATION = Argument("DURATION|RESISTANCE", "4 h", _resistance_or_duration)
HEIGHT = Argument("HEIGHT", "50 cm", number_of(_CM, -200, 200, "cm"))
LENGTH = Argument("LENGTH", "0.5 mm", number_of({"um": 1, "mm": 1000}, 1, 5000, "um"))
FLUID = Argument("TEMPERATURE", "4 degC", number_of({"degC": 1, "C": 1}, 0, 45, "degC"))
INSIDE = Argument("TEMPERATURE", "75 degC", number_of({"degC": 1, "C": 1}, -20, 120, "degC"))
FORCE = Argument("FORCE", "5 N", number_of({"N": 1000, "mN": 1}, -200_000, 200_000, "mN"))
FORCE_RATE = Argument("FORCE/TIME", "20 N/h", number_of({"N/h": 1000, "mN/h": 1}, -1_000_000, 1_000_000, "mN/h"))
FACTOR = Argument("FACTOR", "3", number_of({"": 1}, 1, 20, ""))
SYRINGE = Argument("NAME", "BD 20 mL", _syringe)
KEY = Argument("KEY", "bolus", word_of(*KEYS))
SENSOR = Argument("SENSOR", "encoder", word_of(*SENSORS))
END = Argument("WHERE", "patient", word_of("patient", "syringe"))


@dataclass(frozen=True)
class Fault:
    """One row of the catalogue.

    text: what happens, in a sentence. happen: makes it happen. alarms: the names of those of which one must come; if
    empty, none ought to, and `why` says why and up to where that holds. argument: what may follow the time;
    default_text: what holds if nothing does; example_text: one that shows it, if the argument's own does not.
    """

    name: str
    group: str
    text: str
    happen: Callable[[Bench, Any], None]
    alarms: tuple[str, ...] = ()
    why: str = ""
    argument: Argument | None = None
    default_text: str = ""
    example_text: str = ""

    @property
    def default(self) -> Value:
        """What `strike` takes if nothing follows the time; None: for good, or as `text` says."""
        if self.argument is None or not self.default_text:
            return None
        return self.argument.read(self.default_text, self.name)

    def strike(self, bench: Bench, value: Value) -> None:
        """Let it happen now."""
        bench.board.bring_plant()
        self.happen(bench, value)

    @property
    def alarm(self) -> str:
        """Which alarm ought to see it, in words."""
        return " or ".join(self.alarms) if self.alarms else f"none: {self.why}"

    def usage(self) -> str:
        """Return how it is written."""
        return f"{self.name}@TIME" + (f"[:{self.argument.name}]" if self.argument else "")

    @property
    def argument_text(self) -> str:
        """One argument that shows it; "" if it takes none."""
        return (self.example_text or self.default_text or self.argument.example) if self.argument else ""

    def example(self) -> str:
        """Return one way to write it."""
        return f"{self.name}@10min" + (f":{self.argument_text}" if self.argument else "")


POWER_ON = "on"  # as a time: it is so from power-on, e.g. for picoinfuse doctor, which infuses nothing
AT_POWER_ON_MS = -1


@dataclass(frozen=True)
class Planned:
    """A fault with its time, in milliseconds from the start of the infusion or AT_POWER_ON_MS, and its argument."""

    fault: Fault
    at_ms: int
    value: Value

    def strike(self, bench: Bench) -> None:
        """Let it happen now."""
        self.fault.strike(bench, self.value)

    @property
    def text(self) -> str:
        """How it is written, without its argument."""
        return f"{self.fault.name}@{POWER_ON if self.at_ms < 0 else duration_words(self.at_ms)}"


def later(bench: Bench, for_s: float | None, action: Callable[[], object]) -> None:
    """Do what ends a fault, unless it lasts for good."""
    if for_s is not None:
        bench.at(for_s, action)


def read(text: str, catalogue: dict[str, Fault]) -> Planned:
    """Read "NAME@TIME" or "NAME@TIME:ARGUMENT", e.g. "clamp@10min", "slip@1 h:0.3", "power_cut@5 min:30 s", "stall@on".

    Raises BadInput that lists the known faults, or says what is wrong with time or argument.
    """
    name, at, rest = text.partition("@")
    fault = catalogue.get(name.strip())
    if fault is None:
        raise BadInput(
            f"fault {text!r}: unknown fault {name.strip()!r}; the known ones are: {', '.join(catalogue)}"
            f"{perhaps(name.strip(), catalogue)}"
        )
    if not at:
        raise BadInput(
            f"fault {text!r}: says no time; write e.g. {fault.name}@10min, counted from the infusion's start"
        )
    time, colon, argument = rest.partition(":")
    at_once = time.strip() == POWER_ON
    try:
        at_ms = AT_POWER_ON_MS if at_once else units.duration_ms(time.strip(), "time")
    except BadInput as error:
        raise BadInput(f"fault {text!r}: {error}; e.g. {fault.example()}") from None
    if not colon:
        return Planned(fault, at_ms, fault.default)
    if fault.argument is None:
        raise BadInput(f"fault {text!r}: {fault.name} takes nothing after its time")
    try:
        value = fault.argument.read(argument.strip(), fault.argument.name.lower())
    except BadInput as error:
        raise BadInput(f"fault {text!r}: {error}; e.g. {fault.example()}") from None
    return Planned(fault, at_ms, value)
