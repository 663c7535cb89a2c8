"""The senses of the Pico on a whole emulated chip: the real MicroPython, state machines, I2C, interrupts and timers."""

import pytest

from picoinfuse_firmware.pico import pins

pytestmark = pytest.mark.chip

CONFIG = """
import gc, time
class Config:
    force_zero_counts = 1000
    force_counts_per_n = 10949
    force_min_mn = -50000
    force_max_mn = 196000
    battery_divider_milli = 4000
    encoder_counts_per_turn = 4096
    has_display = 0
    def __init__(self, *has):
        self._has = has
    def has(self):
        return self._has
def cost(call):
    call()
    gc.collect()
    gc.disable()
    begun = gc.mem_alloc()
    begun_us = time.ticks_us()
    for _ in range(20):
        call()
    us = time.ticks_diff(time.ticks_us(), begun_us) // 20
    print(gc.mem_alloc() - begun, us)
    gc.enable()
"""


@pytest.fixture
def wired(uf2, installed):
    """A function that gives a chip with the firmware, these parts, and its prompt."""
    from chip.emulator import Chip
    from chip.repl import Repl

    def wire(*parts):
        chip = Chip(uf2, flash=installed, parts=parts)
        repl = Repl(chip)
        repl.run(CONFIG)
        return chip, repl

    return wire


def cost(repl, call):
    """Return (bytes allocated in 20 calls, microseconds of one)."""
    return tuple(int(word) for word in repl.run(f"cost({call})").split())


def test_the_load_cell_is_read_by_pio_and_costs_a_poll_next_to_nothing(wired):
    from chip.parts import Hx711

    cell = Hx711(pins.HX711_DATA, pins.HX711_CLOCK, counts=55745, per_second=10)
    chip, repl = wired(cell)
    repl.run("from picoinfuse_firmware.pico.hx711 import Hx711; cell = Hx711(Config())")
    chip.run(300_000)
    assert repl.run("print(cell.force_mn(), cell.counts, cell.silent())") == "5000 55745 False\n"
    assert cell.pulses_after == 25
    for counts in (-8000000, -1, 0, 0x7FFFFE):
        cell.counts = counts
        chip.run(250_000)
        assert repl.run("print(cell.force_mn())") == f"{(counts - 1000) * 1000 // 10949}\n"
    cell.counts = 0x7FFFFF
    chip.run(250_000)
    assert repl.run("print(cell.force_mn())") == "196000\n"
    allocated, us = cost(repl, "cell.force_mn")
    print(f"force_mn: {us} us, {allocated} B in 20 calls")
    assert allocated == 0
    assert us < 100
    cell.silent = True
    chip.run(700_000)
    assert repl.run("print(cell.silent())") == "True\n"
    cell.silent = False
    chip.run(250_000)
    assert repl.run("print(cell.silent())") == "False\n"


def test_the_encoder_counts_turns_and_a_stuck_bus_is_given_up_in_two_milliseconds(wired):
    from chip.i2c import I2cBus
    from chip.parts import As5600

    part = As5600(angle=4000)
    bus = I2cBus(0, pins.SDA, pins.SCL, [part])
    chip, repl = wired(bus)
    repl.run("from picoinfuse_firmware.pico import bus, as5600\nencoder = as5600.As5600(bus.Bus())")
    assert repl.run("print(encoder.encoder(), encoder.angle, encoder.silent())") == "0 4000 False\n"
    part.angle = 100
    chip.run(50_000)
    assert repl.run("print(encoder.encoder(), encoder.angle)") == "196 100\n"
    repl.run("def fresh():\n    time.sleep_ms(30)\n    return encoder.encoder()")
    allocated, us = cost(repl, "fresh")
    us -= 30_000
    print(f"encoder: {us} us, {allocated} B in 20 calls")
    assert allocated == 0
    assert us < 600
    bus.stuck = True
    chip.run(50_000)
    took_us = int(repl.run("t = time.ticks_us(); encoder.encoder(); print(time.ticks_diff(time.ticks_us(), t))"))
    print(f"encoder on a bus that hangs: {took_us} us")
    assert took_us < 3000
    chip.run(700_000)
    assert repl.run("print(encoder.silent())") == "True\n"
    bus.stuck = False
    part.magnet = False
    chip.run(700_000)
    assert repl.run("print(encoder.silent())") == "True\n"
    part.magnet = True
    chip.run(300_000)
    assert repl.run("print(encoder.silent(), encoder.encoder())") == "False 196\n"


def test_a_bubble_a_key_and_a_bounce_at_the_pins(wired):
    chip, repl = wired()
    for gpio in (pins.SYRINGE, pins.COVER, pins.AIR, pins.MAINS):
        chip.drive(gpio, 0)
    repl.run("from picoinfuse_firmware.pico.senses import Keys, Switches\nkeys = Keys()")
    repl.run("switches = Switches(('syringe_switch', 'cover_switch', 'air_detector', 'mains_sense'))")
    assert repl.run("print(switches.switches(), keys.keys())") == "0 0\n"
    chip.drive(pins.AIR, 1)
    chip.run(100)
    chip.drive(pins.AIR, 0)
    chip.run(20_000)
    assert repl.run("print(switches.switches(), switches.switches())") == "4 0\n"
    chip.drive(pins.COVER, None)  # the wire is broken
    assert repl.run("print(switches.switches())") == "2\n"
    for _ in range(20):  # a spike on the wire of a key now and then
        chip.drive(pins.KEY_START, 0)
        chip.run(300)
        chip.drive(pins.KEY_START, None)
        chip.run(17_000)
    assert repl.run("print(keys.keys())") == "0\n"
    chip.drive(pins.KEY_START, 0)
    chip.run(40_000)
    chip.drive(pins.KEY_START, None)
    chip.run(40_000)
    assert repl.run("print(keys.keys())") == "1\n"
    chip.run(150_000)
    assert repl.run("print(keys.keys())") == "0\n"
    print("keys: %d B, %d us" % cost(repl, "keys.keys"))
    print("switches: %d B, %d us" % cost(repl, "switches.switches"))


def test_an_alarm_goes_on_while_the_firmware_hangs(wired):
    from picoinfuse_firmware import signals

    chip, repl = wired()
    repl.run("from picoinfuse_firmware.pico.signaller import Signaller\ns = Signaller()")
    light = chip.record(pins.RED)
    repl.start("s.signal(3, True)\nwhile True:\n    pass")
    chip.run(3_000_000)
    on_us = [cycle / 125 for cycle, level in light if level]
    off_us = [cycle / 125 for cycle, level in light if not level and cycle / 125 > on_us[0]]
    _, period_ms, lit_ms = signals.LIGHT[3]
    assert len(on_us) >= 5
    for i in range(4):
        assert on_us[i + 1] - on_us[i] == pytest.approx(period_ms * 1000, abs=3000)
        assert off_us[i] - on_us[i] == pytest.approx(lit_ms * 1000, abs=3000)


def test_the_light_blinks_with_each_step(wired):
    chip, repl = wired()
    led = chip.record(pins.LED)
    repl.run(f"from machine import Pin\nstep = Pin({pins.STEP}, Pin.OUT, value=0)")
    repl.run("from picoinfuse_firmware.pico import blinker\nb = blinker.start()")
    pulse = "for _ in range(3):\n    step.on(); time.sleep_us(4); step.off(); time.sleep_ms(60)"
    repl.run(pulse)
    chip.run(100_000)
    on_us = [cycle / 125 for cycle, level in led if level]
    off_us = [cycle / 125 for cycle, level in led if not level and on_us and cycle / 125 > on_us[0]]
    assert len(on_us) == 3
    for i in range(3):
        assert off_us[i] - on_us[i] == pytest.approx(32832, rel=0.02)


def test_a_whole_board_is_put_together_and_idles_on_time(wired):
    from chip.i2c import I2cBus
    from chip.parts import As5600, Hx711

    chip, repl = wired(
        I2cBus(0, pins.SDA, pins.SCL, [As5600(angle=7)]),
        Hx711(pins.HX711_DATA, pins.HX711_CLOCK, counts=55745, per_second=10),
    )
    for gpio in (pins.END, pins.SYRINGE, pins.COVER, pins.AIR, pins.MAINS):
        chip.drive(gpio, 0)
    chip.set_adc(0, 2600)
    chip.set_adc(4, 876)
    repl.run("from picoinfuse_firmware.pico.board import PicoBoard\nfrom picoinfuse_firmware.board import SENSORS")
    repl.run(
        """
class Part:
    def __init__(self):
        verbs = 'move halt steps steps_forward steps_reverse save load log logged log_range journal_id read write feed'
        for verb in verbs.split():
            setattr(self, verb, None)
    def room(self):
        return 3
    def prepare(self):
        return False
    def wait(self, ms):
        time.sleep_ms(ms)
part = Part()
b = PicoBoard(Config(*[s for s in SENSORS if s != 'barrel_gauge']), part, part, part, part)
"""
    )
    assert (
        repl.run("print(b.silent(), b.force_mn(), b.encoder(), b.angle(), b.at_end(), b.switches())")
        == "0 5000 0 7 False 0\n"
    )
    assert 8000 < int(repl.run("print(b.battery_mv())")) < 8800
    assert 20000 < int(repl.run("print(b.temperature_mc())")) < 35000
    took_us = int(repl.run("t = time.ticks_us(); b.idle(100); print(time.ticks_diff(time.ticks_us(), t))"))
    assert took_us == pytest.approx(100_000, abs=2500)
    for verb in ("silent", "force_mn", "encoder", "switches", "keys", "battery_mv", "temperature_mc", "at_end"):
        allocated, us = cost(repl, f"b.{verb}")
        print(f"{verb}: {us} us, {allocated} B in 20 calls")
        assert allocated == 0
    assert repl.run("from picoinfuse_firmware import selftest\nprint(selftest.failed(b))") == "0\n"
    print("heap of pico/ and board:", repl.run("gc.collect(); print(gc.mem_alloc(), gc.mem_free())"))
