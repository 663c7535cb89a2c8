"""Ports that misbehave, for the host's tests: one that loses lines of a real bench, and one that recites."""

from picoinfuse_firmware import wire


class LossyPort:
    """A Port before another one. `lose(line) -> bool` decides which lines of the pump never arrive."""

    def __init__(self, port, lose=lambda line: False):
        self._port = port
        self._rest = b""
        self.lose = lose
        self.sent = []
        self.name = port.name

    def write(self, data):
        self.sent.append(data)
        self._port.write(data)

    def read(self, timeout_s):
        data = self._rest + self._port.read(timeout_s)
        *lines, self._rest = data.split(b"\n")
        return b"".join(line + b"\n" for line in lines if not self.lose(line))

    def close(self):
        self._port.close()

    def truth(self):
        return self._port.truth()

    def act(self, action):
        return self._port.act(action)


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

    def act(self, action):
        return False


def is_answer(line):
    """Return whether a line of the pump answers a request (and is not pushed)."""
    frame = wire.decode(line)
    return frame is not None and frame[1] not in ("telemetry", "event")
