"""Walks through the hardware of a pump with a person and finds what is broken: which checks there are, and the report.

Everything goes over the wire with the pump's own messages, so it works on a simulated pump as on a real one. It moves
the motor only by priming, a quarter turn, after the person has said that nothing is connected to a patient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from picoinfuse_firmware import states

from . import doctor_board, doctor_motor, doctor_senses
from .doctor_person import FAILED, Item, Person, Visit
from .errors import BadInput, Refused
from .pump import Pump

Check = Callable[[Visit], Iterable[Item]]

# In this order: what needs no hands first; what raises an alarm while it is tried (mains) after light and sound.
CHECKS: dict[str, Check] = {
    "versions": doctor_board.versions,
    "self_test": doctor_board.self_test,
    "reset": doctor_board.reset,
    "configuration": doctor_board.configuration,
    "memory": doctor_board.memory,
    "wire": doctor_board.wire,
    "lights": doctor_board.lights,
    "force": doctor_senses.force,
    "keys": doctor_senses.keys,
    "end_switch": doctor_senses.end_switch,
    "syringe_switch": doctor_senses.syringe_switch,
    "cover_switch": doctor_senses.cover_switch,
    "air_detector": doctor_senses.air_detector,
    "battery": doctor_senses.battery,
    "mains_sense": doctor_senses.mains_sense,
    "thermometer": doctor_senses.thermometer,
    "barrel_gauge": doctor_senses.barrel_gauge,
    "motor": doctor_motor.motor,
}


@dataclass
class Report:
    """What was found, in the order it was looked at."""

    port: str
    items: list[Item] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not any(item.result == FAILED for item in self.items)

    def data(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {"port": self.port, "ok": self.ok, "items": [item.data() for item in self.items]}

    def text(self) -> str:
        """Return what to do, and the sum, in words."""
        counts = {result: sum(item.result == result for item in self.items) for result in Item.RESULTS}
        lines = [", ".join(f"{count} {result}" for result, count in counts.items() if count)]
        lines += [f"  {item.name}: {item.todo}" for item in self.items if item.result == FAILED]
        return "\n".join(lines)


def examine(
    pump: Pump,
    person: Person,
    *,
    only: Sequence[str] = (),
    syringe: str = "BD 60 mL",
    on_item: Callable[[Item], object] = lambda item: None,
) -> Report:
    """Go through the checks and return the report; on_item is called with each thing as it is found.

    only: names of CHECKS, default all. syringe: that is fitted for the turn of the motor. Raises BadInput for an
    unknown name, Refused while the pump is not idle, and PortError.
    """
    for name in only:
        if name not in CHECKS:
            raise BadInput(f"--only = {name!r}: there is no such check; there are: {', '.join(CHECKS)}")
    status = pump.status()
    for _ in range(100):  # the self-test takes some seconds
        if status.state != states.SELFTEST:
            break
        pump.session.listen(0.5)
        status = pump.status()
    at_rest = status.state in (states.IDLE, states.COMPLETE) or (
        status.state == states.ALARM and not status.remaining_ms and status.check == "-"
    )
    if not at_rest:
        words = "in alarm" if status.state == states.ALARM else status.state
        raise Refused(
            "not_now",
            text=f"{pump.port.name}: the pump is {words}; it can be looked at only while it is idle. Stop it "
            f"first: picoinfuse stop --port {pump.port.name}",
        )
    visit = Visit(pump, person, syringe)
    report = Report(pump.port.name)
    for name in only or CHECKS:
        for item in _safely(name, CHECKS[name], visit):
            report.items.append(item)
            on_item(item)
    return report


def _safely(name: str, check: Check, visit: Visit) -> list[Item]:
    """Return what a check finds; a refusal of the pump is a finding too."""
    try:
        return list(check(visit))
    except Refused as refusal:
        return [Item(name, FAILED, f"the pump refuses: {refusal}", "Mend that first, then run this again")]


__all__ = ["CHECKS", "Item", "Report", "examine"]
