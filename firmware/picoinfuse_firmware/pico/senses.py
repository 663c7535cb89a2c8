"""Switches, air, keys, battery and thermometer: pins and the ADC of the Pico, each in the words of the seam.

None of them can be silent: a pin always has a level. That is why the wires are so that a broken one reads as the alarm
(pins.py). Lists of what is fitted decide which pins are touched at all.
"""

import time

from machine import ADC, Pin, Timer

from ..board import (
    AIR_DETECTOR,
    AIR_SEEN,
    COVER_OPEN,
    COVER_SWITCH,
    KEY_BOLUS,
    KEY_MUTE,
    KEY_START,
    MAINS_GONE,
    MAINS_SENSE,
    SYRINGE_OUT,
    SYRINGE_SWITCH,
    TICKS_MASK,
)
from . import pins

FULL_MV = 3300  # at the ADC's upper end: its reference is the 3.3 V of the Pico
FULL = 65535
# The thermometer of the RP2040: 706 mV at 27 degC, 1.721 mV less for each degree (its data sheet).
AT_27_UV = 706000
NV_PER_MC = 1721
UV_PER_1000 = 805861  # of the ADC's 12 bits: 3.3 V over 4095, times 1000
SAMPLE_MS = 10  # the keys are looked at so often ...
SAMPLES = 2  # ... and are down, or up, when they were for so many looks in a row
HELD_MS = 120  # a press, and that the key is up again, is told for at least so long: more than a poll
LATER = 8  # so many of these are told one after the other; whoever presses faster for longer is told less often


def _input(gpio):
    return Pin(gpio, Pin.IN, Pin.PULL_UP)


class EndSwitch:
    """Closed to ground until the plunger is at the end."""

    def __init__(self):
        self._pin = _input(pins.END)

    def at_end(self):
        """Return whether it is open."""
        return self._pin.value() == 1


class Switches:
    """Those of `has` that `Board.switches` tells of. A bubble is held until it is told, however short it was."""

    def __init__(self, has):
        self._syringe = _input(pins.SYRINGE) if SYRINGE_SWITCH in has else None
        self._cover = _input(pins.COVER) if COVER_SWITCH in has else None
        self._mains = _input(pins.MAINS) if MAINS_SENSE in has else None
        self._air = None
        self._passed = False
        if AIR_DETECTOR in has:
            self._air = _input(pins.AIR)
            # An edge also counts that came while an erase of the flash held the processor up.
            self._air.irq(handler=self._came, trigger=Pin.IRQ_RISING, hard=True)

    def _came(self, pin):
        self._passed = True

    def switches(self):
        """Return the bits, 0 for all is well."""
        bits = 0
        if self._syringe is not None and self._syringe.value():
            bits = SYRINGE_OUT
        if self._cover is not None and self._cover.value():
            bits |= COVER_OPEN
        if self._mains is not None and self._mains.value():
            bits |= MAINS_GONE
        if self._air is not None:
            passed = self._passed
            self._passed = False  # before the pin is read: an edge in between is told the next time
            if passed or self._air.value():
                bits |= AIR_SEEN
        return bits


class Keys:
    """Sampled by a timer, so that neither a bounce nor a spike is a press, and a short press is not missed.

    What follows soon is told later: the next change only when the one before was asked for, and has been told for
    HELD_MS. So a poll sees two presses as two, however late it comes. But for `_known`, only the timer's callback
    writes, in the interrupt.
    """

    def __init__(self):
        self._start = _input(pins.KEY_START)
        self._bolus = _input(pins.KEY_BOLUS)
        self._mute = _input(pins.KEY_MUTE)
        # Down at power-on counts at once: the self-test wants to know.
        self._level = self._seen = self._told = self._sample()
        self._same = 0  # looks in a row at what was seen
        self._since_ms = (time.ticks_ms() - HELD_MS) & TICKS_MASK  # of what is told
        self._known = -1  # what was asked for last
        self._later = bytearray(LATER)  # levels that are told next ...
        self._waiting = 0  # ... so many of them
        self._timer = Timer()
        self._timer.init(mode=Timer.PERIODIC, period=SAMPLE_MS, callback=self._look, hard=True)

    def _sample(self):
        bits = 0
        if not self._start.value():
            bits = KEY_START
        if not self._bolus.value():
            bits |= KEY_BOLUS
        if not self._mute.value():
            bits |= KEY_MUTE
        return bits

    def _look(self, timer):
        seen = self._sample()
        if seen != self._seen:
            self._seen = seen
            self._same = 1
        elif self._same < SAMPLES:
            self._same += 1
        if self._same >= SAMPLES and seen != self._level:
            self._level = seen
            if self._waiting < LATER:
                self._waiting += 1
            self._later[self._waiting - 1] = seen
        if self._waiting and self._known == self._told:
            now_ms = time.ticks_ms()
            if (now_ms - self._since_ms) & TICKS_MASK >= HELD_MS:
                self._since_ms = now_ms
                self._told = self._later[0]
                self._waiting -= 1
                for i in range(self._waiting):
                    self._later[i] = self._later[i + 1]

    def keys(self):
        """Return the bits of the keys that are down, or that were and could not be told yet."""
        told = self._known = self._told
        return told


class Battery:
    """Behind a divider: at the pin 1000 parts of battery_divider_milli."""

    def __init__(self, config):
        self._adc = ADC(pins.BATTERY)
        self._divider_milli = config.battery_divider_milli

    def battery_mv(self):
        """Return the battery's voltage."""
        return self._adc.read_u16() * FULL_MV // FULL * self._divider_milli // 1000


class Thermometer:
    """The one inside the RP2040."""

    def __init__(self):
        self._adc = ADC(ADC.CORE_TEMP)

    def temperature_mc(self):
        """Return the temperature of the chip in thousandths of a degree Celsius; one step of the ADC is 470 of them."""
        uv = (self._adc.read_u16() >> 4) * UV_PER_1000 // 1000
        return 27000 + (AT_27_UV - uv) * 1000 // NV_PER_MC
