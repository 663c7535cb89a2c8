"""What hands do to the bench by name."""

import pytest

import picoinfuse as pi
from picoinfuse_firmware.board import KEY_BOLUS, KEY_MUTE, KEY_START
from picoinfuse_sim import Bench, hands


def test_every_action_can_be_done_and_nothing_else():
    for action in hands.ACTIONS:
        assert Bench().act(action)
    assert not Bench().act("sing")


@pytest.mark.parametrize(("action", "bit"), [("start", KEY_START), ("bolus", KEY_BOLUS), ("mute", KEY_MUTE)])
def test_a_key_is_down_for_a_moment(action, bit):
    bench = Bench()
    bench.advance("2 s")
    bench.act(f"press_{action}")
    assert bench.board.keys() == bit
    bench.advance(hands.PRESS_S + 0.1)
    assert bench.board.keys() == 0


def test_the_start_key_can_be_held_until_the_pump_acknowledges():
    bench = Bench(seed=1)
    bench.pump.start(pi.Program.continuous("40 mL/h", "40 mL"))
    bench.advance("1 min")
    bench.senses.open_cover()
    bench.advance("5 s")
    bench.senses.open_cover(False)
    bench.advance("5 s")
    assert bench.controller.state == "alarm"
    bench.act("hold_start")
    bench.advance("5 s")
    assert bench.controller.state == "paused"
