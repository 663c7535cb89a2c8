"""Near end, end and empty."""

import pytest

from boards import FRICTION_MN, HOUR_MS, Rig, bolus, kvo, ml, order, rate
from picoinfuse_firmware.alarms import EMPTY, NEAR_END
from picoinfuse_firmware.watch.reservoir import empty, near_end


def test_near_end_is_little_time_left_also_if_that_is_all_there_is():
    assert near_end(60000, 60001) == 0
    assert near_end(60000, 60000) == NEAR_END
    assert near_end(60000, 1) == NEAR_END
    assert near_end(60000, 0) == 0
    assert near_end(0, 1) == 0


def test_empty_is_nothing_left_or_the_end_switch():
    assert empty(1, False) == 0
    assert empty(0, False) == EMPTY
    assert empty(-1, False) == EMPTY
    assert empty(1000, True) == EMPTY


def test_the_near_end_is_announced_and_goes_when_the_end_is_there():
    rig = Rig()
    rig.start(order(rate(36, 1), near_end_ms=30000))  # 100 s
    started_ms = rig.now_ms
    rig.run_until("complete")
    at_ms = rig.seen("alarm", "near_end")[0]["at_ms"]
    assert 69000 <= at_ms - started_ms <= 71200
    assert rig.seen("alarm_end", "near_end")
    assert rig.alarms == ["end"]
    assert rig.board.shown == (2, True)


def test_the_near_end_is_gone_when_a_slower_rate_moves_the_end_away_and_comes_back():
    rig = Rig()
    rig.start(order(rate(36, 1), near_end_ms=30000))
    rig.run(80000)
    assert rig.alarms == ["near_end"]
    rig.change("rate", ml(3.6), HOUR_MS)
    rig.run(5000)
    assert rig.alarms == []
    rig.run_until("complete")
    assert len(rig.seen("alarm", "near_end")) == 2


def test_a_dose_that_is_over_within_the_time_of_the_warning_warns_at_once():
    """Bug: it never did, since it was compared with what the whole dose takes."""
    rig = Rig()
    rig.start(order(rate(36, 0.2), near_end_ms=30000))  # 20 s
    rig.run(1100)
    assert rig.alarms == ["near_end"]
    rig.run_until("complete")
    assert rig.alarms == ["end"]


def test_a_dose_that_was_short_at_its_first_rate_and_is_slowed_warns_again_before_its_end():
    """Bug: whether it was long was decided by the first rate, once."""
    rig = Rig()
    rig.start(order(rate(36, 0.2), near_end_ms=30000))
    rig.run(2000)
    rig.change("rate", ml(1.8), HOUR_MS)  # ten minutes
    rig.run(4000)
    assert rig.alarms == []
    changed_ms = rig.now_ms
    rig.run_until("complete")
    first, second = rig.seen("alarm", "near_end")
    assert first["at_ms"] < changed_ms < second["at_ms"]
    ended_ms = rig.seen("state", "complete")[-1]["at_ms"]
    assert 28000 <= ended_ms - second["at_ms"] <= 31000


def test_a_rate_that_makes_the_rest_short_warns_at_once_and_so_does_one_after_a_power_cut():
    rig = Rig()
    rig.start(order(rate(3.6, 1), near_end_ms=30000))  # 1000 s
    rig.run(10000)
    rig.change("rate", ml(360), HOUR_MS)
    rig.run(3000)
    assert rig.alarms == ["near_end"]
    rig = rig.after_power_cut()
    rig.run(1100)
    rig.ok("acknowledge")
    rig.resume()
    rig.run(1100)
    assert rig.alarms == ["near_end"]


def test_a_bolus_phase_alone_warns_too():
    rig = Rig()
    rig.start(order(bolus(0.2, 36), near_end_ms=30000))
    rig.run(1100)
    assert rig.alarms == ["near_end"]


def test_the_end_is_said_when_the_last_keep_vein_open_begins():
    rig = Rig()
    rig.start(order(rate(36, 0.1), kvo(1), near_end_ms=5000))
    rig.run_until("kvo")
    assert len(rig.seen("alarm", "near_end")) == 1
    assert "end" in rig.alarms
    rig.run(60000)
    assert rig.alarms == ["end"]
    assert rig.status()["kvo_nl"] > 0
    assert rig.status()["remaining_ms"] == 0
    rig.ok("acknowledge")
    assert (rig.state, rig.alarms) == ("kvo", [])
    rig.ok("stop")
    assert rig.state == "idle"


def test_the_end_switch_stops_the_motor_and_a_new_syringe_goes_on():
    rig = Rig()
    rig.start(order(rate(100, 1)))
    rig.run(10000)
    rig.board.end = True
    rig.run(1100)
    assert (rig.state, rig.alarms) == ("alarm", ["empty"])
    assert rig.ask("acknowledge") == ("refused", ["cause_present", EMPTY, 0])
    assert rig.refusal("refill", 0) == "filled_too_much"
    assert rig.refusal("refill", ml(61)) == "filled_too_much"
    rig.board.end = False
    rig.ok("refill", ml(60))
    rig.ok("acknowledge")
    rig.resume()
    rig.run_until("complete")
    assert rig.delivery.dose_nl() + 351 > ml(1)
    assert rig.status()["left_nl"] > ml(59)


def test_a_plunger_that_presses_on_the_end_of_the_barrel_is_empty_and_no_occlusion():
    rig = Rig()
    rig.start(order(rate(100, 1)))
    rig.run(10000)
    rig.board.force, rig.board.end = 90000, True
    rig.run(300)
    assert rig.alarms == ["empty"]


@pytest.mark.parametrize("has", [("force", "encoder"), ()])
def test_without_an_end_switch_the_account_says_when_nothing_is_left(has):
    """Keeping the vein open uses up what the order left in the syringe."""
    rig = Rig(has=has)
    rig.start(order(rate(100, 1), kvo(20), filled_ml=1.1))
    rig.run_until("alarm", HOUR_MS)
    assert rig.alarms == ["end", "empty"]
    status = rig.status()
    assert -ml(0.02) < status["left_nl"] <= 0
    assert abs(status["kvo_nl"] - ml(0.1)) < ml(0.02)
    assert rig.refusal("acknowledge") == "cause_present"
    assert rig.board.force == FRICTION_MN
