"""What a change of the rate or a bolus means for the end and the dose, in words, before it is applied."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from picoinfuse_firmware import program as firmware

from .describe import amount_words, with_amount
from .status import Status, duration_words
from .units import NL_PER_ML, Quantity, Rate, rounded

MS_PER_H = 3_600_000
WITHIN = Fraction(1, 100)  # two ways to reckon what is left have to agree so far; else another bolus runs
WITHIN_NL = 20_000


@dataclass(frozen=True)
class Rest:
    """What is left of the phase that runs. ends: volume, time, or both (whichever comes first)."""

    ends: str
    left_ms: int
    left_nl: int
    after_ms: int


def rate_words(nl_h: Fraction, strength: Quantity | None) -> str:
    """Return a rate, and what it is of the drug: "2.5 mL/h (5 mg/h)"."""
    amount = amount_words(nl_h, strength) if nl_h else ""
    return f"{rounded(nl_h / NL_PER_ML)} mL/h" + (f" ({amount}/h)" if amount else "")


def rest(program: Any, status: Status) -> Rest | None:
    """Return what is left of the phase that runs; None where it cannot be told from what the pump says.

    program: the firmware's, None if it is not known. A repeat tells not which pass it is, and a bolus that runs is no
    part of the phase.
    """
    if program is None or not 0 <= status.phase < len(program.phases):
        return None
    phases, index = program.phases, status.phase
    if phases[index].kind != firmware.RATE or status.remaining_ms < 0 or not status.rate_nl_h:
        return None
    if any(phase.kind == firmware.REPEAT for phase in phases[index:]):
        return None
    after_ms = int(firmware.after_ms(phases, index, {}))
    after_nl = sum((Fraction(*phase.volume()) for phase in phases[index + 1 :]), Fraction(0))
    left_ms = status.remaining_ms - after_ms
    left_nl = status.ordered_nl - status.delivered_nl - int(after_nl)
    by_time_nl = Fraction(status.rate_nl_h * left_ms, MS_PER_H)
    if left_ms < 0 or left_nl < 0 or abs(by_time_nl - left_nl) > max(Fraction(WITHIN_NL), WITHIN * left_nl):
        return None
    its = phases[index]
    ends = "both" if its.volume_nl and its.duration_ms else "volume" if its.volume_nl else "time"
    return Rest(ends, left_ms, left_nl, after_ms)


def of_rate(rate: Rate, status: Status, program: Any, strength: Quantity | None) -> list[str]:
    """Return lines: the rate that flows and the new one, and what becomes of end and dose."""
    now, new = Fraction(status.rate_nl_h), rate.ml_per_h * NL_PER_ML
    lines = [_row("rate", f"{rate_words(now, strength)} -> {rate_words(new, strength)}")]
    if now:
        lines[0] += f", {rounded(new / now, 3)} times as fast"
    its = rest(program, status)
    if its is None or its.ends == "both":
        why = {
            True: "this step ends after its time or with its volume, whichever comes first",
            False: "a step that ends with its volume takes another time for the same dose; one that ends after its "
            "time gives another dose",
        }[its is not None]
        return [*lines, _row("end, dose", f"{why}. The pump says both when it is done")]
    if its.ends == "volume":
        new_ms = int(its.left_nl * MS_PER_H / new) + its.after_ms
        lines.append(_row("end", f"in {duration_words(new_ms)}, not in {duration_words(its.left_ms + its.after_ms)}"))
        return [*lines, _row("dose", f"as ordered: {with_amount(status.ordered_nl, strength)} in all")]
    more_nl = int((new - now) * its.left_ms / MS_PER_H)
    lines.append(_row("end", f"as before, in {duration_words(its.left_ms + its.after_ms)}"))
    what = f"{with_amount(abs(more_nl), strength)} {'more' if more_nl > 0 else 'less'}"
    ordered = with_amount(status.ordered_nl + more_nl, strength)
    return [*lines, _row("dose", f"{what}: about {ordered} in all, not {with_amount(status.ordered_nl, strength)}")]


def of_bolus(volume_nl: int, rate: Rate, status: Status, strength: Quantity | None) -> list[str]:
    """Return lines: the bolus, how long it takes, and what is ordered with it."""
    takes_ms = int(Fraction(volume_nl * rate.ms, rate.nl))
    flow = rate_words(rate.ml_per_h * NL_PER_ML, strength)
    ordered = f"{with_amount(status.ordered_nl + volume_nl, strength)} in all, not"
    return [
        _row("bolus", f"{with_amount(volume_nl, strength)} at {flow}, in {duration_words(takes_ms)}"),
        _row("beside", f"{rate_words(Fraction(status.rate_nl_h), strength)} that flows now"),
        _row("dose", f"{ordered} {with_amount(status.ordered_nl, strength)}"),
    ]


def _row(name: str, text: str) -> str:
    return f"{name:<10} {text}"
