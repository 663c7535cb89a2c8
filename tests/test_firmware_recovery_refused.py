"""After a power cut: what cannot be gone on with, and what the second channel allows one that is gone on with."""

from binascii import crc32

import pytest

from boards import Rig, TestBoard, infusing, ml, order, pause, rate
from picoinfuse_firmware.alarms import GUARD
from picoinfuse_firmware.board import ENCODER, FORCE, PROGRAM, RESERVE
from picoinfuse_firmware.config import Config
from power_cuts import ORDER, STEP, UNCERTAIN_NL, notes, recovered

# ---- what cannot be gone on with ------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["gone", "damaged", "of another", "of another version"])
def test_without_its_program_nobody_can_go_on_and_the_volume_is_told(damage):
    rig = infusing(ORDER, 20000)
    given_nl = rig.status()["delivered_nl"]
    records = rig.board.flash.records
    if damage == "gone":
        del records[PROGRAM]
    elif damage == "damaged":
        records[PROGRAM] = records[PROGRAM].replace(b"rate", b"late")
    elif damage == "of another version":
        for text in (b"1 2 3", b"a\nb", b"1 2 3 4 5 6 1\nrate 1 2 3 4 5 6 7"):
            check = b"%08x" % crc32(text)
            records[PROGRAM] = b"%s*%s" % (text, check)
            rig.controller.journal.check = check.decode()
            assert rig.controller.journal.program() is None
    else:
        other = infusing(order(rate(99, 2)), 1000)
        records[PROGRAM] = other.board.flash.records[PROGRAM]
    after = rig.after_power_cut()
    assert after.alarms == ["power_lost"]
    assert "program_lost" in notes(after)
    assert given_nl <= after.status()["delivered_nl"] <= given_nl + ml(0.5)
    after.ok("acknowledge")
    assert after.state == "idle"
    assert after.refusal("resume", "00000009") == "not_now"
    assert after.after_power_cut().alarms == []


@pytest.mark.parametrize("damage", [None, b"", b"AAAAAAAA00000000", "of the start before"])
def test_without_its_place_nobody_can_go_on_and_all_may_have_been_given(damage):
    rig = infusing(ORDER, 2000)
    rig.ok("stop")
    before = rig.board.flash.records[RESERVE]
    rig.start(ORDER)
    rig.run(20000)
    rig.board.flash.records[RESERVE] = before if damage == "of the start before" else damage
    after = rig.after_power_cut()
    assert after.alarms == ["power_lost"]
    assert "place_lost" in notes(after)
    assert after.status()["delivered_nl"] == ml(60)
    after.ok("acknowledge")
    assert after.state == "idle"


def test_a_drive_that_gives_another_volume_a_step_does_not_go_on():
    rig = infusing(ORDER, 20000)
    given_nl = rig.status()["delivered_nl"]
    after = Rig(board=TestBoard(flash=rig.board.flash, config=Config(pitch_um=3000)))
    assert after.alarms == ["power_lost"]
    assert "drive_changed" in notes(after)
    assert given_nl <= after.status()["delivered_nl"] <= given_nl + ml(0.5)
    after.ok("acknowledge")
    assert after.state == "idle"


def test_after_a_fault_of_the_pump_itself_switching_it_off_and_on_does_not_bring_the_program_back():
    rig = infusing(ORDER, 20000)
    rig.controller.alarm(GUARD, 1)
    given_nl = rig.status()["delivered_nl"]
    after = rig.after_power_cut()
    assert after.alarms == ["power_lost"]
    assert "pump_failed" in notes(after)
    assert after.status()["delivered_nl"] == given_nl
    after = after.after_power_cut()
    assert "pump_failed" in notes(after)
    after.ok("acknowledge")
    assert after.state == "idle"
    after.start(ORDER)
    after.run(1000)
    assert recovered(after).state == "paused"


def test_a_failed_self_test_leaves_the_program_for_the_next_start():
    rig = infusing(ORDER, 20000)
    board = TestBoard(flash=rig.board.flash)
    board.force = 196000
    failed = Rig(board=board)
    assert failed.alarms == ["self_test"]
    board.force = ORDER.friction_mn
    assert recovered(failed).state == "paused"


# ---- the guard ------------------------------------------------------------------------------------------------------


def test_the_guard_lets_no_more_than_the_rest_of_a_phase_turn():
    """The delivery channel is broken: it takes the phase for ten times as large."""
    rig = recovered(infusing(order(rate(300, 2)), 12000))
    left = STEP.steps_in(ml(2)) - rig.dose_steps
    rig.delivery.lane.basal.volume_nl = ml(20)
    rig.resume()
    rig.run(60000)
    assert rig.alarms == ["guard"]
    assert left < rig.board.steps() < left + STEP.steps_in(ml(0.5))


def test_the_guard_lets_no_phase_begin_more_often_than_it_has_left():
    loop = order(rate(300, 0.2), pause(2000), rate(300, 0.2), pause(2000), size_ml=60)
    rig = recovered(infusing(loop, 5000))
    rig.delivery.phase = 0
    rig.delivery.turn = "dose"  # the broken delivery begins anew
    rig.delivery.lane.basal.held = None
    rig.resume()
    rig.run(20000)
    assert rig.alarms == ["guard"]


def test_the_encoder_is_not_asked_where_there_is_none():
    rig = Rig(has=(FORCE,))
    rig.start(ORDER)
    rig.run(20000)
    after = recovered(rig, has=(FORCE,))
    assert ENCODER not in after.board.has
    assert after.status()["uncertain_nl"] > UNCERTAIN_NL
    after.resume()
    after.run_until("complete")
