"""Readings that cannot be true: at the end of the range, stuck, absurd, or too fast for any screw."""

from random import Random

import pytest

from boards import Rig, order, rate
from picoinfuse_firmware import alarms
from picoinfuse_firmware.board import BATTERY, ENCODER, FORCE, SENSORS, THERMOMETER
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.watch import sensors
from picoinfuse_firmware.watch.sensors import EncoderWatch, ForceWatch, OddWatch

FAULT = alarms.SENSOR_FAULT
ORDER = order(rate(20, 5))


def looks(watch, forces, steps_each=10, from_steps=0):
    return [watch.look(force_mn, from_steps + i * steps_each) for i, force_mn in enumerate(forces)]


def noise(count, mean_mn=5000, sigma_mn=20, seed=1):
    drawn = Random(seed)
    return [round(drawn.gauss(mean_mn, sigma_mn)) for _ in range(count)]


@pytest.mark.parametrize("end_mn", [196000, 250000, -50000])
def test_a_cell_at_the_end_of_its_range_is_broken_after_a_few_looks(end_mn):
    watch = ForceWatch(Config())
    assert looks(watch, [5000, end_mn, end_mn, 5001, end_mn, end_mn]) == [0] * 6
    assert watch.look(end_mn, 100) == FAULT
    assert sensors.force(end_mn, Config()) == FAULT
    assert sensors.force(5000, Config()) == 0


def test_a_cell_that_reads_no_tension_may_rest_at_its_lower_end():
    config = Config(force_min_mn=0)
    watch = ForceWatch(config)
    assert set(looks(watch, [0] * 100)) == {0}
    assert not watch.frozen()
    assert sensors.force(0, config) == 0


@pytest.mark.parametrize("before", [[], noise(3), noise(200)])
@pytest.mark.parametrize("jammed_mn", [0, 37, 5003])
def test_a_cell_that_gives_one_number_for_a_minute_of_motion_is_stuck(before, jammed_mn):
    """Bug: only one that had been seen to tremble for a while was told, and one that jammed before never."""
    watch = ForceWatch(Config())
    assert FAULT not in looks(watch, before)
    codes = looks(watch, [jammed_mn] * (sensors.SAME_LOOKS + 5), from_steps=3000)
    assert FAULT not in codes[: sensors.SAME_LOOKS - 1]
    assert codes[-1] == FAULT


def test_a_jammed_cell_that_was_only_acknowledged_is_told_at_the_first_look():
    watch = ForceWatch(Config())
    assert FAULT in looks(watch, [5003] * (sensors.SAME_LOOKS + 5))
    watch.arm()
    assert watch.look(5003, 700) == FAULT
    watch.arm()
    assert FAULT not in looks(watch, noise(200), from_steps=700), "mended"


def test_a_live_cell_may_give_one_number_for_as_long_as_the_screw_hardly_turns():
    watch = ForceWatch(Config())
    still = looks(watch, [5003] * 600, steps_each=0, from_steps=3000)
    assert set(still) == {0}


def test_noise_of_a_coarse_cell_is_not_taken_for_a_stuck_one():
    """Readings in steps of 30 mN with noise of 20 mN: every second one is that of the look before."""
    watch = ForceWatch(Config())
    assert set(looks(watch, noise(50000, sigma_mn=Config().force_noise_mn), steps_each=100)) == {0}
    coarse = [force // 30 * 30 for force in noise(50000, mean_mn=5055)]
    assert set(looks(watch, coarse)) == {0}


def test_a_cell_that_jams_before_the_plunger_is_pushed_is_no_drive_that_is_not_engaged():
    """Bug: it was said that the drive is not engaged, since the force never came."""
    rig = Rig(has=(FORCE,), trembles=True)
    drawn = Random(2)
    rig.board.force = 0
    rig.start(order(rate(20, 5)))
    for _ in range(30):
        rig.board.force = round(drawn.gauss(0, 20))
        rig.run(1000)
    rig.run_until("alarm")
    assert rig.alarms == ["sensor_fault"]


def test_an_even_force_of_a_cell_that_is_declared_without_noise_is_no_fault():
    """As in an ideal simulation: the force rises while the line fills, and then stays the same for hours."""
    watch = ForceWatch(Config(force_noise_mn=0))
    filling = [5000 + 300 * i // 100 for i in range(100)]
    assert set(looks(watch, filling + [5300] * 10000)) == {0}


def test_absurd_voltages_and_temperatures():
    for good in (0, 6000, 8400, 20000):
        assert sensors.battery(good) == 0
    for bad in (-1, 20001):
        assert sensors.battery(bad) == FAULT
    for good in (-20000, 0, 90000):
        assert sensors.thermometer(good) == 0
    for bad in (-40000, 125000, -273000):
        assert sensors.thermometer(bad) == FAULT
    watch = OddWatch()
    assert [watch.look(code) for code in (FAULT, FAULT, 0, FAULT, FAULT, FAULT)] == [0] * 5 + [FAULT]


def test_an_encoder_that_turns_faster_than_any_motor_here_has_jumped():
    watch = EncoderWatch(Config())
    watch.arm(0, 100)
    fastest = 2560  # counts in a second at 2000 steps a second
    assert watch.look(1000, 100 + fastest) == 0
    assert watch.look(2000, 100 + 2 * fastest) == 0
    assert watch.look(3000, 100 + 2 * fastest + sensors.FASTER * fastest) == FAULT
    assert watch.look(4000, 100) == FAULT
    watch.arm(10000, 0)
    assert watch.look(15000, 5 * fastest) == 0, "the firmware came late"
    assert watch.look(20000, -5 * fastest * 2) == FAULT


SEEN = [
    (FORCE, "force", 196000),
    (BATTERY, "battery", -5),
    (THERMOMETER, "temperature", 130000),
]


@pytest.mark.parametrize(("sensor", "what", "reading"), SEEN)
def test_the_pump_stops_and_names_the_sensor(sensor, what, reading):
    rig = Rig(has=(sensor,))
    rig.start(ORDER)
    rig.run(5000)
    sound = getattr(rig.board, what)
    if sensor == FORCE:
        rig.controller._feel_ms = 1 << 60  # the occlusion alarm, which looks ten times as often, would be first
        rig.controller.guard.look = lambda now_ms: 0
    setattr(rig.board, what, reading)
    rig.run_until("alarm", 40000)
    assert rig.alarms == ["sensor_fault"]
    assert rig.seen("alarm", "sensor_fault")[0]["value"] == 1 << SENSORS.index(sensor)
    assert rig.refusal("acknowledge") == "cause_present"
    setattr(rig.board, what, sound)
    rig.ok("acknowledge")
    setattr(rig.board, what, reading)
    assert rig.refusal("resume", rig.new_id()) == "would_alarm"
    setattr(rig.board, what, sound)
    rig.resume()
    rig.run(5000)
    assert (rig.state, rig.alarms) == ("infusing", [])


def test_an_encoder_that_jumps_stops_the_pump():
    rig = Rig(has=(ENCODER,))
    rig.start(ORDER)
    rig.run(5000)
    counts = rig.board.encoder
    rig.board.encoder = lambda: counts() - 100000
    rig.run(1100)
    assert "sensor_fault" in rig.alarms
    assert rig.seen("alarm", "sensor_fault")[0]["value"] == 1 << SENSORS.index(ENCODER)


def test_a_cell_that_sticks_on_the_bench_is_told():
    import picoinfuse as pi
    from picoinfuse_sim import Bench

    bench = Bench(seed=3)
    bench.pump.start(pi.Program.continuous(rate="5 mL/h", volume="20 mL"))
    bench.advance("30 min")
    assert bench.controller.alarms.codes == []
    reading_mn = bench.board.force_mn()
    bench.board.force_mn = lambda: reading_mn
    bench.advance("5 min")
    assert bench.controller.alarms.codes == [FAULT]


@pytest.mark.parametrize(
    ("syringe", "first", "then"),
    [("BD 5 mL", "0.5 mL/h", "3 mL/h"), ("BD 60 mL", "5 mL/h", "7 mL/h"), ("Monoject 140 mL", "9 mL/h", "18 mL/h")],
)
def test_an_ideal_bench_without_noise_has_no_fault_of_a_sensor(syringe, first, then):
    """Its force ripples with the steps and is else the same for hours."""
    import picoinfuse as pi
    from picoinfuse_sim import Bench

    bench = Bench(seed=3, syringe=syringe, ideal=True)
    bench.pump.start(pi.Program.continuous(rate=first, volume="5 mL", syringe=syringe))
    bench.advance("30 min")
    bench.pump.rate(then)
    bench.advance("20 min")
    assert FAULT not in bench.controller.alarms.codes


def test_silence_is_a_fault_and_no_bit_is_none():
    assert sensors.silent(0) == 0
    assert sensors.silent(1 << SENSORS.index(ENCODER)) == FAULT


@pytest.mark.parametrize("sensor", [FORCE, ENCODER])
def test_a_sensor_that_falls_silent_stops_the_pump_within_a_second_and_is_named(sensor):
    rig = Rig(has=(FORCE, ENCODER))
    rig.start(ORDER)
    rig.run(5000)
    rig.board.silent_bits = 1 << SENSORS.index(sensor)
    rig.run(1100)
    assert (rig.state, rig.alarms) == ("alarm", ["sensor_fault"])
    assert rig.seen("alarm", "sensor_fault")[0]["value"] == 1 << SENSORS.index(sensor)
    assert rig.refusal("acknowledge") == "cause_present"
    rig.board.silent_bits = 0
    rig.ok("acknowledge")
    rig.board.silent_bits = 1 << SENSORS.index(sensor)
    assert rig.refusal("resume", rig.new_id()) == "would_alarm"
    rig.board.silent_bits = 0
    rig.run(1100)
    assert rig.state in ("paused", "alarm")


def test_a_sensor_that_falls_silent_on_a_pump_that_stands_is_told_too():
    rig = Rig(has=(FORCE,))
    rig.run(2000)
    rig.board.silent_bits = 1 << SENSORS.index(FORCE)
    rig.run(1100)
    assert rig.alarms == ["sensor_fault"]


@pytest.mark.parametrize("sensor", SENSORS)
def test_a_plug_that_is_pulled_on_the_bench_is_told_by_its_bit(sensor):
    import picoinfuse as pi
    from picoinfuse_sim import Bench

    bench = Bench(seed=3)
    bench.pump.start(pi.Program.continuous(rate="5 mL/h", volume="20 mL"))
    bench.fault(f"silent@1 min:{sensor}")
    bench.advance("62 s")
    told = [event for event in bench.pump.events() if event.kind == "alarm"]
    assert [(event.what, event.value) for event in told] == [("sensor_fault", 1 << SENSORS.index(sensor))]
