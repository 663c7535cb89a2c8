"""Power cuts anywhere in a therapy, and going on: nothing is given twice, and no more is lost than is told."""

import random

import pytest

from boards import HOUR_MS, Flash, PowerFailed, Rig, bolus, kvo, ml, order, pause, ramp, rate, repeat, step_of
from picoinfuse_firmware.board import ENCODER, END_SWITCH, FORCE
from picoinfuse_firmware.delivery import CHUNK_MS, LOOKAHEAD_MS
from picoinfuse_firmware.narrow import uncertain_steps
from picoinfuse_firmware.reserve import RESERVE_MS, RESERVE_PART_OF_TURN

ALL = (FORCE, ENCODER, END_SWITCH)
BLIND = (FORCE, END_SWITCH)  # no encoder: nothing narrows the account

# Each kind of phase: (phases, the fastest flow in mL/h, boluses included).
THERAPIES = {
    "by volume": ([rate(100, 0.4)], 100),
    "by time": ([rate(60, 0, 20000)], 60),
    "whichever is first": ([rate(60, 0.2, 30000), rate(60, 0.3, 9000)], 60),
    "ramp up": ([ramp(5, 195, 20500)], 195),
    "ramp down and up": ([ramp(150, 3, 12000), ramp(3, 80, 7300)], 150),
    "pause": ([rate(100, 0.1), pause(8000), rate(50, 0.1)], 100),
    "loop": ([rate(30, 0.05), pause(2500), ramp(10, 40, 3000), repeat(1, 3), rate(60, 0.04), repeat(4, 2)], 60),
    "keep-vein-open": ([rate(100, 0.1), kvo(5, 9000), rate(50, 0.05), repeat(0, 2), kvo(1, 4000)], 100),
    "bolus": ([rate(30, 0.05), bolus(0.1, 60), rate(20, 0, 15000), bolus(0.05, 100), pause(3000), rate(40, 0.1)], 120),
    "boluses that outlast it": ([bolus(0.1, 36), bolus(0.2, 360), rate(36, 0.01), kvo(1, 3000)], 396),
    "slow": ([rate(0.5, 0, 30000), rate(900, 1.5), rate(2, 0, 5000)], 902),
}


def bound_steps(size_ml, fastest_ml_h):
    """R of reserve.py, in steps."""
    ahead_ms = RESERVE_MS + LOOKAHEAD_MS + CHUNK_MS
    return 3200 // RESERVE_PART_OF_TURN + 2 + step_of(size_ml).steps_in(ml(fastest_ml_h) * ahead_ms // HOUR_MS) + 1


def finish(rig, within_ms=HOUR_MS):
    """Go on until everything is given."""
    for _ in range(within_ms // 100):
        if rig.state == "complete":
            return
        rig.poll()
    raise AssertionError(f"still {rig.state}, alarms {rig.alarms}")


class Truth:
    """What a therapy really gave, over any number of power cuts: dose and keep-vein-open steps."""

    def __init__(self):
        self.dose = self.kvo = 0
        self.from_dose = self.from_kvo = 0

    def begin(self, rig):
        """From here on this pump gives; its account begins where it begins."""
        self.from_dose = rig.delivery.steps_given(rig.delivery.dose) if rig.delivery else 0
        self.from_kvo = rig.delivery.steps_given(rig.delivery.kvo) if rig.delivery else 0

    def end(self, rig):
        if rig.delivery:
            self.dose += rig.delivery.steps_given(rig.delivery.dose) - self.from_dose
            self.kvo += rig.delivery.steps_given(rig.delivery.kvo) - self.from_kvo


def check_cut(rig, truth, program, fastest_ml_h, cuts=1, has=ALL):
    """Start again after a power cut, look whether all is true that is promised, and go on; return the new pump."""
    size_ml = round(program.capacity_nl / 1e6)
    step = step_of(size_ml)
    truth.end(rig)
    after = rig.after_power_cut(has)
    after.run(3000)
    assert after.board.steps() == 0, "nothing moves by itself"
    if not after.controller.journal.under_way:
        # The start was not accepted: nothing was given.
        assert truth.dose == truth.kvo == 0
        assert (after.state, after.alarms) == ("idle", [])
        return None
    assert (after.state, after.alarms) == ("alarm", ["power_lost"])
    status = after.status()
    told = after.delivery.steps_given(after.delivery.dose)
    kvo_told = after.delivery.steps_given(after.delivery.kvo)
    assert 0 <= told - truth.dose <= cuts * bound_steps(size_ml, fastest_ml_h)
    assert 0 <= kvo_told - truth.kvo <= cuts * bound_steps(size_ml, fastest_ml_h)
    assert status["delivered_nl"] == step.nl_of(told)
    assert truth.dose + truth.kvo >= told + kvo_told - after.delivery.uncertain, "within what is told"
    assert status["uncertain_nl"] == step.nl_of(after.delivery.uncertain)
    assert status["check"] == program.check()
    assert after.refusal("resume", after.new_id()) == "not_now"
    after.ok("acknowledge")
    assert (after.state, after.alarms) == ("paused", [])
    after.run(3000)
    assert after.board.steps() == 0, "nothing moves by itself"
    truth.begin(after)
    return after


def check_end(rig, truth, program):
    """The therapy is over: not more than ordered was given, and less only by what is told."""
    size_ml = round(program.capacity_nl / 1e6)
    step = step_of(size_ml)
    truth.end(rig)
    ordered = step.steps_in(program.volume_nl())
    dropped_nl = program.volume_nl() - rig.controller.ordered_nl
    assert dropped_nl >= 0
    assert truth.dose <= ordered
    told = rig.delivery.steps_given(rig.delivery.dose)
    assert told <= ordered
    # The account ends where the order does, a few steps short for where the rest was cut.
    assert step.nl_of(told) >= rig.controller.ordered_nl - 4 * (step.nl_of(1) + 1)
    assert told - truth.dose <= rig.delivery.uncertain


def give(rig, program):
    """Give the whole program."""
    rig.start(program)
    finish(rig)


def saves_of(program, has):
    rig = Rig(has=has)
    give(rig, program)
    return rig.board.flash.saves


@pytest.mark.parametrize("late", [False, True], ids=["just before", "just after"])
@pytest.mark.parametrize("name", THERAPIES)
def test_power_fails_at_every_save_of_a_therapy_and_a_person_goes_on(name, late):
    phases, fastest = THERAPIES[name]
    program = order(*phases, size_ml=20)
    for has in (ALL, BLIND):
        for dies_at in range(2, saves_of(program, has) + 1):
            flash = Flash()
            flash.dies_at, flash.late = dies_at, late
            rig = Rig(flash=flash, has=has)
            truth = Truth()
            with pytest.raises(PowerFailed):
                give(rig, program)
            if rig.state == "complete":
                continue  # the last save: it was over
            after = check_cut(rig, truth, program, fastest, has=has)
            if after is None:
                continue
            after.resume()
            finish(after)
            check_end(after, truth, program)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", THERAPIES)
def test_power_fails_at_any_time_again_and_again(name, seed):
    """Up to four cuts in one therapy, at any millisecond; at times while paused, or before anybody came."""
    draw = random.Random(f"{name} {seed}")
    phases, fastest = THERAPIES[name]
    size_ml = draw.choice((20, 60) if fastest > 300 else (5, 20, 60))  # the drive pushes 5 mL at 500 mL/h at most
    program = order(*phases, size_ml=size_ml)
    has = draw.choice((ALL, BLIND))
    rig = Rig(has=has)
    truth = Truth()
    rig.start(program)
    for cut in range(1, 5):
        rig.run(100 * draw.randrange(80))
        rig.board.now_us += 1000 * draw.randrange(100)
        if draw.random() < 0.3 and rig.state in ("infusing", "kvo"):
            rig.ok("pause")
            rig.run(1000)
        if rig.state == "complete":
            break
        rig = check_cut(rig, truth, program, fastest, cut, has)
        if draw.random() < 0.3:
            before = rig.status()
            rig = check_cut(rig, truth, program, fastest, cut, has)
            after = rig.status()
            for same in ("delivered_nl", "kvo_nl", "ordered_nl", "left_nl", "uncertain_nl", "remaining_ms"):
                assert after[same] == before[same], same
        rig.resume()
    finish(rig)
    check_end(rig, truth, program)


@pytest.mark.parametrize("size_ml", [5, 20, 60])
@pytest.mark.parametrize("ml_h", [0.1, 5, 40])
def test_the_angle_of_the_screw_makes_the_account_exact(size_ml, ml_h):
    for seconds in (3, 60, 141, 251):
        rig = Rig()
        rig.start(order(rate(ml_h, 3), size_ml=size_ml))
        rig.run(seconds * 1000)
        truth = rig.dose_steps
        told = rig.after_power_cut().dose_steps
        assert 0 <= told - truth <= 2 * uncertain_steps(rig.board.config)
