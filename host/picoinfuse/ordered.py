"""What was ordered in one run: by the program, by the patient's demands, by people, and by changes of the rate.

A bolus that is granted is ordered drug, as a change of the rate is. So what was delivered is held against all of it, as
the pump's own account does, and not against the program alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import courses

if TYPE_CHECKING:
    from .record import Record

WITHIN_NL = 2  # the pump counts whole nanolitres, and floors its sums


class Ordered(NamedTuple):
    """Volumes in nanolitres. asked, given: of the patient's boluses, how many. boluses: how many people gave.

    changed_nl: what changes of the rate added, or took away where it is below 0, and what a power cut took out of the
    order. changes: how many of these a person or a host made; by_loop: how many a closed loop.
    """

    programmed_nl: int
    demand_nl: int
    asked: int
    given: int
    bolus_nl: int
    boluses: int
    changed_nl: int
    changes: int
    by_loop: int

    @property
    def total_nl(self) -> int:
        """What was ordered in all."""
        return self.programmed_nl + self.demand_nl + self.bolus_nl + self.changed_nl


def of(record: Record) -> Ordered:
    """Return what was ordered in the run of a record.

    Of several programs in one run the pump only knows the part of each: then it is what the first one ordered.
    """
    its = record.meta["result"]
    programmed_nl = round(its["programmed_ml"] * 1e6)
    if courses.KEY in record.meta:
        return Ordered(programmed_nl, 0, 0, 0, 0, 0, 0, 0, 0)
    demands = [event for event in record.events if event.kind == "demand"]
    given = [event.value for event in demands if event.what == "given"]
    every = [event.value for event in record.events if event.kind == "bolus" and event.what != "program"]
    demand_nl, bolus_nl = sum(given), max(0, sum(every) - sum(given))
    # The records of before did not keep it; their telemetry has it.
    told_ml = its.get("ordered_ml")
    told_nl = (record.telemetry[-1].ordered_nl if record.rows else 0) if told_ml is None else round(told_ml * 1e6)
    changed_nl = (told_nl or programmed_nl + demand_nl + bolus_nl) - programmed_nl - demand_nl - bolus_nl
    return Ordered(
        programmed_nl,
        demand_nl,
        len(demands),
        len(given),
        bolus_nl,
        max(0, len(every) - len(given)),
        changed_nl if abs(changed_nl) > WITHIN_NL else 0,
        sum(event.kind == "rate" for event in record.events),
        sum(event.kind == "loop" for event in record.events),
    )


def summary(record: Record) -> list[str]:
    """Return lines for Record.summary: what was programmed, what was ordered beyond it and by whom, what in all."""
    its = of(record)
    lines = [f"  programmed  {_ml(its.programmed_nl)} mL"]
    if its.asked:
        lines.append(
            f"  by demand   {_ml(its.demand_nl)} mL: of {_many(its.asked, 'bolus', 'boluses')} that the patient asked "
            f"for, {its.given} given"
        )
    if its.boluses:
        lines.append(f"  by people   {_ml(its.bolus_nl)} mL in {_many(its.boluses, 'bolus', 'boluses')}")
    if its.changed_nl:
        lines.append(f"  changed     {its.changed_nl / 1e6:+.4f} mL, {_why(its)}")
    if len(lines) > 1:
        lines.append(f"  ordered     {_ml(its.total_nl)} mL in all")
    return lines


def _why(its: Ordered) -> str:
    if its.by_loop:
        return f"by the closed loop, which set the rate {_many(its.by_loop, 'time', 'times')}"
    if its.changes:
        return f"by {_many(its.changes, 'change', 'changes')} of the rate"
    return "by what a halt or a power cut left out"


def _many(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _ml(nl: int) -> str:
    return f"{nl / 1e6:.4f}"
