"""Decides how the parts around the emulated chip behave: the encoder, the load cell's converter, a counter of steps.

A part has `attach(chip)`, which is called each time power comes; what the part knows outlives a power cut, as a magnet
that stays where it was.
"""


class As5600:
    """A magnetic encoder: `angle` in 1/4096 of a turn, or a function that returns it; `magnet` may be missing."""

    ADDRESS = 0x36
    STATUS, AGC = 0x0B, 0x1A
    RAW_ANGLE, ANGLE, MAGNITUDE = 0x0C, 0x0E, 0x1B  # of two bytes each; a read stays within the pair
    DETECTED = 0x20

    def __init__(self, angle=0):
        self.angle = angle
        self.magnet = True
        self.present = True
        self.register = None
        self.low = 0

    def starts(self):
        self.register = None

    def takes(self, value):
        if self.register is None:
            self.register = value  # what is written to registers after it is not kept

    def gives(self):
        register = self.register or 0
        if register in (self.RAW_ANGLE, self.ANGLE, self.MAGNITUDE):
            value = self._value(register)
            self.low = value & 0xFF
            self.register = register + 1
            return value >> 8
        if register - 1 in (self.RAW_ANGLE, self.ANGLE, self.MAGNITUDE):
            self.register = register - 1
            return self.low
        self.register = register + 1 & 0xFF
        return {self.STATUS: self.DETECTED if self.magnet else 0, self.AGC: 0x40}.get(register, 0)

    def _value(self, register):
        if register == self.MAGNITUDE:
            return 0x800 if self.magnet else 0
        return (self.angle() if callable(self.angle) else self.angle) & 0xFFF


class Hx711:
    """The converter of a load cell, on two pins: `counts` is a signed number of 24 bits, or a function giving it."""

    PULSES_OF_DATA = 24
    OFF_US = 60  # clock high for longer than this: it sleeps

    def __init__(self, data_pin, clock_pin, counts=0, per_second=80):
        self.data_pin, self.clock_pin = data_pin, clock_pin
        self.counts, self.period_us = counts, 1_000_000 // per_second
        self.silent = False  # no conversion becomes ready any more
        self.read_out = 0  # conversions that were read to the end
        self.pulses_after = 0  # of the last reading: 25 is channel A at gain 128

    def attach(self, chip):
        self.chip = chip
        self.ready = False
        self.pulse = 0
        self.word = 0
        self.high_since_us = None
        self.alarm = chip.rp2040.clock.create_alarm(self._converted)
        chip.drive(self.data_pin, 1)
        chip.on_edge(self.clock_pin, self._clock)
        self.alarm.schedule(self.period_us * 1000)

    def _converted(self):
        self.alarm.schedule(self.period_us * 1000)
        if self.silent or 0 < self.pulse < self.PULSES_OF_DATA:
            return
        asleep = self.high_since_us is not None and self.chip.now_us - self.high_since_us > self.OFF_US
        if asleep:
            return
        self.word = (self.counts() if callable(self.counts) else self.counts) & 0xFFFFFF
        self.ready = True
        self.pulse = 0
        self.chip.drive(self.data_pin, 0)

    def _clock(self, cycle, level):
        if not level:
            self.high_since_us = None
            return
        self.high_since_us = self.chip.now_us
        if not self.ready and not self.pulse:
            return
        self.ready = False
        self.pulse += 1
        if self.pulse <= self.PULSES_OF_DATA:
            self.chip.drive(self.data_pin, self.word >> self.PULSES_OF_DATA - self.pulse & 1)
        else:
            if self.pulse == self.PULSES_OF_DATA + 1:
                self.read_out += 1
            self.pulses_after = self.pulse
            self.chip.drive(self.data_pin, 1)


class Stepper:
    """Driver and motor: counts the rising edges of STEP, by the level of DIR, while ENABLE (active low) is low."""

    def __init__(self, step_pin, dir_pin, enable_pin=None, forward=1):
        self.step_pin, self.dir_pin, self.enable_pin, self.forward = step_pin, dir_pin, enable_pin, forward
        self.position = 0  # steps, signed
        self.cycles = []  # of each step taken
        self.lost = 0  # edges while the driver was not enabled
        self.stuck = False

    def attach(self, chip):
        self.chip = chip
        chip.on_edge(self.step_pin, self._edge)

    def _edge(self, cycle, level):
        if not level:
            return
        if self.stuck or (self.enable_pin is not None and self.chip.level(self.enable_pin)):
            self.lost += 1
            return
        self.position += 1 if self.chip.level(self.dir_pin) == self.forward else -1
        self.cycles.append(cycle)


class Ssd1306:
    """A display of 128 x 64 points: what was sent as data stands in `memory`, a byte for eight points of a column.

    Of the commands it knows only the windows (columns, pages), since a picture begins with them.
    """

    ADDRESS = 0x3C
    WIDTH, PAGES = 128, 8
    COMMAND, DATA = 0x80, 0x40
    COLUMNS, ROWS = 0x21, 0x22

    def __init__(self):
        self.memory = bytearray(self.WIDTH * self.PAGES)
        self.present = True
        self.at = 0
        self.control = None

    def starts(self):
        self.control = None

    def takes(self, value):
        if self.control is None:
            self.control = value
        elif self.control == self.DATA:
            self.memory[self.at % len(self.memory)] = value
            self.at += 1
        elif value in (self.COLUMNS, self.ROWS):
            self.at = 0  # a whole picture follows: no other window is ever set

    def gives(self):
        return 0

    def lit(self):
        """Return how many points are lit."""
        return sum(byte.bit_count() for byte in self.memory)

    def picture(self):
        """Return the points as text, two rows in a line."""
        height = self.PAGES * 8
        memory, width = self.memory, self.WIDTH
        rows = [[memory[y // 8 * width + x] >> y % 8 & 1 for x in range(width)] for y in range(height)]
        pairs = zip(rows[::2], rows[1::2], strict=True)
        return "\n".join("".join(" ▀▄█"[a + 2 * b] for a, b in zip(*pair, strict=True)) for pair in pairs)
