"""Draws docs/wiring.png and docs/power.png: the wiring from the pin table of the firmware, and who feeds whom.

python docs/wiring.py              draw both
python docs/wiring.py --check      draw nothing; exit 1 if the wiring was drawn from another table
"""

import sys
from hashlib import sha256
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import FancyBboxPatch, Rectangle
from PIL import Image

from picoinfuse_firmware.pico import pin_table

HERE = Path(__file__).parent
WIRING, POWER = HERE / "wiring.png", HERE / "power.png"
DRAWN_FROM = "Pin table"  # the name of the text in the picture that says which table it was drawn from
DPI = 100

# The pins of a Pico in their order on the board: a number is a GPIO [Raspberry Pi Pico data sheet].
LEFT = (0, 1, "GND", 2, 3, 4, 5, "GND", 6, 7, 8, 9, "GND", 10, 11, 12, 13, "GND", 14, 15)
RIGHT = (
    *("VBUS", "VSYS", "GND", "3V3_EN", "3V3", "ADC_VREF", 28, "AGND", 27, 26),
    *("RUN", 22, "GND", 21, 20, 19, 18, "GND", 17, 16),
)
# What each wire goes to; every name of the table stands here once, but LED, which is on the Pico itself.
PARTS = (
    ("Host by UART\n(instead of USB)", ("UART TX", "UART RX")),
    ("Motor driver\nTMC2209, DRV8825 or A4988", ("STEP", "DIR", "ENABLE")),
    ("Load cell\nHX711", ("HX711 DATA", "HX711 CLOCK")),
    ("Encoder AS5600\nDisplay SSD1306", ("SDA", "SCL")),
    ("Switches: closed\nwhile all is well", ("END", "SYRINGE", "COVER")),
    ("Air detector", ("AIR",)),
    ("Mains sense", ("MAINS",)),
    ("Key start/stop", ("KEY START",)),
    ("Keys", ("KEY BOLUS", "KEY MUTE")),
    ("Lights", ("RED", "YELLOW", "CYAN")),
    ("Piezo", ("PIEZO",)),
    ("Battery", ("BATTERY",)),
)
COLOURS = {"out": "#b03a2e", "in": "#1f618d", "open drain": "#7d3c98", "analog": "#117a65"}
GRID = 1.0  # the distance of two pins


def fingerprint():
    """Return what tells one pin table from another."""
    return sha256(repr(pin_table.TABLE).encode()).hexdigest()[:16]


def box(axes, x, y, width, height, text, **options):
    """Draw a rounded box around its middle (x, y) and write into it."""
    style = {"boxstyle": "round,pad=0.02,rounding_size=0.15", "facecolor": "#fdf6e3", "edgecolor": "#444444"} | options
    axes.add_patch(FancyBboxPatch((x - width / 2, y - height / 2), width, height, **style))
    axes.text(x, y, text, ha="center", va="center", fontsize=9)


def paper(width, height):
    """Return a figure and its axes, without ticks; one unit is half an inch."""
    figure = Figure(figsize=(width / 2, height / 2), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    return figure, axes


def wiring():
    """Return the figure of the wiring."""
    figure, axes = paper(26, 23)
    middle, half, top = 13.0, 1.9, 21.0
    axes.text(middle, 22.4, "PicoInfuse: the wires of the Pico", ha="center", fontsize=14)
    axes.add_patch(
        Rectangle((middle - half, top - 19.8 * GRID), 2 * half, 20.6 * GRID, facecolor="#d5ead7", ec="#444444")
    )
    axes.text(middle, top - 6.5, "Pico\nor Pico 2\n\nUSB\non top\n\nLED:\nGP25", ha="center", va="center", fontsize=9)
    at = {}
    for side, names in ((-1, LEFT), (1, RIGHT)):
        for i, name in enumerate(names):
            y = top - i * GRID
            number = i + 1 if side < 0 else 40 - i
            label = f"GP{name}" if isinstance(name, int) else name
            axes.plot([middle + side * half], [y], "s", color="#444444", ms=5)
            axes.text(
                middle + side * (half - 0.2), y, label, ha="left" if side < 0 else "right", va="center", fontsize=8
            )
            axes.text(middle + side * (half + 0.2), y + 0.2, number, ha="center", fontsize=6, color="#888888")
            at[name] = (side, y)
    rows = {row[1]: row for row in pin_table.TABLE}
    for part, names in PARTS:
        ys = [at[rows[name][0]][1] for name in names]
        side = at[rows[names[0]][0]][0]
        box(axes, middle + side * 10.7, sum(ys) / len(ys), 4.2, max(ys) - min(ys) + 0.85, part)
        for name, y in zip(names, ys, strict=True):
            _, _, _, direction, _, _, _, _, resistor, _ = rows[name]
            axes.plot([middle + side * (half + 0.1), middle + side * 8.6], [y, y], color=COLOURS[direction], lw=1.4)
            axes.text(middle + side * 8.4, y + 0.08, name, ha="left" if side < 0 else "right", fontsize=8)
            if resistor:
                axes.text(
                    middle + side * 2.6,
                    y - 0.36,
                    resistor,
                    ha="right" if side < 0 else "left",
                    fontsize=7,
                    style="italic",
                )
    for name, text in (
        ("VBUS", "5 V of the USB cable: leave it free"),
        ("VSYS", "5 V of the buck converter, through a Schottky diode"),
        ("3V3", "logic supply of driver, HX711, AS5600, display"),
    ):
        side, y = at[name]
        axes.plot([middle + half + 0.1, middle + 2.6], [y, y], color="#444444", lw=1.4)
        axes.text(middle + 2.8, y, text, va="center", fontsize=8)
    for i, (direction, colour) in enumerate(COLOURS.items()):
        y = top - 3 - 0.6 * i
        axes.plot([middle + 9.5, middle + 10.3], [y, y], color=colour, lw=2)
        axes.text(middle + 10.5, y, direction, va="center", fontsize=8)
    axes.text(
        middle,
        0.45,
        "All grounds are one. Italics: the resistor or part beside the wire. Small numbers: the pins of the board.",
        ha="center",
        fontsize=8,
    )
    return figure


def power():
    """Return the figure of who feeds whom."""
    figure, axes = paper(26, 10)
    axes.text(13, 9.4, "PicoInfuse: power. One common ground, not drawn", ha="center", fontsize=14)
    boxes = {
        "mains": (2.5, 7.5, "Mains adapter\n12 V, 2 A"),
        "battery": (2.5, 3.5, "Two lithium cells\nwith protection\n6.6 to 8.4 V"),
        "fuse": (7.0, 7.5, "Fuse 2 A"),
        "fuse2": (7.0, 3.5, "Fuse 2 A"),
        "driver": (17.5, 7.5, "Motor driver\nVMOT, 100 uF"),
        "motor": (23.2, 7.5, "Motor"),
        "buck": (15.0, 3.5, "Buck converter\n5 V, 1 A"),
        "pico": (23.2, 3.5, "Pico\nVSYS"),
        "usb": (23.2, 0.9, "USB cable\nVBUS"),
    }
    for x, y, text in boxes.values():
        box(axes, x, y, 3.6, 1.5, text)

    def wire(*points, text="", diode=False):
        xs, ys = zip(*points, strict=True)
        axes.plot(xs, ys, color="#b03a2e", lw=1.8)
        if diode:
            x, y = (xs[0] + xs[1]) / 2, (ys[0] + ys[1]) / 2
            axes.plot([x], [y], marker=">" if ys[0] == ys[1] else "^", color="#b03a2e", ms=12)
        if text:
            axes.text((xs[0] + xs[1]) / 2, (ys[0] + ys[1]) / 2 + 0.45, text, ha="center", fontsize=8)

    wire((4.3, 7.5), (5.2, 7.5))
    wire((4.3, 3.5), (5.2, 3.5))
    wire((8.8, 7.5), (11.4, 7.5), text="Schottky 3 A", diode=True)
    wire((8.8, 3.5), (11.4, 3.5), text="Schottky 3 A", diode=True)
    wire((11.4, 3.5), (11.4, 7.5))
    wire((11.4, 7.5), (15.7, 7.5))
    wire((11.4, 3.5), (13.2, 3.5))
    wire((19.3, 7.5), (21.4, 7.5))
    wire((16.8, 3.5), (21.4, 3.5), text="Schottky 1 A (1N5817)", diode=True)
    wire((23.2, 1.65), (23.2, 2.75), diode=True)
    axes.text(24.0, 2.1, "on the Pico", fontsize=8)
    wire((4.3, 7.0), (5.0, 7.0), (5.0, 5.5), (5.8, 5.5))
    axes.text(6.0, 5.5, "MAINS (through an optocoupler)", va="center", fontsize=8)
    wire((4.3, 3.0), (5.0, 3.0), (5.0, 1.6), (5.8, 1.6))
    axes.text(6.0, 1.6, "BATTERY (through its divider)", va="center", fontsize=8)
    axes.text(
        13, 0.4, "The cable may be pulled: the pump goes on. A bare Pico has only its cable.", ha="center", fontsize=9
    )
    return figure


def drawn_from():
    """Return the fingerprint of the table that docs/wiring.png was drawn from, or None."""
    if not WIRING.exists():
        return None
    imread(WIRING)  # it is a whole picture
    with Image.open(WIRING) as picture:
        return picture.info.get(DRAWN_FROM)


def main(arguments):
    """Do what the command line says; return the exit status."""
    if arguments == ["--check"]:
        if drawn_from() == fingerprint():
            return 0
        print("docs/wiring.png was drawn from another pin table: run `python docs/wiring.py`", file=sys.stderr)
        return 1
    wiring().savefig(WIRING, metadata={DRAWN_FROM: fingerprint()})
    power().savefig(POWER)
    print("drawn:", WIRING.name, POWER.name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
