"""The doses of a program, when each is due, and where in the program a pump stands after so much time of infusing.

A dose is what is given without a gap: rates, ramps and boluses between two pauses or times of keeping the vein open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from picoinfuse_firmware import program as firmware

MAX_PIECES = 20_000  # of a program with many repeats; what is behind them is not looked at
JUST_MS = 10_000  # by so much the walk may be ahead of the pump: a change of rate takes effect a little later
GAP_AGAIN_MS = 600_000  # after a power cut, at most: the firmware's reserve.py, TIME_MS
STEP_NL = 1000  # a motor step gives less with every syringe
GAPS = (firmware.PAUSE, firmware.KVO)


@dataclass(frozen=True)
class Piece:
    """One phase as it runs once. index: of the phase; the rest as in the firmware's program.py."""

    index: int
    phase: firmware.Phase

    @property
    def kind(self) -> str:
        """The kind of the phase."""
        return str(self.phase.kind)

    @property
    def length_ms(self) -> float:
        """How long it takes; infinite if it has no end, 0 for a bolus, which runs beside what follows."""
        ms = self.phase.duration()
        return inf if ms < 0 else float(ms)

    @property
    def volume_nl(self) -> float:
        """What it orders."""
        num, den = self.phase.volume()
        return float(num / den)


@dataclass(frozen=True)
class Dose:
    """What a program gives without a gap. number: from 1. first, last: of its pieces. offset_ms: after the start."""

    number: int
    first: int
    last: int
    offset_ms: float
    length_ms: float
    volume_nl: float


def pieces_of(program: firmware.Program) -> list[Piece]:
    """Return the phases in the order in which they run, repeats unrolled."""
    pieces: list[Piece] = []
    done: dict[int, int] = {}
    index = 0
    while index < len(program.phases) and len(pieces) < MAX_PIECES:
        phase = program.phases[index]
        if phase.kind == firmware.REPEAT:
            done[index] = done.get(index, 1) + 1
            if done[index] <= phase.to_ms:
                index = phase.to_nl
            else:
                done.pop(index)
                index += 1
            continue
        pieces.append(Piece(index, phase))
        index += 1
    return pieces


def doses_of(pieces: list[Piece]) -> list[Dose]:
    """Return the doses of a program from its pieces."""
    doses: list[Dose] = []
    first: int | None = None
    now_ms = begun_ms = 0.0
    for i, piece in enumerate([*pieces, None]):
        if piece is not None and piece.kind not in GAPS:
            if first is None:
                first, begun_ms = i, now_ms
        elif first is not None:
            its = pieces[first:i]
            bolus_ms = max((_bolus_ms(one) for one in its), default=0.0)
            length_ms = max(now_ms - begun_ms, bolus_ms)
            volume_nl = sum(one.volume_nl for one in its)
            doses.append(Dose(len(doses) + 1, first, i - 1, begun_ms, length_ms, volume_nl))
            first = None
        if piece is not None:
            now_ms += piece.length_ms
    return doses


def _bolus_ms(piece: Piece) -> float:
    phase = piece.phase
    return phase.volume_nl * phase.rate_ms / phase.rate_nl if piece.kind == firmware.BOLUS else 0.0


class Walk:
    """Walks through the pieces of a program as the pump does. at: the piece that runs; behind the last one it is over.

    begun: piece -> running milliseconds since the start of the walk at which it began. shift_ms: by how much changes of
    the rate have moved everything that comes later.
    """

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.at = 0
        self.now_ms = 0.0
        self.shift_ms = 0.0
        self.ahead_ms = 0.0  # by so much more it may be ahead of the pump
        self.begun: dict[int, float] = {}
        self._used_ms = 0.0  # of the running piece
        self._used_nl = 0.0
        self._rate: float | None = None  # nL per ms, given by a person
        self._passed_nl = 0.0  # of the pieces before it
        self._enter()

    @property
    def volume_nl(self) -> float:
        """What was given by now of what the program orders, boluses that people asked for apart."""
        return self._passed_nl + self._used_nl

    def _enter(self) -> None:
        while self.at < len(self.pieces):
            self.begun.setdefault(self.at, self.now_ms)
            self._used_ms = self._used_nl = 0.0
            self._rate = None
            piece = self.pieces[self.at]
            if piece.kind != firmware.BOLUS:
                return
            self._passed_nl += piece.volume_nl
            self.at += 1

    def left_ms(self) -> float:
        """Return how long the running piece still takes."""
        if self.at >= len(self.pieces):
            return inf
        piece = self.pieces[self.at]
        phase = piece.phase
        if piece.kind != firmware.RATE:
            return max(0.0, piece.length_ms - self._used_ms)
        by_time = phase.duration_ms - self._used_ms if phase.duration_ms else inf
        by_volume = (phase.volume_nl - self._used_nl) / self.rate() if phase.volume_nl else inf
        return max(0.0, min(by_time, by_volume))

    def rate(self) -> float:
        """Return the basal flow of now in nL per ms; of a ramp that of this moment."""
        if self.at >= len(self.pieces):
            return 0.0
        phase = self.pieces[self.at].phase
        if phase.kind == firmware.RATE:
            return float(self._rate if self._rate is not None else phase.rate_nl / phase.rate_ms)
        if phase.kind == firmware.RAMP:
            first, last = phase.rate_nl / phase.rate_ms, phase.to_nl / phase.to_ms
            return float(first + (last - first) * self._used_ms / phase.duration_ms)
        return 0.0

    def advance(self, ms: float) -> None:
        """Let the pump infuse for so long."""
        while True:
            left_ms = self.left_ms()
            if left_ms > ms or self.at >= len(self.pieces):
                self._use(ms)
                return
            self._use(left_ms)
            ms -= left_ms
            self._next()

    def _use(self, ms: float) -> None:
        before = self.rate()
        self.now_ms += ms
        self._used_ms += ms
        self._used_nl += (before + self.rate()) / 2 * ms  # exact: a ramp is linear

    def _next(self) -> None:
        self._passed_nl += self._used_nl
        self.at += 1
        self._enter()

    def to_volume(self, nl: float) -> None:
        """Let the pump infuse until so much is given; where nothing is given it stays at the beginning of that."""
        while self.at < len(self.pieces) and self.volume_nl < nl:
            left_ms = self.left_ms()
            if left_ms == inf and self.rate() <= 0:
                return
            start_nl, rest_nl = self.volume_nl, nl - self.volume_nl
            low, high = 0.0, left_ms
            if self.rate() > 0 and self.pieces[self.at].kind == firmware.RATE:
                high = min(left_ms, rest_nl / self.rate())
            elif self.pieces[self.at].kind == firmware.RAMP and start_nl + self._ramp_nl(left_ms) > nl:
                for _ in range(60):
                    middle = (low + high) / 2
                    low, high = (low, middle) if self._ramp_nl(middle) >= rest_nl else (middle, high)
            self.advance(high)
        if self.at < len(self.pieces) and self.rate() > 0 and self.left_ms() * self.rate() <= STEP_NL:
            self.advance(self.left_ms())  # less than a motor step is never given

    def _ramp_nl(self, ms: float) -> float:
        """Return what the running ramp gives in the next ms."""
        phase = self.pieces[self.at].phase
        slope = (phase.to_nl / phase.to_ms - phase.rate_nl / phase.rate_ms) / phase.duration_ms
        return float(self.rate() * ms + slope * ms * ms / 2)

    def change_rate(self, nl_h: float) -> None:
        """A person has given the running rate phase another rate."""
        if self.at >= len(self.pieces) or self.pieces[self.at].kind != firmware.RATE or nl_h <= 0:
            return
        before_ms = self.left_ms()
        self._rate = nl_h / 3_600_000
        self.shift_ms += self.left_ms() - before_ms

    def power_lost(self) -> None:
        """Power was lost in a gap: when it is back, the pump may do some minutes of the gap once more."""
        self.ahead_ms += GAP_AGAIN_MS

    def meet(self, index: int) -> bool:
        """The pump has said that phase number `index` begins now; go there. False if there is none."""
        target = self._just_begun(lambda i: self.pieces[i].index == index)
        if target is None:
            later = (i for i in range(self.at + 1, len(self.pieces)) if self.pieces[i].index == index)
            target = next(later, None)
        return self._go_to(target)

    def turn(self, in_kvo: bool) -> bool:
        """The pump has said that it keeps the vein open from now on, or does not any more. False if it was known."""
        target = self._just_begun(lambda i: self._is_kvo(i) == in_kvo and i > 0 and self._is_kvo(i - 1) != in_kvo)
        if target is None and self.at < len(self.pieces) and self._is_kvo(self.at) != in_kvo:
            target = next((i for i in range(self.at + 1, len(self.pieces)) if self._is_kvo(i) == in_kvo), None)
        return self._go_to(target)

    def in_kvo(self) -> bool:
        """Return whether the vein is kept open now."""
        return self.at < len(self.pieces) and self._is_kvo(self.at)

    def _is_kvo(self, piece: int) -> bool:
        return self.pieces[piece].kind == firmware.KVO

    def _just_begun(self, fits: Callable[[int], bool]) -> int | None:
        """Return the earliest fitting piece that this walk has entered so lately that it may be the one meant."""
        since_ms = self.now_ms - JUST_MS - self.ahead_ms
        entered = (i for i in sorted(self.begun) if self.begun[i] >= since_ms and i < len(self.pieces))
        return next((i for i in entered if fits(i)), None)

    def _go_to(self, target: int | None) -> bool:
        if target is None:
            return False
        while self.at < target:
            if self.pieces[self.at].kind not in GAPS:
                self._used_nl = self.pieces[self.at].volume_nl
            self._next()
        if self.at > target:
            self._passed_nl -= sum(piece.volume_nl for piece in self.pieces[target : self.at])
            self.at = target
        self.begun = {i: at_ms for i, at_ms in self.begun.items() if i < target}
        self.begun[target] = self.now_ms
        self._used_ms = self._used_nl = self.ahead_ms = 0.0
        self._rate = None
        return True
