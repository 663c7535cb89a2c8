"""Every error a person can meet: each says what was wrong, the value, the limit, and what to do."""

# ruff: noqa: N818  (they are named after what happened: `except Refused` reads aloud)

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .record import Record


class PicoInfuseError(Exception):
    """The base of all of them. record: of the run that the error ended, if there was one (a record.Record)."""

    record: Record | None = None


class BadInput(PicoInfuseError, ValueError):
    """Something that a person wrote cannot be used: a therapy file, a unit, a syringe, a time."""


class Refused(PicoInfuseError):
    """The pump, or its limits asked beforehand, said no.

    reason: a name from the firmware's reasons.REASONS; value: what was asked for; limit: what it broke.
    """

    def __init__(self, reason: str, value: int = 0, limit: int = 0, text: str = "") -> None:
        super().__init__(text or f"refused: {reason} (value {value}, limit {limit})")
        self.reason = reason
        self.value = value
        self.limit = limit


class PumpAlarm(PicoInfuseError):
    """An alarm stopped the motor.

    code: the number of its row in the firmware's alarms.py; name: e.g. "occlusion"; at_s: seconds since the start of
    the infusion.
    """

    def __init__(self, code: int, name: str, at_s: float, text: str = "", action: str = "") -> None:
        message = f"{name} at {at_s:.1f} s: {text or 'an alarm stopped the motor'}"
        super().__init__(f"{message}. {action}." if action else message)
        self.code = code
        self.name = name
        self.at_s = at_s
        self.text = text
        self.action = action


class InstallFailed(PicoInfuseError):
    """The firmware is not on the board as it should be, or cannot be put there."""


class PortError(PicoInfuseError):
    """There is no working connection to a pump; its subclasses say why."""


class NoPump(PortError):
    """Nothing is there."""


class SeveralPumps(NoPump):
    """More than one pump answered; one has to be chosen by name. ports: their names."""

    def __init__(self, message: str, ports: Sequence[str]) -> None:
        super().__init__(message)
        self.ports = list(ports)


class WrongDevice(PortError):
    """Something answers, but not as a pump."""


class PortBusy(PortError):
    """Another program holds the port."""


class NoPermission(PortError):
    """The operating system does not let this user open the port."""


class SilentPump(PortError):
    """The port opened, and nothing came back."""


class WrongVersion(PortError):
    """The pump speaks another version of the message table."""


class ContactLost(PortError):
    """The pump answered before and does not any more. What it was started for goes on."""


class Uncertain(ContactLost):
    """A request that delivers was sent and its answer never came: nobody knows here whether it was done.

    id: the identity under which `Pump.settle` asks for the outcome.
    """

    def __init__(self, text: str, id: str) -> None:
        super().__init__(text)
        self.id = id
