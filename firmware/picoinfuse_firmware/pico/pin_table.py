"""Which level a pin of the Pico has in reset, at work and after a halt, by which resistor, and what is wired to it.

Pure data that a Pico does not load: from this table come the wiring picture and docs/hardware.md, and a test compares
it with what the code sets.

What a reader must know of polarity:

- In reset every pin of the RP2040 is an input with a weak pull-down (50 to 80 kOhm), so what must be high then has a
  stronger resistor of its own: ENABLE has 4.7 kOhm to 3V3, which keeps the motor driver off. STEP has 10 kOhm to
  ground, so that a wire that came loose at the Pico makes no steps.
- Switches close to ground while all is well, against the pull-up inside the Pico. So a broken wire, a plug that is out
  and a switch that opens all read 1, and 1 is the alarm. Keys are the other way round: they close to ground when they
  are pressed, so that a broken wire is a key that does nothing.
- Lights and piezo are on at 1. DATA of the HX711 has a pull-up, so that one that is not plugged in is never ready.
- The encoder's counts must grow while the plunger moves forward. Which way that is, is the pin DIR of the AS5600: to
  ground, or to 3V3 if the counts fall.
"""

from .pins import (
    AIR,
    BATTERY,
    COVER,
    CYAN,
    DIR,
    ENABLE,
    END,
    HX711_CLOCK,
    HX711_DATA,
    KEY_BOLUS,
    KEY_MUTE,
    KEY_START,
    LED,
    MAINS,
    PIEZO,
    RED,
    SCL,
    SDA,
    STEP,
    SYRINGE,
    UART_RX,
    UART_TX,
    YELLOW,
)

OUT = "out"
IN = "in"
OPEN_DRAIN = "open drain"
ANALOG = "analog"
UP = "up"
NONE = ""

# gpio, name, which file sets it, direction, pull inside the Pico, level in reset (with the resistor), level when the
# firmware has set it up, level after a halt of the motor and while nothing is to be shown (-1: whatever is outside, or
# as it was), resistor or part beside the wire, what it is wired to.
TABLE = (
    (UART_TX, "UART TX", "wire", OUT, NONE, 0, 1, 1, "", "RX of the other side, if the wire is a UART"),
    (UART_RX, "UART RX", "wire", IN, UP, 0, -1, -1, "", "TX of the other side, if the wire is a UART"),
    (STEP, "STEP", "stepper", OUT, NONE, 0, 0, 0, "10 kOhm to ground", "STEP of the motor driver"),
    (DIR, "DIR", "stepper", OUT, NONE, 0, 0, -1, "", "DIR of the motor driver"),
    (ENABLE, "ENABLE", "stepper", OUT, NONE, 1, 1, 0, "4.7 kOhm to 3V3", "ENABLE of the motor driver, 0 is on"),
    (HX711_DATA, "HX711 DATA", "hx711", IN, UP, -1, -1, -1, "", "DOUT of the HX711"),
    (HX711_CLOCK, "HX711 CLOCK", "hx711", OUT, NONE, 0, 0, 0, "", "PD_SCK of the HX711"),
    (SDA, "SDA", "bus", OPEN_DRAIN, UP, 1, -1, 1, "4.7 kOhm to 3V3", "SDA of AS5600 and SSD1306"),
    (SCL, "SCL", "bus", OPEN_DRAIN, UP, 1, -1, 1, "4.7 kOhm to 3V3", "SCL of AS5600 and SSD1306"),
    (END, "END", "senses", IN, UP, -1, -1, -1, "", "end switch to ground, opens at the end"),
    (SYRINGE, "SYRINGE", "senses", IN, UP, -1, -1, -1, "", "syringe switch to ground, opens when none is in"),
    (COVER, "COVER", "senses", IN, UP, -1, -1, -1, "", "cover switch to ground, opens with the cover"),
    (AIR, "AIR", "senses", IN, UP, -1, -1, -1, "10 nF to ground", "bubble detector, low while it sees fluid"),
    (MAINS, "MAINS", "senses", IN, UP, -1, -1, -1, "", "optocoupler, low while the mains is there"),
    (KEY_START, "KEY START", "senses", IN, UP, -1, -1, -1, "", "key start/stop to ground"),
    (KEY_BOLUS, "KEY BOLUS", "senses", IN, UP, -1, -1, -1, "", "key bolus to ground"),
    (KEY_MUTE, "KEY MUTE", "senses", IN, UP, -1, -1, -1, "", "key mute to ground"),
    (RED, "RED", "signaller", OUT, NONE, 0, 0, 0, "330 Ohm in series", "red light to ground"),
    (YELLOW, "YELLOW", "signaller", OUT, NONE, 0, 0, 0, "330 Ohm in series", "yellow light to ground"),
    (CYAN, "CYAN", "signaller", OUT, NONE, 0, 0, 0, "330 Ohm in series", "cyan (or blue) light to ground"),
    (PIEZO, "PIEZO", "signaller", OUT, NONE, 0, 0, 0, "1 kOhm into a transistor", "passive piezo, PWM"),
    (LED, "LED", "blinker", OUT, NONE, 0, 0, 0, "", "the light on the Pico: blinks with every step"),
    (
        BATTERY,
        "BATTERY",
        "senses",
        ANALOG,
        NONE,
        -1,
        -1,
        -1,
        "divider, 100 nF to ground",
        "battery, at most 3.3 V here",
    ),
)
