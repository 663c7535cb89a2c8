"""Whether a pump runs at a port and may be taken from its work, and how it leaves for MicroPython's prompt."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any

from picoinfuse_firmware import messages, states, wire

from . import acting
from .connection import PROBE_TRIES
from .errors import InstallFailed, Refused, SilentPump, WrongDevice, WrongVersion
from .login import answer_to
from .people import checked_name
from .port import Port, SerialPort
from .pump import Pump
from .status import explain

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
    other = OtherVersion(SerialPort(port))
    try:
        state, fields = other.ask("leave", ())
        asks = acting.at_terminal
        if fields[:1] == ["log_in"] and asks is not None and asks(other, "log_in"):
            state, fields = other.ask("leave", ())
        if state != "ok":
            said = " ".join([state, *map(str, fields[:1])]) if state else "no answer"
            if fields[:1] in (["log_in"], ["not_your_role"]):
                said += ": a technician may let it leave; say who asks by --user NAME"
            raise InstallFailed(
                f"{port}: the pump runs firmware of another version and does not leave it ({said}). Nothing was "
                f"changed. Is a program under way? {WAY_BACK}"
            )
    finally:
        other.close()


class OtherVersion:
    """A pump whose table of messages is another one: it leaves for who may let it, if its frames are as ours."""

    user: str | None = None

    def __init__(self, link: Port) -> None:
        self._link = link
        self._seq = 0
        # A nonce of its own: with that of an earlier try the pump would go on in that session.
        self._link.write(b"\n" + wire.encode(0, "hello", (secrets.token_hex(4), 0, messages.FINGERPRINT)))

    def ask(self, name: str, values: Sequence[Any]) -> tuple[str, list[Any]]:
        """Send a request and return (answer, fields); ("", []) if none comes."""
        self._seq += 1
        self._link.write(wire.encode(self._seq, name, values))
        lines = wire.Lines()
        for _ in range(20):
            for line in lines.feed(self._link.read(0.1)):
                frame = wire.decode(line)
                if frame is not None and frame[0] == self._seq and frame[1] not in messages.IS_REQUEST:
                    return str(frame[1]), list(frame[2])
        return "", []

    def login(self, name: str, code: str) -> None:
        """Log in. Raises Refused, or InstallFailed if its way to log in is another one."""
        answer, fields = self.ask("login", (checked_name(name), 0))
        if answer == "challenge" and len(fields) == 3:
            digest, _ = answer_to(name, code, *fields)
            answer, fields = self.ask("answer", (digest,))
        if answer == "refused":
            raise Refused(fields[0], fields[1], fields[2], explain(*fields))
        if answer != "ok":
            raise InstallFailed(f"nobody can be logged in on this version from here. {WAY_BACK}")

    def close(self) -> None:
        """Give the port back."""
        self._link.close()
