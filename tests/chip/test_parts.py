"""The parts around the chip answer as the real ones do: encoder on I2C, converter of the load cell, stepper, ADC."""

import pytest

pytestmark = pytest.mark.chip

SDA, SCL, DATA, CLOCK, STEP, DIR, ENABLE = 4, 5, 6, 7, 2, 3, 8

I2C = f"""
import time
from machine import I2C, Pin
def bus():
    return I2C(0, sda=Pin({SDA}), scl=Pin({SCL}), freq=400_000)
def angle(i2c):
    try:
        high, low = i2c.readfrom_mem(0x36, 0x0e, 2)
        return high << 8 | low
    except OSError as failure:
        return failure.errno
i2c = bus()
"""

READ_HX711 = f"""
from machine import Pin
data, clock = Pin({DATA}, Pin.IN), Pin({CLOCK}, Pin.OUT, value=0)
def reading():
    while data():
        pass
    value = 0
    for _ in range(24):
        clock(1)
        clock(0)
        value = value << 1 | data()
    clock(1)
    clock(0)
    return value - (value >> 23 << 24)
"""


@pytest.fixture
def wired(uf2):
    """A function that gives a chip with these parts, and its prompt."""
    from chip.emulator import Chip
    from chip.repl import Repl

    def wire(*parts):
        chip = Chip(uf2, parts=parts)
        return chip, Repl(chip)

    return wire


@pytest.fixture
def encoder(wired):
    """The encoder, its bus, and the prompt of a chip that has set it up."""
    from chip.i2c import I2cBus
    from chip.parts import As5600

    part = As5600(angle=1234)
    bus = I2cBus(0, SDA, SCL, [part])
    _, repl = wired(bus)
    repl.run(I2C)
    return part, bus, repl


def test_the_encoder_tells_its_angle_and_its_magnet_at_400_kilohertz(encoder):
    part, _, repl = encoder
    assert repl.run("print(angle(i2c))") == "1234\n"
    part.angle = lambda: 4095
    assert repl.run("print(angle(i2c))") == "4095\n"
    assert repl.run("print(i2c.readfrom_mem(0x36, 0x0b, 1)[0] & 0x20)") == "32\n"
    part.magnet = False
    assert repl.run("print(i2c.readfrom_mem(0x36, 0x0b, 1)[0] & 0x20)") == "0\n"
    took_us = repl.run("t = time.ticks_us(); angle(i2c); print(time.ticks_diff(time.ticks_us(), t))")
    assert 120 < int(took_us) < 400  # 48 bits of 2.5 us


def test_an_encoder_that_is_not_there_is_an_error_at_once_and_one_that_hangs_after_50_ms(encoder):
    part, bus, repl = encoder
    part.present = False
    assert repl.run("print(angle(i2c))") == "5\n"  # EIO
    part.present = True
    assert repl.run("print(angle(i2c))") == "1234\n"
    bus.stuck = True
    took_us = repl.run("t = time.ticks_us(); print(angle(i2c), time.ticks_diff(time.ticks_us(), t))").split()
    assert took_us[0] == "110"  # ETIMEDOUT
    assert 50_000 < int(took_us[1]) < 52_000
    bus.stuck = False
    assert repl.run("i2c = bus(); print(angle(i2c))") == "1234\n"


def test_the_encoder_is_found_by_a_scan_and_by_software_too(encoder):
    _, _, repl = encoder
    assert repl.run("print(i2c.scan())") == "[54]\n"
    software = f"from machine import SoftI2C; s = SoftI2C(sda=Pin({SDA}), scl=Pin({SCL})); print(angle(s))"
    assert repl.run(software) == "1234\n"


def test_the_converter_gives_signed_readings_at_its_own_rate(wired):
    from chip.parts import Hx711

    converter = Hx711(DATA, CLOCK, counts=-12345)
    chip, repl = wired(converter)
    repl.run(READ_HX711)
    assert repl.run("print(reading(), reading())") == "-12345 -12345\n"
    assert converter.pulses_after == 25
    converter.counts = lambda: 0x7FFFFF
    repl.run("reading()")
    began, count = chip.now_us, converter.read_out
    assert repl.run("for _ in range(8): last = reading()\nprint(last)") == "8388607\n"
    assert converter.read_out == count + 8
    assert chip.now_us - began == pytest.approx(100_000, abs=15_000)  # 80 a second
    converter.silent = True
    assert repl.run("import time; time.sleep_ms(100); print(data())") == "1\n"


def test_a_stepper_counts_by_direction_and_only_when_it_is_enabled(wired):
    from chip.parts import Stepper

    motor = Stepper(STEP, DIR, ENABLE)
    _, repl = wired(motor)
    repl.run(
        f"""
from machine import Pin
step, way, off = Pin({STEP}, Pin.OUT), Pin({DIR}, Pin.OUT, value=1), Pin({ENABLE}, Pin.OUT, value=0)
def steps(n):
    for _ in range(n):
        step.on()
        step.off()
steps(10)
way.off()
steps(3)
off.on()
steps(5)
"""
    )
    assert (motor.position, len(motor.cycles), motor.lost) == (7, 13, 5)


def test_the_converter_of_the_chip_reads_what_a_test_says(wired):
    chip, repl = wired()
    chip.set_adc(1, 1000)
    assert repl.run("from machine import ADC; print(ADC(27).read_u16() >> 4, ADC(26).read_u16())") == "1000 0\n"


def test_a_key_is_seen_against_the_pull_up(wired):
    chip, repl = wired()
    repl.run("from machine import Pin; key = Pin(15, Pin.IN, Pin.PULL_UP)")
    levels = []
    for level in (None, 0, None, 1):
        chip.drive(15, level)
        levels.append(repl.run("print(key())"))
    assert levels == ["1\n", "0\n", "1\n", "1\n"]
