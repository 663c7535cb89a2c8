"""Memory: a program that changed by itself, a wrong step volume, a pump that no longer reckons."""

import pytest

from boards import Rig, order, rate, step_of
from picoinfuse_firmware import alarms, known_answers
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.watch.memory import (
    ANSWERS_EVERY,
    EVERY_MS,
    VALUE_ANSWERS,
    VALUE_PROGRAM,
    VALUE_STEP,
    MemoryWatch,
)

ORDER = order(rate(20, 5))


def infusing():
    rig = Rig(has=())
    rig.start(order(rate(20, 5)))
    rig.run(5000)
    return rig


def test_it_looks_once_a_minute_and_only_at_what_was_confirmed():
    watch = MemoryWatch(Config(), lambda: 0)
    assert watch.look(1000, None, None) == 0
    assert watch.at_ms == 1000 + EVERY_MS
    watch.confirmed(ORDER.check())
    assert watch.look(61000, ORDER, step_of()) == 0
    assert watch.look(121000, order(rate(21, 5)), step_of()) == alarms.MEMORY
    watch.confirmed(None)
    assert watch.look(181000, order(rate(21, 5)), step_of()) == 0


def test_known_answers_are_asked_for_every_tenth_time():
    asked = []
    watch = MemoryWatch(Config(), lambda: asked.append(1))
    for i in range(3 * ANSWERS_EVERY):
        watch.look(i * EVERY_MS, None, None)
    assert len(asked) == 3


def flip_rate(rig):
    rig.controller.program.phases[0].rate_nl ^= 1 << 20


def flip_diameter(rig):
    rig.controller.program.barrel_um ^= 1 << 5


def flip_step(rig):
    rig.controller.delivery.step.pl_num ^= 1 << 3


@pytest.mark.parametrize(
    ("flip", "value"), [(flip_rate, VALUE_PROGRAM), (flip_diameter, VALUE_PROGRAM), (flip_step, VALUE_STEP)]
)
def test_one_bit_that_flips_stops_the_motor_within_a_minute_and_nobody_can_acknowledge_it(flip, value):
    rig = infusing()
    flip(rig)
    rig.run_until("alarm", EVERY_MS + 1100)
    assert rig.alarms == ["memory"]
    assert rig.seen("alarm")[0]["value"] == value
    assert rig.ask("acknowledge") == ("refused", ["restart_needed", alarms.MEMORY, 0])
    rig.ok("stop")
    assert rig.alarms == ["memory"]
    assert rig.refusal("load", *ORDER.load_values()) == "alarm_active"


def test_a_pump_that_no_longer_reckons_stops_within_ten_minutes(monkeypatch):
    rig = infusing()
    monkeypatch.setattr(known_answers, "StepVolume", lambda *numbers: step_of(20))
    rig.run_until("alarm", ANSWERS_EVERY * EVERY_MS + 1100)
    assert rig.alarms == ["memory"]
    assert rig.seen("alarm")[0]["value"] == VALUE_ANSWERS


def test_what_people_change_is_not_taken_for_a_fault():
    """Another rate, a bolus, a pause, the end, and another program."""
    rig = infusing()
    rig.change("rate", 30000000, 3600000)
    rig.change("bolus", 100000, 100000000, 3600000)
    rig.run(130000)
    rig.ok("pause")
    rig.run(130000)
    rig.resume()
    rig.run_until("complete")
    rig.run(130000)
    rig.stage(order(rate(50, 1)))
    rig.run(130000)
    assert "memory" not in rig.alarms
