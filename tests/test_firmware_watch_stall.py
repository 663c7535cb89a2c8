"""Motor stalled: the screw stands, or turns less than half of what it is stepped."""

import pytest

from boards import Rig, order, rate
from picoinfuse_firmware.alarms import MOTOR_STALLED
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.watch.stall import PART_OF_TURN, StallWatch

TOLERATED = 3200 // PART_OF_TURN


def armed(steps=0, encoder=0):
    watch = StallWatch(Config())
    watch.arm(steps, encoder)
    return watch


def steps_until_alarm(num, den, most=3200):
    """The steps after which a screw that turns num/den of what it is stepped is called stalled; None if it never is."""
    watch = armed()
    for steps in range(most):
        if watch.look(steps, steps * num * 4096 // (den * 3200)):
            return steps
    return None


def test_a_screw_that_stands_for_a_fiftieth_of_a_turn_is_tolerated_and_no_more():
    watch = armed(500, 123)
    assert watch.look(500, 123) == 0
    assert watch.look(500 + TOLERATED, 123) == 0
    assert watch.look(500 + TOLERATED + 1, 123) == MOTOR_STALLED
    assert armed(500, 123).look(500 + 3200 * 50, 123 + 4096 * 50) == 0


def test_less_than_half_is_a_stall_and_more_than_half_is_not():
    assert steps_until_alarm(0, 1) == TOLERATED + 1
    assert TOLERATED + 1 < steps_until_alarm(1, 4) < 3 * TOLERATED
    assert steps_until_alarm(2, 5) < 6 * TOLERATED
    assert steps_until_alarm(11, 20, most=320000) is None
    assert steps_until_alarm(4, 5, most=320000) is None, "a slip of a fifth is under-delivery, never a stall"


def test_a_screw_that_turns_too_far_is_no_stall_and_saves_nothing_up_for_one():
    watch = armed()
    assert watch.look(3200, 8192) == 0
    assert watch.look(3200 + TOLERATED, 8192) == 0
    assert watch.look(3200 + TOLERATED + 1, 8192) == MOTOR_STALLED


def test_what_is_missing_is_kept_over_a_pause_and_a_hand_on_the_screw_changes_nothing():
    watch = armed()
    assert watch.look(40, 0) == 0
    watch.rest(40, 0)
    watch.arm(40, -5000)
    assert watch.look(40 + TOLERATED - 40, -5000) == 0
    assert watch.look(40 + TOLERATED - 39, -5000) == MOTOR_STALLED
    watch.rest(80, -5000)
    watch.forget()
    watch.arm(80, -5000)
    assert watch.look(80 + TOLERATED, -5000) == 0


def test_steps_that_were_drawn_back_while_the_motor_rested_are_no_stall():
    watch = armed()
    assert watch.look(1000, 1280) == 0
    watch.rest(1000, 1280)
    watch.arm(600, 768)
    for steps in range(600, 3000, 10):
        assert watch.look(steps, steps * 128 // 100) == 0


@pytest.mark.parametrize("ml_h", [1, 5, 200])
def test_a_motor_that_stalls_stops_and_says_so_after_a_fiftieth_of_a_turn(ml_h):
    rig = Rig()
    rig.start(order(rate(ml_h, 5)))
    rig.run(10000)
    rig.board.turns = (0, 1)
    stalled_at = rig.board.steps()
    rig.run_until("alarm", 300000)
    assert rig.alarms == ["motor_stalled"]
    assert TOLERATED <= rig.board.steps() - stalled_at <= TOLERATED + 2 + ml_h * 1000000 // 3600 * 2 // 350
    standing = rig.board.steps()
    rig.run(5000)
    assert rig.board.steps() == standing


def test_a_motor_that_turns_again_is_resumed_after_the_acknowledgement():
    rig = Rig()
    rig.start(order(rate(200, 1)))
    rig.run(3000)
    rig.board.turns = (0, 1)
    rig.run_until("alarm", 60000)
    rig.board.turns = (1, 1)
    rig.ok("acknowledge")
    rig.resume()
    rig.run_until("complete")
    assert rig.alarms == ["end"]


def test_a_stall_that_is_paused_every_minute_is_seen_all_the_same():
    """Bug: each pause let the watch forget; a fiftieth of a turn takes thirteen minutes at 0.1 mL/h."""
    rig = Rig()
    rig.start(order(rate(0.5, 5)))
    rig.board.turns = (0, 1)
    for _ in range(10):
        rig.run(60000)
        if rig.alarms:
            break
        rig.ok("pause")
        rig.resume()
    assert rig.alarms == ["motor_stalled"]
    assert TOLERATED <= rig.board.steps() <= TOLERATED + 3


def test_without_an_encoder_nobody_says_so():
    rig = Rig(has=("force", "end_switch"))
    rig.start(order(rate(200, 1)))
    rig.board.turns = (0, 1)
    rig.run_until("complete")
    assert rig.alarms == ["end"]
