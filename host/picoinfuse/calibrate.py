"""Calibration by weighing: what a syringe really gave -> its true inner diameter, in whole micrometres, and its row.

This is for a make of syringe; the drive, one for all syringes, is calibrated by calibrate_steps.py.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from pathlib import Path

from picoinfuse_firmware import limits

from . import syringe_file, units
from .errors import BadInput
from .syringes import Syringe, find, key

WATER = "0.9982 g/mL"  # at 20 C
MOST = Fraction(1, 10)  # further off than this is another syringe, or a slip of the pen
LEAST_NL = 1_000_000  # 1 mL: a balance that reads 1 mg weighs it to a thousandth


@dataclass(frozen=True)
class Calibration:
    """factor: what was given, divided by what was ordered; barrel_um: the true diameter; row: for the file."""

    syringe: Syringe
    factor: Fraction
    barrel_um: int
    row: str

    def save(self, path: Path) -> None:
        """Put the row into a file of syringes, in the place of an earlier one. Raises BadInput."""
        text = path.read_text(encoding="utf-8") if path.exists() and syringe_file.read(path) is not None else ""
        text = _put(text, self.syringe.name, self.row)
        syringe_file.parse(text, str(path))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(path.name + ".new")
            fresh.write_text(text, encoding="utf-8", newline="\n")
            fresh.replace(path)
        except OSError as error:
            raise BadInput(f"--out = {str(path)!r}: cannot be written: {error}; choose another file") from error


def calibrate(syringe: str | Syringe, ordered: str, weighed: str, day: str, density: str = WATER) -> Calibration:
    """Return what follows from `weighed` of a fluid of `density` where `ordered` was given by the pump's account.

    A step gives the barrel's area times its travel, so the area is wrong by the same factor as the volume, and the
    diameter by its square root. day: the date that is written into the row. Raises BadInput.
    """
    its = find(syringe, missing_ok=True)
    volume_nl = units.volume_nl(ordered, "--ordered")
    if volume_nl < LEAST_NL:
        raise BadInput(f"--ordered = {ordered!r}: is too little to weigh; the least is {LEAST_NL // 1_000_000} mL")
    if volume_nl > its.capacity_nl:
        raise BadInput(f"--ordered = {ordered!r}: is more than a {its.name} syringe holds")
    grams_per_l = amount(density, "--density", {"[mass]": 1, "[volume]": -1}, WATER)
    if not 500 <= grams_per_l <= 3000:
        raise BadInput(f"--density = {density!r}: is outside 0.5 to 3 g/mL; water has {WATER}")
    given_nl = amount(weighed, "--weighed", {"[mass]": 1}, "9.87 g") / grams_per_l * 1_000_000_000
    factor = given_nl / volume_nl
    refuse_absurd("--weighed", weighed, given_nl, factor, "Is it this syringe, and was it weighed without the cup?")
    barrel_um = _nearest_root(its.barrel_um**2 * factor)
    if not limits.MIN_BARREL_UM <= barrel_um <= limits.MAX_BARREL_UM:
        raise BadInput(
            f"--weighed = {weighed!r}: gives a barrel of {barrel_um} um; the limits are {limits.MIN_BARREL_UM} and "
            f"{limits.MAX_BARREL_UM} um"
        )
    numbers = {
        "inner_diameter_mm": Fraction(barrel_um, 1000),
        "capacity_ml": Fraction(its.capacity_nl, 1_000_000),
        "friction_n": Fraction(its.friction_mn, 1000),
        "compliance_ul_mmhg": Fraction(its.compliance_nl_mmhg, 1000),
    }
    lines = [f'{name} = "{units.rounded(value, 3)}"' for name, value in numbers.items()]
    lines.append(f'calibrated = "{day}, {weighed} where {ordered} were ordered, factor {float(factor):.5f}"')
    row = "\n".join(["[[syringe]]", f'name = "{its.name}"', *lines]) + "\n"
    return Calibration(its, factor, barrel_um, row)


def refuse_absurd(field: str, text: str, given_nl: Fraction, factor: Fraction, ask: str) -> None:
    """Raise BadInput if what was given is further off what was ordered than MOST. ask: what to look at."""
    if abs(factor - 1) > MOST:
        raise BadInput(
            f"{field} = {text!r}: is {float(given_nl) / 1e6:.4g} mL, {float(factor - 1):+.1%} off what was "
            f"ordered; the limit is {float(MOST):.0%}. {ask}"
        )


def amount(text: str, field: str, dimensions: dict[str, int], example: str) -> Fraction:
    """Return a quantity above 0 in grams, or grams per litre. Raises BadInput."""
    its = units.quantity(text, field, example)
    if dict(its.dimensions) != dimensions or its.value == 0:
        raise BadInput(f"{field} = {text!r}: is not what belongs here, or is 0; write e.g. {field} '{example}'")
    return its.value


def _nearest_root(square: Fraction) -> int:
    """Return the whole number nearest to the square root, without a float."""
    below = isqrt(int(square))
    return below + (square > (below + Fraction(1, 2)) ** 2)


def _put(text: str, name: str, row: str) -> str:
    """Return the text of a file with `row` in the place of the block of that name, or at its end; the rest as it is."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip().startswith("[["):
            blocks.append([])
        blocks[-1].append(line)
    for block in blocks[1:]:
        if key(tomllib.loads("\n".join(block), parse_float=str)["syringe"][0]["name"]) == key(name):
            block[:] = row.splitlines()
            return "\n\n".join("\n".join(one).strip("\n") for one in blocks if any(one)) + "\n"
    return (text.rstrip("\n") + "\n\n" if text.strip() else "") + row
