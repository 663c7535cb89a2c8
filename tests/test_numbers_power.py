"""Power cuts: the pump comes up, says so, does not restart, and its account is never below the truth."""

import pytest

import picoinfuse as pi
from measure import start, step_nl
from picoinfuse.errors import Refused
from picoinfuse_firmware.delivery import CHUNK_MS, LOOKAHEAD_MS
from picoinfuse_firmware.narrow import uncertain_steps
from picoinfuse_firmware.reserve import RESERVE_MS, RESERVE_PART_OF_TURN
from picoinfuse_sim import Bench, hands
from picoinfuse_sim.board import PowerFailed

STEPS_PER_TURN = 3200


def reserve_nl(syringe, rate_ml_h):
    """How far the account may be above the truth: a quarter of a turn, the look-ahead, and what a journal's entry adds.

    Two steps and a nanolitre are for rounding.
    """
    turn_part = STEPS_PER_TURN // RESERVE_PART_OF_TURN + 2
    seconds = (LOOKAHEAD_MS + CHUNK_MS + RESERVE_MS) / 1000
    return float(turn_part * step_nl(syringe)) + rate_ml_h * 1e6 / 3600 * seconds + 1


def cut(bench):
    """Cut the power for ten seconds and return the true dose until then in nanolitres, and the status after it."""
    true_nl = bench.truth()["plunger_ml"] * 1e6
    bench.power_cut()
    bench.advance("15 s")
    return true_nl, bench.pump.status()


CASES = [(syringe, rate) for syringe in ("BD 5 mL", "BD 20 mL", "BD 60 mL") for rate in (0.1, 5, 40, 200)]


@pytest.mark.parametrize(("syringe", "rate"), CASES)
def test_after_a_power_cut_the_account_is_the_truth_or_above_it_within_the_reserve(syringe, rate):
    for seconds in (0.5, 3, 17.77, 60.1):
        bench = Bench(seed=1, syringe=syringe, ideal=True)  # the account counts steps; a stiff plunger follows each
        start(bench, pi.Program.continuous(rate=f"{rate} mL/h", volume="4.5 mL", syringe=syringe))
        bench.advance(seconds)
        true_nl, status = cut(bench)
        assert 0 <= status.delivered_nl - true_nl + 1 <= reserve_nl(syringe, rate)


def test_after_a_power_cut_the_pump_says_so_and_waits_for_a_person():
    bench = Bench(seed=2)
    id = bench.pump.start(pi.Program.continuous(rate="40 mL/h", volume="40 mL"))
    bench.advance("10 min")
    _, status = cut(bench)
    assert (status.boot, status.state, status.alarm_names) == (2, "alarm", ["power_lost"])
    assert bench.pump.outcome(id).what == "power_lost"

    turned = bench.drive.turned_steps
    bench.advance("1 h")
    assert bench.drive.turned_steps == turned
    with pytest.raises(Refused, match="alarm"):
        bench.pump.load(pi.Program.continuous(rate="40 mL/h", volume="1 mL"))
    with pytest.raises(Refused):
        bench.pump.resume()

    bench.pump.acknowledge()
    assert bench.pump.status().state == "paused"
    bench.advance("1 min")
    assert bench.drive.turned_steps == turned
    bench.pump.resume()
    assert bench.pump.wait().state == "complete"
    ordered = int(40e6 / step_nl("BD 60 mL"))
    assert ordered - 2 * uncertain_steps(bench.config) - 2 <= bench.drive.turned_steps <= ordered


def test_after_a_power_cut_the_program_can_be_stopped_and_another_one_given():
    bench = Bench(seed=2)
    bench.pump.start(pi.Program.continuous(rate="40 mL/h", volume="40 mL"))
    bench.advance("10 min")
    cut(bench)
    bench.pump.stop()
    assert (bench.pump.status().state, bench.pump.status().alarms) == ("idle", ())
    _, status = cut(bench)
    assert (status.state, status.alarms) == ("idle", ())
    bench.pump.start(pi.Program.continuous(rate="40 mL/h", volume="1 mL"))
    assert bench.pump.wait().state == "complete"


def test_a_second_power_cut_before_anybody_came_still_says_power_lost_with_the_same_account():
    bench = Bench(seed=3)
    id = bench.pump.start(pi.Program.continuous(rate="40 mL/h", volume="40 mL"))
    bench.advance("10 min")
    _, first = cut(bench)
    _, second = cut(bench)
    assert (second.boot, second.state, second.alarm_names) == (3, "alarm", ["power_lost"])
    assert second.delivered_nl == first.delivered_nl
    assert bench.pump.outcome(id).what == "power_lost"


@pytest.mark.parametrize("seconds", [0.2, 1.0, 5.0, 20.0])
def test_a_bolus_that_the_power_cut_short_has_power_lost_for_its_outcome(seconds):
    bench = Bench(seed=4)
    start(bench, pi.Program.continuous(rate="5 mL/h", volume="10 mL"))
    bench.advance("1 min")
    id = bench.pump.bolus("2 mL", rate="200 mL/h")  # takes 36 s
    bench.advance(seconds)
    true_nl, status = cut(bench)
    assert status.alarm_names == ["power_lost"]
    assert [(outcome.verb, outcome.what) for outcome in bench.pump.settle()] == [
        ("start", "power_lost"),
        ("bolus", "power_lost"),
    ]
    assert bench.pump.outcome(id).what == "power_lost"
    assert 0 <= status.delivered_nl - true_nl + 1 <= reserve_nl("BD 60 mL", 205)


def test_a_bolus_that_was_over_before_the_power_failed_stays_done():
    bench = Bench(seed=5)
    start(bench, pi.Program.continuous(rate="5 mL/h", volume="10 mL"))
    id = bench.pump.bolus("0.5 mL", rate="200 mL/h")  # takes 9 s
    bench.advance("20 s")
    cut(bench)
    assert bench.pump.outcome(id).what == "done"


def test_while_paused_the_account_survives_a_power_cut_exactly():
    bench = Bench(seed=6)
    start(bench, pi.Program.continuous(rate="40 mL/h", volume="10 mL"))
    bench.advance("1 min")
    bench.pump.pause()
    before = bench.pump.status().delivered_nl
    _, status = cut(bench)
    assert status.delivered_nl == before
    assert status.alarm_names == ["power_lost"]


def test_a_power_cut_after_the_end_is_no_loss():
    bench = Bench(seed=7)
    start(bench, pi.Program.continuous(rate="60 mL/h", volume="0.5 mL"))
    bench.pump.wait()
    before = bench.pump.status().delivered_nl
    _, status = cut(bench)
    assert (status.state, status.alarms, status.delivered_nl) == ("idle", (), before)


@pytest.mark.parametrize("slow_ms", [45_030, 48_090, 50_040])
def test_a_power_cut_just_after_a_slow_phase_gave_way_to_a_fast_one_finds_an_account_that_is_not_too_low(slow_ms):
    """Once the first steps of the fast phase were laid before the journal knew of it: 86 uL were missing."""
    bench = Bench(seed=1)
    phases = [pi.Phase.rate("20 mL/h", duration=f"{slow_ms} ms"), pi.Phase.rate("1200 mL/h", volume="3 mL")]
    since_ms = start(bench, pi.Program(phases))
    bench.advance((since_ms + slow_ms + 300 - bench.controller.now_ms) / 1000)
    true_nl, status = cut(bench)
    assert 0 <= status.delivered_nl - true_nl + 1 <= reserve_nl("BD 60 mL", 1200)


def test_cut_at_any_tenth_of_a_second_around_changes_of_rate_and_boluses_the_account_is_never_too_low():
    for tenth in range(40):
        bench = Bench(seed=tenth, jitter_ms=100)
        start(bench, pi.Program.continuous(rate="1 mL/h", volume="10 mL"))
        bench.advance("3 s")
        bench.pump.rate("900 mL/h")
        bench.pump.bolus("0.2 mL", rate="250 mL/h")
        bench.advance(tenth / 10)
        true_nl, status = cut(bench)
        assert 0 <= status.delivered_nl - true_nl + 1 <= reserve_nl("BD 60 mL", 1150)


THERAPIES = {
    "a bolus, a ramp, a pause": [
        pi.Phase.rate("60 mL/h", volume="0.2 mL"),
        pi.Phase.bolus("0.2 mL", "120 mL/h"),
        pi.Phase.ramp("20 mL/h", "80 mL/h", "20 s"),
        pi.Phase.pause("5 s"),
        pi.Phase.rate("40 mL/h", duration="20 s"),
    ],
    "doses with the vein kept open between": [
        pi.Phase.rate("100 mL/h", volume="0.2 mL"),
        pi.Phase.kvo("2 mL/h", "10 s"),
        pi.Phase.repeat(3),
    ],
}


def cut_at_save(bench, program, failing, late):
    """Give the program until power fails at this save; return whether it did."""
    bench.board.flash.failing, bench.board.flash.late = failing, late
    try:
        bench.pump.start(program)
        bench.pump.wait()
    except PowerFailed:
        bench.power_cut()
        bench.advance("15 s")
        return True
    return False


@pytest.mark.parametrize("late", [False, True], ids=["just before", "just after"])
@pytest.mark.parametrize("name", THERAPIES)
def test_power_fails_at_every_save_of_a_therapy_and_a_person_goes_on(name, late):
    program = pi.Program(THERAPIES[name], syringe="BD 20 mL")
    ordered = int(program.volume_nl / step_nl("BD 20 mL"))
    uncertain = 2 * uncertain_steps(Bench().config)
    failing = 2
    while True:
        bench = Bench(seed=failing, syringe="BD 20 mL")
        if not cut_at_save(bench, program, failing, late):
            break
        turned = bench.drive.turned_steps
        pump = pi.Pump(bench.port())  # whoever waited at the old one is gone
        status = pump.status()
        if status.state != "idle":
            assert (status.state, status.alarm_names) == ("alarm", ["power_lost"])
            told_nl = status.delivered_nl + status.kvo_nl
            assert -1 <= told_nl + 1 - turned * step_nl("BD 20 mL") <= status.uncertain_nl + 3
            pump.acknowledge()
            bench.advance("1 min")
            assert bench.drive.turned_steps == turned
            pump.resume()
            assert pump.wait().state == "complete"
            status = pump.status()
            kvo_steps = int(status.kvo_nl / step_nl("BD 20 mL"))
            dropped = int((program.volume_nl - status.ordered_nl) / step_nl("BD 20 mL"))
            given = bench.drive.turned_steps - kvo_steps
            assert ordered - dropped - 2 * uncertain - 4 <= given <= ordered + uncertain
        failing += 1
    assert failing > 8


def hand(turns):
    """Somebody turns the screw while the power is off; return what the pump tells then, and the true steps."""
    bench = Bench(seed=3)
    bench.pump.start(pi.Program.continuous(rate="40 mL/h", volume="10 mL"))
    bench.advance("1 min")
    bench.power_cut()
    bench.advance("1 s")
    hands.turn(bench, turns)
    bench.advance("15 s")
    notes = [event.what for event in bench.pump.events() if event.kind == "note"]
    return bench.pump.status(), bench.drive.turned_steps, notes, bench


@pytest.mark.parametrize("turns", [-0.4, 0.4, 0.5])
def test_a_screw_that_was_turned_by_hand_beyond_what_the_motor_can_have_done_is_told_and_the_wide_bound_holds(turns):
    status, turned, notes, bench = hand(turns)
    assert "screw_moved" in notes
    step = float(step_nl("BD 60 mL"))
    by_motor = turned - round(turns * STEPS_PER_TURN)
    assert 0 <= status.delivered_nl + 1 - by_motor * step <= reserve_nl("BD 60 mL", 40)
    assert status.uncertain_nl > 4 * uncertain_steps(bench.config) * step


def test_a_screw_that_was_turned_on_a_little_by_hand_counts_as_given():
    status, turned, notes, _ = hand(0.1)
    assert "screw_moved" not in notes
    assert status.delivered_nl + 1 >= turned * float(step_nl("BD 60 mL"))
