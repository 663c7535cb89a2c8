"""The commands of who stands at a pump that runs: pause, acknowledge, mute, rate, bolus, demand."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from picoinfuse_firmware import states
from picoinfuse_firmware.program import RATE

from .. import not_now, not_yours, units
from ..drug_units import drug_of
from ..errors import BadInput, Refused, Uncertain
from ..library_words import is_of_library, refusal_words
from ..not_now import doing
from ..status import duration_words
from .before import answered_before, lost
from .board import STARTED, YES, sure
from .choose import reach
from .known import Known, known
from .noted import noted
from .options import LIBRARY, OVERRIDE, PORT
from .who import USER_OPTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..changing import Proposal
    from ..pump import Pump
    from ..status import Status

DRUG = "Or in units of the drug, if its concentration is known here: of a therapy that was started from this computer."


def pause(port: PORT = "auto", user: USER_OPTION = None) -> None:
    """Let the motor stand still; the program waits until somebody resumes it."""
    with reach(port) as pump:
        pump.pause()
        print(f"The pump is {doing(pump.status())}.\nGo on: picoinfuse resume --port {port}")
        noted(pump)


def acknowledge(port: PORT = "auto", user: USER_OPTION = None) -> None:
    """Acknowledge the alarms whose cause is mended; what they stopped stays paused until somebody resumes it."""
    with reach(port) as pump:
        before = pump.status().alarm_names
        pump.acknowledge()
        status = pump.status()
        ended = [name.replace("_", " ") for name in before if name not in status.alarm_names]
        print(f"Acknowledged: {', '.join(ended) or 'no alarm that a person can end'}.")
        if status.alarms:
            print(f"Still there: {', '.join(name.replace('_', ' ') for name in status.alarm_names)}.")
        print(f"The pump is {doing(status)}.")
        if status.state == states.PAUSED:
            print(f"Go on: picoinfuse resume --port {port}")
        noted(pump)


def mute(
    duration: Annotated[
        str, typer.Argument(help="How long, at most 2 min (the default); '0 s' ends it.", metavar="TIME")
    ] = "2 min",
    port: PORT = "auto",
    user: USER_OPTION = None,
) -> None:
    """Pause the sound of alarms; light and display go on, and no alarm is ended by it."""
    with reach(port) as pump:
        with _telling(f"mute = {duration!r}"):
            pump.mute(duration)
        status = pump.status()
        said = f"paused for {duration_words(-(-status.muted_ms // 1000) * 1000)}" if status.muted_ms else "not paused"
        print(f"The sound is {said}; alarms: {', '.join(status.alarm_names).replace('_', ' ') or 'none'}.")
        noted(pump)


def rate(
    wanted: Annotated[str, typer.Argument(help=f"The new rate, e.g. '2.5 mL/h'. {DRUG}", metavar="RATE")],
    port: PORT = "auto",
    user: USER_OPTION = None,
    therapy: STARTED = None,
    library: LIBRARY = None,
    override: OVERRIDE = "",
    yes: YES = False,
) -> None:
    """Change the rate of what runs: says first what the pump understood, and what becomes of end and dose."""
    from .. import change_words

    with reach(port) as pump:
        status, its = _looked(pump, "rate", therapy, library)
        _in_volume(wanted, "rate", its)
        _has_rate(status, its, wanted)
        with _telling(f"rate = {wanted!r}", its):
            proposal = pump.propose_rate(wanted, context=its.context, override=override)
        print("\n".join(change_words.of_rate(proposal.rate, status, its.program, its.context.strength)))
        _apply(pump, its, proposal, "Change the rate now?", yes, port)
        print(f"Changed. The pump is {doing(pump.status())}.")
        noted(pump)


def bolus(
    volume: Annotated[str, typer.Argument(help=f"How much, e.g. '2 mL'. {DRUG}", metavar="VOLUME")],
    rate: Annotated[str, typer.Option(help="How fast it is given, e.g. '100 mL/h'.", metavar="RATE")],
    port: PORT = "auto",
    user: USER_OPTION = None,
    therapy: STARTED = None,
    library: LIBRARY = None,
    override: OVERRIDE = "",
    yes: YES = False,
) -> None:
    """Give a bolus beside what runs: says first what the pump understood, and the dose with it."""
    from .. import change_words

    with reach(port) as pump:
        status, its = _looked(pump, "bolus", therapy, library)
        _in_volume(volume, "bolus", its)
        _in_volume(rate, "rate", its)
        with _telling(f"bolus = {volume!r} at {rate!r}", its):
            proposal = pump.propose_bolus(volume, rate, context=its.context, override=override)
        print("\n".join(change_words.of_bolus(proposal.volume_nl, proposal.rate, status, its.context.strength)))
        _apply(pump, its, proposal, "Give this bolus now, beside what runs?", yes, port)
        print(f"The bolus is being given. Stop it, and the program with it: picoinfuse stop --port {port}")
        noted(pump)


def demand(port: PORT = "auto") -> None:
    """Ask for the patient's own bolus, as the bolus key of the pump does; the pump decides whether it is time."""
    with reach(port) as pump:
        answered_before(pump, "demand")
        with _telling("demand"), _lost("demand", port):
            pump.demand()
        print("The bolus is being given.")
        its = pump.doses()
        wait = "no more" if its.wait_ms < 0 else f"the next one in {duration_words(its.wait_ms)}"
        print(f"{its.given} of {its.asked} that were asked for were given; {wait}.")
        noted(pump)


def _looked(pump: Pump, command: str, therapy: str | None, library: str | None) -> tuple[Status, Known]:
    """Return how a pump stands that infuses, and what is known of its program. Raises Refused if it does not."""
    answered_before(pump, command)
    status = pump.status()
    if status.state != states.INFUSING:
        raise Refused(not_now.REASONS[0], text=not_now.words(command, status, pump.port.name))
    its = known(pump, status.check, therapy, library)
    print(f"{its.name + ', ' if its.name else ''}{doing(status)}")
    return status, its


def _in_volume(text: str, field: str, its: Known) -> None:
    """Raise BadInput for an order that leans on what is not known of this pump: concentration, weight, surface."""
    if text.strip() == units.FOUR_TWO_ONE:
        return
    asked = units.quantity(text, field)
    lacks = []
    if its.context.strength is None and any(asked.has(kind) for kind in units.AMOUNTS):
        lacks.append("what is in the syringe")
    for kind, size, name in (
        ("[body_weight]", its.context.body.weight_kg, "the patient's weight"),
        ("[body_surface]", its.context.body.surface_m2, "the patient's surface"),
    ):
        if size is None and asked.has(kind):
            lacks.append(name)
    if lacks:
        volume = "mL/h" if asked.has("[time]") else "mL"
        raise BadInput(
            f"{field} = {text!r}: {' and '.join(lacks)} is not known here: write it in {volume}, or name the therapy "
            "that was started, if its file says it: --therapy FILE"
        )


def _has_rate(status: Status, its: Known, wanted: str) -> None:
    """Raise Refused if the step that runs is known, and is none of a constant rate: to try again later is no use."""
    phases = its.program.phases if its.program is not None else []
    kind = phases[status.phase].kind if status.phase < len(phases) else RATE
    if kind != RATE:
        raise Refused(
            "phase_changing",
            text=f"rate = {wanted!r}: step {status.phase + 1} of {its.name} runs, which is a {kind}: only a step of "
            "constant rate can be given another one. A bolus can be given beside it, or the program stopped",
        )


@contextmanager
def _telling(asked: str, its: Known | None = None) -> Iterator[None]:
    """Put what was asked for before a refusal that does not name it; its: by whose drug a library's is told."""
    try:
        yield
    except Refused as refusal:
        unit = drug_of(its.program)[1] if its is not None and its.program is not None else ""
        if unit and is_of_library(refusal.reason):
            words = refusal_words(refusal.reason, refusal.value, refusal.limit, unit)
            raise Refused(refusal.reason, refusal.value, refusal.limit, f"{asked}: {words}") from None
        if refusal.reason in (*not_now.REASONS, *not_yours.REASONS) or str(refusal).startswith(asked):
            raise
        raise Refused(refusal.reason, refusal.value, refusal.limit, f"{asked}: {refusal}") from None


@contextmanager
def _lost(command: str, port: str) -> Iterator[None]:
    try:
        yield
    except Uncertain as error:
        raise lost(error, command, port) from error


def _apply(pump: Pump, its: Known, proposal: Proposal, question: str, yes: bool, port: str) -> None:
    """Ask, and let the pump do what it proposed."""
    sure(question, proposal.verb, yes)
    with _telling(f"{proposal.verb} = {proposal.detail!r}", its), _lost(proposal.verb, port):
        pump.apply(proposal)
