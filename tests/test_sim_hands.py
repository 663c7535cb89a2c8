"""What hands do at the simulated pump is seen by its sensors, and undone again."""

import pytest

import picoinfuse as pi
from picoinfuse_firmware.board import (
    AIR_SEEN,
    COVER_OPEN,
    KEY_BOLUS,
    KEY_MUTE,
    KEY_START,
    MAINS_GONE,
    SYRINGE_OUT,
)
from picoinfuse_sim import Bench, hands


@pytest.mark.parametrize(
    ("do", "undo", "bit"),
    [
        ("take_syringe", "put_syringe", SYRINGE_OUT),
        ("open_cover", "close_cover", COVER_OPEN),
        ("show_air", "clear_air", AIR_SEEN),
        ("pull_mains", "plug_mains", MAINS_GONE),
    ],
)
def test_a_switch_follows_the_hand(bench, do, undo, bit):
    assert bench.act(do)
    assert bench.board.switches() == bit
    assert bench.act(undo)
    assert bench.board.switches() == 0


@pytest.mark.parametrize(("key", "bit"), [("start", KEY_START), ("bolus", KEY_BOLUS), ("mute", KEY_MUTE)])
def test_a_key_follows_the_finger(bench, key, bit):
    bench.act(f"press_{key}")
    assert bench.board.keys() == bit
    bench.act(f"let_go_{key}")
    assert bench.board.keys() == 0


def test_the_load_cell_feels_a_push_and_forgets_it(bench):
    rest_mn = bench.board.force_mn()
    bench.act("push")
    assert bench.board.force_mn() - rest_mn == pytest.approx(8000, abs=300)
    bench.act("let_go")
    assert bench.board.force_mn() == pytest.approx(rest_mn, abs=300)


def test_the_end_switch_follows_the_finger(bench):
    assert not bench.board.at_end()
    bench.act("press_end")
    assert bench.board.at_end()
    bench.act("let_go_end")
    assert not bench.board.at_end()


def test_there_is_no_hand_for_anything_else(bench):
    assert not bench.act("dance")


def test_every_action_can_be_done():
    for action in hands.ACTIONS:
        assert Bench().act(action)


@pytest.mark.parametrize(("action", "bit"), [("start", KEY_START), ("bolus", KEY_BOLUS), ("mute", KEY_MUTE)])
def test_a_key_is_down_for_a_moment(action, bit):
    bench = Bench()
    bench.advance("2 s")
    bench.act(f"tap_{action}")
    assert bench.board.keys() == bit
    bench.advance(hands.TAP_S + 0.1)
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
