"""Motor stalled: the screw does not follow the steps."""

import pytest

from boards import Rig, order, rate
from picoinfuse_firmware.alarms import MOTOR_STALLED, OVER_DELIVERY
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.watch.stall import PART_OF_TURN, StallWatch

TOLERATED = 3200 // PART_OF_TURN


def test_a_screw_that_is_a_fiftieth_of_a_turn_behind_is_tolerated_and_no_more():
    watch = StallWatch(Config())
    watch.arm(500, 123)
    assert watch.look(500, 123) == 0
    assert watch.look(500 + TOLERATED, 123) == 0
    assert watch.look(500 + TOLERATED + 1, 123) == MOTOR_STALLED
    assert watch.look(500 - TOLERATED, 123) == 0
    assert watch.look(500 - TOLERATED - 1, 123) == OVER_DELIVERY
    assert watch.look(500 + 3200 * 50, 123 + 4096 * 50) == 0


@pytest.mark.parametrize("ml_h", [1, 5, 200])
def test_a_motor_that_stalls_stops_and_says_so_after_a_fiftieth_of_a_turn(ml_h):
    rig = Rig()
    rig.start(order(rate(ml_h, 5)))
    rig.run(10000)
    rig.board.turns = (0, 1)
    stalled_at = rig.board.steps()
    rig.run_until("alarm", 300000)
    assert rig.alarms == ["motor_stalled"]
    assert TOLERATED <= rig.board.steps() - stalled_at <= TOLERATED + 2 + ml_h * 1000000 // 3600 * 3 // 2 // 350
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


def test_without_an_encoder_nobody_says_so():
    rig = Rig(has=("force", "end_switch"))
    rig.start(order(rate(200, 1)))
    rig.board.turns = (0, 1)
    rig.run_until("complete")
    assert rig.alarms == ["end"]
