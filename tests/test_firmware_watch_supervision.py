"""Supervision lost: when a host counts as not heard any more."""

from picoinfuse_firmware.alarms import BY_CODE, MEDIUM, SUPERVISION_LOST
from picoinfuse_firmware.watch.supervision import SupervisionWatch


def test_it_is_lost_once_after_so_long_without_a_word():
    watch = SupervisionWatch(10000)
    assert watch.look(0, True) == 0
    assert watch.look(9999, True) == 0
    assert watch.look(10000, True) == SUPERVISION_LOST
    assert watch.look(11000, True) == 0
    assert watch.lost


def test_every_word_begins_the_time_anew():
    watch = SupervisionWatch(10000)
    watch.look(0, True)
    assert not watch.heard(9000)
    assert watch.look(18999, True) == 0
    assert watch.look(19000, True) == SUPERVISION_LOST
    assert watch.heard(20000)
    assert not watch.lost
    assert watch.look(29999, True) == 0
    assert watch.look(30000, True) == SUPERVISION_LOST


def test_only_the_time_in_which_it_infuses_counts():
    watch = SupervisionWatch(10000)
    watch.look(0, True)
    assert watch.look(9000, False) == 0
    assert watch.look(50000, False) == 0
    assert watch.look(60000, True) == 0
    assert watch.look(69999, True) == 0
    assert watch.look(70000, True) == SUPERVISION_LOST
    assert watch.look(71000, False) == 0
    assert watch.lost
    assert watch.look(72000, True) == 0  # a person resumed
    assert not watch.lost


def test_the_alarm_is_medium_and_goes_with_its_cause():
    """Bug: it was low, also where the infusion stands for it."""
    row = BY_CODE[SUPERVISION_LOST]
    assert (row.priority, row.latching, row.stops) == (MEDIUM, False, False)
