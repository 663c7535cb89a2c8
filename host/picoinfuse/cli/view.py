"""What a person sees while a therapy runs: a progress bar and the events, on standard error."""

from __future__ import annotations

import sys
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any

from picoinfuse_firmware import alarms

if TYPE_CHECKING:
    from ..pump import Pump
    from ..stream import Event, Telemetry

REDRAW_S = 0.1  # a simulated hour passes in a blink: the bar is drawn ten times a second, not at every telemetry
STYLES = {alarms.HIGH: "bold red", alarms.MEDIUM: "yellow", alarms.LOW: "cyan"}
BY_NAME = {alarm.name: alarm for alarm in alarms.TABLE}


def clock(seconds: float) -> str:
    """Return seconds as h:mm:ss."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def event_words(event: Event) -> tuple[str, str]:
    """Return what an event says to a person, and how it is styled."""
    kind, what, value = event.kind, event.what, event.value
    if kind == "alarm" and what in BY_NAME:
        row = BY_NAME[what]
        return f"ALARM ({alarms.PRIORITIES[row.priority]}) {row.text}. {row.action}", STYLES[row.priority]
    if kind == "alarm_end":
        return f"alarm over: {what}", ""
    if kind == "state":
        return f"now {what}", "dim"
    if kind == "phase":
        return f"phase {value + 1}: {what}", "dim"
    words = f"{kind} {what}" if what and what != "-" else kind
    return f"{words} {value}" if value else words, "dim"


class View:
    """A context manager; `telemetry` and `event` are the callbacks for Pump.run.

    In a terminal a bar is drawn; otherwise, in a log, only the events are written.
    """

    def __init__(self, title: str, pump: Pump, quiet: bool = False) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._pump = pump
        self._quiet = quiet
        self._console = Console(stderr=True, highlight=False)
        self._next_s = 0.0
        self._bar: Any = None
        if self._console.is_terminal and not quiet:
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
                TextColumn("{task.fields[now]}", markup=False),
                console=self._console,
                auto_refresh=False,
            )
            self._task = self._bar.add_task(title, total=None, now="")

    def __enter__(self) -> View:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.refresh()
            self._bar.stop()

    def telemetry(self, row: Telemetry) -> None:
        """Draw the bar anew if it is time."""
        if self._bar is None:
            return
        now = monotonic()
        if now < self._next_s and row.delivered_nl < row.ordered_nl:
            return
        self._next_s = now + REDRAW_S
        text = (
            f"{row.delivered_nl / 1e6:.2f} of {row.ordered_nl / 1e6:.2f} mL  {row.rate_nl_h / 1e6:.1f} mL/h  "
            f"{row.pressure_mmhg} mmHg  {clock(self._pump.stream.seconds(row.at_ms))}  {row.state}"
        )
        self._bar.update(self._task, total=row.ordered_nl or None, completed=row.delivered_nl, now=text)
        self._bar.refresh()

    def event(self, event: Event) -> None:
        """Write one event as a line of its own."""
        if self._quiet:
            return
        from rich.text import Text

        words, style = event_words(event)
        started = self._pump.stream.started_ms is not None
        when = clock(self._pump.stream.seconds(event.at_ms)) if started else "-"
        # No wrapping: a log keeps one event on one line.
        self._console.print(Text(f"{when:>8}  ").append(words, style=style), soft_wrap=True)

    def say(self, text: str) -> None:
        """Write a line of the host's own."""
        if not self._quiet:
            print(text, file=sys.stderr)
