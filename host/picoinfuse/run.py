"""One run: start, wait, and whatever happens keep the record."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from picoinfuse_firmware import VERSION as WIRE_VERSION
from picoinfuse_firmware import alarms, messages, states

from . import courses, locking, ordered
from .courses import program_data
from .errors import BadInput, PicoInfuseError, PumpAlarm, Refused
from .glucose import with_readings
from .notebook import Notebook
from .patient import watched
from .program import Program
from .reaction_nurse import with_reactions
from .record import FORMAT, Record
from .stream import OnEvent, OnTelemetry, Telemetry
from .therapy import Order, Steered, Therapy, program_of

if TYPE_CHECKING:
    from .pump import Nurse, Pump

LOOK_S, STILL_LOOKS = 1.0, 5  # after an occlusion the pump is asked so often, until nothing moves for so many times
NOTEBOOK = "requests.jsonl"  # in the folder of the record


def run(
    pump: Pump,
    order: Order,
    start: Callable[[Program | Therapy], object],
    *,
    nurse: Nurse | None,
    out: str | Path | None,
    seed: int | None,
    on_telemetry: OnTelemetry | None,
    on_event: OnEvent | None,
) -> Record:
    """Start `order`, wait for its end, and return the record; see Pump.run. A run that never began leaves no folder."""
    if isinstance(order, str):
        order = Therapy.read(order)
    program = program_of(order)
    made = out is not None and not Path(out).exists()
    if out is not None:
        pump.notebook = _notebook(Path(out))
    before = {entry.id for entry in pump.notebook.entries()}
    record = Record(meta=_meta(pump, order, program, seed))
    if isinstance(order, Steered):
        order.folder = None if out is None else Path(out)
        on_telemetry, on_event = order.steer(pump, record, on_telemetry, on_event)
    on_telemetry = watched(pump.port, record, on_telemetry)
    nurse = with_reactions(pump.port, with_readings(program, nurse), program, record, start)
    outcome = "uncertain"
    pump.stream.forget()
    try:
        if pump.notebook.open():
            pump.settle()
        # From here on, since the first events may come together with the answer to the start.
        pump.stream.on_telemetry, pump.stream.on_event = on_telemetry, on_event
        start(order if isinstance(order, Therapy) else program)
        record.meta["program"] = program_data(pump.program or program)  # with what the pump's drug library asks for
        record.meta["lock"] = locking.after_start(pump, order)
        status = pump.wait(nurse=nurse, on_telemetry=on_telemetry, on_event=on_event)
        done = status.state in (states.COMPLETE, states.KVO) and courses.ended_with_drug(record)
        outcome = "complete" if done else "stopped"
    except PumpAlarm as alarm:
        outcome = "alarm"
        if alarm.code == alarms.OCCLUSION:
            pump.stream.on_telemetry, pump.stream.on_event = on_telemetry, on_event
            _see_draw_back(pump)
    except KeyboardInterrupt:
        try:
            _stop(pump)
            outcome = "stopped"
        except PicoInfuseError as error:
            error.record = record
            raise
    except Refused as error:
        outcome = "refused"
        error.record = record
        raise
    except PicoInfuseError as error:
        error.record = record
        raise
    finally:
        pump.stream.on_telemetry = pump.stream.on_event = None
        pump.stream.keeps = False
        _close(pump, record, program, outcome, on_event)
        if out is not None and _something_began(pump, before):
            record.save(out)
        elif out is not None:
            _leave_nothing(Path(out), made, before)
    return record


def _something_began(pump: Pump, before: set[str]) -> bool:
    """Return whether this run asked for a start that was not refused; what became of it need not be known."""
    starts = [entry for entry in pump.notebook.entries() if entry.id not in before and entry.verb == "start"]
    return any(entry.state != "refused" for entry in starts)


def _leave_nothing(folder: Path, made: bool, before: set[str]) -> None:
    """Take away what a run that never began has put into its folder, and the folder if it made it."""
    if not before:
        (folder / NOTEBOOK).unlink(missing_ok=True)
    if made:
        with suppress(OSError):  # somebody else has put something there
            folder.rmdir()


def _notebook(folder: Path) -> Notebook:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"out = {str(folder)!r}: cannot be made: {error}; choose another folder") from error
    return Notebook(folder / NOTEBOOK)


def _stop(pump: Pump) -> None:
    """Stop the pump and wait for its word; that it does nothing any more is as good."""
    try:
        pump.stop()
    except Refused:
        if pump.status().state not in (states.IDLE, states.COMPLETE):
            raise


def _see_draw_back(pump: Pump) -> None:
    """Go on listening until the pump has drawn the plunger back, or shows that it does not."""
    stream, drawn_nl, still = pump.stream, -1, 0
    try:
        while still < STILL_LOOKS and not (stream.events and stream.events[-1].kind == "drawback"):
            pump.session.listen(LOOK_S)
            status = pump.status()
            still = still + 1 if status.drawn_nl == drawn_nl else 0
            drawn_nl = status.drawn_nl
    except PicoInfuseError:
        pass  # the alarm is the outcome, whatever comes after it


def _close(pump: Pump, record: Record, program: Program, outcome: str, on_event: OnEvent | None) -> None:
    """Put into the record what is known at the end; a pump that is gone leaves what it last said."""
    stream = pump.stream
    last = Telemetry._make(stream.rows[-1]) if stream.rows else None
    delivered_nl, ordered_nl = (last.delivered_nl, last.ordered_nl) if last else (0, 0)
    end_ms = stream.newest_ms
    if outcome not in ("uncertain", "refused"):
        stream.on_event = on_event
        try:
            status = pump.status()
            pump.events()
            pump.settle()
            delivered_nl, end_ms = status.delivered_nl, stream.time_ms(status.at_ms)
            ordered_nl = status.ordered_nl or ordered_nl
        except PicoInfuseError:
            pass  # the outcome is known already; its volume is the last one that was told
        finally:
            stream.on_event = None
    record.rows, record.events = stream.rows, stream.events
    started_ms = stream.started_ms
    for event in reversed(stream.events):
        if started_ms is None or event.at_ms < started_ms:
            break
        if event.kind == "state" and event.what in (states.COMPLETE, states.IDLE, states.ALARM):
            end_ms = event.at_ms
            break
    record.meta["started_ms"] = started_ms
    missed: list[str] = getattr(pump.port, "to_come", list)()  # a port of somebody's own may have no word of it
    if missed:
        record.meta["faults_to_come"] = missed
    truth = pump.port.truth() if outcome != "refused" else None
    delivered_nl = courses.close(record, delivered_nl)
    record.meta["result"] = {
        "therapy": record.meta["therapy"],
        "outcome": outcome,
        "programmed_ml": program.volume_nl / 1e6,
        "ordered_ml": (ordered_nl or program.volume_nl) / 1e6,
        "delivered_ml": delivered_nl / 1e6,
        "drawn_ml": record.drawn_ml,
        "patient_ml": None if truth is None else truth["patient_ml"],
        "duration_s": 0.0 if started_ms is None else (end_ms - started_ms) / 1000,
        "alarms": [],
    }
    if started_ms is None:
        record.meta["started_ms"] = 0
    record.meta["result"]["ordered_ml"] = ordered.of(record).total_nl / 1e6  # of several programs it is the first's
    record.meta["result"]["alarms"] = record.alarms()


def _meta(pump: Pump, order: Program | Therapy | Steered, program: Program, seed: int | None) -> dict[str, Any]:
    try:
        package = version("picoinfuse")
    except PackageNotFoundError:
        package = "not installed"
    return {
        "format": FORMAT,
        "for": "teaching only",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"picoinfuse": package, "wire": WIRE_VERSION, "table": messages.FINGERPRINT, "python": sys.version},
        "therapy": "program" if isinstance(order, Program) else order.name,
        "title": "" if isinstance(order, Program) else order.title,
        "source": "" if isinstance(order, Program) else order.source,
        "drug": getattr(order, "drug", ""),
        "url": pump.port.name,
        "seed": seed,
        "program": program_data(program),
    }
