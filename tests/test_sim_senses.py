"""The sensors: what each reads of the plant, how large its error is, and what it reads when something is wrong."""

import numpy as np
import pytest

import picoinfuse as pi
from picoinfuse.errors import BadInput
from picoinfuse_firmware.board import (
    AIR_SEEN,
    COVER_OPEN,
    KEY_BOLUS,
    KEY_MUTE,
    MAINS_GONE,
    SENSORS,
    SYRINGE_OUT,
    TICKS_MASK,
)
from picoinfuse_firmware.config import Config
from picoinfuse_sim import Bench
from picoinfuse_sim.battery import CAPACITY_J, IDLE_W, STEP_J
from picoinfuse_sim.senses import DRIFT_MN, FORCE_NOISE_MN, GAUGE_AT_MOST_UM, OFFSET_MN

TRUE_MN = 5000  # about the friction of a BD 60 mL syringe


@pytest.fixture
def bench():
    """A bench whose firmware is never polled: what is read is read by the test."""
    bench = Bench(seed=3)
    bench.hang("0.5 s")
    return bench


def error_mn(bench):
    """Return what a reading of the force is off by now."""
    return bench.board.force_mn() - bench.plant.force_mn(bench.board.now_ms)


def mean_error_mn(bench, readings=400):
    return float(np.mean([error_mn(bench) for _ in range(readings)]))


def turn(bench, steps):
    """Let the motor make steps, as fast as it may, and be done."""
    bench.board.move(steps, 500, bench.board.now_ms * 1000 & TICKS_MASK)
    bench.board.now_ms += abs(steps) // 2 + 1
    bench.board.bring_plant()


# --- the force -----------------------------------------------------------------------------------------------------


def test_the_force_has_its_noise_and_a_tare_error_of_its_own():
    errors = [[error_mn(bench) for _ in range(2000)] for bench in (Bench(seed=seed) for seed in range(40))]
    assert np.mean([np.std(one) for one in errors]) == pytest.approx(FORCE_NOISE_MN, rel=0.05)
    offsets = [np.mean(one) for one in errors]
    assert np.std(offsets) == pytest.approx(np.hypot(OFFSET_MN, DRIFT_MN / 5), rel=0.4)
    assert max(abs(offset) for offset in offsets) < 3 * OFFSET_MN + 3 * DRIFT_MN


def test_the_zero_wanders_slowly_and_not_away(bench):
    means = [mean_error_mn(bench, 16384) for _ in range(60)]  # 27 minutes each
    steps = np.diff(means)
    assert 5 < np.std(steps) < DRIFT_MN
    assert np.std(means) < 2 * DRIFT_MN


def test_without_noise_the_force_is_exact_and_whole():
    bench = Bench(noise=False)
    for _ in range(10):
        reading = bench.board.force_mn()
        assert isinstance(reading, int)
        assert abs(reading - bench.plant.force_mn(bench.board.now_ms)) <= 0.5


def test_a_jammed_cell_reads_what_it_read_whatever_presses(bench):
    bench.senses.stick_force()
    first = bench.board.force_mn()
    bench.line.clamp()
    turn(bench, 2000)
    assert bench.plant.force_mn(bench.board.now_ms) > first + 2000
    assert {bench.board.force_mn() for _ in range(50)} == {first}
    bench.senses.stick_force(False)
    assert abs(error_mn(bench)) < 5 * OFFSET_MN


def test_a_cell_with_a_wire_off_reads_the_end_of_its_range(bench):
    bench.senses.saturate_force()
    assert {bench.board.force_mn() for _ in range(20)} == {Config().force_max_mn}
    bench.senses.saturate_force(False)
    assert abs(error_mn(bench)) < 5 * OFFSET_MN


def test_a_wrong_tare_moves_every_reading_and_no_reading_leaves_the_range(bench):
    before = mean_error_mn(bench)
    bench.senses.offset_force(-2000)
    assert mean_error_mn(bench) - before == pytest.approx(-2000, abs=10)
    bench.senses.offset_force(500_000)
    assert bench.board.force_mn() == Config().force_max_mn
    bench.senses.offset_force(-500_000)
    assert bench.board.force_mn() == Config().force_min_mn
    bench.senses.offset_force(0)
    assert mean_error_mn(bench) == pytest.approx(before, abs=10)


def test_a_drift_goes_on_with_time_and_stays_where_it_came_to(bench):
    before = mean_error_mn(bench)
    bench.senses.drift_force(20_000)
    bench.advance("30 min")
    assert mean_error_mn(bench) - before == pytest.approx(10_000, abs=3 * DRIFT_MN)
    bench.senses.drift_force(0)
    bench.advance("30 min")
    assert mean_error_mn(bench) - before == pytest.approx(10_000, abs=3 * DRIFT_MN)


def test_a_cell_that_cannot_be_pulled_reads_zero_under_tension():
    for least_mn, expected_mn in ((-50_000, -3000), (0, 0)):
        bench = Bench(noise=False, config=Config(force_min_mn=least_mn))
        true_mn = bench.plant.force_mn(bench.board.now_ms)
        bench.senses.offset_force(-3000 - true_mn)  # what reaches the cell is 3 N of tension
        assert bench.board.force_mn() == pytest.approx(expected_mn, abs=1)


# --- the encoder ---------------------------------------------------------------------------------------------------


def test_an_encoder_that_slips_misses_its_part_of_what_the_screw_turns(bench):
    turn(bench, 3200)
    sound = bench.board.encoder()
    bench.senses.slip_encoder(0.25)
    turn(bench, 3200)
    assert bench.drive.turned_steps == 6400
    assert bench.board.encoder() - sound == pytest.approx(0.75 * 4096, abs=12)
    bench.senses.slip_encoder(0.5)
    before = bench.board.encoder()
    turn(bench, 3200)
    assert bench.board.encoder() - before == pytest.approx(0.5 * 4096, abs=12)


def test_a_magnet_that_came_off_stands_over_a_power_cut_and_is_right_again_when_mended(bench):
    turn(bench, 320)
    bench.senses.stick_encoder()
    stood = bench.board.encoder()
    turn(bench, 3200)
    assert bench.board.encoder() == stood
    bench.power_cut(1)
    bench.advance(2)
    assert bench.board.encoder() == 0
    turn(bench, 100)
    assert bench.board.encoder() == 0


# --- switches, keys, gauge -----------------------------------------------------------------------------------------


def test_the_switches_say_what_is_open_out_or_gone(bench):
    assert bench.board.switches() == 0
    bench.senses.open_cover()
    assert bench.board.switches() == COVER_OPEN
    bench.senses.see_air()
    bench.mains(False)
    bench.plant.remove()
    assert bench.board.switches() == COVER_OPEN | AIR_SEEN | MAINS_GONE | SYRINGE_OUT
    bench.senses.open_cover(False)
    bench.senses.see_air(False)
    bench.mains()
    bench.plant.put_back()
    assert bench.board.switches() == 0


@pytest.mark.parametrize(
    ("absent", "bit"), [("cover_switch", COVER_OPEN), ("air_detector", AIR_SEEN), ("mains_sense", MAINS_GONE)]
)
def test_the_bit_of_an_absent_switch_stays_down(absent, bit):
    bench = Bench(absent=[absent])
    bench.senses.open_cover()
    bench.senses.see_air()
    bench.mains(False)
    assert bench.board.switches() == (COVER_OPEN | AIR_SEEN | MAINS_GONE) & ~bit
    assert bench.board.has == tuple(name for name in SENSORS if name != absent)


@pytest.mark.parametrize(("ul", "seen"), [(30, False), (49, False), (51, True), (200, True)])
def test_the_detector_sees_bubbles_from_fifty_microlitres_on(ul, seen):
    bench = Bench(seed=3)
    bench.line.bubble(ul / 1000)
    found = False
    for _ in range(800):
        turn(bench, 4)  # 1.4 uL
        found = bench.board.switches() == AIR_SEEN or found
    assert found is seen
    assert bench.board.switches() == 0  # it has gone by


@pytest.mark.parametrize(("ul", "seen"), [(30, False), (60, True)])
def test_a_bubble_that_went_by_between_two_looks_is_told_once(ul, seen):
    bench = Bench(seed=3)
    bench.line.bubble(ul / 1000)
    for _ in range(60):
        turn(bench, 20)
    assert bench.board.switches() == 0  # not there yet
    for _ in range(100):
        turn(bench, 20)
    assert bench.line.air_at_detector(bench.board.bring_plant()) == 0
    assert (bench.board.switches() == AIR_SEEN) is seen
    assert bench.board.switches() == 0


def test_keys_are_pressed_and_let_go(bench):
    bench.senses.press("bolus")
    bench.senses.press("mute")
    assert bench.board.keys() == KEY_BOLUS | KEY_MUTE
    bench.senses.press("bolus", False)
    assert bench.board.keys() == KEY_MUTE
    with pytest.raises(BadInput, match="key = 'stop': unknown key; the known ones are: start, bolus, mute"):
        bench.senses.press("stop")


def test_the_gauge_reads_the_barrel_that_is_really_fitted_and_nothing_without_one(bench):
    readings = []
    for _ in range(30):
        bench.change_syringe("BD 60 mL")
        readings.append(bench.board.barrel_um())
        assert bench.board.barrel_um() == readings[-1]  # it does not tremble
    assert max(abs(um - 26_700) for um in readings) <= GAUGE_AT_MOST_UM
    assert np.std(readings) > 10
    bench.change_syringe("BD 20 mL")
    assert bench.board.barrel_um() == pytest.approx(19_130, abs=GAUGE_AT_MOST_UM)
    bench.plant.remove()
    assert bench.board.barrel_um() == 0


# --- battery and thermometer ---------------------------------------------------------------------------------------


def test_on_the_mains_the_battery_is_full(bench):
    bench.advance("5 h")
    assert bench.board.battery_mv() == 8400
    bench.senses.battery.set_charge(0.5)
    low_mv = bench.board.battery_mv()
    bench.advance("10 min")
    assert low_mv < bench.board.battery_mv() < 8400


def test_without_the_mains_the_battery_loses_what_electronics_and_steps_take():
    bench = Bench(seed=1)
    bench.pump.start(pi.Program.continuous(rate="200 mL/h", volume="50 mL"))
    bench.advance("1 min")
    bench.mains(False)
    steps = bench.board.steps_forward()
    before_j = bench.senses.battery.charge() * CAPACITY_J
    bench.advance("10 min")
    used_j = before_j - bench.senses.battery.charge() * CAPACITY_J
    assert used_j == pytest.approx(600 * IDLE_W + (bench.board.steps_forward() - steps) * STEP_J, rel=1e-9)


def test_the_voltage_falls_with_the_charge_and_sags_under_load(bench):
    bench.mains(False)
    seen = []
    for charge in (1.0, 0.8, 0.5, 0.25, 0.1, 0.03, 0.0):
        bench.senses.battery.set_charge(charge)
        seen.append(bench.board.battery_mv())
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == len(seen)
    assert 8000 < seen[0] < 8400


def test_when_the_low_voltage_is_reached_half_an_hour_is_left_at_the_highest_rate(bench):
    """What the firmware believes of its battery (Config) is what this battery does."""
    battery = bench.senses.battery
    bench.mains(False)
    charge = 1.0
    while bench.board.battery_mv() >= Config().battery_low_mv:
        charge -= 0.001
        battery.set_charge(charge)
    low = charge
    while bench.board.battery_mv() >= Config().battery_empty_mv:
        charge -= 0.001
        battery.set_charge(charge)
    highest_w = IDLE_W + 1e6 / Config().min_interval_us * STEP_J
    assert (low - charge) * CAPACITY_J / highest_w > 30 * 60


def test_a_flat_battery_takes_the_pump_down_until_the_mains_is_back():
    bench = Bench(seed=1)
    bench.advance("10 s")
    bench.senses.battery.set_charge(0.01)
    bench.mains(False)
    lasts_s = 0.01 * CAPACITY_J / IDLE_W
    bench.advance(lasts_s - 1)
    on = bench.controller.now_ms
    assert on > (lasts_s - 1) * 1000
    bench.advance("1 h")
    assert bench.controller.now_ms < on + 3000  # it was not polled again
    assert bench.board.now_ms < bench.board.boot_ms
    bench.mains()
    bench.advance("10 s")
    assert 0 < bench.controller.now_ms < 10_000


def test_the_thermometer_follows_the_inside_within_minutes(bench):
    assert bench.board.temperature_mc() == pytest.approx(30_000, abs=2000)
    error_mc = bench.board.temperature_mc() - 30_000
    bench.senses.heat(75)
    assert bench.board.temperature_mc() - error_mc == pytest.approx(30_000, abs=2)
    bench.advance("2 min")
    assert bench.board.temperature_mc() - error_mc == pytest.approx(75_000 - 45_000 / np.e, abs=50)
    bench.advance("20 min")
    assert bench.board.temperature_mc() - error_mc == pytest.approx(75_000, abs=5)


def test_the_same_seed_gives_the_same_sensors():
    def readings(seed):
        bench = Bench(seed=seed)
        board = bench.board
        return [board.force_mn() for _ in range(50)], board.barrel_um(), board.temperature_mc()

    assert readings(4) == readings(4)
    assert readings(4) != readings(5)


def test_a_silent_sensor_keeps_its_last_reading_and_an_absent_one_cannot_be_silenced():
    from picoinfuse_sim import Bench

    bench = Bench(seed=1, absent=["keys"])
    bench.senses.silence("force")
    assert bench.board.silent() == 1
    assert len({bench.board.force_mn() for _ in range(5)}) == 1
    bench.senses.silence("encoder")
    bench.senses.silence("keys")
    assert bench.board.silent() == 3
    bench.senses.silence("force", False)
    bench.senses.silence("encoder", False)
    assert bench.board.silent() == 0
    with pytest.raises(BadInput, match="nose"):
        bench.senses.silence("nose")
