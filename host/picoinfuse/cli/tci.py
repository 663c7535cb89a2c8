"""The command `tci`: a target concentration instead of a rate, on a simulated pump or a real one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import BadInput, PicoInfuseError, Refused
from ..status import duration_words
from . import exits
from .address import SIMULATED, address
from .board import YES, sure
from .choose import reach
from .numbers import decimal, whole
from .options import LIBRARY, OVERRIDE, PORT
from .run import MAX_SEED, result_of_error, watch
from .who import SECOND_OPTION, USER_OPTION

if TYPE_CHECKING:
    from ..stream import Event, Telemetry
    from ..tci_model import TciModel

NOBODY = "nobody"
# What may be said of a person for each model: the option, the unit that may stand behind it, the name of the argument.
PERSON = {
    "schnider": {
        "age": ("y", "age_y"),
        "weight": ("kg", "weight_kg"),
        "height": ("cm", "height_cm"),
        "sex": ("", "sex"),
    },
    "marsh": {"weight": ("kg", "weight_kg"), "ke0": ("/min", "ke0_per_min")},
}


def tci(
    target: Annotated[
        str | None,
        typer.Option(
            help="What to aim at, e.g. '4 ug/mL', or '4 ug/mL@0min,3 ug/mL@20min'; needed but for --go-on.",
            metavar="TARGET[@TIME]",
        ),
    ] = None,
    go_on: Annotated[
        Path | None,
        typer.Option(
            help="Go on with the infusion of this folder, on whose pump it still is: after this computer was started "
            "again. Everything else is as it was.",
            metavar="RECORD",
        ),
    ] = None,
    model: Annotated[str, typer.Option(help="schnider, or marsh.", metavar="MODEL")] = "schnider",
    site: Annotated[str, typer.Option(help="effect (the effect site), or plasma.", metavar="SITE")] = "effect",
    age: Annotated[str | None, typer.Option(help="Years (schnider); 40.", metavar="N")] = None,
    weight: Annotated[str | None, typer.Option(help="Of the person, in kg; 70.", metavar="N")] = None,
    height: Annotated[str | None, typer.Option(help="In cm (schnider); 170.", metavar="N")] = None,
    sex: Annotated[str | None, typer.Option(help="female or male (schnider); male.", metavar="SEX")] = None,
    ke0: Annotated[str | None, typer.Option(help="Of the effect site, per minute (marsh); 0.26.", metavar="N")] = None,
    concentration: Annotated[str, typer.Option(help="Of the drug in the syringe.", metavar="MG/ML")] = "10 mg/mL",
    duration: Annotated[str, typer.Option("--for", "--duration", help="How long.", metavar="TIME")] = "30 min",
    max_rate: Annotated[
        str | None,
        typer.Option(help="The fastest rate (default: 600 mL/h, or what the syringe allows).", metavar="RATE"),
    ] = None,
    max_concentration: Annotated[
        str, typer.Option(help="The plasma is never driven above, a teaching value.", metavar="CONCENTRATION")
    ] = "15 ug/mL",
    every: Annotated[str, typer.Option(help="How often the rate is decided.", metavar="TIME")] = "10 s",
    hold: Annotated[
        str,
        typer.Option(help="How long the pump holds its rate without this host, before it falls back.", metavar="TIME"),
    ] = "30 s",
    fallback: Annotated[
        str | None, typer.Option(help="The rate it falls back to then (default: none, it pauses).", metavar="RATE")
    ] = None,
    syringe: Annotated[str, typer.Option(help="Which syringe.", metavar="NAME")] = "BD 60 mL",
    filled: Annotated[str | None, typer.Option(help="What is in it (default: it is full).", metavar="VOLUME")] = None,
    syringes: Annotated[str, typer.Option(help="How many, one after the other.", metavar="N")] = "1",
    port: PORT = SIMULATED,
    patient: Annotated[
        str | None,
        typer.Option(
            help="Simulated pumps: who is at the line, e.g. propofol-marsh,weight=80 (default: the model's person; "
            "nobody: none).",
            metavar="MODEL[,KEY=VALUE]",
        ),
    ] = None,
    speed: Annotated[
        str | None,
        typer.Option(help="Simulated pumps: so many times real time, or max (the default).", metavar="N|max"),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help="Of everything random; the same seed, the same run.", metavar="N")
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Something goes wrong, e.g. clamp@10min:2min; repeatable.", metavar="NAME@TIME"),
    ] = None,
    world: Annotated[
        list[str] | None, typer.Option(help="Simulated pumps: how their world is; repeatable.", metavar="KEY=VALUE")
    ] = None,
    nurse: Annotated[
        str,
        typer.Option(
            help="Who answers alarms: nobody, or a simulated person.", metavar="none|auto[:DELAY]|resume[:DELAY]"
        ),
    ] = "none",
    user: USER_OPTION = None,
    second: SECOND_OPTION = None,
    library: LIBRARY = None,
    override: OVERRIDE = "",
    out: Annotated[
        Path | None, typer.Option(help="Where the record goes (default: ./runs/tci-N/).", metavar="DIR")
    ] = None,
    yes: YES = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Last line of standard output: the result as one JSON object.")
    ] = False,
) -> None:
    """Target-controlled infusion of propofol: aim at a concentration and let a teaching model choose the rates.

    The pump gets rate changes only, within its limits and yours. Never for treating anyone. Exit status as of `run`.
    """
    try:
        from ..tci import Tci

        if go_on is not None:
            if target is not None:
                raise BadInput(f"--target = {target!r}: with --go-on the targets are those of before; leave it out")
            return _go_on(go_on, port, yes)
        if target is None:
            raise BadInput("--target: is missing; write e.g. --target '4 ug/mL' (or go on with a run: --go-on RECORD)")
        its = Tci(
            _model(model, {"age": age, "weight": weight, "height": height, "sex": sex, "ke0": ke0}),
            target=target,
            concentration=concentration,
            duration=duration,
            site=site,
            syringe=syringe,
            filled=filled,
            syringes=whole(syringes, "--syringes", 1, 100),
            max_rate=max_rate,
            max_concentration=max_concentration,
            every=every,
            hold=hold,
            fallback=fallback,
        )
        number = None if seed is None else whole(seed, "--seed", 0, MAX_SEED)
        limits = {"library": library, "override": override}
        result = _run(its, port, speed, number, fault or [], world or [], patient, nurse, out, as_json, limits)
    except (PicoInfuseError, KeyboardInterrupt) as error:
        status = exits.complain(error)
        if as_json:
            print(json.dumps(result_of_error("tci", error)))
        raise typer.Exit(status) from None
    if as_json:
        print(json.dumps(result))
    raise typer.Exit(exits.OF_OUTCOME[result["outcome"]])


def _model(name: str, said: dict[str, str | None]) -> TciModel:
    """Return the model of what was said of the person. Raises BadInput for what does not belong to it."""
    from ..tci_model import TciModel

    if name not in PERSON:
        raise BadInput(f"--model = {name!r}: is not one of {', '.join(PERSON)}")
    rows = PERSON[name]
    values: dict[str, Any] = {}
    for option, text in said.items():
        if text is None:
            continue
        if option not in rows:
            raise BadInput(f"--{option} = {text!r}: the model {name} does not ask for it; leave it out")
        unit, argument = rows[option]
        number = text.strip().removesuffix(unit).strip() if unit else text
        values[argument] = decimal(number, f"--{option}", 0, 1000) if unit else text
    return TciModel.schnider(**values) if name == "schnider" else TciModel.marsh(**values)


def _run(
    its: Any,
    port: str,
    speed: str | None,
    seed: int | None,
    faults: list[str],
    world: list[str],
    patient: str | None,
    nurse_text: str,
    out: Path | None,
    quiet: bool,
    limits: dict[str, Any],
) -> dict[str, Any]:
    """Do it, and return the result as --json prints it."""
    from ..nurse import nurse

    person = nurse(nurse_text, seed or 0)
    program = its.program
    if patient is None and port.startswith(SIMULATED) and not _says_patient(port, world):
        strength = f"{its.order.mg_ml:g} mg/mL"
        patient = f"{its.order.model.patient},concentration={strength}"
    url = address(
        port,
        speed_text=speed,
        seed=seed,
        faults=faults,
        world=world,
        syringe=program.syringe.name,
        filled=f"{program.filled_nl} nL" if program.filled_nl != program.syringe.capacity_nl else None,
        patient=None if patient == NOBODY else patient,
    )
    with reach(url) as pump:
        try:
            return watch(pump, its, person, out, seed, quiet, limits)
        except Refused as refusal:
            if refusal.reason == "not_now":
                refusal.args = (f"{refusal}\n{_may_go_on(port)}",)
            raise


def _may_go_on(port: str) -> str:
    """Return what to do where a pump is under way already, perhaps with the infusion of a host that died."""
    from ..tci_kept import BY_HAND, newest

    folder = newest()
    if folder is None:
        return f"Is it a target-controlled infusion of another host? No state of one is kept here: {BY_HAND}"
    return (
        "Is it a target-controlled infusion that this computer began? Then go on with it: "
        f"picoinfuse tci --go-on {folder} --port {port}"
    )


def _go_on(folder: Path, port: str, yes: bool) -> None:
    """Steer again what a host of before began, until it ends. The first Ctrl-C stops the pump."""
    from picoinfuse_firmware import states

    from .. import tci_kept
    from .view import View

    with reach(address(port)) as pump:
        its = tci_kept.go_on(folder, pump)
        status = pump.status()
        pump.stream.started_ms = pump.stream.time_ms(status.at_ms) - its.body.now_ms
        print(
            f"{its.title} (teaching model): since {duration_words(its.body.now_ms // 1000 * 1000)}, "
            f"{status.delivered_nl / 1e6:.3f} mL given. The model has {its.body.plasma:.2f} ug/mL in the plasma and "
            f"{its.body.effect:.2f} at the effect site"
        )
        if status.state == states.ALARM:
            print(status.text(pump.absent()))
            raise BadInput(f"go on: the pump is in alarm; mend its cause, picoinfuse resume --port {port}, then again")
        if status.state == states.PAUSED:
            sure("The pump is paused. Is everything in order at the patient, and may it go on?", "tci --go-on", yes)
            pump.resume()
        with View(its.name, pump, status.remaining_ms, planned_nl=0) as view:

            def telemetry(row: Telemetry) -> None:
                its.telemetry(row)
                view.telemetry(row)

            def event(what: Event) -> None:
                view.event(what)
                its.event(what)

            try:
                pump.wait(on_telemetry=telemetry, on_event=event)
            except KeyboardInterrupt:
                pump.stop()
                given = f"{pump.status().delivered_nl / 1e6:.3f} mL given"
                print(f"The pump is stopped, its program is over: {given}; the pump's log has it.", file=sys.stderr)
                raise
        print(f"{pump.status().text(pump.absent())}\nNo record is kept of this part; the pump's log has it.")


def _says_patient(port: str, world: list[str]) -> bool:
    """Return whether address or --world name a patient already."""
    return "patient=" in port or any(text.partition("=")[0].strip() == "patient" for text in world)
