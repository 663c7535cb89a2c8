"""Glucose alarms of a closed loop: low when it is, lost when nothing can be believed, neither when it only falls."""

import pytest

from picoinfuse_firmware import closed_loop
from picoinfuse_firmware.alarms import BY_CODE, GLUCOSE_LOST, GLUCOSE_LOW, LOW, MEDIUM
from picoinfuse_firmware.watch.glucose import look
from test_firmware_glucose_loop import MIN, Looping


def test_a_low_glucose_that_was_believed_is_an_alarm():
    assert look(closed_loop.LOW, 69, 70) == GLUCOSE_LOW


def test_a_reading_that_is_not_believed_ends_no_alarm():
    """Bug: a jump after a low reading, which may be a sensor that fails, ended the alarm while nothing was given."""
    assert look(closed_loop.DOUBT, 69, 70) == GLUCOSE_LOW
    its = Looping()
    its.see(90, 80, 72, 60)
    for mg_dl in (300, 20):
        its.rig.run(MIN)
        assert its.tell(mg_dl)[0] == "refused"
        its.rig.run(2000)
        assert (its.rig.alarms, its.rate_nl_h) == (["glucose_low"], 0)
    its.rig.run(4 * MIN)
    its.see(75)
    its.rig.run(2000)
    assert its.rig.alarms == []


def test_a_low_reading_is_an_alarm_though_it_is_not_believed():
    """Bug: insulin was stopped for it, and nobody was told to measure."""
    for told in ((120, 30), (120, 60)):  # below what a sensor shows; too fast a fall
        its = Looping()
        its.see(*told[:1])
        its.rig.run(MIN)
        assert its.tell(told[1])[0] == "refused"
        its.rig.run(2000)
        assert (its.rig.alarms, its.rate_nl_h) == (["glucose_low"], 0)


def test_one_that_falls_towards_low_is_none_yet():
    assert look(closed_loop.LOW, 70, 70) == 0


@pytest.mark.parametrize("why", [closed_loop.LOST, closed_loop.STUCK])
def test_without_a_reading_that_can_be_believed_it_is_lost_whatever_the_last_one_was(why):
    assert look(why, 105, 70) == look(why, 50, 70) == GLUCOSE_LOST


@pytest.mark.parametrize("why", ["in_range", "more", "less", "on_board", "doubt", "waiting"])
def test_otherwise_there_is_none(why):
    assert look(why, 105, 70) == 0


def test_neither_stops_the_motor_and_both_go_with_their_cause():
    for code, priority in ((GLUCOSE_LOW, MEDIUM), (GLUCOSE_LOST, LOW)):
        assert (BY_CODE[code].priority, BY_CODE[code].stops, BY_CODE[code].latching) == (priority, False, False)
