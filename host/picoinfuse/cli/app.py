"""The list of commands: the host's own, and those that other packages add by the entry-point group."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import entry_points, version
from typing import Annotated, Any

import typer

from . import (
    access,
    archive,
    bedside,
    board,
    calibrate,
    config,
    doctor,
    exits,
    glucose,
    library,
    look,
    run,
    syringes,
    tci,
    therapies,
)
from .diary import diary
from .log import log

GROUP = "picoinfuse.commands"  # a package names its functions here, and they become commands

HELLO = """\
PicoInfuse: a teaching syringe pump. For teaching only, not for treating anyone.

Try first, without any hardware:

    picoinfuse run hydration          a child of 10 kg gets 40 mL in an hour, in a second or two
    picoinfuse run hydration --fault clamp@10min
                                      ... and somebody closes the clamp
    picoinfuse list                   the therapies that are here
    picoinfuse --help                 everything else
"""


def _version(wanted: bool) -> None:
    if wanted:
        print(f"picoinfuse {version('picoinfuse')}")
        raise typer.Exit


def _start(
    context: typer.Context,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """A teaching syringe pump: run therapies on a simulated pump or a Pico. Not for treating anyone."""
    if context.invoked_subcommand is None:
        print(HELLO, end="")


def _statuses() -> str:
    """Return the table of exit statuses, each on a line of its own."""
    rows = (f"  {status}  {meaning}" for status, meaning in exits.MEANINGS.items())
    # Click leaves the lines behind this character as they are.
    return "\b\n" + "\n".join(("Exit status of every command:", *rows))


def build() -> Callable[..., Any]:
    """Return the command-line application."""
    # Plain help and plain errors: they read the same in a terminal, in a log and in a screen reader.
    app = typer.Typer(
        cls=exits.Interruptible,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        epilog=_statuses(),
    )
    app.callback(invoke_without_command=True)(_start)
    own: dict[str, Callable[..., Any]] = {
        "run": run.run,
        "tci": tci.tci,
        "list": look.list_therapies,
        "show": look.show,
        "check": look.check,
        "schema": look.schema,
        "therapies": therapies.therapies,
        "plot": look.plot,
        "status": board.status,
        "refill": board.refill,
        "pause": bedside.pause,
        "resume": board.resume,
        "stop": board.stop,
        "acknowledge": bedside.acknowledge,
        "mute": bedside.mute,
        "rate": bedside.rate,
        "bolus": bedside.bolus,
        "demand": bedside.demand,
        "glucose": glucose.glucose,
        "meal": glucose.meal,
        "lock": board.lock,
        "log": log,
        "diary": diary,
        "leave": board.leave,
        "install": board.install,
        "doctor": doctor.doctor,
    }
    for name, command in own.items():
        app.command(name)(command)
    groups = {
        "archive": archive.app,
        "syringes": syringes.app,
        "config": config.app,
        "calibrate": calibrate.app,
        "access": access.app,
        "library": library.app,
    }
    for name, group in groups.items():
        app.add_typer(group, name=name)
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        if entry.name in own or entry.name in groups:
            continue
        try:
            command = entry.load()  # a function, or an app with commands of its own
            if isinstance(command, typer.Typer):
                app.add_typer(command, name=entry.name)
            else:
                app.command(entry.name)(command)
        except Exception as error:  # a broken addition must not take the pump's own commands away
            print(f"picoinfuse: the command {entry.name!r} cannot be loaded: {error}", file=sys.stderr)
    return app
