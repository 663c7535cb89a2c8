"""Whether the alarms tell the truth: drawn therapies without a fault, and the same ones with one, each judged.

Without a fault nothing but near_end and end may be heard: everything else is a false alarm. With a fault one of the
alarms that the catalogue names for it must come: otherwise it is missed. Every figure can be had again from the seed.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from picoinfuse.errors import BadInput, Refused
from picoinfuse_firmware import states

from .drawn import Drawn, draw
from .faults import CATALOGUE, Fault
from .plan import fits

if TYPE_CHECKING:
    from picoinfuse.pump import Pump
    from picoinfuse.stream import Event

    from .bench import Bench

EXPECTED = ("near_end", "end")
MAX_LISTEN_S = 1e6
AFTER_FAULT_S = 5.0  # so often it is looked whether the pump started anew
FOLLOWS_S = 15.0  # where another alarm stopped the motor first, the right one still has so long to come
_SLACK_S = 30.0  # after the planned end: late polls and the last step
_OVER = (states.IDLE, states.COMPLETE, states.ALARM)


@dataclass
class Heard:
    """An alarm: its name, and when it came, in seconds since the start of the infusion."""

    alarm: str
    at_s: float


@dataclass
class Result:
    """What became of one therapy. Times in seconds since its start.

    fault: its name, "" for none; struck_s: when. caught_by: the alarm that saw it, after_s later. unintended_ml: what
    the patient got between the two (or to the end) beyond what the motor was told; below 0: less.
    """

    number: int
    words: str
    fault: str = ""
    struck_s: float = 0.0
    hours: float = 0.0
    state: str = ""
    heard: list[Heard] = field(default_factory=list)
    caught_by: str = ""
    after_s: float = 0.0
    unintended_ml: float = 0.0


class _Run:
    """One therapy on its bench, with the hands of people, listened to through the wire like any pump."""

    def __init__(self, drawn: Drawn) -> None:
        self.bench: Bench = drawn.bench()
        self.pump: Pump = self.bench.pump
        self.heard: list[Heard] = []
        self._start_ms = 0
        self.pump.load(drawn.program)
        self.pump.confirm()
        self._start_ms = self.bench.now_ms
        self.pump.stream.on_event = self._hear
        self.pump.start()
        self.pump.status()
        self._acts = list(drawn.acts)
        self._board = self.bench.board
        self._step_nl = self.bench.syringe.step_nl  # what a step ought to give: of the syringe that was fitted
        self._told_before_steps = 0

    @property
    def now_s(self) -> float:
        """Seconds since the start."""
        return (self.bench.now_ms - self._start_ms) / 1000

    def _hear(self, event: Event) -> None:
        if event.kind == "alarm":
            self.heard.append(Heard(event.what, self.now_s))

    def until(self, end_s: float, stop: Callable[[], bool], at_most_s: float = MAX_LISTEN_S) -> None:
        """Go on to end_s, people acting at their times, or until `stop` after any event."""
        while self.now_s < end_s and not stop():
            if self._acts and self._acts[0].at_s <= self.now_s:
                self._act()
                continue
            until_s = min(end_s, self._acts[0].at_s) if self._acts else end_s
            self.pump.session.listen(min(at_most_s, max(0.001, until_s - self.now_s)))
            if self.bench.board is not self._board and self.bench.board.now_ms >= self.bench.board.boot_ms:
                self._told_before_steps += self._board.steps_forward()
                self._board = self.bench.board
                self.pump.events()  # a pump that started anew speaks only to who greets it
            elif self.pump.stream.gap:
                self.pump.events()

    def _act(self) -> None:
        act = self._acts.pop(0)
        with suppress(Refused):  # the pump knows why not: nothing left to give, a bolus runs, the therapy is over
            getattr(self.pump, act.verb)(*act.words)

    def over(self) -> bool:
        """Return whether the program has ended, well or by an alarm."""
        return self.pump.stream.state in _OVER

    def account_ml(self) -> tuple[float, float]:
        """Return what the motor was told to give, and what the patient got, since the bench was built."""
        steps = self._told_before_steps + self.bench.board.steps_forward()
        return steps * self._step_nl / 1e6, self.bench.truth()["patient_ml"]


def without_fault(seed: int, number: int, hours: float = 24.0) -> Result:
    """Run therapy `number` and return what was heard."""
    drawn = draw(seed, number, hours)
    run = _Run(drawn)
    run.until(_end_s(drawn, hours), run.over)
    run.pump.events()  # none is left on its way
    result = Result(number, drawn.words(), hours=run.now_s / 3600)
    result.heard, result.state = run.heard, run.pump.stream.state
    return result


def with_fault(seed: int, number: int, fault: str, hours: float = 24.0) -> Result | None:
    """Run therapy `number` until `fault` strikes and is seen, or the therapy ends; None: it does not fit into it."""
    its = CATALOGUE[fault]
    drawn = draw(seed, number, hours)
    at_s = fits(drawn, wanted(its), Random(f"{seed} {number} {fault}"), hours * 3600)
    if at_s is None:
        return None
    run = _Run(drawn)
    run.until(at_s, run.over)
    while run.bench.controller.rate_nl_h() == 0 and not run.over():
        run.until(run.now_s + 10, run.over)  # people paused it: the fault meets a pump that moves
    before = len(run.heard)
    result = Result(number, drawn.words(), fault, run.now_s)
    if run.over():
        return None
    told_ml, given_ml = run.account_ml()
    its.strike(run.bench, its.default)
    seen = wanted(its)

    def caught_it() -> bool:
        return any(one.alarm in seen for one in run.heard[before:])

    run.until(_end_s(drawn, hours), lambda: run.over() or caught_it(), AFTER_FAULT_S)
    if run.pump.stream.state == states.ALARM:
        run.until(run.now_s + FOLLOWS_S, caught_it, AFTER_FAULT_S)
    run.pump.events()
    result.heard, result.state, result.hours = run.heard[before:], run.pump.stream.state, run.now_s / 3600
    caught = next((one for one in result.heard if one.alarm in seen), None)
    if caught is not None:
        result.caught_by, result.after_s = caught.alarm, caught.at_s - result.struck_s
    now_told_ml, now_given_ml = run.account_ml()
    result.unintended_ml = now_given_ml - given_ml - (now_told_ml - told_ml)
    return result


def wanted(fault: Fault) -> tuple[str, ...]:
    """Return the names of the alarms one of which ought to see this fault; none: it cannot be seen."""
    return fault.alarms


def seen_faults() -> list[str]:
    """Return the names of the faults that an alarm ought to see, in the order of the catalogue."""
    return [name for name, its in CATALOGUE.items() if wanted(its)]


def check_fault(name: str | None) -> None:
    """Raise BadInput unless `name` is None or a fault that an alarm ought to see."""
    if name is not None and name not in seen_faults():
        raise BadInput(f"--fault = {name!r}: is none of those that an alarm ought to see: {', '.join(seen_faults())}")


def one(seed: int, number: int, hours: float, faults: bool, fault: str | None) -> list[Result]:
    """Return what became of therapy `number` without a fault, and with one: the next in turn that fits into it.

    fault: this one instead of the next in turn, if it fits.
    """
    results = [without_fault(seed, number, hours)]
    names = ([fault] if fault else seen_faults()) if faults else []
    for turn in range(len(names)):
        found = with_fault(seed, number, names[(number + turn) % len(names)], hours)
        if found is not None:
            results.append(found)
            break
    return results


def campaign(
    seed: int,
    numbers: Sequence[int],
    hours: float = 24.0,
    *,
    faults: bool = True,
    fault: str | None = None,
    jobs: int = 1,
) -> Iterator[list[Result]]:
    """Yield the results of each therapy as it is done; `jobs` processes share the work."""
    if jobs == 1:
        for number in numbers:
            yield one(seed, number, hours, faults, fault)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        waiting = [pool.submit(one, seed, number, hours, faults, fault) for number in numbers]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            for future in waiting:
                future.cancel()


def _end_s(drawn: Drawn, hours: float) -> float:
    planned_ms = drawn.program.duration_ms
    paused_s = 120.0 * len(drawn.acts)
    return hours * 3600 if planned_ms < 0 else min(hours * 3600, planned_ms / 1000) + paused_s + _SLACK_S
