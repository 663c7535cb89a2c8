"""What the pump pushes unasked: telemetry and numbered events, kept in order and without gaps."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from picoinfuse_firmware import alarms, messages, states

MAX_REFETCHES = 8  # of one gap; an event that the pump has forgotten by then is gone, and the gap is accepted


class Telemetry(NamedTuple):
    """One row of telemetry, as declared in the firmware's messages.py. Times are device milliseconds."""

    at_ms: int
    state: str
    phase: int
    rate_nl_h: int
    delivered_nl: int
    ordered_nl: int
    kvo_nl: int
    plunger_nl: int
    encoder: int
    force_mn: int
    pressure_mmhg: int
    limit_mmhg: int
    priority: int


class Event(NamedTuple):
    """One numbered event of the pump."""

    n: int
    at_ms: int
    kind: str
    what: str
    value: int


assert Telemetry._fields == messages.TABLE["telemetry"][0]
assert Event._fields == messages.TABLE["event"][0]

OnTelemetry = Callable[[Telemetry], object]
OnEvent = Callable[[Event], object]


class Stream:
    """Keeps what was pushed.

    rows, events: everything since `forget`. state: the newest known state, "" before any. started_ms: when the
    infusion began, by the pump's clock, or None. last: the event up to which none is missing; seen: the newest one.
    keeps: what is there is kept when the next program starts.

    The pump's clock begins at 0 at every power-on. The times here go on after a restart from the last one that was
    told: how long the pump was off nobody knows, it counts as no time.
    """

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.events: list[Event] = []
        self.state = ""
        self.newest_ms = 0
        self._earlier_ms = 0  # what the clock had reached before the pump restarted
        self.started_ms: int | None = None
        self.keeps = False
        self.last = 0
        self.seen = 0
        self.on_telemetry: OnTelemetry | None = None
        self.on_event: OnEvent | None = None
        self._refetches = 0
        self.held: deque[tuple[Callable[[Any], object], Telemetry | Event]] = deque()  # for hand_on

    @property
    def telemetry(self) -> list[Telemetry]:
        """The rows by name; made anew each time it is asked for."""
        return [Telemetry._make(row) for row in self.rows]

    def forget(self) -> None:
        """Begin a new record: drop what was kept (but `keeps`); the numbering of the events goes on."""
        if self.keeps:
            return
        self.rows = []
        self.events = []
        self.started_ms = None

    def restarted(self, last: int) -> None:
        """The pump has another boot, or is new to us: count events from `last` on."""
        self._earlier_ms = self.newest_ms
        self._count_from(last)

    def time_ms(self, at_ms: int) -> int:
        """Return a time on the pump's clock of now as one that goes on over its restarts."""
        return self._earlier_ms + at_ms

    def _count_from(self, last: int) -> None:
        self.last = self.seen = last
        self._refetches = 0

    def take(self, name: str, values: list[Any]) -> None:
        """Keep one pushed message; an event out of order is left to be fetched again, a repeated one is dropped."""
        if name == "telemetry":
            if self._earlier_ms:
                values[0] += self._earlier_ms
            self.newest_ms = values[0]
            if values[1] == self.state:
                values[1] = self.state  # a day of rows holds this word once
            else:
                self.state = values[1]
            # A plain tuple: a day of them costs the garbage collector nothing, unlike a day of named ones.
            self.rows.append(tuple(values))
            if self.on_telemetry is not None:
                self.held.append((self.on_telemetry, Telemetry._make(values)))
            return
        event = Event._make(values)
        if self._earlier_ms:
            event = event._replace(at_ms=self._earlier_ms + event.at_ms)
        if event.n <= self.last:
            return
        if event.n > self.last + 1 and self._refetches < MAX_REFETCHES:
            self.seen = max(self.seen, event.n)
            return
        self._refetches = 0
        self.last = event.n
        self.seen = max(self.seen, event.n)
        self.events.append(event)
        self.newest_ms = event.at_ms
        if event.kind == "state":
            self.state = event.what
            if event.what in (states.INFUSING, states.KVO) and self.started_ms is None:
                self.started_ms = event.at_ms
        if self.on_event is not None:
            self.held.append((self.on_event, event))

    def hand_on(self) -> None:
        """Call on_telemetry and on_event with what came since the last time, in order.

        To be called when no request is outstanding: what is called may ask the pump for something.
        """
        while self.held:
            call, item = self.held.popleft()
            call(item)

    def ended(self) -> bool:
        """Return whether the pump has said that everything ordered was pumped."""
        end = alarms.BY_CODE[alarms.END].name
        return any(event.kind == "alarm" and event.what == end for event in self.events)

    @property
    def gap(self) -> bool:
        """Whether an event is missing and has to be asked for again."""
        return self.seen > self.last

    def refetching(self) -> int:
        """Return the number to fetch from, and count that it was tried."""
        self._refetches += 1
        return self.last + 1

    def give_up(self) -> None:
        """After enough tries without any event: the pump has forgotten them, go on after the gap."""
        if self._refetches >= MAX_REFETCHES:
            self._count_from(self.seen)

    def seconds(self, at_ms: int) -> float:
        """Return a device time as seconds since the start of the infusion, or of the pump if there was none."""
        return (at_ms - (self.started_ms or 0)) / 1000
