"""How many times faster than real time the pump is simulated at 5 mL/h, ten polls a second, and where the time goes.

Everything runs as it always does: alarms armed, noise and friction variation on, every poll executed. A 140 mL syringe
lasts 28 h at 5 mL/h; a longer time is given from several, each fitted full, loaded, confirmed and started.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from functools import partial
from math import ceil
from statistics import median
from time import perf_counter
from typing import Any

from picoinfuse.program import Program
from picoinfuse_firmware.controller import POLL_MS
from picoinfuse_firmware.states import COMPLETE

from .bench import Bench

SYRINGE = "Monoject 140 mL"
RATE_ML_H = 5
RUNS = 5
_LONGEST_H = 28.0  # of one syringe
_TAIL_S = 2.0  # the last step is counted and the program ends within so long
_SHARE_H = 0.5  # of the run in which the calls of the board are recorded
_VERBS = (
    *("ticks_ms", "move", "room", "halt", "steps", "steps_forward", "steps_reverse", "encoder", "force_mn", "at_end"),
    *("save", "load", "read", "write", "signal", "feed"),
)


def run(hours: float = 24.0, runs: int = RUNS) -> dict[str, Any]:
    """Return the medians of `runs` runs of `hours` simulated hours each, as `picoinfuse benchmark --json` prints them.

    us_per_poll: microseconds of controller, board and plant for one poll; board_share: the part of board and plant.
    """
    plain_s = median(_seconds(hours, wire=False) for _ in range(runs))
    wire_s = median(_seconds(hours, wire=True) for _ in range(runs))
    polls = hours * 3_600_000 / POLL_MS
    us_per_poll = plain_s * 1e6 / polls
    share = median(_board_share(min(hours, _SHARE_H)) for _ in range(runs))
    return {
        "realtime_ratio": round(hours * 3600 / plain_s),
        "realtime_ratio_wire": round(hours * 3600 / wire_s),
        "us_per_poll": round(us_per_poll, 3),
        "us_per_poll_wire": round(wire_s * 1e6 / polls, 3),
        "board_share": round(share, 3),
        "hours": hours,
        "polls": round(polls),
        "runs": runs,
        "syringe": SYRINGE,
        "rate_ml_h": RATE_ML_H,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


def words(result: dict[str, Any]) -> list[str]:
    """Return a result in words."""
    poll_us, wire_us, share = result["us_per_poll"], result["us_per_poll_wire"], result["board_share"]
    return [
        f"{result['hours']:g} h at {RATE_ML_H} mL/h, {SYRINGE}, {result['polls']} polls; medians of {RUNS} runs",
        f"controller, board and plant    {result['realtime_ratio']:>8} x real time, {poll_us:.2f} us per poll",
        f"  of that the controller       {1 - share:>8.0%}",
        f"  board and plant              {share:>8.0%}",
        f"with frames, session and Pump  {result['realtime_ratio_wire']:>8} x real time, {wire_us:.2f} us per poll",
        f"  of that for 1 s telemetry    {1 - poll_us / wire_us:>8.0%}",
    ]


def _seconds(hours: float, *, wire: bool) -> float:
    """Return how long so many simulated hours take; `wire`: telemetry every second goes to the host and is kept."""
    bench = Bench(seed=0, syringe=SYRINGE)
    pump = bench.pump
    syringes = ceil(hours / _LONGEST_H)
    total_s = 0.0
    for number in range(syringes):
        if number:
            pump.acknowledge()
            bench.change_syringe()
        program = _program(hours / syringes)
        began_s = perf_counter()
        pump.start(program)
        if wire:
            pump.wait()
        else:
            bench.advance(hours / syringes * 3600 + _TAIL_S)
        total_s += perf_counter() - began_s
        if bench.controller.state != COMPLETE:
            raise RuntimeError(f"the benchmark's infusion ended in state {bench.controller.state}, not complete")
    return total_s


def _program(hours: float) -> Program:
    volume_nl = round(RATE_ML_H * 1_000_000 * hours)
    return Program.continuous(f"{RATE_ML_H} mL/h", f"{volume_nl / 1e6:.6f} mL", syringe=SYRINGE)


def _board_share(hours: float) -> float:
    """Return which part of the time board and plant take.

    The calls that one run makes of its board are made again without a controller, and both are timed one after the
    other, because a machine that others use too is not equally fast for long.
    """
    log = _recorded(hours)
    board = Bench(seed=0, syringe=SYRINGE).board
    bound: list[tuple[int, list[Callable[[], object]]]] = [
        (at_ms, [partial(getattr(board, name), *args) if args else getattr(board, name) for name, args in calls])
        for at_ms, calls in log
    ]
    whole_s = _seconds(hours, wire=False)
    began_s = perf_counter()
    for at_ms, verbs in bound:
        board.now_ms = at_ms
        for verb in verbs:
            verb()
    between_s = perf_counter()
    for at_ms, verbs in bound:
        board.now_ms = at_ms
        for _verb in verbs:
            pass
    return (2 * between_s - began_s - perf_counter()) / whole_s


def _recorded(hours: float) -> list[tuple[int, list[tuple[str, tuple[Any, ...]]]]]:
    """Return every call of the board during a run, poll by poll."""
    bench = Bench(seed=0, syringe=SYRINGE)
    board = bench.board
    log: list[tuple[int, list[tuple[str, tuple[Any, ...]]]]] = []

    def listening(name: str, verb: Callable[..., object]) -> Callable[..., object]:
        def call(*args: Any) -> object:
            if not log or log[-1][0] != board.now_ms:
                log.append((board.now_ms, []))
            log[-1][1].append((name, args))
            return verb(*args)

        return call

    for name in _VERBS:
        setattr(board, name, listening(name, getattr(board, name)))
    bench.pump.start(_program(hours))
    bench.advance(hours * 3600)
    return log
