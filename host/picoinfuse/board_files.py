"""Small files on the board: brings it to MicroPython's prompt if nothing is under way, reads one, replaces one whole.

A file is replaced so that a power cut at any moment leaves the old one or the new one, never half of either: the new
text is written beside it and read back, the one before is kept as a copy, and then one rename makes the change.
"""

from __future__ import annotations

import time
from binascii import unhexlify
from collections.abc import Callable

from picoinfuse_firmware import states

from .connection import PROBE_TRIES
from .errors import ContactLost, NoPump, PicoInfuseError, PortBusy, Refused, SilentPump, WrongDevice
from .install import Mpremote
from .port import SerialPort
from .pump import Pump

UNDER_WAY = (states.INFUSING, states.PAUSED, states.KVO, states.PRIMING)
LEAVE_S = 3.0  # a pump leaves within a second and a half of its answer, and its reset takes the port from USB
RESET_WAITS = 20  # of half a second, until its port is there again

# The board is in its root after a reset, so the names need no folder; MicroPython on a PC has its working folder there.
_READ = """
from binascii import hexlify
try:
    with open({path!r}, 'rb') as f:
        print('file', hexlify(f.read({most})).decode())
except OSError:
    print('no file')
"""
_REPLACE = """
import os
def put(path, data):
    with open(path, 'wb') as f:
        f.write(data)
    with open(path, 'rb') as f:
        if f.read() != data:
            raise OSError('not as it was written')
path, new = {path!r}, {data!r}
put(path + '.new', new)
try:
    with open(path, 'rb') as f:
        old = f.read()
except OSError:
    old = None
if old is not None and old != new:
    put(path + '.old.new', old)
    os.rename(path + '.old.new', path + '.old')
os.rename(path + '.new', path)
print('replaced')
"""
_RESTART = """
import sys
if sys.platform == 'rp2':
    import machine
    machine.Timer(-1).init(mode=machine.Timer.ONE_SHOT, period=200, callback=lambda t: machine.reset())
    print('restarts')
"""


class NotWritten(PicoInfuseError):  # noqa: N818  (named after what happened, as in errors.py)
    """The file on the board is the one that was there before."""


def at_prompt(port: str, *, wait: Callable[[float], object] = time.sleep) -> bool:
    """See to it that the board at `port` is at MicroPython's prompt; return whether a pump was running there before.

    A pump is asked to leave, and only when nothing is under way. wait: called with seconds until a board that resets is
    back. Raises Refused (not_now) while something is under way, PortBusy, NoPump, NoPermission, WrongVersion, and
    PicoInfuseError for a pump that cannot leave.
    """
    pump = Pump(SerialPort(port))
    try:
        try:
            pump.hello(PROBE_TRIES)
        except (SilentPump, WrongDevice):
            return False  # no pump; whether it is MicroPython, the first call of mpremote says
        state = pump.status().state
        if state in UNDER_WAY:
            words = "in alarm" if state == states.ALARM else state
            raise Refused(
                "not_now",
                text=f"{port}: the pump is {words}; nothing was changed. Let it end, or stop it (picoinfuse stop "
                f"--port {port}), and try again",
            )
        leave: Callable[[], object] | None = getattr(pump, "leave", None)
        if leave is None:
            raise PicoInfuseError(
                f"{port}: the pump is running, and this version cannot bring it to MicroPython's prompt. Nothing was "
                "changed. Hold the key that docs/hardware.md names while you switch it on, and try again"
            )
        leave()
    finally:
        pump.close()
    _until_back(port, wait)
    return True


def _until_back(port: str, wait: Callable[[float], object]) -> None:
    """Wait until a board that resets has its port again."""
    wait(LEAVE_S)
    for _ in range(RESET_WAITS):
        try:
            SerialPort(port).close()
            return
        except (NoPump, PortBusy, ContactLost):
            wait(0.5)
    raise NoPump(f"{port}: the board was reset and did not come back. Unplug it, plug it in again and retry")


def read_file(mpremote: Mpremote, path: str, most: int = 8192) -> bytes | None:
    """Return the first `most` bytes of a file on the board, None if there is none. Raises PicoInfuseError."""
    said = mpremote("exec", _READ.format(path=path, most=most))
    for line in said.splitlines():
        if line.startswith("file"):
            return unhexlify(line[4:].strip())
        if line.startswith("no file"):
            return None
    raise WrongDevice(f"{mpremote.port} does not answer as MicroPython does: it said {said.strip()[:80]!r}")


def replacing(path: str, data: bytes) -> str:
    """Return the program that replaces a file where it runs: of the board, and of a test."""
    return _REPLACE.format(path=path, data=data)


def replace_file(mpremote: Mpremote, path: str, data: bytes) -> None:
    """Replace a small file on the board by `data` at once; the one before is kept as PATH.old. Raises NotWritten."""
    said = mpremote("exec", replacing(path, data))
    if "replaced" not in said or read_file(mpremote, path, len(data) + 1) != data:
        raise NotWritten(f"{mpremote.port}: {path} is not on the board as it should be. Try again")


def restart(mpremote: Mpremote) -> bool:
    """Let the board start anew with what is on it; return False where that is not possible (a PC)."""
    return "restarts" in mpremote("exec", _RESTART)
