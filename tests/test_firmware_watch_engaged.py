"""The drive is not engaged: nothing resists the pusher, or what it pushed is gone."""

from random import Random

import pytest

from boards import HOUR_MS, Rig, ml, order, rate
from picoinfuse_firmware import alarms
from picoinfuse_firmware.board import FORCE
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.watch.engaged import ALLOWED_UM, LARGEST_ZERO_MN, LEAST_FRICTION_MN, LOOKS, EngagedWatch

ALLOWED = ALLOWED_UM * 3200 // 2000  # steps
FRICTION_MN = 5000


def fresh(friction_mn=FRICTION_MN, steps=0, zero_mn=0):
    watch = EngagedWatch(Config())
    watch.fitted(friction_mn, zero_mn)
    watch.arm(steps)
    return watch


def looks(watch, forces, steps, from_ms=0):
    """Look once a second as the lookout does, at these forces, the screw standing at `steps`."""
    codes = []
    for i, force_mn in enumerate(forces):
        codes.append(watch.look(from_ms + 1000 * i, force_mn, steps) if force_mn < watch.limit_mn else 0)
    return codes


def test_a_fresh_syringe_may_be_moved_so_far_without_any_force():
    watch = fresh()
    assert looks(watch, [0] * 100, ALLOWED - 1) == [0] * 100
    assert looks(watch, [0] * LOOKS, ALLOWED, 100000) == [0] * (LOOKS - 1) + [alarms.NOT_ENGAGED]


@pytest.mark.parametrize("offset_mn", [-450, 0, 450])
@pytest.mark.parametrize("friction_mn", [1000, 5000])
def test_whatever_the_zero_of_the_cell_a_force_that_rises_is_a_plunger_and_one_that_stays_is_none(
    offset_mn, friction_mn
):
    pushed, missed = fresh(friction_mn, 0, offset_mn), fresh(friction_mn, 0, offset_mn)
    # The plunger of this syringe happens to run at 60 % of its nominal friction.
    rising = [offset_mn + friction_mn * 6 * i // 1000 for i in range(100)]
    assert looks(pushed, rising, ALLOWED // 2) == [0] * 100
    assert looks(pushed, [rising[-1]] * 100, 10 * ALLOWED, 100000) == [0] * 100
    assert looks(missed, [offset_mn] * LOOKS, ALLOWED)[-1] == alarms.NOT_ENGAGED


@pytest.mark.parametrize("offset_mn", [-450, 0, 450])
def test_a_force_that_is_suddenly_gone_is_seen_within_seconds(offset_mn):
    watch = fresh(1000, 0, offset_mn)
    looks(watch, [offset_mn + 10 * i for i in range(100)], ALLOWED // 2)
    assert looks(watch, [offset_mn] * LOOKS, ALLOWED // 2, 100000) == [0] * (LOOKS - 1) + [alarms.NOT_ENGAGED]


def test_one_reading_that_is_low_is_no_alarm():
    watch = fresh()
    looks(watch, [0, FRICTION_MN], 10)
    codes = looks(watch, [0, 0, FRICTION_MN] * 20, ALLOWED, 10000)
    assert codes == [0] * 60


def test_one_noisy_reading_while_the_spring_is_taken_up_is_no_plunger_that_was_lost_afterwards():
    """Bug: at 0.083 mL/h one look of 326 mN counted as pushed, and the 196 of the next looks as nothing."""
    watch = fresh(1000, 0, 76)
    assert looks(watch, [190, 326, 190, 326, 326, 190, 196, 196, 198] * 10, ALLOWED // 2) == [0] * 90
    assert looks(watch, [326] * LOOKS + [100] * LOOKS, ALLOWED // 2, 100000)[-1] == alarms.NOT_ENGAGED


def test_after_drawing_back_the_pusher_may_take_the_spring_up_again():
    watch = fresh()
    looks(watch, [0, FRICTION_MN], 10)
    watch.arm(5000)
    assert looks(watch, [-3000] * 60, 5000 + ALLOWED - 1) == [0] * 60
    assert looks(watch, [-3000] * LOOKS, 5000 + ALLOWED, 60000)[-1] == alarms.NOT_ENGAGED


def test_a_plunger_that_runs_too_easily_to_be_told_from_noise_is_not_watched():
    watch = fresh(LEAST_FRICTION_MN - 1)
    assert looks(watch, [-1000] * 20, 10 * ALLOWED) == [0] * 20
    assert looks(fresh(LEAST_FRICTION_MN), [0] * LOOKS, ALLOWED)[-1] == alarms.NOT_ENGAGED


def test_at_a_high_rate_the_force_is_there_before_the_first_look_and_its_zero_is_known_all_the_same():
    """Bug: the first look took a force that was there already for the zero, and a lower one later for none."""
    watch = fresh(1800, 0, 30)
    assert looks(watch, [2000, 980, 1000, 990] * 20, 10 * ALLOWED) == [0] * 80


def test_a_syringe_that_was_pushed_before_it_was_programmed_again_is_known_to_be():
    watch = fresh(1800, 0, LARGEST_ZERO_MN + 1)
    assert looks(watch, [700] * 20, 10 * ALLOWED) == [0] * 20
    assert looks(watch, [200] * LOOKS, 10 * ALLOWED, 60000)[-1] == alarms.NOT_ENGAGED


def test_a_pusher_that_meets_nothing_stops_after_a_millimetre():
    """Half a millilitre of a 60 mL syringe."""
    rig = Rig(has=(FORCE,))
    rig.board.force = 150  # the cell's zero
    rig.start(order(rate(200, 5)))
    rig.run_until("alarm", 60000)
    assert rig.alarms == ["not_engaged"]
    assert ALLOWED <= rig.board.steps() <= ALLOWED + (LOOKS + 1) * 200
    assert rig.controller.delivery.dose_nl() < ml(0.8)


def test_a_plunger_that_runs_away_stops_the_pump_and_the_nurse_may_go_on_when_it_is_held_again():
    rig = Rig(has=(FORCE,))
    rig.start(order(rate(20, 5)))
    rig.run(10000)
    rig.board.force = 0
    rig.run(2000)
    assert rig.alarms == []
    rig.run(3000)
    assert (rig.state, rig.alarms) == ("alarm", ["not_engaged"])
    rig.board.force = FRICTION_MN
    rig.ok("acknowledge")
    rig.resume()
    rig.run(20000)
    assert (rig.state, rig.alarms) == ("infusing", [])


def test_priming_may_push_a_gap_together_for_as_long_as_it_takes():
    rig = Rig(has=(FORCE,))
    rig.board.force = 0
    rig.ready(order(rate(20, 5)))
    rig.ok("prime", rig.new_id(), ml(2), ml(200), HOUR_MS, 1)
    rig.run_until("ready", 60000)
    assert rig.alarms == []


def test_without_a_load_cell_nobody_looks():
    rig = Rig(has=())
    rig.board.force = 0
    rig.start(order(rate(200, 5)))
    rig.run(60000)
    assert (rig.state, rig.alarms) == ("infusing", [])


def test_on_the_bench_a_plunger_that_is_pushed_is_known_and_a_pusher_that_lost_it_is_told(bench):
    import picoinfuse as pi

    bench.pump.start(pi.Program.continuous(rate="20 mL/h", volume="10 mL"))
    bench.advance("10 min")
    assert bench.controller.alarms.codes == []
    assert bench.controller.lookout.engaged.limit_mn < 1000, "the force has risen: the plunger is known to be there"
    drawn = Random(1)
    bench.board.force_mn = lambda: round(drawn.gauss(100, 20))  # nothing but the cell's zero
    bench.advance("5 s")
    assert alarms.NOT_ENGAGED in bench.controller.alarms.codes
