"""Bad wires for tests: Ports that lose, double, delay or cut what passes through them, and one that recites."""

from collections.abc import Callable

from picoinfuse_firmware import wire

PUSHED = ("telemetry", "event")


class HostKilled(BaseException):
    """The host's process ended here: nothing after it is executed, not even its handlers of errors."""


def is_answer(line):
    """Return whether a line from the pump is the answer to a request."""
    message = wire.decode(line.rstrip(b"\r\n"))
    return message is not None and message[1] not in PUSHED


def is_pushed(line):
    """Return whether a line from the pump is telemetry or an event."""
    message = wire.decode(line.rstrip(b"\r\n"))
    return message is not None and message[1] in PUSHED


def every(period, phase, applies=lambda line: True):
    """Return a predicate that is true for each `period`-th line to which `applies`, counted from `phase`."""
    count = phase

    def hit(line):
        nonlocal count
        if not applies(line):
            return False
        count += 1
        return count % period == 0

    return hit


def never(line):
    """Nothing happens to any line."""
    return False


class Over:
    """A Port over another one: what is not about reading and writing is passed on."""

    def __init__(self, port, name):
        self.name = name
        self._port = port

    def close(self):
        self._port.close()

    def truth(self):
        return self._port.truth()

    def patient(self):
        return self._port.patient()

    def act(self, action):
        return self._port.act(action)


class BadWire(Over):
    """A Port over the bench's own. Each predicate is asked once for each whole line.

    lose_request: of the host. lose, double, late: of the pump; a late line comes after the host has sent once more.
    """

    def __init__(
        self,
        bench,
        *,
        lose_request: Callable[[bytes], bool] = never,
        lose: Callable[[bytes], bool] = never,
        double: Callable[[bytes], bool] = never,
        late: Callable[[bytes], bool] = never,
    ):
        super().__init__(bench.port(), "bad wire")
        self.hits = 0
        self._bench = bench
        self._lose_request, self._lose, self._double, self._late = lose_request, lose, double, late
        self._part = b""
        self._held = []
        self._ready = b""

    def write(self, data):
        self._ready += b"".join(self._held)
        self._held = []
        if self._lose_request(data):
            self.hits += 1
        else:
            self._port.write(data)

    def read(self, timeout_s):
        end_ms = self._bench.now_ms + round(timeout_s * 1000)
        while not self._ready and self._bench.now_ms < end_ms:
            self._part += self._port.read((end_ms - self._bench.now_ms) / 1000)
            *lines, self._part = self._part.split(b"\n")
            for line in lines:
                self._pass(line + b"\n")
        data, self._ready = self._ready, b""
        return data

    def _pass(self, line):
        if self._lose(line):
            self.hits += 1
        elif self._late(line):
            self.hits += 1
            self._held.append(line)
        elif self._double(line):
            self.hits += 1
            self._ready += line + line
        else:
            self._ready += line


class CutWire(Over):
    """A Port whose host can be killed when it has written, or read, so many bytes.

    What was written before reaches the pump. `written`, `read_bytes`: how far it came since `cut_after`.
    """

    def __init__(self, bench):
        super().__init__(bench.port(), "cut wire")
        self.cut_after()

    def cut_after(self, written=None, read=None):
        """Count from here; kill the host after so many bytes (None: it lives)."""
        self.written = self.read_bytes = 0
        self._after_written, self._after_read = written, read

    def write(self, data):
        if self._after_written is not None and self.written + len(data) > self._after_written:
            self._port.write(data[: self._after_written - self.written])
            raise HostKilled
        self._port.write(data)
        self.written += len(data)
        if self.written == self._after_written:
            raise HostKilled

    def read(self, timeout_s):
        data = self._port.read(timeout_s)
        if self._after_read is not None and self.read_bytes + len(data) > self._after_read:
            raise HostKilled
        self.read_bytes += len(data)
        return data


class LossyPort(Over):
    """A Port before another one. `lose(line) -> bool` decides which lines of the pump never arrive."""

    def __init__(self, port, lose=lambda line: False):
        super().__init__(port, port.name)
        self._rest = b""
        self.lose = lose
        self.sent = []

    def write(self, data):
        self.sent.append(data)
        self._port.write(data)

    def read(self, timeout_s):
        data = self._rest + self._port.read(timeout_s)
        *lines, self._rest = data.split(b"\n")
        return b"".join(line + b"\n" for line in lines if not self.lose(line))


class RecitingPort:
    """A Port that answers each write with what `answer(data) -> bytes` returns, and time-outs otherwise."""

    name = "reciting"

    def __init__(self, answer=lambda data: b""):
        self._answer = answer
        self._waiting = b""
        self.written = []
        self.timeouts = 0

    def write(self, data):
        self.written.append(data)
        self._waiting += self._answer(data)

    def read(self, timeout_s):
        data, self._waiting = self._waiting, b""
        self.timeouts += not data
        return data

    def close(self):
        pass

    def truth(self):
        return None

    def patient(self):
        return None

    def act(self, action):
        return False
