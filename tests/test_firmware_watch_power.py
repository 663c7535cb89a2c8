"""Mains lost, battery low, battery depleted."""

from boards import Rig, order, rate
from picoinfuse_firmware.alarms import BATTERY_DEPLETED, BATTERY_LOW, MAINS_LOST
from picoinfuse_firmware.board import BATTERY, MAINS_GONE, MAINS_SENSE
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.watch.power import BACK_MV, LOOKS, BatteryWatch, depleted, mains

ORDER = order(rate(20, 5))
LOW_MV, EMPTY_MV = Config().battery_low_mv, Config().battery_empty_mv


def looks(watch, battery_mv, times, fed=False):
    return [watch.look(battery_mv, fed) for _ in range(times)]


def test_a_voltage_that_stays_low_is_low_and_one_that_sags_for_a_moment_is_not():
    watch = BatteryWatch(Config())
    assert looks(watch, LOW_MV, 10) == [0] * 10
    assert looks(watch, LOW_MV - 1, LOOKS - 1) == [0] * (LOOKS - 1)
    assert looks(watch, LOW_MV, 1) == [0]
    assert looks(watch, LOW_MV - 1, LOOKS) == [0] * (LOOKS - 1) + [BATTERY_LOW]
    assert looks(watch, EMPTY_MV - 1, LOOKS) == [BATTERY_LOW] * (LOOKS - 1) + [BATTERY_DEPLETED]


def test_a_voltage_at_the_limit_does_not_make_the_alarm_come_and_go():
    watch = BatteryWatch(Config())
    looks(watch, LOW_MV - 1, LOOKS)
    assert looks(watch, LOW_MV + BACK_MV - 1, 20) == [BATTERY_LOW] * 20
    assert looks(watch, LOW_MV + BACK_MV, LOOKS)[-1] == 0


def test_while_the_mains_feeds_the_pump_a_low_battery_is_no_alarm():
    watch = BatteryWatch(Config())
    assert looks(watch, EMPTY_MV - 1, 10, fed=True) == [0] * 10
    assert looks(watch, EMPTY_MV - 1, LOOKS)[-1] == BATTERY_DEPLETED
    assert looks(watch, EMPTY_MV - 1, 1, fed=True) == [0]
    assert depleted(EMPTY_MV - 1, True, Config()) == depleted(EMPTY_MV, False, Config()) == 0
    assert mains(0) == 0


def test_the_pump_tells_that_the_mains_is_lost_in_every_state_and_that_it_is_back():
    rig = Rig(has=(MAINS_SENSE,))
    rig.board.switched = MAINS_GONE
    rig.run(2000)
    assert rig.alarms == ["mains_lost"]
    assert mains(MAINS_GONE) == MAINS_LOST
    assert rig.board.shown == (1, True)
    rig.start(ORDER)
    rig.run(5000)
    assert (rig.state, rig.alarms) == ("infusing", ["mains_lost"])
    rig.ok("stop")
    assert rig.alarms == ["mains_lost"], "stopping the program brings no mains"
    rig.board.switched = 0
    rig.run(2000)
    assert rig.alarms == []
    assert len(rig.seen("alarm", "mains_lost")) == 1


def test_an_infusion_on_battery_is_warned_first_and_stopped_in_the_end():
    rig = Rig(has=(BATTERY, MAINS_SENSE))
    rig.board.switched = MAINS_GONE
    rig.start(ORDER)
    rig.run(20000)
    assert rig.alarms == ["mains_lost"]
    rig.board.battery = LOW_MV - 1
    rig.run(20000)
    assert (rig.state, rig.alarms) == ("infusing", ["mains_lost", "battery_low"])
    rig.board.battery = EMPTY_MV - 1
    rig.run_until("alarm", 20000)
    assert "battery_depleted" in rig.alarms
    assert "battery_low" not in rig.alarms
    assert rig.refusal("acknowledge") == "cause_present"
    rig.board.switched = 0
    rig.run(10000)
    rig.ok("acknowledge")
    rig.resume()
    rig.run(20000)
    assert (rig.state, rig.alarms) == ("infusing", [])
    rig.ok("pause")
    rig.board.switched = MAINS_GONE
    assert rig.ask("resume", rig.new_id()) == ("refused", ["would_alarm", BATTERY_DEPLETED, 0])


def test_a_pump_that_stands_also_says_that_its_battery_is_empty():
    rig = Rig(has=(BATTERY,))
    rig.board.battery = EMPTY_MV - 1
    rig.run(20000)
    assert rig.alarms == ["battery_depleted"]
    rig.ok("stop")
    rig.run(5000)
    assert rig.alarms == ["battery_depleted"], "it is still empty"


def test_the_status_tells_the_voltage():
    assert Rig(has=(BATTERY,)).status()["battery_mv"] == 8200
    assert Rig(has=()).status()["battery_mv"] == 0
