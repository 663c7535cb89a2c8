"""The power-on self-test: a pump whose arithmetic is wrong says so and infuses nothing."""

import pytest

from boards import Rig, TestBoard, order, rate
from picoinfuse_firmware import alarms, known_answers, selftest
from picoinfuse_firmware.board import BATTERY, FORCE, KEYS, SENSORS, SYRINGE_SWITCH, THERMOMETER


def test_a_sound_pump_passes_at_once():
    assert selftest.failed(TestBoard(has=SENSORS)) == 0
    rig = Rig()
    assert rig.state == "idle"
    assert rig.seen("boot")[0]["value"] == 1


def wrong(name):
    """Break one of the functions that the self-test asks for known answers."""
    if name == "crc32":
        return lambda data, start=0: 7
    if name == "StepVolume":
        return lambda *numbers: type(
            "Wrong", (), {"steps_in": lambda self, nl: 50929, "nl_of": lambda self, steps: 1}
        )()
    if name == "Stream":

        class Wrong(known_answers.Stream):
            def value(self, at_ms):
                return 26, 54

        return Wrong
    return lambda line: None


@pytest.mark.parametrize(("name", "number"), [("crc32", 1), ("StepVolume", 2), ("Stream", 3), ("decode", 4)])
def test_a_pump_that_cannot_reckon_says_so_and_takes_no_order(monkeypatch, name, number):
    monkeypatch.setattr(known_answers, name, wrong(name))
    rig = Rig()
    assert rig.state == "alarm"
    assert rig.alarms == ["self_test"]
    assert rig.seen("alarm")[0]["value"] == number
    assert rig.refusal("load", *order(rate(5, 1)).load_values()) == "not_now"
    assert rig.refusal("acknowledge") == "restart_needed"
    rig.ok("stop")
    assert rig.alarms == ["self_test"]
    assert rig.refusal("load", *order(rate(5, 1)).load_values()) == "alarm_active"


WRONG = [
    (FORCE, "force", 196000),
    (FORCE, "force", -50000),
    (BATTERY, "battery", -1),
    (THERMOMETER, "temperature", 125000),
    ("barrel_gauge", "barrel", -5),
    (KEYS, "pressed", 2),
]


@pytest.mark.parametrize(("sensor", "what", "reading"), WRONG)
def test_a_sensor_that_reads_what_cannot_be_true_at_power_on_fails_the_test(sensor, what, reading):
    """Also a key that is pressed while power comes: it is stuck."""
    board = TestBoard(has=SENSORS)
    setattr(board, what, reading)
    rig = Rig(board=board)
    assert rig.alarms == ["self_test"]
    assert rig.seen("alarm")[0]["value"] == selftest.SENSOR + SENSORS.index(sensor)


def test_an_absent_sensor_is_not_tried_and_one_nobody_knows_fails():
    assert selftest.failed(TestBoard(has=())) == 0
    assert selftest.failed(TestBoard(has=("nose",))) == selftest.UNKNOWN_SENSOR


def test_a_switch_that_is_not_fitted_and_yet_reports_fails():
    board = TestBoard(has=(SYRINGE_SWITCH,))
    board.switched = 1
    assert selftest.failed(board) == 0
    board.switched = 2
    assert selftest.failed(board) == selftest.SENSOR + SENSORS.index(SYRINGE_SWITCH)


def test_a_damaged_alarm_table_fails(monkeypatch):
    row = alarms.BY_CODE[alarms.OCCLUSION]
    for name, value in (("priority", 0), ("name", ""), ("code", 2), ("latching", False)):
        with monkeypatch.context() as patch:
            patch.setitem(alarms.BY_CODE, alarms.OCCLUSION, row._replace(**{name: value}))
            assert selftest.failed(TestBoard()) == selftest.TABLE_FAILED
    assert selftest.failed(TestBoard()) == 0


def test_light_and_sound_are_tried_for_a_second_when_power_comes():
    rig = Rig()
    rig.run(2000)
    (on_ms, *on), (off_ms, *off) = rig.board.signals
    assert (on, off) == ([alarms.HIGH, True], [0, False])
    assert 900 <= off_ms - on_ms <= 1100


@pytest.mark.parametrize("sensor", SENSORS)
def test_a_fitted_sensor_that_gives_no_reading_fails_the_test(sensor):
    board = TestBoard(has=SENSORS)
    board.silent_bits = 1 << SENSORS.index(sensor)
    rig = Rig(board=board)
    rig.run(3000)
    assert rig.alarms == ["self_test"]
    assert rig.seen("alarm")[0]["value"] == selftest.SENSOR + SENSORS.index(sensor)


def test_a_sensor_that_is_absent_may_be_silent():
    board = TestBoard(has=(FORCE,))
    board.silent_bits = 1 << SENSORS.index(KEYS)
    assert selftest.failed(board) == 0
