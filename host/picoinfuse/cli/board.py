"""The commands for a pump that is there already: status, stop, leave, install."""

from __future__ import annotations

from typing import Annotated

import typer

from .choose import chosen, reach

PORT = Annotated[
    str,
    typer.Option(help="A device such as /dev/ttyACM0 or COM5, socket://HOST:PORT, or auto.", metavar="URL"),
]


def status(port: PORT = "auto") -> None:
    """Say what a pump is doing. Changes nothing."""
    with reach(port) as pump:
        print(pump.status().text(pump.absent(), pump.problem()))


def stop(port: PORT = "auto") -> None:
    """Stop a pump: the motor stands still and its program is over."""
    with reach(port) as pump:
        pump.stop()
        print("Stopped.")
        print(pump.status().text())


def leave(port: PORT = "auto") -> None:
    """Leave the firmware: the pump ends at MicroPython's prompt, for mpremote. Refused while a program is loaded."""
    with reach(port) as pump:
        pump.leave()
    print("The pump leaves its firmware and restarts at MicroPython's prompt; in three seconds mpremote reaches it.")
    print("After the next restart (switch it off and on, or `mpremote reset`) it is a pump again.")


def install(port: PORT = "auto") -> None:
    """Put the firmware onto a board that runs MicroPython, and verify every file."""
    from ..install import START_LINE, find_port
    from ..install import install as put

    put(chosen(find_port, port), print)
    print("\nWhat the board says when it starts:\n  " + START_LINE.split("'")[1])
