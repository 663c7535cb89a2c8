"""How bytes come and go on the wire of a board, USB or UART: whole lines or nothing, and no call waits for the host.

A line is kept until it is sent; `write` takes it whole or not at all, so a host that reads slowly, or floods, finds no
torn line. Bytes are sent one by one while the port says that it has room, most of them in `wait`, where there is time.

Measured on the emulated chip: with a host that does not read, sys.stdout.write blocks for a second, and a check for
room before a whole line does not help; byte by byte, 70 us each, none ever blocked. One case is left: the cable is
pulled while lines wait. Then MicroPython says that there is room, and its write of one byte gives up after half a
second (MICROPY_HW_USB_CDC_TX_TIMEOUT). This happens once: what waits is dropped, and nothing is sent until the host is
heard again; what is missing it asks for again.
"""

import select
from time import ticks_add, ticks_diff, ticks_ms

READ_AT_MOST = 64  # bytes in one call, 4 ms; the seam allows 256, but a poll should be short
SEND_AT_ONCE = 40  # bytes, 3 ms; then somebody else has a turn
LINES = 8  # that wait at the most ...
ROOM = 1024  # ... and their bytes
HEARD = 512  # bytes that a UART keeps while a poll goes on; the longest line has 384
BAUD = 115200  # of a UART; as the host opens a port


class Wire:
    """Lines out and bytes in. source, sink: what can be polled; reader, writer: their binary sides."""

    def __init__(self, source, reader, sink, writer):
        self._in = select.poll()
        self._in.register(source, select.POLLIN)
        self._out = select.poll()
        self._out.register(sink, select.POLLOUT)
        self._get = reader.readinto  # kept as values: to look them up takes longer than a byte may
        self._put = writer.write
        self._one = bytearray(1)
        self._received = bytearray(READ_AT_MOST)
        self._lines = [b""] * LINES
        self._first = 0  # the line that is being sent ...
        self._at = 0  # ... and the next byte of it
        self._count = 0  # of lines that wait
        self._held = 0  # bytes of them
        self._deaf = False  # nobody took a byte: the cable is out

    def read(self):
        """Return the bytes that came, at most 64, or None."""
        received = self._received
        one = self._one
        count = 0
        while count < READ_AT_MOST and _ready(self._in, 0) and self._get(one):
            received[count] = one[0]
            count += 1
        if not count:
            return None
        self._deaf = False
        return bytes(memoryview(received)[:count])

    def write(self, line):
        """Take a line to be sent and return its length, or 0 if there is no room for it now."""
        size = len(line)
        if self._deaf or size > ROOM:
            return size  # dropped whole
        if self._count == LINES or self._held + size > ROOM:
            return 0
        self._lines[(self._first + self._count) % LINES] = line
        self._count += 1
        self._held += size
        return size

    def wait(self, ms):
        """Send what waits, until `ms` are over; end early when something came. Also with 0 a part is sent."""
        end = ticks_add(ticks_ms(), ms)
        sent = self._send()
        while True:
            left_ms = ticks_diff(end, ticks_ms())
            if left_ms <= 0:
                return
            if sent:
                _ready(self._in, left_ms)
                return
            if _ready(self._in, 0 if self._moved else 1):
                return
            sent = self._send()

    def drain(self, ms):
        """Send what waits for at most `ms`, whatever comes meanwhile: before the board leaves its firmware."""
        end = ticks_add(ticks_ms(), ms)
        while not self._send() and ticks_diff(end, ticks_ms()) > 0:
            pass

    def _send(self):
        """Send some bytes while the port has room for them; return whether nothing waits any more."""
        one = self._one
        out = self._out
        left = SEND_AT_ONCE
        self._moved = False
        while self._count:
            line = self._lines[self._first]
            size = len(line)
            at = self._at
            while at < size:
                if left == 0 or not _ready(out, 0):
                    self._at = at
                    return False
                one[0] = line[at]
                if self._put(one) != 1:
                    self._give_up()
                    return True
                self._moved = True
                at += 1
                left -= 1
            self._next()
        return True

    def _next(self):
        """The first line is done with."""
        self._held -= len(self._lines[self._first])
        self._lines[self._first] = b""
        self._first = (self._first + 1) % LINES
        self._count -= 1
        self._at = 0

    def _give_up(self):
        self._deaf = True
        while self._count:
            self._next()


def _ready(poller, ms):
    """Return whether a poller finds something within `ms`. `ipoll` makes no list."""
    for _ in poller.ipoll(ms):
        return True
    return False


def console():
    """Return the wire over MicroPython's own console: USB on a Pico, the terminal on a PC."""
    import sys

    return Wire(sys.stdin, sys.stdin.buffer, sys.stdout, sys.stdout.buffer)


def uart(tx, rx):
    """Return the wire over UART 0 on two pins (GPIO numbers)."""
    from machine import UART, Pin

    Pin(rx, Pin.IN, Pin.PULL_UP)  # a wire that hangs in the air says nothing
    port = UART(0, BAUD, tx=Pin(tx), rx=Pin(rx), txbuf=ROOM, rxbuf=HEARD)
    return Wire(port, port, port, port)
