"""A patient's own bolus: at most once, never within the lockout, and counted as given before it is."""

import pytest

from boards import HOUR_MS, Flash, PowerFailed, Rig, TestBoard, bolus, kvo, ml, order, pause, rate, step_of
from orders import demand, drug, limit, syringes
from picoinfuse_firmware import program_limits
from picoinfuse_firmware.board import HISTORY, KEY_BOLUS, KEY_START, KEYS
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.options import Option

LOCKOUT_MS = 360000
PCA = order(rate(0.5, 0, 20 * HOUR_MS), size_ml=20, options=[drug(), demand(1, 100, LOCKOUT_MS)])
BOLUS = step_of(20).steps_in(ml(1))


def pca(flash=None, program=PCA, has=(KEYS,), **options):
    rig = Rig(TestBoard(has=has, flash=flash, **options))
    rig.start(program)
    rig.run(3000)
    return rig


def beyond_basal(rig, since, ms, ml_h=0.5):
    """Steps that were made in so many ms, less those of the basal."""
    steps = rig.board.steps()
    return steps - since - step_of(20).steps_in(ml(ml_h) * ms // HOUR_MS)


# ---- once -----------------------------------------------------------------------------------------------------


def test_a_press_gives_one_bolus():
    rig = pca()
    before = rig.board.steps()
    identity = rig.new_id()
    rig.ok("demand", identity)
    assert rig.outcome(identity) == "running"
    rig.run(60000)
    assert abs(beyond_basal(rig, before, 60000) - BOLUS) <= 1
    assert rig.outcome(identity) == "done"
    assert rig.seen("bolus", identity)[0]["value"] == ml(1)
    assert rig.seen("demand")[0]["what"] == "given"
    assert len(rig.seen("bolus_end", identity)) == 1


def test_two_presses_give_one():
    rig = pca()
    before = rig.board.steps()
    rig.ok("demand", rig.new_id())
    name, values = rig.ask("demand", rig.new_id())
    assert (name, values[0], values[2]) == ("refused", "locked_out", LOCKOUT_MS)
    assert LOCKOUT_MS - 1000 <= values[1] <= LOCKOUT_MS
    rig.run(60000)
    assert abs(beyond_basal(rig, before, 60000) - BOLUS) <= 2
    assert rig.ask("doses")[1][:2] == [2, 1]


def test_a_request_that_is_repeated_is_not_given_twice():
    rig = pca()
    before = rig.board.steps()
    identity = rig.new_id()
    rig.ok("demand", identity)
    rig.send(rig.seq, "demand", identity)  # the answer was lost
    assert rig.answer(rig.seq) == ("ok", [])
    assert rig.refusal("demand", identity) == "id_used"  # in another session
    assert rig.refusal("demand", "x") == "bad_id"
    rig.run(60000)
    assert abs(beyond_basal(rig, before, 60000) - BOLUS) <= 2
    assert rig.ask("doses")[1][:2] == [1, 1], "neither was another wish of the patient"


def test_the_key_does_what_the_request_does_and_a_stuck_one_does_it_once():
    rig = pca()
    rig.board.pressed = KEY_BOLUS
    rig.run(2 * LOCKOUT_MS)
    assert len(rig.seen("demand")) == len(rig.seen("demand", "given")) == 1
    assert "key_stuck" in rig.alarms
    rig.board.pressed = 0
    rig.run(1000)
    rig.board.pressed = KEY_BOLUS
    rig.run(300)
    assert len(rig.seen("demand", "given")) == 2
    rig.board.pressed = 0
    rig.run(300)
    rig.board.pressed = KEY_BOLUS
    rig.run(300)
    assert rig.seen("demand")[-1]["what"] == "locked_out"
    assert rig.seen("key", "bolus")


def test_a_key_pressed_just_as_the_state_changed_moves_nothing():
    rig = pca()
    rig.ok("pause")
    rig.run(2000)
    rig.resume()
    rig.board.pressed = KEY_BOLUS
    rig.run(300)
    assert rig.seen("key", "refused.state_changed")
    assert rig.seen("demand") == []
    rig.board.pressed = 0
    rig.run(1500)
    rig.board.pressed = KEY_BOLUS | KEY_START
    rig.run(300)
    assert rig.seen("demand") == []


def test_without_the_option_the_key_is_only_told():
    rig = pca(program=order(rate(0.5, 0, HOUR_MS), size_ml=20, options=[drug()]))
    rig.board.pressed = KEY_BOLUS
    rig.run(500)
    assert [event["what"] for event in rig.seen("key")] == ["bolus"]
    assert rig.refusal("demand", rig.new_id()) == "not_ordered"
    assert rig.seen("bolus") == []


# ---- the lockout ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before_wrap_ms", [5000, 100000, LOCKOUT_MS, LOCKOUT_MS + 3000])
def test_the_last_millisecond_of_the_lockout_is_one_of_it(before_wrap_ms):
    """Wherever the ticks wrap in between."""
    rig = pca(before_wrap_ms=before_wrap_ms)
    rig.ok("demand", rig.new_id())
    at_us = rig.board.now_us - 100000  # the poll that answered
    left_us = at_us + LOCKOUT_MS * 1000 - 1000 - rig.board.now_us
    rig.run(left_us // 1000 - 100)
    rig.board.now_us = at_us + LOCKOUT_MS * 1000 - 1000
    name, values = rig.ask("demand", rig.new_id())
    assert (name, values) == ("refused", ["locked_out", 1, LOCKOUT_MS])
    rig.board.now_us = at_us + LOCKOUT_MS * 1000 + 99000
    rig.ok("demand", rig.new_id())


def test_the_lockout_outlives_a_reboot_and_another_program_and_time_off_is_no_time():
    rig = pca()
    rig.ok("demand", rig.new_id())
    rig.run(60000)
    rig = rig.after_power_cut(has=(KEYS,))  # off for an hour or a week, nobody knows
    rig.ok("acknowledge")
    rig.resume()
    rig.run(1000)
    name, values = rig.ask("demand", rig.new_id())
    assert (name, values[0]) == ("refused", "locked_out")
    assert LOCKOUT_MS - 3000 <= values[1] <= LOCKOUT_MS  # the minute before the cut is not known to have passed
    rig.ok("stop")
    rig.start(order(pause(HOUR_MS), size_ml=20, options=[drug(amount=5), demand(0.2, 100, 2 * LOCKOUT_MS)]))
    rig.run(1000)
    name, values = rig.ask("demand", rig.new_id())
    assert (values[0], values[2]) == ("locked_out", 2 * LOCKOUT_MS)
    rig.run(values[1])
    rig.ok("demand", rig.new_id())


def test_a_program_without_options_in_between_changes_nothing():
    rig = pca()
    rig.ok("demand", rig.new_id())
    rig.run(60000)
    rig.ok("stop")
    rig.start(order(rate(60, 0.1), size_ml=20))
    rig.run_until("complete")
    rig.ok("stop")
    rig.start(PCA)
    rig.run(1000)
    values = rig.ask("demand", rig.new_id())[1]
    assert values[0] == "locked_out"
    assert LOCKOUT_MS - 100000 < values[1] < LOCKOUT_MS - 60000  # but that time has passed


def test_after_ten_minutes_powered_a_lockout_of_ten_minutes_is_over_whatever_happens_then():
    rig = pca(program=order(rate(0.5, 0, HOUR_MS), size_ml=20, options=[demand(1, 100, 600000)]))
    rig.ok("demand", rig.new_id())
    rig.run(601000)
    rig = rig.after_power_cut(has=(KEYS,))
    rig.ok("acknowledge")
    rig.resume()
    rig.run(1000)
    rig.ok("demand", rig.new_id())


# ---- when not -----------------------------------------------------------------------------------------------------


def test_each_refusal_has_its_reason():
    rig = Rig(TestBoard(has=()))
    rig.ready(PCA)
    assert rig.refusal("demand", rig.new_id()) == "not_now"
    rig.ok("start", rig.new_id())
    rig.run(1000)
    rig.change("bolus", ml(0.5), ml(20), HOUR_MS)
    assert rig.refusal("demand", rig.new_id()) == "bolus_running"
    rig.run(120000)
    rig.ok("pause")
    assert rig.refusal("demand", rig.new_id()) == "not_now"
    rig.resume()
    rig.controller.alarm(12, 0)  # pressure rising
    assert rig.refusal("demand", rig.new_id()) == "alarm_active"
    rig.controller.end_alarm(12)
    rig.ok("demand", rig.new_id())
    assert [event["what"] for event in rig.seen("demand")] == [
        "not_now",
        "bolus_running",
        "not_now",
        "alarm_active",
        "given",
    ]
    assert rig.ask("doses")[1][:2] == [5, 1]


def test_while_the_vein_is_kept_open_there_is_none():
    rig = pca(program=order(rate(60, 0.01), kvo(0.5), size_ml=20, options=[demand()]))
    assert rig.state == "kvo"
    assert rig.refusal("demand", rig.new_id()) == "not_now"


def test_a_limit_refuses_with_the_time_until_it_is_allowed():
    window_ms = 1800000
    options = [drug(), demand(1, 100, LOCKOUT_MS), limit(window_ms, 2_100_000)]
    rig = pca(program=order(pause(10 * HOUR_MS), size_ml=20, options=options))
    for _ in range(2):
        rig.ok("demand", rig.new_id())
        rig.run(LOCKOUT_MS)
    name, values = rig.ask("demand", rig.new_id())
    assert (name, values[0], values[2]) == ("refused", "limit_reached", ml(1))
    assert window_ms - 2 * LOCKOUT_MS < values[1] <= window_ms - 2 * LOCKOUT_MS + 40000  # the bolus took 36 s
    assert rig.ask("doses")[1][2] == pytest.approx(values[1], abs=500)
    rig.run(values[1] - 1000)
    assert rig.refusal("demand", rig.new_id()) == "limit_reached"
    rig.run(1000)
    rig.ok("demand", rig.new_id())


def test_a_limit_without_room_for_a_single_one_says_never():
    options = [drug(), demand(1, 100, LOCKOUT_MS), limit(HOUR_MS, 900_000)]
    rig = pca(program=order(pause(10 * HOUR_MS), size_ml=20, options=options))
    assert rig.ask("demand", rig.new_id()) == ("refused", ["limit_reached", -1, ml(1)])
    assert rig.ask("doses")[1][2] == -1


def test_what_is_not_in_the_syringe_is_refused_unless_another_one_is_planned():
    for number, refused in ((1, True), (2, False)):
        options = [demand(1, 100, LOCKOUT_MS), syringes(number)]
        rig = pca(program=order(pause(HOUR_MS), size_ml=20, filled_ml=0.5, options=options))
        answer = rig.ask("demand", rig.new_id())
        assert answer == (("refused", ["volume_exceeds_syringe", ml(1), ml(0.5)]) if refused else ("ok", []))
    rig.run_until("alarm")
    assert rig.alarms == ["syringe_change"]  # in the middle of the bolus
    rig.ok("refill", ml(20))
    rig.ok("acknowledge")
    rig.resume()
    rig.run(60000)
    assert rig.dose_steps == BOLUS


CHECKED = [
    ("bad_option", Option("demand", "x", [ml(1), ml(100), HOUR_MS, LOCKOUT_MS])),
    ("bad_option", Option("demand", "-", [ml(1), ml(100), HOUR_MS])),
    ("rate_too_high", demand(1, 1300)),
    ("rate_too_high", demand(1, 1150)),  # beside a basal of 100 mL/h
    ("rate_too_low", demand(1, 0)),
    ("volume_too_small", demand(0.00001)),
    ("volume_exceeds_syringe", demand(21)),
    ("lockout_range", demand(1, 100, 59999)),
    ("lockout_range", demand(1, 100, 86400001)),
]


@pytest.mark.parametrize(("reason", "option"), CHECKED)
def test_what_no_demand_is_is_refused_when_it_is_loaded(reason, option):
    assert program_limits.program(order(rate(100, 1), size_ml=20, options=[option]), Config())[0] == reason


def test_a_program_may_order_nothing_but_what_the_patient_asks_for():
    assert program_limits.program(order(pause(HOUR_MS), options=[drug()]), Config()) == ("nothing_ordered", 0, 0)
    assert program_limits.program(order(pause(HOUR_MS), options=[demand()]), Config()) is None


# ---- the power fails ------------------------------------------------------------------------------------------------


def asked_with_a_cut(dies_at, late):
    """Press once, power failing at that save after the press; returns (rig after the cut or None, steps, identity)."""
    rig = pca()
    flash = rig.board.flash
    before = rig.board.steps()
    flash.dies_at, flash.late = flash.saves + dies_at, late
    try:
        rig.ok("demand", "0000beef")
        rig.run(5000)
    except PowerFailed:
        flash.dies_at = 0
        steps = rig.board.steps() - before
        return rig.after_power_cut(has=(KEYS,)), steps, "0000beef"
    flash.dies_at = 0
    return None, 0, ""


@pytest.mark.parametrize("late", [False, True])
def test_whatever_is_given_was_written_before_and_is_not_given_again(late):
    dies_at = cuts = 0
    while True:
        dies_at += 1
        rig, steps, identity = asked_with_a_cut(dies_at, late)
        if rig is None:
            break
        cuts += 1
        assert rig.alarms == ["power_lost"]
        rig.ok("acknowledge")
        rig.resume()
        since = rig.board.steps()
        rig.run(60000)
        # The rest of it is not gone on with, nor is it begun again.
        assert beyond_basal(rig, since, 60000) <= 1, dies_at
        outcome = rig.outcome(identity)
        name, values = rig.ask("demand", rig.new_id())
        if steps > 1:
            assert outcome == "power_lost", dies_at
        if outcome == "power_lost" or steps > 1:
            assert (name, values[0]) == ("refused", "locked_out"), dies_at
            assert rig.ask("doses")[1][1] == 1
    assert cuts >= 3  # the history, the state, the place


def test_what_was_asked_for_and_given_is_counted_over_a_power_cut():
    rig = pca()
    rig.ok("demand", rig.new_id())
    for _ in range(3):
        assert rig.refusal("demand", rig.new_id()) == "locked_out"
    rig.run(600000)  # the history is written
    rig = rig.after_power_cut(has=(KEYS,))
    assert rig.ask("doses")[1][:2] == [4, 1]
    rig.ok("acknowledge")
    rig.ok("stop")
    rig.start(PCA)
    assert rig.ask("doses")[1][:2] == [0, 0]  # of this program


@pytest.mark.parametrize("damage", [b"", b"t 1*00000000"])
def test_a_lost_history_locks_out_and_fills_every_window(damage):
    options = [drug(), demand(1, 100, LOCKOUT_MS), limit(900000, 5_000_000)]
    program = order(rate(0.5, 0, HOUR_MS), size_ml=20, options=options)
    rig = pca(program=program)
    rig.board.flash.records[HISTORY] = damage
    rig = rig.after_power_cut(has=(KEYS,))
    rig.ok("acknowledge")
    assert rig.refusal("resume", rig.new_id()) == "history_lost"
    rig.ok("stop")
    assert rig.stage(program)[1][0] == "history_lost"
    rig.run(900000)
    rig.start(program)
    rig.run(1000)
    rig.ok("demand", rig.new_id())


def test_a_flash_that_was_never_written_is_no_lost_history():
    rig = pca(flash=Flash())
    rig.ok("demand", rig.new_id())


def test_a_stop_in_the_middle_ends_it_and_it_counts_as_given():
    rig = pca()
    rig.ok("demand", "0000beef")
    rig.run(5000)
    rig.ok("stop")
    assert rig.outcome("0000beef") == "stopped"
    steps = rig.board.steps()
    rig.run(60000)
    assert rig.board.steps() == steps
    rig.start(order(bolus(1, 100), rate(0.5, 0, HOUR_MS), size_ml=20, options=[drug(), limit(HOUR_MS, 2_600_000)]))
    rig.run(60000)
    full = rig.ask("doses")[1][3][0]
    assert 2_500_000 <= full <= 2_505_000  # two boluses, and half a milligram an hour
