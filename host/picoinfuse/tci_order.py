"""What a person orders of target-controlled infusion: text with units -> targets, bounds and a program, once."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from picoinfuse_firmware import limits
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.dose import step_of

from . import units
from .errors import BadInput
from .models.compartments import Compartments
from .options import Option
from .program import NEAR_END, OCCLUSION, Phase, Program
from .status import duration_words
from .syringes import Syringe, find
from .tci_law import EFFECT, Law, ideal
from .tci_model import TciModel

CONCENTRATION = "10 mg/mL"  # as most ampoules of propofol, engineer's memory
DURATION = "1 h"
EVERY = "10 s"  # as the R package tci
HOLD = "30 s"
# Teaching values, what a person ought to choose: the fastest rate if nobody says, and the highest plasma.
MAX_RATE_NL_H = 600_000_000
MAX_CONCENTRATION = "15 ug/mL"
MOST_PER_L = 50.0  # mg/L: no plasma of propofol is wanted above; more is a slip of the unit
MG_ML = (Fraction(1, 10), Fraction(100))  # of the drug in the syringe
EVERY_MS = (5_000, 60_000)
LONGEST_MS = 24 * units.MS_PER_H
LONGEST_HOLD_MS = 600_000
# Not heard for so long, a pump notices it within a second, and may have laid so much ahead (docs/tour.md, step 7).
NOTICED_MS = 1_000
AHEAD_MS = 1_700

Targets = tuple[tuple[int, float], ...]  # (milliseconds since the start, mg/L), in this order


def per_l(text: object, field: str, example: str = "4 ug/mL") -> float:
    """Return a concentration in the body in mg/L (ug/mL). Raises BadInput."""
    asked = units.quantity(text, field, example)
    if dict(asked.dimensions) != {"[mass]": 1, "[volume]": -1}:
        raise BadInput(f"{field} = {text!r}: is no concentration in the body; write e.g. {field} = {example!r}")
    return float(asked.value * 1000)


def targets(text: object, most_per_l: float) -> Targets:
    """Read "4 ug/mL", or several with their times: "4 ug/mL@0min,3 ug/mL@20min". Raises BadInput."""
    if not isinstance(text, str) or not text.strip():
        raise BadInput(f"target = {text!r}: write e.g. '4 ug/mL' or '4 ug/mL@0min,3 ug/mL@20min'")
    found = []
    for number, part in enumerate(text.split(",")):
        value, at, when = part.partition("@")
        if not at and number:
            raise BadInput(f"target = {text!r}: {part.strip()!r} has no time; write e.g. '3 ug/mL@20min'")
        at_ms = units.duration_ms(when.strip(), "target") if at else 0
        wanted = per_l(value.strip(), "target")
        if wanted > most_per_l:
            raise BadInput(
                f"target = {value.strip()!r}: is above max_concentration = {most_per_l:g} ug/mL; if it is meant, raise "
                "that too"
            )
        found.append((at_ms, wanted))
    if found[0][0]:
        raise BadInput(f"target = {text!r}: the first one holds from the start; write it @0min, or without a time")
    if not found[0][1]:
        raise BadInput(f"target = {text!r}: the first one must be more than 0")
    for (before_ms, _), (after_ms, _) in pairwise(found):
        if after_ms <= before_ms:
            raise BadInput(f"target = {text!r}: the times must rise from one to the next")
    return tuple(found)


def words(of: Targets) -> str:
    """Return targets in words."""
    first, *others = of
    return ", ".join(
        [f"{first[1]:g} ug/mL", *(f"{value:g} from {duration_words(at_ms)} on" for at_ms, value in others)]
    )


@dataclass(frozen=True)
class TciOrder:
    """An order in whole numbers, and the program that a pump is given for it; made by `read`.

    mg_ml: of the drug in the syringe. most_nl_h: the fastest rate. most_per_l: the ceiling of the plasma, in mg/L.
    supply_nl: what may be given in all, of all syringes. first_nl_h: the rate at which the program begins.
    """

    model: TciModel
    site: str
    targets: Targets
    mg_ml: float
    duration_ms: int
    every_ms: int
    hold_ms: int
    most_nl_h: int
    most_per_l: float
    supply_nl: int
    first_nl_h: int
    law: Law
    program: Program

    @staticmethod
    def read(
        model: TciModel,
        *,
        target: str,
        concentration: str = CONCENTRATION,
        duration: str = DURATION,
        site: str = EFFECT,
        syringe: str | Syringe = "BD 60 mL",
        filled: str | None = None,
        syringes: int = 1,
        max_rate: str | None = None,
        max_concentration: str = MAX_CONCENTRATION,
        every: str = EVERY,
        hold: str = HOLD,
        fallback: str | None = None,
        occlusion: str = OCCLUSION,
        near_end: str = NEAR_END,
    ) -> TciOrder:
        """Read the texts. Raises BadInput that names the field, its value, the limit and what to do.

        hold: for so long the pump goes on with its rate when it does not hear this host; then it falls back to the rate
        `fallback`, or pauses without one, and alarms (firmware: supervised.py).
        """
        if not isinstance(model, TciModel):
            raise BadInput(
                f"model = {model!r}: is no model; make one with TciModel.schnider(...) or TciModel.marsh(...)"
            )
        most_per_l = per_l(max_concentration, "max_concentration", MAX_CONCENTRATION)
        if not 0 < most_per_l <= MOST_PER_L:
            raise BadInput(
                f"max_concentration = {max_concentration!r}: is above 0 and at most {MOST_PER_L:g} ug/mL; is the unit "
                "right?"
            )
        wanted = targets(target, most_per_l)
        mg_ml = _mg_ml(concentration)
        duration_ms = _between(duration, "duration", 1000, LONGEST_MS)
        every_ms = _between(every, "every", *EVERY_MS)
        if every_ms % 1000:
            raise BadInput(f"every = {every!r}: the pump lays whole seconds ahead; write a whole number of seconds")
        hold_ms = _between(hold, "hold", 2 * every_ms, LONGEST_HOLD_MS)
        its = find(syringe)
        most_nl_h = _most_nl_h(max_rate, its)
        least = limits.MIN_RATE_NL_H / 1e6 / 60 * float(mg_ml)
        most = most_nl_h / 1e6 / 60 * float(mg_ml)
        law = Law(model.kinetics, site, every_ms, hold_ms + NOTICED_MS + AHEAD_MS, least, most, most_per_l)
        first = law.rate(Compartments(model.kinetics).state, wanted[0][1], 0.0, 0) or least
        first_nl_h = nl_h(first, float(mg_ml), most_nl_h)
        options = [Option.drug(model.drug.name, concentration), Option.weight(f"{model.weight_kg:g} kg")]
        options.append(_held(hold, fallback, model, mg_ml, most_nl_h, most_per_l))
        if syringes != 1:
            options.append(Option.syringes(syringes))
        filled_nl = its.capacity_nl if filled is None else units.volume_nl(filled, "filled")
        supply_nl = filled_nl + (syringes - 1) * its.capacity_nl
        program = Program(
            [Phase.rate(f"{first_nl_h} nL/h", volume=f"{supply_nl} nL", duration=duration)],
            syringe=its,
            filled=filled,
            occlusion=occlusion,
            near_end=near_end,
            options=options,
        )
        return TciOrder(
            model,
            site,
            wanted,
            float(mg_ml),
            duration_ms,
            every_ms,
            hold_ms,
            most_nl_h,
            most_per_l,
            supply_nl,
            first_nl_h,
            law,
            program,
        )

    def needs_nl(self) -> int:
        """Return what an ideal pump would give for the targets, in nanolitres."""
        points = ideal(self.law, lambda at_ms: at(self.targets, at_ms), self.duration_ms)
        *seconds, _ = (point.rate for point in points)
        return round(sum(seconds) / 60 / self.mg_ml * 1e6)

    def check_supply(self) -> None:
        """Raise BadInput if the model needs more than what is in the syringes."""
        needs_nl = self.needs_nl()
        if needs_nl > self.supply_nl:
            raise BadInput(
                f"duration = {duration_words(self.duration_ms)}: the model needs {needs_nl / 1e6:.1f} mL for these "
                f"targets, and {self.supply_nl / 1e6:g} mL are there; plan more syringes, fill them, take a stronger "
                "concentration, or a shorter time"
            )


def at(of: Targets, at_ms: int) -> float:
    """Return the target so long after the start, in mg/L."""
    value = of[0][1]
    for from_ms, later in of:
        if from_ms <= at_ms:
            value = later
    return value


def nl_h(mg_per_min: float, mg_ml: float, most_nl_h: int) -> int:
    """Return a rate in whole nanolitres per hour, floored, within what a pump gives and a person allows."""
    return max(limits.MIN_RATE_NL_H, min(most_nl_h, int(mg_per_min * 60 / mg_ml * 1e6)))


def _mg_ml(text: str) -> Fraction:
    strength = units.concentration(text, "concentration")
    if not strength.has("[mass]") or not MG_ML[0] <= strength.value <= MG_ML[1]:
        raise BadInput(
            f"concentration = {text!r}: propofol comes in {float(MG_ML[0]):g} to {float(MG_ML[1]):g} mg/mL; "
            f"write e.g. {CONCENTRATION!r}"
        )
    return strength.value  # g/L are mg/mL


def _held(
    hold: str, fallback: str | None, model: TciModel, mg_ml: Fraction, most_nl_h: int, most_per_l: float
) -> Option:
    """Return the option by which the pump goes on without this host. Raises BadInput for a rate that is too high."""
    if fallback is None:
        return Option.hold(hold)
    rate = units.rate(fallback, "fallback")
    if not limits.MIN_RATE_NL_H <= rate.nl * units.MS_PER_H / rate.ms <= most_nl_h:
        raise BadInput(
            f"fallback = {fallback!r}: is {limits.MIN_RATE_NL_H / 1e6:g} mL/h to max_rate = {most_nl_h / 1e6:.6g} "
            "mL/h, or left out, and the pump pauses"
        )
    plasma_per_l = float(rate.ml_per_h * mg_ml) / 60 / model.kinetics.clearance_l_per_min
    if plasma_per_l > most_per_l:
        raise BadInput(
            f"fallback = {fallback!r}: leads to {plasma_per_l:.1f} ug/mL in the plasma in the end, above "
            f"max_concentration = {most_per_l:g} ug/mL; take a lower rate"
        )
    return Option.hold(hold, fallback)


def _between(text: str, field: str, low_ms: int, high_ms: int) -> int:
    ms = units.duration_ms(text, field)
    if not low_ms <= ms <= high_ms:
        raise BadInput(f"{field} = {text!r}: is {duration_words(low_ms)} to {duration_words(high_ms)}")
    return ms


def _most_nl_h(text: str | None, syringe: Syringe) -> int:
    drive = Config()
    allowed = int(limits.max_rate_nl_h(drive, step_of(drive, syringe.barrel_um)))
    if text is None:
        return min(MAX_RATE_NL_H, allowed)
    rate = units.rate(text, "max_rate")
    most = rate.nl * units.MS_PER_H // rate.ms
    if not limits.MIN_RATE_NL_H < most <= allowed:
        raise BadInput(
            f"max_rate = {text!r}: a {syringe.name} in this drive gives {limits.MIN_RATE_NL_H / 1e6:g} to "
            f"{allowed / 1e6:.6g} mL/h"
        )
    return most
