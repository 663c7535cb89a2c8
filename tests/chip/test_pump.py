"""A whole pump on the chip: the real firmware on its real board, the real host, parts on the pins; counted at the pins.

The host's own code drives it, in the chip's time. Each chip costs half a minute or more to boot, so each test is a
story of several scenes.
"""

import itertools

import pytest

import picoinfuse as pi
from chip.conftest import BOOT_US, health_now, settings
from picoinfuse.errors import PumpAlarm, Refused
from picoinfuse_firmware import board
from picoinfuse_firmware.pico import pins

pytestmark = pytest.mark.chip

CYCLES_A_MS = 125_000
STEP_NL = 350  # of a 60 mL syringe, rounded up
TRUE_STEP_NL = 349.93906  # pi / 4 * (26.7 mm) squared * 2 mm / 3200
COUNTS_PER_N = 10_949
REST_MN, CLOSED_MN_PER_STEP = 5_000, 60  # friction; and a line that is closed, ten times stiffer than a real one


def steps(chip):
    """Return the cycles of the rising edges of STEP, as they come."""
    cycles = []
    chip.on_edge(pins.STEP, lambda cycle, level: cycles.append(cycle) if level else None)
    return cycles


def continuous(rate, volume):
    return pi.Program.continuous(rate=rate, volume=volume, syringe="BD 60 mL", near_end="0 s")


class Drive:
    """Motor, encoder, load cell and a line that can be clamped, by what happens at the pins."""

    def __init__(self):
        from chip.i2c import I2cBus
        from chip.parts import As5600, Hx711, Stepper

        self.motor = Stepper(pins.STEP, pins.DIR, pins.ENABLE, forward=0)
        self.encoder = As5600(lambda: self.motor.position * 4096 // 3200)
        self.cell = Hx711(pins.HX711_DATA, pins.HX711_CLOCK, self.counts, per_second=10)
        self.bus = I2cBus(0, pins.SDA, pins.SCL, [self.encoder])
        self.clamped_at = None
        self.tremble = 0
        self.parts = [self.motor, self.bus, self.cell]

    def counts(self):
        closed = 0 if self.clamped_at is None else max(0, self.motor.position - self.clamped_at)
        self.tremble = (self.tremble * 5 + 3) % 64
        return (REST_MN + CLOSED_MN_PER_STEP * closed) * COUNTS_PER_N // 1000 + 4 * self.tremble - 128


def test_a_bare_pico_runs_a_therapy_and_blinks_at_every_step(power):
    chip, pump = power(settings())
    assert len(pump.absent()) == len(board.SENSORS)
    made = steps(chip)
    lit = []
    chip.on_edge(pins.LED, lambda cycle, level: lit.append(cycle) if level else None)
    record = pump.run(continuous("20 mL/h", "0.03 mL"))
    assert record.result()["outcome"] == "complete"
    status = pump.status()
    assert 0 <= 30_000 - status.delivered_nl < STEP_NL
    assert abs(len(made) * TRUE_STEP_NL - status.delivered_nl) < 1
    gaps_us = [(after - before) / 125 for before, after in itertools.pairwise(made)]
    print(f"{len(made)} steps, {min(gaps_us):.1f} to {max(gaps_us):.1f} us apart; the light was lit {len(lit)} times")
    # The poll of the start writes program and place into the journal, so the steps laid in it may come late by that;
    # from the next run on they are on their time, so that one gap is shorter.
    odd_us = [gap for gap in gaps_us if abs(gap - max(gaps_us)) > 2]
    assert len(odd_us) <= 1
    assert max(gaps_us) - min(gaps_us) < 10_000
    assert len(lit) == len(made)
    pump.stop()
    pump.start(continuous("20 mL/h", "0.05 mL"))
    chip.run(2_000_000)
    health = health_now(chip, pump)
    assert pump.status().state == "infusing"
    print("health", health)
    assert health["least_free_bytes"] > 90_000


def test_a_clamped_line_stops_the_motor_and_power_that_fails_is_told_and_gone_on_with(power):
    drive = Drive()
    fitted = {f"has_{sensor}": 1 for sensor in board.SENSORS if sensor != board.BARREL_GAUGE}  # which no Pico has
    values = settings(**fitted, force_counts_per_n=COUNTS_PER_N, force_calibrated=20261125)
    chip, pump = power(values, drive.parts)
    assert pump.status().alarm_names == []
    assert pump.absent() == [board.BARREL_GAUGE]

    # The clamp.
    pump.start(continuous("100 mL/h", "2 mL"))
    chip.run(4_000_000)
    drive.clamped_at = drive.motor.position
    with pytest.raises(PumpAlarm, match="occlusion"):
        pump.wait()
    furthest = drive.motor.position
    closed_mn = CLOSED_MN_PER_STEP * (furthest - drive.clamped_at)
    print(f"stopped {furthest - drive.clamped_at} steps behind the clamp, at {closed_mn} mN")
    assert closed_mn < 35_000  # 300 mmHg are 22.4 N in this syringe, and it takes a look or two
    for _ in range(120):
        chip.run(500_000)
        assert drive.motor.position <= furthest  # not one step forward
        if [event for event in pump.events() if event.kind == "drawback"]:
            break
    print(f"drawn back by {furthest - drive.motor.position} steps")
    assert drive.clamped_at - 400 < drive.motor.position < furthest
    pump.stop()

    # The power.
    drive.clamped_at = None
    before = drive.motor.position
    pump.start(continuous("100 mL/h", "0.5 mL"))
    chip.run(6_000_000)
    chip.cut_power()
    truly_nl = (drive.motor.position - before) * TRUE_STEP_NL
    chip.power_up()
    chip.run(BOOT_US)
    pump.hello()
    status = pump.status()
    print(f"given {truly_nl:.0f} nL, said {status.delivered_nl - status.uncertain_nl} to {status.delivered_nl}")
    assert "power_lost" in status.alarm_names
    assert truly_nl - STEP_NL <= status.delivered_nl <= truly_nl + 300_000
    at_rest = drive.motor.position
    chip.run(2_000_000)
    assert drive.motor.position == at_rest  # it never goes on by itself
    pump.acknowledge()
    assert pump.status().state == "paused"
    pump.resume()
    chip.run(1_000_000)
    health = health_now(chip, pump)
    assert pump.status().state == "infusing"
    pump.wait()
    total_nl = (drive.motor.position - before) * TRUE_STEP_NL
    print(f"in all {total_nl:.0f} of 500000 nL, {pump.status().delivered_nl} by its account")
    assert total_nl <= 500_000 + STEP_NL
    print("health", health)
    assert health["least_free_bytes"] > 90_000


def test_a_flash_that_takes_its_worst_time_to_erase_holds_no_step_up(power):
    """The journal has erased ahead for an ordinary infusion; so much is changed here that it must erase in mid-flow."""
    chip, pump = power(settings())
    chip.flash.erase_us = 400_000  # the worst of a W25Q16JV's data sheet
    pump.start(continuous("100 mL/h", "5 mL"))
    chip.run(2_000_000)
    made = steps(chip)
    erased = len(chip.flash.erased)
    for change in range(60):
        pump.rate(("101 mL/h", "100 mL/h")[change % 2])
        if len(chip.flash.erased) > erased:
            break
    chip.run(3_000_000)
    gaps_us = [(after - before) / 125 for before, after in itertools.pairwise(made)]
    print(f"{len(chip.flash.erased) - erased} erases of 0.4 s; steps {min(gaps_us)} to {max(gaps_us)} us apart")
    assert len(chip.flash.erased) > erased
    assert min(gaps_us) > 12_400  # 12.47 ms at 101 mL/h
    assert max(gaps_us) < 12_700  # 12.60 ms at 100 mL/h
    status = pump.status()
    assert (status.state, status.alarm_names) == ("infusing", [])


def test_a_patient_presses_and_what_was_given_outlives_the_power(power):
    """All that the options of such a program need is loaded while the motor stands; a press does not hold a step up."""
    chip, pump = power(settings())
    bare = health_now(chip, pump)["free_bytes"]
    drug = pi.Option.drug("morphine", "1 mg/mL")
    options = [
        drug,
        pi.Option.demand("0.05 mg", "100 mL/h", "1 min", drug),
        pi.Option.limit("0.2 mg", "10 min", drug),
        pi.Option.limit("0.8 mg", "1 h", drug),
    ]
    made = steps(chip)
    pump.start(pi.Program([pi.Phase.rate("0.5 mL/h", duration="2 h")], syringe="BD 60 mL", options=options))
    chip.run(3_000_000)
    pump.demand()
    with pytest.raises(Refused, match="lockout is 1 min"):
        pump.demand()
    chip.run(4_000_000)
    assert 140 <= len(made) <= 145  # 50 uL, and some of the basal
    health = health_now(chip, pump)
    print(f"bare {bare} bytes free, with a patient's bolus {health}")
    assert health["least_free_bytes"] > 75_000
    chip.cut_power()
    chip.power_up()
    chip.run(BOOT_US)
    pump.hello()
    assert "power_lost" in pump.status().alarm_names
    pump.acknowledge()
    pump.resume()
    chip.run(1_500_000)
    with pytest.raises(Refused, match="lockout is 1 min"):
        pump.demand()
    assert pump.doses().given == 1
    print("after the power cut", health_now(chip, pump))
