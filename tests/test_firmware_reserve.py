"""How far the record is ahead of the dose, and how often it is written: rarely, and always before a step needs it."""

import pytest

from boards import HOUR_MS, Rig, kvo, ml, order, pause, ramp, rate, repeat
from picoinfuse_firmware.board import PROGRAM, RESERVE, STATE
from picoinfuse_firmware.checkpoint import read

QUARTER = 800


def written(rig, what=RESERVE):
    return rig.board.flash.of.count(what)


def test_at_a_constant_rate_it_is_written_once_in_a_quarter_of_a_turn():
    rig = Rig()
    rig.start(order(rate(40, 10)))
    rig.run_until("complete")
    quarters = rig.dose_steps // QUARTER
    assert quarters <= written(rig) <= quarters + 4


def test_a_program_is_written_once_and_the_state_only_when_something_changes():
    rig = Rig()
    rig.start(order(rate(40, 2), pause(5000), rate(40, 2)))
    assert rig.board.flash.of[-4:] == [PROGRAM, RESERVE, STATE, RESERVE], "in this order, and then steps are laid"
    rig.run_until("complete")
    assert written(rig, PROGRAM) == 1
    assert written(rig, STATE) == 3, "power came, start, end"


def test_a_ramp_and_a_long_pause_are_no_reason_to_write_every_second():
    rig = Rig()
    rig.start(order(ramp(1, 20, 60000), pause(HOUR_MS), kvo(0.5, HOUR_MS), rate(20, 0.1)))
    rig.run_until("complete", 3 * HOUR_MS)
    assert written(rig) <= 24  # every ten minutes of two hours, each phase, and the start and end


def test_each_pass_of_a_loop_is_written():
    rig = Rig()
    rig.start(order(rate(100, 0.05), pause(2000), repeat(0, 5)))
    rig.run_until("complete")
    assert 10 <= written(rig) <= 14


@pytest.mark.parametrize("has_more", [True, False])
def test_what_the_record_holds_is_never_behind_a_step_that_is_laid(has_more):
    phases = [rate(1, 0, 5000), rate(1000, 2), kvo(3, 3000), ramp(3, 300, 9000), rate(5, 0.01), kvo(900, 9000)]
    rig = Rig()
    rig.start(order(*phases))
    if has_more:
        rig.run(5500)
    check = rig.controller.journal.check
    while rig.state != "complete":
        rig.poll()
        if has_more and rig.state == "infusing" and rig.now_ms == 6600:
            rig.change("bolus", ml(0.5), ml(90), HOUR_MS)
        delivery = rig.delivery
        place = read(rig.board.flash.records[RESERVE], check)
        if delivery.running:
            assert place.reserved >= delivery.lane.laid
            assert place.reserved >= delivery.steps_given(delivery.lane)
