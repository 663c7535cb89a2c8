"""The text files that people keep on a pump (who may use it, the drug library): fetched from its flash, put there."""

from __future__ import annotations

import time
from collections.abc import Callable

from picoinfuse_firmware.board import LIBRARY, PEOPLE

from . import board_files
from .errors import BadInput
from .install import Mpremote, find_port
from .pump_configuration import Wait, board, is_simulated

NAMES = {PEOPLE: "access.txt", LIBRARY: "library.txt"}  # in the root of the board, where the firmware looks for them
MAX_BYTES = 65536  # one that is longer is not ours
_REMOVE = """
import os
try:
    os.rename({path!r}, {path!r} + '.old')
except OSError:
    pass
print('removed')
"""


def fetch(port: str, what: str, *, wait: Wait = time.sleep) -> bytes | None:
    """Return the file of the pump at `port`, None if there is none. Raises what board_files.at_prompt raises."""
    _real(port, what)
    with board(port, wait=wait) as mpremote:
        return board_files.read_file(mpremote, NAMES[what], MAX_BYTES)


def change(port: str, what: str, new: Callable[[bytes | None], bytes | None], *, wait: Wait = time.sleep) -> bool:
    """Write new(what is there) onto the board at `port`, all of it or nothing; None removes the file.

    What was there is kept as FILE.old. What `new` raises ends this, and nothing is changed. Returns whether the pump
    starts anew by itself. Raises what board_files raises.
    """
    _real(port, what)
    port = find_port(port)
    was_running = board_files.at_prompt(port, wait=wait)
    mpremote = Mpremote(port)
    done = starts = False
    try:
        data = new(board_files.read_file(mpremote, NAMES[what], MAX_BYTES))
        if data is None:
            mpremote("exec", _REMOVE.format(path=NAMES[what]))
        else:
            board_files.replace_file(mpremote, NAMES[what], data)
        done = True
    finally:
        if done or was_running:
            starts = board_files.restart(mpremote)
    return starts


def _real(port: str, what: str) -> None:
    if is_simulated(port):
        people = what == PEOPLE
        does = "work on one of this machine with --file FILE, and simulate" if people else "simulate"
        raise BadInput(
            f"--port = {port!r}: a simulated pump keeps no file; {does} a pump that has it: "
            f"sim://?{'access' if people else 'library'}=FILE"
        )
