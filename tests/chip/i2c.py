"""Decides how parts on an I2C bus answer the emulated chip: through its I2C block, or bit by bit on the two pins.

MicroPython's `scan` and `SoftI2C` move the pins themselves, everything else goes through the block.
"""

from rp2040py.peripherals.i2c import R_TX_EMPTY, I2CMode
from rp2040py.peripherals.reset import RESET, RESET_I2C0

ACK_BITS = 9  # a byte on I2C and its acknowledgement
LATE_CYCLES = 8  # what the I2C block adds to each period of its clock, about
CYCLE_NS = 8


class I2cBus:
    """What hangs on one I2C block and its pins: parts by their address, each byte as long as on the wire.

    `stuck`: a part holds the clock line low and never lets go.
    """

    def __init__(self, index, sda_pin, scl_pin, parts):
        self.index, self.sda_pin, self.scl_pin = index, sda_pin, scl_pin
        self.parts = {part.ADDRESS: part for part in parts}
        self.stuck = False

    def attach(self, chip):
        self.chip = chip
        self.block = chip.rp2040.i2c[self.index]
        self.alarm = chip.rp2040.clock.create_alarm(self._on_alarm)
        self.answer = None
        self.part = None
        self.block.on_start = lambda repeated: self._later(self.block.complete_start, bits=1)
        self.block.on_connect = self._connect
        self.block.on_write_byte = self._write
        self.block.on_read_byte = self._read
        self.block.on_stop = lambda: self._later(self.block.complete_stop, bits=1)
        self._on_resets(chip.rp2040.resets)
        self.bits = None  # of the byte that comes bit by bit; None: nobody speaks on the pins
        self.sends = self.addressed = False
        for pin in (self.sda_pin, self.scl_pin):
            chip.drive(pin, 1)  # the pull-ups
        chip.on_edge(self.sda_pin, self._sda)
        chip.on_edge(self.scl_pin, self._scl)

    def of(self, address):
        part = self.parts.get(address)
        return part if part is not None and part.present else None

    # Through the block

    def _later(self, what, *arguments, bits=ACK_BITS):
        if self.stuck:
            return
        self.answer = what, arguments
        cycles = self.block.scl_low_period + self.block.scl_high_period + LATE_CYCLES
        self.alarm.schedule(bits * cycles * CYCLE_NS)

    def _on_alarm(self):
        what, arguments = self.answer
        what(*arguments)

    def _connect(self, address, mode):
        self.part = self.of(address)
        if self.part is None:
            self._later(self._refuse)
            return
        if mode == I2CMode.WRITE:
            self.part.starts()
        self._later(self.block.complete_connect, True)

    def _refuse(self):
        self.block.complete_connect(False)
        self.block._set_interrupts(R_TX_EMPTY)  # the emulator forgets to: the queue was flushed

    def _write(self, value):
        self.part.takes(value)
        self._later(self.block.complete_write, True)

    def _read(self, acknowledged):
        self._later(self.block.complete_read, self.part.gives())

    def _on_resets(self, resets):
        """The emulator's reset controller resets nothing; MicroPython makes a block new with it after a failure."""
        writes = resets.write_uint32

        def write(offset, value):
            if offset == RESET and value & ~resets.read_uint32(RESET) & RESET_I2C0 << self.index:
                self.alarm.cancel()
                self.block.reset()
            writes(offset, value)

        resets.write_uint32 = write

    # Bit by bit

    def _sda(self, cycle, level):
        if self.chip.level(self.scl_pin):
            self.sends = self.addressed = False
            self.bits = [] if not level else None  # start, or stop

    def _scl(self, cycle, level):
        if self.bits is None:
            return
        if level:
            self.bits.append(self.chip.level(self.sda_pin))
            return
        if len(self.bits) < 8:
            self._show(7 - len(self.bits))
        elif len(self.bits) == 8:
            self._acknowledge()
        else:
            self._next()

    def _show(self, bit):
        self.chip.drive(self.sda_pin, self.byte >> bit & 1 if self.sends else 1)

    def _acknowledge(self):
        """Eight bits have passed. Who received them pulls the line low, if he is there."""
        if self.sends:
            self.chip.drive(self.sda_pin, 1)
            return
        byte = int("".join(map(str, self.bits)), 2)
        if not self.addressed:
            self.part = self.of(byte >> 1)
            self.begins_to_send = byte & 1
            if self.part is not None and not byte & 1:
                self.part.starts()
        elif self.part is not None:
            self.part.takes(byte)
        self.chip.drive(self.sda_pin, int(self.part is None))

    def _next(self):
        """The clock falls after the acknowledgement."""
        refused = self.bits[8]
        self.bits = []
        if not self.addressed:
            self.addressed = True
            self.sends = bool(self.part is not None and self.begins_to_send)
        elif self.sends and refused:
            self.sends = False
        if self.sends:
            self.byte = self.part.gives()
        self._show(7)
