"""PicoInfuse, the host: what a person or a script on the PC uses. For teaching only.

import picoinfuse as pi

program = pi.Program.continuous(rate="5 mL/h", volume="10 mL")
with pi.connect() as pump:
    record = pump.run(program)
print(record.summary())
"""

from typing import TYPE_CHECKING, Any

import serial

from .connection import connect
from .errors import (
    BadInput,
    ContactLost,
    NoPermission,
    NoPump,
    PicoInfuseError,
    PortBusy,
    PortError,
    PumpAlarm,
    Refused,
    SeveralPumps,
    SilentPump,
    Uncertain,
    WrongDevice,
    WrongVersion,
)
from .log import Entry
from .notebook import Notebook
from .nurse import AutoNurse
from .options import Option
from .port import Port, SerialPort
from .program import Phase, Program
from .pump import Pump
from .record import Record
from .status import Doses, Outcome, Staged, Status
from .stream import Event, Telemetry
from .syringes import Syringe
from .therapy import Therapy

if TYPE_CHECKING:
    from .tci import Tci
    from .tci_model import TciModel


def __getattr__(name: str) -> Any:
    """Load what needs numpy only when somebody asks for it."""
    if name == "Tci":
        from .tci import Tci

        return Tci
    if name == "TciModel":
        from .tci_model import TciModel

        return TciModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


# Makes sim:// known to every pyserial program that imports picoinfuse; the simulator is named here and only in data.
if "picoinfuse_sim.protocols" not in serial.protocol_handler_packages:
    serial.protocol_handler_packages.append("picoinfuse_sim.protocols")

__all__ = [
    "AutoNurse",
    "BadInput",
    "ContactLost",
    "Doses",
    "Entry",
    "Event",
    "NoPermission",
    "NoPump",
    "Notebook",
    "Option",
    "Outcome",
    "Phase",
    "PicoInfuseError",
    "Port",
    "PortBusy",
    "PortError",
    "Program",
    "Pump",
    "PumpAlarm",
    "Record",
    "Refused",
    "SerialPort",
    "SeveralPumps",
    "SilentPump",
    "Staged",
    "Status",
    "Syringe",
    "Tci",
    "TciModel",
    "Telemetry",
    "Therapy",
    "Uncertain",
    "WrongDevice",
    "WrongVersion",
    "connect",
]
