"""Light and sound of an alarm: the pulses of signals.py, played by a timer, without the firmware.

The timer's callback runs in the interrupt, so it plays on while the firmware hangs in a loop of its own, collects
garbage or waits. It rests only while the flash is erased or written, since nothing can run then: a pulse may come late
by that. The alarm ends with a reset, by the watchdog at the latest.
"""

import time

from machine import PWM, Pin, Timer

from .. import signals
from ..board import TICKS_MASK
from . import pins

TICK_MS = 50  # every change in signals.py is at a multiple of this
LONGEST_MS = 1 << 28  # three days: then the pulses begin anew, before the ticks wrap
LOUD = 32768  # half of each period: as loud as a piezo gets, and the same for every priority
QUIET_HZ = 1000  # of a PWM that is silent


class Signaller:
    """Three lights and a piezo."""

    def __init__(self):
        self._red = Pin(pins.RED, Pin.OUT, value=0)
        self._yellow = Pin(pins.YELLOW, Pin.OUT, value=0)
        self._cyan = Pin(pins.CYAN, Pin.OUT, value=0)
        self._piezo = PWM(Pin(pins.PIEZO), freq=QUIET_HZ, duty_u16=0)
        self._timer = Timer()
        self._priority = 0
        self._audible = False
        self._began_ms = 0
        self._colour = signals.DARK
        self._hertz = 0

    def signal(self, priority, audible):
        """Play this from now on; 0 is dark and silent."""
        self._timer.deinit()
        self._priority = priority
        self._audible = audible
        self._began_ms = time.ticks_ms()
        self._play(0)
        if priority:
            self._timer.init(mode=Timer.PERIODIC, period=TICK_MS, callback=self._tick, hard=True)

    def _tick(self, timer):
        # A tick comes at its time or late, and the clock cuts off its microseconds: take the nearest.
        since_ms = ((time.ticks_ms() - self._began_ms) & TICKS_MASK) + TICK_MS // 2
        if since_ms > LONGEST_MS:
            self._began_ms = time.ticks_ms()
            since_ms = 0
        self._play(since_ms - since_ms % TICK_MS)

    def _play(self, since_ms):
        colour = signals.light(self._priority, since_ms)
        if colour != self._colour:
            self._colour = colour
            self._red.value(colour == signals.RED)
            self._yellow.value(colour == signals.YELLOW)
            self._cyan.value(colour == signals.CYAN)
        hertz = signals.sound(self._priority, self._audible, since_ms)
        if hertz != self._hertz:
            self._hertz = hertz
            if hertz:
                self._piezo.freq(hertz)
            self._piezo.duty_u16(LOUD if hertz else 0)
