"""Options in the same words in every command: which pump is meant, what an address can be, and its drug library."""

from __future__ import annotations

from typing import Annotated

import typer

# Address -> what it is. The documents show the same table.
ADDRESSES = {
    "auto": "the Raspberry Pi Pico that is plugged in",
    "/dev/ttyACM0, COM5": "a serial port by its name",
    "socket://HOST:PORT": "a pump behind a network socket, as `picoinfuse serve --tcp` opens one",
    "sim://": "a simulated pump of this process; what its world is like follows a ?",
}
WHICH = "Which pump: auto (the Pico on USB), a device such as /dev/ttyACM0 or COM5, socket://HOST:PORT, or sim://."
URL = "URL"

PORT = Annotated[str, typer.Option(help=WHICH, metavar=URL)]
# What goes by MicroPython's prompt needs the cable.
CONFIGURED = Annotated[str, typer.Option(help=f"{WHICH} Here: no socket, it goes by the cable.", metavar=URL)]
BOARD = Annotated[str, typer.Option(help=f"{WHICH} Here: auto or a device, it goes by the cable.", metavar=URL)]

# Of a pump with a drug library.
LIBRARY = Annotated[
    str | None,
    typer.Option(help="The drug library of the pump, if it has one; also PICOINFUSE_LIBRARY.", metavar="FILE"),
]
OVERRIDE = Annotated[
    str, typer.Option(help="Why soft limits of the drug library are passed, one word.", metavar="REASON")
]
