"""Active alarms: the highest one is shown, the audio pause ends by itself, and a new alarm ends it."""

import pytest

from boards import FRICTION_MN, HOUR_MS, Rig, ml, order, rate
from picoinfuse_firmware import alarms
from picoinfuse_firmware.alarm_list import AlarmList
from picoinfuse_firmware.alarms import CALL_BACK, END, NEAR_END, OCCLUSION
from picoinfuse_firmware.limits import MAX_MUTE_MS

WAITING = (alarms.CALL_BACK, alarms.PAUSE_TOO_LONG)  # acknowledged, they begin to wait anew


def test_the_highest_priority_is_shown_until_it_is_gone():
    active = AlarmList()
    assert active.priority == 0
    assert active.add(NEAR_END)
    assert active.priority == alarms.LOW
    assert active.add(OCCLUSION)
    assert active.add(END)
    assert active.priority == alarms.HIGH
    assert active.codes == [NEAR_END, OCCLUSION, END]
    assert active.remove(OCCLUSION)
    assert active.priority == alarms.MEDIUM
    assert active.remove(END)
    assert active.remove(NEAR_END)
    assert active.priority == 0


def test_an_alarm_comes_once_and_goes_once():
    active = AlarmList()
    assert active.add(END)
    assert not active.add(END)
    assert active.remove(END)
    assert not active.remove(END)


def test_what_stops_and_what_waits_for_a_person():
    active = AlarmList()
    for code in (NEAR_END, CALL_BACK, END):
        active.add(code)
        assert active.stopping() == 0
    active.add(OCCLUSION)
    assert active.stopping() == OCCLUSION
    assert active.latched() == [END, OCCLUSION]


def test_an_audio_pause_is_at_most_two_minutes():
    active = AlarmList()
    assert not active.mute(0, MAX_MUTE_MS + 1)
    assert not active.mute(0, -1)
    assert active.mute(1000, MAX_MUTE_MS)
    assert active.muted_ms(1000) == 120000
    assert active.muted_ms(121000) == active.muted_ms(500000) == 0
    assert active.mute(130000, 0)
    assert active.muted_ms(130000) == 0


def test_every_row_of_the_table_has_a_number_and_a_name_of_its_own():
    assert len(alarms.BY_CODE) == len(alarms.TABLE) == len({row.name for row in alarms.TABLE})
    for row in alarms.TABLE:
        assert alarms.LOW <= row.priority <= alarms.HIGH
        assert not row.stops or row.latching, "a motor that was stopped is not started by a cause that went"


def occluded():
    rig = Rig()
    rig.start(order(rate(20, 5)))
    rig.run(3000)
    rig.board.force = 60000
    rig.run_until("alarm", 1000)
    return rig


def test_the_sound_is_back_by_itself_within_two_minutes_and_the_light_never_went():
    rig = occluded()
    assert rig.refusal("mute", MAX_MUTE_MS + 1) == "mute_too_long"
    assert rig.board.shown == (3, True)
    rig.ok("mute", MAX_MUTE_MS)
    muted_from_ms = rig.now_ms
    assert rig.board.shown == (3, False)
    assert 119000 <= rig.status()["muted_ms"] <= 120000
    while rig.board.shown == (3, False):
        rig.poll()
    assert rig.board.shown == (3, True)
    assert 118000 <= rig.now_ms - muted_from_ms <= 120000
    assert rig.seen("mute")[0]["value"] == MAX_MUTE_MS


def test_muting_can_be_ended():
    rig = occluded()
    rig.ok("mute", 60000)
    rig.ok("mute", 0)
    rig.run(1000)
    assert rig.board.shown == (3, True)


def test_a_new_alarm_sounds_although_another_was_muted():
    rig = Rig()
    rig.start(order(rate(36, 1), near_end_ms=50000))
    rig.run(52000)
    assert rig.alarms == ["near_end"]
    rig.ok("mute", MAX_MUTE_MS)
    assert rig.board.shown == (1, False)
    rig.board.force = 60000
    rig.run(1000)
    assert rig.board.shown == (3, True)
    rig.board.force = FRICTION_MN
    rig.run_until_drawn_back()
    rig.ok("acknowledge")
    assert rig.board.shown[0] <= 1


def test_there_is_nothing_to_acknowledge_without_an_alarm():
    rig = Rig()
    assert rig.refusal("acknowledge") == "no_alarm"
    rig.start(order(rate(20, 5)))
    rig.ask("bolus", ml(1), ml(100), HOUR_MS)
    assert rig.refusal("acknowledge") == "no_alarm"


@pytest.mark.parametrize("row", alarms.TABLE, ids=lambda row: row.name)
def test_each_alarm_is_heard_listed_beside_a_higher_one_and_sounds_again_after_two_minutes(row):
    """The whole table, on a pump that runs: shown with its priority, muted for two minutes, ended by a new one."""
    rig = Rig()
    rig.start(order(rate(1, 5)))
    rig.run(1000)
    pump = rig.controller
    pump.lookout.look = pump.lookout.rest = lambda now_ms: None  # no watch ends what this test raises
    pump.alarm(row.code, 0)
    rig.run(200)
    assert rig.board.shown == (row.priority, True)
    assert (rig.state == "alarm") == row.stops
    assert (pump.moving is None) == row.stops
    rig.ok("mute", MAX_MUTE_MS)
    rig.run(MAX_MUTE_MS - 2000)
    assert rig.board.shown == (row.priority, False)
    rig.run(2000)
    assert rig.board.shown == (row.priority, True)
    rig.ok("mute", MAX_MUTE_MS)
    other = alarms.OCCLUSION if row.code != alarms.OCCLUSION else alarms.EMPTY
    pump.alarm(other, 0)
    rig.run(200)
    assert rig.board.shown == (3, True), "a new alarm ends the audio pause"
    assert rig.status()["alarms"] == [row.code, other]
    pump.end_alarm(other)
    rig.run(200)
    assert rig.board.shown == (row.priority, True)


@pytest.mark.parametrize("row", alarms.TABLE, ids=lambda row: row.name)
def test_what_a_person_can_do_about_an_alarm_is_what_the_table_says(row):
    rig = Rig()
    rig.start(order(rate(1, 5)))
    rig.run(1000)
    pump = rig.controller
    pump.lookout.look = lambda now_ms: None
    pump.left_nl = lambda: 1000  # nothing is the matter: no cause is there
    pump.alarm(row.code, 0)
    if row.code in alarms.RESTART_NEEDED:
        assert rig.ask("acknowledge") == ("refused", ["restart_needed", row.code, 0])
    elif row.code in alarms.STOP_NEEDED:
        assert rig.ask("acknowledge") == ("refused", ["stop_needed", row.code, 0])
    else:
        rig.ok("acknowledge")
        assert (row.code in pump.alarms.codes) == (not row.latching and row.code not in WAITING)
        assert rig.state == ("paused" if row.stops else "infusing")
    rig.ok("stop")
    stays = row.code in alarms.RESTART_NEEDED or (row.code in alarms.OF_THE_PUMP and not row.latching)
    assert (row.code in pump.alarms.codes) == stays
