"""Stand-ins for what only MicroPython has: its clock, its poll and a port, so that pico/ can be tried on CPython.

Not modelled, left to the real MicroPython and to the emulated chip: how long anything really takes. What a byte costs
was measured there.
"""

import importlib
import sys
import types

BYTE_US = 70  # one byte through the console of a Pico
LOOK_US = 5
POLLIN, POLLOUT = 1, 4
STUCK_US = 500000  # MicroPython tries so long to write a byte that nobody takes


class Clock:
    """The module `time`: goes on when something costs time, and not by itself."""

    def __init__(self):
        self.us = (1 << 30) - 50000  # wraps soon, as it does on a Pico every 17.9 minutes

    def module(self):
        mask = (1 << 30) - 1
        return types.SimpleNamespace(
            ticks_us=lambda: self.us & mask,
            ticks_ms=lambda: self.us // 1000 & mask,
            ticks_add=lambda ticks, more: (ticks + more) & mask,
            ticks_diff=lambda a, b: ((a - b + (1 << 29)) & mask) - (1 << 29),
            sleep_ms=self.sleep_ms,
        )

    def sleep_ms(self, ms):
        self.us += ms * 1000


class Port:
    """Both ends of a console. takes: bytes the host has room for; unplugged: the cable is out, in mid-write."""

    def __init__(self, clock):
        self.clock = clock
        self.incoming = bytearray()
        self.later = []  # (at us, bytes)
        self.sent = bytearray()
        self.takes = 1 << 30
        self.unplugged = False
        self.blocked_us = 0

    def is_ready(self, flag):
        self.clock.us += LOOK_US
        while self.later and self.later[0][0] <= self.clock.us:
            self.incoming += self.later.pop(0)[1]
        return bool(self.incoming) if flag == POLLIN else bool(self.takes) or self.unplugged

    def readinto(self, buffer):
        assert self.incoming, "this would block for ever"
        self.clock.us += BYTE_US
        count = min(len(buffer), len(self.incoming))
        buffer[:count] = self.incoming[:count]
        del self.incoming[:count]
        return count

    def write(self, data):
        if self.unplugged:
            self.clock.us += STUCK_US
            self.blocked_us += STUCK_US
            return 0
        assert len(data) <= self.takes, "this would block"
        self.clock.us += BYTE_US * len(data)
        self.sent += data
        self.takes -= len(data)
        return len(data)


class Poll:
    """select.poll() with MicroPython's ipoll."""

    def __init__(self, clock):
        self._clock = clock

    def register(self, port, flag):
        self._port, self._flag = port, flag

    def ipoll(self, ms):
        end = self._clock.us + ms * 1000
        while not self._port.is_ready(self._flag):
            if self._clock.us >= end:
                return iter(())
            self._clock.us = min(end, self._clock.us + 100)
        return iter([(self._port, self._flag)])


def fresh(name, modules):
    """Import `picoinfuse_firmware.pico.NAME` anew, with these modules in place of CPython's or beside them."""
    full = f"picoinfuse_firmware.pico.{name}"
    hidden = {other: sys.modules.get(other) for other in (*modules, full)}
    sys.modules.pop(full, None)
    sys.modules.update(modules)
    try:
        return importlib.import_module(full)
    finally:
        for other, module in hidden.items():
            sys.modules.pop(other, None)
            if module is not None:
                sys.modules[other] = module


def console():
    """Return (wire module, a Wire over a new Port, the Port, its Clock)."""
    clock = Clock()
    poll = types.SimpleNamespace(poll=lambda: Poll(clock), POLLIN=POLLIN, POLLOUT=POLLOUT)
    wires = fresh("wire", {"time": clock.module(), "select": poll})
    port = Port(clock)
    return wires, wires.Wire(port, port, port, port), port, clock
