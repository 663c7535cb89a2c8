"""Runs the readings of pico/ on the MicroPython VM with stand-in hardware and prints what 100 calls of each allocate.

Interrupts run with the heap locked, as on the Pico, so a callback that allocates raises MemoryError here.
"""

import gc
import sys

gc.threshold(16384)
sys.path.insert(0, sys.argv[1])

import micropython


class Pin:
    IN = OPEN_DRAIN = OUT = PULL_UP = IRQ_RISING = 1

    def __init__(self, gpio, mode=None, pull=None, value=None):
        self.level = 0

    def value(self, level=None):
        if level is None:
            return self.level
        self.level = level
        return None

    def irq(self, handler, trigger, hard):
        pass


class ADC:
    CORE_TEMP = 4

    def __init__(self, channel):
        pass

    def read_u16(self):
        return 14016


class Timer:
    PERIODIC = 1

    def init(self, mode, period, callback, hard):
        self.callback = callback

    def deinit(self):
        pass


class PWM:
    def __init__(self, pin, freq, duty_u16):
        pass

    def freq(self, hertz):
        pass

    def duty_u16(self, duty):
        pass


class I2C:
    def __init__(self, number, sda=None, scl=None, freq=0, timeout=0):
        self.angle = 0

    def readfrom_mem_into(self, address, register, buffer):
        self.angle = (self.angle + 100) & 4095
        buffer[0] = 0x20
        buffer[1] = self.angle >> 8
        buffer[2] = self.angle & 255


class StateMachine:
    def __init__(self, *given, **named):
        self.left = 0
        self.word = 1

    def active(self, on):
        pass

    def rx_fifo(self):
        return self.left

    def get(self):
        self.left -= 1
        self.word += 2468
        return self.word


class PIO:
    OUT_LOW = JOIN_RX = 0


def asm_pio(**options):
    return lambda function: function


class Module:
    """MicroPython has no way to make a module; any object does."""


machine, rp2 = Module(), Module()
machine.Pin, machine.ADC, machine.Timer, machine.PWM, machine.I2C = Pin, ADC, Timer, PWM, I2C
rp2.StateMachine, rp2.PIO, rp2.asm_pio = StateMachine, PIO, asm_pio
sys.modules["machine"] = machine
sys.modules["rp2"] = rp2

from picoinfuse_firmware.pico.as5600 import As5600
from picoinfuse_firmware.pico.bus import Bus
from picoinfuse_firmware.pico.hx711 import Hx711
from picoinfuse_firmware.pico.senses import Battery, EndSwitch, Keys, Switches, Thermometer
from picoinfuse_firmware.pico.signaller import Signaller


class Config:
    force_zero_counts = 1234
    force_counts_per_n = 10949
    force_min_mn = -50000
    force_max_mn = 196000
    battery_divider_milli = 4000


cell = Hx711(Config)
encoder = As5600(Bus())
switches = Switches(("syringe_switch", "cover_switch", "air_detector", "mains_sense"))
end = EndSwitch()
keys = Keys()
battery = Battery(Config)
thermometer = Thermometer()
signaller = Signaller()
signaller.signal(3, True)


def force():
    cell._machine.left = 3
    cell.force_mn()
    cell.silent()


def turns():
    encoder._wait_ms = 0
    encoder.encoder()
    encoder.silent()


def tick():
    micropython.heap_lock()
    signaller._began_ms = (signaller._began_ms - 50) & 0x3FFFFFFF
    signaller._tick(None)
    micropython.heap_unlock()


def sample():
    micropython.heap_lock()
    keys._start.level ^= 1
    keys._look(None)
    keys._look(None)
    switches._came(None)
    micropython.heap_unlock()


def measured(name, call):
    call()
    gc.collect()
    gc.disable()  # what was allocated stays until it is counted
    before = gc.mem_alloc()
    for _ in range(100):
        call()
    after = gc.mem_alloc()
    gc.enable()
    print(name, after - before)


for name, call in (
    ("force", force),
    ("encoder", turns),
    ("switches", switches.switches),
    ("end", end.at_end),
    ("keys", keys.keys),
    ("battery", battery.battery_mv),
    ("thermometer", thermometer.temperature_mc),
    ("signal", tick),
    ("sample", sample),
):
    measured(name, call)
