"""A bench from texts: the keys and values that sim://, `picoinfuse serve` and `picoinfuse run --world` understand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Any

from picoinfuse import configuration
from picoinfuse.errors import BadInput
from picoinfuse.library import SHIPPED, Library
from picoinfuse.units import volume_nl
from picoinfuse_firmware.board import LIBRARY, PEOPLE, SENSORS
from picoinfuse_firmware.config import Config

from .bench import Bench
from .fault_text import FLUID, HEIGHT
from .patient import Patient


def speed_of(text: str) -> float | None:
    """Return how many times faster than real time, or None for "max". Raises BadInput for anything else."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not (isfinite(speed) and speed > 0):
        raise BadInput(f"speed = {text!r}: write a number above 0 (1 is real time), or max")
    return speed


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadInput(f"seed = {text!r}: write a whole number from 0 on, of at most 18 digits")
    return int(text)


def _yes(key: str) -> Callable[[str], bool]:
    def read(text: str) -> bool:
        if text not in ("yes", "no"):
            raise BadInput(f"{key} = {text!r}: write yes or no")
        return text == "yes"

    return read


def _config(text: str) -> Config:
    return configuration.config_of(configuration.read(Path(text)))


def _file(text: str) -> str:
    """Return what stands in a file that lies on the pump's flash; whether it is good, the pump says."""
    try:
        return Path(text).read_bytes().decode(errors="replace")
    except OSError as error:
        raise BadInput(f"{text}: cannot be read: {error.strerror or error}; name another file") from None


def _library(text: str) -> str:
    """Return the pump's file of a drug library: of a pharmacist's TOML file or the shipped one, or as it is."""
    return Library.read(text).text if text == SHIPPED or text.endswith(".toml") else _file(text)


def _error_ppm(text: str) -> int:
    number = text.strip().removesuffix("%").strip()
    try:
        percent = Fraction(number) if len(number) <= 12 else Fraction(100)
    except (ValueError, ZeroDivisionError):
        percent = Fraction(100)
    if abs(percent) > 10:
        raise BadInput(f"volume_error = {text!r}: write -10% to 10%, e.g. 2%")
    return round(percent * 10_000)


def _patient(text: str) -> Patient:
    from .patient.catalogue import parse  # only who asks for a patient pays for importing the models

    return parse(text)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


# Key -> (keyword of Bench, how its text is read, an example, what it says).
ONCE: dict[str, tuple[str, Callable[[str], Any], str, str]] = {
    "seed": ("seed", _seed, "1", "of everything that is drawn: the same seed, the same run"),
    "syringe": ("syringe", str, "BD 20 mL", "the syringe that is fitted"),
    "filled": ("filled_ml", lambda text: volume_nl(text, "filled") / 1e6, "15 mL", "fluid in it; without it: full"),
    "absent": ("absent", _names, "encoder,keys", "sensors that are not fitted"),
    "route": ("route", str, "epidural", "how the patient is reached: the pressure there and the usual cannula"),
    "cannula": ("cannula", str, "22G", "another cannula than the route's usual one"),
    "height": ("height_cm", lambda text: HEIGHT.read(text, "height"), "50 cm", "of the pump above the patient"),
    "fluid": ("fluid_c", lambda text: FLUID.read(text, "fluid"), "4 degC", "temperature of the fluid; else 20 degC"),
    "captured": ("captured", _yes("captured"), "no", "whether the drive holds the plunger back; else yes"),
    "tolerances": ("tolerances", _yes("tolerances"), "yes", "a barrel as real ones are, up to 1 % off; else no"),
    "volume_error": (
        "volume_error_ppm",
        _error_ppm,
        "2%",
        "how much more a step gives than it ought to, which `picoinfuse calibrate steps` finds; else 0 %",
    ),
    "config": (
        "config",
        _config,
        "my-pump.toml",
        "a configuration as `picoinfuse config new` writes it; a sensor that it does not have is absent",
    ),
    "patient": (
        "patient",
        _patient,
        "propofol-schnider,age=60,weight=80",
        "who is at the end of the line: a teaching model of `picoinfuse patients`; else nobody",
    ),
    "access": ("access", _file, "people.txt", "who may use it: a file of `picoinfuse access`; without one: everybody"),
    "library": ("library", _library, SHIPPED, "its drug library: a TOML file, or the shipped one; without one: none"),
    "ideal": ("ideal", _yes("ideal"), "yes", "no noise, no error, no stick-slip: what closed forms need; else no"),
}
KEYS = (*ONCE, "fault")


def bench_of(pairs: Iterable[tuple[str, str]]) -> Bench:
    """Return a bench for (key, value) pairs of texts. Raises BadInput naming the key and the value."""
    given: dict[str, str] = {}
    faults = []
    for key, value in pairs:
        if key == "speed":
            raise BadInput(f"speed = {value!r}: is no part of the world; write it in the address, or --speed {value}")
        if key not in KEYS:
            raise BadInput(f"{key} = {value!r}: unknown key; the known ones are: {', '.join(KEYS)}, speed")
        if key == "fault":
            faults.append(value)
        elif key in given:
            raise BadInput(f"{key} is given twice: {given[key]!r} and {value!r}")
        else:
            given[key] = value
    keywords = {row[0]: row[1](given[key]) for key, row in ONCE.items() if key in given}
    if "config" in keywords and "absent" not in keywords:
        keywords["absent"] = [name for name in SENSORS if name not in keywords["config"].has()]
    texts = {name: keywords.pop(name) for name in (PEOPLE, LIBRARY) if name in keywords}
    return Bench(**keywords, faults=faults, texts=texts)
