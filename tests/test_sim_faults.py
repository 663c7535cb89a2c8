"""Every fault: what it changes in the plant or in what is sensed."""

import pytest

import picoinfuse as pi
from picoinfuse.errors import BadInput
from picoinfuse_firmware.board import AIR_SEEN, COVER_OPEN, KEY_BOLUS, KEY_MUTE, MAINS_GONE, SYRINGE_OUT
from picoinfuse_sim import Bench
from picoinfuse_sim.faults import parse


def infusing(rate="40 mL/h", for_="1 min", **options):
    bench = Bench(seed=2, **options)
    syringe = options.get("syringe", "BD 60 mL")
    bench.pump.start(pi.Program.continuous(rate, "15 mL" if "20" in syringe else "40 mL", syringe=syringe))
    bench.advance(for_)
    return bench


def both(fault, *, then="1 min", **options):
    """Return two benches a minute after the start, later: nothing struck the first, the fault the second."""
    sound, struck = infusing(**options), infusing(**options)
    planned = parse(fault.replace("@", "@0s", 1) if "@" in fault else f"{fault}@0s")
    planned.strike(struck)
    for bench in (sound, struck):
        bench.advance(then)
    return sound, struck


def gap_ml(bench):
    """Return what the plunger displaced and the patient did not get."""
    truth = bench.truth()
    return truth["plunger_ml"] - truth["patient_ml"]


def account(bench):
    """Return who got what until now."""
    return bench.line.account_at(bench.board.bring_plant())


def turned(bench):
    bench.board.bring_plant()
    return bench.drive.turned_steps


@pytest.mark.parametrize("fault", ["clamp", "clamp_upstream"])
def test_a_clamp_lets_nothing_through(fault):
    sound, struck = both(fault, then="20 s")
    assert struck.truth()["patient_ml"] < sound.truth()["patient_ml"] - 0.15
    assert struck.truth()["plunger_ml"] > infusing().truth()["plunger_ml"]


def test_a_clamp_at_the_syringe_fills_sooner_than_one_at_the_patient():
    _, near = both("clamp_upstream", then="20 s")
    _, far = both("clamp", then="20 s")
    assert near.plant.force_mn(near.board.now_ms) > far.plant.force_mn(far.board.now_ms) + 1000


def test_a_release_gives_the_bolus_that_was_stored():
    sound, struck = both("clamp@:20 s", then="1 min")
    assert struck.truth()["patient_ml"] == pytest.approx(sound.truth()["patient_ml"], abs=0.01)
    _, struck = both("clamp", then="20 s")
    stored_ml = gap_ml(struck)
    parse("release@0s").strike(struck)
    struck.advance("1 s")
    assert gap_ml(struck) < stored_ml - 0.05


def test_a_kink_narrows_at_once_or_bit_by_bit():
    sound, struck = both("kink@:10 mmHg h/mL", then="10 min", rate="5 mL/h")
    rise_mmhg = struck.truth()["pressure_mmhg"] - sound.truth()["pressure_mmhg"]
    assert rise_mmhg == pytest.approx(50, rel=0.15)
    _, slow = both("kink@:20 min", then="2 min", rate="5 mL/h")
    _, fast = both("kink@:10 min", then="2 min", rate="5 mL/h")
    assert sound.truth()["pressure_mmhg"] < slow.truth()["pressure_mmhg"] < fast.truth()["pressure_mmhg"]


def test_a_leak_takes_its_part():
    sound, struck = both("leak@:2 mmHg h/mL", then="20 min", rate="5 mL/h")
    lost_ml = sound.truth()["patient_ml"] - struck.truth()["patient_ml"]
    assert lost_ml == pytest.approx(account(struck).leaked_nl / 1e6, abs=0.02)
    assert lost_ml > 0.3  # 10 mmHg and more drive 5 mL/h and more through it


@pytest.mark.parametrize("end", ["patient", "syringe"])
def test_a_line_that_came_off_gives_nothing_to_the_patient(end):
    sound, struck = both(f"disconnect@:{end}", then="5 min")
    assert sound.truth()["patient_ml"] - struck.truth()["patient_ml"] > 3
    assert struck.truth()["plunger_ml"] == pytest.approx(sound.truth()["plunger_ml"], abs=0.05)


def test_a_bubble_makes_the_line_soft_is_seen_and_reaches_the_patient():
    sound, struck = both("bubble@:0.2 mL", then="0.5 s", absent=["air_detector"])
    assert struck.line.compliance_nl_per_mmhg > sound.line.compliance_nl_per_mmhg + 100
    seen = False
    for _ in range(240):
        struck.advance("1 s")
        seen = seen or bool(struck.line.air_at_detector(struck.board.bring_plant()))
    assert seen
    assert account(struck).air_nl > 100_000
    assert account(sound).air_nl == 0


def test_a_cold_drug_needs_more_pressure_and_gives_the_same():
    sound, struck = both("cold@:4 degC", then="10 min", rate="200 mL/h")
    excess = [bench.truth()["pressure_mmhg"] - bench.line.patient_mmhg for bench in (sound, struck)]
    assert excess[1] / excess[0] == pytest.approx(1.57, abs=0.1)  # water: 1.57 mPa s at 4 degC, 1.00 at 20, from memory
    assert struck.truth()["patient_ml"] == pytest.approx(sound.truth()["patient_ml"], abs=0.1)


@pytest.mark.parametrize("cm", [50, -50])
def test_a_pump_that_is_moved_up_gives_a_bolus_and_one_moved_down_a_pause(cm):
    sound, struck = both(f"height@:{cm} cm", then="2 min", rate="5 mL/h")
    gained_ml = struck.truth()["patient_ml"] - sound.truth()["patient_ml"]
    compliance_ml = struck.line.compliance_nl_per_mmhg / 1e6
    assert gained_ml / (cm / 1.36) == pytest.approx(compliance_ml, rel=0.7)  # friction may keep some of it back


def test_a_second_pump_pushes_our_drug_in_as_it_starts():
    sound, struck = both("second_pump@:500 mL/h", then="5 s", rate="5 mL/h", for_="30 min")
    assert account(struck).drug_nl > account(sound).drug_nl + 50_000
    assert account(struck).second_nl == pytest.approx(500 / 3.6e3 * 5e6, rel=0.1)


def test_tissue_around_the_cannula_resists_more():
    sound, struck = both("infiltrate", then="10 min", rate="40 mL/h")
    rise_mmhg = struck.truth()["pressure_mmhg"] - sound.truth()["pressure_mmhg"]
    assert rise_mmhg == pytest.approx(40 * 0.482, rel=0.1)
    sound, struck = both("infiltrate@:60 mmHg", then="10 min", rate="5 mL/h")
    assert struck.truth()["pressure_mmhg"] - sound.truth()["pressure_mmhg"] == pytest.approx(52.4, rel=0.1)


def test_a_cuff_keeps_the_drug_back_and_lets_it_in_afterwards():
    sound, struck = both("cuff@:40 s", then="35 s")
    assert sound.truth()["patient_ml"] - struck.truth()["patient_ml"] > 0.1
    for bench in (sound, struck):
        bench.advance("1 min")
    assert struck.truth()["patient_ml"] == pytest.approx(sound.truth()["patient_ml"], abs=0.03)


def test_a_stalled_screw_stands_and_turns_again():
    sound, struck = both("stall@:1 s", then="0.9 s")
    assert turned(struck) < turned(sound)
    stood = turned(struck)
    struck.advance("1 s")
    assert turned(struck) > stood


@pytest.mark.parametrize(("fault", "part"), [("slip@:0.1", 0.9), ("overturn@:0.1", 1.1)])
def test_a_screw_that_slips_or_overturns_gives_less_or_more_than_was_told(fault, part):
    before = turned(infusing())
    sound, struck = both(fault, then="1.5 s", rate="200 mL/h")
    before = turned(infusing(rate="200 mL/h"))
    assert (turned(struck) - before) / (turned(sound) - before) == pytest.approx(part, abs=0.01)


def test_a_weak_motor_loses_steps_against_the_plunger():
    _, struck = both("thrust_low@:0.01", then="2 s")
    assert struck.board.steps() - turned(struck) > 20


def test_without_its_coupling_the_screw_turns_and_nothing_is_given():
    sound, struck = both("coupling", then="2 s", rate="200 mL/h")
    assert struck.board.encoder() == pytest.approx(sound.board.encoder(), abs=8)
    assert sound.truth()["plunger_ml"] - struck.truth()["plunger_ml"] > 0.08


def test_a_worn_nut_swallows_what_follows_a_change_of_direction():
    def given_after_a_turn_back(um):
        bench = Bench(seed=2)
        parse(f"backlash@0s:{um} um").strike(bench)
        for steps in (3200, -800, 3200):
            bench.board.move(steps, 500, bench.board.now_ms * 1000 % (1 << 30))
            bench.board.now_ms += 3000
            bench.board.bring_plant()
        bench.board.now_ms += 600_000
        return bench.truth()["plunger_ml"]

    assert given_after_a_turn_back(100) == pytest.approx(given_after_a_turn_back(500), abs=0.05)
    bench = Bench(seed=2)
    parse("backlash@0s:500 um").strike(bench)
    bench.board.move(3200, 500, bench.board.now_ms * 1000 % (1 << 30))
    bench.board.now_ms += 60_000
    before_ml = bench.truth()["plunger_ml"]
    bench.board.move(-700, 500, bench.board.now_ms * 1000 % (1 << 30))  # 437 um: all of it in the nut
    bench.board.now_ms += 60_000
    assert bench.truth()["plunger_ml"] == pytest.approx(before_ml, abs=1e-6)
    assert bench.board.encoder() == pytest.approx(2500 * 4096 / 3200, abs=10)


def test_an_emptied_syringe_gives_nothing_more():
    sound, struck = both("empty", then="30 s")
    assert struck.board.at_end()
    assert sound.truth()["patient_ml"] - struck.truth()["patient_ml"] > 0.2


def test_a_syringe_that_was_taken_out_is_not_pushed_until_it_is_put_back():
    sound, struck = both("remove_syringe@:10 s", then="5 s")
    assert struck.board.switches() == SYRINGE_OUT
    assert struck.board.barrel_um() == 0
    assert struck.truth()["patient_ml"] < sound.truth()["patient_ml"]
    struck.advance("6 s")
    assert struck.board.switches() == 0


def test_a_wrong_syringe_gives_another_volume_with_every_step():
    sound, struck = both("wrong_syringe@:BD 20 mL", then="0.1 s")
    assert struck.board.barrel_um() == pytest.approx(19_130, abs=100)
    assert sound.board.barrel_um() == pytest.approx(26_700, abs=100)
    assert struck.syringe.step_nl < 0.6 * sound.syringe.step_nl
    _, struck = both("wrong_syringe", then="0.1 s", syringe="BD 20 mL")
    assert abs(struck.board.barrel_um() - 19_130) > 900


def test_a_plunger_that_nothing_holds_siphons():
    held, siphons = infusing("1 mL/h"), infusing("1 mL/h")
    parse("uncaptured@0s").strike(siphons)
    for bench in (held, siphons):
        parse("height@0s:150 cm").strike(bench)
        bench.advance("10 min")
    assert siphons.truth()["patient_ml"] > held.truth()["patient_ml"] + 0.5


def test_a_dry_plunger_rubs_more_for_good_and_a_sticky_one_over_a_third():
    def friction_mn(fault, share):
        bench = Bench(seed=2, friction_varies=False)
        parse(fault).strike(bench)
        return bench.syringe.friction_mn(share * bench.syringe.kind.capacity_nl)

    usual_mn = Bench(friction_varies=False).syringe.friction_mn(0)
    assert friction_mn("dry@0s:2", 0.1) == friction_mn("dry@0s:2", 0.9) == pytest.approx(2 * usual_mn)
    assert friction_mn("sticky@0s:3", 0.2) == pytest.approx(3 * usual_mn)
    assert friction_mn("sticky@0s:3", 0.5) == pytest.approx(usual_mn)


@pytest.mark.parametrize(
    ("fault", "sense", "seen", "after"),
    [
        ("cover@:20 s", "switches", COVER_OPEN, 0),
        ("air_false@:20 s", "switches", AIR_SEEN, 0),
        ("mains_lost@:20 s", "switches", MAINS_GONE, 0),
        ("key_stuck@:mute", "keys", KEY_MUTE, KEY_MUTE),
        ("key_stuck", "keys", KEY_BOLUS, KEY_BOLUS),
    ],
)
def test_switches_and_keys(fault, sense, seen, after):
    _, struck = both(fault, then="10 s")
    assert getattr(struck.board, sense)() == seen
    struck.advance("11 s")
    assert getattr(struck.board, sense)() == after


def test_an_encoder_that_is_stuck_or_slips_reads_less_than_the_screw_turned():
    sound, stuck = both("encoder_stuck", then="2 s")
    _, slips = both("encoder_slip@:0.5", then="2 s")
    assert stuck.board.encoder() < slips.board.encoder() < sound.board.encoder()
    assert turned(stuck) == turned(slips) == turned(sound)


def test_what_the_load_cell_reads_is_not_what_presses():
    def error_mn(bench):
        return bench.board.force_mn() - bench.plant.force_mn(bench.board.now_ms)

    sound, struck = both("force_offset@:-2 N", then="1 s")
    assert error_mn(struck) - error_mn(sound) == pytest.approx(-2000, abs=150)
    sound, struck = both("force_drift@:20 N/h", then="6 min", rate="5 mL/h")
    assert error_mn(struck) - error_mn(sound) == pytest.approx(2000, abs=250)
    _, struck = both("force_saturated@:5 s", then="0.1 s")
    assert struck.board.force_mn() == struck.config.force_max_mn
    _, struck = both("force_stuck", then="1 s")
    assert len({struck.board.force_mn() for _ in range(20)}) == 1


def test_the_battery_is_low_or_flat():
    _, low = both("battery_low", then="1 s")
    assert low.board.switches() == MAINS_GONE
    assert low.config.battery_empty_mv < low.board.battery_mv() < low.config.battery_low_mv
    _, flat = both("battery_flat", then="1 s")
    assert flat.board.battery_mv() < flat.config.battery_empty_mv
    flat.advance("1 h")
    assert flat.board.now_ms < flat.board.boot_ms  # dark


def test_the_pump_becomes_hot():
    _, struck = both("hot", then="5 min")
    assert struck.board.temperature_mc() > struck.config.temperature_max_mc


def test_a_power_cut_and_a_watchdog_restart_the_board_and_a_hang_does_not():
    for fault, restarts in (("power_cut", True), ("watchdog", True), ("hang", False)):
        bench = infusing()
        board = bench.board
        parse(f"{fault}@0s").strike(bench)
        bench.advance("20 s")
        assert (bench.board is not board) is restarts, fault


def test_the_cable_is_out_and_in_again():
    bench = infusing()
    parse("unplug@0s").strike(bench)
    assert bench.board.unplugged
    parse("plug@0s").strike(bench)
    assert not bench.board.unplugged


def test_a_flipped_bit_makes_it_another_program():
    bench = infusing()
    check = bench.controller.program.check()
    rate_nl = bench.controller.program.phases[-1].rate_nl
    parse("memory@0s").strike(bench)
    assert bin(bench.controller.program.phases[-1].rate_nl ^ rate_nl).count("1") == 1
    assert bench.controller.program.check() != check
    Bench().fault("memory@0s")  # without a program there is nothing to spoil


def test_a_fault_that_an_ideal_bench_cannot_have_is_refused_in_words():
    bench = infusing(ideal=True)
    with pytest.raises(BadInput, match="only a bench that is not ideal lets a plunger run ahead"):
        parse("uncaptured@0s").strike(bench)


def test_a_pump_in_a_bag_gives_boluses_and_pauses_and_over_the_hour_what_was_ordered():
    sound, struck = both("carried@:40 cm", then="50 s", rate="5 mL/h", ideal=True)
    up_ml = struck.truth()["patient_ml"] - sound.truth()["patient_ml"]
    # The line lets out what it stored under 40 cm of water: compliance times 29 mmHg.
    assert up_ml == pytest.approx(struck.line.compliance_nl_per_mmhg * 40 / 1.36 / 1e6, rel=0.1)
    for bench in (sound, struck):
        bench.advance("5 min")
    assert struck.truth()["patient_ml"] < sound.truth()["patient_ml"]
    assert struck.line.height_cm == -40
    for bench in (sound, struck):
        bench.advance("65 min")
    assert struck.line.height_cm == 0
    assert struck.truth()["patient_ml"] == pytest.approx(sound.truth()["patient_ml"], abs=0.06)
    assert struck.truth()["plunger_ml"] == pytest.approx(sound.truth()["plunger_ml"], abs=0.01)


def test_a_bag_is_moved_no_further_than_a_line_is_long():
    bench = infusing(height_cm=190)
    parse("carried@0s:40 cm").strike(bench)
    bench.advance("6 min")
    assert bench.line.height_cm == 150


def test_an_old_battery_holds_less_and_sags_more():
    sound, struck = both("battery_old@:50 %", then="1 min")
    for bench in (sound, struck):
        bench.senses.battery.set_charge(0.8)
        bench.mains(False)
        bench.advance("10 s")
    assert struck.board.battery_mv() < sound.board.battery_mv()
    assert struck.senses.battery.lasts_ms() == pytest.approx(sound.senses.battery.lasts_ms() / 2, rel=0.01)


def test_a_cold_battery_gives_less_until_it_is_warm_again():
    bench = infusing()
    battery = bench.senses.battery
    warm_ms = battery.lasts_ms()
    bench.senses.heat(0)
    bench.advance("2 h")
    assert battery.lasts_ms() == pytest.approx(0.85 * warm_ms, rel=0.01)
    bench.senses.heat(30)
    bench.advance("2 h")
    assert battery.lasts_ms() == pytest.approx(warm_ms, rel=0.01)


@pytest.mark.parametrize("charge", [0.5, 0.0005])
def test_another_battery_is_full_and_new_also_after_the_old_one_was_flat(charge):
    bench = infusing()
    bench.senses.battery.fit(charge, 0.6)
    bench.mains(False)
    bench.advance("5 min")
    parse("battery_swap@0s:30 s").strike(bench)
    bench.advance("40 s")
    assert bench.pump.status().alarm_names[0] == "power_lost"
    assert bench.senses.battery.charge() > 0.99
    assert bench.senses.battery.health == 1.0
    assert not bench.senses.battery.mains
    bench.advance("13 h")  # until this one is flat as well
    assert bench.board.now_ms < bench.board.boot_ms
