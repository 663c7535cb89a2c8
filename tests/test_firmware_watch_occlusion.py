"""Occlusion: three samples above the threshold stop the motor, fewer do not, and it stands until the cause is gone."""

import pytest

from boards import FRICTION_MN, Rig, ml, order, rate
from picoinfuse_firmware.alarms import OCCLUSION
from picoinfuse_firmware.watch.occlusion import SAMPLES, OcclusionWatch

ORDER = order(rate(50, 10), occlusion_mmhg=300)
LIMIT_MN = OcclusionWatch(ORDER).limit_mn


def test_the_limit_is_the_friction_and_the_pressure_on_the_plunger():
    watch = OcclusionWatch(ORDER)
    area_mm2 = 3.14159265 * 26.7**2 / 4
    assert watch.limit_mn == pytest.approx(FRICTION_MN + 300 * 0.133322 * area_mm2, abs=2)
    assert watch.pressure_mmhg(watch.limit_mn) in (299, 300)
    assert watch.pressure_mmhg(FRICTION_MN) == 0


def test_the_limit_follows_the_learnt_friction():
    watch = OcclusionWatch(ORDER)
    watch.follow(FRICTION_MN + 700)
    assert watch.limit_mn == LIMIT_MN + 700
    assert watch.pressure_mmhg(FRICTION_MN + 700) == 0
    assert watch.look(LIMIT_MN + 700) == 0
    assert not watch.present(LIMIT_MN + 700)


def test_drawn_back_the_same_force_means_more_pressure():
    watch = OcclusionWatch(ORDER)
    watch.backwards(LIMIT_MN)
    assert watch.pressure_mmhg(-FRICTION_MN) == 0
    assert watch.pressure_mmhg(0) == pytest.approx(67, abs=1)
    watch.forwards()
    assert watch.pressure_mmhg(FRICTION_MN) == 0


def test_while_the_friction_turns_round_the_pressure_shown_does_not_rise():
    watch = OcclusionWatch(ORDER)
    at_alarm = watch.pressure_mmhg(LIMIT_MN)
    watch.backwards(LIMIT_MN)
    shown = [watch.pressure_mmhg(force_mn) for force_mn in range(LIMIT_MN, -FRICTION_MN, -100)]
    assert shown[0] == at_alarm
    assert shown == sorted(shown, reverse=True)
    assert shown[-1] < 5


def test_what_friction_alone_may_bear_is_shown_as_no_pressure():
    watch = OcclusionWatch(ORDER)
    assert [watch.pressure_mmhg(force_mn) for force_mn in (FRICTION_MN, 0, -FRICTION_MN)] == [0, 0, 0]
    assert watch.pressure_mmhg(-2 * FRICTION_MN) == pytest.approx(-67, abs=1)  # it is sucked
    assert watch.pressure_mmhg(2 * FRICTION_MN) == pytest.approx(67, abs=1)


def test_only_so_many_samples_in_a_row_are_an_occlusion():
    watch = OcclusionWatch(ORDER)
    for _ in range(5):
        assert [watch.look(LIMIT_MN + 1) for _ in range(SAMPLES - 1)] == [0] * (SAMPLES - 1)
        assert watch.look(LIMIT_MN) == 0
    assert [watch.look(LIMIT_MN + 1) for _ in range(SAMPLES)][-1] == OCCLUSION
    assert watch.present(LIMIT_MN + 1)
    assert not watch.present(LIMIT_MN)


def test_an_occlusion_stops_the_motor_within_three_polls_and_not_one_step_is_made_more():
    rig = Rig()
    rig.start(ORDER)
    rig.run(10000)
    rig.board.force = LIMIT_MN + 1
    clamped_ms = rig.now_ms
    rig.run_until("alarm", 1000)
    standing = rig.board.steps_forward()
    alarm = rig.seen("alarm", "occlusion")[0]
    assert alarm["at_ms"] == clamped_ms + SAMPLES * 100
    assert alarm["value"] in (299, 300)
    assert rig.board.shown == (3, True)
    rig.run(60000)
    assert rig.board.steps_forward() == standing


def test_it_is_acknowledged_only_when_the_line_is_open_and_then_resumed():
    rig = Rig()
    rig.start(ORDER)
    rig.run(5000)
    rig.board.force = LIMIT_MN + 1000
    rig.run_until("alarm", 1000)
    assert rig.refusal("resume", rig.new_id()) == "not_now"
    rig.run_until_drawn_back()
    assert rig.ask("acknowledge") == ("refused", ["cause_present", OCCLUSION, 0])
    rig.board.force = FRICTION_MN
    rig.ok("acknowledge")
    assert (rig.state, rig.alarms) == ("paused", [])
    rig.resume()
    rig.run_until("complete")
    assert rig.delivery.dose_nl() + 351 > ml(10)


def test_a_noisy_sample_is_no_occlusion():
    rig = Rig()
    rig.start(ORDER)
    for i in range(600):
        rig.board.force = LIMIT_MN + 5000 if i % 3 else FRICTION_MN
        rig.poll()
    assert rig.alarms == ["pressure_rising"]  # two thirds of the force is not nothing either


def test_without_a_force_sensor_the_alarm_is_not_armed_and_the_pump_infuses():
    rig = Rig(has=("encoder", "end_switch"))
    rig.start(ORDER)
    rig.ok("telemetry_every", 1000)
    rig.run(10000)
    assert rig.telemetry[-1]["limit_mmhg"] == rig.telemetry[-1]["force_mn"] == 0
    rig.run_until("complete")
