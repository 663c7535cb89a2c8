"""The configuration of the pump at a port: fetched from its flash, or written there; a simulated one has a file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from picoinfuse_firmware import settings

from . import board_files, configuration
from .configuration import Values
from .configuration_fields import shown
from .errors import BadInput
from .install import Mpremote, find_port

FILE = "picoinfuse.json"  # in the root of the board, where the firmware's pico/configuration.py looks for it
SIMULATED = "sim://"
Wait = Callable[[float], object]


def is_simulated(port: str) -> bool:
    """Return whether an address is that of a simulated pump, which has no flash to write to."""
    return port.startswith(SIMULATED)


def of_simulated(port: str) -> Values:
    """Return the values that a simulated pump is built from: its file, sim://?config=FILE, or the defaults."""
    files = parse_qs(urlsplit(port).query).get("config", [])
    return configuration.read(Path(files[-1])) if files else configuration.defaults()


@contextmanager
def board(port: str, *, wait: Wait = time.sleep) -> Iterator[Mpremote]:
    """Give the board at `port` at its prompt; a pump that ran there before is started anew afterwards, come what may.

    Raises what board_files.at_prompt raises: then nothing was changed.
    """
    port = find_port(port)
    was_running = board_files.at_prompt(port, wait=wait)
    mpremote = Mpremote(port)
    try:
        yield mpremote
    finally:
        if was_running:
            board_files.restart(mpremote)


def fetch(port: str, *, wait: Wait = time.sleep) -> tuple[Values, str]:
    """Return (values, problem) of the pump at `port`; the problem is "" or the pump's own word for it."""
    if is_simulated(port):
        return of_simulated(port), ""
    with board(port, wait=wait) as mpremote:
        return configuration.of_pump(board_files.read_file(mpremote, FILE))


def change(port: str, new: Callable[[Values, str], Values], *, wait: Wait = time.sleep) -> tuple[Values, Values, bool]:
    """Write new(values, problem) onto the board at `port`, all of it or nothing, and keep what was there as FILE.old.

    new: gets what is there now, and the pump's word for what is wrong with it; what it raises ends this. Returns what
    was there, what is there, and whether the pump starts anew by itself. Raises BadInput for values that the pump would
    not take, and what board_files raises; then the file on the board is the one that was there.
    """
    port = find_port(port)
    was_running = board_files.at_prompt(port, wait=wait)
    mpremote = Mpremote(port)
    starts = done = False
    try:
        before, problem = configuration.of_pump(board_files.read_file(mpremote, FILE))
        after = new(before, problem)
        board_files.replace_file(mpremote, FILE, checked(after))
        done = True
    finally:
        if done or was_running:
            starts = board_files.restart(mpremote)
    return before, after, starts


def checked(values: Values) -> bytes:
    """Return the pump's file for some values. Raises BadInput if the pump would not take it."""
    problem = settings.check(settings.sealed(values))
    if problem:
        raise BadInput(configuration.problem_words(problem, values))
    return configuration.sealed(values)


def changes(before: Values, after: Values) -> list[str]:
    """Return a line for each value that differs."""
    return [
        f"  {name}: {shown(name, before[name])} becomes {shown(name, after[name])}"
        for name in settings.NAMES
        if before[name] != after[name]
    ]
