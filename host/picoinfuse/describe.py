"""The words of `show`: a therapy for people, every rate exact and rounded."""

from __future__ import annotations

import textwrap
from fractions import Fraction

from picoinfuse_firmware import program as firmware
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.dose import step_of
from picoinfuse_firmware.limits import OCCLUSION_LEVELS

from . import schedule
from .errors import Refused
from .options import NL_PER_L, drug_unit
from .plan import plan
from .program import Phase, Program
from .status import duration_words
from .therapy import Therapy
from .units import FOUR_TWO_ONE, MS_PER_H, NL_PER_ML, Quantity, Rate, quantity, rounded

WIDTH = 100  # columns
MANY_CHANGES = 8  # of syringes; of more only the first ones and the last are told
PLACES = {"hospital": "in hospital", "clinic": "in the clinic", "home": "at home"}
# As the lock levels of a real pump (B. Braun Infusomat Space): 1, 2 and 3 there; `keys` is 3 without a bolus.
LOCKS = {
    "open": "the keys change what they can",
    "basic": "the keys change no value and give no bolus; they start and stop",
    "full": "the keys change no value, give no bolus and confirm no other syringe; they start and stop",
    "pca": "all that the patient can do is to ask for a bolus",
    "keys": "no key does anything but pause the sound; to stop it at once close the clamp",
}
# The pump's unit of a drug -> the names of a thousand, a million, ... of it, the largest first.
SCALES = {
    "ng": ((10**9, "g"), (10**6, "mg"), (10**3, "ug"), (1, "ng")),
    "uU": ((10**6, "U"), (10**3, "mU"), (1, "uU")),
    "nmol": ((10**6, "mmol"), (10**3, "umol"), (1, "nmol")),
    "nEq": ((10**6, "mEq"), (10**3, "uEq"), (1, "nEq")),
}


def rate_words(nl: int, ms: int) -> str:
    """Return a rate as "12 mL/h (10 nL in 3 ms)"; one that is no finite decimal with its exact fraction."""
    value = Rate(nl, ms).ml_per_h
    shown = rounded(value)
    exact = f"exactly {value} mL/h, " if shown.startswith("about") else ""
    return f"{shown} mL/h ({exact}{nl} nL in {ms} ms)"


def volume_words(nl: int) -> str:
    """Return a volume in mL, to the last nanolitre."""
    return f"{rounded(Fraction(nl, NL_PER_ML), 6)} mL"


def amount_words(nl: Fraction | int, strength: Quantity | None) -> str:
    """Return the amount of drug in so many nanolitres, e.g. "1.5 mg"; "" without a concentration."""
    if strength is None:
        return ""
    per_nl, name = amount_scale(nl, strength)
    return f"{rounded(nl * per_nl)} {name}"


def amount_scale(nl: Fraction | int, strength: Quantity) -> tuple[Fraction, str]:
    """Return the amount of drug in a nanolitre, and its unit: the one in which that in nl is a handy number."""
    unit, times = drug_unit(strength)
    per_nl = strength.value * times / NL_PER_L
    size, name = next((row for row in SCALES[unit] if nl * per_nl >= row[0]), SCALES[unit][-1])
    return per_nl / size, name


def with_amount(nl: Fraction | int, strength: Quantity | None) -> str:
    """Return a volume with the drug that is in it: "50 mL (1 g)"."""
    amount = amount_words(nl, strength)
    return f"{volume_words(int(nl))} ({amount})" if amount else volume_words(int(nl))


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
    if text == FOUR_TWO_ONE:
        return True
    return any(name not in ("[volume]", "[time]") for name, _ in quantity(text, "").dimensions)


def _derived(phase: Phase) -> str:
    return "" if phase.exact_nl is None else f" (exactly {phase.exact_nl / NL_PER_ML} mL, floored to a nanolitre)"


def words(therapy: Therapy) -> str:
    """Return a therapy in words, several lines: who, what, where, how much, how long, and what to look out for."""
    rows = [("source", therapy.source), ("note", therapy.note), *_around(therapy)]
    lines = [f"{therapy.name}: {therapy.title}", "For teaching only: no therapy.", ""]
    lines += [_row(name, text) for name, text in rows if text]
    lines += _program_lines(therapy)
    for number, text in enumerate(therapy.file.notes if therapy.file else ()):
        lines.append(_row("" if number else "look out", text))
    return "\n".join(lines)


def _around(therapy: Therapy) -> list[tuple[str, str]]:
    """Return the rows about patient, drug, place and times."""
    its = therapy.file
    if its is None:
        return [("patient", therapy.patient), ("drug", therapy.drug)]
    diluent = f"diluted with {its.drug.diluent}" if its.drug.diluent else ""
    drug = ", ".join(part for part in (therapy.drug, therapy.concentration, diluent, therapy.route) if part)
    rows = [
        ("after", f"the therapy `{its.follows}`" if its.follows else ""),
        ("patient", therapy.patient),
        ("drug", drug),
        ("place", f"{PLACES[its.place]}; lock level {its.lock}: {LOCKS[its.lock]}"),
    ]
    if its.schedule is not None:
        rows.append(("schedule", schedule.words(its.schedule)))
    return rows


def _program_lines(therapy: Therapy) -> list[str]:
    """Return what its program orders, line by line."""
    program, strength = therapy.program, therapy.strength
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
        place = f" [{phase.place} of the file]" if phase.place not in ("", f"phase {number}") else ""
        lines.append(_row(f"phase {number}", f"{phase.kind}: {phase_words(phase)}{place}"))
    lines += [_row(name, text) for name, text in _beside(therapy)]
    volume = with_amount(program.volume_nl, strength)
    total = f"{volume}, {duration_words(program.duration_ms)}; check value {program.check}"
    lines.append(_row("in all", total))
    try:
        program.check_limits()
    except Refused as refusal:
        lines.append(_row("REFUSED", f"the pump will not take this: {refusal}"))
    return lines


def _beside(therapy: Therapy) -> list[tuple[str, str]]:
    """Return the rows about syringe changes, demands, limits, and a rate that is too low for the syringe."""
    program, strength = therapy.program, therapy.strength
    rows = []
    if program.syringes > 1:
        rows.append(("changes", changes_words(program)))
    for option in program.options:
        if option.kind in OPTION_WORDS:
            rows.append((option.kind, OPTION_WORDS[option.kind](option.compiled.numbers, strength)))
    lowest_ml_h = program.syringe.lowest_ml_h
    slow_nl_h = min(
        (p.compiled.rate_nl * MS_PER_H // p.compiled.rate_ms for p in program.phases if p.kind == firmware.RATE),
        default=0,
    )
    if 0 < slow_nl_h < lowest_ml_h * NL_PER_ML:
        slow = f"{rounded(Fraction(slow_nl_h, NL_PER_ML))} mL/h is below {lowest_ml_h:g} mL/h, the lowest sensible "
        rows.append(
            ("slow", slow + "rate of this syringe: the flow comes in jerks; a smaller syringe gives it more evenly")
        )
    return rows


def _demand_words(numbers: list[int], strength: Quantity | None) -> str:
    volume_nl, nl, ms, lockout_ms = numbers
    return (
        f"{with_amount(volume_nl, strength)} at {rate_words(nl, ms)} when the patient asks, not sooner than "
        f"{duration_words(lockout_ms)} after the one before; who presses for the patient can kill"
    )


def _limit_words(numbers: list[int], strength: Quantity | None) -> str:
    window_ms, most = numbers
    return f"at most {_most_words(most, strength)} in any {duration_words(window_ms)}, all counted"


def _most_words(most: int, strength: Quantity | None) -> str:
    """Return what a limit allows: it is counted in the drug's unit, or in nanolitres without one."""
    if strength is None:
        return volume_words(most)
    times = drug_unit(strength)[1]
    return amount_words(most / (strength.value * times / NL_PER_L), strength)


def _loop_words(numbers: list[int], strength: Quantity | None) -> str:
    low, high, sensitivity, highest_nl_h, _, _, lost_ms = numbers
    return (
        f"the basal rate follows a glucose sensor: target {low} to {high} mg/dL, 1 U lowers it by "
        f"{sensitivity / 1000:g} mg/dL, at most {with_amount(highest_nl_h, strength)} in an hour; without a reading "
        f"for {duration_words(lost_ms)} the rate of the phases runs"
    )


OPTION_WORDS = {"demand": _demand_words, "limit": _limit_words, "loop": _loop_words}


def changes_words(program: Program) -> str:
    """Return when which syringe is changed, and how much is in each."""
    loads = plan(program)
    later = loads[1:]
    told = later if len(later) <= MANY_CHANGES else [*later[: MANY_CHANGES - 1], later[-1]]
    times = [duration_words(round(load.at_s) * 1000) for load in told]
    if len(told) < len(later):
        times.insert(-1, "and so on, the last")
    each, last = volume_words(program.filled_nl), loads[-1].given_ml
    rest = "" if abs(last - program.filled_nl / NL_PER_ML) < 1e-6 else f"; of the last {last:.4g} mL are given"
    return (
        f"{program.syringes} syringes of {each}, one after the other: the pump pauses and calls, somebody fits the "
        f"next one, confirms and resumes, and the account goes on. Changed after {', '.join(times)}{rest}"
    )


def _row(name: str, text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=f"{name:<10}", subsequent_indent=" " * 10, break_on_hyphens=False)
