"""The power-on self-test: a pump whose arithmetic is wrong says so and infuses nothing."""

import pytest

from boards import Rig, order, rate
from picoinfuse_firmware import selftest


def test_a_sound_pump_passes_at_once():
    assert selftest.failed() == 0
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

        class Wrong(selftest.Stream):
            def value(self, at_ms):
                return 26, 54

        return Wrong
    return lambda line: None


@pytest.mark.parametrize(("name", "number"), [("crc32", 1), ("StepVolume", 2), ("Stream", 3), ("decode", 4)])
def test_a_pump_that_cannot_reckon_says_so_and_takes_no_order(monkeypatch, name, number):
    monkeypatch.setattr(selftest, name, wrong(name))
    rig = Rig()
    assert rig.state == "alarm"
    assert rig.alarms == ["system_fault"]
    assert rig.seen("alarm")[0]["value"] == 10 + number
    assert rig.refusal("load", *order(rate(5, 1)).load_values()) == "not_now"
    assert rig.refusal("acknowledge") == "restart_needed"
    rig.ok("stop")
    assert rig.alarms == ["system_fault"]
    assert rig.refusal("load", *order(rate(5, 1)).load_values()) == "alarm_active"
