"""Hands at a served pump: the syringe that `refill` tells of is fitted, just before the pump hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from picoinfuse_firmware import states, wire

if TYPE_CHECKING:
    from .bench import Bench

WAITS = (states.PAUSED, states.ALARM)  # a pump takes a new syringe only then


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
                self._fit(frame[2][0])

    def _fit(self, filled_nl: int) -> None:
        bench = self._bench
        kind = bench.syringe.kind
        if bench.controller.state in WAITS and 0 < filled_nl <= kind.capacity_nl:
            bench.board.bring_plant()
            bench.plant.fit(bench.world.new_syringe(kind, filled_nl / 1e6))
