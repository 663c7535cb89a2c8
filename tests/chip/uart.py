"""Decides how the host's own code talks to the chip over its UART 0: as fast as the wire, and no faster."""

BYTE_US = 87  # ten bits at 115200 baud


class UartPort:
    """A Port of picoinfuse over UART 0 of a Chip. The chip's own queue holds 32 bytes, so bytes go one at a time."""

    name = "uart"

    def __init__(self, chip):
        self.chip = chip
        self.uart = chip.rp2040.uart[0]
        self.uart.on_byte = self._take
        self._received = bytearray()
        self._waiting = bytearray()

    def _take(self, value):
        self._received.append(value)

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

    def close(self):
        """Nothing is to be given back."""

    def truth(self):
        return None

    def patient(self):
        return None

    def act(self, action):
        return False
