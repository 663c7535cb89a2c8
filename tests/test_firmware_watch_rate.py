"""Rate not reached: the motor is behind what is due for longer than a moment."""

import pytest

from boards import HOUR_MS, Rig, TestBoard, bolus, ml, order, rate
from picoinfuse_firmware.alarms import RATE_UNREACHABLE
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.watch.rate import FOR_MS, PART_OF_TURN, RateWatch

BOUND = 3200 // PART_OF_TURN


def test_only_more_than_a_sixty_fourth_of_a_turn_for_ten_seconds_is_an_alarm():
    watch = RateWatch(Config())
    assert watch.look(0, BOUND) == 0
    assert watch.look(60000, BOUND) == 0
    assert watch.look(61000, BOUND + 1) == 0
    assert watch.look(61000 + FOR_MS - 1, BOUND + 1) == 0
    assert watch.look(61000 + FOR_MS, BOUND + 1) == RATE_UNREACHABLE


def test_it_lasts_until_the_motor_has_caught_up_or_stands():
    watch = RateWatch(Config())
    watch.look(0, BOUND + 1)
    assert watch.look(FOR_MS, BOUND // 2) == RATE_UNREACHABLE
    assert watch.look(FOR_MS + 1000, BOUND // 8) == 0
    assert watch.look(3 * FOR_MS, BOUND // 2) == 0
    watch.look(4 * FOR_MS, BOUND + 1)
    watch.rest()
    assert watch.look(6 * FOR_MS, BOUND + 1) == 0


def starve(rig, ms=900):
    """Let the next poll come so late that the motor has stood for `ms`; at a second it would be a system fault."""
    rig.board.now_us += (rig.delivery.horizon_ms + ms - rig.now_ms - 100) * 1000


@pytest.mark.parametrize("has", [("force", "encoder", "end_switch"), ()], ids=["all sensors", "no sensor"])
def test_a_motor_that_lags_after_a_late_poll_is_told_until_it_has_caught_up(has):
    """Bug: after a poll that came 1.6 s late the motor lagged for minutes and nobody said so."""
    rig = Rig(has=has)
    rig.start(order(rate(200, 20)))
    rig.run(5000)
    starve(rig)
    rig.run(FOR_MS + 3000)
    assert rig.alarms == ["rate_unreachable"]
    assert rig.state == "infusing", "the motor goes on"
    lag_nl = rig.seen("alarm", "rate_unreachable")[0]["value"]
    assert 17000 < lag_nl < ml(200) // 3600 * 2
    rig.run(600000 - 600000 % 100)
    rig.run_until("complete")
    assert [e["what"] for e in rig.seen("alarm_end")] == ["rate_unreachable"]
    assert rig.alarms == ["end"]


def test_at_a_low_rate_the_next_joint_catches_up_and_nothing_is_said():
    rig = Rig()
    rig.start(order(rate(5, 1)))
    for _ in range(20):
        rig.run(8000)
        starve(rig)
    rig.run(FOR_MS)
    assert rig.seen("alarm") == []


def test_a_pause_ends_it():
    rig = Rig()
    rig.start(order(rate(200, 20)))
    rig.run(5000)
    starve(rig)
    rig.run(FOR_MS + 3000)
    rig.ok("pause")
    assert rig.alarms == []


class SlowBoard(TestBoard):
    """A drive that cannot keep the pace: each run takes a fiftieth longer than it was told to."""

    def move(self, count, interval_us, first_at_us):
        super().move(count, interval_us * 51 // 50 + 1, first_at_us)


def test_a_drive_that_cannot_keep_the_pace_is_told():
    rig = Rig(SlowBoard())
    rig.start(order(rate(200, 20)))
    for _ in range(HOUR_MS // 100):
        if rig.alarms:
            break
        rig.poll()
    assert rig.alarms == ["rate_unreachable"]
    assert rig.state == "infusing"


@pytest.mark.parametrize("seed", range(3))
def test_polls_up_to_400_ms_late_are_no_false_alarm(seed):
    rig = Rig()
    rig.start(order(bolus(1, 150), rate(1000, 10), rate(5, 0.05)))
    state = seed
    for _ in range(2000):
        state = (state * 1103515245 + 12345) % (1 << 31)
        rig.board.now_us += state // 65536 % 401 * 1000
        rig.poll()
        if rig.state == "complete":
            break
    assert rig.state == "complete"
    assert rig.alarms == ["end"]
