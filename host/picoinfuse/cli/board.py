"""The commands for a pump that is there already: status, resume, stop, install."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from picoinfuse_firmware import states

from ..errors import BadInput
from . import exits
from .choose import chosen, reach

PORT = Annotated[
    str,
    typer.Option(help="A device such as /dev/ttyACM0 or COM5, socket://HOST:PORT, or auto.", metavar="URL"),
]


def status(port: PORT = "auto") -> None:
    """Say what a pump is doing. Changes nothing."""
    with reach(port) as pump:
        print(pump.status().text(pump.absent()))


def resume(
    port: PORT = "auto",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: somebody has looked at pump and patient.")] = False,
) -> None:
    """Let a program that waits go on: after a pause, an alarm, or a power cut."""
    with reach(port) as pump:
        status = pump.status()
        print(status.text(pump.absent()))
        if status.state not in (states.PAUSED, states.ALARM):
            raise BadInput(f"resume: the pump is {status.state}, no program waits; look at it: picoinfuse status")
        if not yes:
            if not sys.stdin.isatty():
                raise BadInput("resume: there is nobody to ask; read the lines above, then add --yes")
            if not typer.confirm("Acknowledge the alarms and go on with the rest of this program?"):
                print("Nothing was changed.")
                raise typer.Exit(exits.STOPPED)
        if status.state == states.ALARM:
            pump.acknowledge()
        pump.resume()
        print("It goes on.")


def stop(port: PORT = "auto") -> None:
    """Stop a pump: the motor stands still and its program is over."""
    with reach(port) as pump:
        pump.stop()
        print("Stopped.")
        print(pump.status().text())


def install(port: PORT = "auto") -> None:
    """Put the firmware onto a board that runs MicroPython, and verify every file."""
    from ..install import START_LINE, find_port
    from ..install import install as put

    put(chosen(find_port, port), print)
    print("\nWhat the board says when it starts:\n  " + START_LINE.split("'")[1])
