"""The second channel: whatever the first one does wrong, the motor stands within the stated margin.

The margin: an eighth of a turn, two seconds of the highest ordered rates, the second between two looks, and what the
broken channel gives in it.
"""

import pytest

from boards import FRICTION_MN, HOUR_MS, Rig, TestBoard, bolus, kvo, ml, order, pause, ramp, rate, repeat, step_of
from picoinfuse_firmware.dose import force_of_pressure_mn
from picoinfuse_firmware.guard import CAUSE_FORCE, CAUSE_TURNED, MARGIN_MS, MAX_FORCE_MN, MAX_MMHG, Guard
from picoinfuse_firmware.limits import MAX_OCCLUSION_MMHG
from plunger import PlungerBoard

EIGHTH_NL = step_of(60).nl_of(400)


def blind(rig, *watches):
    """Disable watches of the first channel."""
    for watch in watches:
        if watch == "occlusion":
            rig.controller.occlusion.look = lambda force_mn: 0
        else:
            getattr(rig.controller.lookout, watch).look = lambda *seen: 0


def extra_at_the_alarm(rig, ml_h, seconds=3600):
    """Run until the guard stops the motor; return by how many nL the screw went beyond the order, and it stands."""
    start_ms = rig.now_ms
    for _ in range(seconds * 10):
        if rig.alarms:
            break
        rig.poll()
    assert rig.alarms == ["guard"]
    assert rig.state == "alarm"
    standing = rig.board.steps()
    turned_nl = step_of(60).nl_of(rig.board.encoder() * 3200 // 4096)
    ordered_nl = ml(ml_h) * (rig.now_ms - start_ms) // HOUR_MS
    rig.run(10000)
    assert rig.board.steps() == standing, "not one step more"
    assert rig.refusal("acknowledge") == "restart_needed"
    return turned_nl - ordered_nl


@pytest.mark.parametrize("ml_h", [5, 200])
def test_a_delivery_that_counts_every_step_twice_is_stopped_within_the_margin(ml_h):
    """The due steps themselves are doubled, so no watch of the first channel sees anything wrong."""
    rig = Rig()
    rig.ready(order(rate(ml_h, 50)))
    rig.delivery.dose.due._per_nl_num *= 2
    rig.ok("start", rig.new_id())
    extra_nl = extra_at_the_alarm(rig, ml_h)
    a_second = ml(ml_h) // 3600
    # 5 % more than ordered is let through, so the margin is used up a twentieth later.
    limit_nl = (EIGHTH_NL + a_second * MARGIN_MS // 1000) * 100 // 95 + 4 * a_second + 1000
    print(f"twice the steps at {ml_h} mL/h: {extra_nl / 1000:.0f} uL too much, at most {limit_nl / 1000:.0f}")
    assert EIGHTH_NL / 2 < extra_nl < limit_nl


@pytest.mark.parametrize("ml_h", [5, 200])
@pytest.mark.parametrize("turns", [(3, 2), (3, 1)])
def test_a_screw_that_turns_further_than_it_is_stepped_is_stopped_when_the_watches_are_blind(ml_h, turns):
    rig = Rig()
    rig.start(order(rate(ml_h, 50)))
    blind(rig, "stall", "flow")
    rig.board.turns = turns
    extra_nl = extra_at_the_alarm(rig, ml_h)
    a_second = ml(ml_h) // 3600
    limit_nl = (EIGHTH_NL + a_second * MARGIN_MS // 1000) * 100 // 85 + (turns[0] + 1) * a_second + 1000
    print(f"{turns[0]}/{turns[1]} of a turn at {ml_h} mL/h: {extra_nl / 1000:.0f} uL, at most {limit_nl / 1000:.0f}")
    assert 0 < extra_nl < limit_nl


@pytest.mark.parametrize("watch", ["stall", "flow"])
def test_with_one_watch_blind_the_other_one_or_the_guard_stops_a_screw_that_runs_ahead(watch):
    rig = Rig()
    rig.start(order(rate(100, 50)))
    blind(rig, watch)
    rig.board.turns = (3, 2)
    rig.run_until("alarm", 60000)
    assert set(rig.alarms) <= {"guard", "motor_stalled", "over_delivery"}


def test_a_force_beyond_every_threshold_stops_the_motor_when_the_occlusion_watch_is_blind():
    rig = Rig()
    rig.start(order(rate(100, 50)))
    blind(rig, "occlusion")
    rig.run(3000)
    rig.board.force = rig.controller.guard.max_force_mn
    rig.run(3000)
    assert "guard" not in rig.alarms
    rig.board.force += 1
    rig.run(1100)
    assert rig.seen("alarm", "guard")[0]["value"] == CAUSE_FORCE
    standing = rig.board.steps()
    rig.run(10000)
    assert rig.board.steps() == standing


@pytest.mark.parametrize("rate_", ["5 mL/h", "200 mL/h"])
def test_a_clamped_line_whose_occlusion_watch_is_blind_is_stopped_by_the_guard(bench, rate_):
    """In the simulated world, with its friction and noise, above any threshold that can be chosen."""
    import picoinfuse as pi

    bench.pump.start(pi.Program.continuous(rate=rate_, volume="20 mL"))
    bench.controller.occlusion.look = lambda force_mn: 0
    bench.advance("10 s")
    bench.line.clamp()
    at_clamp_ml = bench.truth()["plunger_ml"]
    for _ in range(3600):
        if bench.controller.state == "alarm":
            break
        bench.advance(1.0)
    truth = bench.truth()
    later_ml = truth["plunger_ml"] - at_clamp_ml
    print(f"clamp at {rate_}: the guard stops {later_ml:.2f} mL later, at {truth['pressure_mmhg']:.0f} mmHg")
    assert bench.controller.alarms.codes == [11]
    bench.advance("1 min")
    assert bench.truth()["plunger_ml"] == truth["plunger_ml"]
    assert 1000 < truth["pressure_mmhg"] < 1300


@pytest.mark.parametrize("ml_size", [5, 20, 60])
def test_the_guard_allows_every_threshold_and_little_more_in_every_syringe(ml_size):
    """Bug: 100 N for all was 1330 mmHg in a 60 mL syringe and 6500 mmHg in a 5 mL one."""
    guard = Guard(TestBoard())
    program = order(rate(5, 1), size_ml=ml_size)
    guard.take(program)
    allowed_mn = guard.max_force_mn
    of_pressure_mn = force_of_pressure_mn(MAX_MMHG, program.barrel_um)
    assert allowed_mn == pytest.approx(min(MAX_FORCE_MN, of_pressure_mn + 2 * program.friction_mn), rel=1e-4)
    assert allowed_mn > force_of_pressure_mn(MAX_OCCLUSION_MMHG, program.barrel_um) + program.friction_mn


def test_no_syringe_of_the_catalogue_meets_the_guard_before_its_occlusion_alarm():
    """At the highest threshold, and with the most friction that the occlusion alarm may learn."""
    from picoinfuse import syringes
    from picoinfuse_firmware.friction import Friction

    for kind in syringes.catalogue().values():
        guard = Guard(TestBoard())
        program = order(rate(5, 1))
        program.barrel_um, program.friction_mn = kind.barrel_um, kind.friction_mn
        guard.take(program)
        pressure_mn = force_of_pressure_mn(MAX_OCCLUSION_MMHG + 40, kind.barrel_um)
        assert guard.max_force_mn > Friction(program).high_mn + pressure_mn, kind.name


def test_a_screw_that_was_turned_by_hand_while_the_syringe_was_changed_is_no_fault():
    """Bug: an eighth of a turn forward, while a new syringe was fitted, tripped the guard."""
    rig = Rig()
    rig.start(order(rate(100, 50)))
    rig.run(3000)
    rig.ok("pause")
    rig.board._turned += 3200 * 1000  # a whole turn forward, by hand
    rig.ok("refill", ml(60))
    rig.run(3000)
    assert rig.alarms == []


def test_a_motor_that_steps_on_after_a_pause_is_stopped():
    """The first channel believes that the motor stands."""
    rig = Rig()
    rig.start(order(rate(100, 50)))
    rig.run(10000)
    rig.ok("pause")
    for _ in range(200):
        if rig.alarms:
            break
        if rig.board.room():
            rig.board.move(90, 1000, rig.board.now_us & ((1 << 30) - 1))
        rig.poll()
    assert rig.alarms == ["guard"]
    rig.run(2000)
    standing = rig.board.steps()
    rig.run(10000)
    assert rig.board.steps() == standing


def no_false_alarm(rig):
    rig.run_until("complete", 2 * HOUR_MS)
    assert rig.seen("alarm", "guard") == []


@pytest.mark.parametrize("offset_ms", range(0, 1000, 200))
def test_short_fast_phases_repeated_often_are_no_false_alarm(offset_ms):
    """Bug: the whole second since the last look was counted at the rate of the phase that had just begun."""
    rig = Rig()
    rig.ready(order(rate(300, 0.9083), rate(1, 0, 10100), repeat(0, 40)))
    rig.run(1000 - rig.now_ms % 1000 + offset_ms)
    rig.ok("start", rig.new_id())
    no_false_alarm(rig)


@pytest.mark.parametrize(
    "boluses",
    [[bolus(2, 300), bolus(1, 10)], [bolus(5, 60), bolus(2, 300)], [bolus(0.5, 100)] * 5],
    ids=["a slower one", "a faster one", "five"],
)
def test_boluses_that_wait_for_each_other_are_no_false_alarm(boluses):
    """Bug: the newest rate was taken for all of them."""
    rig = Rig()
    rig.start(order(*boluses, rate(5, 2)))
    no_false_alarm(rig)


def test_pausing_again_and_again_is_no_false_alarm():
    """Bug: what the motor did between the last look and the pause was counted, and what was ordered for it was not."""
    rig = Rig()
    rig.start(order(rate(300, 20)))
    for i in range(60):
        rig.run(1000 + i % 7 * 100)
        rig.ok("pause")
        rig.run(300 + i % 3 * 100)
        rig.resume()
    no_false_alarm(rig)


def test_titrations_up_and_down_are_no_false_alarm():
    rig = Rig()
    rig.start(order(rate(5, 20)))
    for i in range(60):
        rig.change("rate", ml(1 + i % 2 * 400), HOUR_MS)
        rig.run(2000)
    no_false_alarm(rig)


def test_every_kind_of_phase_at_the_motors_limit_is_no_false_alarm():
    rig = Rig()
    rig.start(
        order(ramp(1, 1000, 20000), ramp(1000, 1, 20000), pause(3000), kvo(1, 5000), bolus(1, 190), rate(1000, 5))
    )
    no_false_alarm(rig)


def test_an_hour_at_a_low_rate_saves_nothing_up_for_a_fast_one():
    rig = Rig()
    rig.start(order(rate(0.1, 5), rate(100, 5)))
    rig.run(HOUR_MS)
    blind(rig, "stall", "flow")
    rig.board.turns = (1000, 1)  # a nut that lets the screw run
    before = rig.board.encoder()
    for _ in range(36000):
        if rig.alarms:
            break
        rig.poll()
    assert rig.alarms == ["guard"]
    turned_nl = step_of(60).nl_of((rig.board.encoder() - before) * 3200 // 4096)
    # One step runs the screw on by a thousand; the saved tokens are never more than the margin.
    assert turned_nl < EIGHTH_NL + ml(100) * 2 // 3600 + 1001 * step_of(60).nl_of(1)


def test_without_an_encoder_the_guard_still_feels_the_force():
    rig = Rig(has=("force",))
    rig.start(order(rate(100, 1)))
    rig.change("rate", ml(50), HOUR_MS)
    rig.run(2000)
    blind(rig, "occlusion")
    rig.board.force = MAX_FORCE_MN + 1
    rig.run(1100)
    assert rig.alarms == ["guard"]


def test_a_guard_that_is_not_armed_says_nothing():
    board = TestBoard()
    board.force = MAX_FORCE_MN + FRICTION_MN
    guard = Guard(board)
    guard.rest(0)
    assert guard.look(1000) == 0
    guard.take(order(rate(5, 1)))
    guard.arm(1000)
    assert guard.look(2000) == CAUSE_FORCE
    guard.disarm()
    assert guard.look(3000) == 0


@pytest.mark.parametrize("times", [0, 1, 2])
def test_a_delivery_that_does_not_end_is_stopped_as_soon_after_drawing_back(times):
    """Bug: the encoder at which it was to end stayed, and what was drawn back was given once more beyond the order."""
    rig = Rig(PlungerBoard())
    rig.start(order(rate(100, 6)))
    rig.run(30000)
    for _ in range(times):
        rig.board.clamp()
        rig.run_until("alarm", 300000)
        rig.run_until_drawn_back()
        rig.board.clamp(False)
        rig.ok("acknowledge")
        rig.run(3000)
        rig.resume()
        rig.run(5000)
    assert (rig.status()["drawn_nl"] > times * ml(0.8)) == (times > 0)
    blind(rig, "stall", "flow", "rate", "rising", "engaged", "occlusion")
    basal = rig.delivery.dose.basal
    basal.volume_nl = basal.until_ms = basal.end_ms = -1
    rig.run_until("alarm", HOUR_MS)
    assert "guard" in rig.alarms
    extra_nl = step_of(60).nl_of(rig.board.steps_forward()) - ml(6)
    a_second = ml(100) // 3600
    print(f"drawn back {times} times: {extra_nl / 1000:.0f} uL beyond the order")
    assert 0 < extra_nl < EIGHTH_NL + a_second * MARGIN_MS // 1000 + 2 * a_second


def test_the_guard_uses_none_of_the_first_channels_arithmetic():
    import picoinfuse_firmware.guard as module

    names = {getattr(value, "__module__", "") for value in vars(module).values()}
    assert not {name for name in names if name.endswith((".delivery", ".dose", ".due", ".stream", ".lane"))}
    assert not {name for name in names if ".watch" in name}
    assert CAUSE_TURNED != CAUSE_FORCE


def test_the_guard_leaves_an_empty_syringe_to_its_own_alarm(bench):
    """Bug: the force at the end of the barrel raised the guard's alarm beside `empty`, and that needs a restart."""
    import picoinfuse as pi

    bench.fault("empty@1min")
    bench.pump.start(pi.Program.continuous(rate="5 mL/h", volume="20 mL"))
    bench.advance("5 min")
    assert [code for code in bench.controller.alarms.codes if code != 6] == [5]
