"""A stand-in for MicroPython's `machine` and `rp2`, small and honest, so that files of pico/ run on CPython.

It models: which pin was set up how and which level it was given; inputs whose level a test says (`World.levels`), with
their interrupts; the ADC's value; timers that ring when the test's clock passes their time; PWM's frequency and duty;
one I2C bus with parts that a test puts on it; the PIO assembler for the words that are used here, and a state machine's
queue, which the test fills.

It does not model: what a state machine does (tests run the assembled program in `pioemu`), electrical levels between
two outputs, how long anything takes (an I2C transfer, a callback), interrupts that come in the midst of a statement,
and heap that is locked in an interrupt (a test on the MicroPython VM does that).
"""

import importlib
import sys
import time
import types

PARTS = ("hx711", "blinker", "as5600", "bus", "senses", "signaller", "display", "board")


class World:
    """What a test sees and sets."""

    def __init__(self):
        self.now_ms = (1 << 30) - 700  # the ticks wrap in every test that lasts a second
        self.pins = {}  # gpio -> what it was set up as last: (mode, pull, first level)
        self.levels = {}  # gpio -> level, of inputs as the test says, of outputs as they were set
        self.irqs = {}  # gpio -> (handler, trigger, hard)
        self.adc = {}  # channel -> 0 to 65535
        self.timers = []
        self.pwm = None
        self.parts = {}  # address -> a part with registers or `written`
        self.i2c_timeouts = []
        self.bus_hangs = False
        self.machines = {}  # number -> StateMachine

    def wait(self, ms):
        """Let time pass, and let timers ring."""
        for _ in range(ms):
            self.now_ms = self.now_ms + 1 & (1 << 30) - 1
            for timer in self.timers:
                if timer.period and timer.left == 1:
                    timer.left = timer.period
                    timer.callback(timer)
                elif timer.period:
                    timer.left -= 1

    def set(self, gpio, level):
        """The outside pulls an input to this level."""
        before = self.levels.get(gpio, 0)
        self.levels[gpio] = level
        if gpio in self.irqs and level > before:
            self.irqs[gpio][0](None)


def modules(world):
    """Return (machine, rp2) of this world."""

    class Pin:
        IN, OUT, OPEN_DRAIN, PULL_UP, PULL_DOWN, IRQ_RISING, IRQ_FALLING = 0, 1, 2, 1, 2, 8, 4

        def __init__(self, gpio, mode=None, pull=None, value=None):
            self.gpio = gpio
            if mode is not None:
                world.pins[gpio] = (mode, pull, value)
                if mode == self.OUT:
                    world.levels[gpio] = value or 0
                elif pull == self.PULL_UP:
                    world.levels.setdefault(gpio, 1)

        def value(self, level=None):
            if level is None:
                return world.levels.get(self.gpio, 0)
            world.levels[self.gpio] = int(level)
            return None

        def irq(self, handler, trigger, hard=False):
            world.irqs[self.gpio] = (handler, trigger, hard)

    class ADC:
        CORE_TEMP = 4

        def __init__(self, channel):
            self._channel = channel
            if channel != self.CORE_TEMP:
                world.pins[channel] = ("analog", None, None)

        def read_u16(self):
            return world.adc[self._channel]

    class Timer:
        ONE_SHOT, PERIODIC = 0, 1

        def __init__(self):
            self.period = 0
            world.timers.append(self)

        def init(self, mode, period, callback, hard=False):
            assert mode == self.PERIODIC
            assert hard, "a soft callback waits for the interpreter"
            self.period, self.left, self.callback = period, period, callback

        def deinit(self):
            self.period = 0

    class PWM:
        def __init__(self, pin, freq, duty_u16):
            world.pins[pin.gpio] = ("pwm", None, duty_u16)
            world.pwm = self
            self.hertz, self.duty = freq, duty_u16

        def freq(self, hertz):
            self.hertz = hertz

        def duty_u16(self, duty):
            self.duty = duty

    class I2C:
        one = None

        def __new__(cls, number, sda=None, scl=None, freq=0, timeout=0):
            cls.one = cls.one or object.__new__(cls)  # as on the Pico there is only one
            for pin in (sda, scl):
                if pin is not None:
                    world.pins[pin.gpio] = ("i2c", Pin.PULL_UP, None)
            world.i2c_timeouts.append(timeout)
            return cls.one

        def _part(self, address):
            if world.bus_hangs:
                raise OSError(110, "ETIMEDOUT")
            if address not in world.parts:
                raise OSError(5, "EIO")
            return world.parts[address]

        def readfrom_mem_into(self, address, register, buffer):
            part = self._part(address)
            for i in range(len(buffer)):
                buffer[i] = part[register + i]

        def writeto(self, address, data):
            self._part(address).append(bytes(data))

    class StateMachine:
        def __init__(self, number, program, freq, in_base=None, set_base=None, sideset_base=None):
            self.program, self.freq = program, freq
            self.in_base, self.set_base, self.sideset_base = in_base, set_base, sideset_base
            self.runs = False
            self.words = []
            for pin, init in ((set_base, program.set_init), (sideset_base, program.sideset_init)):
                if pin is not None:
                    world.pins[pin.gpio] = ("pio", None, 0 if init == PIO.OUT_LOW else 1)
            world.machines[number] = self

        def active(self, on):
            self.runs = bool(on)

        def rx_fifo(self):
            return len(self.words)

        def get(self):
            return self.words.pop(0)

    class PIO:
        OUT_LOW, OUT_HIGH, JOIN_NONE, JOIN_RX = 2, 3, 0, 2

    machine = types.ModuleType("machine")
    machine.Pin, machine.ADC, machine.Timer, machine.PWM, machine.I2C = Pin, ADC, Timer, PWM, I2C
    rp2 = types.ModuleType("rp2")
    rp2.PIO, rp2.StateMachine, rp2.asm_pio = PIO, StateMachine, asm_pio
    return machine, rp2


class Program:
    """Opcodes of the RP2040, after its data sheet, section 3.4; only for the words that the programs here use."""

    def __init__(self, set_init=None, sideset_init=None, fifo_join=0):
        self.set_init, self.sideset_init, self.fifo_join = set_init, sideset_init, fifo_join
        self.opcodes = []
        self.wrap_target_at = self.wrap_at = 0
        self._labels = {}
        self._jumps = []

    def emit(self, word):
        self.opcodes.append(word)
        return self

    def __getitem__(self, delay):
        assert delay < (16 if self.sideset_init is not None else 32)
        self.opcodes[-1] |= delay << 8
        return self

    def side(self, level):
        self.opcodes[-1] |= level << 12
        return self

    def words(self):
        def wrap_target():
            self.wrap_target_at = len(self.opcodes)

        def wrap():
            self.wrap_at = len(self.opcodes) - 1

        def label(name):
            self._labels[name] = len(self.opcodes)

        def jmp(condition, name):
            self._jumps.append((len(self.opcodes), name))
            return self.emit(condition << 5)

        return {
            "wrap_target": wrap_target,
            "wrap": wrap,
            "label": label,
            "jmp": jmp,
            "nop": lambda: self.emit(0xA042),
            "wait": lambda level, source, index: self.emit(0x2000 | level << 7 | 1 << 5 | index),
            "set": lambda target, value: self.emit(0xE000 | {"pins": 0, "x": 1, "y": 2}[target] << 5 | value),
            "in_": lambda source, count: self.emit(0x4000 | 0 << 5 | count),
            "push": lambda how: self.emit(0x8000),
            "x_dec": 2,
            "y_dec": 4,
            "pins": "pins",
            "x": "x",
            "y": "y",
            "pin": "pin",
            "noblock": "noblock",
        }

    def finish(self):
        for at, name in self._jumps:
            self.opcodes[at] |= self._labels[name]
        assert len(self.opcodes) <= 32
        return self


def asm_pio(**options):
    def assemble(function):
        program = Program(**options)
        space = program.words()
        exec(function.__code__, space)
        return program.finish()

    return assemble


def forget(names):
    """Take modules of pico/ away, so that the next test imports them for its own world."""
    package = importlib.import_module("picoinfuse_firmware.pico")
    for name in names:
        sys.modules.pop(f"{package.__name__}.{name}", None)
        if hasattr(package, name):
            delattr(package, name)


def install(monkeypatch):
    """Put a new world in the place of the hardware and return the modules of pico/, freshly imported, with `world`."""
    world = World()
    machine, rp2 = modules(world)
    monkeypatch.setitem(sys.modules, "machine", machine)
    monkeypatch.setitem(sys.modules, "rp2", rp2)
    monkeypatch.setattr(time, "ticks_ms", lambda: world.now_ms, raising=False)
    monkeypatch.setattr(time, "sleep_ms", world.wait, raising=False)
    monkeypatch.setattr(time, "sleep_us", lambda us: None, raising=False)
    forget(PARTS)
    found = types.SimpleNamespace(world=world, machine=machine, rp2=rp2)
    for name in PARTS:
        setattr(found, name, importlib.import_module(f"picoinfuse_firmware.pico.{name}"))
    return found
