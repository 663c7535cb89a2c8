"""What the firmware sees of the simulated world: clock, run queue, sensors with their errors, flash and wire.

The firmware looks at whole milliseconds, `now_ms`; steps are made at their own microseconds. The plant is brought
forward only when somebody looks (`force_mn`, `steps`, `encoder`, ...), so an idle poll costs nothing; since every step
carries its own time, what is seen does not depend on when one looks.

`ticks_ms` and `force_mn` are asked at every poll and are the price of a simulated day: they do nothing twice, and
`now_ms` counts from near zero because Python is quickest with whole numbers below 2**30.
"""

from collections import deque
from collections.abc import Mapping
from math import floor

import numpy as np

from picoinfuse_firmware.board import MOST_BYTES, RESET_POWER, TICKS_MASK, Board
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.pico.layout import LOG_KEPT

from .plant import Plant
from .senses import FORCE_NOISE_MN as FORCE_NOISE_MN
from .senses import Senses

RUNS = 3  # the running one and two that wait, as on the Pico
READ_AT_MOST = 256  # bytes that one read returns
SEND_BUFFER = 1024  # bytes that wait for a host that does not read
_NEVER_MS = 1 << 62
_HALF = (TICKS_MASK + 1) // 2


class PowerFailed(BaseException):
    """Power fails at this very instruction; no `except Exception` of the firmware may see it."""


class Flash:
    """What survives a power cut: records of bytes by their name, each whole or not at all; the log.

    journal_id: as if it had been drawn when the journal was made. failing: power fails at the save of this number,
    counted from 1: PowerFailed is raised, before it stands, or after that if `late`.
    """

    def __init__(self, journal_id: str = "51000000") -> None:
        self.journal_id = journal_id
        self.records: dict[str, bytes] = {}
        self.saves = 0
        self.log: deque[bytes] = deque(maxlen=LOG_KEPT)
        self.last_entry = 0  # its number
        self.failing = 0
        self.late = False

    def save(self, what: str, data: bytes) -> None:
        """Keep a record."""
        self.saves += 1
        fails = self.saves == self.failing
        if not fails or self.late:
            self.records[what] = bytes(data)
        if fails:
            raise PowerFailed


class SimBoard(Board):
    """A Board over a Plant. Whoever runs the bench sets `now_ms`, which is not wrapped and 0 when the ticks are.

    senses: the sensors of the bench; None: a set of its own, with noise of the force (if `noise`) from `rng`.
    ticks_before_wrap_ms: the tick counter starts so long before it wraps. cause: of this start, for `reset_cause`.
    record_edges: keep the time of every STEP pulse in `edges` (microseconds on the same counter). off_ms: it is so long
    before power comes, at boot_ms. texts: of the files on the board, by their names. chance: gives the entropy.
    """

    # The firmware has no annotations: mypy takes the seam's empty defaults for the type.
    config: Config
    has: tuple[str, ...]

    def __init__(
        self,
        plant: Plant,
        *,
        config: Config | None = None,
        flash: Flash | None = None,
        senses: Senses | None = None,
        rng: np.random.Generator | None = None,
        noise: bool = True,
        ticks_before_wrap_ms: int = 5000,
        record_edges: bool = False,
        off_ms: int = 0,
        cause: int = RESET_POWER,
        texts: Mapping[str, str] | None = None,
        chance: np.random.Generator | None = None,
    ) -> None:
        self.config = config or Config()
        self.plant = plant
        self.flash = flash or Flash()
        self.sent = bytearray()  # towards the host, until it reads
        self.received = bytearray()  # from the host, until the firmware reads
        self.unplugged = False
        self.shown = (0, False)  # what `signal` was last told
        self.boot_ms = -ticks_before_wrap_ms
        self.now_ms = self.boot_ms - off_ms
        self.edges: list[int] | None = [] if record_edges else None
        self.fed_ms: int | None = None  # when the firmware fed the watchdog last; it is armed from the first time on
        self.left = False  # the firmware was left for MicroPython's prompt; a simulated board has none, and goes on
        self._cause = cause
        self._texts = texts or {}
        self._chance = chance
        self.senses = senses or Senses(
            plant, self.config, rng or np.random.default_rng(0), lambda: self.now_ms, self._steps_made, noise=noise
        )
        self.has = self.senses.has
        self._noises_mn = self.senses.noises_mn  # one list for good: senses changes what is in it
        self._waiting: deque[tuple[int, int, int, int]] = deque()  # (first_us, interval_us, count, sign)
        self._last_us = 0  # when the last step of everything appended so far comes
        self._next_us = 0  # when the next step comes, if _left is not 0
        self._next_ms = _NEVER_MS  # the first whole millisecond at which that step can be seen
        self._interval_us = 0
        self._left = 0
        self._sign = 1
        self._forward = 0
        self._reverse = 0
        self._zero_steps = self.senses.shaft_steps()  # where the encoder stood when the board started
        plant.line.clock = self.bring_plant
        plant.start_at(self.now_ms)

    # --- time ----------------------------------------------------------------------------------------------------

    def ticks_ms(self) -> int:
        """Return milliseconds modulo 2**30."""
        return self.now_ms & TICKS_MASK

    def advance(self, ms: int) -> None:
        """Let `ms` milliseconds pass."""
        self.now_ms += ms

    def idle(self, ms: int) -> None:
        """Let `ms` milliseconds pass: a simulated board does not wait."""
        self.now_ms += ms

    def bring_plant(self) -> int:
        """Make every step that is due by now, and all that follows from it, and return now in milliseconds."""
        if self._next_ms <= self.now_ms:
            self._make_steps()
        if self.plant.wake_ms <= self.now_ms:
            self.plant.wake(self.now_ms)
        return self.now_ms

    # --- motion --------------------------------------------------------------------------------------------------

    def move(self, count: int, interval_us: int, first_at_us: int) -> None:
        """Append a bounded run, as the seam says. Raises RuntimeError when the queue is full."""
        if self._next_ms <= self.now_ms:
            self._make_steps()
        if len(self._waiting) + (self._left > 0) >= RUNS:
            raise RuntimeError("the run queue is full; ask room() before move()")
        if not count or interval_us <= 0:
            raise ValueError(f"a run of {count} steps {interval_us} us apart: neither may be 0")
        # The time is given modulo 2**30 us: it means the one that is nearest to now.
        now = self.now_ms * 1000
        first = now + ((first_at_us - now + _HALF) & TICKS_MASK) - _HALF
        if first < now:
            first = now
        sign = 1
        if count < 0:
            sign = -1
            count = -count
        if self._left:
            # Runs follow each other; a rotor cannot be asked for two steps at once.
            earliest = self._last_us + self.config.min_interval_us
            if first < earliest:
                first = earliest
            self._waiting.append((first, interval_us, count, sign))
        else:
            self._interval_us, self._left, self._sign = interval_us, count, sign
            self._next_us = first
            self._next_ms = (first + 999) // 1000
        self._last_us = first + (count - 1) * interval_us

    def _make_steps(self) -> None:
        """Hand every step that is due by now to the plant, in the order of time."""
        now_us = self.now_ms * 1000
        at_us = self._next_us
        following_us = at_us + self._interval_us
        left = self._left
        if left > 1 and following_us > now_us and self._sign > 0 and self.edges is None:
            # One forward step in the midst of a run: nearly all that is ever due at once at a low rate.
            self._left = left - 1
            self._forward += 1
            self._next_us = following_us
            self._next_ms = (following_us + 999) // 1000
            self.plant.forward(at_us / 1000)
            return
        while True:
            left = self._left
            following_us = at_us + self._interval_us
            if left == 1 or following_us > now_us:
                count = 1
            else:
                count = min((now_us - at_us) // self._interval_us + 1, left)
                following_us = at_us + count * self._interval_us
            if self.edges is not None:
                self.edges.extend(range(at_us, following_us, self._interval_us))
            if self._sign > 0:
                self._forward += count
                if count == 1:
                    self.plant.forward(at_us / 1000)
                else:
                    self.plant.run(at_us / 1000, count, self._interval_us / 1000, 1)
            else:
                self._reverse += count
                self.senses.near_an_end()
                self.plant.run(at_us / 1000, count, self._interval_us / 1000, -1)
            self._left = left = left - count
            if left:
                at_us = following_us
            elif self._waiting:
                at_us, self._interval_us, self._left, self._sign = self._waiting.popleft()
            else:
                self._next_ms = _NEVER_MS
                return
            if at_us > now_us:
                self._next_us = at_us
                self._next_ms = (at_us + 999) // 1000
                return

    def room(self) -> int:
        """Return how many more runs can be appended now."""
        if self._next_ms <= self.now_ms:
            self._make_steps()
        return RUNS - len(self._waiting) - (self._left > 0)

    def halt(self) -> int:
        """Drop every queued run and return the exact count; a pulse is an instant here, so none is ever half done."""
        if self._next_ms <= self.now_ms:
            self._make_steps()
        self._waiting.clear()
        self._left = 0
        self._next_ms = _NEVER_MS
        return self._forward - self._reverse

    def steps(self) -> int:
        """Return forward minus reverse steps since the board started."""
        if self._next_ms <= self.now_ms:
            self._make_steps()
        return self._forward - self._reverse

    def steps_forward(self) -> int:
        """Return all forward steps since the board started."""
        if self._next_ms <= self.now_ms:
            self._make_steps()
        return self._forward

    def steps_reverse(self) -> int:
        """Return all reverse steps since the board started."""
        if self._next_ms <= self.now_ms:
            self._make_steps()
        return self._reverse

    def _steps_made(self) -> int:
        return self.steps_forward() + self._reverse

    # --- sensors -------------------------------------------------------------------------------------------------

    def encoder(self) -> int:
        """Return counts the screw has turned since the board started."""
        if self._next_ms <= self.now_ms:
            self._make_steps()
        return self.senses.encoder(self._zero_steps)

    def angle(self) -> int:
        """Return where the screw stands within its turn, in encoder counts."""
        if self._next_ms <= self.now_ms:
            self._make_steps()
        return self.senses.angle()

    def force_mn(self) -> int:
        """Return the force on the plunger as the sensor reads it: with noise, in whole millinewton."""
        now = self.now_ms
        if self._next_ms <= now:
            self._make_steps()
        try:
            noise_mn = self._noises_mn.pop()
        except IndexError:
            noise_mn = self.senses.force_error_mn(now)
        # Plant.force_mn(), written out.
        plant = self.plant
        if plant.wake_ms <= now:
            plant.wake(now)
        return floor(plant.push_mn + noise_mn)

    def at_end(self) -> bool:
        """Return True while the plunger presses on the end of its barrel, or a finger on the switch."""
        self.bring_plant()
        return self.plant.at_end() or self.senses.end_pressed

    def switches(self) -> int:
        """Return the bits of the fitted switches; 0: all is well."""
        return self.senses.switches()

    def barrel_um(self) -> int:
        """Return the inner diameter that belongs to the barrel in the clamp."""
        return self.senses.barrel_um()

    def battery_mv(self) -> int:
        """Return the battery's voltage."""
        return self.senses.battery_mv()

    def temperature_mc(self) -> int:
        """Return the temperature inside the pump."""
        return self.senses.temperature_mc()

    def keys(self) -> int:
        """Return the bits of the keys that are pressed now."""
        return self.senses.pressed

    def silent(self) -> int:
        """Return the bits of the fitted sensors that give no reading."""
        return self.senses.silent

    # --- watchdog --------------------------------------------------------------------------------------------------

    def feed(self) -> None:
        """Remember when; whoever runs the bench resets the board when it is too long ago."""
        self.fed_ms = self.now_ms

    def reset_cause(self) -> int:
        """Return why the board started."""
        return self._cause

    def leave(self) -> None:
        """Remember that the firmware was to be left."""
        self.left = True

    # --- flash, wire, signal -------------------------------------------------------------------------------------

    def save(self, what: str, data: bytes) -> None:
        """Keep `data` without power. Raises ValueError for more bytes than the seam allows."""
        if len(data) > MOST_BYTES[what]:
            raise ValueError(f"save of {len(data)} bytes as {what}: at most {MOST_BYTES[what]}")
        self.flash.save(what, data)

    def load(self, what: str) -> bytes | None:
        """Return what `save` kept last of this, or None."""
        return self.flash.records.get(what)

    def log(self, entry: bytes) -> int:
        """Append an entry to the log and return its number."""
        self.flash.log.append(entry)
        self.flash.last_entry += 1
        return self.flash.last_entry

    def logged(self, n: int) -> bytes | None:
        """Return entry n of the log, or None if it is not kept."""
        first, last = self.log_range()
        return self.flash.log[n - first] if n and first <= n <= last else None

    def log_range(self) -> tuple[int, int]:
        """Return the numbers of the first and the last entry that are kept, (0, 0) for none."""
        last = self.flash.last_entry
        return (last - len(self.flash.log) + 1 if last else 0), last

    def journal_id(self) -> str:
        """Return the eight hex digits of the journal."""
        return self.flash.journal_id

    def text(self, name: str) -> list[str] | None:
        """Return the lines of a text file on the board, or None."""
        return self._texts[name].splitlines(keepends=True) if name in self._texts else None

    def entropy(self) -> bytes:
        """Return bytes of chance: of the seed, so that the same run can be had again."""
        return self._chance.bytes(16) if self._chance is not None else b""

    def read(self) -> bytes | None:
        """Return at most 256 of the bytes that came, or None."""
        received = self.received
        if not received:
            return None
        data = bytes(received[:READ_AT_MOST])
        del received[:READ_AT_MOST]
        return data

    def write(self, data: bytes) -> int:
        """Send what fits now; a host that does not read leaves 1024 bytes of room and no more."""
        if self.unplugged:
            return len(data)  # without a host the USB hardware takes everything and drops it
        fits = SEND_BUFFER - len(self.sent)
        if fits >= len(data):
            self.sent += data
            return len(data)
        self.sent += data[:fits]
        return fits

    def signal(self, priority: int, audible: bool) -> None:
        """Remember what light and sound show: (priority, audible) in `shown`."""
        self.shown = (priority, audible)
