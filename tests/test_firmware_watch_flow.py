"""Over- and under-delivery: what the screw turned against what was due."""

from boards import HOUR_MS, Rig, ml, order, rate
from picoinfuse_firmware.alarms import OVER_DELIVERY, UNDER_DELIVERY
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.watch.flow import WINDOW_MS, FlowWatch


def watch_after(ordered, turned, ms=WINDOW_MS):
    """The answer after `ordered` steps were due and the screw turned by `turned` steps."""
    watch = FlowWatch(Config())
    watch.arm(1000, 0, 0)
    return watch.look(1000 + ms, ordered, turned * 4096 // 3200)


def test_a_tenth_too_much_or_too_little_in_a_quarter_of_an_hour_is_an_alarm():
    assert watch_after(10000, 10000) == 0
    assert watch_after(10000, 9010) == 0
    assert watch_after(10000, 8990) == UNDER_DELIVERY
    assert watch_after(1000, 1090) == 0
    assert watch_after(1000, 1110) == OVER_DELIVERY


def test_too_much_is_told_at_once_when_it_is_a_thirty_second_of_a_turn():
    assert watch_after(1000, 1190, ms=1000) == 0
    assert watch_after(1000, 1210, ms=1000) == OVER_DELIVERY
    assert watch_after(0, 99, ms=1000) == 0
    assert watch_after(0, 105, ms=1000) == OVER_DELIVERY


def test_too_little_is_only_told_after_the_window():
    assert watch_after(10000, 0, ms=WINDOW_MS - 1000) == 0


def test_a_window_lasts_until_the_encoder_can_tell():
    watch = FlowWatch(Config())
    watch.arm(0, 0, 0)
    assert watch.look(WINDOW_MS, 600, 0) == 0
    assert watch.look(2 * WINDOW_MS, 640, 0) == UNDER_DELIVERY


def test_each_window_begins_anew():
    watch = FlowWatch(Config())
    watch.arm(0, 0, 0)
    assert watch.look(WINDOW_MS, 10000, 10000 * 4096 // 3200) == 0
    assert watch.look(2 * WINDOW_MS, 20000, 18900 * 4096 // 3200) == UNDER_DELIVERY


def test_a_coupling_that_slips_by_an_eighth_is_under_delivery():
    rig = Rig()
    rig.start(order(rate(5, 20)))
    rig.controller.lookout.stall.look = lambda steps, encoder: 0
    rig.board.turns = (7, 8)
    rig.run_until("alarm", HOUR_MS)
    assert rig.alarms == ["under_delivery"]
    assert WINDOW_MS <= rig.now_ms <= WINDOW_MS + 3000
    standing = rig.board.steps()
    rig.run(5000)
    assert rig.board.steps() == standing


def test_a_screw_that_runs_ahead_is_over_delivery():
    rig = Rig()
    rig.start(order(rate(100, 20)))
    rig.controller.lookout.stall.look = lambda steps, encoder: 0
    rig.board.turns = (5, 4)
    rig.run_until("alarm", 60000)
    assert rig.alarms == ["over_delivery"]
    assert rig.delivery.dose_nl() < ml(0.5)


def test_a_titration_or_a_long_pause_is_neither():
    rig = Rig()
    rig.start(order(rate(5, 20)))
    for i in range(12):
        rig.run(100000)
        rig.change("rate", ml(2 + i * 7 % 30), HOUR_MS)
        rig.run(20000)
        rig.ok("pause")
        rig.run(50000)
        rig.resume()
    assert rig.seen("alarm") == []
