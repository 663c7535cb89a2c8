"""Which field of an order a refusal of the pump is about, as it was written: "phase 1 rate = '2000 mL/h'".

And amounts of its drug in a refusal, in the unit in which people write them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from picoinfuse_firmware import options
from picoinfuse_firmware import program as firmware

from .library_words import amount_words
from .units import MS_PER_H

if TYPE_CHECKING:
    from .program import Program

# Refusals that are about one option or one phase by its number, and about all phases together.
OF_AN_OPTION = ("bad_option", "option_twice", "unknown_option")
OF_A_PHASE = ("unknown_kind", "bad_number", "bad_repeat", "kvo_not_last", "loop_needs_basal")
OF_ALL_PHASES = (
    "nothing_ordered",
    "too_many_phases",
    "volume_exceeds_syringe",
    "duration_too_long",
    "duration_too_short",
    "loop_phase_too_long",
)
# Refusals that are about what an option was written with: its kind, and the end of the names of the fields.
OF_A_FIELD = {
    "dose_limit": (options.LIMIT, ("most", "window")),
    "most_range": (options.LIMIT, ("most",)),
    "window_range": (options.LIMIT, ("window",)),
    "lockout_range": (options.DEMAND, ("lockout",)),
    "target_range": (options.LOOP, ("target_low", "target_high")),
    "sensitivity_range": (options.LOOP, ("sensitivity",)),
    "max_basal_range": (options.LOOP, ("max_basal",)),
    "on_board_range": (options.LOOP, ("max_on_board",)),
    "peak_range": (options.LOOP, ("peak",)),
    "lost_range": (options.LOOP, ("lost",)),
    "loop_needs_insulin": (options.DRUG, ("concentration",)),
    "concentration_range": (options.DRUG, ("concentration",)),
    "weight_range": (options.WEIGHT, ("weight",)),
    "syringes_range": (options.SYRINGES, ("syringes",)),
}

WINDOW = (
    "a window could hold {value}, and its dose limit is {limit}; counted are the fastest basal rate all through it, "
    "each bolus, and what was given before: order less, or later"
)


def words_of(program: Program, reason: str, value: int, limit: int) -> str:
    """Return a refusal whose two numbers are amounts of the drug of a program, as people write them; "": others."""
    if reason != "dose_limit":
        return ""
    from .describe import volume_words

    unit = program.drug_unit
    value_words, limit_words = (
        amount_words(number, unit) if unit else volume_words(number) for number in (value, limit)
    )
    return WINDOW.format(value=value_words, limit=limit_words)


def place_of(program: Program, reason: str, value: int, limit: int = 0) -> str:
    """Return the field with what was written in it, the fields joined by "and"; "" if there is none to name.

    reason, value, limit: of the refusal (picoinfuse_firmware.limits).
    """
    if reason in OF_AN_OPTION:
        return _written(program.options[value].typed) if value < len(program.options) else ""
    if reason in OF_A_FIELD:
        return _of_field(program, reason, value, limit)
    field = reason.partition("_")[0]
    if field in ("occlusion", "threshold"):
        return f"alarms occlusion = {program.typed[1]!r}"
    if field == "filled":
        return f"syringe filled = {program.typed[0]!r}"
    if field in ("stroke", "friction", "barrel"):
        return f"syringe = {program.syringe.name!r}"
    return _of_phase(program, reason, value) or _of_demand(program, reason, value)


def _written(typed: tuple[tuple[str, str], ...]) -> str:
    return " and ".join(f"{name} = {text!r}" for name, text in typed)


def _of_field(program: Program, reason: str, value: int, limit: int) -> str:
    kind, fields = OF_A_FIELD[reason]
    for option in program.options:
        if option.kind != kind:
            continue
        numbers = option.compiled.numbers
        known = {"dose_limit": limit, "most_range": value, "window_range": value}
        if reason in known and known[reason] not in numbers:
            continue  # it is about the other limit
        typed = tuple((name, text) for name, text in option.typed if name.rpartition(" ")[2] in fields)
        if reason == "target_range" and value in numbers[:2] and len(typed) == 2:
            typed = (typed[numbers[:2].index(value)],)
        return _written(typed or option.typed)
    return ""


def _of_phase(program: Program, reason: str, value: int) -> str:
    field = "duration" if reason == "loop_phase_too_long" else reason.partition("_")[0]
    for number, phase in enumerate(program.phases, 1):
        its, typed = phase.compiled, dict(phase.typed)
        found = {
            "rate": its.rate_ms > 0 and its.rate_nl * MS_PER_H // its.rate_ms == value,
            "to": its.to_ms > 0 and phase.kind == firmware.RAMP and its.to_nl * MS_PER_H // its.to_ms == value,
            "volume": its.volume_nl == value and value > 0,
            "duration": its.duration_ms == value,
        }
        for name in ("rate", "to") if field == "rate" else (field,):
            if found.get(name):
                written = name if name in typed or "dose" not in typed else "dose"
                said = f" = {typed[written]!r}" if written in typed else ""
                return f"{phase.place or f'phase {number}'} {written}{said}"
    if reason in OF_A_PHASE and 0 <= value < len(program.phases):
        return program.phases[value].place or f"phase {value + 1}"
    return "phases" if reason in OF_ALL_PHASES else ""


def _of_demand(program: Program, reason: str, value: int) -> str:
    """Return the rate of a demand that is out of its range, beside the phases too; else all phases, for a rate."""
    for option in program.options:
        if option.kind == options.DEMAND and reason in ("rate_too_high", "rate_too_low"):
            _, nl, ms, _ = option.compiled.numbers
            if nl * MS_PER_H // ms == value:
                return _written(tuple(row for row in option.typed if row[0] == "demand rate"))
    return "phases" if reason == "rate_too_high" else ""
