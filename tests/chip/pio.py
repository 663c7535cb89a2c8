"""Decides when the emulated PIO executes: each instruction at its own cycle, also while the processor sleeps.

rp2040py 0.3.6 asks its PIO after each instruction of the processor, for at most one instruction of each state machine,
and writes off what is late after a sleep; and all its queues are four words deep. Here each instruction is an alarm of
the emulator's clock, a loop of one instruction that only counts down is reckoned in one go, and joined queues are
eight deep. The two cycles that a pin needs through the input synchroniser are not modelled.
"""

from rp2040py.peripherals.pio import RPPIO
from rp2040py.utils.fifo import FIFO

FP = 8  # the emulator counts cycles in 1/256, for fractional clock dividers
FP_A_NS = 32  # a cycle of 125 MHz is 8 ns, so a nanosecond is 32 of them
NEVER = 1 << 62  # the emulator's own word for it
DEPTH = 4
FIRST_MACHINE, MACHINE_STRIDE, SHIFTCTRL = 0x0C8, 0x18, 0x08  # offsets of registers, RP2040 datasheet 3.7
JOIN_RX, JOIN_TX = 1 << 31, 1 << 30
JMP_X, JMP_Y = 0b010, 0b100  # conditions of JMP that count x or y down


class Pio(RPPIO):
    """One PIO block that is driven by the clock. Takes the place of the emulator's own in its list of peripherals."""

    def __init__(self, rp2040, name, first_irq, index):
        self.alarm = rp2040.clock.create_alarm(self._on_alarm)
        self.skips = {}  # number of a machine -> what of its countdown has been reckoned ahead
        self.stepping = False

    @property
    def cycle_fp(self):
        """Now. The state machines ask for it when a pin or a queue wakes them."""
        return round(self.rp2040.clock.nanos * FP_A_NS)

    def read_uint32(self, offset):
        self._settle()
        try:
            return super().read_uint32(offset)
        finally:
            self._arm()

    def write_uint32(self, offset, value):
        self._settle()
        RPPIO.cycle_fp.__set__(self, self.cycle_fp)
        try:
            super().write_uint32(offset, value)
        finally:
            self.stopped = True  # to the emulator's own loop, which then leaves this block to the clock
        machine, register = divmod(offset - FIRST_MACHINE, MACHINE_STRIDE)
        if 0 <= machine < len(self.machines) and register == SHIFTCTRL:
            self._join(self.machines[machine])
        self._arm()

    def notify_due(self, due_fp):
        super().notify_due(due_fp)
        if not self.stepping:
            self._arm()

    def reset(self):
        self.skips.clear()
        super().reset()
        for machine in self.machines:
            self._join(machine)
        self.alarm.cancel()

    def _join(self, machine):
        """Queues as deep as SHIFTCTRL says. As on the chip, a change empties them."""
        both = DEPTH * 2
        rx, tx = DEPTH, DEPTH
        if machine.shift_ctrl & JOIN_RX:
            rx, tx = both, 0
        elif machine.shift_ctrl & JOIN_TX:
            rx, tx = 0, both
        if (machine.rx_fifo.size, machine.tx_fifo.size) == (rx, tx):
            return
        machine.rx_fifo, machine.tx_fifo = FIFO(rx), FIFO(tx)
        dma = self.rp2040.dma
        dma.clear_dreq(machine.dreq_rx)
        (dma.set_dreq if tx else dma.clear_dreq)(machine.dreq_tx)

    def _on_alarm(self):
        now = self.cycle_fp
        self.stepping = True
        try:
            for machine in self.machines:
                if machine.enabled and not machine.waiting and machine.next_due_fp <= now:
                    self._step(machine)
            self.check_changed_pins()
        finally:
            self.stepping = False
        self._arm()

    def _step(self, machine):
        skip = self.skips.pop(machine.index, None)
        if skip is not None:
            setattr(machine, skip[0], 0)
        pc = machine.pc
        machine.step()
        if machine.pc == pc and not machine.waiting:
            self._skip(machine, self.instructions[pc])

    def _skip(self, machine, opcode):
        """`JMP X-- here` or `JMP Y-- here` has just jumped: come back when it counts to zero."""
        if opcode >> 13 or opcode & 0x1F != machine.pc:
            return
        register = {JMP_X: "x", JMP_Y: "y"}.get(opcode >> 5 & 7)
        if register is None:
            return
        delay = opcode >> 8 & (1 << 5 - machine.sideset_count) - 1
        count, start, period = getattr(machine, register), machine.next_due_fp, (1 + delay) * machine.div_fp
        self.skips[machine.index] = register, count, start, period
        machine.next_due_fp = start + count * period

    def _settle(self):
        """Takes back what of the countdowns lies ahead of now: the processor may look at them, or stop them."""
        now = self.cycle_fp
        for index, (register, count, start, period) in self.skips.items():
            done = 0 if now < start else min(count, (now - start) // period + 1)
            setattr(self.machines[index], register, count - done)
            self.machines[index].next_due_fp = start + done * period
        self.skips.clear()

    def _arm(self):
        self.recompute_due()
        if self.next_due_fp >= NEVER:
            self.alarm.cancel()
        else:
            self.alarm.schedule(max(0, self.next_due_fp - self.cycle_fp) / FP_A_NS)
