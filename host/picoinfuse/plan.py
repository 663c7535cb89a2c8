"""Which syringe is changed when, and how much is given from each: for people and for checks; no dose hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, Any

from picoinfuse_firmware import options

from .errors import BadInput
from .profile import Profile, profile
from .program import Program
from .units import NL_PER_ML, rounded

if TYPE_CHECKING:
    from .status import Status

TRIFLE_NL = 10_000  # some steps of the largest syringe: no word is lost on them


@dataclass(frozen=True)
class Load:
    """One syringe of a program. at_s: when it is fitted, in seconds since the start, the pauses for changing apart;

    given_ml: what is given from it. phase: index of the phase in which it is fitted.
    """

    number: int
    at_s: float
    given_ml: float
    phase: int


def needed_nl(program: Program) -> int:
    """Return all that leaves syringes in nanolitres, rounded up; without a last keep-vein-open that has no end."""
    total = Fraction(0)
    for phase, times in zip(program.phases, program.compiled.passes(), strict=True):
        num, den = phase.compiled.volume()
        total += Fraction(num, den) * times
        if phase.kind == "kvo":
            its = phase.compiled
            total += Fraction(its.rate_nl * its.duration_ms, its.rate_ms) * times
    return -(-total.numerator // total.denominator)


def check_count(program: Program) -> None:
    """Raise BadInput if more syringes are planned than the program needs, or fewer, with the number it takes."""
    filled_nl, count = program.filled_nl, program.syringes
    if filled_nl <= 0:
        raise BadInput("syringe filled: is 0; write how much is in it")
    total_nl = needed_nl(program)
    wanted = max(1, -(-total_nl // filled_nl))
    if wanted == count:
        return
    total, each = (f"{rounded(Fraction(nl, NL_PER_ML), 6)} mL" for nl in (total_nl, filled_nl))
    if count == 1:
        raise BadInput(
            f"phases: {total} are ordered, keep-vein-open included, and {each} are in the syringe: fill it, order "
            f"less, or plan changes with [syringe] count = {wanted}"
        )
    said = "fewer are enough" if wanted < count else "more are needed"
    raise BadInput(f"syringe count = {count}: {said} for {total} out of syringes of {each}; write count = {wanted}")


def refill_lines(program: Any, status: Status, told_nl: int) -> list[str]:
    """Return what is to be said before a syringe with told_nl is taken for the next one; none if it is as planned.

    program: the firmware's, of syringes that are filled alike; None if it is not known. What a person has fitted is
    never refused: it is only told in time what will be missing.
    """
    rest_nl = status.ordered_nl - status.delivered_nl
    told, rest = _ml(told_nl), _ml(rest_nl)
    if told_nl >= rest_nl:
        return []
    if program is None:
        return [f"{told} are told, and {rest} are still to be given: another syringe is needed after this one"]
    count, each_nl = int(options.syringes(program)), int(program.filled_nl)
    used = max(1, -(-(status.delivered_nl + status.kvo_nl - TRIFLE_NL) // each_nl))
    after = max(0, count - used - 1)
    lines = []
    if count > 1 and abs(told_nl - each_nl) > TRIFLE_NL:
        lines.append(f"planned were {_ml(each_nl)} in each of {count} syringes, and {told} are told")
    short_nl = rest_nl - told_nl - after * each_nl
    if short_nl > TRIFLE_NL:
        others = f"and {after} more as planned, " if after else ""
        lines.append(
            f"with it {others}about {_ml(short_nl)} of the {rest} that are still to be given are missing: the alarm "
            "`empty` comes then, and takes another syringe (picoinfuse refill)"
        )
    return lines


def _ml(nl: int) -> str:
    return f"{round(nl / NL_PER_ML, 2):g} mL"


def plan(program: Program) -> list[Load]:
    """Return every syringe of a program, the first one included."""
    its = profile(program)
    filled_ml, next_ml = program.filled_nl / NL_PER_ML, program.refill_nl / NL_PER_ML
    used_ml = its.used_ml[-1] if its.used_ml else 0.0
    loads = [Load(1, 0.0, min(filled_ml, used_ml), 0)]
    for number in range(2, program.syringes + 1):
        before_ml = filled_ml + (number - 2) * next_ml
        at_s = _when(its, before_ml)
        if at_s is None:
            break
        loads.append(Load(number, at_s, min(next_ml, used_ml - before_ml), _phase_at(its, at_s)))
    return loads


def _when(its: Profile, used_ml: float) -> float | None:
    """Return when so much has left the syringes, in seconds; between two points of the profile the rate is linear."""
    for i in range(1, len(its.time_s)):
        if its.used_ml[i] < used_ml - 1e-9:
            continue
        missing_ml = used_ml - its.used_ml[i - 1]
        length_s = its.time_s[i] - its.time_s[i - 1]
        first, last = its.flow_ml_h[i - 1] / 3600, its.flow_ml_h[i] / 3600
        slope = (last - first) / length_s if length_s else 0.0
        if missing_ml <= 0:
            return its.time_s[i - 1]
        return its.time_s[i - 1] + 2 * missing_ml / (first + sqrt(max(0.0, first * first + 2 * slope * missing_ml)))
    return None


def _phase_at(its: Profile, at_s: float) -> int:
    """Return the index of the phase that runs at a time."""
    return next((index for began_s, index in reversed(its.phases) if began_s <= at_s + 1e-6), 0)
