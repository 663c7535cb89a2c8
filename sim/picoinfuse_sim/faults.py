"""Everything that can go wrong, by name: what it does, which alarm ought to see it, and how "NAME@TIME" is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from picoinfuse.errors import BadInput
from picoinfuse.units import duration_ms

if TYPE_CHECKING:
    from .bench import Bench

# A vein against the tissue around it: 62 against 544 mmHg per L/h (Scott 1996, in REFERENCE section 4).
INFILTRATION_MMHG_H_PER_ML = 0.544 - 0.062


@dataclass(frozen=True)
class Fault:
    """One row of the catalogue.

    argument: what may follow the time after a colon: "", "duration" or "fraction". default: its value if nothing
    follows, in seconds or as a fraction; None: for good. alarm: which one ought to see it, or why none.
    """

    name: str
    text: str
    alarm: str
    argument: str
    default: float | None
    strike: Callable[[Bench, float | None], None]


@dataclass(frozen=True)
class Planned:
    """A fault with its time, in milliseconds from the start of the infusion, and its argument."""

    fault: Fault
    at_ms: int
    value: float | None

    def strike(self, bench: Bench) -> None:
        """Let it happen now."""
        self.fault.strike(bench, self.value)


def _clamp(bench: Bench, for_s: float | None) -> None:
    bench.line.clamp()
    _later(bench, for_s, bench.line.release)


def _release(bench: Bench, _: float | None) -> None:
    bench.line.release()


def _infiltrate(bench: Bench, _: float | None) -> None:
    bench.line.set_cannula(bench.line.open_mmhg_h_per_ml + INFILTRATION_MMHG_H_PER_ML)


def _empty(bench: Bench, _: float | None) -> None:
    bench.board.bring_plant()
    bench.syringe.empty(bench.drive.turned_steps)


def _stall(bench: Bench, for_s: float | None) -> None:
    bench.board.bring_plant()
    bench.drive.stall()
    _later(bench, for_s, lambda: bench.drive.stall(False))


def _slip(bench: Bench, fraction: float | None) -> None:
    bench.board.bring_plant()
    bench.drive.slip(fraction or 0.0)


def _overturn(bench: Bench, fraction: float | None) -> None:
    bench.board.bring_plant()
    bench.drive.slip(-(fraction or 0.0))


def _encoder_stuck(bench: Bench, for_s: float | None) -> None:
    bench.senses.stick_encoder()
    _later(bench, for_s, lambda: bench.senses.stick_encoder(False))


def _unplug(bench: Bench, for_s: float | None) -> None:
    bench.host_unplugged()
    _later(bench, for_s, lambda: bench.host_unplugged(False))


def _plug(bench: Bench, _: float | None) -> None:
    bench.host_unplugged(False)


def _power_cut(bench: Bench, off_s: float | None) -> None:
    bench.power_cut(off_s or 0.0)


def _hang(bench: Bench, for_s: float | None) -> None:
    bench.hang(for_s or 0.0)


def _later(bench: Bench, for_s: float | None, action: Callable[[], object]) -> None:
    if for_s is not None:
        bench.at(for_s, action)


CATALOGUE = {
    fault.name: fault
    for fault in (
        Fault("clamp", "The line is closed at the patient's end.", "occlusion", "duration", None, _clamp),
        Fault("release", "A closed clamp is opened; what was stored runs in as a bolus.", "none", "", None, _release),
        Fault(
            "infiltrate",
            "The cannula slips out of the vein into the tissue.",
            "none: at 5 mL/h it adds 2.4 mmHg, which no pressure alarm can see",
            "",
            None,
            _infiltrate,
        ),
        Fault("empty", "The plunger meets the end of the barrel.", "empty", "", None, _empty),
        Fault(
            "stall", "The motor gets its steps and the screw stands still.", "motor_stalled", "duration", None, _stall
        ),
        Fault("slip", "This fraction of the steps is lost.", "motor_stalled", "fraction", 0.2, _slip),
        Fault(
            "overturn",
            "The screw turns further than told by this fraction.",
            "over_delivery or guard",
            "fraction",
            0.2,
            _overturn,
        ),
        Fault("encoder_stuck", "The encoder's magnet came off.", "motor_stalled", "duration", None, _encoder_stuck),
        Fault("unplug", "The USB cable to the host is out.", "none: the therapy goes on", "duration", None, _unplug),
        Fault("plug", "The USB cable is in again.", "none", "", None, _plug),
        Fault("power_cut", "Power fails, for so long.", "power_lost", "duration", 3.0, _power_cut),
        Fault(
            "hang",
            "The firmware stops polling, for so long; the motor stops when what was laid ahead is done.",
            "system_fault",
            "duration",
            5.0,
            _hang,
        ),
    )
}


def parse(text: str) -> Planned:
    """Read "NAME@TIME" or "NAME@TIME:ARGUMENT", e.g. "clamp@10min", "slip@1 h:0.3", "power_cut@5 min:30 s".

    Raises BadInput that lists the known faults, or says what is wrong with time or argument.
    """
    name, at, rest = text.partition("@")
    fault = CATALOGUE.get(name.strip())
    if fault is None:
        raise BadInput(f"fault {text!r}: unknown fault {name.strip()!r}; the known ones are: {', '.join(CATALOGUE)}")
    if not at:
        raise BadInput(
            f"fault {text!r}: says no time; write e.g. {fault.name}@10min, counted from the infusion's start"
        )
    time, colon, argument = rest.partition(":")
    at_ms = duration_ms(time.strip(), f"time of fault {text!r}")
    if not colon:
        return Planned(fault, at_ms, fault.default)
    return Planned(fault, at_ms, _argument(fault, argument.strip(), text))


def _argument(fault: Fault, argument: str, text: str) -> float:
    if not fault.argument:
        raise BadInput(f"fault {text!r}: {fault.name} takes nothing after its time")
    if fault.argument == "duration":
        value = duration_ms(argument, f"duration in fault {text!r}") / 1000
        if not value:
            raise BadInput(f"fault {text!r}: lasts 0 s; write how long, e.g. {fault.name}@10min:30s")
        return value
    try:
        value = float(argument)
    except ValueError:
        value = -1.0
    if not 0 < value <= 1:
        raise BadInput(
            f"fault {text!r}: {argument!r} is not a fraction above 0 and up to 1, e.g. {fault.name}@10min:0.3"
        )
    return value
