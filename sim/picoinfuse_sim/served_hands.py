"""Hands at a served pump: the syringe that a host tells of is fitted, just before the pump hears of it.

With `refill` that is the next one of a program; with `load` one of the kind that is programmed, filled so, if another
kind is in the pump, or too little is left in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from picoinfuse import syringes
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
            if frame is not None and frame[1] == "refill" and self._bench.controller.state in WAITS:
                self._fit(self._bench.syringe.kind, frame[2][0])
            elif frame is not None and frame[1] == "load" and self._bench.controller.state in LOADS:
                barrel_um, capacity_nl, filled_nl = frame[2][:3]
                its = self._bench.syringe.kind
                same = (its.barrel_um, its.capacity_nl) == (barrel_um, capacity_nl)
                kind = its if same else _kind(barrel_um, capacity_nl)
                if kind is not None and not (same and self._bench.plant.content_nl() >= filled_nl):
                    self._fit(kind, filled_nl)

    def _fit(self, kind: syringes.Syringe, filled_nl: int) -> None:
        bench = self._bench
        if 0 < filled_nl <= kind.capacity_nl:
            bench.board.bring_plant()
            bench.plant.fit(bench.world.new_syringe(kind, filled_nl / 1e6))


def _kind(barrel_um: int, capacity_nl: int) -> syringes.Syringe | None:
    """Return the syringe that a program means, None if it is not known."""
    known = syringes.catalogue(missing_ok=True).values()
    return next((kind for kind in known if (kind.barrel_um, kind.capacity_nl) == (barrel_um, capacity_nl)), None)
