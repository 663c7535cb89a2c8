"""Decides how the host's own code talks to the emulated chip: a Port whose waiting lets the chip's time pass."""

SLICE_US = 2000  # between two looks at what came


class ChipPort:
    """A Port of picoinfuse (host/picoinfuse/port.py) over the USB of a Chip."""

    name = "chip"

    def __init__(self, chip):
        self.chip = chip

    def write(self, data):
        self.chip.type(data)

    def read(self, timeout_s):
        until_us = self.chip.now_us + timeout_s * 1e6
        while True:
            data = self.chip.read()
            if data or self.chip.now_us >= until_us:
                return data
            self.chip.run(SLICE_US)

    def close(self):
        """Nothing is to be given back."""

    def truth(self):
        return None

    def patient(self):
        return None

    def act(self, action):
        return False
