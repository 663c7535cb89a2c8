"""A small, exact board for the firmware's tests. Nothing is random; the clock is a number that the rig moves on."""

from collections import deque
from copy import copy

from orders import BARREL_UM, FRICTION_MN
from picoinfuse_firmware.board import (
    AIR_DETECTOR,
    BARREL_GAUGE,
    BATTERY,
    COVER_SWITCH,
    ENCODER,
    END_SWITCH,
    FORCE,
    KEYS,
    MAINS_SENSE,
    MOST_BYTES,
    PROGRAM,
    RESET_POWER,
    SYRINGE_SWITCH,
    THERMOMETER,
    TICKS_MASK,
    Board,
)
from picoinfuse_firmware.config import Config

RUNS = 3  # the running one and two that wait, as on a Pico


class PowerFailed(BaseException):
    """Power fails at this very instruction; no `except Exception` of the firmware may see it."""


class Flash:
    """What survives a power cut. dies_at: power fails at that save (counted from 1), `late`: just after it stands.

    turned: where the screw stands without power, in steps times 1000.
    """

    def __init__(self):
        self.records = {}
        self.saves = 0
        self.of = []  # what each save was
        self.dies_at = 0
        self.late = False
        self.entries = []  # of the log
        self.log_works = True
        self.turned = 0

    def save(self, what, data):
        assert len(data) <= MOST_BYTES[what]
        self.saves += 1
        self.of.append(what)
        dies = self.saves == self.dies_at
        if dies and not self.late:
            raise PowerFailed
        self.records[what] = bytes(data)
        if dies:
            raise PowerFailed


class TestBoard(Board):
    """A Board whose motor obeys to the microsecond and whose sensors show what the test says.

    turns: (num, den), how far the screw turns for a step; (0, 1) is a stalled motor. receives: bytes the host's side
    of the wire has room for; 0 is a host that does not read. trembles: what a test lets `force` show has noise; if not,
    the config says so, whatever else it is. texts: of the files on the board, by their names; there is no entropy.
    """

    __test__ = False  # no test class, whatever pytest thinks of its name

    def __init__(
        self,
        has=(FORCE, ENCODER, END_SWITCH),
        before_wrap_ms=5000,
        flash=None,
        config=None,
        trembles=False,
        texts=None,
    ):
        self.has = has
        self.config = copy(config or Config())
        if not trembles:
            self.config.force_noise_mn = 0
        self.now_us = (TICKS_MASK + 1 - before_wrap_ms) * 1000
        self.flash = flash or Flash()
        self._turns = (1, 1)
        self.force = FRICTION_MN
        self.end = False
        self.switched = 0  # bits of the switches
        self.barrel = BARREL_UM[60]
        self.battery = 8200
        self.temperature = 25000
        self.pressed = 0  # bits of the keys
        self.silent_bits = 0  # of the sensors that give no reading
        self.cause = RESET_POWER
        self.shown = (0, False)
        self.signals = []  # (ms, priority, audible) of every call
        self.fed = 0
        self.left = False
        self.texts = texts or {}  # name -> text
        self.halts = 0
        self.moves = []  # (count, interval_us, absolute first_us)
        self.edges = None  # a list: the absolute time of each step
        self.incoming = bytearray()
        self.sent = bytearray()
        self.receives = 1 << 30
        self._runs = deque()  # [next_us, interval_us, left, sign]
        self._last_us = 0
        self._forward = self._reverse = 0
        self._turned = 0  # of the screw, in steps, times 1000
        self._turned_before = self.flash.turned

    @property
    def turns(self):
        return self._turns

    @turns.setter
    def turns(self, turns):
        self._make_steps()  # what was stepped until now turned as it did
        self._turns = turns

    def ticks_ms(self):
        return self.now_us // 1000 & TICKS_MASK

    def move(self, count, interval_us, first_at_us):
        if not self.room():
            raise RuntimeError("the run queue is full")
        assert count != 0
        assert interval_us >= self.config.min_interval_us
        assert 0 <= first_at_us <= TICKS_MASK
        half = (TICKS_MASK + 1) // 2
        first = self.now_us + ((first_at_us - self.now_us + half) & TICKS_MASK) - half
        first = max(first, self.now_us)
        if self._runs:
            first = max(first, self._last_us + self.config.min_interval_us)
        self._runs.append([first, interval_us, abs(count), 1 if count > 0 else -1])
        self._last_us = first + (abs(count) - 1) * interval_us
        self.moves.append((count, interval_us, first))

    def _make_steps(self):
        while self._runs and self._runs[0][0] <= self.now_us:
            run = self._runs[0]
            count = min((self.now_us - run[0]) // run[1] + 1, run[2])
            if self.edges is not None:
                self.edges.extend(range(run[0], run[0] + count * run[1], run[1]))
            if run[3] > 0:
                self._forward += count
            else:
                self._reverse += count
            self._turned += run[3] * count * 1000 * self._turns[0] // self._turns[1]
            self.flash.turned = self._turned_before + self._turned
            run[0] += count * run[1]
            run[2] -= count
            if not run[2]:
                self._runs.popleft()

    def room(self):
        self._make_steps()
        return RUNS - len(self._runs)

    def halt(self):
        self._make_steps()
        self._runs.clear()
        self.halts += 1
        return self._forward - self._reverse

    def steps(self):
        self._make_steps()
        return self._forward - self._reverse

    def steps_forward(self):
        self._make_steps()
        return self._forward

    def steps_reverse(self):
        self._make_steps()
        return self._reverse

    def encoder(self):
        assert ENCODER in self.has, "an absent sensor is never read"
        self._make_steps()
        return self._turned * self.config.encoder_counts_per_turn // (1000 * self.config.steps_per_turn)

    def angle(self):
        assert ENCODER in self.has, "an absent sensor is never read"
        self._make_steps()
        counts = self.config.encoder_counts_per_turn
        return self.flash.turned * counts // (1000 * self.config.steps_per_turn) % counts

    def force_mn(self):
        assert FORCE in self.has, "an absent sensor is never read"
        return self.force

    def at_end(self):
        assert END_SWITCH in self.has, "an absent sensor is never read"
        return self.end

    def switches(self):
        assert {SYRINGE_SWITCH, COVER_SWITCH, AIR_DETECTOR, MAINS_SENSE} & set(self.has), "no switch is fitted"
        return self.switched

    def barrel_um(self):
        assert BARREL_GAUGE in self.has, "an absent sensor is never read"
        return self.barrel

    def battery_mv(self):
        assert BATTERY in self.has, "an absent sensor is never read"
        return self.battery

    def temperature_mc(self):
        assert THERMOMETER in self.has, "an absent sensor is never read"
        return self.temperature

    def keys(self):
        assert KEYS in self.has, "an absent sensor is never read"
        return self.pressed

    def silent(self):
        return self.silent_bits

    def reset_cause(self):
        return self.cause

    def save(self, what, data):
        assert what != PROGRAM or not self._runs, "the program is written only while the motor stands"
        self.flash.save(what, data)

    def load(self, what):
        return self.flash.records.get(what)

    def log(self, entry):
        assert len(entry) <= 52
        if not self.flash.log_works:
            raise OSError(5)
        self.flash.entries.append(bytes(entry))
        return len(self.flash.entries)

    def logged(self, n):
        return self.flash.entries[n - 1]

    def log_range(self):
        return min(1, len(self.flash.entries)), len(self.flash.entries)

    def text(self, name):
        return self.texts[name].splitlines(keepends=True) if name in self.texts else None

    def read(self):
        data = bytes(self.incoming[:256])
        del self.incoming[:256]
        return data

    def write(self, data):
        count = min(len(data), self.receives)
        self.sent += data[:count]
        self.receives -= count
        return count

    def signal(self, priority, audible):
        self.shown = (priority, audible)
        self.signals.append((self.now_us // 1000, priority, audible))

    def feed(self):
        self.fed += 1

    def leave(self):
        self.left = True
