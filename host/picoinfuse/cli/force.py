"""Where the raw counts of a load cell come from: the force that a pump tells, or the cell itself at the prompt."""

from __future__ import annotations

from contextlib import ExitStack
from fractions import Fraction
from typing import TYPE_CHECKING

from ..calibrate_force import Readings, counts_of, readings, within_its_range
from ..errors import BadInput, PicoInfuseError

if TYPE_CHECKING:
    from ..configuration import Values
    from ..install import Mpremote
    from ..pump import Pump

# An HX711 at the pins of docs/hardware.md. At the prompt nothing else happens, so it may be waited for; the clock is
# never high for as long as 60 us, which would switch it off. Gain 128 is the 25th pulse.
DATA_PIN, CLOCK_PIN = 6, 7
READ_CELL = """
import machine, time
data = machine.Pin({data}, machine.Pin.IN, machine.Pin.PULL_UP)
clock = machine.Pin({clock}, machine.Pin.OUT, value=0)
def one():
    end = time.ticks_add(time.ticks_ms(), 500)
    while data.value():
        if time.ticks_diff(end, time.ticks_ms()) < 0:
            return None
    state = machine.disable_irq()
    n = 0
    for _ in range(24):
        clock.value(1)
        n = n << 1 | data.value()
        clock.value(0)
    clock.value(1)
    clock.value(0)
    machine.enable_irq(state)
    return n - (1 << 24) if n & 0x800000 else n
one()
for _ in range({count}):
    n = one()
    if n is None:
        print('silent')
        break
    print('counts', n)
"""


class Source:
    """A context manager: the pump at `port` as long as readings are taken. simulated: its mass is put there by us."""

    def __init__(self, port: str, count: int) -> None:
        self._port, self._count = port, count
        self._open = ExitStack()
        self._pump: Pump | None = None
        self._mpremote: Mpremote | None = None
        self._taken: list[tuple[str, list[int]]] = []
        self.simulated = False

    def __enter__(self) -> Source:
        """Open the pump; if it does not read its cell, or no pump answers, bring the board to its prompt."""
        from ..calibrate_runs import has_force
        from ..errors import SilentPump, WrongDevice
        from ..pump_configuration import board, is_simulated
        from .choose import chosen, reach

        self.simulated = is_simulated(self._port)
        try:
            pump = reach(self._port)
        except (SilentPump, WrongDevice):
            pump = None
        if pump is not None and (has_force(pump) or self.simulated):
            self._pump = self._open.enter_context(pump)
            if not has_force(pump):
                self._open.close()
                raise BadInput(f"--port = {self._port!r}: this simulated pump has no load cell; leave out absent=force")
            return self
        if pump is not None:
            pump.close()
        self._mpremote = chosen(lambda its: self._open.enter_context(board(its)), self._port)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def load(self, grams: float) -> None:
        """Put the mass on the cell of a simulated pump; a real one has it there."""
        if self._pump is not None:
            self._pump.port.act(f"load {grams}")

    def read(self, where: str) -> None:
        """Take the readings. Raises PicoInfuseError for a cell that is silent."""
        from ..calibrate_runs import forces_mn

        if self._pump is not None:
            self._taken.append((where, forces_mn(self._pump, self._count)))
            return
        assert self._mpremote is not None
        said = self._mpremote("exec", READ_CELL.format(data=DATA_PIN, clock=CLOCK_PIN, count=self._count))
        counts = [int(line.split()[1]) for line in said.splitlines() if line.startswith("counts ")]
        if len(counts) < self._count:
            raise PicoInfuseError(
                f"{self._port}: the load cell gave {len(counts)} of {self._count} readings {where}. Is the HX711 "
                f"supplied, its data at GPIO {DATA_PIN} and its clock at GPIO {CLOCK_PIN} (docs/hardware.md)?"
            )
        self._taken.append((where, counts))

    def counts(self, before: Values) -> tuple[Readings, Readings]:
        """Return both sets in raw counts. before: what the pump told its force by. Raises BadInput."""
        both = []
        for where, numbers in self._taken:
            raw: list[int | Fraction] = list(numbers)
            if self._pump is not None:
                within_its_range(numbers, before, where)
                raw = [counts_of(force_mn, before) for force_mn in numbers]
            both.append(readings(raw, where))
        return both[0], both[1]
