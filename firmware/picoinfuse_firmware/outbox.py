"""What waits to be sent, and in which order: answers, then events, then the newest telemetry; only what fits.

Events are kept in a ring, so that a host that was away can have them again. Telemetry that does not fit is replaced by
the next one. Nothing here ever waits.
"""

from . import eventlog
from .wire import encode

EVENTS_KEPT = 64
PRESSES = ("key", "demand")  # who presses again and again does not push all else out of the log:
PRESS_MS = 10000  # the same is entered only so often
ANSWERS_KEPT = 2  # a host has one request outstanding; older answers are repaired by its repeat


class Outbox:
    """Everything on its way to the host. boot: the number of this start, for the log."""

    def __init__(self, board, boot=0):
        self._board = board
        self._boot = boot
        self._logs = True  # until the board could not
        self._phase_ms = 0  # the next phase from then on is logged
        self._tail = b""  # of a frame the board took in part
        self._answers = []
        self._lines = []
        self._telemetry = None
        self.every_ms = 0  # so often telemetry is sent; 0: never
        self._events = []  # (n, at_ms, kind, what, value)
        self.last_event = 0
        self._next_event = 1
        self._pressed = ("", 0)  # what of PRESSES was entered last, and when
        self.open = False  # a host said hello
        self.waiting = False

    def answer(self, frame):
        """Send an answer."""
        self._answers.append(frame)
        if len(self._answers) > ANSWERS_KEPT:
            self._answers.pop(0)
        self.waiting = True

    def say(self, line):
        """Send a line for a person."""
        self._lines.append(line)
        if len(self._lines) > ANSWERS_KEPT:
            self._lines.pop(0)
        self.waiting = True

    def telemetry(self, values):
        """Send telemetry; what still waits of it is dropped."""
        self._telemetry = values
        self.waiting = True

    def event(self, at_ms, kind, what, value):
        """Number an event, keep it, send it, and enter it into the log."""
        self.last_event += 1
        self._events.append((self.last_event, at_ms, kind, what, value))
        if len(self._events) > EVENTS_KEPT:
            self._forget_one()
        self.waiting = True
        if kind == "phase" or kind == "program":
            if kind == "phase" and at_ms < self._phase_ms:
                return
            self._phase_ms = at_ms + eventlog.PHASE_EVERY_MS
        if kind in PRESSES:
            if what == self._pressed[0] and at_ms - self._pressed[1] < PRESS_MS:
                return
            self._pressed = (what, at_ms)
        if self._logs:
            try:
                self._board.log(eventlog.encode(self._boot, at_ms, kind, what, value))
            except OSError:
                self._logs = False  # no reason to stop an infusion; it is told
                self.event(at_ms, "note", "log_failed", 0)

    def events_from(self, n):
        """Send the events again from number n on, or from the oldest that is kept."""
        self._next_event = min(max(1, n), self.last_event + 1)  # never so far that later alarms are left out
        self.waiting = True

    def greet(self):
        """A new session: events so far are only sent if asked for."""
        self.open = True
        self._next_event = self.last_event + 1
        self._telemetry = None

    def flush(self):
        """Hand the board what fits."""
        frame = self._tail or self._next()
        while frame:
            self._tail = frame  # not lost if the board fails
            sent = self._board.write(frame)
            if sent < len(frame):
                self._tail = frame[sent:]
                self.waiting = True
                return
            frame = self._next() if self.waiting else b""
        self._tail = b""
        self.waiting = False

    def _forget_one(self):
        """Make room in the ring: the oldest event that is not of an alarm goes first."""
        for i in range(len(self._events) - 1):
            if not self._events[i][2].startswith("alarm"):
                self._events.pop(i)
                return
        self._events.pop(0)

    def _next(self):
        if self._answers:
            return self._answers.pop(0)
        if self._lines:
            return self._lines.pop(0)
        if not self.open:
            return b""
        if self._next_event <= self.last_event:
            for event in self._events:
                if event[0] >= self._next_event:
                    self._next_event = event[0] + 1
                    return encode(0, "event", event)
        if self._telemetry:
            frame = encode(0, "telemetry", self._telemetry)
            self._telemetry = None
            self.waiting = False  # it is the last in the order: nothing waits behind it
            return frame
        return b""
