"""When power comes: a failed self-test, a watchdog that struck, power that was lost."""

from boards import Rig, TestBoard, order, rate
from picoinfuse_firmware import alarms
from picoinfuse_firmware.board import RESET_POWER, RESET_WATCHDOG, Board
from picoinfuse_firmware.watch import boot

ORDER = order(rate(20, 5))


def started_by_the_watchdog(flash=None):
    board = TestBoard(flash=flash)
    board.cause = RESET_WATCHDOG
    return Rig(board=board)


def test_each_has_its_cause():
    assert boot.self_test(0) == boot.watchdog(RESET_POWER) == boot.power_lost(False) == 0
    assert boot.self_test(12) == alarms.SELF_TEST
    assert boot.watchdog(RESET_WATCHDOG) == alarms.WATCHDOG
    assert boot.power_lost(True) == alarms.POWER_LOST


def test_a_board_that_does_not_know_better_was_switched_on():
    assert Board().reset_cause() == RESET_POWER


def test_a_pump_that_the_watchdog_started_again_says_so():
    rig = started_by_the_watchdog()
    assert (rig.state, rig.alarms) == ("alarm", ["watchdog"])
    rig.ok("acknowledge")
    assert (rig.state, rig.alarms) == ("idle", [])


def test_if_a_program_was_under_way_the_lost_dose_is_told_as_well():
    before = Rig()
    before.start(ORDER)
    before.run(10000)
    rig = started_by_the_watchdog(before.board.flash)
    assert rig.alarms == ["watchdog", "power_lost"]
    assert rig.status()["delivered_nl"] > 0
    rig.ok("acknowledge")
    assert rig.alarms == []
    rig.ok("stop")
    assert started_by_the_watchdog(rig.board.flash).alarms == ["watchdog"], "the loss is known now"


def test_a_power_cut_alone_is_no_watchdog():
    before = Rig()
    before.start(ORDER)
    before.run(10000)
    assert before.after_power_cut().alarms == ["power_lost"]


def test_a_failed_self_test_is_not_covered_by_anything_else():
    board = TestBoard()
    board.cause = RESET_WATCHDOG
    board.force = 196000
    rig = Rig(board=board)
    assert rig.alarms == ["self_test"]
    assert rig.ask("acknowledge") == ("refused", ["restart_needed", alarms.SELF_TEST, 0])
