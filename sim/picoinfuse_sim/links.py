"""The outer end of a served pump: a pseudo-terminal or a TCP socket, one client at a time, never blocking."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from math import ceil
from typing import Protocol

from picoinfuse.errors import BadInput

_LISTEN_AGAIN_S = 0.02  # how soon a client is noticed that opened the pseudo-terminal
_AT_MOST = 4096  # bytes of one read


class Link(Protocol):
    """A way for one client at a time."""

    address: str  # what a client opens

    def connected(self) -> bool:
        """Return whether a client is there; take a new one if there is."""

    def receive(self) -> bytes:
        """Return what the client sent, or b""."""

    def send(self, data: bytes) -> int:
        """Send what fits now and return how many bytes that was."""

    def wait(self, timeout_s: float) -> None:
        """Wait for something to do, at most so long."""

    def close(self) -> None:
        """Give everything back."""


class PtyLink:
    """A pseudo-terminal: to programs on this machine it is a serial port. POSIX only."""

    def __init__(self) -> None:
        import tty

        self._fd, client = os.openpty()
        # Raw from the start, and kept so while nobody holds the other end: a new client must not find an echo.
        tty.setraw(client)
        self.address = os.ttyname(client)
        os.close(client)
        os.set_blocking(self._fd, False)
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN | select.POLLHUP)

    def connected(self) -> bool:
        """Return whether a program has the terminal open."""
        return not any(events & select.POLLHUP for _, events in self._poll.poll(0))

    def receive(self) -> bytes:
        """Return what the client sent, or b""."""
        try:
            return os.read(self._fd, _AT_MOST)
        except OSError:  # nothing there, or nobody
            return b""

    def send(self, data: bytes) -> int:
        """Send what fits now."""
        try:
            return os.write(self._fd, data)
        except OSError:
            return 0

    def wait(self, timeout_s: float) -> None:
        """Wait for bytes, at most so long."""
        if self.connected():
            self._poll.poll(ceil(timeout_s * 1000))
        else:
            time.sleep(min(timeout_s, _LISTEN_AGAIN_S))  # without a client the terminal is always "ready"

    def close(self) -> None:
        """Give the terminal back."""
        os.close(self._fd)


class TcpLink:
    """A TCP server for one client at a time; another one is told so and let go. `socket://host:port` opens it."""

    def __init__(self, host: str, port: int) -> None:
        try:
            self._server = socket.create_server((host, port))
        except (OSError, OverflowError) as error:
            raise BadInput(
                f"tcp = '{host}:{port}': cannot listen there ({error}); port 0 takes any free one"
            ) from error
        self._server.setblocking(False)
        self._client: socket.socket | None = None
        self.address = f"socket://{host}:{self._server.getsockname()[1]}"

    def connected(self) -> bool:
        """Return whether a client is there; take a new one if there is."""
        with contextlib.suppress(BlockingIOError, ConnectionError):
            client, _ = self._server.accept()
            if self._client is None:
                client.setblocking(False)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._client = client
            else:
                with contextlib.suppress(OSError):
                    client.sendall(b"# busy: another client is connected to this pump\r\n")
                client.close()
        return self._client is not None

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def receive(self) -> bytes:
        """Return what the client sent, or b""; notice when it is gone."""
        if self._client is None:
            return b""
        try:
            data = self._client.recv(_AT_MOST)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._drop()
        return data

    def send(self, data: bytes) -> int:
        """Send what fits now."""
        if self._client is None:
            return 0
        try:
            return self._client.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self._drop()
            return 0

    def wait(self, timeout_s: float) -> None:
        """Wait for bytes or a client, at most so long."""
        ends = [self._server] if self._client is None else [self._server, self._client]
        select.select(ends, [], [], timeout_s)

    def close(self) -> None:
        """Give the sockets back."""
        self._drop()
        self._server.close()


def tcp_address(text: str) -> tuple[str, int]:
    """Read "HOST:PORT" (":0" and "0" mean this machine). Raises BadInput."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise BadInput(f"tcp = {text!r}: write HOST:PORT with a port from 0 (any free one) to 65535, e.g. 127.0.0.1:0")
    return host or "127.0.0.1", int(port)
