"""The words of `show`: a therapy for people, every rate exact and rounded."""

from __future__ import annotations

import textwrap
from fractions import Fraction

from picoinfuse_firmware import program as firmware
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.dose import step_of
from picoinfuse_firmware.limits import OCCLUSION_LEVELS

from .errors import Refused
from .program import Phase, Program
from .status import duration_words
from .therapy import Therapy
from .units import NL_PER_ML, Rate, quantity, rounded

WIDTH = 100  # columns


def rate_words(nl: int, ms: int) -> str:
    """Return a rate as "12 mL/h (10 nL in 3 ms)"; one that is no finite decimal with its exact fraction."""
    value = Rate(nl, ms).ml_per_h
    shown = rounded(value)
    exact = f"exactly {value} mL/h, " if shown.startswith("about") else ""
    return f"{shown} mL/h ({exact}{nl} nL in {ms} ms)"


def volume_words(nl: int) -> str:
    """Return a volume in mL, to the last nanolitre."""
    return f"{rounded(Fraction(nl, NL_PER_ML), 6)} mL"


def phase_words(phase: Phase) -> str:
    """Return one phase as a clause."""
    its = phase.compiled
    rate = rate_words(its.rate_nl, its.rate_ms) if its.rate_ms else ""
    if phase.kind == firmware.RATE:
        ends = []
        if its.volume_nl:
            ends.append(f"until {volume_words(its.volume_nl)} are given{_derived(phase)}")
        if its.duration_ms:
            ends.append(f"for {duration_words(its.duration_ms)}")
        words = f"{rate} {', or '.join(ends)}"
        if its.volume_nl:
            words += f": {duration_words(its.duration())}"
    elif phase.kind == firmware.RAMP:
        to = rate_words(its.to_nl, its.to_ms)
        words = f"from {rate} to {to} in {duration_words(its.duration_ms)}"
    elif phase.kind == firmware.PAUSE:
        words = f"nothing for {duration_words(its.duration_ms)}"
    elif phase.kind == firmware.BOLUS:
        words = f"{volume_words(its.volume_nl)}{_derived(phase)} at {rate}, beside what follows"
    elif phase.kind == firmware.KVO:
        words = f"keep the vein open at {rate} "
        words += f"for {duration_words(its.duration_ms)}" if its.duration_ms else "until stopped"
    else:
        words = f"again from phase {its.to_nl + 1}, {its.to_ms} times in all"
    typed = dict(phase.typed)
    return words + "".join(
        f" [{name} = {text}]" for name, text in typed.items() if phase.kind != firmware.REPEAT and _is_dose(text)
    )


def _is_dose(text: str) -> bool:
    """Return whether what was typed was a dose of drug, worth repeating beside the volume that follows from it."""
    return any(name not in ("[volume]", "[time]") for name, _ in quantity(text, "").dimensions)


def _derived(phase: Phase) -> str:
    return "" if phase.exact_nl is None else f" (exactly {phase.exact_nl / NL_PER_ML} mL, floored to a nanolitre)"


def words(therapy: Therapy) -> str:
    """Return a therapy in words, several lines."""
    program = therapy.program
    drug = ", ".join(part for part in (therapy.drug, therapy.concentration, therapy.route) if part)
    rows = [("source", therapy.source), ("note", therapy.note), ("patient", therapy.patient), ("drug", drug)]
    head = [f"{therapy.name}: {therapy.title}", "For teaching only: no therapy.", ""]
    return "\n".join(head + [_row(name, text) for name, text in rows if text] + program_lines(program))


def program_lines(program: Program) -> list[str]:
    """Return what a program orders, line by line."""
    its = program.syringe
    step = step_of(Config(), its.barrel_um)
    step_nl = Fraction(step.pl_num, step.pl_den * 1000)
    level = {mmhg: f" ({name})" for name, mmhg in OCCLUSION_LEVELS}.get(program.occlusion_mmhg, "")
    near = f"near end {duration_words(program.near_end_ms)} before it" if program.near_end_ms else "no near end"
    lines = [
        _row(
            "syringe",
            f"{its.name}, {rounded(Fraction(its.barrel_um, 1000))} mm inside, {volume_words(program.filled_nl)} in it; "
            f"one motor step gives {rounded(step_nl, 3)} nL",
        ),
        _row("alarms", f"occlusion above {program.occlusion_mmhg} mmHg{level}; {near}"),
    ]
    for number, phase in enumerate(program.phases, 1):
        lines.append(_row(f"phase {number}", f"{phase.kind}: {phase_words(phase)}"))
    total = f"{volume_words(program.volume_nl)}, {duration_words(program.duration_ms)}; check value {program.check}"
    lines.append(_row("in all", total))
    try:
        program.check_limits()
    except Refused as refusal:
        lines.append(_row("REFUSED", f"the pump will not take this: {refusal}"))
    return lines


def _row(name: str, text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=f"{name:<10}", subsequent_indent=" " * 10)
