"""What a person who checks the hardware may ask for: readings of now, light and sound for a moment, never a step."""

import pytest

from boards import Rig, TestBoard, infusing, order, rate
from picoinfuse_firmware import alarms
from picoinfuse_firmware.board import AIR_DETECTOR, AIR_SEEN, COVER_OPEN, COVER_SWITCH, KEY_BOLUS, SENSORS
from picoinfuse_firmware.messages import TABLE

ALL = tuple(SENSORS)


def fields(rig, name):
    answer, values = rig.ask(name)
    return dict(zip(TABLE[answer][0], values, strict=True))


def program():
    return order(rate(40, 1))


def test_every_fitted_sensor_is_read_now():
    rig = Rig(has=ALL)
    board = rig.board
    board.force, board.battery, board.temperature = 1234, 8100, 26500
    board.switched, board.pressed, board.end = COVER_OPEN, KEY_BOLUS, True
    rig.run(1100)
    assert fields(rig, "senses") == {
        "force_mn": 1234,
        "encoder": 0,
        "switches": COVER_OPEN,
        "keys": KEY_BOLUS,
        "at_end": 1,
        "barrel_um": board.barrel,
        "battery_mv": 8100,
        "temperature_mc": 26500,
    }


def test_what_is_not_fitted_is_0_and_is_not_read():
    rig = Rig(has=())  # a TestBoard asserts that an absent sensor is never read
    assert set(fields(rig, "senses").values()) == {0}


def test_asking_does_not_take_a_bubble_from_the_watch():
    """The board holds a bubble until `switches` is called; a host that asks ten times a second must not swallow it."""

    class Holds(TestBoard):
        def switches(self):
            bits, self.switched = self.switched, 0
            return bits

    rig = Rig(board=Holds(has=(AIR_DETECTOR,)))
    rig.start(program())
    rig.run(2000)
    rig.board.switched = AIR_SEEN
    while "air" not in rig.alarms:
        rig.ask("senses")
        assert rig.now_ms < 20000, "the bubble was never told"
    assert rig.state == "alarm"


def test_asking_changes_no_step():
    asked, left_alone = infusing(program(), 2000), infusing(program(), 2000)
    for _ in range(20):
        asked.ask("senses")
        asked.ask("about")
    left_alone.run(asked.now_ms - left_alone.now_ms)
    assert asked.board.moves == left_alone.board.moves


def test_the_board_tells_of_itself():
    rig = Rig()
    rig.board.silent = lambda: 2
    assert fields(rig, "about") == {
        "reset": 0,
        "silent": 2,
        "volume_calibrated": 0,
        "force_calibrated": 0,
        "battery_low_mv": 7200,
        "battery_empty_mv": 6600,
        "journal": "-",
    }


@pytest.mark.parametrize("priority", [alarms.LOW, alarms.MEDIUM, alarms.HIGH])
def test_light_and_sound_are_tried_for_three_seconds_and_then_it_is_dark(priority):
    rig = Rig()
    rig.run(2000)
    rig.ok("try_signal", priority)
    assert rig.board.shown == (priority, True)
    rig.run(2500)
    assert rig.board.shown == (priority, True)
    rig.run(2000)
    assert rig.board.shown == (0, False)


def test_an_alarm_that_comes_ends_the_trial_at_once():
    rig = Rig()
    rig.run(2000)
    rig.ok("try_signal", alarms.LOW)
    rig.controller.alarm(alarms.SYSTEM_FAULT, 3)
    assert rig.board.shown == (alarms.HIGH, True)


def test_nothing_is_tried_beside_an_alarm():
    rig = Rig()
    rig.run(2000)
    rig.controller.alarm(alarms.SYSTEM_FAULT, 3)
    assert rig.ask("try_signal", alarms.LOW) == ("refused", ["alarm_active", alarms.SYSTEM_FAULT, 0])


def test_nothing_is_tried_while_a_program_is_under_way():
    rig = infusing(program(), 2000)
    assert rig.refusal("try_signal", alarms.LOW) == "not_now"
    rig.ok("pause")
    assert rig.refusal("try_signal", alarms.LOW) == "not_now"


@pytest.mark.parametrize("priority", [-1, 0, 4])
def test_a_priority_that_there_is_not_is_refused(priority):
    assert Rig().ask("try_signal", priority) == ("refused", ["priority_range", priority, 3])


def test_a_cover_that_opens_is_told_within_a_second():
    rig = Rig(has=(COVER_SWITCH,))
    rig.board.switched = COVER_OPEN
    rig.run(1000)
    assert fields(rig, "senses")["switches"] == COVER_OPEN
