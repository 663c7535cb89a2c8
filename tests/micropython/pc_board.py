"""The pump on MicroPython on a PC, in real time: the Pico's own start, loop and wire around the toy board."""

import gc
import time

gc.threshold(16384)  # collect while importing: without it, garbage of the compiler cuts a small heap into pieces

from picoinfuse_firmware.pico import main, wire
from toy_board import ToyBoard

BARREL_UM = 26700
FRICTION_MN = 5000
FLASH = {}  # survives each run, as the flash of a Pico survives a restart


class PcBoard(ToyBoard):
    """Reads and writes without ever blocking; only `idle` waits."""

    def __init__(self, its_wire):
        super().__init__(BARREL_UM, FRICTION_MN, FLASH)
        self._us = 0
        self._ticks = time.ticks_us()
        self.read = its_wire.read
        self.write = its_wire.write
        self.idle = its_wire.wait

    def now_us(self):
        ticks = time.ticks_us()
        self._us += time.ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        return self._us


def run(clamp_after_steps=-1):
    """Start as a Pico does; the terminal is the wire. Returns when the firmware is left, or at once to the prompt."""

    def make(watchdog, cause, problem):
        console = wire.console()
        board = PcBoard(console)
        board.clamp_after_steps = clamp_after_steps
        board.problem = problem
        board.reset_cause = lambda: cause
        board.feed = watchdog.feed
        return board, console

    main.run(make)
