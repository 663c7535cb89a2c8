"""What a person sees while a therapy runs: a progress bar and the events, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any

from picoinfuse_firmware import alarm_texts, alarms, states
from picoinfuse_firmware.library import PARAMETERS

from ..library_words import MEANS

if TYPE_CHECKING:
    from ..pump import Pump
    from ..stream import Event, Telemetry

REDRAW_S = 0.1  # a simulated hour passes in a blink: the bar is drawn ten times a second, not at every telemetry
STYLES = {alarms.HIGH: "bold red", alarms.MEDIUM: "yellow", alarms.LOW: "cyan"}
RUNS = (states.INFUSING, states.KVO)
UNCERTAIN = "uncertain_nl"  # a note, as the firmware's recovery.py names it ...
PRESSURE_LEFT = "pressure_left"  # ... and one of its power_on.py
HARD_DOSE = "hard_dose"  # ... and one of its by_library.py
BY_NAME = {alarm.name: alarm for alarm in alarms.TABLE}


def clock(seconds: float) -> str:
    """Return seconds as h:mm:ss, with a minus before what was before."""
    whole = int(abs(seconds))
    sign = "-" if seconds <= -1 else ""
    return f"{sign}{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


DRAWN = {  # why a draw-back ended, as the firmware's relief.py names it
    "relieved": "the pressure is relieved",
    "loose": "the plunger is not held",
    "bound": "as much as the line can have stored",
    "late": "it took too long",
    "stalled": "the screw did not turn back",
    "unfelt": "the load cell reads an end of its range",
    "ended": "somebody went on before it was over",
}


def _key_words(what: str) -> str:
    """Return what a key did, or why it did nothing, in words."""
    did, _, reason = what.partition(".")
    if reason:
        return f"not obeyed ({reason.replace('_', ' ')})"
    return "bolus (given only where the program lets the patient ask for one)" if did == "bolus" else did


def _demand_words(what: str, value: int) -> str:
    """Return what became of a bolus that the patient asked for."""
    if what == "given":
        return f"the patient asked for a bolus: {value / 1e6:g} mL"
    again = f", allowed in {clock(value / 1000)}" if what in ("locked_out", "limit_reached") and value >= 0 else ""
    return f"the patient asked for a bolus: none ({what.replace('_', ' ')}{again})"


def _hold_words(what: str, value: int) -> str:
    """Return what the pump did when the host was not heard, or heard again."""
    if what == "fallback":
        return f"the computer is not heard: rate {value / 1e6:g} mL/h, as ordered for that"
    return (
        "the computer is heard again" if what == "heard" else "the computer is not heard: paused, as ordered for that"
    )


LOOP = {  # why a closed loop set a rate, as the firmware's closed_loop.py names it
    "in_range": "glucose is where it should be",
    "more": "more insulin is wanted",
    "less": "less insulin is wanted",
    "low": "glucose is low, or soon will be",
    "on_board": "more is wanted than the limit of insulin on board leaves room for",
    "doubt": "a reading was not believed",
    "waiting": "there is no reading yet",
    "lost": "there is no reading any more",
    "stuck": "the readings do not change at all",
}


def _loop_words(what: str, value: int) -> str:
    """Return what rate a closed loop set, and why; no rate, which is 0 on the wire, is no basal insulin."""
    rate = f"{value / 1e6:g} mL/h" if value else "no basal insulin"
    return f"the loop sets {rate}: {LOOP.get(what, what)}"


def _note_words(what: str, value: int) -> str:
    """Return a note; two tell what a power cut left in doubt, one that the vein is not kept open any more."""
    if what == HARD_DOSE:
        return (
            f"{value / 1e6:.4f} mL are given in all: the vein is kept open no longer, since more would pass the hard "
            "limit of the dose"
        )
    if what == PRESSURE_LEFT:
        return (
            "power was lost while the pressure of an occlusion was drawn back: some of it may be left. "
            "Disconnect the patient before the line is opened"
        )
    if what != UNCERTAIN:
        return f"note {what} {value}"
    return f"of what counts as given, up to {value / 1e6:.4f} mL may not have been: power was lost"


def _by_words(what: str, value: int) -> str:
    """Return what a person did."""
    name, _, action = what.partition(".")
    if action == "lock":
        return f"{name} set the lock level {value}"
    did = {"login": "logged in", "logout": "logged out", "relock": "did nothing for long and was logged out"}
    return f"{name} {did.get(action, f'did: {action}')}"


def _denied_words(what: str, value: int) -> str:
    """Return what was refused for who asked it."""
    name, _, action = what.partition(".")
    if action == "code":
        return f"a wrong code was typed for {name} ({value} in a row)"
    return f"refused to {'the patient, or whoever is not logged in' if name == '-' else name}: {action}"


def _override_words(what: str, value: int) -> str:
    """Return which soft limits were passed, and why."""
    names = [MEANS[name] for number, name in enumerate(PARAMETERS) if value >> number & 1]
    return f"soft limits of the drug library passed ({', '.join(names)}), because: {what}"


WORDS: dict[str, Callable[[str, int], str]] = {
    "boot": lambda what, value: f"the pump is on (start number {value})",
    "program": lambda what, value: f"program {what} of {value / 1e6:g} mL is started",
    "state": lambda what, value: f"now {what}",
    "phase": lambda what, value: f"phase {value + 1}: {what}",
    "rate": lambda what, value: f"rate changed to {value / 1e6:g} mL/h",
    "bolus": lambda what, value: f"bolus of {value / 1e6:g} mL begins",
    "bolus_end": lambda what, value: "bolus given",
    "prime": lambda what, value: f"priming {what}: {value / 1e6:g} mL",
    "refill": lambda what, value: f"syringe with {value / 1e6:g} mL",
    "key": lambda what, value: f"key pressed: {_key_words(what)}",
    "demand": _demand_words,
    "hold": _hold_words,
    "loop": _loop_words,
    "note": _note_words,
    "by": _by_words,
    "denied": _denied_words,
    "override": _override_words,
    "mute": lambda what, value: f"sound paused for {value / 1000:g} s" if value else "sound on again",
    "alarm_end": lambda what, value: f"alarm over: {what.replace('_', ' ')}",
    "drawback": lambda what, value: f"drawn back {value / 1e6:.4f} mL ({DRAWN.get(what, what)})",
}


def event_words(event: Event) -> tuple[str, str]:
    """Return what an event says to a person, and how it is styled."""
    kind, what, value = event.kind, event.what, event.value
    if kind == "alarm" and what in BY_NAME:
        row = BY_NAME[what]
        says, action = alarm_texts.text(row), alarm_texts.action(row)
        return f"ALARM ({alarms.PRIORITIES[row.priority]}) {says}. {action}", STYLES[row.priority]
    if kind in WORDS:
        return WORDS[kind](what, value), "dim"
    return f"{kind} {what} {value}", "dim"


class View:
    """A context manager; `telemetry` and `event` are the callbacks for Pump.run.

    In a terminal a bar is drawn; otherwise, in a log, only the events are written. The bar shows the lesser of two
    shares: of the time that the program takes while it infuses (duration_ms; -1: without end), and of the volume that
    is ordered by now. So a loading dose that is given, or a pause, is not the end. planned_nl 0: the volume tells
    nothing, since a host decides on it as it runs.
    """

    def __init__(self, title: str, pump: Pump, duration_ms: int = -1, planned_nl: int = 1, quiet: bool = False) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._pump = pump
        self._quiet = quiet
        self._console = Console(stderr=True, highlight=False)
        self._next_s = 0.0
        self._last: Telemetry | None = None
        self._duration_ms = duration_ms
        self._by_volume = planned_nl > 0
        self._ran_ms = 0  # so long it has infused
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
            if self._last is not None:
                self._draw(self._last)
            self._bar.stop()

    def telemetry(self, row: Telemetry) -> None:
        """Draw the bar anew if it is time."""
        if self._bar is None:
            return
        if self._last is not None and self._last.state in RUNS:
            self._ran_ms += row.at_ms - self._last.at_ms
        self._last = row
        now = monotonic()
        if now >= self._next_s:
            self._next_s = now + REDRAW_S
            self._draw(row)

    def _draw(self, row: Telemetry) -> None:
        text = (
            f"{row.delivered_nl / 1e6:.2f} of {row.ordered_nl / 1e6:.2f} mL  {row.rate_nl_h / 1e6:.1f} mL/h  "
            f"{row.pressure_mmhg} mmHg  {clock(self._pump.stream.seconds(row.at_ms))}  {row.state}"
        )
        share = self._share(row)
        self._bar.update(self._task, total=None if share is None else 1, completed=share or 0, now=text)
        self._bar.refresh()

    def _share(self, row: Telemetry) -> float | None:
        """Return how much of the run is over, 0 to 1; None if nothing tells it."""
        if row.state == states.COMPLETE:
            return 1.0
        shares = []
        if self._duration_ms > 0:
            shares.append(self._ran_ms / self._duration_ms)
        if self._by_volume and row.ordered_nl:
            shares.append(row.delivered_nl / row.ordered_nl)
        return min(1.0, *shares) if shares else None

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
