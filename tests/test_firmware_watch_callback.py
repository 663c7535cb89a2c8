"""Call-back: what was begun and not finished is called back after half a minute; a long pause after ten minutes."""

import pytest

from boards import HOUR_MS, Rig, ml, order, pause, rate
from picoinfuse_firmware.alarms import CALL_BACK
from picoinfuse_firmware.watch.callback import AFTER_MS, PAUSE_MS, CallBackWatch

ORDER = order(rate(20, 5))


def loading(rig):
    rig.ok("load", *ORDER.load_values())


def staged(rig):
    rig.stage(ORDER)


def ready(rig):
    rig.ready(ORDER)


def proposing(rig):
    rig.start(ORDER)
    rig.ask("rate", ml(10), HOUR_MS)


def test_half_a_minute_is_counted_from_the_beginning_or_the_last_touch():
    watch = CallBackWatch()
    assert watch.look(1000, False) == 0
    watch.touched(1500)
    assert watch.look(2000, True) == 0
    assert watch.look(2000 + AFTER_MS - 1, True) == 0
    assert watch.look(2000 + AFTER_MS, True) == CALL_BACK
    watch.touched(2000 + AFTER_MS)
    assert watch.look(2000 + 2 * AFTER_MS - 1, True) == 0
    assert watch.look(0, False) == 0


@pytest.mark.parametrize("half_made", [loading, staged, ready, proposing])
def test_a_half_made_setting_is_called_back_after_thirty_seconds(half_made):
    rig = Rig()
    half_made(rig)
    rig.run(29000)
    assert rig.alarms == []
    rig.run(2100)
    assert rig.alarms == ["call_back"]
    assert rig.board.shown == (2, True)
    assert rig.state != "alarm"


def test_starting_it_ends_the_call():
    rig = Rig()
    ready(rig)
    rig.run(32000)
    rig.ok("start", rig.new_id())
    rig.run(2000)
    assert (rig.state, rig.alarms) == ("infusing", [])


def test_confirming_it_ends_the_call_for_another_half_minute():
    rig = Rig()
    staged(rig)
    rig.run(32000)
    assert rig.alarms == ["call_back"]
    rig.ok("confirm", ORDER.check())
    rig.run(2000)
    assert rig.alarms == []
    rig.run(30000)
    assert rig.alarms == ["call_back"]


def test_stopping_it_ends_the_call():
    rig = Rig()
    staged(rig)
    rig.run(32000)
    rig.ok("stop")
    rig.run(60000)
    assert (rig.state, rig.alarms) == ("idle", [])


def test_applying_a_proposal_ends_the_call():
    rig = Rig()
    rig.start(ORDER)
    _, proposed = rig.ask("rate", ml(10), HOUR_MS)
    rig.run(32000)
    assert rig.alarms == ["call_back"]
    rig.ok("apply", rig.new_id(), proposed[0])
    rig.run(2000)
    assert rig.alarms == []


def test_a_forgotten_proposal_that_is_acknowledged_is_gone():
    rig = Rig()
    rig.start(ORDER)
    _, proposed = rig.ask("rate", ml(10), HOUR_MS)
    rig.run(32000)
    rig.ok("acknowledge")
    rig.run(60000)
    assert rig.alarms == []
    assert rig.refusal("apply", rig.new_id(), proposed[0]) == "nothing_proposed"


def test_a_proposal_does_not_outlive_the_program_it_was_made_for():
    """Bug: it could be applied to the next program."""
    rig = Rig()
    rig.start(order(rate(100, 0.5)))
    _, proposed = rig.ask("bolus", ml(0.2), ml(100), HOUR_MS)
    rig.run_until("complete")
    rig.run(60000)
    assert rig.alarms == ["end"]
    rig.start(ORDER)
    assert rig.refusal("apply", rig.new_id(), proposed[0]) == "nothing_proposed"


def test_loading_another_program_begins_the_half_minute_anew():
    """Bug: who loaded again after 29 seconds was called back a second later."""
    rig = Rig()
    rig.stage(ORDER)
    rig.run(29000)
    rig.stage(ORDER)
    rig.run(28000)
    assert rig.alarms == []


def paused():
    rig = Rig()
    rig.start(ORDER)
    rig.run(2000)
    rig.ok("pause")
    return rig


def test_a_pause_of_ten_minutes_is_too_long_and_resuming_ends_the_alarm():
    rig = paused()
    rig.run(PAUSE_MS - 2000)
    assert rig.alarms == []
    rig.run(3000)
    assert rig.alarms == ["pause_too_long"]
    assert rig.board.shown == (2, True)
    assert rig.state == "paused"
    rig.resume()
    assert rig.alarms == []
    rig.ok("pause")
    rig.run(PAUSE_MS - 2000)
    assert rig.alarms == [], "each pause has its own ten minutes"


def test_who_acknowledges_a_long_pause_is_reminded_again():
    rig = paused()
    rig.run(PAUSE_MS + 2000)
    rig.ok("acknowledge")
    assert (rig.state, rig.alarms) == ("paused", [])
    rig.run(PAUSE_MS - 2000)
    assert rig.alarms == []
    rig.run(3000)
    assert rig.alarms == ["pause_too_long"]


def test_stopping_ends_a_long_pause():
    rig = paused()
    rig.run(PAUSE_MS + 2000)
    rig.ok("stop")
    rig.run(PAUSE_MS + 2000)
    assert (rig.state, rig.alarms) == ("idle", [])


def test_a_pause_of_the_program_is_no_pause_of_a_person():
    rig = Rig()
    rig.start(order(rate(100, 0.05), pause(2 * PAUSE_MS), rate(100, 0.05)))
    rig.run(PAUSE_MS * 3 // 2)
    assert (rig.state, rig.alarms) == ("infusing", [])
