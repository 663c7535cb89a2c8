"""Whether a pump runs at a port and may be taken from its work, and how it leaves for MicroPython's prompt."""

from __future__ import annotations

import time
from collections.abc import Callable

from picoinfuse_firmware import messages, states, wire

from .connection import PROBE_TRIES
from .errors import InstallFailed, Refused, SilentPump, WrongDevice, WrongVersion
from .port import SerialPort
from .pump import Pump

UNDER_WAY = (states.INFUSING, states.KVO, states.PRIMING, states.PAUSED)
LEAVING_S = 3  # its answer, and the reset
WAY_BACK = "Hold the mute key while you switch it on: then it stays at MicroPython's prompt. Run this again"


def running(port: str) -> str | None:
    """Return how the pump at this port stands, in words; None if no pump runs there.

    Raises Refused while a program is under way, and what is wrong with the port.
    """
    with Pump(SerialPort(port)) as pump:
        try:
            pump.hello(PROBE_TRIES)
        except (SilentPump, WrongDevice):
            return None  # mpremote finds out what else is there
        except WrongVersion:
            return "with firmware of another version"
        status = pump.status()
    if status.state in UNDER_WAY or status.remaining_ms:
        raise Refused(
            "not_now",
            text=f"{port}: the pump is at work: {status.state}, {status.delivered_nl / 1e6:.3f} of "
            f"{status.ordered_nl / 1e6:.3f} mL given. Nothing was changed. Let it end, or stop it: picoinfuse stop "
            f"--port {port}",
        )
    if status.state in (states.STAGED, states.READY):
        raise Refused(
            "not_now",
            text=f"{port}: a program is loaded on the pump ({status.state}). Nothing was changed. Drop it first: "
            f"picoinfuse stop --port {port}",
        )
    return status.state


def to_prompt(port: str, wait: Callable[[float], object] = time.sleep) -> None:
    """Bring the pump at this port to MicroPython's prompt; it goes only if nothing is under way."""
    from .board_files import at_prompt

    try:
        at_prompt(port, wait=wait)
    except WrongVersion:
        _ask_to_leave(port)
        wait(LEAVING_S)


def _ask_to_leave(port: str) -> None:
    """Ask a pump of another version to leave: this one request every version understands. Raises InstallFailed."""
    link = SerialPort(port)
    try:
        link.write(b"\n" + wire.encode(0, "hello", ("1eaf1eaf", 0, messages.FINGERPRINT)) + wire.encode(1, "leave", ()))
        lines, state = wire.Lines(), ""
        for _ in range(20):
            for line in lines.feed(link.read(0.1)):
                frame = wire.decode(line)
                if frame is not None and frame[0] == 1:
                    state = frame[1]
        if state != "ok":
            raise InstallFailed(
                f"{port}: the pump runs firmware of another version and does not leave it ({state or 'no answer'}). "
                f"Nothing was changed. Is a program under way? {WAY_BACK}"
            )
    finally:
        link.close()
