"""After a power cut: what is told, what waits for a person, and what is gone on with."""

import pytest

from boards import HOUR_MS, Flash, PowerFailed, Rig, TestBoard, bolus, infusing, kvo, ml, order, pause, rate
from picoinfuse_firmware.board import END_SWITCH, FORCE
from picoinfuse_firmware.config import Config
from power_cuts import ORDER, STEP, UNCERTAIN_NL, notes, recovered

# ---- it waits, and a person decides ---------------------------------------------------------------------------------


def test_it_never_goes_on_by_itself():
    rig = infusing(ORDER, 20000).after_power_cut()
    rig.run(60000)
    assert (rig.state, rig.alarms) == ("alarm", ["power_lost"])
    rig.ok("acknowledge")
    rig.run(60000)
    assert rig.state == "paused"
    assert rig.board.moves == []
    rig.run(HOUR_MS // 6)
    assert rig.alarms == ["pause_too_long"], "but it reminds"


def test_a_person_goes_on_and_all_that_was_ordered_counts_in_the_end():
    before = infusing(ORDER, 20000)
    rig = recovered(before)
    told = rig.status()
    assert told["ordered_nl"] == ml(2)
    assert told["remaining_ms"] == pytest.approx((ml(2) - told["delivered_nl"]) * HOUR_MS / ml(100), abs=20)
    assert told["left_nl"] == pytest.approx(ml(60) - told["delivered_nl"], abs=2)
    rig.resume()
    rig.run_until("complete")
    assert STEP.steps_in(ml(2)) == rig.dose_steps
    assert rig.alarms == ["end"]
    assert (rig.outcome("00000001"), rig.outcome("00000002")) == ("power_lost", "done")


def test_a_calibrated_drive_is_the_same_drive_after_the_power_cut():
    config = Config(volume_ppm=1020000)
    rig = Rig(board=TestBoard(config=config))
    rig.start(ORDER)
    rig.run(20000)
    after = Rig(board=TestBoard(flash=rig.board.flash, config=config))
    assert "drive_changed" not in notes(after)
    after.ok("acknowledge")
    assert after.state == "paused"


def test_a_person_stops_it_and_it_is_forgotten():
    rig = infusing(ORDER, 20000).after_power_cut()
    rig.ok("stop")
    assert (rig.state, rig.alarms) == ("idle", [])
    again = rig.after_power_cut()
    assert (again.state, again.alarms) == ("idle", [])
    assert again.status()["delivered_nl"] == rig.status()["delivered_nl"] > 0
    again.start(ORDER)
    again.run_until("complete")


@pytest.mark.parametrize("late", [False, True])
def test_stopping_it_at_the_very_moment_of_another_power_cut_leaves_the_one_or_the_other(late):
    rig = infusing(ORDER, 20000).after_power_cut()
    rig.board.flash.dies_at, rig.board.flash.late = rig.board.flash.saves + 1, late
    with pytest.raises(PowerFailed):
        rig.ok("stop")
    again = rig.after_power_cut()
    assert again.alarms == ([] if late else ["power_lost"])


def test_what_was_told_to_wait_is_told_again_after_the_next_power_cut():
    rig = recovered(infusing(ORDER, 20000))
    told = rig.status()
    for _ in range(3):
        rig = recovered(rig)
        now = rig.status()
        assert [now[name] for name in ("delivered_nl", "uncertain_nl", "left_nl")] == [
            told[name] for name in ("delivered_nl", "uncertain_nl", "left_nl")
        ]


def test_what_is_uncertain_adds_up_over_power_cuts():
    rig = recovered(infusing(ORDER, 20000))
    first = rig.status()["uncertain_nl"]
    rig.resume()
    rig.run(10000)
    second = rig.after_power_cut().status()["uncertain_nl"]
    assert 0 < first < second <= 2 * UNCERTAIN_NL + STEP.nl_of(3)


# ---- what was under way ---------------------------------------------------------------------------------------------


def test_a_paused_program_is_known_exactly():
    rig = infusing(ORDER, 20000)
    rig.ok("pause")
    before = rig.status()
    after = recovered(rig).status()
    assert after["uncertain_nl"] == 0
    for name in ("delivered_nl", "left_nl", "remaining_ms", "ordered_nl"):
        assert after[name] == before[name]


def test_in_a_pause_phase_the_pause_goes_on_as_if_no_time_had_passed():
    program = order(rate(100, 0.1), pause(900000), rate(100, 0.1))
    rig = infusing(program, 3600 + 700000)
    after = recovered(rig)
    assert after.status()["uncertain_nl"] == 0
    assert after.dose_steps == STEP.steps_in(ml(0.1))
    after.resume()
    # The record of ten minutes after its begin is the newest.
    after.run(300000 - 2000)
    assert after.board.steps() == 0
    after.run_until("complete")
    assert after.dose_steps == STEP.steps_in(ml(0.2))


def test_keeping_the_vein_open_is_not_cut_short():
    program = order(rate(100, 0.1), kvo(5, 60000), rate(100, 0.1))
    rig = infusing(program, 30000)
    assert rig.state == "kvo"
    dose = rig.dose_steps
    after = recovered(rig, has=(FORCE, END_SWITCH))
    assert after.dose_steps == dose
    assert after.status()["kvo_nl"] >= rig.status()["kvo_nl"]
    after.resume()
    after.run(200)
    assert after.state == "kvo"
    after.run(58000)
    assert after.state == "kvo"
    after.run_until("complete")
    assert after.dose_steps == STEP.steps_in(ml(0.2))


def test_a_bolus_is_not_gone_on_with_and_its_rest_is_told():
    rig = infusing(order(rate(20, 1)), 10000)
    identity = rig.change("bolus", ml(1), ml(200), HOUR_MS)
    rig.run(5000)
    assert rig.status()["ordered_nl"] == ml(2)
    given_nl = rig.status()["delivered_nl"]
    after = recovered(rig)
    assert after.outcome(identity) == "power_lost"
    status = after.status()
    assert status["ordered_nl"] == ml(2) - notes(after)["dropped_nl"]
    assert 0 <= status["delivered_nl"] - given_nl <= UNCERTAIN_NL
    after.resume()
    after.run(100)
    assert not after.delivery.bolus_runs
    assert after.status()["rate_nl_h"] == ml(20)
    after.run_until("complete")
    total = after.status()
    assert 0 <= total["ordered_nl"] - total["delivered_nl"] <= STEP.nl_of(2)


def test_a_bolus_that_is_given_after_going_on_is_a_bolus_like_any_other():
    rig = recovered(infusing(order(rate(20, 1)), 10000))
    rig.resume()
    rig.run(2000)
    rig.change("bolus", ml(0.1), ml(200), HOUR_MS)
    rig.run_until("complete")
    assert rig.seen("bolus_end")
    assert 0 <= rig.status()["ordered_nl"] - rig.status()["delivered_nl"] <= STEP.nl_of(2)


@pytest.mark.parametrize("program", [order(rate(20, 1)), order(rate(20, 0, 120000))])
def test_a_rate_that_a_person_changed_is_the_rate_it_goes_on_at(program):
    rig = infusing(program, 10000)
    identity = rig.change("rate", ml(50), HOUR_MS)
    rig.run(20000)
    ordered_nl = rig.status()["ordered_nl"]
    for _ in range(2):
        rig = recovered(rig)
        assert rig.outcome(identity) == "done"
        assert rig.status()["ordered_nl"] == ordered_nl
        rig.resume()
        rig.run(5000)
        assert rig.status()["rate_nl_h"] == ml(50)
    rig.run_until("complete")
    assert rig.alarms == ["end"]
    assert 0 <= ordered_nl - rig.status()["delivered_nl"] <= STEP.nl_of(4)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("save", [1, 2, 3])
def test_a_change_of_rate_that_the_power_cut_is_done_and_in_force_or_neither(save, late):
    rig = infusing(order(rate(20, 1)), 10000)
    _, proposed = rig.ask("rate", ml(50), HOUR_MS)
    rig.board.flash.dies_at, rig.board.flash.late = rig.board.flash.saves + save, late
    with pytest.raises(PowerFailed):
        rig.ok("apply", "0000aaaa", proposed[0])
    after = recovered(rig)
    outcome = after.outcome("0000aaaa")
    after.resume()
    after.run(2000)
    rate_nl_h = after.status()["rate_nl_h"]
    if outcome == "done":
        assert rate_nl_h == ml(50)
    else:
        # Told as cut short: the nurse looks which rate it is.
        assert outcome in ("power_lost", "unknown")
        assert rate_nl_h in (ml(20), ml(50))


def test_priming_is_over_and_nothing_waits():
    rig = Rig()
    rig.ready(ORDER)
    rig.ok("prime", "00000001", ml(1), ml(300), HOUR_MS, 1)
    rig.run(2000)
    after = rig.after_power_cut()
    assert (after.state, after.alarms) == ("idle", [])
    assert after.outcome("00000001") == "power_lost"


def test_in_an_alarm_what_was_drawn_back_is_still_known():
    rig = infusing(order(rate(100, 5)), 30000)
    rig.board.force = 60000
    rig.run(2000)
    assert "occlusion" in rig.alarms
    rig.board.force = 0
    rig.run_until_drawn_back()
    drawn_nl = rig.status()["drawn_nl"]
    assert drawn_nl > 0
    rig.board.force = ORDER.friction_mn
    after = recovered(rig)
    assert after.status()["drawn_nl"] == drawn_nl
    assert after.status()["delivered_nl"] == rig.status()["delivered_nl"]
    after.resume()
    after.run_until("complete")


def test_a_new_syringe_that_was_fitted_is_still_known():
    rig = infusing(ORDER, 10000)
    rig.ok("pause")
    rig.ok("refill", ml(33))
    after = recovered(rig)
    assert after.status()["left_nl"] == ml(33)
    after.ok("refill", ml(44))
    assert recovered(after).status()["left_nl"] == ml(44)


def test_a_program_that_was_all_given_ends_when_a_person_goes_on():
    """Power failed after the last step, and before the end was written down."""
    flash = Flash()
    rig = Rig(flash=flash)
    rig.start(order(rate(100, 0.1)))
    rig.run(3000)
    flash.dies_at = flash.saves + 2  # the first is where it stands, the second that it is over
    with pytest.raises(PowerFailed):
        rig.run_until("complete")
    after = recovered(rig)
    assert after.dose_steps == STEP.steps_in(ml(0.1))
    after.resume()
    after.run(1000)
    assert after.state == "complete"
    assert after.board.steps() == 0


def test_a_program_of_boluses_only():
    rig = recovered(infusing(order(bolus(0.5, 100)), 5000))
    given = rig.dose_steps
    rig.resume()
    rig.run_until("complete")
    assert rig.dose_steps == given
    assert rig.status()["ordered_nl"] == pytest.approx(rig.status()["delivered_nl"], abs=STEP.nl_of(2))
