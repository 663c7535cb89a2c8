"""Too hot, too cold."""

import pytest

from boards import Rig, order, rate
from picoinfuse_firmware.alarms import TEMPERATURE
from picoinfuse_firmware.board import THERMOMETER
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.watch.temperature import LOOKS, TemperatureWatch, outside

ORDER = order(rate(20, 5))
LIMITS = (Config().temperature_min_mc, Config().temperature_max_mc)


def test_the_limits_themselves_are_allowed():
    for limit, beyond in zip(LIMITS, (-1, 1), strict=True):
        assert outside(limit, Config()) == 0
        assert outside(limit + beyond, Config()) == TEMPERATURE


def test_a_few_looks_in_a_row_are_needed():
    watch = TemperatureWatch(Config())
    for reading in (70000, 70000, 25000, 70000, 70000):
        assert watch.look(reading) == 0
    assert watch.look(70000) == TEMPERATURE
    assert LOOKS == 3


@pytest.mark.parametrize("beyond", [LIMITS[0] - 1, LIMITS[1] + 1])
def test_it_stops_the_motor_and_refuses_to_start(beyond):
    rig = Rig(has=(THERMOMETER,))
    rig.start(ORDER)
    rig.run(5000)
    rig.board.temperature = beyond
    rig.run_until("alarm", 40000)
    assert rig.alarms == ["temperature"]
    assert rig.seen("alarm", "temperature")[0]["value"] == beyond
    assert rig.refusal("acknowledge") == "cause_present"
    rig.board.temperature = 25000
    rig.ok("acknowledge")
    rig.board.temperature = beyond
    assert rig.ask("resume", rig.new_id()) == ("refused", ["would_alarm", TEMPERATURE, 0])
    rig.board.temperature = 25000
    rig.resume()
    rig.run(10000)
    assert (rig.state, rig.alarms) == ("infusing", [])
