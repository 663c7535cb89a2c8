"""What outlives programs, reboots and power cuts: a clock of powered time, and lines of numbers that others keep here.

The clock runs only while the pump is powered. After a power cut it goes on from the last record: time off, and what
passed since that record, count as no time. So no wait on this clock is ever shorter than it should be.

A record is a text with a check value: `t POWERED_MS`, then a line `name number,number,...` for each thing that is kept.
Who keeps a line takes it with `line` and puts it with `put`; lines of others stay as they are. It is written by `save`,
always before that which it tells of is done, and every EVERY_MS while something in it still matters.
"""

from binascii import crc32

from .board import HISTORY, MOST_BYTES
from .companion import Companion

EVERY_MS = 600000
# Of the record, room is kept for these lines at their longest, whether they are there or not, and for the time to grow:
# a lock level must find its place beside however many boluses. Where nobody is known it needs none; gate.py makes that
# place when somebody is.
_KEPT_FREE = {"access": 56, "demand": 44, "insulin": 94}
_GROWS = 4
_FORMAT = b"2"  # goes into the check value: what another version of the firmware wrote is damaged
LOST = "history_lost"  # a note: the record is damaged; whoever asks is told that anything may have been given


class History(Companion):
    """The history of one pump (a Controller); read once in a start of the pump."""

    def __init__(self, pump):
        self._pump = pump
        self._before_ms = 0  # powered time when the pump started
        self._lines = {}
        self._matters_until_ms = 0
        self._saved_ms = 0
        self.lost_ms = -1  # powered time at which the record was found damaged, -1: never
        data = pump.board.load(HISTORY)
        if data is None:
            return
        try:
            self._read(data)
        except (ValueError, LookupError):
            self._lines = {}
            self._before_ms = self.lost_ms = 0
            pump.event("note", LOST, 0)
        lost = self.line("lost")
        if lost:
            self.lost_ms = lost[0]

    def _read(self, data):
        body, _, check = bytes(data).partition(b"*")
        if _check(body) != check:
            raise ValueError
        for text in body.decode().split("\n"):
            name, _, numbers = text.partition(" ")
            self._lines[name] = [int(number) for number in numbers.split(",")]
        self._before_ms = self._saved_ms = self._lines.pop("t")[0]

    def now_ms(self):
        """Return the powered time in milliseconds, of the pump's whole life."""
        return self._before_ms + self._pump.now_ms

    def kept_ms(self):
        """Return the powered time of the record that was found when the pump started."""
        return self._before_ms

    def lost_for_ms(self, span_ms):
        """Return how long it stays unknown what was within a span of time; 0: it is known."""
        return max(0, self.lost_ms + span_ms - self.now_ms()) if self.lost_ms >= 0 else 0

    def line(self, name):
        """Return the numbers that are kept under this name, or None."""
        return self._lines.get(name)

    def names(self):
        """Return the names of all lines."""
        return list(self._lines)

    def put(self, name, numbers):
        """Keep numbers under this name (letters, digits, `.`, `-`), or nothing any more if there are none."""
        if numbers:
            self._lines[name] = numbers
        else:
            self._lines.pop(name, None)

    def room(self, name):
        """Return how many characters the numbers of this line can take."""
        room = MOST_BYTES[HISTORY] - len(self._text()) - 9 - _GROWS - len(name) - 2 + self._length(name)
        for other in _KEPT_FREE:
            if other != "access" or self._pump.requests.gate is not None:
                room -= max(0, _KEPT_FREE[other] - self._length(other))
        return room

    def _length(self, name):
        return len(_line(name, self._lines[name])) + 1 if name in self._lines else 0

    def matters(self, until_ms):
        """Something that is kept here matters until this powered time."""
        if until_ms > self._matters_until_ms:
            self._matters_until_ms = until_ms

    def _text(self):
        if self.lost_ms >= 0:
            self._lines["lost"] = [self.lost_ms]  # as long as anybody may ask
        texts = ["t %d" % self.now_ms()]
        for name in self._lines:
            texts.append(_line(name, self._lines[name]))
        return "\n".join(texts)

    def save(self):
        """Write it all. Returns False if it could not be written: then what it tells of must not be done."""
        self._saved_ms = self.now_ms()
        body = self._text().encode()
        self._pump.journal.keep(HISTORY, body + b"*" + _check(body))
        return not self._pump.journal.failed

    def look(self, now_ms):
        """Once a second: let the clock be written while somebody waits on it."""
        powered_ms = self.now_ms()
        if powered_ms - self._saved_ms >= EVERY_MS and self._saved_ms < self._matters_until_ms:
            self.save()


def _check(body):
    return b"%08x" % (crc32(body + _FORMAT) & 0xFFFFFFFF)


def _line(name, numbers):
    return name + " " + ",".join([str(number) for number in numbers])
