"""What every check of the doctor needs: one finding, the person at the pump, and a visit with both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from picoinfuse_firmware.board import SENSORS

from .pump import Pump

OK = "ok"
FAILED = "failed"
ABSENT = "absent"  # the configuration says that it is not there
SKIPPED = "skipped"

LOOK_S = 0.2  # between two readings while a person does something
PATIENCE_S = 20  # for what a person is asked to do


@dataclass(frozen=True)
class Item:
    """One thing that was looked at. found: what was seen; todo: what to do about it."""

    RESULTS: ClassVar[tuple[str, ...]] = (OK, FAILED, ABSENT, SKIPPED)

    name: str
    result: str
    found: str
    todo: str = ""

    def data(self) -> dict[str, str]:
        """Return it for JSON."""
        return {"name": self.name, "result": self.result, "found": self.found, "todo": self.todo}

    def text(self) -> str:
        """Return it as a line."""
        return f"{self.result:<8}{self.name.replace('_', ' '):<17}{self.found}"


class Person(Protocol):
    """Who stands at the pump. looks: whether what they say was really seen; scripted answers were not."""

    looks: bool

    def asked_to(self, text: str) -> None:
        """Be told what to do with the hands."""

    def says(self, question: str) -> bool | None:
        """Answer a question by yes or no; None: nobody answers."""


@dataclass
class Visit:
    """One pump and one person. syringe: the one that is fitted."""

    pump: Pump
    person: Person
    syringe: str

    def has(self, sensor: str) -> bool:
        """Return whether the pump says that it has this sensor."""
        return sensor not in self.pump.absent()

    def is_silent(self, sensor: str) -> bool:
        """Return whether the pump hears nothing of this sensor."""
        return bool(self.pump.about()["silent"] >> SENSORS.index(sensor) & 1)

    def hands(self, action: str, text: str) -> None:
        """Let the simulated person do it, or ask the real one."""
        if not self.pump.port.act(action):
            self.person.asked_to(text)

    def until(self, is_so: Callable[[dict[str, int]], bool], patience_s: float = PATIENCE_S) -> dict[str, int] | None:
        """Return the readings as soon as it is so, or None when the patience is at its end."""
        for _ in range(int(patience_s / LOOK_S)):
            readings = self.pump.senses()
            if is_so(readings):
                return readings
            self.let_pass(LOOK_S)
        return None

    def let_pass(self, seconds: float) -> None:
        """Let so much of the pump's time pass."""
        for _ in range(max(1, round(seconds / LOOK_S))):
            self.pump.session.listen(LOOK_S)
