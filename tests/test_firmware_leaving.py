"""The way back to MicroPython by a request, and how the pump tells of its health and of what keeps it from infusing."""

import pytest

from boards import Rig, TestBoard, infusing, order, rate
from picoinfuse_firmware import alarms, selftest
from picoinfuse_firmware.board import HEALTH
from picoinfuse_firmware.messages import TABLE

ORDER = order(rate(60, 2))
SOON_MS = 2000  # the look around once a second, and the time the answer needs


class Alone(TestBoard):
    """The host has its answer before the board leaves."""

    __test__ = False

    def leave(self):
        super().leave()
        self.sent_before = bytes(self.sent)


def test_an_idle_pump_answers_first_and_leaves_then():
    rig = Rig()
    rig.ok("leave")
    assert not rig.board.left
    rig.run(SOON_MS)
    assert rig.board.left


def test_the_answer_is_on_the_wire_before_the_pump_leaves():
    board = Alone()
    rig = Rig(board=board)
    rig.seq += 1
    rig.send(rig.seq, "leave")
    while not board.left:
        rig.controller.poll()  # nobody reads meanwhile
        board.now_us += 100000
    assert b" ok*" in board.sent_before


def test_a_pump_at_work_does_not_leave_and_goes_on():
    rig = infusing(ORDER, 3000)
    assert rig.refusal("leave") == "not_idle"
    rig.ok("pause")
    assert rig.refusal("leave") == "not_idle"
    rig.run(SOON_MS)
    assert not rig.board.left
    rig.ok("stop")
    rig.ok("leave")


def test_a_program_that_is_loaded_keeps_the_pump_from_leaving():
    rig = Rig()
    rig.ok("load", *ORDER.load_values())
    assert rig.refusal("leave") == "not_idle"
    rig.ok("phase", 0, *ORDER.phases[0].values())
    assert rig.ask("stage")[0] == "staged"
    assert rig.refusal("leave") == "not_idle"
    rig.ok("confirm", ORDER.check())
    assert rig.refusal("leave") == "not_idle"


def test_what_is_begun_after_the_answer_is_not_left_alone():
    rig = Rig()
    rig.ok("leave")
    rig.start(ORDER)
    rig.run(SOON_MS)
    assert not rig.board.left
    assert rig.state == "infusing"
    rig.ok("stop")
    rig.run(SOON_MS)
    assert not rig.board.left  # it has to be asked for again


def test_a_complete_program_and_an_alarm_without_a_program_do_not_hold_the_pump():
    rig = infusing(order(rate(60, 0.2)))
    rig.run_until("complete")
    rig.ok("leave")
    rig = Rig(board=faulty())
    assert rig.state == "alarm"
    rig.ok("leave")


def test_an_alarm_in_mid_program_holds_the_pump_until_it_is_stopped():
    rig = infusing(ORDER, 3000)
    rig.board.force = 100000
    rig.run_until("alarm")
    assert rig.refusal("leave") == "drawing_back"
    rig.board.force = 0
    rig.run_until_drawn_back()
    assert rig.refusal("leave") == "not_idle"
    rig.ok("stop")
    rig.ok("leave")


def test_the_health_of_a_board_that_measures_nothing_is_zeros():
    assert Rig().ask("health") == ("health_is", [0] * len(HEALTH))
    assert TABLE["health_is"][0] == HEALTH


def test_the_health_of_a_board_that_measures_is_told():
    board = TestBoard()
    board.health = lambda: (700, 1900, 9000, 15000, 92000, 90000)
    assert Rig(board=board).ask("health") == ("health_is", [700, 1900, 9000, 15000, 92000, 90000])


def faulty(problem="files_damaged"):
    board = TestBoard()
    board.problem = problem
    return board


@pytest.mark.parametrize("problem", ["files_damaged", "config_range.pitch_um"])
def test_a_board_with_a_problem_tells_its_word_and_does_not_infuse(problem):
    rig = Rig(board=faulty(problem))
    assert selftest.failed(rig.board) == selftest.BOARD_PROBLEM
    assert (rig.state, rig.alarms) == ("alarm", ["self_test"])
    assert [(e["kind"], e["what"], e["value"]) for e in rig.events if e["kind"] in ("note", "alarm")] == [
        ("note", problem, 7),
        ("alarm", "self_test", 7),
    ]
    assert rig.hello("x")[1][-1] == problem
    assert rig.refusal("load", *ORDER.load_values()) == "not_now"
    assert rig.refusal("acknowledge") == "restart_needed"
    rig.ok("stop")
    assert rig.ask("load", *ORDER.load_values()) == ("refused", ["alarm_active", alarms.SELF_TEST, 0])
    rig.board.incoming += b"status\r\n"
    rig.run(200)
    assert rig.words[-1].endswith(f"alarms: self_test, does not infuse: {problem}")


def test_a_board_without_a_problem_says_nothing_of_it():
    rig = Rig()
    assert rig.hello("x")[1][-1] == "-"
    assert not [e for e in rig.events if e["kind"] == "note"]
    rig.board.incoming += b"status\r\n"
    rig.run(200)
    assert rig.words[-1].endswith("alarms: none")
