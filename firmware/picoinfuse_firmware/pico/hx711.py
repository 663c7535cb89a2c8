# ruff: noqa: F821  (the words of the PIO assembler are there when rp2 reads them)
"""Load cell: the HX711 is read by a state machine, turned into millinewton, and silent when nothing came in time.

The state machine waits for DATA to fall, clocks 24 bits out at 5 us each, and a 25th, which chooses channel A and a
gain of 128 for the next conversion. No interrupt can hold the clock high for the 60 us that switch the HX711 off.
During the 25th DATA has to be high again: a line that is short to ground gives words without that, no readings.

Nobody has to wait: up to eight words queue up and the last one counts. While nobody looks, the oldest eight stay, so
the board looks in every poll.
"""

import time

import rp2
from machine import Pin

from ..board import TICKS_MASK
from . import pins

MACHINE = 4  # the first of the second PIO block; the motor has the first block
SILENT_MS = 500  # at 10 readings a second five in a row did not come
WORDS = 8  # of the queue
LOWEST = -0x800000  # the ends of 24 bits: the amplifier is saturated, or a wire of the cell is off
HIGHEST = 0x7FFFFF


@rp2.asm_pio(sideset_init=rp2.PIO.OUT_LOW, fifo_join=rp2.PIO.JOIN_RX)
def _read():
    wrap_target()
    wait(0, pin, 0).side(0)
    set(x, 23).side(0)
    label("bit")
    nop().side(1)[1]
    in_(pins, 1).side(1)
    jmp(x_dec, "bit").side(0)[1]
    nop().side(1)[1]
    in_(pins, 1).side(1)
    push(noblock).side(0)[1]
    wrap()


def counts_of(word):
    """Return the signed counts of a word of 25 bits, or None if it is no reading."""
    if not word & 1:
        return None
    counts = word >> 1
    return counts - 0x1000000 if counts > HIGHEST else counts


def millinewton(counts, config):
    """Return counts as a force, floored; an end of the 24 bits as the end of the range, which is no reading.

    Of counts times 1000 only what is left of a whole newton is made, so that nothing here passes 31 bits.
    """
    if counts >= HIGHEST or counts <= LOWEST:
        pressed = (counts > 0) == (config.force_counts_per_n > 0)
        # A range that begins at 0 may be rested on: then the other end says it.
        return config.force_max_mn if pressed or config.force_min_mn >= 0 else config.force_min_mn
    counts -= config.force_zero_counts
    per_n = config.force_counts_per_n
    newton = counts // per_n
    return newton * 1000 + (counts - newton * per_n) * 1000 // per_n


class Hx711:
    """The cell of a Config. `counts` are of the last reading."""

    def __init__(self, config):
        self._config = config
        data = Pin(pins.HX711_DATA, Pin.IN, Pin.PULL_UP)
        clock = Pin(pins.HX711_CLOCK, Pin.OUT, value=0)
        self._machine = rp2.StateMachine(MACHINE, _read, freq=1000000, in_base=data, sideset_base=clock)
        self._machine.active(1)
        self._read_ms = time.ticks_ms()
        self._mn = 0
        self.counts = None  # there was none yet

    def look(self):
        """Take what has come since the last look."""
        machine = self._machine
        word = -1
        left = machine.rx_fifo()
        if not left:
            return
        while left and left <= WORDS:
            word = machine.get()
            left -= 1
        counts = counts_of(word)
        if counts is None:
            return
        self._read_ms = time.ticks_ms()
        if counts != self.counts:
            self.counts = counts
            self._mn = millinewton(counts, self._config)

    def force_mn(self):
        """Return the newest force in millinewton; what it was last while there is none."""
        self.look()
        return self._mn

    def silent(self):
        """Return whether no reading came within SILENT_MS, or ever."""
        self.look()
        return self.counts is None or (time.ticks_ms() - self._read_ms) & TICKS_MASK > SILENT_MS
