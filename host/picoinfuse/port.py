"""A way to a pump: the Port protocol, and SerialPort, which is any pyserial URL. Says in human words why one fails."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import Any, Protocol

from .errors import BadInput, ContactLost, NoPermission, NoPump, PicoInfuseError, PortBusy

PICO_VENDOR = 0x2E8A  # the USB vendor number of Raspberry Pi
BAUD = 115200  # of no meaning over USB; a real serial adapter wants one
WRITE_TIMEOUT_S = 2.0  # a request is one short line; a port that does not take it for so long is dead
READ_MOST = 4096  # bytes of one read; as many as that: there may be more that waits


class Port(Protocol):
    """Bytes to and from one pump. The only place where the host waits is `read`."""

    name: str

    def write(self, data: bytes) -> None:
        """Send all of `data`. Raises ContactLost if it cannot be sent."""

    def read(self, timeout_s: float) -> bytes:
        """Return at least one byte as soon as there is one, or b"" after `timeout_s` seconds of the pump's time."""

    def close(self) -> None:
        """Give the port back; what the pump does goes on."""

    def truth(self) -> dict[str, float] | None:
        """Return what only a simulated world knows; None for a real pump.

        patient_ml: what left the cannula; pressure_mmhg: in the line; plunger_ml: displaced; now_s: virtual seconds;
        and the signs of a simulated patient.
        """

    def patient(self) -> dict[str, Any] | None:
        """Return who is at a simulated pump's line; None where nobody is, and for a real pump.

        for: "teaching model". title: model and person. signs: of each a dict of name, label and unit. values: of the
        signs, in the same order, as they are now.
        """

    def act(self, action: str) -> bool:
        """Do what a person's hand does in a simulated world, e.g. "change_syringe"; False where there is none."""


def _why(url: str, error: Exception) -> PicoInfuseError:
    """Return our error for one that pyserial or the system raised while opening."""
    code = getattr(error, "errno", None)
    text = str(error)
    if code in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in text:
        return PortBusy(f"{url} is in use by another program; close it there (a serial terminal? Thonny? mpremote?)")
    if code in (errno.EACCES, errno.EPERM) or "PermissionError(13" in text:
        if os.name == "nt":
            return PortBusy(f"{url} is in use by another program; close it there (a serial terminal? Thonny?)")
        return NoPermission(
            f"No permission to open {url}. On Linux: sudo usermod -a -G dialout $USER, then log out and in again"
        )
    if "protocol" in text and "not known" in text:
        return BadInput(
            f"--port = {url!r}: this kind of address is not known here. Known are device names, socket://HOST:PORT and "
            "sim://; another kind needs the package that brings it"
        )
    if "://" in url:
        return NoPump(f"No pump at {url}: {text}. Is it started, and is the address right?")
    return NoPump(f"There is no port {url}. Present: {', '.join(present()) or 'none'}. Is the cable in?")


def present() -> list[str]:
    """Return the names of the serial ports of this machine."""
    from serial.tools import list_ports

    return sorted(str(port.device) for port in list_ports.comports())


def picos() -> list[str]:
    """Return the names of the ports that are Raspberry Pi boards by their USB vendor number."""
    from serial.tools import list_ports

    return sorted(str(port.device) for port in list_ports.comports() if port.vid == PICO_VENDOR)


class SerialPort:
    """A Port over whatever `serial.serial_for_url` opens: a device name, socket://host:port, sim://, loop://.

    Raises NoPump, PortBusy, NoPermission on opening; ContactLost afterwards. A BadInput that the protocol
    handler raises (an unknown fault in a sim:// address) passes through.
    """

    def __init__(self, url: str) -> None:
        import serial

        self.name = url
        self._lost: tuple[type[Exception], ...] = (serial.SerialException, OSError)
        options: dict[str, Any] = {"baudrate": BAUD, "timeout": 0, "write_timeout": WRITE_TIMEOUT_S}
        if "://" not in url and sys.platform != "win32":
            options["exclusive"] = True
        try:
            self._serial: Any = serial.serial_for_url(url, **options)
        except PicoInfuseError:
            raise
        except (serial.SerialException, OSError, ValueError) as error:
            raise _why(url, error) from error
        self._timeout_s = 0.0
        self._is_socket = url.startswith("socket://")

    def write(self, data: bytes) -> None:
        """Send all of `data`. Raises ContactLost."""
        try:
            self._serial.write(data)
        except self._lost as error:
            raise self._gone(error) from error

    def read(self, timeout_s: float) -> bytes:
        """Return what is there, at most READ_MOST bytes, waiting at most `timeout_s` seconds for the first one.

        Raises ContactLost.
        """
        port = self._serial
        try:
            if timeout_s != self._timeout_s:
                port.timeout = timeout_s
                self._timeout_s = timeout_s
            first: bytes = port.read(1)
            if not first:
                return b""
            more = port.in_waiting
            if more and self._is_socket:  # pyserial says 1 of a socket, however much waits there
                more, port.timeout, self._timeout_s = READ_MOST, 0, 0.0
            return first + port.read(min(more, READ_MOST - 1)) if more else first
        except self._lost as error:
            raise self._gone(error) from error

    def _gone(self, error: Exception) -> ContactLost:
        return ContactLost(
            f"The connection to {self.name} broke ({error}). What was started on the pump goes on; look at the pump, "
            "plug the cable in again and connect"
        )

    def close(self) -> None:
        """Give the port back; never raises."""
        its = getattr(self._serial, "_socket", None) if self._is_socket else None
        with contextlib.suppress(*self._lost):
            self._serial.close()
        if its is not None:
            its.close()  # pyserial forgets it where the other end is gone already

    def truth(self) -> dict[str, float] | None:
        """Return what the simulated world knows; None for a real pump."""
        tell = getattr(self._serial, "truth", None)
        return tell() if tell else None

    def patient(self) -> dict[str, Any] | None:
        """Return who is at the simulated pump's line; None for a real pump."""
        tell = getattr(self._serial, "patient", None)
        return tell() if tell else None

    def act(self, action: str) -> bool:
        """Do a person's action in the simulated world; False for a real pump."""
        hand = getattr(self._serial, "act", None)
        return bool(hand(action)) if hand else False

    def to_come(self) -> list[str]:
        """Return the faults of a simulated world whose time has not come yet, as "clamp@3 h"; [] for a real pump."""
        tell = getattr(self._serial, "to_come", None)
        return tell() if tell else []
