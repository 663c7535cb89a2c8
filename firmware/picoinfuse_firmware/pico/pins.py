"""Which pin of the Pico does what: GPIO numbers. Levels, resistors and polarity stand in pin_table.py."""

# The motor driver.
STEP = 2
DIR = 3
ENABLE = 4
# The load cell.
HX711_DATA = 6
HX711_CLOCK = 7
# I2C0: encoder and display.
SDA = 8
SCL = 9
# Switches: 0 is well.
END = 10
SYRINGE = 11
COVER = 12
AIR = 13
MAINS = 14
# Keys: 0 is pressed.
KEY_START = 15
KEY_BOLUS = 16
KEY_MUTE = 17
# Lights and sound: 1 is on.
RED = 18
YELLOW = 19
CYAN = 20
PIEZO = 21
LED = 25  # on the Pico itself
# The battery's divider.
BATTERY = 26
# The wire, if it is not USB.
UART_TX = 0
UART_RX = 1
