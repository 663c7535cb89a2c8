"""Display: an SSD1306 of 128 x 64 points by the driver of micropython-lib, drawn in the time that a poll leaves over.

`show` only takes the lines, once a second; `draw` sends a picture, which takes 25 ms, and only one that differs. A
display is no sensor: one that does not answer is given up until the next start, and the pump goes on without it.
"""

WIDTH = 128
HEIGHT = 64
LINE = 8  # points
ADDRESS = 0x3C
DRAW_MS = 40  # what a picture takes, and some; less time left over is not used for it


class Display:
    """On a bus.Bus. `problem`: "", or why nothing is shown, as the word of a note."""

    def __init__(self, bus):
        self._bus = bus
        self._lines = self._shown = None
        self._screen = None
        self.problem = ""
        try:
            from ssd1306 import SSD1306_I2C
        except ImportError:
            self.problem = "display_driver_missing"  # mpremote mip install ssd1306
            return
        bus.patient()
        try:
            self._screen = SSD1306_I2C(WIDTH, HEIGHT, bus.i2c, ADDRESS)
        except OSError:
            self.problem = "display_silent"
            bus.restart()
        bus.quick()

    def show(self, lines):
        """Take up to eight lines of up to 16 characters. Returns why they will not be seen, or ""."""
        self._lines = lines
        return self.problem

    def draw(self, left_ms):
        """Send the picture if there is a new one and the time for it."""
        lines = self._lines
        if self._screen is None or lines is None or left_ms < DRAW_MS or lines == self._shown:
            self._lines = None if lines == self._shown else lines
            return
        self._lines = None
        screen = self._screen
        screen.fill(0)
        y = 0
        for line in lines:
            screen.text(line, 0, y)
            y += LINE + 2 if y == 0 else LINE
        self._bus.patient()
        try:
            screen.show()
            self._shown = lines
        except OSError:
            self._screen = None
            self.problem = "display_silent"
            self._bus.restart()
        self._bus.quick()
