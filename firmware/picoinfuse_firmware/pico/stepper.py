"""How a run becomes pulses at the pins of the driver, and how they are counted: by PIO, without Python in between.

Time: the first step of a run comes at its own absolute microsecond. If the motor stands, the wait is counted from now;
behind another run, from the last step of that one, as it was planned. So no error adds up.

Count: a second state machine watches STEP and DIR at their pads, also after a halt and across a reversal. What it has
counted is read in between its own instructions, which takes none of them away; so it never stops and never misses.

Direction: a run may reverse behind another one; DIR changes when the pulse of the last step is over.
"""

from time import ticks_add, ticks_diff, ticks_us

from machine import Pin, disable_irq, enable_irq, freq, mem32
from rp2 import StateMachine

from ..board import TICKS_MASK
from . import stepper_program as program

RUNS = 3  # the running one and two that wait
SHORTEST_US = 20  # between two steps: what was proven; a motor wants far more
LONGEST_US = 0xFFFFFFFF  # 71 minutes: one word. Nobody lays further ahead than a few seconds, so none is split
MOST_STEPS = 1 << 29  # of one run
PUT_US = 17  # from reading the clock to the third word being there: measured on the emulated chip, at 125 MHz
START_US = 150  # a run for a motor that stands begins so much after now, or later: the time that `move` needs for it
CLOSE_US = 200  # a run that ends so soon is waited for: it could end while the next one is being put
COUNTER_PART = 8  # the counter runs at an eighth of the clock: an edge that rings for 0.1 us is one edge
_PIO_BASE = 0x50200000  # RP2040 data sheet 2.2, RP2350 2.2.4: the blocks are 1 MB apart
_PIO_STRIDE = 0x100000
_SM_ADDR = 0xD4  # where the first machine of a block stands in its program ...
_SM_STRIDE = 0x18  # ... and the next one
_SM_SHIFTCTRL = 0xD0
_JOIN = 3 << 30  # bits of SHIFTCTRL


class Stepper:
    """Motion for one motor behind a STEP/DIR driver: move, room, halt and the counts, as the seam says.

    step, direction, enable: GPIO numbers; ENABLE low means on. motor_reversed: 1 if DIR low turns the screw back.
    machine: number of the state machine that makes the steps; the next one counts them, in the same block.
    Raises ValueError if the clock has no whole number of MHz.
    """

    def __init__(self, step, direction, enable, min_interval_us, motor_reversed=0, machine=0):
        hz = freq()
        if hz % 1000000:
            raise ValueError("a clock of %d Hz makes no exact microseconds; use whole MHz, as 125000000" % hz)
        if min_interval_us < SHORTEST_US:
            raise ValueError("min_interval_us is %d; at least %d" % (min_interval_us, SHORTEST_US))
        self._min_interval_us = min_interval_us
        self._back = 0 if motor_reversed else 1  # the level of DIR for a step back
        self._enable = Pin(enable, Pin.OUT, value=1)
        self._on = False
        step = Pin(step, Pin.OUT, value=0)
        direction = Pin(direction, Pin.OUT, value=0)
        self._maker = StateMachine(machine, program.make_steps, freq=1000000, sideset_base=step, out_base=direction)
        self._counter = StateMachine(
            machine + 1, program.count_steps, freq=hz // COUNTER_PART, in_base=step, jmp_pin=direction
        )
        self._where = _PIO_BASE + machine // 4 * _PIO_STRIDE + _SM_ADDR + machine % 4 * _SM_STRIDE
        self._shift = self._where - _SM_ADDR + _SM_SHIFTCTRL
        self._joined = mem32[self._shift]
        self._parted = self._joined & ~_JOIN
        self._start = mem32[self._where]  # here the maker stands when it has nothing to do
        self._x = self._y = 0  # what the counter showed last, modulo 2**30
        self._low = self._high = 0  # steps with DIR low, with DIR high
        self._counter.active(1)
        self._read()
        self._low = self._high = 0  # the registers begin with anything
        self._last_us = ticks_us()  # when the last step of everything appended comes, or came
        self._maker.active(1)

    def enable(self, on):
        """Switch the driver's current on, or halt and switch it off: then the screw can be turned by hand."""
        if not on and self._on:
            self.halt()
        self._enable.value(0 if on else 1)
        self._on = bool(on)

    def room(self):
        """Return how many more runs can be appended now."""
        waiting = (self._maker.tx_fifo() + program.WORDS - 1) // program.WORDS
        if mem32[self._where] != self._start:
            return RUNS - 1 - waiting
        return RUNS - waiting

    def move(self, count, interval_us, first_at_us):
        """Append a bounded run, as the seam says; the first one switches the driver on.

        Two steps are never closer than min_interval_us, also across runs and a halt. Waits 0.4 ms at most, if the
        run before is about to end. Raises RuntimeError if room() is 0, ValueError for what no motor can do.
        """
        if not self.room():
            raise RuntimeError("the run queue is full; ask room() before move()")
        if not self._min_interval_us <= interval_us <= LONGEST_US:
            raise ValueError(
                "steps %d us apart; at least %d and at most %d" % (interval_us, self._min_interval_us, LONGEST_US)
            )
        level = 1 - self._back
        steps = count
        if count < 0:
            level = self._back
            steps = -count
        if not 0 < steps <= MOST_STEPS:
            raise ValueError("a run of %d steps; at least 1 and at most %d" % (count, MOST_STEPS))
        if not self._on:
            self.enable(True)
        maker = self._maker
        word = (steps - 1) << 1 | level
        interval_word = interval_us - program.STEP_CYCLES
        first_us = first_at_us
        # An interrupt between looking and putting would make what was seen untrue.
        state = disable_irq()
        try:
            if self._stands():
                maker.put(word)
                maker.put(interval_word)
                now = ticks_us()
                soonest_us = self._min_interval_us - ticks_diff(now, self._last_us)
                # More than that: the last step was so long ago that the clock has wrapped since.
                if soonest_us < START_US or soonest_us > self._min_interval_us + CLOSE_US:
                    soonest_us = START_US
                if ticks_diff(first_us, now) < soonest_us:
                    first_us = ticks_add(now, soonest_us)
                wait_us = ticks_diff(first_us, ticks_us()) - PUT_US - program.PUT_CYCLES
                maker.put(wait_us if wait_us > 0 else 0)
            else:
                wait_us = ticks_diff(first_us, self._last_us)
                if wait_us < self._min_interval_us:
                    wait_us = self._min_interval_us
                maker.put(word)
                maker.put(interval_word)
                maker.put(wait_us - program.RUN_CYCLES)
                first_us = ticks_add(self._last_us, wait_us)
        finally:
            enable_irq(state)
        # Their sum, by a difference that stays a small integer.
        self._last_us = (first_us - (-(steps - 1) * interval_us & TICKS_MASK)) & TICKS_MASK

    def halt(self):
        """Freeze at once, let a started pulse last its time, drop every queued run and return steps() exactly."""
        maker = self._maker
        maker.active(0)
        frozen = ticks_us()
        while ticks_diff(ticks_us(), frozen) <= program.PULSE_US:
            pass
        maker.restart()  # to its first instruction, which says: STEP low
        mem32[self._shift] = self._parted  # the queue is emptied when it is parted and joined (RP2040, 3.7) ...
        mem32[self._shift] = self._joined
        while maker.tx_fifo():
            maker.exec(program.PULL)  # ... and if it were not, nothing of it must be left
        self._last_us = ticks_us()
        maker.active(1)
        return self.steps()

    def steps(self):
        """Return forward minus reverse steps since the board started."""
        self._read()
        return self._low - self._high if self._back else self._high - self._low

    def steps_forward(self):
        """Return all forward steps since the board started."""
        self._read()
        return self._low if self._back else self._high

    def steps_reverse(self):
        """Return all reverse steps since the board started."""
        self._read()
        return self._high if self._back else self._low

    def _read(self):
        """Add what was counted since the last look. Must be asked at least once in 2**30 steps."""
        counter = self._counter
        counter.exec(program.READ_X)
        counter.exec(program.PUSH)
        x = counter.get()
        counter.exec(program.READ_Y)
        counter.exec(program.PUSH)
        y = counter.get()
        self._low += (self._x - x) & TICKS_MASK  # both count down
        self._high += (self._y - y) & TICKS_MASK
        self._x = x
        self._y = y

    def _stands(self):
        """Return whether every run has been made. One that is just ending is waited for."""
        while True:
            if not self._maker.tx_fifo() and mem32[self._where] == self._start:
                return True
            left_us = ticks_diff(self._last_us, ticks_us())
            # Below: it is a run of so many minutes that the clock wraps before its end.
            if left_us >= CLOSE_US or left_us < -CLOSE_US:
                return False
