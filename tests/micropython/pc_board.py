"""The pump on MicroPython on a PC, in real time: the toy board with the PC's clock, and the terminal as its wire."""

import gc
import select
import sys
import time

import micropython

gc.threshold(16384)  # collect while importing: without it, garbage of the compiler cuts a small heap into pieces

from picoinfuse_firmware.controller import Controller
from toy_board import RX_AT_ONCE, ToyBoard

BARREL_UM = 26700
FRICTION_MN = 5000


class PcBoard(ToyBoard):
    """Reads and writes without ever blocking; only `idle` waits."""

    def __init__(self):
        super().__init__(BARREL_UM, FRICTION_MN)
        self._us = 0
        self._ticks = time.ticks_us()
        self._in = select.poll()
        self._in.register(sys.stdin, select.POLLIN)
        self._out = select.poll()
        self._out.register(sys.stdout, select.POLLOUT)

    def now_us(self):
        ticks = time.ticks_us()
        self._us += time.ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        return self._us

    def read(self):
        data = bytearray()
        while len(data) < RX_AT_ONCE and self._in.poll(0):
            byte = sys.stdin.buffer.read(1)
            if not byte:
                break
            data += byte
        return bytes(data)

    def write(self, data):
        sent = 0
        while sent < len(data) and self._out.poll(0):
            sent += sys.stdout.buffer.write(data[sent : sent + 1])
        return sent

    def idle(self, ms):
        time.sleep_ms(ms)


def run(clamp_after_steps=-1, seconds=60):
    """Pump until `seconds` are over; the terminal is the wire's, so Ctrl-C is data like any other byte."""
    micropython.kbd_intr(-1)
    board = PcBoard()
    board.clamp_after_steps = clamp_after_steps
    controller = Controller(board)
    end = board.now_us() + seconds * 1000000
    while board.now_us() < end:
        board.idle(controller.poll())
