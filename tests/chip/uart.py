"""Decides how the host's own code talks to the chip over its UART 0: as fast as the wire, and no faster.

The emulator says at all times that its transmitter wants more, so its interrupt never ends. On silicon the interrupt
comes when a byte has gone, and is over when the program has cleared it: so here too.
"""

from chip.port import ChipPort

TX_INTERRUPT = 1 << 5
BYTE_US = 87  # ten bits at 115200 baud


class UartPort(ChipPort):
    """A Port of picoinfuse over UART 0 of a Chip. The chip's own queue holds 32 bytes, so bytes go one at a time."""

    name = "uart"

    def __init__(self, chip):
        super().__init__(chip)
        self.uart = chip.rp2040.uart[0]
        self.uart.on_byte = self._take
        self.uart.check_interrupts = self._interrupt
        self._received = bytearray()
        self._waiting = bytearray()

    def _interrupt(self):
        uart = self.uart
        self.chip.rp2040.set_interrupt(uart.irq, bool(uart._interrupt_status & uart._interrupt_mask))

    def _take(self, value):
        self._received.append(value)
        self.uart._interrupt_status |= TX_INTERRUPT
        self._interrupt()

    def write(self, data):
        self._waiting += data

    def read(self, timeout_s):
        until_us = self.chip.now_us + timeout_s * 1e6
        while True:
            if self._received or self.chip.now_us >= until_us:
                data = bytes(self._received)
                self._received.clear()
                return data
            if self._waiting:
                self.uart.feed_byte(self._waiting.pop(0))
            self.chip.run(BYTE_US)
