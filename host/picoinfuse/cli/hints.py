"""What a run will lack, told before it starts: who changes syringes, presses or wears a sensor; which drug."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from picoinfuse_firmware.options import DEMAND, LOOP

from ..errors import BadInput
from ..rehearsal import PEOPLE
from ..units import concentration

if TYPE_CHECKING:
    from ..pump import Pump
    from ..therapy import Therapy

HEAD = "note"
# Who is needed for an option of a program that no file of ours has: model and what stands in for its parameters.
MODELS = {DEMAND: ("nobody presses the bolus key", "pca"), LOOP: ("nobody wears a glucose sensor", "hovorka")}
SENSITIVITY = re.compile(r"sensitivity[ =](\d[\d.]*)")
IN_SYRINGE = re.compile(r"concentration ([^,()]+)")


def tell_hints(pump: Pump, therapy: Therapy, nurse: bool) -> None:
    """Say on standard error what will be missing in the run that is about to start. Refuses nothing."""
    for number, line in enumerate(_world(pump, therapy, nurse)):
        print(f"{'' if number else HEAD:<10}{line}", file=sys.stderr)


def _world(pump: Pump, therapy: Therapy, nurse: bool) -> list[str]:
    """Return what a simulated world lacks for this therapy; nothing of a real pump."""
    if pump.port.truth() is None:
        return []
    lines = []
    if therapy.program.syringes > 1 and not nurse:
        lines.append(
            f"{therapy.program.syringes} syringes are ordered and nobody changes them: the run ends with the first; "
            "--nurse auto does it"
        )
    its = pump.port.patient()
    if its is None:
        needed = (MODELS[option.kind] for option in therapy.program.options if option.kind in MODELS)
        lines += [f"{what}; a simulated patient does: --patient {_who(therapy, model)}" for what, model in needed]
        return lines
    lines += _sensitive(its["title"], therapy)
    said = IN_SYRINGE.search(its["title"])
    if said and _differs(said[1], therapy):
        lines.append(
            f"the patient gets a drug of {said[1]}, the therapy's has {therapy.concentration}; if that is not meant: "
            f"--patient 'MODEL,concentration={therapy.concentration}'"
        )
    return lines


def _who(therapy: Therapy, model: str) -> str:
    """Return the patient for a therapy, as `run` takes it: of a shipped one that of `therapies --all`."""
    fallback = f"{model},concentration={therapy.concentration}" if therapy.concentration else model
    return f"'{PEOPLE.get(therapy.name, fallback)}'"


def _sensitive(title: str, therapy: Therapy) -> list[str]:
    """Return what is to be said of a patient for whose sensitivity to insulin this therapy is not ordered."""
    its, ordered = SENSITIVITY.search(title), SENSITIVITY.search(PEOPLE.get(therapy.name, ""))
    if not its or not ordered or float(its[1]) == float(ordered[1]):
        return []
    much = "too much" if float(its[1]) > float(ordered[1]) else "too little"
    need = f"this therapy is ordered for a patient with a sensitivity to insulin of {ordered[1]}"
    return [f"{need}; for one of {its[1]} its insulin is {much}: --patient {_who(therapy, '')}"]


def _differs(text: str, therapy: Therapy) -> bool:
    """Return whether two strengths of one kind (mass, activity) differ; what is of another kind is another drug."""
    if therapy.strength is None:
        return False
    try:
        its = concentration(text)
    except BadInput:
        return False
    return (its.value, its.dimensions) != (therapy.strength.value, therapy.strength.dimensions)
