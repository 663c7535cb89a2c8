"""The I2C bus: how long a transfer may take, and how it begins anew after one that failed.

A read of the encoder takes 0.16 ms, so it is given up after QUICK_US. A picture of the display takes 25 ms, so for as
long as one is sent the bus is given PATIENT_US.
"""

import time

from machine import I2C, Pin

from . import pins

FREQ_HZ = 400000
QUICK_US = 2000
PATIENT_US = 50000
_HALF_US = 5  # of a clock of 100 kHz


class Bus:
    """I2C0. `i2c`: there is only one on the Pico, and whoever kept it sees the new time-out."""

    def __init__(self):
        self.restart()

    def restart(self):
        """Begin anew, at power-on and after a transfer that failed: a block that gave one up does not do another."""
        _free()
        self.i2c = I2C(0, sda=Pin(pins.SDA), scl=Pin(pins.SCL), freq=FREQ_HZ, timeout=QUICK_US)

    def patient(self):
        """The transfers from now on may take as long as a picture."""
        self.i2c = I2C(0, freq=FREQ_HZ, timeout=PATIENT_US)

    def quick(self):
        """The transfers from now on are short."""
        self.i2c = I2C(0, freq=FREQ_HZ, timeout=QUICK_US)


def _free():
    """A part that was read when the Pico was reset waits for the rest of its clocks and holds SDA low: give them.

    Waits 0.1 ms at most.
    """
    data = Pin(pins.SDA, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)
    clock = Pin(pins.SCL, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)
    for _ in range(9):
        if data.value():
            return
        clock.value(0)
        time.sleep_us(_HALF_US)
        clock.value(1)
        time.sleep_us(_HALF_US)
