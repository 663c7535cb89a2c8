"""A therapy run whole on a simulated pump in virtual time: what was ordered, what was given, and every alarm."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from .nurse import AutoNurse
from .status import duration_words
from .therapy import Therapy

if TYPE_CHECKING:
    from .record import Record

SIMULATED = "sim://"
TELEMETRY_MS = 60_000  # a row a minute is enough to see the end, and a fortnight takes half the time
NURSE_MS = 30_000  # until she stands at the pump
# The routes of a file, as the simulated world names them.
WORLDS = {"intravenous": "peripheral vein", "central intravenous": "central vein"}
# Who has to be there for a therapy to be what it is: somebody who presses, somebody with a glucose sensor.
PEOPLE = {
    "morphine-pca": "pca,weight=70",
    "chronic-pain": "pca,weight=70,pain=5,concentration=10 mg/mL",
    "insulin-loop": "hovorka,weight=70,sensitivity=0.5,meals=45g@7h/70g@12h/80g@18h,concentration=10 U/mL",
}


def world_of(therapy: Therapy) -> dict[str, str]:
    """Return what the simulated world is to be told so that it fits the therapy: syringe, filling, route."""
    program = therapy.program
    said = {"syringe": program.syringe.name}
    if program.filled_nl != program.syringe.capacity_nl:
        said["filled"] = f"{program.filled_nl} nL"
    route = WORLDS.get(therapy.route, therapy.route)
    if route != WORLDS["intravenous"]:
        said["route"] = route
    return said


@dataclass(frozen=True)
class Rehearsal:
    """One therapy as it ran; its fields are those of a record's result, and:

    ordered_ml: what was ordered in the end, with the boluses that the patient asked for. asked, given: how many of
    these. alarms: name -> how often. wall_s: of this machine.
    """

    therapy: str
    place: str
    route: str
    duration_s: float
    syringes: int
    programmed_ml: float
    ordered_ml: float
    delivered_ml: float
    asked: int
    given: int
    outcome: str
    alarms: dict[str, int]
    wall_s: float

    @staticmethod
    def of(therapy: Therapy, record: Record, wall_s: float) -> Rehearsal:
        """Return the row for a record."""
        its = record.result()
        counts: dict[str, int] = {}
        for alarm in its["alarms"]:
            counts[alarm["code"]] = counts.get(alarm["code"], 0) + 1
        return Rehearsal(
            therapy=therapy.name,
            place=therapy.file.place if therapy.file else "",
            route=therapy.route,
            duration_s=its["duration_s"],
            syringes=therapy.program.syringes,
            programmed_ml=its["programmed_ml"],
            ordered_ml=its["ordered_ml"],
            delivered_ml=its["delivered_ml"],
            asked=sum(event.kind == "demand" for event in record.events),
            given=sum(event.kind == "demand" and event.what == "given" for event in record.events),
            outcome=its["outcome"],
            alarms=counts,
            wall_s=wall_s,
        )

    def data(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return asdict(self)

    def cells(self) -> list[str]:
        """Return it as the cells of a table row, in the order of HEAD."""
        return [
            self.therapy,
            duration_words(round(self.duration_s) * 1000),
            str(self.syringes - 1),
            f"{self.programmed_ml:.3f}",
            f"{self.ordered_ml:.3f}",
            f"{self.delivered_ml:.3f}",
            f"{self.given} of {self.asked}" if self.asked else "-",
            self.outcome,
            ", ".join(f"{name} {n}" if n > 1 else name for name, n in self.alarms.items()) or "none",
            f"{self.wall_s:.1f}",
        ]


HEAD = (
    "therapy", "duration", "changes", "programmed mL", "ordered mL", "delivered mL", "boluses asked for", "outcome",
    "alarms", "wall s",
)  # fmt: skip


def rehearse(therapy: Therapy, seed: int = 0, **world: str) -> tuple[Rehearsal, Record]:
    """Run a therapy whole on a simulated pump, with a nurse who changes syringes; return its row and its record.

    world: what the simulated world is told beside what fits the therapy, e.g. patient="pca" (docs/simulator.md).
    """
    from .connection import connect

    told = {"seed": str(seed), **world_of(therapy)}
    if therapy.name in PEOPLE:
        told["patient"] = PEOPLE[therapy.name]
    address = f"{SIMULATED}?{urlencode({**told, **world}, quote_via=quote)}"
    began = perf_counter()
    with connect(address) as pump:
        pump.telemetry_ms = TELEMETRY_MS
        record = pump.run(therapy, nurse=AutoNurse(NURSE_MS, seed), seed=seed)
    return Rehearsal.of(therapy, record, perf_counter() - began), record
