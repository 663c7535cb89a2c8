"""The pin table: what the code sets is what the table says, every pin once, and possible on an RP2040."""

import pytest

from pico.configs import ALL, config
from pico.test_board import Parts
from picoinfuse_firmware.pico import pin_table, pins

ROWS = {row[0]: row for row in pin_table.TABLE}
OURS = ("hx711", "bus", "senses", "signaller", "blinker")


def test_every_pin_stands_in_the_table_once_and_is_one_of_the_picos():
    numbers = [row[0] for row in pin_table.TABLE]
    assert numbers == [*dict.fromkeys(numbers)]
    constants = {value for name, value in vars(pins).items() if name.isupper() and isinstance(value, int)}
    assert set(numbers) == constants
    assert set(numbers) <= {*range(23), 25, 26, 27, 28}  # 23, 24 and 29 are used on the Pico itself


def test_the_rp2040_can_do_this_on_these_pins():
    """Its data sheet, table of GPIO functions."""
    assert pins.SDA % 4 == 0  # I2C0
    assert pins.SCL == pins.SDA + 1
    assert (pins.UART_TX, pins.UART_RX) == (0, 1)  # UART0
    assert 26 <= pins.BATTERY <= 28  # ADC


def set_up(pico, *has, **fields):
    """Return what a board with these sensors sets its pins to."""
    for gpio in (pins.END, pins.SYRINGE, pins.COVER, pins.AIR, pins.MAINS):
        pico.world.levels[gpio] = 0
    Parts(pico, config(*has, **fields))
    return pico.world.pins


def test_the_code_sets_exactly_these_pins_in_these_ways(pico):
    found = set_up(pico, *ALL)
    assert set(found) == {row[0] for row in pin_table.TABLE if row[2] in OURS}
    for gpio, (mode, pull, level) in found.items():
        row = ROWS[gpio]
        if row[3] == pin_table.OUT:
            assert mode in (pico.machine.Pin.OUT, "pwm", "pio"), row
            assert level == row[6], row
        elif row[3] == pin_table.ANALOG:
            assert mode == "analog"
        else:
            assert mode == {pin_table.IN: pico.machine.Pin.IN, pin_table.OPEN_DRAIN: "i2c"}[row[3]], row
            assert pull == pico.machine.Pin.PULL_UP, row
            assert row[4] == pin_table.UP


def test_a_bare_pico_sets_lights_sound_and_led_and_nothing_that_is_absent(pico):
    assert set(set_up(pico)) == {pins.RED, pins.YELLOW, pins.CYAN, pins.PIEZO, pins.LED}


OF = {
    "force": {pins.HX711_DATA, pins.HX711_CLOCK},
    "encoder": {pins.SDA, pins.SCL},
    "end_switch": {pins.END},
    "syringe_switch": {pins.SYRINGE},
    "cover_switch": {pins.COVER},
    "air_detector": {pins.AIR},
    "mains_sense": {pins.MAINS},
    "battery": {pins.BATTERY},
    "thermometer": set(),
    "keys": {pins.KEY_START, pins.KEY_BOLUS, pins.KEY_MUTE},
}


@pytest.mark.parametrize("sensor", ALL)
def test_each_sensor_sets_its_own_pins(pico, sensor):
    bare = {pins.RED, pins.YELLOW, pins.CYAN, pins.PIEZO, pins.LED}
    assert set(set_up(pico, sensor)) - bare == OF[sensor]


def test_what_moves_or_shows_is_off_in_reset_at_boot_and_after_a_halt():
    for name in ("STEP", "RED", "YELLOW", "CYAN", "PIEZO", "LED", "HX711 CLOCK"):
        row = next(row for row in pin_table.TABLE if row[1] == name)
        assert row[5:8] == (0, 0, 0), name
    assert ROWS[pins.ENABLE][5:7] == (1, 1), "the driver is off until the first motion"
    assert "3V3" in ROWS[pins.ENABLE][8], "what is high in reset needs a resistor of its own"
    assert "ground" in ROWS[pins.STEP][8]


def test_every_output_that_is_high_in_reset_has_a_resistor_to_3v3():
    for row in pin_table.TABLE:
        if row[5] == 1:
            assert "3V3" in row[8], row
