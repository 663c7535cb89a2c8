"""Drawing back after an occlusion: the pressure goes, and nothing else is moved, given, hidden or drawn out."""

import pytest

from boards import HOUR_MS, Rig, ml, order, rate, step_of
from picoinfuse_firmware import alarms, relief
from picoinfuse_firmware.config import Config
from plunger import PlungerBoard

FRICTION = {5: 1000, 20: 2500, 60: 5000}
SOFT = {5: (600, 1400), 20: (800, 1600), 60: (1100, 1900)}  # spring and line, nL/mmHg


def occluded(size_ml=60, ml_h=100, before_ms=60000, mmhg=300, volume_ml=4, **options):
    """Infuse, clamp, and return the rig at the moment of the alarm."""
    spring, line = options.pop("soft", SOFT[size_ml])
    board = PlungerBoard(size_ml, FRICTION[size_ml], spring, line, **options)
    rig = Rig(board)
    rig.start(order(rate(ml_h, volume_ml), size_ml=size_ml, occlusion_mmhg=mmhg))
    rig.run(before_ms)
    board.clamp()
    for _ in range(36000):
        if rig.state == "alarm":
            break
        rig.poll()
    assert "occlusion" in rig.alarms
    return rig


def drawn_back(rig, within_ms=relief.LONGEST_MS + 1000):
    """Let it end, and return why and how much: the event's fields."""
    rig.run(within_ms)
    (event,) = rig.seen("drawback")
    assert not rig.controller.relief.active
    return event["what"], event["value"]


@pytest.mark.parametrize("size_ml", [5, 20, 60])
@pytest.mark.parametrize("mmhg", [150, 300, 600])
def test_after_an_occlusion_the_pressure_is_drawn_back_to_that_of_a_vein(size_ml, mmhg):
    rig = occluded(size_ml, mmhg=mmhg, volume_ml=4)
    forward = rig.board.steps_forward()
    assert rig.board.pressure == pytest.approx(mmhg, abs=5)
    why, drawn_nl = drawn_back(rig)
    assert why == "relieved"
    assert 0 <= rig.board.pressure <= 20
    assert rig.board.steps_forward() == forward, "not one more forward step"
    spring, line = SOFT[size_ml]
    held = (mmhg - rig.board.pressure) * (spring + line) + 2 * rig.board.friction_mmhg * spring + rig.board.gap_nl
    assert drawn_nl == pytest.approx(held, rel=0.03, abs=20000)
    assert (rig.state, rig.alarms[-1]) == ("alarm", "occlusion")


def test_what_was_drawn_back_is_told_apart_and_the_accounts_add_up():
    rig = occluded()
    before = rig.status()
    drawn_back(rig)
    status = rig.status()
    assert status["delivered_nl"] == before["delivered_nl"]
    assert status["drawn_nl"] > 900000
    assert status["left_nl"] == pytest.approx(ml(60) - status["delivered_nl"] + status["drawn_nl"], abs=2)
    assert rig.board.steps_reverse() * 703 // 2 == pytest.approx(status["drawn_nl"], rel=0.01)


def test_opened_acknowledged_and_resumed_it_gives_the_rest_of_the_dose_and_no_watch_complains():
    rig = occluded()
    drawn_back(rig)
    rig.board.clamp(False)
    rig.ok("acknowledge")
    assert rig.state == "paused"
    rig.resume()
    rig.run_until("complete", HOUR_MS)
    assert [e["what"] for e in rig.seen("alarm") if e["what"] not in ("occlusion", "pressure_rising")] == ["end"]
    status = rig.status()
    assert ml(4) - status["delivered_nl"] < 2 * 703
    assert status["left_nl"] == pytest.approx(ml(56) + status["drawn_nl"], abs=1000)


def test_a_second_occlusion_of_the_program_is_drawn_back_too_and_added():
    rig = occluded()
    first = drawn_back(rig)[1]
    rig.board.clamp(False)
    rig.ok("acknowledge")
    rig.resume()
    rig.run(20000)
    rig.board.clamp()
    rig.run_until("alarm", 200000)
    rig.run(60000)
    assert [e["what"] for e in rig.seen("drawback")] == ["relieved", "relieved"]
    assert rig.status()["drawn_nl"] == pytest.approx(first + rig.seen("drawback")[1]["value"], abs=2)


def test_a_new_program_begins_its_own_account():
    rig = occluded()
    drawn_back(rig)
    rig.ok("stop")
    assert rig.status()["drawn_nl"] > 0
    rig.ready(order(rate(5, 1)))
    assert rig.status()["drawn_nl"] == 0


def test_a_cell_that_reads_no_tension_ends_it_at_no_force_and_friction_holds_the_rest():
    rig = occluded(config=Config(force_min_mn=0))
    assert drawn_back(rig)[0] == "relieved"
    assert rig.board.pressure == pytest.approx(rig.board.friction_mmhg, abs=6)


def test_a_plunger_that_is_not_held_is_left_soon():
    """The pusher goes away from it by less than 0.1 mL, and the pressure stays that its friction bears."""
    rig = occluded(captured=False)
    why, _ = drawn_back(rig)
    assert why == "loose"
    assert rig.board.pressure == pytest.approx(rig.board.friction_mmhg, abs=6)
    assert 0 < rig.board._plunger - rig.board._nut < 100000


def test_a_line_that_opens_meanwhile_loses_less_than_a_quarter_of_a_millilitre():
    """Nothing may be drawn out of the patient; what friction and spring take is no fluid."""
    rig = occluded()
    rig.run(3000)
    rig.board.clamp(False)
    rig.board.force_mn()
    at_ml = rig.board._plunger
    drawn_back(rig)
    assert -250000 < rig.board._plunger - at_ml <= 0


def test_an_empty_start_against_a_clamp_draws_back_no_more_than_was_given():
    rig = occluded(before_ms=0)
    given = rig.board.steps_forward()
    assert drawn_back(rig)[0] == "bound"
    assert rig.board.steps_reverse() == given
    assert rig.board.steps() == 0


def test_a_soft_line_is_drawn_back_to_its_bound_and_not_for_ever():
    rig = occluded(soft=(1100, 9000), ml_h=400, volume_ml=20, before_ms=60000)
    why, drawn_nl = drawn_back(rig)
    step = step_of(60)
    most = (300 + 2 * 5000 / rig.board.mn_per_mmhg) * relief.SOFTEST_NL_MMHG + rig.board.gap_nl
    assert why == "bound"
    assert most - 5000 < drawn_nl <= most + step.nl_of(2)


def test_a_small_syringe_whose_motor_cannot_turn_fast_enough_ends_by_its_time():
    rig = occluded(5, soft=(600, 3000), mmhg=900, ml_h=40, config=Config(min_interval_us=5000))
    assert drawn_back(rig)[0] == "late"


def test_a_hang_draws_back_no_more_than_a_chunk():
    rig = occluded()
    rig.run(3000)
    before = rig.board.steps_reverse()
    rig.board.now_us += 60_000_000
    assert rig.board.steps_reverse() - before <= step_of(60).steps_in(relief.CHUNK_NL)


def test_at_every_poll_it_is_a_few_mmhg_at_most():
    for size_ml in (5, 20, 60):
        rig = occluded(size_ml)
        before = rig.board.pressure
        while rig.controller.relief.active:
            rig.poll()
            rig.board.force_mn()
            assert before - rig.board.pressure <= 5
            before = rig.board.pressure


@pytest.mark.parametrize("after_ms", [0, 500, 4000])
def test_nobody_can_acknowledge_before_the_pressure_is_gone(after_ms):
    """Bug: acknowledged after half a second it stood, and 0.8 mL ran into the patient when the clamp was opened."""
    rig = occluded()
    rig.run(after_ms)
    assert rig.refusal("acknowledge") == "drawing_back"
    assert drawn_back(rig)[0] == "relieved"
    assert rig.board.pressure <= 20
    rig.ok("acknowledge")
    assert rig.state == "paused"


def test_stopping_ends_the_program_at_once_and_leaves_no_pressure_behind():
    """Bug: stopped after half a second it stood, and 0.8 mL ran into the patient when the clamp was opened."""
    rig = occluded()
    forward = rig.board.steps_forward()
    rig.run(500)
    rig.ok("stop")
    assert (rig.state, rig.alarms, rig.controller.relief.active) == ("idle", [], True)
    assert rig.refusal("load", *order(rate(5, 1)).load_values()) == "drawing_back"
    assert drawn_back(rig)[0] == "relieved"
    assert rig.board.pressure <= 20
    assert rig.board.steps_forward() == forward
    assert (rig.state, rig.alarms) == ("idle", [])
    rig.board.clamp(False)
    rig.start(order(rate(5, 1)))
    assert rig.state == "infusing"


def test_the_guard_watches_what_is_drawn_back_after_a_stop_and_leaves_the_syringe_alone_then():
    rig = occluded()
    rig.ok("stop")
    rig.controller.guard._most_back = 500
    rig.run(10000)
    assert rig.alarms == ["guard"]
    assert rig.seen("drawback")[0]["what"] == "ended"
    rig = occluded()
    rig.ok("stop")
    drawn_back(rig)
    rig.board._turned += 3200 * 1000  # a whole turn forward, by hand
    rig.run(3000)
    assert rig.alarms == []


@pytest.mark.parametrize("how", ["refill", "another alarm"])
def test_a_new_syringe_and_another_alarm_end_it_at_once(how):
    rig = occluded()
    rig.run(2000)
    if how == "another alarm":
        rig.controller.alarm(alarms.SYSTEM_FAULT, 1)
    else:
        rig.ok("refill", ml(50))
    standing = rig.board.steps()
    rig.run(5000)
    assert rig.board.steps() == standing
    assert rig.seen("drawback")[0]["what"] == "ended"


def test_power_that_fails_meanwhile_leaves_the_motor_standing_and_the_dose_known():
    rig = occluded()
    delivered = rig.status()["delivered_nl"]
    rig.run(3000)
    again = rig.after_power_cut()
    again.run(5000)
    assert again.state == "alarm"
    assert "power_lost" in again.alarms
    assert again.board.steps_reverse() == 0
    assert again.status()["delivered_nl"] == delivered


def notes(rig):
    return [event["what"] for event in rig.seen("note")]


def test_power_that_fails_meanwhile_leaves_pressure_in_the_line_and_each_start_says_so_until_somebody_knows():
    """Bug: the pump came up as after any power cut, and who opened the clamp gave what was left as a bolus."""
    rig = occluded()
    rig.run(3000)
    for _ in range(2):
        rig = rig.after_power_cut()
        assert notes(rig) == ["pressure_left"]
    rig.ok("acknowledge")
    assert notes(rig.after_power_cut()) == []


@pytest.mark.parametrize("then", ["stop", "load another"])
def test_it_is_told_as_well_when_the_program_was_stopped_meanwhile(then):
    rig = occluded()
    rig.run(3000)
    rig.ok("stop")
    rig.run(1000)
    assert rig.controller.relief.active
    again = rig.after_power_cut()
    assert (again.state, again.alarms, notes(again)) == ("idle", [], ["pressure_left"])
    if then == "load another":
        again.start(order(rate(100, 1)))
        assert "pressure_left" not in notes(again.after_power_cut())


def test_after_it_is_over_no_pressure_is_told():
    rig = occluded()
    drawn_back(rig)
    again = rig.after_power_cut()
    assert again.alarms == ["power_lost"]
    assert notes(again) == []


@pytest.mark.parametrize("turns", [(0, 1), (1, 3)])
def test_a_screw_that_does_not_turn_back_ends_it_and_is_told_and_nothing_is_counted_that_did_not_turn(turns):
    """Bug: a motor that stood was stepped to the end of the bound, and the account said that all of it was drawn."""
    rig = occluded()
    rig.run(3000)
    before = rig.board.steps_reverse()
    nl_before = rig.status()["drawn_nl"]
    rig.board.turns = turns
    rig.run(5000)
    assert rig.seen("drawback")[0]["what"] == "stalled"
    assert rig.alarms == ["occlusion", "motor_stalled"]
    stepped_nl = step_of(60).nl_of(rig.board.steps_reverse() - before)
    assert stepped_nl < step_of(60).nl_of(3200 // 50) * 3 + 2 * relief.CHUNK_NL
    assert rig.status()["drawn_nl"] - nl_before == pytest.approx(stepped_nl * turns[0] / turns[1], abs=relief.CHUNK_NL)


def test_without_an_encoder_it_is_drawn_back_as_well():
    rig = occluded(has=("force",))
    assert drawn_back(rig)[0] == "relieved"
    assert rig.status()["drawn_nl"] == pytest.approx(rig.board.steps_reverse() * 703 // 2, rel=0.01)


@pytest.mark.parametrize("force_mn", [-50000, 196000])
def test_a_cell_that_fails_meanwhile_ends_it_and_is_told(force_mn):
    rig = occluded()
    rig.run(3000)
    rig.board.force_mn = lambda: force_mn
    standing = rig.board.steps()
    rig.run(5000)
    assert rig.seen("drawback")[0]["what"] == "unfelt"
    assert rig.alarms == ["occlusion", "sensor_fault"]
    assert standing - rig.board.steps() <= 2 * step_of(60).steps_in(relief.CHUNK_NL)


def test_one_odd_reading_of_the_cell_does_not_end_it():
    rig = occluded()
    rig.run(3000)
    rig.board.force_mn = lambda: 196000
    rig.poll()
    del rig.board.force_mn
    assert drawn_back(rig)[0] == "relieved"


@pytest.mark.parametrize("force_mn", [196000, 250000])
def test_a_cell_at_the_end_of_its_range_is_no_occlusion_and_draws_nothing_back(force_mn):
    """Bug: a torn wire was an occlusion of 2550 mmHg, and 0.14 mL were drawn back out of an open line."""
    rig = Rig(PlungerBoard())
    rig.start(order(rate(100, 4)))
    rig.run(30500)
    rig.board.force_mn = lambda: force_mn
    rig.run_until("alarm", 500)
    rig.run(5000)
    assert rig.alarms == ["sensor_fault"]
    assert rig.board.steps_reverse() == 0


def test_an_empty_syringe_is_not_drawn_back():
    rig = Rig(PlungerBoard())
    rig.start(order(rate(100, 4)))
    rig.run(30000)
    rig.board.end = True
    rig.run_until("alarm", 2000)
    rig.run(5000)
    assert rig.alarms[-1] == "empty"
    assert rig.board.steps_reverse() == 0


def test_a_clamp_met_while_priming_is_not_drawn_back():
    rig = Rig(PlungerBoard())
    rig.ready(order(rate(100, 4)))
    rig.board.clamp()
    rig.ok("prime", rig.new_id(), ml(2), ml(200), HOUR_MS, 1)
    rig.run_until("alarm", 60000)
    rig.run(5000)
    assert rig.board.steps_reverse() == 0


def test_without_the_option_nothing_is_drawn_back():
    rig = occluded(config=Config(draw_back=False))
    rig.run(10000)
    assert rig.board.steps_reverse() == 0
    assert rig.seen("drawback") == []


def test_the_pressure_that_is_told_afterwards_knows_that_friction_has_turned_round():
    rig = occluded()
    rig.ok("telemetry_every", 1000)
    drawn_back(rig)
    assert rig.telemetry[-1]["force_mn"] < 0
    assert rig.telemetry[-1]["pressure_mmhg"] == pytest.approx(rig.board.pressure, abs=3)


def test_the_whole_bound_is_drawn_in_time():
    """At the highest threshold, in every size: the bound, a chunk at each poll, ends before LONGEST_MS."""
    for size_ml in (5, 20, 60):
        board = PlungerBoard(size_ml, FRICTION[size_ml])
        most = (1000 + 2 * board.friction_mmhg) * relief.SOFTEST_NL_MMHG + board.gap_nl
        assert most / relief.CHUNK_NL * relief.POLL_US / 1000 < relief.LONGEST_MS


def test_one_wrong_reading_ends_nothing_however_often_a_host_lets_the_pump_look():
    """Bug: a host that asks makes polls come sooner, and two of them saw the same reading of a cell of 10 a second."""
    rig = occluded()
    rig.run(3000)
    low = rig.board.force_mn
    rig.board.force_mn = lambda: rig.board.config.force_min_mn
    for _ in range(10):  # one reading of a load cell
        rig.controller.poll()
        rig.board.now_us += 5000
    rig.board.force_mn = low
    assert rig.controller.relief.active
    assert drawn_back(rig)[0] == "relieved"
