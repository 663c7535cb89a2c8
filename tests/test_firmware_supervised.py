"""A host that dies: the pump holds its last rate for as long as was ordered, then falls back, once, and says so."""

from random import Random

import pytest

from boards import HOUR_MS, Rig, TestBoard, bolus, ml, order, pause, ramp, rate, step_of
from orders import drug, hold, limit
from picoinfuse_firmware import alarms, program_limits
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.options import Option

TCI = order(rate(10, 0, HOUR_MS), options=[hold(60000, 2)])


def supervised(program=TCI):
    rig = Rig(TestBoard(has=()))
    rig.start(program)
    return rig


def until_phase(rig, index):
    """Poll until this phase has begun, and as long as it takes to see it."""
    while rig.delivery.phase < index:
        rig.poll()


def now_ml_h(rig):
    return rig.status()["rate_nl_h"] / 1e6


def test_the_last_rate_is_held_for_so_long_and_then_falls_back_once():
    rig = supervised()
    rig.run(30000)
    rig.change("rate", ml(12), HOUR_MS)
    rig.run(58000)
    assert (now_ml_h(rig), rig.alarms) == (12, [])
    rig.run(5000)
    assert (now_ml_h(rig), rig.alarms) == (2, ["supervision_lost"])
    assert [(event["what"], event["value"]) for event in rig.seen("hold")] == [("fallback", ml(2))]
    steps = rig.board.steps()
    rig.run(600000)
    assert abs(rig.board.steps() - steps - step_of().steps_in(ml(2) // 6)) <= 2
    assert len(rig.seen("hold")) == 1
    assert len(rig.seen("alarm", "supervision_lost")) == 1


def test_a_word_in_time_keeps_the_rate_and_one_too_late_ends_the_alarm_but_sets_no_rate():
    rig = supervised()
    for _ in range(10):
        rig.run(55000)
        rig.ok("stay")
    assert (now_ml_h(rig), rig.alarms) == (10, [])
    rig.run(65000)
    assert now_ml_h(rig) == 2
    rig.ok("stay")
    assert rig.alarms == []
    assert rig.seen("hold")[-1]["what"] == "heard"
    assert now_ml_h(rig) == 2  # that is the host's business
    rig.run(5000)
    rig.change("rate", ml(9), HOUR_MS)
    rig.run(50000)
    assert now_ml_h(rig) == 9
    rig.run(20000)
    assert now_ml_h(rig) == 2
    assert rig.alarms == ["supervision_lost"]


def test_it_falls_up_as_well_if_that_was_ordered():
    rig = supervised()
    rig.run(5000)
    rig.change("rate", ml(1), HOUR_MS)
    rig.run(65000)
    assert now_ml_h(rig) == 2


def test_at_rate_0_it_is_paused():
    rig = supervised(order(rate(10, 0, HOUR_MS), options=[hold(60000)]))
    rig.run(62000)
    assert (rig.state, rig.alarms) == ("paused", ["supervision_lost"])
    assert rig.seen("hold")[0]["what"] == "paused"
    steps = rig.board.steps()
    rig.run(60000)
    assert rig.board.steps() == steps
    rig.resume()
    rig.run(1100)
    assert (rig.state, rig.alarms) == ("infusing", [])
    rig.run(30000)
    assert rig.state == "infusing"  # the time began anew
    rig.run(32000)
    assert rig.state == "paused"


def test_an_infusion_that_stands_for_it_alarms_until_a_person_has_come():
    """Bug: the alarm was of low priority, and a host that only says that it lives ended it: the pump stood unheard."""
    rig = supervised(order(rate(10, 0, HOUR_MS), options=[hold(60000)]))
    rig.run(62000)
    rig.ok("stay")
    rig.run(30000)
    assert (rig.state, rig.alarms) == ("paused", ["supervision_lost"])
    assert rig.board.shown == (alarms.MEDIUM, True)
    rig.resume()
    rig.run(1100)
    assert (rig.state, rig.alarms) == ("infusing", [])
    rig.run(62000)
    rig.ok("stop")
    assert rig.alarms == []


TWO_PHASES = order(rate(10, 0, 90000), rate(50, 0, HOUR_MS), options=[hold(60000, 2)])


def test_who_pauses_and_resumes_has_not_taken_over_so_the_next_phase_falls_back_too():
    """Bug: it ran at its own rate for as long as the pump waits for the host."""
    rig = supervised(TWO_PHASES)
    rig.run(70000)
    rig.ok("pause")
    rig.resume()
    rig.run(15000)
    assert (now_ml_h(rig), rig.alarms) == (2, [])
    until_phase(rig, 1)
    steps = rig.board.steps()
    rig.run(50000)
    assert (now_ml_h(rig), rig.alarms) == (2, ["supervision_lost"])
    most_nl = ml(50) * 3 // 3600 + ml(2) * 50 // 3600  # a second until it is seen, and what is laid by then
    assert rig.board.steps() - steps <= step_of().steps_in(most_nl)


@pytest.mark.parametrize("word", ["stay", "rate"])
def test_a_word_of_the_host_or_a_rate_that_a_person_sets_takes_over(word):
    rig = supervised(TWO_PHASES)
    rig.run(70000)
    rig.ok("pause")
    rig.resume()
    rig.run(5000)
    rig.ok("stay") if word == "stay" else rig.change("rate", ml(3), HOUR_MS)
    until_phase(rig, 1)
    rig.run(10000)
    assert (now_ml_h(rig), rig.alarms) == (50, [])


@pytest.mark.parametrize("word", [False, True])
def test_after_a_power_cut_nobody_has_taken_over_until_somebody_says_so(word):
    rig = supervised(order(rate(10, 0.35), rate(50, 0, HOUR_MS), options=[hold(60000, 2)]))
    rig.run(5000)
    rig = rig.after_power_cut(has=())  # what was reserved counts as given: the phase is soon over
    rig.run(1100)
    rig.ok("acknowledge")
    rig.resume()
    if word:
        rig.ok("stay")
    resumed_ms = rig.now_ms
    until_phase(rig, 1)
    rig.run(5000)
    assert rig.now_ms - resumed_ms < 50000
    assert now_ml_h(rig) == (50 if word else 2)
    assert rig.alarms == ([] if word else ["supervision_lost"])


def test_to_resume_what_was_paused_for_it_is_to_take_over():
    rig = supervised(order(rate(10, 0, 90000), rate(50, 0, HOUR_MS), options=[hold(60000)]))
    rig.run(62000)
    rig.resume()
    until_phase(rig, 1)
    rig.run(5000)
    assert (now_ml_h(rig), rig.alarms) == (50, [])


@pytest.mark.parametrize("after_ms", [0, 300, 700, 1500])
def test_who_resumes_at_once_what_was_paused_for_it_is_supervised_again(after_ms):
    """Bug: resumed before the pump had looked again, it was never missed any more: no alarm, and the rate for good."""
    rig = supervised(order(rate(10, 0, HOUR_MS), options=[hold(60000)]))
    rig.run_until("paused")
    rig.run(after_ms)
    rig.resume()
    rig.run(2000)
    assert (rig.state, rig.alarms) == ("infusing", [])
    rig.run(60000)
    assert (rig.state, rig.alarms) == ("paused", ["supervision_lost"])


def act(draw, rig):
    """Do what a host, a person or the mains may do; return the rig, and whether that is a word or a new beginning."""
    what = draw.choice(("wait", "wait", "wait", "wait", "stay", "rate", "bolus", "pause", "cut", "propose"))
    if rig.state == "alarm":
        rig.ok("acknowledge")
    if rig.state == "paused" and draw.random() < 0.7:
        return rig, rig.ask("resume", rig.new_id())[0] == "ok"
    if what == "cut":
        rig = rig.after_power_cut(has=())
        rig.run(1200)
        return rig, True
    if what == "stay":
        return rig, rig.ask("stay")[0] == "ok"
    if what in ("rate", "bolus", "propose"):
        values = (
            (ml(0.1), ml(draw.choice((20, 300))), HOUR_MS) if what == "bolus" else (ml(draw.choice((5, 60))), HOUR_MS)
        )
        name, proposed = rig.ask("bolus" if what == "bolus" else "rate", *values)
        if name == "proposed" and what != "propose":
            return rig, rig.ask("apply", rig.new_id(), proposed[0])[0] == "ok" and what == "rate"
    elif what == "pause":
        rig.ask("pause")
    return rig, False


@pytest.mark.parametrize("seed", range(16))
def test_whatever_comes_the_motor_goes_no_faster_than_ordered_for_it_while_nobody_is_heard(seed):
    draw = Random(seed)
    fallback_ml_h = draw.choice((0, 2, 5))
    most = step_of().steps_in(ml(fallback_ml_h) // 3600) + 2 if fallback_ml_h else 0  # in a second
    phases = [rate(draw.choice((10, 20, 50)), 0, draw.choice((40, 70, 200)) * 1000) for _ in range(8)]
    phases.insert(2, bolus(0.2, 100))
    rig = supervised(order(*phases, options=[hold(30000, fallback_ml_h)]))
    heard_ms = rig.now_ms
    for _ in range(60):
        rig, heard = act(draw, rig)
        heard_ms = rig.now_ms if heard else heard_ms
        too_fast = 0  # seconds in a row; a phase that begins has its own rate for two looks
        for _ in range(draw.choice((3, 12, 31, 36, 60))):
            before = rig.board.steps()
            rig.run(1000)
            alone = rig.now_ms - heard_ms > 36000 and rig.state == "infusing" and not rig.delivery.bolus_runs
            too_fast = too_fast + 1 if alone and rig.board.steps() - before > most else 0
            assert too_fast < 5, (rig.alarms, rig.now_ms - heard_ms)
        if rig.state == "complete":
            break
    assert rig.controller.error is None


def test_a_proposal_of_the_host_that_died_is_not_applied_afterwards():
    rig = supervised()
    rig.run(59500)
    proposed = rig.ask("rate", ml(50), HOUR_MS)[1]
    rig.run(5000)
    assert now_ml_h(rig) == 2
    assert rig.refusal("apply", rig.new_id(), proposed[0]) == "nothing_proposed"


def test_a_proposal_alone_is_no_word():
    """A host that proposes and cannot apply is not there."""
    rig = supervised()
    for _ in range(7):
        rig.run(10000)
        rig.ask("rate", ml(10), HOUR_MS)
    assert rig.alarms == ["supervision_lost"]


def test_between_two_phases_and_beside_a_bolus_it_falls_back_as_soon_as_it_can():
    rig = supervised(order(rate(10, 0, 61000), rate(8, 0, HOUR_MS), options=[hold(60000, 2)]))
    rig.run(65000)
    assert now_ml_h(rig) == 2
    rig = supervised(order(rate(10, 0, 120000), options=[hold(60000, 1195)]))
    rig.run(50000)
    rig.change("bolus", ml(0.2), ml(30), HOUR_MS)  # 24 s; beside it 1195 mL/h are too fast for the motor
    rig.run(15000)
    assert now_ml_h(rig) == 40
    rig.run(15000)
    assert now_ml_h(rig) == 1195


def test_what_it_may_not_fall_back_to_pauses():
    """Two millilitres are in the syringe: not enough for the rest of the hour at the rate that was ordered for this."""
    rig = supervised(order(rate(1, 0, HOUR_MS), filled_ml=2, options=[hold(60000, 50)]))
    rig.run(65000)
    assert (rig.state, rig.alarms) == ("paused", ["supervision_lost"])


def test_a_power_cut_keeps_the_rate_it_fell_back_to_and_the_supervision():
    rig = supervised()
    rig.run(65000)
    rig = rig.after_power_cut(has=())
    rig.ok("acknowledge")
    rig.resume()
    rig.run(2000)
    assert (now_ml_h(rig), rig.alarms) == (2, [])
    rig.change("rate", ml(7), HOUR_MS)
    rig.run(65000)
    assert (now_ml_h(rig), rig.alarms) == (2, ["supervision_lost"])


def test_the_alarm_ends_with_the_program():
    for end in ("stop", "complete"):
        rig = supervised(order(rate(10, 0, 100000), options=[hold(60000, 2)]))
        rig.run(70000)
        assert rig.alarms == ["supervision_lost"]
        if end == "stop":
            rig.ok("stop")
        rig.run_until("idle" if end == "stop" else "complete")
        rig.run(1100)
        assert "supervision_lost" not in rig.alarms
        assert rig.ask("stay") == ("ok", [])
        rig.ok("stop") if end == "complete" else None
        rig.start(order(rate(10, 0.01)))
        assert rig.ask("stay") == ("refused", ["not_ordered", 0, 0])


def test_the_rate_it_falls_back_to_counts_for_a_limit():
    ordered = [drug(), hold(60000, 9), limit(HOUR_MS, 5_000_000)]
    assert program_limits.program(order(rate(1, 1), options=ordered), Config())[0] == "dose_limit"
    assert program_limits.program(order(rate(1, 1), options=[ordered[0], hold(60000, 4), ordered[2]]), Config()) is None
    rig = supervised(order(rate(1, 0, HOUR_MS), options=[ordered[0], hold(60000, 4), ordered[2]]))
    rig.run(3000)
    assert rig.refusal("bolus", ml(1), ml(100), HOUR_MS) == "dose_limit"
    assert rig.ask("bolus", ml(0.9), ml(100), HOUR_MS)[0] == "proposed"


CHECKED = [
    (("hold_range", 4999, 5000), [rate(1, 1)], hold(4999, 1)),
    (("hold_range", 86400001, 86400000), [rate(1, 1)], hold(86400001, 1)),
    (("hold_phase", 1, 0), [rate(1, 1), ramp(1, 2, 60000)], hold()),
    (("hold_phase", 1, 0), [rate(1, 1), pause(60000)], hold()),
    (("rate_too_high", ml(1300), ml(1200)), [rate(1, 1)], hold(60000, 1300)),
    (("rate_too_low", 0, 10000), [rate(1, 1)], Option("hold", "-", [60000, 0, 1])),
    (("bad_option", 0, 0), [rate(1, 1)], Option("hold", "x", [60000, 0, 0])),
    (("bad_option", 0, 2), [rate(1, 1)], Option("hold", "-", [60000])),
    (None, [bolus(1, 100), rate(1, 1), rate(2, 1)], hold(5000, 1)),
    (None, [rate(1, 1)], hold(86400000)),
]


@pytest.mark.parametrize(("refusal", "phases", "option"), CHECKED)
def test_what_can_be_ordered(refusal, phases, option):
    assert program_limits.program(order(*phases, options=[option]), Config()) == refusal
