"""The host's end of a bench's wire: a Port whose waiting lets virtual time pass."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .bench import Bench


class BenchPort:
    """A Port whose `read` lets virtual time pass until bytes appear."""

    def __init__(self, bench: Bench) -> None:
        self.name = "bench"
        self._bench = bench

    def write(self, data: bytes) -> None:
        """Send; lost when the cable is out or the pump has no power."""
        board = self._bench.board
        if not board.unplugged and board.now_ms >= board.boot_ms:
            board.received += data

    def read(self, timeout_s: float) -> bytes:
        """Return what came, at most `timeout_s` virtual seconds later; b"" if nothing did."""
        bench = self._bench
        if not bench.board.sent:
            bench.run_until(bench.now_ms + ceil(timeout_s * 1000), or_sent=True)
        sent = bench.board.sent
        data = bytes(sent)
        sent.clear()
        return data

    def close(self) -> None:
        """Nothing is to be given back."""

    def truth(self) -> dict[str, float]:
        """Return Bench.truth()."""
        return self._bench.truth()

    def patient(self) -> dict[str, Any] | None:
        """Return who is at the bench's line; None if nobody is."""
        return self._bench.bedside.described() if self._bench.bedside else None

    def act(self, action: str) -> bool:
        """Return Bench.act(action)."""
        return self._bench.act(action)

    def to_come(self) -> list[str]:
        """Return the faults whose time has not come, as they are written."""
        return [planned.text for planned in self._bench.to_come]
