"""The command `run`: a therapy on a pump, with its record, its picture, its words and its exit status."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import BadInput, ContactLost, PicoInfuseError
from . import exits
from .address import SIMULATED, address
from .look import THERAPY
from .numbers import whole
from .options import LIBRARY, OVERRIDE, PORT
from .who import SECOND_OPTION, USER_OPTION

if TYPE_CHECKING:
    from ..pump import Nurse, Pump
    from ..record import Record
    from ..therapy import Steered, Therapy

PICTURE = "plot.png"
MAX_SEED = 10**18 - 1


def run(
    therapy: THERAPY,
    port: PORT = SIMULATED,
    speed: Annotated[
        str | None,
        typer.Option(help="Simulated pumps: so many times real time, or max (the default).", metavar="N|max"),
    ] = None,
    syringe: Annotated[str | None, typer.Option(help="Another syringe than the file's.", metavar="NAME")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the record goes (default: ./runs/NAME-N/).", metavar="DIR")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help="Of everything random; the same seed, the same run.", metavar="N")
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="Something goes wrong so long after the start, e.g. clamp@10min; repeatable.", metavar="NAME@TIME"
        ),
    ] = None,
    world: Annotated[
        list[str] | None,
        typer.Option(
            help="Simulated pumps: how their world is, e.g. absent=encoder or height='50 cm'; repeatable.",
            metavar="KEY=VALUE",
        ),
    ] = None,
    patient: Annotated[
        str | None,
        typer.Option(
            help="Simulated pumps: who is at the line, a teaching model, e.g. propofol-schnider,age=60.",
            metavar="MODEL[,KEY=VALUE]",
        ),
    ] = None,
    nurse: Annotated[
        str,
        typer.Option(
            help="Who answers alarms: nobody, or a simulated person after DELAY; resume: also after a power cut.",
            metavar="none|auto[:DELAY]|resume[:DELAY]",
        ),
    ] = "none",
    user: USER_OPTION = None,
    second: SECOND_OPTION = None,
    library: LIBRARY = None,
    override: OVERRIDE = "",
    now: Annotated[
        str | None,
        typer.Option(
            help="Time of day, for a schedule that begins at another (default: this computer's clock; in a simulated "
            "world it begins at once).",
            metavar="HH:MM",
        ),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Start the therapy and leave; it goes on alone.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Last line of standard output: the result as one JSON object.")
    ] = False,
) -> None:
    """Run a therapy and keep its record. The first Ctrl-C stops the pump.

    Exit status: 0 complete, 2 refused or bad input, 3 ended by an alarm, 4 no pump or contact lost, 5 stopped.
    """
    try:
        number = None if seed is None else whole(seed, "--seed", 0, MAX_SEED)
        result = _run(
            therapy,
            port,
            speed,
            syringe,
            out,
            number,
            fault or [],
            world or [],
            patient,
            nurse,
            now,
            detach,
            as_json,
            {"library": library, "override": override},
        )
    except (PicoInfuseError, KeyboardInterrupt) as error:
        status = exits.complain(error)
        if as_json:
            print(json.dumps(result_of_error(therapy, error)))
        raise typer.Exit(status) from None
    if as_json:
        print(json.dumps(result))
    raise typer.Exit(exits.OF_OUTCOME[result["outcome"]])


def _run(
    name: str,
    port: str,
    speed: str | None,
    syringe: str | None,
    out: Path | None,
    seed: int | None,
    faults: list[str],
    world: list[str],
    patient: str | None,
    nurse_text: str,
    now: str | None,
    detach: bool,
    quiet: bool,
    limits: dict[str, Any],
) -> dict[str, Any]:
    """Do it, and return the result as --json prints it."""
    from .. import locking
    from ..nurse import nurse
    from ..rehearsal import world_of
    from ..therapy import Therapy
    from .battery import tell_battery
    from .choose import reach
    from .hints import tell_hints
    from .noted import noted

    therapy = Therapy.read(name)
    if syringe is not None:
        therapy = therapy.with_syringe(syringe)
    person = nurse(nurse_text, seed or 0)
    therapy = _from_now(therapy, port, now)
    # What is fitted in the simulated world is what is ordered, as full as the order says, on the route that it says.
    url = address(port, speed_text=speed, seed=seed, faults=faults, world=world, patient=patient, **world_of(therapy))
    if detach:
        _can_be_left(port, person is not None)
    with reach(url) as pump:
        noted(pump, therapy)
        tell_battery(pump, therapy)
        tell_hints(pump, therapy, person is not None)
        said = locking.before_start(pump, therapy)
        _say_lock(said)
        if detach:
            result = _leave(pump, therapy, limits, said)
        else:
            result = watch(pump, therapy, person, out, seed, quiet, limits)
        noted(pump, started=therapy)
        return result


def _from_now(therapy: Therapy, port: str, now: str | None) -> Therapy:
    """Return the therapy with the wait for its first dose. In virtual time without --now it begins at once."""
    if therapy.at_ms is None or (now is None and port.startswith(SIMULATED)):
        return therapy
    from ..schedule import clock_words
    from ..status import duration_words

    clock = datetime.now().strftime("%H:%M") if now is None else now
    later = therapy.started_at(clock)
    wait_ms = later.program.duration_ms - therapy.program.duration_ms
    if wait_ms:
        first = clock_words(therapy.at_ms)
        print(f"It is {clock}: the pump waits {duration_words(wait_ms)} for the first dose at {first}", file=sys.stderr)
    return later


def _can_be_left(port: str, nurse: bool) -> None:
    if port.startswith(SIMULATED):
        raise BadInput(
            f"--detach: the pump of {SIMULATED} lives in this process and ends with it. Start `picoinfuse serve` in "
            "another terminal and give its address with --port"
        )
    if nurse:
        raise BadInput("--detach: there would be nobody to be the nurse; leave out --nurse or --detach")


def _say_lock(words: str, before: str = "") -> None:
    """Say what becomes of the lock level, unless it is nothing, or was said before."""
    if words not in ("", before):
        print(f"{'lock':<10}{words}", file=sys.stderr)


def _leave(pump: Pump, therapy: Therapy, limits: dict[str, Any], lock: str) -> dict[str, Any]:
    """Start and go away. The outcome is not known yet, so the result says `started`. lock: said of it before."""
    from .. import locking

    pump.start(therapy, **limits)
    _say_lock(locking.after_start(pump, therapy), lock)
    where = pump.port.name
    print(f"Started; it goes on alone.\nLook at it: picoinfuse status --port {where}", file=sys.stderr)
    print(f"Stop it:    picoinfuse stop --port {where}", file=sys.stderr)
    return _result(therapy.name, "started", therapy.program.volume_nl / 1e6)


def watch(
    pump: Pump,
    therapy: Therapy | Steered,
    person: Nurse | None,
    out: Path | None,
    seed: int | None,
    quiet: bool,
    limits: dict[str, Any],
) -> dict[str, Any]:
    """Run to the end, with the bar and the events, and keep record and picture."""
    from contextlib import suppress

    from ..record import new_folder
    from ..therapy import Steered, program_of
    from .view import View

    folder = new_folder(therapy.name) if out is None else out
    program = program_of(therapy)
    planned_nl = 0 if isinstance(therapy, Steered) else program.volume_nl
    with View(therapy.name, pump, program.duration_ms, planned_nl) as view:
        try:
            record = pump.run(
                therapy, nurse=person, out=folder, seed=seed, on_telemetry=view.telemetry, on_event=view.event, **limits
            )
        except KeyboardInterrupt:  # a second Ctrl-C, while the first one was waiting for the pump's word
            raise ContactLost(
                f"Left without the pump's word: whether it stopped is not known. Look at it, or ask: picoinfuse status "
                f"--port {pump.port.name}"
            ) from None
        finally:
            if out is None:
                with suppress(OSError):  # nothing was started, so it is empty
                    folder.rmdir()
                    folder.parent.rmdir()
    words = record.summary()
    if record.telemetry and record.path is not None:  # a run stopped within its first second has nothing to draw
        picture = folder / PICTURE
        record.plot(picture)
        words += f"\n  picture     {picture}"
    print(words, file=sys.stderr if quiet else sys.stdout)
    return record.result()


def _result(therapy: str, outcome: str, programmed_ml: float | None) -> dict[str, Any]:
    """Return a result without a record, with the same keys as one."""
    return {
        "therapy": therapy,
        "outcome": outcome,
        "programmed_ml": programmed_ml,
        "ordered_ml": programmed_ml,
        "delivered_ml": 0.0,
        "drawn_ml": 0.0,
        "patient_ml": None,
        "duration_s": 0.0,
        "alarms": [],
        "record": None,
    }


def result_of_error(therapy: str, error: BaseException) -> dict[str, Any]:
    """Return the result of a run that ended badly: of its record, if it came so far; nothing was delivered if not."""
    record: Record | None = getattr(error, "record", None)
    if record is not None and "result" in record.meta:
        result = record.result()
    elif isinstance(error, ContactLost):
        result = {**_result(therapy, "uncertain", None), "delivered_ml": None}
    elif isinstance(error, KeyboardInterrupt):
        result = _result(therapy, "stopped", None)
    else:
        result = _result(therapy, "refused", None)
    return {**result, "error": str(error)}
