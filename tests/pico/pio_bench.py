"""A stand-in for the Pico's registers, clock and pins: both PIO programs run in lock step on rp2040-pio-emulator.

One cycle of the maker is one microsecond of `now`. Each call that the firmware makes of machine, rp2 and time takes
`cost` microseconds, at whose end it takes effect. What pioemu lacks is added here: the pads are read back, a queue
holds eight words, a machine can be stopped, restarted and given an instruction from outside.

Not modelled, left to the emulated chip and to silicon: how long Python really takes, interrupts and flash; the phase
between clock and maker (below one microsecond); the two cycles of the input synchroniser; ringing edges; the clock
divider of the counter, which here runs as slowly as the maker, the harder case.
"""

import importlib
import sys
import types
from collections import deque
from dataclasses import replace

from pioemu import ShiftRegister, State, emulate

STEP, DIR, ENABLE = 2, 3, 4
MASK = (1 << 30) - 1
WORD = (1 << 32) - 1
FIFO = 8
OFFSET = 7  # where a program lands in the memory of its block: not at 0, since another one may be there
WAIT, JMP_X_DEC = 1, 2
SHIFTCTRL, ADDR = 0x08, 0x0C  # within the registers of a machine


class Program:
    """What the decorator of rp2 makes of a function: opcodes, and what the machine has to be told."""

    # Conditions and sources by number, RP2040 data sheet 3.4.
    WORDS = {"pins": 0, "x": 1, "y": 2, "isr": 6, "osr": 7, "x_dec": 2, "y_dec": 4}  # noqa: RUF012

    def __init__(self, function, options):
        self.options = options
        self.side_bits = 1 if "sideset_init" in options else 0
        self.labels = {}
        for self.known in (False, True):
            self.opcodes = []
            types.FunctionType(function.__code__, {**self.WORDS, "pin": None, **self.instructions()})()

    def instructions(self):
        names = ("pull", "push", "out", "in_", "mov", "jmp", "wait", "label", "wrap_target", "wrap")
        return {name: getattr(self, name) for name in names}

    def word(self, opcode):
        self.opcodes.append(opcode)
        return self

    def side(self, level):
        self.opcodes[-1] |= level << 13 - self.side_bits
        return self

    def __getitem__(self, delay):
        self.opcodes[-1] |= delay << 8
        return self

    def label(self, name):
        self.labels[name] = len(self.opcodes)

    def jmp(self, condition, label=None):
        if label is None:
            condition, label = 0, condition
        if condition is None:
            condition = 6  # `pin`, which is another number here than in `wait`
        return self.word(condition << 5 | (self.labels[label] if self.known else 0))

    def wait(self, level, _pin, index):
        return self.word(0x2000 | level << 7 | 1 << 5 | index)

    def pull(self):
        return self.word(0x80A0)

    def push(self):
        return self.word(0x8020)

    def out(self, where, bits):
        return self.word(0x6000 | where << 5 | bits)

    def in_(self, source, bits):
        return self.word(0x4000 | source << 5 | bits)

    def mov(self, to, source):
        return self.word(0xA000 | to << 5 | source)

    def wrap_target(self):
        assert not self.opcodes, "pads on the whole program only"

    def wrap(self):
        self.length = len(self.opcodes)


class Machine:
    """One state machine: rp2.StateMachine to the firmware, `cycle` to the bench."""

    def __init__(self, bench, number, program, freq, **pins):
        bench.spend("init")
        self.bench, self.number, self.program, self.freq, self.pins = bench, number, program, freq, pins
        base = pins.get("in_base")
        self.rotate = base.number if base else 0
        side = pins.get("sideset_base")
        self.settings = {
            "stop_when": lambda opcode, state: False,
            "input_source": self.inputs,
            "shift_osr_right": program.options.get("out_shiftdir") == 1,
            "shift_isr_right": False,
            "out_base": pins["out_base"].number if "out_base" in pins else 0,
            "out_count": 1,
            "side_set_base": side.number if side else 0,
            "side_set_count": program.side_bits,
            "jmp_pin": (pins["jmp_pin"].number - self.rotate) % 32 if "jmp_pin" in pins else 0,
            "wrap_top": program.length - 1,
        }
        self.enabled = False
        self.joined = program.options.get("fifo_join", 0) << 30
        self.left = 0  # of a delay that was running when it was stopped
        x, y = bench.registers  # they begin with anything
        self.state = State(x_register=x, y_register=y, pin_directions=(1 << STEP | 1 << DIR) if side else 0)
        self.go_on(self.state)
        bench.machines.append(self)

    def inputs(self, state: State) -> int:
        pads = self.bench.pads
        return (pads >> self.rotate | pads << 32 - self.rotate) & WORD

    def go_on(self, state):
        """Let the emulator go on from another state than the one it came to."""
        self.state = state
        self.run = emulate(self.program.opcodes, initial_state=state, **self.settings)

    def cycle(self):
        if self.state.clock < self.bench.now:  # it slept
            self.go_on(replace(self.state, clock=self.bench.now))
        before = self.state.program_counter
        self.state = next(self.run)[1]
        opcode = self.program.opcodes[before]
        stuck = opcode >> 13 == WAIT or opcode & 0xE080 == 0x8080
        self.asleep = stuck and self.state.program_counter == before

    asleep = False

    # --- what rp2.StateMachine does ---------------------------------------------------------------------------------

    def active(self, on):
        self.bench.spend("active")
        if on and not self.enabled:
            self.go_on(replace(self.state, clock=self.bench.now + self.left))
        elif not on and self.enabled:
            self.left = max(0, self.state.clock - self.bench.now)
        self.enabled, self.asleep = bool(on), False

    def restart(self):
        self.bench.spend("restart")
        low = self.state.pin_values & ~(self.program.side_bits << self.settings["side_set_base"])
        self.left = 0
        self.go_on(
            replace(
                self.state,
                program_counter=0,
                clock=self.bench.now,
                pin_values=low,
                input_shift_register=ShiftRegister(0, 0),
                output_shift_register=ShiftRegister(self.state.output_shift_register.contents, 32),
            )
        )
        self.bench.look_at_pads()

    def exec(self, opcode):
        self.bench.spend("exec")
        state, self.asleep = self.state, False
        settings = {**self.settings, "wrap_top": 0}
        done = next(emulate([opcode], initial_state=replace(state, program_counter=0), **settings))[1]
        self.go_on(replace(done, program_counter=state.program_counter, clock=state.clock))
        self.bench.look_at_pads()

    def put(self, word):
        self.bench.spend("put")
        assert len(self.state.transmit_fifo) < FIFO, "a Pico would wait here for ever"
        self.state.transmit_fifo.append(word & WORD)
        self.asleep = False

    def get(self):
        self.bench.spend("get")
        word = self.state.receive_fifo[0]  # an empty one would wait for ever
        self.go_on(replace(self.state, receive_fifo=deque(list(self.state.receive_fifo)[1:])))
        return word

    def tx_fifo(self):
        self.bench.spend("tx_fifo")
        return len(self.state.transmit_fifo)


class Pin:
    """machine.Pin of one bench; see Bench.modules."""

    OUT = 1

    def __init__(self, bench, number, mode, value):
        assert mode == self.OUT
        self.bench, self.number = bench, number
        bench.levels[number] = value
        bench.history.append((number, value))

    def value(self, level):
        self.bench.spend("value")
        self.bench.levels[self.number] = level
        self.bench.history.append((self.number, level))


class Bench:
    """A clock, pins and machines; `stepper(...)` makes the firmware's Stepper upon them.

    ticks: what the microsecond clock shows at the beginning. hz: of the processor. cost(name): microseconds that a call
    takes. skip: False runs every cycle, also those in which nothing can happen. registers: x and y at power-on.
    """

    flushes = True  # whether a queue is emptied when it is joined, as the data sheet says

    def __init__(self, ticks=MASK - 5_000_000, hz=125_000_000, cost=None, skip=True, registers=(0xDEADBEEF, 5)):
        self.now, self.ticks, self.hz, self.skip = 0, ticks, hz, skip
        self.registers = registers
        self.cost = cost or self.assumed_cost
        self.machines, self.levels, self.history = [], {}, []
        self.pads = 0
        self.changes = []  # (now, pin, level) of STEP and DIR
        self.masked = False
        self.spending = False
        self.module = self.load()

    def assumed_cost(self, name):
        """Every call takes a microsecond, and a word is there PUT_US after the clock was read."""
        return self.module.PUT_US if name == "put" and self.clock_was_read else 1

    def load(self):
        """Import stepper.py upon this bench."""
        rp2 = types.ModuleType("rp2")
        rp2.PIO = types.SimpleNamespace(OUT_LOW=2, SHIFT_RIGHT=1, JOIN_TX=1)
        rp2.asm_pio = lambda **options: lambda function: Program(function, options)
        rp2.StateMachine = lambda *args, **pins: Machine(self, *args, **pins)
        machine = types.ModuleType("machine")
        machine.Pin = lambda *args, **kw: Pin(self, *args, **kw)
        machine.Pin.OUT = Pin.OUT
        machine.freq = lambda: self.hz
        machine.mem32 = self
        machine.disable_irq = self.disable_irq
        machine.enable_irq = self.enable_irq
        time = types.ModuleType("time")
        time.ticks_us = self.ticks_us
        time.ticks_add = lambda ticks, delta: ticks + delta & MASK
        time.ticks_diff = lambda end, start: ((end - start + (MASK + 1 >> 1)) & MASK) - (MASK + 1 >> 1)
        stand_ins = {"rp2": rp2, "machine": machine, "time": time}
        names = [f"picoinfuse_firmware.pico.{name}" for name in ("stepper", "stepper_program")]
        importlib.import_module("picoinfuse_firmware.board")
        before = {name: sys.modules.pop(name, None) for name in (*stand_ins, *names)}
        sys.modules.update(stand_ins)
        try:
            return importlib.import_module(names[0])
        finally:
            for name, module in before.items():
                sys.modules.pop(name, None)
                if module is not None:
                    sys.modules[name] = module

    def stepper(self, min_interval_us=20, **more):
        """Return a Stepper, after whose making no time has passed on the list of changes."""
        return self.module.Stepper(STEP, DIR, ENABLE, min_interval_us, **more)

    # --- what machine and time do -----------------------------------------------------------------------------------

    clock_was_read = False

    def spend(self, name):
        """The firmware has called something."""
        self.run(self.cost(name))
        self.clock_was_read = False

    def ticks_us(self):
        self.spend("ticks_us")
        self.clock_was_read = True
        return self.ticks_now()

    def ticks_now(self):
        return self.ticks + self.now & MASK

    def disable_irq(self):
        self.spend("irq")
        assert not self.masked
        self.masked = True
        return 1

    def enable_irq(self, state):
        assert state == 1
        assert self.masked
        self.masked = False

    def register(self, address):
        """Return the machine to which a register belongs, and which one it is."""
        self.spend("mem32")
        block, register = divmod(address - 0x50200000, 0x100000)
        number, register = divmod(register - 0xC8, 0x18)
        return next(m for m in self.machines if m.number == block * 4 + number), register

    def __getitem__(self, address):
        """machine.mem32: SMx_ADDR, and of SMx_SHIFTCTRL what joins the queues."""
        machine, register = self.register(address)
        assert register in (SHIFTCTRL, ADDR), f"{address:#x} is not modelled"
        return machine.joined if register == SHIFTCTRL else OFFSET + machine.state.program_counter

    def __setitem__(self, address, value):
        machine, register = self.register(address)
        assert register == SHIFTCTRL
        if value != machine.joined and self.flushes:
            machine.state.transmit_fifo.clear()
        machine.joined = value

    # --- time -------------------------------------------------------------------------------------------------------

    def run(self, us):
        """Let so many microseconds pass."""
        end = self.now + us
        while self.now < end:
            for machine in self.machines:
                if machine.enabled and not (machine.asleep and self.skip) and machine.state.clock <= self.now:
                    machine.cycle()
                    if machine.program.side_bits:
                        self.look_at_pads()
            self.now += 1
            if self.skip:
                self.jump(end)

    def look_at_pads(self):
        """What the maker drives is what the counter sees, and what a motor would."""
        pads = self.machines[0].state.pin_values
        for pin in (STEP, DIR):
            level = pads >> pin & 1
            if level != self.pads >> pin & 1:
                self.changes.append((self.now, pin, level))
                for machine in self.machines:
                    machine.asleep = machine.asleep and machine.program.side_bits
        self.pads = pads

    def jump(self, end):
        """Skip cycles in which the counter waits for an edge, and the maker waits or counts a wait down."""
        until = end
        for machine in self.machines:
            state = machine.state
            if not machine.enabled or machine.asleep:
                continue
            if state.clock > self.now:
                until = min(until, state.clock)
            elif machine.program.opcodes[state.program_counter] == JMP_X_DEC << 5 | state.program_counter:
                until = min(until, self.now + state.x_register)
            else:
                return
        skipped = until - self.now
        if skipped <= 0:
            return
        for machine in self.machines:
            state = machine.state
            if machine.enabled and not machine.asleep and state.clock <= self.now:
                machine.go_on(replace(state, x_register=state.x_register - skipped, clock=state.clock + skipped))
        self.now = until

    # --- what is looked at afterwards ---------------------------------------------------------------------------------

    def edges(self):
        """Return the times of the STEP edges, on the clock of the firmware but not wrapped."""
        return [self.ticks + at for at, pin, level in self.changes if pin == STEP and level]

    def directions(self):
        """Return the level of DIR at each STEP edge."""
        level, seen = 0, []
        for _, pin, value in self.changes:
            if pin == DIR:
                level = value
            elif value:
                seen.append(level)
        return seen

    def pulses(self):
        """Return how long each pulse was."""
        steps = [(at, level) for at, pin, level in self.changes if pin == STEP]
        return [low[0] - high[0] for high, low in zip(steps[::2], steps[1::2], strict=False)]

    def direction_margins(self):
        """Return how long DIR stood before a STEP edge, and how long after one, at the least; None: it never moved."""
        rises = [at for at, pin, level in self.changes if pin == STEP and level]
        turns = [at for at, pin, level in self.changes if pin == DIR]
        before = [min(rise - turn for rise in rises if rise >= turn) for turn in turns if turn <= rises[-1]]
        after = [min(turn - rise for rise in rises if rise <= turn) for turn in turns if turn >= rises[0]]
        return min(before, default=None), min(after, default=None)

    def step_level(self):
        return self.pads >> STEP & 1
