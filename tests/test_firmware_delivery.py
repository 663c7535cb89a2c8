"""The delivery channel: each phase gives what it says when it says; a halt at any moment loses and adds nothing."""

from fractions import Fraction
from itertools import pairwise

import pytest

from boards import HOUR_MS, Bed, Rig, bolus, kvo, ml, order, pause, ramp, rate, repeat, step_of
from picoinfuse_firmware.delivery import CHUNK_MS, LATE_MS, LOOKAHEAD_MS

STEP = step_of(60)


def steps_in(nl):
    return STEP.steps_in(nl)


# ---- each kind of phase ------------------------------------------------------------------------------------------


def test_a_ramp_has_given_exactly_the_area_under_its_line_at_every_full_second():
    bed = Bed([ramp(5, 95, 45000)])
    bed.start()
    slope = (Fraction(ml(95), HOUR_MS) - Fraction(ml(5), HOUR_MS)) / 45000
    step_nl = Fraction(STEP.pl_num, STEP.pl_den * 1000)
    while not bed.ended:
        bed.poll()
        if bed.now_ms % 1000 == 0 and bed.now_ms <= 45000:
            area = Fraction(ml(5), HOUR_MS) * bed.now_ms + slope * bed.now_ms**2 / 2
            assert bed.delivery.due_steps(bed.now_ms) == area // step_nl
        bed.wait(100)
    assert bed.steps() == steps_in(ml(50) * 45000 // HOUR_MS)


def test_a_ramp_down_to_an_odd_second_ends_with_its_area():
    bed = Bed([ramp(95, 5, 20750)])
    bed.start()
    bed.finish()
    assert bed.steps() == steps_in(ml(50) * 20750 // HOUR_MS)


def test_a_ramp_that_is_paused_stands_still_and_goes_on_where_it_was():
    """Bug: the ramp's clock ran on through a pause, so that it jumped ahead and gave too little."""
    bed = Bed([ramp(10, 100, 60000), rate(20, 0.1)])
    bed.start()
    for _ in range(4):
        bed.run(11300)
        bed.hold()
        left_ms = bed.delivery.remaining_ms(bed.now_ms)
        bed.run(25000)
        assert bed.delivery.remaining_ms(bed.now_ms) == left_ms
        bed.start()
    bed.finish()
    assert bed.steps() == steps_in(ml(55) // 60 + ml(0.1))


def test_a_repeat_runs_its_phases_as_often_as_it_says():
    phases = [rate(30, 0.05), pause(2500), ramp(10, 40, 3000), repeat(1, 3), rate(60, 0.02), repeat(4, 2)]
    bed = Bed(phases)
    bed.start()
    bed.finish()
    whole = order(*phases)
    assert bed.steps() == steps_in(whole.volume_nl())
    assert [index for _, index in bed.delivery.begun] == [0, 1, 2, 1, 2, 1, 2, 4, 4]
    begins = {index: at_ms for at_ms, index in bed.delivery.begun}
    assert begins[4] == whole.duration_ms() - 1200


def test_no_step_is_made_during_a_pause():
    bed = Bed([rate(50, 0, 3000), pause(60000), rate(50, 0, 3000)])
    bed.start()
    bed.finish()
    edges = bed.edges_ms()
    assert not [edge for edge in edges if 3000 < edge < 63000]
    assert len(edges) == steps_in(ml(50) * 6000 // HOUR_MS)


def test_a_bolus_beside_the_basal_does_not_alter_it():
    alone, beside = Bed([rate(20, 0, 60000)]), Bed([bolus(0.3, 100), rate(20, 0, 60000)])
    for bed in (alone, beside):
        bed.start()
    while not alone.ended:
        alone.run(1000)
        beside.run(1000)
        given_ml = min(0.3, 100 * alone.now_ms / HOUR_MS)
        assert abs(beside.steps() - alone.steps() - steps_in(ml(given_ml))) <= 3
    beside.finish()
    assert alone.now_ms - beside.now_ms <= 1000
    assert beside.steps() == steps_in(ml(20) // 60 + ml(0.3))


def test_a_bolus_waits_for_the_one_that_runs():
    bed = Bed([bolus(0.1, 36), bolus(0.2, 360), pause(60000)])
    bed.start()
    bed.finish()
    edges = bed.edges_ms()
    first = steps_in(ml(0.1))  # takes 10 s, the second one 2 s
    assert abs(edges[first - 1] - 10000) < 40
    assert abs(edges[first] - 10000) < 40
    assert abs(edges[-1] - 12000) < 5
    assert len(edges) == steps_in(ml(0.3))


def test_a_program_of_boluses_only_ends_when_they_are_given():
    bed = Bed([bolus(0.1, 36)])
    bed.start()
    bed.finish()
    assert bed.steps() == steps_in(ml(0.1))
    assert bed.now_ms in (10000, 10100, 10200)


@pytest.mark.parametrize(
    "phases",
    [
        [rate(100, 0.2), kvo(1, 30000), rate(100, 0.1)],
        [kvo(1, 30000), rate(100, 0.3)],
        [bolus(0.2, 60), kvo(1, 30000), bolus(0.1, 60)],  # bug: a bolus after it was counted as keep-vein-open
        [rate(100, 0.15), kvo(1, 15000), repeat(0, 2)],
        [rate(100, 0.1), bolus(0.2, 30), kvo(1, 30000)],
    ],
)
def test_keeping_the_vein_open_is_never_counted_as_dose(phases):
    bed = Bed(phases)
    bed.start()
    bed.finish()
    assert bed.steps("dose") == steps_in(ml(0.3))
    # Each time the vein is kept open ends with a whole number of steps.
    assert abs(bed.steps("kvo") - steps_in(ml(1) * 30000 // HOUR_MS)) <= 1
    assert bed.board.steps() == bed.steps("dose") + bed.steps("kvo") == bed.delivery.due_steps(bed.now_ms)
    assert bed.delivery.dose_nl() == STEP.nl_of(bed.steps("dose"))
    assert bed.delivery.kvo_nl() == STEP.nl_of(bed.steps("kvo"))


def test_a_last_keep_vein_open_goes_on_until_it_is_stopped():
    bed = Bed([rate(100, 0.1), kvo(2)])
    bed.start()
    bed.run(10 * 60000)
    delivery = bed.delivery
    assert not bed.ended
    assert delivery.in_kvo()
    assert delivery.in_last_kvo()
    assert delivery.remaining_ms(bed.now_ms) == 0
    assert bed.steps("dose") == steps_in(ml(0.1))
    assert abs(bed.steps("kvo") - steps_in(ml(2) * 596 // 3600)) <= 2
    bed.hold()
    assert delivery.rate() == (0, 1)


# ---- halts ---------------------------------------------------------------------------------------------------------


def halted(phases, at_ms, act_at_ms=None, act=None, rest_ms=777):
    """Run phases, act at one time, halt at another, go on later; return the finished Bed."""
    bed = Bed(phases)
    bed.start()
    while not bed.ended:
        bed.poll()
        next_ms = bed.now_ms + 100
        if act and bed.now_ms == act_at_ms:
            act(bed.delivery)
            act = None
        if bed.now_ms == at_ms and bed.delivery.running:
            bed.hold()
            at_ms = -1
            standing = bed.board.steps()
            bed.wait(rest_ms)
            assert bed.board.steps() == standing, "a halted motor stands still"
            bed.start()
        elif bed.now_ms < at_ms < next_ms:
            bed.wait(at_ms - bed.now_ms)
            continue
        bed.wait(100 - bed.now_ms % 100)
    assert bed.board.halts == (at_ms == -1)
    return bed


TWO_PHASES = [rate(200, 0.11), bolus(0.02, 120), rate(37, 0.013), pause(300), rate(90, 0.02)]  # boundary at 1980 ms


@pytest.mark.parametrize("from_ms", range(0, 4600, 460))
def test_a_halt_at_any_millisecond_loses_nothing_and_gives_nothing_twice(from_ms):
    """Over the whole program: the boundaries of its phases, the bolus, the pause, and its end."""
    expected = steps_in(order(*TWO_PHASES).volume_nl())
    for at_ms in range(from_ms, from_ms + 460):
        bed = halted(TWO_PHASES, at_ms)
        assert bed.board.steps() == bed.steps() == expected, f"halted at {at_ms} ms"


def test_a_halt_at_any_millisecond_around_a_change_of_rate_keeps_the_volume():
    expected = steps_in(ml(0.2))
    for at_ms in range(1000, 3200):
        bed = halted([rate(100, 0.2)], at_ms, 1000, lambda delivery: delivery.change_rate(ml(311), HOUR_MS))
        assert bed.board.steps() == bed.steps() == expected, f"halted at {at_ms} ms"
        # The change that was asked for is kept: the rest runs at 311 mL/h.
        assert bed.now_ms < 2700 + 777 + (0.2 - 0.075) / 311 * HOUR_MS + 300


def test_a_halt_at_any_millisecond_around_a_bolus_keeps_it():
    for at_ms in range(1000, 4000):
        bed = halted([rate(60, 0, 5000)], at_ms, 1000, lambda delivery: delivery.give_bolus(ml(0.03), ml(90), HOUR_MS))
        expected = steps_in(ml(60) * 5000 // HOUR_MS + ml(0.03))
        assert bed.board.steps() == bed.steps() == expected, f"halted at {at_ms} ms"


def test_a_second_bolus_taken_back_by_a_halt_waits_again():
    bed = Bed([bolus(0.1, 36), rate(20, 0, 20000)])
    bed.start()
    bed.run(2000)
    bed.delivery.give_bolus(ml(0.05), ml(100), HOUR_MS)
    bed.wait(50)
    bed.hold()
    bed.wait(1000)
    bed.start()
    bed.wait(50)
    bed.finish()
    assert bed.steps() == steps_in(ml(20) * 20000 // HOUR_MS + ml(0.15))


def test_what_a_halted_change_orders_is_what_is_given():
    """Bug: a change within the look-ahead of a timed phase took effect earlier than the order was reckoned for."""
    for wait_ms in (0, 50, 400, 1100, 2500):
        bed = Bed([rate(5, 0, 60000)])
        bed.start()
        bed.run(10000)
        bed.delivery.change_rate(ml(500), HOUR_MS)
        bed.delivery.change_rate(ml(300), HOUR_MS)
        bed.poll()
        bed.wait(wait_ms)
        bed.hold()
        bed.start()
        bed.finish()
        assert bed.steps() == steps_in(ml(5) // 60 + bed.delivery.added_nl())


def test_halting_a_motor_that_stands_is_nothing():
    bed = Bed([rate(5, 1)])
    bed.hold()
    assert bed.board.halts == 0
    assert bed.delivery.rate() == (0, 1)
    assert bed.delivery.turn == "dose"


# ---- late polls ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("late_ms", [300, 699, 1200, 1600])
def test_a_late_poll_is_caught_up_without_a_burst_and_without_loss(late_ms):
    """The board itself refuses steps closer than the motor can follow; these are also hardly closer than asked."""
    bed = Bed([rate(100, 0.3), rate(50, 0.1)])
    bed.start()
    bed.run(3000)
    bed.wait(late_ms)
    bed.finish()
    assert bed.steps() == steps_in(ml(0.4))
    gaps_us = [(b - a) * 1000 for a, b in pairwise(bed.edges_ms())]
    assert min(gaps_us) >= bed.board.config.min_interval_us
    interval_us = STEP.pl_num / STEP.pl_den / 1000 / ml(100) * HOUR_MS * 1000
    # Closer than asked only where one run follows the other; so the motor goes on evenly, that much behind.
    assert len([gap for gap in gaps_us if gap < interval_us * 0.95]) < len(bed.board.moves)


def test_a_firmware_that_hangs_infuses_no_longer_than_what_is_laid():
    bed = Bed([rate(1200, 20)])
    bed.start()
    bed.run(1000)
    bed.poll()
    laid_until_ms = bed.now_ms + LOOKAHEAD_MS + CHUNK_MS
    bed.wait(60000)
    assert bed.edges_ms()[-1] <= laid_until_ms
    assert bed.delivery.lay(bed.now_ms) == -1


def test_a_starved_motor_is_a_fault_and_is_not_caught_up():
    rig = Rig()
    rig.start(order(rate(200, 5)))
    rig.run(3000)
    rig.board.now_us += (LOOKAHEAD_MS + CHUNK_MS + LATE_MS + 100) * 1000
    rig.poll()
    standing = rig.board.steps()
    rig.run(5000)
    assert rig.alarms == ["system_fault"]
    assert rig.state == "alarm"
    assert rig.board.steps() == standing
    assert rig.seen("alarm")[0]["value"] == 1


@pytest.mark.parametrize("late_ms", [1500, 2500, 3400, 20000])
def test_a_pause_that_is_read_late_holds_at_what_was_laid(late_ms):
    """Bug: the flow was reckoned on to the moment of the pause, so that a backlog stood there at the resume."""
    bed = Bed([rate(100, 0.6)])
    bed.start()
    bed.run(3000)
    bed.wait(late_ms)
    bed.hold()
    bed.wait(5000)
    before, started_ms = bed.steps(), bed.now_ms
    bed.start()
    bed.run(10000)
    assert abs(bed.steps() - before - steps_in(ml(100) * (bed.now_ms - started_ms) // HOUR_MS)) <= 1
    bed.finish()
    assert bed.steps() == steps_in(ml(0.6))


def test_a_motor_that_does_not_do_what_was_laid_is_a_fault():
    rig = Rig()
    rig.start(order(rate(100, 0.1)))
    rig.run(1000)
    rig.board._runs.popleft()  # a run is lost in the board
    rig.run(8000)
    assert rig.alarms == ["system_fault"]
    assert rig.seen("alarm")[0]["value"] == 2


# ---- what others ask -------------------------------------------------------------------------------------------------


def test_the_time_that_remains_counts_down_to_the_end():
    phases = [rate(36, 0.1), pause(5000), ramp(10, 20, 8000), repeat(1, 3), rate(36, 0, 7000), kvo(1)]
    bed = Bed(phases)
    bed.start()
    whole_ms = 10000 + 3 * 13000 + 7000
    while not bed.turns:
        bed.poll()
        assert abs(bed.delivery.remaining_ms(bed.now_ms) - (whole_ms - bed.now_ms)) <= 100
        bed.wait(100)
    assert bed.turns[0][1] == "kvo"


@pytest.mark.parametrize("last", [[], [kvo(1)], [kvo(1, 9000)]], ids=["the end", "keep-vein-open", "a timed one"])
def test_the_time_that_remains_includes_the_boluses_that_outlast_the_last_phase(last):
    """Bug: when the last phase was over, or seemed to be, nothing remained, though a bolus ran for minutes."""
    bed = Bed([bolus(0.1, 10), bolus(0.1, 20), rate(36, 0.1), *last])
    bed.start()
    whole_ms = 36000 + 18000 + (9000 if last and last[0].duration_ms else 0)
    while not bed.turns:
        bed.poll()
        assert abs(bed.delivery.remaining_ms(bed.now_ms) - (whole_ms - bed.now_ms)) <= 100
        bed.wait(100)
    assert 54000 <= bed.now_ms <= 54300


def test_a_rate_cannot_be_changed_where_another_phase_is_about_to_begin():
    bed = Bed([rate(36, 0.02), pause(2000), rate(36, 0.02), rate(40, 0.1)])
    bed.start()
    allowed = []
    while not bed.ended:
        bed.poll()
        allowed.append((bed.now_ms, bed.delivery.can_change(bed.now_ms)))
        bed.wait(100)
    assert (0, True) in allowed
    assert not [at_ms for at_ms, can in allowed if can and 1300 <= at_ms < 4000]
    assert not [at_ms for at_ms, can in allowed if can and at_ms > 14000]


def test_rates_without_a_common_measure_are_counted_in_bits():
    bed = Bed([rate(36, 10)])
    bed.start()
    num, _, bits = bed.delivery.added_by(ml(72), HOUR_MS)
    assert (num, bits < 64) == (0, True)  # a volume stays what it is
    for prime in (1000003, 1000033, 1000037, 1000039, 1000081, 1000099, 1000117, 1000121, 1000133, 1000151):
        bed.run(700)
        bed.delivery.change_rate(prime * 10 + 1, prime)
    assert bed.delivery.added_by(1000171, 1000159)[2] > 100
    timed = Bed([rate(36, 0, 100000)])
    timed.start()
    assert timed.delivery.added_by(ml(72), HOUR_MS)[:2] == (ml(1), 1)
