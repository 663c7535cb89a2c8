"""Hands at a served pump: the syringe that a host tells of is fitted, just before the pump hears of it.

With `refill` that is the next one of a program; with `load` a full one, if what is left in the old one is too little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from picoinfuse_firmware import states, wire

if TYPE_CHECKING:
    from .bench import Bench

WAITS = (states.PAUSED, states.ALARM)  # a pump hears of the next syringe only then
LOADS = (states.IDLE, states.STAGED, states.READY, states.COMPLETE)  # ... and of another program


class ServedHands:
    """Listens to what a host sends to the pump of a bench, as a person there hears the host's person say it.

    Of another world than the host's nobody can fit a syringe by a request: so these hands do, full to what is told.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._lines = wire.Lines()

    def hear(self, data: bytes) -> None:
        """Do what is said in `data`, which the pump gets after this. May be any part of a frame, or noise."""
        for line in self._lines.feed(data):
            frame = wire.decode(line)
            if frame is not None and frame[1] == "refill":
                self._fit(frame[2][0], WAITS)
            elif frame is not None and frame[1] == "load" and frame[2][0] == self._bench.syringe.kind.barrel_um:
                self._fit(frame[2][2], LOADS, self._bench.plant.content_nl())

    def _fit(self, filled_nl: int, states: tuple[str, ...], left_nl: float = 0) -> None:
        bench = self._bench
        kind = bench.syringe.kind
        if bench.controller.state in states and left_nl < filled_nl <= kind.capacity_nl:
            bench.board.bring_plant()
            bench.plant.fit(bench.world.new_syringe(kind, filled_nl / 1e6))
