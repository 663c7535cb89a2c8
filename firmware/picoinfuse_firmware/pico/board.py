"""The Pico as a Board: which part answers which verb of the seam, and what is done in the time that a poll leaves.

A verb that only hands on is the part's own method, so that it costs no second call. What is not fitted is not built,
and its pins stay as they are in reset.
"""

import os
import time

from ..board import (
    AIR_DETECTOR,
    BATTERY,
    COVER_SWITCH,
    ENCODER,
    END_SWITCH,
    FORCE,
    KEYS,
    MAINS_SENSE,
    RESET_POWER,
    SENSORS,
    SYRINGE_SWITCH,
    THERMOMETER,
    TICKS_MASK,
    Board,
)
from . import blinker
from .as5600 import TURN, As5600
from .bus import Bus
from .hx711 import Hx711
from .senses import Battery, EndSwitch, Keys, Switches, Thermometer
from .signaller import Signaller

TIDY_EVERY = 64  # times that the board idled, some seconds: then it is looked whether a sector can be erased ahead
SETTLE_MS = 800  # so long the first readings may take at power-on: 400 ms are an HX711's own
FORCE_BIT = 1 << SENSORS.index(FORCE)
ENCODER_BIT = 1 << SENSORS.index(ENCODER)


def _lines(file):
    """Yield the lines of a file, and close it."""
    with file:
        yield from file


class PicoBoard(Board):
    """A Board of a Config and the parts that main.py has made.

    stepper: the verbs of motion; it stands. store: save, load, log, logged, log_range, journal_id, prepare. wire: read,
    write, wait. watchdog: an object with feed, or None. cause: for reset_cause. problem: why this board must not
    infuse, or "". Waits up to SETTLE_MS for the first readings. Whatever else the board can do (leave, health) is given
    to it by main.py.
    """

    def __init__(self, config, stepper, store, wire, watchdog=None, cause=RESET_POWER, problem=""):
        self.config = config
        self.has = has = config.has()
        self.problem = problem
        self._cause = cause
        self.ticks_ms = time.ticks_ms
        for verb in ("move", "room", "halt", "steps", "steps_forward", "steps_reverse"):
            setattr(self, verb, getattr(stepper, verb))
        for verb in ("save", "load", "log", "logged", "log_range", "journal_id"):
            setattr(self, verb, getattr(store, verb))
        self._prepare = store.prepare
        self._standing = stepper.room()  # so many runs fit while the motor stands
        self._idled = 0
        self.read = wire.read
        self.write = wire.write
        self._wait = wire.wait
        if watchdog is not None:
            self.feed = watchdog.feed
        self.signaller = Signaller()
        self.signal = self.signaller.signal
        self.blinker = blinker.start()
        self._cell = self._turns = self._display = None
        self._build(config, has)
        self._settle()

    def _build(self, config, has):
        bus = Bus() if ENCODER in has or config.has_display else None
        if FORCE in has:
            self._cell = Hx711(config)
            self.force_mn = self._cell.force_mn
        if ENCODER in has:
            self._turns = As5600(bus)
            self.encoder = self._turns.encoder
        if END_SWITCH in has:
            self.at_end = EndSwitch().at_end
        if SYRINGE_SWITCH in has or COVER_SWITCH in has or AIR_DETECTOR in has or MAINS_SENSE in has:
            self.switches = Switches(has).switches
        if BATTERY in has:
            self.battery_mv = Battery(config).battery_mv
        if THERMOMETER in has:
            self.temperature_mc = Thermometer().temperature_mc
        if KEYS in has:
            self.keys = Keys().keys
        if config.has_display:
            from .display import Display  # only a pump with a display has it in its memory

            self._display = Display(bus)
            self.shows = True
            self.show = self._display.show

    def _settle(self):
        """Wait until every fitted sensor has answered, or for as long as one may take."""
        begun_ms = time.ticks_ms()
        while self.silent() and (time.ticks_ms() - begun_ms) & TICKS_MASK < SETTLE_MS:
            time.sleep_ms(10)

    def silent(self):
        """Return the bits of what does not answer: only load cell and encoder can be silent."""
        bits = 0
        if self._cell is not None and self._cell.silent():
            bits = FORCE_BIT
        if self._turns is not None and self._turns.silent():
            bits |= ENCODER_BIT
        return bits

    def angle(self):
        """Return where the screw stands within its turn, or None if that is not known.

        An encoder that is not on the screw itself (another number of counts in a turn) does not know it.
        """
        turns = self._turns
        if turns is None or turns.silent() or self.config.encoder_counts_per_turn != TURN:
            return None
        return turns.angle

    def text(self, name):
        """Return the lines of a text file in the root of the flash, or None."""
        try:
            file = open("/%s.txt" % name)
        except OSError:
            return None
        return _lines(file)

    def entropy(self):
        """Return what the chip has of chance."""
        return os.urandom(16)

    def reset_cause(self):
        """Return why the board started."""
        return self._cause

    def idle(self, ms):
        """Look at what must be looked at often, draw if there is the time, and spend what is left of `ms` on the wire.

        While the motor stands the journal is made ready for the next infusion: an erase takes 45 ms, at worst 400.
        """
        begun_ms = time.ticks_ms()
        if self._cell is not None:
            self._cell.look()
        if self._turns is not None:
            self._turns.look()
        if self._display is not None:
            self._display.draw(ms)
        self._idled += 1
        if self._idled >= TIDY_EVERY and self.room() == self._standing and not self._prepare():
            self._idled = 0
        left_ms = ms - ((time.ticks_ms() - begun_ms) & TICKS_MASK)
        self._wait(left_ms if left_ms > 0 else 0)
