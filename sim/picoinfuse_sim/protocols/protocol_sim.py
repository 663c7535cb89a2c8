"""`sim://` for pyserial: any program that opens serial ports by URL can open a simulated pump.

    sim://?seed=1&fault=clamp@10min&syringe=BD%2060%20mL&filled=50%20mL&speed=1

`fault` may come more than once. Without `speed` (or with speed=max) time is virtual: it passes in `read`, at most by
the time-out, and by one poll when a program only looks (`in_waiting`, or `read` with a time-out of 0). With speed=N it
passes N times as fast as real time, and time-outs are seconds of the pump. Each opening gives a fresh pump.
"""

from __future__ import annotations

import time
from math import ceil
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import serial

from picoinfuse.errors import BadInput

from ..bench import Bench
from ..settings import bench_of, speed_of

_FOREVER_US = 1 << 62


def _pairs(url: str) -> list[tuple[str, str]]:
    parts = urlsplit(url)
    if parts.scheme != "sim" or parts.netloc or parts.path not in ("", "/") or parts.fragment:
        raise BadInput(f"{url}: write sim:// or sim://?seed=1&fault=clamp@10min")
    try:
        return parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True) if parts.query else []
    except ValueError:
        raise BadInput(f"{url}: after the ? come pairs key=value joined by &, e.g. sim://?seed=1&speed=10") from None


class Serial(serial.SerialBase):
    """A serial port with a simulated pump at its other end. Raises BadInput for an address that cannot be read."""

    BAUDRATES = (9600, 115200)  # of no meaning here; programs that list them find some

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._bench: Bench | None = None
        self._speed: float | None = None
        self._zero_s = 0.0
        super().__init__(*args, **kwargs)

    # --- what pyserial asks of every port ------------------------------------------------------------------------

    def open(self) -> None:
        """Build a fresh pump and switch it on."""
        if self.is_open:
            raise serial.SerialException("the port is already open")
        if self.port is None:
            raise serial.SerialException("a port needs an address before it can be opened")
        pairs = _pairs(str(self.port))
        self._speed = speed_of(dict(pairs).get("speed", "max"))
        self._bench = bench_of([(key, value) for key, value in pairs if key != "speed"])
        self._end = self._bench.port()
        self._zero_s = time.monotonic()
        self.is_open = True

    def close(self) -> None:
        """Forget the pump."""
        self.is_open = False
        self._bench = None

    @property
    def bench(self) -> Bench:
        """The world behind the port. Raises pyserial's PortNotOpenError when it is closed."""
        if self._bench is None:
            raise serial.PortNotOpenError()
        return self._bench

    def read(self, size: int = 1, /) -> bytes:
        """Return up to `size` bytes, fewer only if the time-out is over first."""
        bench = self.bench
        sent = self._waiting()
        if len(sent) < size:
            end_ms = _FOREVER_US if self.timeout is None else bench.now_ms + ceil(self.timeout * 1000)
            if self.timeout == 0 and not sent:
                self._look()
            while len(sent := bench.board.sent) < size and bench.now_ms < end_ms:
                self._pass(end_ms, len(sent))
        data = bytes(sent[:size])
        del sent[:size]
        return data

    def write(self, data: Any, /) -> int:
        """Send bytes to the pump."""
        self.bench  # noqa: B018  (raises when the port is closed)
        self._end.write(bytes(data))
        return len(data)

    @property
    def in_waiting(self) -> int:
        """Return how many bytes wait; if none do, the pump goes on by one poll first."""
        waiting = self._waiting()
        if not waiting:
            self._look()
        return len(self.bench.board.sent)

    @property
    def out_waiting(self) -> int:
        """Return how many bytes the pump has not read yet."""
        return len(self.bench.board.received)

    def flush(self) -> None:
        """Nothing is kept back."""

    def reset_input_buffer(self) -> None:
        """Drop what waits for us."""
        self.bench.board.sent.clear()

    def reset_output_buffer(self) -> None:
        """Drop what the pump has not read yet."""
        self.bench.board.received.clear()

    def _reconfigure_port(self, force_update: bool = False) -> None:
        """Baud rate, parity and the rest mean nothing here."""

    def _update_rts_state(self) -> None:
        """There is no such wire."""

    def _update_dtr_state(self) -> None:
        """There is no such wire."""

    def _update_break_state(self) -> None:
        """There is no such wire."""

    cts = dsr = cd = property(lambda self: True)
    ri = property(lambda self: False)

    # --- time ----------------------------------------------------------------------------------------------------

    def _waiting(self) -> bytearray:
        """Return what waits now; in real time, first let the pump come up to now."""
        bench = self.bench
        if self._speed is not None:
            bench.run_until(self._real_ms())
        return bench.board.sent

    def _look(self) -> None:
        """Somebody looks and nothing is there: let the pump go on a little, or a program that only looks would hang."""
        if self._speed is None:
            self.bench.poll_once()

    def _real_ms(self) -> int:
        """Where the pump's clock ought to stand now, in real time."""
        assert self._speed is not None
        return max(self.bench.now_ms, round((time.monotonic() - self._zero_s) * self._speed * 1000))

    def _pass(self, end_ms: int, already: int) -> None:
        """Let time pass until more bytes are there than `already`, or end_ms, or the pump has polled once more."""
        bench = self.bench
        if self._speed is None:
            if already:
                bench.run_until(min(end_ms, bench.next_poll_ms + 1))
            else:
                bench.run_until(end_ms, or_sent=True)
            return
        wake_ms = min(end_ms, bench.next_poll_ms + 1)
        time.sleep(max(0.0, (wake_ms - self._real_ms()) / 1000 / self._speed))
        bench.run_until(max(wake_ms, self._real_ms()))

    # --- what only a simulated pump has --------------------------------------------------------------------------

    def truth(self) -> dict[str, float]:
        """Return Bench.truth()."""
        return self.bench.truth()

    def patient(self) -> dict[str, Any] | None:
        """Return BenchPort.patient()."""
        return self._end.patient()

    def act(self, action: str) -> bool:
        """Return Bench.act(action)."""
        return self.bench.act(action)

    def to_come(self) -> list[str]:
        """Return the faults whose time has not come, as they are written."""
        return self.bench.port().to_come()
