"""Air: what the bubble detector says, told at the next look."""

import pytest

from boards import HOUR_MS, Rig, TestBoard, ml, order, rate
from picoinfuse_firmware import alarms
from picoinfuse_firmware.board import AIR_DETECTOR, AIR_SEEN, COVER_OPEN, COVER_SWITCH
from picoinfuse_firmware.watch.air import seen

ORDER = order(rate(20, 5))


def test_one_look_that_sees_it_is_air():
    assert seen(AIR_SEEN) == seen(AIR_SEEN | COVER_OPEN) == alarms.AIR
    assert seen(0) == seen(COVER_OPEN) == 0


def test_air_stops_the_motor_until_it_is_gone():
    rig = Rig(has=(AIR_DETECTOR,))
    rig.start(ORDER)
    rig.run(5000)
    rig.board.switched = AIR_SEEN
    rig.run(1100)
    assert (rig.state, rig.alarms) == ("alarm", ["air"])
    assert rig.refusal("acknowledge") == "cause_present"
    rig.board.switched = 0
    rig.ok("acknowledge")
    rig.resume()
    rig.run(5000)
    assert rig.alarms == []


def test_air_is_told_while_a_program_waits_and_not_before_it_began():
    rig = Rig(has=(AIR_DETECTOR,))
    rig.ready(ORDER)
    rig.board.switched = AIR_SEEN
    rig.run(2000)
    assert (rig.state, rig.alarms) == ("ready", [])
    rig.board.switched = 0
    rig.ok("start", rig.new_id())
    rig.run(2000)
    rig.ok("pause")
    rig.board.switched = AIR_SEEN
    rig.run(1100)
    assert (rig.state, rig.alarms) == ("alarm", ["air"])


def test_with_air_in_the_line_the_pump_does_not_start_but_primes():
    rig = Rig(has=(AIR_DETECTOR,))
    rig.ready(ORDER)
    rig.board.switched = AIR_SEEN
    assert rig.ask("start", rig.new_id()) == ("refused", ["would_alarm", alarms.AIR, 0])
    rig.ok("prime", rig.new_id(), ml(0.1), ml(60), HOUR_MS, 1)
    rig.run_until("ready", 20000)
    assert rig.alarms == []
    rig.board.switched = 0
    rig.ok("start", rig.new_id())
    rig.run(5000)
    assert (rig.state, rig.alarms) == ("infusing", [])


def test_without_a_detector_nobody_looks():
    rig = Rig(has=())
    rig.board.switched = AIR_SEEN
    rig.start(ORDER)
    rig.run(10000)
    assert rig.alarms == []


class PassingBubble(TestBoard):
    """A bubble that passed is told by the next call and by no other, as the seam says."""

    passed = False

    def switches(self):
        bits = self.switched | AIR_SEEN * self.passed
        self.passed = False
        return bits


@pytest.mark.parametrize("asked", ["resume", "acknowledge"])
def test_a_bubble_that_passed_just_before_somebody_asked_is_told(asked):
    """Bug: whoever resumed or acknowledged took the bubble from the watch, and the pump went on infusing."""
    rig = Rig(PassingBubble(has=(AIR_DETECTOR, COVER_SWITCH)))
    rig.start(ORDER)
    rig.run(2000)
    if asked == "resume":
        rig.ok("pause")
    else:
        rig.board.switched = COVER_OPEN
        rig.run(1100)
        rig.board.switched = 0
    rig.run(1000)
    rig.board.passed = True
    rig.ask(asked, *[rig.new_id()] * (asked == "resume"))
    rig.run(1100)
    assert (rig.state, rig.alarms[-1]) == ("alarm", "air")
