"""Syringe change: when a syringe that others are planned to follow is over."""

import pytest

from boards import Rig, ml, order, rate
from orders import syringes
from picoinfuse_firmware.alarms import BY_CODE, EMPTY, MEDIUM, SYRINGE_CHANGE
from picoinfuse_firmware.watch.change import look


def test_a_change_is_due_when_nothing_is_left_or_the_plunger_is_at_the_end_about_then():
    assert look(0, False, ml(60)) == SYRINGE_CHANGE
    assert look(-350, False, ml(60)) == SYRINGE_CHANGE
    assert look(1, False, ml(60)) == 0
    assert look(ml(1.2), True, ml(60)) == SYRINGE_CHANGE
    assert look(ml(1.2) + 1, True, ml(60)) == 0


def test_it_stops_the_motor_and_waits_for_the_next_syringe():
    row = BY_CODE[SYRINGE_CHANGE]
    assert (row.priority, row.latching, row.stops) == (MEDIUM, True, True)
    rig = Rig()
    rig.start(order(rate(100, 1.5), filled_ml=1, size_ml=5, options=[syringes(2)]))
    rig.run_until("alarm")
    assert rig.alarms == ["syringe_change"]
    assert rig.board.shown == (2, True)
    assert abs(rig.status()["left_nl"]) < 72  # a motor step
    steps = rig.board.steps()
    rig.run(60000)
    assert rig.board.steps() == steps
    assert rig.ask("acknowledge") == ("refused", ["cause_present", SYRINGE_CHANGE, 0])
    assert rig.refusal("resume", rig.new_id()) == "not_now"
    rig.board.end = True  # a refill is told, but the plunger of what is fitted stands at the end
    rig.ok("refill", ml(5))
    assert rig.ask("acknowledge") == ("refused", ["cause_present", SYRINGE_CHANGE, 0])
    rig.board.end = False
    rig.ok("acknowledge")
    assert (rig.state, rig.alarms) == ("paused", [])


def test_an_end_switch_that_closes_a_little_early_is_the_planned_change():
    rig = Rig()
    rig.start(order(rate(100, 4.5), filled_ml=3, size_ml=5, options=[syringes(2)]))
    rig.run(106000)
    rig.board.end = True
    rig.run(1100)
    assert rig.alarms == ["syringe_change"]
    rig.board.end = False
    rig.ok("refill", ml(5))
    rig.ok("acknowledge")
    rig.resume()
    rig.run_until("complete")
    assert 0 <= ml(4.5) - rig.delivery.dose_nl() < 72


@pytest.mark.parametrize("pressed", [True, False])
def test_a_plunger_at_the_end_long_before_the_account_is_no_planned_change(pressed):
    rig = Rig()
    rig.start(order(rate(100, 4.5), filled_ml=3, size_ml=5, options=[syringes(2)]))
    rig.run(50000)
    rig.board.end = True
    if pressed:
        rig.board.force = 90000
    rig.run(1100)
    assert rig.alarms == ["empty"]
    assert BY_CODE[EMPTY].priority > BY_CODE[SYRINGE_CHANGE].priority


def test_the_last_syringe_is_empty_as_ever():
    rig = Rig()
    rig.start(order(rate(100, 1.5), filled_ml=1, size_ml=5, options=[syringes(2)]))
    rig.run_until("alarm")
    rig.ok("refill", ml(0.2))  # less than was planned
    rig.ok("acknowledge")
    rig.resume()
    rig.run_until("alarm")
    assert rig.alarms == ["empty"]
    rig.ok("refill", ml(1))
    rig.ok("acknowledge")
    rig.resume()
    rig.run_until("complete")
    assert 0 <= ml(1.5) - rig.delivery.dose_nl() < 72
