"""Insulin that a program without a loop gave is on board for the loop that follows: too much of it could kill."""

from math import exp
from random import Random

import pytest

from boards import HOUR_MS, PowerFailed, Rig, TestBoard, bolus, kvo, ml, order, rate, step_of
from picoinfuse_firmware.board import PROGRAM, RESERVE
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.insulin_account import InsulinAccount
from picoinfuse_firmware.options import Option
from test_firmware_glucose_loop import MIN, U10, Looping, program

PEAK_MIN = 75
U100 = Option("drug", "insulin.uU", [100_000_000, 1_000_000])
OXYTOCIN = Option("drug", "oxytocin.uU", [10_000_000, 1_000_000])


def plain(*phases, drug=U10):
    """A program without a loop."""
    return order(*phases, size_ml=5, options=[drug])


def left_of(units, minutes):
    """Return what is on board of a bolus so long ago, in uU."""
    return units * 1e6 * (1 + minutes / PEAK_MIN) * exp(-minutes / PEAK_MIN)


def looped(rig=None, minutes=10):
    """A pump that was under a loop for some minutes at its set rate, 0.8 U/h, and was stopped."""
    its = Looping(rig=rig)
    its.rig.run(minutes * MIN)
    its.rig.ok("stop")
    its.rig.run(1100)
    return its.rig


def account(rig):
    return [one for one in rig.controller.requests.companions if type(one) is InsulinAccount]


def on_board_uu(rig):
    """Order a loop, start it, and return what it thinks is on board."""
    return Looping(program(rate(0.09, duration_ms=HOUR_MS)), rig=rig).on_board_uu


def test_insulin_that_a_program_without_a_loop_gave_between_two_loops_is_on_board():
    """Bug: only a program with a loop counted, so the second loop gave it once more."""
    rig = looped()
    rig.start(plain(bolus(0.3, 30), rate(0.08, duration_ms=HOUR_MS)))
    rig.run(30 * MIN)
    rig.ok("stop")
    assert on_board_uu(rig) == pytest.approx(left_of(3, 29.5), rel=0.02)


@pytest.mark.parametrize("end", ["stop", "complete", "pause"])
def test_the_last_moment_of_a_program_counts_however_it_ends(end):
    """Bug: what was given after the last whole minute of a program that was completed was forgotten."""
    rig = looped()
    rig.start(plain(bolus(0.2, 40)))  # 2 U in 18 s, and nothing else
    rig.run(17_500)
    if end == "complete":
        rig.run_until("complete")
    else:
        rig.ok(end)
    given_uu = rig.delivery.dose_nl() * 10
    rig = rig.after_power_cut()  # before anybody looked again
    rig.run(1100)
    if end == "pause":
        rig.ok("stop")
    assert given_uu > 1_900_000
    assert 0.99 * given_uu < on_board_uu(rig) < 1.01 * given_uu


def test_a_bolus_that_ends_with_the_program_of_a_loop_counts_too():
    its = Looping(program(rate(0.08, duration_ms=110_000)))
    its.rig.run(100_000)
    its.rig.change("bolus", ml(0.4), ml(60), HOUR_MS)  # 4 U in 24 s, which the program waits for
    its.rig.run_until("complete")
    rig = its.rig.after_power_cut()
    assert on_board_uu(rig) > 3_950_000


@pytest.mark.parametrize("cut_s", [1, 5, 40, 95, 200])
def test_a_power_cut_in_the_plain_program_forgets_nothing_and_counts_nothing_twice(cut_s):
    rig = looped()
    rig.start(plain(bolus(0.4, 20), rate(0.08, duration_ms=HOUR_MS)))  # 4 U in 72 s
    rig.run(cut_s * 1000)
    given_uu = rig.delivery.dose_nl() * 10
    rig = rig.after_power_cut()
    rig.run(1100)
    reserved_uu = rig.delivery.dose_nl() * 10  # what may have been given, by the journal
    assert reserved_uu >= given_uu
    rig.ok("acknowledge")
    rig.resume()
    rig.run(5 * MIN)
    now_uu = rig.delivery.dose_nl() * 10
    rig.ok("stop")
    basal_uu = 6 * 800_000 // 60
    on_board = on_board_uu(rig)
    assert left_of(1, 5) * (now_uu - basal_uu) / 1e6 - basal_uu < on_board < now_uu + 20_000


@pytest.mark.parametrize("lost", ["drive", RESERVE, PROGRAM])
@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize(("after_s", "cut_s"), [(30, 20), (30, 50), (61, 20), (61, 35), (61, 45), (61, 300)])
def test_a_bolus_of_a_program_that_a_power_cut_ended_for_good_is_on_board(lost, loops, after_s, cut_s):
    """Bug: with its program lost, or another drive, what was given since the last full minute was forgotten: 4 U."""
    rig = looped()
    rig.start(program() if loops else plain(rate(0.08, duration_ms=HOUR_MS)))
    rig.run(after_s * 1000)
    rig.change("bolus", ml(0.4), ml(40), HOUR_MS)  # 4 U in 36 s
    rig.run(cut_s * 1000)
    given_uu = rig.delivery.dose_nl() * 10
    rig.board.steps()
    config = Config()
    if lost == "drive":
        config.pitch_um += 1
    else:
        rig.board.flash.records.pop(lost)
    after = Rig(TestBoard(flash=rig.board.flash, config=config))
    after.ids = rig.ids
    after.run(1100)
    assert not after.controller.journal.under_way
    after.ok("acknowledge")
    basal_uu = (after_s + cut_s) * 800_000 // 3600
    assert given_uu * left_of(1, cut_s // 60) / 1e6 - basal_uu - 10_000 < on_board_uu(after) < 2 * 4_200_000


def test_after_a_stop_a_power_cut_counts_no_bolus_again():
    rig = looped()
    rig.start(plain(rate(0.08, duration_ms=HOUR_MS)))
    rig.run(61_000)
    rig.change("bolus", ml(0.4), ml(40), HOUR_MS)
    rig.run(37_000)
    rig.ok("stop")
    rig = rig.after_power_cut()  # before anybody looked again
    rig.run(1100)
    assert on_board_uu(rig) < 4_050_000


def test_a_cut_while_it_is_stopped_and_one_before_the_next_loop_forget_nothing():
    rig = looped()
    rig.start(plain(bolus(0.2, 20), rate(0.01, duration_ms=HOUR_MS)))
    rig.run(3 * MIN)
    rig.ok("pause")
    rig = rig.after_power_cut()
    rig.run(1100)
    rig.ok("stop")
    rig = rig.after_power_cut()
    assert on_board_uu(rig) == pytest.approx(2_000_000, rel=0.05)


def test_a_basal_beyond_the_set_rate_counts_and_one_at_it_or_below_it_does_not():
    def after(ml_h):
        rig = looped()
        rig.start(plain(rate(ml_h, duration_ms=2 * HOUR_MS)))
        rig.run(HOUR_MS)
        rig.ok("stop")
        return on_board_uu(rig)

    # What flowed t minutes ago is left by (1 + t/T) exp(-t/T); over an hour that is so many minutes of the flow.
    peak, hour = PEAK_MIN, 60
    minutes = 2 * peak - (2 * peak + hour) * exp(-hour / peak)
    assert after(0.28) == pytest.approx(2_000_000 / 60 * minutes, rel=0.03)
    assert abs(after(0.08)) < 20_000  # a minute of the set rate
    assert abs(after(0.02)) < 10_000  # nobody is given more because a plain program gave less


def test_the_vein_kept_open_with_insulin_counts():
    rig = looped()
    rig.start(plain(rate(10, 0.01), kvo(0.6)))
    rig.run_until("kvo")
    rig.run(30 * MIN)
    given_uu = rig.delivery.kvo_nl() * 10
    rig.ok("stop")
    assert given_uu == pytest.approx(3_000_000, rel=0.02)
    assert on_board_uu(rig) > 0.75 * (given_uu - 400_000)


def test_another_concentration_is_the_same_insulin():
    rig = looped()
    rig.start(plain(bolus(0.03, 3), rate(0.01, duration_ms=HOUR_MS), drug=U100))  # 3 U in 36 s
    rig.run(10 * MIN)
    rig.ok("stop")
    assert on_board_uu(rig) == pytest.approx(left_of(3, 9.5), rel=0.03)


def test_another_drug_in_units_is_no_insulin():
    rig = looped()
    rig.start(plain(bolus(0.3, 30), rate(0.08, duration_ms=HOUR_MS), drug=OXYTOCIN))
    rig.run(10 * MIN)
    assert account(rig) == []
    rig.ok("stop")
    assert abs(on_board_uu(rig)) < 10_000


def test_a_pump_that_never_had_a_loop_keeps_no_account():
    rig = Rig()
    rig.start(plain(rate(0.08, duration_ms=HOUR_MS)))
    assert account(rig) == []


# ---- the first loop ----------------------------------------------------------------------------------------------


def test_the_first_loop_knows_of_boluses_that_were_given_before_any_loop():
    rig = Rig()
    rig.start(plain(bolus(0.3, 30), rate(0.08, duration_ms=HOUR_MS)))
    rig.run(30 * MIN)
    rig.ok("stop")
    rig = rig.after_power_cut()  # after which time off is no time
    assert left_of(3, 31) * 0.98 < on_board_uu(rig) < 3_050_000


def test_a_plain_basal_at_the_rate_of_the_first_loop_is_nothing_beyond_it():
    rig = Rig()
    rig.start(plain(rate(0.09, duration_ms=4 * HOUR_MS)))
    rig.run(3 * HOUR_MS)
    rig.ok("stop")
    assert abs(on_board_uu(rig)) < 10_000


def test_a_faster_basal_before_the_first_loop_counts_never_too_low():
    rig = Rig()
    rig.start(plain(rate(0.19, duration_ms=4 * HOUR_MS)))
    rig.run(90 * MIN)
    rig.ok("stop")
    on_board = on_board_uu(rig)
    whole = 1_000_000 / 60 * 2 * PEAK_MIN  # of a flow without beginning: 2 T minutes of it
    assert 0.99 * whole < on_board < 1.03 * whole


def test_what_the_first_loop_was_told_is_kept_before_its_first_step():
    rig = Rig()
    rig.start(plain(bolus(0.3, 30), rate(0.09, duration_ms=HOUR_MS)))
    rig.run(2 * MIN)
    rig.ok("stop")
    before = on_board_uu(rig)
    rig = rig.after_power_cut()  # in the first moments of the loop
    rig.run(1100)
    after = Looping(rig=rig, start=False)
    assert before > 2_800_000
    assert after.on_board_uu >= before


def test_a_loop_of_an_insulin_of_another_name_knows_both_what_the_loop_before_gave_and_its_own():
    quick = Option("drug", "lispro.uU", [10_000_000, 1_000_000])
    rig = Rig()
    its = Looping(rig=rig)
    rig.run(MIN)
    rig.change("bolus", ml(0.2), ml(60), HOUR_MS)  # 2 U of the first name
    rig.run(MIN)
    rig.ok("stop")
    rig.start(plain(bolus(0.3, 60), rate(0.08, duration_ms=HOUR_MS), drug=quick))  # 3 U of the other one
    rig.run(MIN)
    rig.ok("stop")
    other = program(rate(0.09, duration_ms=HOUR_MS))
    other.options[0] = quick
    its = Looping(other, rig=rig)
    assert its.on_board_uu == pytest.approx(5_000_000, rel=0.02)


# ---- whatever comes ----------------------------------------------------------------------------------------------


class Story:
    """Programs with and without a loop, boluses and power cuts, and what the motor really gave in each minute."""

    def __init__(self, seed):
        self.random = Random(seed)
        self.rig = Rig()
        self.powered_ms = 0
        self.given = []  # (powered ms, uU beyond 0.8 U/h)
        self.least = []  # (what the pump thinks is on board, what is, both in uU)

    def run(self, ms):
        """Run for so long; between two programs nothing is to be given, and nothing is missed."""
        for _ in range(-(-ms // MIN)):
            pump = self.rig.controller
            basal_uu = 800_000 // 60 if pump.journal.under_way else 0
            before = self.rig.board.steps()
            self.rig.run(MIN)
            self.powered_ms += MIN
            uu = (self.rig.board.steps() - before) * pump.delivery.step.pl_num * 10 // pump.delivery.step.pl_den // 1000
            self.given.append((self.powered_ms, uu - basal_uu))

    def on_board_uu(self):
        ages = [((self.powered_ms - at_ms) / MIN, uu) for at_ms, uu in self.given]
        return sum(uu * (1 + age / PEAK_MIN) * exp(-age / PEAK_MIN) for age, uu in ages)

    def begin(self, loops):
        if self.rig.state not in ("idle", "complete"):
            self.rig.ok("stop")
        if loops:
            its = Looping(program(rate(0.08, duration_ms=HOUR_MS)), rig=self.rig)
            self.least.append((its.on_board_uu, self.on_board_uu()))
        else:
            ml_h = self.random.choice((0.08, 0.08, 0.12, 0.3))
            self.rig.start(plain(bolus(self.random.choice((0.05, 0.2)), 10), rate(ml_h, duration_ms=HOUR_MS)))

    def step(self):
        what = self.random.choice(("loop", "plain", "plain", "bolus", "cut", "pause", "stop"))
        if what in ("loop", "plain"):
            self.begin(what == "loop")
        elif what == "cut" and self.rig.state == "infusing":
            self.rig = self.rig.after_power_cut()
            self.rig.run(1100)
            self.rig.ok("acknowledge")
            self.rig.resume()
        elif what == "bolus" and self.rig.state == "infusing" and not self.rig.delivery.bolus_runs:
            self.rig.change("bolus", ml(0.1), ml(10), HOUR_MS)
        elif what in ("pause", "stop") and self.rig.state == "infusing":
            self.rig.ok(what)
        self.run(self.random.choice((1, 3, 20)) * MIN)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_ran_between_two_loops_never_too_little_is_thought_to_be_on_board(seed):
    story = Story(seed)
    story.begin(True)
    story.run(3 * MIN)
    for _ in range(12):
        story.step()
    story.begin(True)
    for thought, true in story.least:
        assert thought > true - 15_000, (seed, story.least)  # a minute of the set rate, which it books later
    assert max(true for _, true in story.least) > 1_000_000


def a_day(rig):
    """A loop with a bolus and a pause, a program without one that ends in keeping the vein open, and a short loop."""
    its = Looping(program(rate(0.08, duration_ms=HOUR_MS)), rig=rig)
    rig.run(70_000)
    its.tell(160)
    rig.run(130_000)
    rig.change("bolus", ml(0.1), ml(20), HOUR_MS)
    rig.run(9000)
    rig.ok("pause")
    rig.run(3000)
    rig.resume()
    rig.run(50_000)
    rig.ok("stop")
    rig.run(1000)
    rig.start(plain(bolus(0.2, 30), rate(0.5, 0.02), kvo(0.6)))
    rig.run(20_000)
    rig.ok("pause")
    rig.run(61_000)
    rig.resume()
    rig.run_until("kvo")
    rig.run(70_000)
    rig.ok("stop")
    rig.run(1000)
    Looping(program(rate(0.1, duration_ms=100_000)), rig=rig)
    rig.run(95_000)
    rig.change("bolus", ml(0.05), ml(20), HOUR_MS)
    rig.run_until("complete")
    rig.run(500)


@pytest.mark.parametrize("late", [False, True])
def test_power_that_fails_at_any_write_leaves_all_on_board_that_the_motor_gave(late):
    step = step_of(5)
    uu = step.pl_num / step.pl_den / 1000 * 10
    dies_at = 1  # the first is that of the start of the pump
    most_uu = 0
    while True:
        dies_at += 1
        rig = Rig()
        board = rig.board
        board.edges = []
        board.flash.dies_at, board.flash.late = dies_at, late
        try:
            a_day(rig)
        except PowerFailed:
            board.flash.dies_at = 0
        else:
            break
        board.steps()
        ages = [(board.now_us - edge) / 60e6 for edge in board.edges]  # minutes
        true_uu = sum(left_of(uu / 1e6, age) for age in ages)
        basal_uu = max([*ages, 0]) * 1_000_000 / 60  # at the most; insulin on board is what is beyond it
        after = rig.after_power_cut()
        after.ids += 100
        after.run(1100)
        if after.controller.journal.under_way:
            after.ok("acknowledge")
            after.ok("stop")
        on_board = on_board_uu(after)
        assert true_uu - basal_uu - 15_000 < on_board < true_uu + 1_500_000, dies_at  # a turn of the screw is reserved
        most_uu = max(most_uu, true_uu)
    assert dies_at > 40
    assert most_uu > 3_000_000
