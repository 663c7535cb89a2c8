"""Decides how a test holds the emulated chip: power, time, pins, serial port and flash, on one thread.

The chip is an RP2040 of rp2040py 0.3.6 at 125 MHz that runs a real MicroPython image. Nothing goes on unless a test
lets it (`run`), and the same calls give the same cycles each time. The emulator's second core does not exist.
"""

from pathlib import Path

from rp2040py.clock.simulation_clock import SimulationClock
from rp2040py.device.bootrom import BOOTROM_B1
from rp2040py.device.load_flash import load_uf2
from rp2040py.execute_batch import execute_batch
from rp2040py.gpio_pin import GPIOPinState
from rp2040py.irq import IRQ
from rp2040py.memory_map import FLASH_START_ADDRESS
from rp2040py.rp2040 import RP2040
from rp2040py.utils.logging import ConsoleLogger, LogLevel

from .flash import FLASH_BYTES, Flash
from .pio import Pio
from .usb import Host

CYCLE_NS = 8  # 125 MHz, which the emulator cannot change
PINS = 30
PIO_BASES = (0x50200, 0x50300)  # where the emulator looks for the two blocks
ADC_FULL = 4095


class Fault(AssertionError):  # noqa: N818  (named after what happened)
    """The processor of the chip met an instruction that stops it."""


class _Rp2040(RP2040):
    """The emulated chip, whose own loop finds no PIO to drive: the clock drives ours."""

    blocks = ()
    hidden = False

    @property
    def pio(self):
        if self.hidden:
            self.hidden = False
            return ()
        return self.blocks

    @pio.setter
    def pio(self, blocks):
        self.blocks = blocks


class Chip:
    """An RP2040 with its flash and what is wired to it. Power comes when it is made; `cut_power` and `power_up` follow.

    `uf2`: path of a MicroPython image. `flash`: bytes that `flash_image` of another chip gave; then `uf2` is not read.
    `parts`: what is wired to it, see parts.py. `files`: put into its file system before power comes, name -> bytes.
    """

    def __init__(self, uf2=None, flash=None, parts=(), files=None):
        self.parts = list(parts)
        self.flash = Flash(self)
        self.outside = {}  # pin -> level that something outside drives
        self.adc = {}  # channel -> reading of 12 bits
        self.resets = []  # microseconds of each reset by the watchdog, machine.reset() included
        self._nanos = 0.0
        self.rp2040 = None
        if flash is None:
            image = _Rp2040()
            image.load_bootrom(BOOTROM_B1)
            load_uf2(Path(uf2), image)
            flash = bytes(image.flash[:FLASH_BYTES])
        self.flash.image = flash
        if files:
            self.flash.write_files(files)
        self.power_up()

    # Power

    def power_up(self):
        """Power comes: all is as after a power-on reset, and what is in the flash stayed."""
        assert self.rp2040 is None, "the chip has power already"
        clock = SimulationClock()
        clock.tick(self._nanos)  # time did not begin anew for the world around
        self.rp2040 = rp2040 = _Rp2040(clock)
        rp2040.logger = ConsoleLogger(LogLevel.ERROR)
        rp2040.load_bootrom(BOOTROM_B1)
        rp2040.flash[:FLASH_BYTES] = self.flash.image
        self.clock, self.stopped, self._reset_wanted, self._fault = clock, False, False, None
        rp2040.simulator = self  # the emulator asks it for `rp2040`, `clock` and `stopped`
        rp2040.on_break = self._on_break
        self._use_our_pio()
        self._watch_pins()
        rp2040.watchdog.on_watchdog_trigger = self._on_watchdog
        self.flash.attach()
        self.usb = Host(rp2040)
        self._stop_alarm = clock.create_alarm(self._stop)
        for channel, reading in self.adc.items():
            rp2040.adc.channel_values[channel] = reading
        for part in self.parts:
            part.attach(self)
        rp2040.core.pc = FLASH_START_ADDRESS

    def cut_power(self):
        """Power goes, between two instructions; flash keeps what it has, RAM and pins do not."""
        self.flash.image = self.flash_image()
        self._nanos = self.clock.nanos
        self.rp2040 = None

    def flash_image(self):
        """The flash as bytes, to look at or to give to another chip."""
        return self.flash.image if self.rp2040 is None else bytes(self.rp2040.flash[:FLASH_BYTES])

    def _use_our_pio(self):
        rp2040 = self.rp2040
        irqs = (IRQ.PIO0_IRQ0, IRQ.PIO1_IRQ0)
        rp2040.pio = [Pio(rp2040, f"PIO{index}", irq, index) for index, irq in enumerate(irqs)]
        rp2040.peripherals.update(zip(PIO_BASES, rp2040.pio, strict=True))

    def _on_break(self, code):
        self._fault = f"the processor stopped at {self.rp2040.core.pc:#x}, code {code}"
        self.stopped = True

    def _on_watchdog(self):
        self._reset_wanted = self.stopped = True

    def _reset(self):
        """What the watchdog does to the chip. On silicon it also stops counting by itself."""
        self._reset_wanted = False
        self.resets.append(self.now_us)
        watchdog = self.rp2040.watchdog
        self.rp2040.enter_reset(from_watchdog=True)
        watchdog._enable = watchdog.timer.enable = watchdog.alarm.enable = False
        self.rp2040.leave_reset()

    # Time

    @property
    def cycles(self):
        """Cycles of 8 ns since the first power-on; also what edges are stamped with."""
        return round((self._nanos if self.rp2040 is None else self.clock.nanos) / CYCLE_NS)

    @property
    def now_us(self):
        return (self._nanos if self.rp2040 is None else self.clock.nanos) / 1000

    def run(self, micros):
        """Let so many microseconds pass, or fewer if the power goes."""
        if self.rp2040 is None:
            self._nanos += micros * 1000
            return
        end_ns = self.clock.nanos + micros * 1000
        while self.rp2040 is not None and self.clock.nanos < end_ns:
            self._stop_alarm.schedule(end_ns - self.clock.nanos)
            self.stopped = False
            while not self.stopped:
                self.rp2040.hidden = True
                execute_batch(self, 1)
            if self._fault:
                raise Fault(self._fault)
            if self.flash.power_cut_due:
                self.flash.power_cut_due = False
                self.cut_power()
            elif self._reset_wanted:
                self._reset()

    def run_until(self, condition, limit_us, every_us=1000):
        """Run until `condition()` is true, looked at every so often. False: it was not within the limit."""
        end_us = self.now_us + limit_us
        while not condition():
            if self.now_us >= end_us:
                return False
            self.run(every_us)
        return True

    def _stop(self):
        self.stopped = True

    # Pins

    def level(self, pin):
        """The level at a pin, whoever drives it; a pull of the chip counts if nobody does."""
        value = self.rp2040.gpio[pin].value
        if value in (GPIOPinState.LOW, GPIOPinState.HIGH):
            return int(value == GPIOPinState.HIGH)
        return int(self.rp2040.gpio[pin]._effective_raw_input_value)

    def drive(self, pin, level):
        """Something outside holds a pin at 0 or 1, or lets go of it (None). While the chip drives it, the chip wins."""
        self.outside[pin] = level
        if self.rp2040 is not None:
            self._show_pad(pin)

    def on_edge(self, pin, listener):
        """Call `listener(cycle, level)` at each change of a pin, until the power goes."""
        self._listeners[pin].append(listener)

    def record(self, pin):
        """A list that grows by (cycle, level) at each change of a pin, until the power goes."""
        edges = []
        self.on_edge(pin, lambda cycle, level: edges.append((cycle, level)))
        return edges

    def set_adc(self, channel, reading):
        """What the converter reads on a channel: 0 to 3 are GP26 to GP29, 4 is the chip's temperature; 0 to 4095."""
        assert 0 <= reading <= ADC_FULL
        self.adc[channel] = reading
        if self.rp2040 is not None:
            self.rp2040.adc.channel_values[channel] = reading

    def _watch_pins(self):
        self._listeners = [[] for _ in range(PINS)]
        self._levels = [0] * PINS
        for pin in range(PINS):
            self.rp2040.gpio[pin].add_listener(lambda value, last, pin=pin: self._show_pad(pin))
            self._show_pad(pin)

    def _show_pad(self, pin):
        """The level at the pad is what the inputs of the chip see, an output's own level too, as on silicon."""
        gpio = self.rp2040.gpio[pin]
        value = gpio.value
        if value in (GPIOPinState.LOW, GPIOPinState.HIGH):
            gpio.set_input_value(value == GPIOPinState.HIGH)
        elif self.outside.get(pin) is not None:
            gpio.set_input_value(bool(self.outside[pin]))
        else:
            gpio.release_input()
        level = self.level(pin)
        if level != self._levels[pin]:
            self._levels[pin] = level
            for listener in self._listeners[pin]:
                listener(self.cycles, level)

    # Serial port

    def type(self, data):
        """Send bytes to the chip. They wait here until it takes them; none is lost."""
        self.usb.send(data)

    def read(self):
        """What the chip has sent since the last read."""
        return self.usb.take()

    def read_until(self, ending, limit_us=2_000_000):
        """Run until the chip has sent `ending`, and return all up to and with it. What it sends after it stays."""
        if not self.run_until(lambda: ending in self.usb.received, limit_us):
            raise AssertionError(f"{ending!r} did not come within {limit_us} us, only {bytes(self.usb.received)!r}")
        return self.usb.take(self.usb.received.index(ending) + len(ending))
