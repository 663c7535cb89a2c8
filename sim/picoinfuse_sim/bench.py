"""The bench: controller, board and plant on one virtual clock, and what hands and faults do to them at their time.

Time jumps from poll to poll. An action takes place at its own time even between two polls: the plant is brought
exactly there, changed, and goes on. Polls and actions happen at whole milliseconds, steps at their own microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from heapq import heapify, heappop, heappush
from itertools import count
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from picoinfuse import syringes
from picoinfuse.errors import BadInput
from picoinfuse.units import duration_ms
from picoinfuse_firmware.board import RESET_POWER, RESET_WATCHDOG
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.controller import Controller
from picoinfuse_firmware.states import INFUSING

from . import faults as fault_catalogue
from . import hands
from .battery import HARDEST_W
from .bench_port import BenchPort
from .board import Flash, SimBoard
from .patient import Bedside, Patient
from .plant import Plant
from .senses import Senses
from .syringe import Syringe
from .truth import truth
from .tubing import Tubing
from .world import World

if TYPE_CHECKING:
    from picoinfuse.pump import Pump

_NEVER_US = 1 << 62
_FOREVER_MS = 1 << 40
WATCHDOG_MS = 8388  # not fed for so long, the RP2040 resets itself (REFERENCE section 8)
BOOT_MS = 1500  # until the firmware runs: 1.2 s to import it (REFERENCE section 9) and MicroPython's own start
Duration = str | float  # "10 min", or seconds


def _ms(duration: Duration) -> int:
    """Return a duration in whole milliseconds. Raises BadInput for a negative or unreadable one."""
    if isinstance(duration, str):
        return duration_ms(duration)
    if not 0 <= duration < 1e10:
        raise BadInput(f"{duration} s is not a duration; write seconds from 0 on, or text such as '10 min'")
    return round(duration * 1000)


class Bench:
    """A pump with a world around it.

    seed: of all that is drawn (noise, friction, jitter); the same seed gives the same run to the byte.
    syringe: a name of the host's catalogue, or a Syringe of it. filled_ml: fluid in it; None: full. noise: of the force
    sensor. friction_varies: along the travel. stick_slip: the plunger holds at rest against more than in motion; if
    not, it creeps. tolerances: the bore differs from the catalogue's, by at most 1 % of its area. calibrated: it was
    weighed, and `syringe.kind` has the true bore. ideal: nothing of all this, nor any error of screw or sensors: what
    closed forms need. captured: the pusher holds the plunger and can pull it. absent: sensors that are not fitted.
    route, cannula, tubing, height_cm, fluid_c, line_filled, valve: of the line, see circuit.Circuit. faults: texts as
    `faults.parse` reads them. jitter_ms: each poll comes late by a drawn time up to this. ticks_before_wrap_ms: the
    tick counter starts so long before it wraps. record_edges: keep the time of every step pulse in `board.edges`.
    volume_error_ppm: the screw moves so much further than its pitch says. texts: of files on the pump, by their names.
    patient: who is told what really left the cannula (patient/base.py); None: nobody, and nothing is spent on it.
    Raises BadInput for an unknown syringe, fault, sensor, route or cannula, and for a value outside its range.
    """

    def __init__(
        self,
        seed: int = 0,
        syringe: str | syringes.Syringe = "BD 60 mL",
        filled_ml: float | None = None,
        *,
        noise: bool = True,
        friction_varies: bool = True,
        stick_slip: bool = True,
        tolerances: bool = False,
        calibrated: bool = False,
        ideal: bool = False,
        captured: bool = True,
        absent: Iterable[str] = (),
        route: str = "peripheral vein",
        cannula: str | None = None,
        tubing: Tubing | None = None,
        height_cm: float = 0.0,
        fluid_c: float = 20.0,
        line_filled: str = "drug",
        valve: bool = False,
        faults: Iterable[str] = (),
        jitter_ms: int = 0,
        ticks_before_wrap_ms: int = 5000,
        record_edges: bool = False,
        config: Config | None = None,
        volume_error_ppm: int = 0,
        patient: Patient | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        planned = [fault_catalogue.parse(text) for text in faults]
        # Each has its own, so that a new draw changes no other.
        friction, noises, delays, names, errors, body, chance, journals = np.random.SeedSequence(seed).spawn(8)
        self._names = np.random.default_rng(names)
        self._jitter_rng = np.random.default_rng(delays)
        self._jitter_ms = jitter_ms
        self.config = copy(config or Config())
        if ideal or not noise:
            self.config.force_noise_mn = 0  # or an even force would be taken for a jammed cell
        self._options: dict[str, Any] = {
            "config": self.config,
            "flash": Flash(f"{int(np.random.default_rng(journals).integers(1 << 32)):08x}"),
            "ticks_before_wrap_ms": ticks_before_wrap_ms,
            "record_edges": record_edges,
            "texts": texts,
            "chance": np.random.default_rng(chance),
        }
        self.world = World(
            self.config,
            syringe,
            filled_ml,
            np.random.default_rng(friction),
            np.random.default_rng(errors),
            friction_varies=friction_varies,
            stick_slip=stick_slip,
            tolerances=tolerances,
            calibrated=calibrated,
            ideal=ideal,
            captured=captured,
            volume_error_ppm=volume_error_ppm,
            tubing=tubing,
            line_options={
                "route": route,
                "cannula": cannula,
                "height_cm": height_cm,
                "fluid_c": fluid_c,
                "filled": line_filled,
                "valve": valve,
            },
        )
        self.drive, self.line = self.world.drive, self.world.line
        self.plant: Plant = self.world.plant
        self.senses: Senses = Senses(
            self.plant,
            self.config,
            np.random.default_rng(noises),
            lambda: self.now_ms,
            lambda: self.board.steps_forward() + self.board.steps_reverse(),
            noise=noise,
            ideal=ideal,
            absent=absent,
        )
        self._options["senses"] = self.senses
        self._flat = False  # the battery, with the mains out: all is dark
        self._unplugged = False
        self._pump: Pump | None = None
        self._actions: list[tuple[int, int, Callable[[], object]]] = []
        self._numbers = count()
        self.to_come: list[fault_catalogue.Planned] = []  # faults that have not struck yet
        self._infusing_at_ms: int | None = None
        self._boot(off_ms=0, at_ms=0)
        self.line.keep_time(lambda ms, action: self._at(self.now_ms + ceil(ms), action))
        self.bedside = Bedside(self, patient, np.random.default_rng(body)) if patient is not None else None
        for fault in planned:
            self._await(fault)

    # --- the parts -----------------------------------------------------------------------------------------------

    @property
    def syringe(self) -> Syringe:
        """The syringe that is fitted now."""
        return self.plant.syringe

    @property
    def pump(self) -> Pump:
        """The host's Pump, connected to this bench; made when it is first asked for."""
        if self._pump is None:
            from picoinfuse.pump import Pump  # only who asks for a host pays for importing it

            # Identities are told in events, so they are drawn from the seed here.
            self._pump = Pump(self.port(), ids=lambda: f"{int(self._names.integers(1 << 32)):08x}")
        return self._pump

    def port(self) -> BenchPort:
        """Return a Port of the host whose waiting lets virtual time pass."""
        return BenchPort(self)

    def _boot(self, off_ms: int, at_ms: int, cause: int = RESET_POWER) -> None:
        """Prepare a board whose power comes at at_ms + off_ms, and its controller if that is now."""
        self.board = SimBoard(self.plant, off_ms=off_ms, cause=cause, **self._options)
        self.board.unplugged = self._unplugged
        self._offset_ms = at_ms - self.board.now_ms  # bench time less the board's counter
        self._due_ms = _NEVER_US
        if off_ms:
            self._at(at_ms + off_ms, self._power_on)
        else:
            self._power_on()

    def _power_on(self) -> None:
        self.senses.battery.switch(True)
        self.controller = Controller(self.board)
        self._due_ms = self.board.now_ms

    # --- time ----------------------------------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        """Virtual milliseconds since the bench was built."""
        return self._offset_ms + self.board.now_ms

    @property
    def next_poll_ms(self) -> int:
        """Bench time of the next poll, or of an action that is planned before it."""
        due_ms = self._due_ms + self._offset_ms
        return max(self.now_ms, min(due_ms, self._actions[0][0]) if self._actions else due_ms)

    def poll_once(self) -> None:
        """Go on to the next poll and let it happen; without power, to the next action."""
        self.run_until(self.next_poll_ms + 1)

    def advance(self, duration: Duration) -> None:
        """Let so much virtual time pass: "1 min", or seconds."""
        self.run_until(self.now_ms + _ms(duration))

    def at(self, duration: Duration, action: Callable[[], object]) -> None:
        """Call `action` so long from now, at that very millisecond."""
        self._at(self.now_ms + _ms(duration), action)

    def _at(self, at_ms: int, action: Callable[[], object]) -> None:
        heappush(self._actions, (at_ms, next(self._numbers), action))

    def run_until(self, end_ms: int, *, or_sent: bool = False) -> None:
        """Run to bench time end_ms, or, if `or_sent`, only until bytes wait for the host.

        A poll that is due at end_ms itself is left to the next call.
        """
        actions = self._actions
        while True:
            limit_ms = min(end_ms, actions[0][0]) if actions else end_ms
            reached = self._poll_until(limit_ms - self._offset_ms, or_sent)
            if or_sent and self.board.sent:
                return
            if not reached:
                continue
            self.board.now_ms = max(self.board.now_ms, limit_ms - self._offset_ms)
            if not actions or actions[0][0] > limit_ms:
                return
            while actions and actions[0][0] <= limit_ms:
                self.board.bring_plant()
                heappop(actions)[2]()

    def _poll_until(self, limit: int, or_sent: bool) -> bool:
        """Poll at every due time before `limit` on the board's counter; return whether it was reached."""
        board = self.board
        poll: Callable[[], int] = self.controller.poll
        due = self._due_ms
        sent = board.sent
        try:
            if self._infusing_at_ms is None or self._jitter_ms:
                while due < limit:
                    board.now_ms = due
                    due += poll()
                    if self._jitter_ms:
                        due += int(self._jitter_rng.integers(self._jitter_ms + 1))
                    if self._infusing_at_ms is None and self.controller.state == INFUSING:
                        self._arm(board.now_ms + self._offset_ms)
                        return False
                    if or_sent and sent:
                        return False
            elif or_sent:
                while due < limit:
                    board.now_ms = due
                    due += poll()
                    if sent:
                        return False
            else:
                while due < limit:
                    board.now_ms = due
                    due += poll()
        finally:
            self._due_ms = due
        return True

    # --- faults and hands ----------------------------------------------------------------------------------------

    def fault(self, text: str) -> None:
        """Plan a fault, e.g. "clamp@10min": counted from the start of the infusion; "@on": at once. Raises BadInput."""
        self._await(fault_catalogue.parse(text))

    def _await(self, planned: fault_catalogue.Planned) -> None:
        self.to_come.append(planned)
        if planned.at_ms < 0:
            self._plan(planned, self.now_ms)
        elif self._infusing_at_ms is not None:
            self._plan(planned, self._infusing_at_ms)

    def _plan(self, planned: fault_catalogue.Planned, start_ms: int) -> None:
        self._at(max(self.now_ms, start_ms + planned.at_ms), lambda: self._strike(planned))

    def _strike(self, planned: fault_catalogue.Planned) -> None:
        self.to_come.remove(planned)
        planned.strike(self)

    def _arm(self, start_ms: int) -> None:
        self._infusing_at_ms = start_ms
        for planned in self.to_come:
            if planned.at_ms >= 0:
                self._plan(planned, start_ms)

    def hang(self, duration: Duration) -> None:
        """The firmware hangs: it is not polled for so long, while the board makes the steps that it holds.

        A watchdog that is not fed for 8388 ms resets the board.
        """
        board = self.board
        self._due_ms = max(self._due_ms, board.now_ms + _ms(duration))
        if board.fed_ms is not None and self._due_ms > board.fed_ms + WATCHDOG_MS:
            self._at(max(self.now_ms, board.fed_ms + WATCHDOG_MS + self._offset_ms), lambda: self._bite(board))

    def _bite(self, hung: SimBoard) -> None:
        """The watchdog's time is over: if this board is still the one and was not fed again, it is reset."""
        if self.board is hung and hung.fed_ms is not None and hung.now_ms >= hung.fed_ms + WATCHDOG_MS:
            self._restart(BOOT_MS, RESET_WATCHDOG)

    def power_cut(self, off_s: float = 10.0) -> None:
        """Power fails now and is back after off_s seconds (more than 0).

        Controller, run queue, counters and every byte on the wire are gone; screw, syringe, line and flash stay.
        """
        if off_s <= 0:
            raise BadInput(f"a power cut of {off_s} s: it lasts longer than 0 s")
        self._restart(_ms(off_s), RESET_POWER)

    def _restart(self, off_ms: int, cause: int) -> None:
        now_ms = self.now_ms
        self.line.settle(self.board.bring_plant())
        self.senses.battery.switch(False)
        self._actions[:] = [row for row in self._actions if row[2] != self._power_on]
        heapify(self._actions)
        self._boot(off_ms, now_ms, cause)

    def mains(self, there: bool = True) -> None:
        """The mains plug is put in, or pulled out: then the battery feeds the pump until it is flat and all is dark."""
        battery = self.senses.battery
        battery.plug(there)
        if there and self._flat:
            self._flat = False
            self.power_cut(BOOT_MS / 1000)
        self.look_at_battery()

    def swap_battery(self, off_s: float) -> None:
        """The mains plug is out; the battery is taken out, and after off_s seconds another one, new and full, is in."""
        battery = self.senses.battery
        battery.plug(False)
        self.power_cut(off_s)
        battery.fit(1.0)
        self._flat = False
        self.look_at_battery()

    def look_at_battery(self) -> None:
        """Without mains: switch off if the battery is flat, or look again no later than it can be."""
        battery = self.senses.battery
        if battery.mains or self._flat:
            return
        left_ms = battery.lasts_ms(HARDEST_W)
        if left_ms > 0:
            self._at(self.now_ms + left_ms, self.look_at_battery)
            return
        self._flat = True
        self._restart(_FOREVER_MS, RESET_POWER)

    def host_unplugged(self, unplugged: bool = True) -> None:
        """The USB cable is out (or in again): bytes both ways are lost."""
        self._unplugged = self.board.unplugged = unplugged
        self.board.sent.clear()
        self.board.received.clear()

    def change_syringe(self, name: str | None = None) -> None:
        """Fit a full syringe, of the same kind unless another name is given: a wrong one, if the pump is not told."""
        kind = self.world.kind(name) if name else self.syringe.kind
        self.plant.fit(self.world.new_syringe(kind))

    def press(self, key: str, duration: Duration = hands.TAP_S) -> None:
        """Press a key (start, bolus, mute) now, and let it go so much later. Raises BadInput for another name."""
        self.senses.press(key)
        self.at(duration, lambda: self.senses.press(key, False))

    def act(self, action: str) -> bool:
        """Do what a person's hand does (hands.py); False for anything else."""
        return hands.act(self, action)

    def truth(self) -> dict[str, float]:
        """Return what no real pump knows, as truth.py says it."""
        return truth(self)
