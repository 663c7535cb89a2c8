"""The ways in and out beside USB: the UART as the wire, the mute key held while power comes, and the display."""

import itertools
import os
from pathlib import Path

import pytest

import picoinfuse as pi
from chip.conftest import BOOT_US, settings
from picoinfuse_firmware.pico import pins

pytestmark = pytest.mark.chip

DRIVER = "PICOINFUSE_SSD1306"
NEEDS_DRIVER = f"needs the driver that `mpremote mip install ssd1306` brings, its path in {DRIVER}"


def program():
    return pi.Program.continuous(rate="100 mL/h", volume="0.05 mL", syringe="BD 60 mL", near_end="0 s")


def test_a_therapy_runs_over_the_uart_and_usb_is_not_heard(wired):
    from chip.uart import UartPort

    chip = wired(settings(wire_uart=1))
    chip.power_up()
    pump = pi.Pump(UartPort(chip))
    chip.run(BOOT_US)
    chip.read()
    pump.hello()
    record = pump.run(program())
    assert record.result()["outcome"] == "complete"
    assert 0 <= 50_000 - pump.status().delivered_nl < 350
    chip.type(b"status\n")
    chip.run(500_000)
    assert chip.read() == b""


def test_the_mute_key_held_while_power_comes_leads_to_the_prompt_and_nothing_moves(wired):
    from chip.port import ChipPort
    from chip.repl import Repl

    chip = wired(settings(has_keys=1))
    chip.drive(pins.KEY_MUTE, 0)
    chip.power_up()
    made = chip.record(pins.STEP)
    repl = Repl(chip)
    assert repl.run("print(6 * 7)") == "42\n"
    assert [level for _, level in made if level] == []
    assert chip.level(pins.ENABLE) == 1  # the driver is off
    chip.cut_power()
    chip.drive(pins.KEY_MUTE, 1)
    chip.power_up()  # and the next start is a pump
    chip.run(BOOT_US)
    pump = pi.Pump(ChipPort(chip))
    pump.hello()
    assert pump.status().state == "idle"


def test_the_display_shows_rate_and_volume_and_holds_no_step_up(power):
    """Beside the encoder on the same bus, with the driver of micropython-lib."""
    from chip.i2c import I2cBus
    from chip.parts import As5600, Ssd1306

    driver = os.environ.get(DRIVER)
    if not driver:
        pytest.skip(NEEDS_DRIVER)
    screen = Ssd1306()
    encoder = As5600(0)
    bus = I2cBus(0, pins.SDA, pins.SCL, [encoder, screen])
    chip, pump = power(settings(has_display=1), [bus], {"ssd1306.py": Path(driver).read_bytes()})
    assert screen.lit() > 100
    idle = bytes(screen.memory)
    pump.start(program())
    edges = chip.record(pins.STEP)
    chip.run(1_500_000)
    assert bytes(screen.memory) != idle
    print(screen.picture())
    rising = [cycle for cycle, level in edges if level]
    gaps_us = [(after - before) / 125 for before, after in itertools.pairwise(rising)]
    assert max(gaps_us) - min(gaps_us) < 100  # a run is in whole microseconds; the next one begins on its time
    screen.present = False  # its cable comes off: the pump goes on
    pump.wait()
    assert pump.status().state == "complete"
