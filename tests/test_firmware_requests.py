"""What people ask for: two deliberate steps, an identity for whatever can deliver, and refusals with their reason."""

import pytest

from boards import HOUR_MS, Rig, bolus, infusing, kvo, ml, order, pause, rate, step_of

ORDER = order(rate(60, 2))


# ---- load, confirm, start ------------------------------------------------------------------------


def test_the_pump_answers_what_it_understood():
    name, values = Rig().stage(order(rate(36, 1), pause(1000), kvo(1)))
    assert (name, values[1], values[2]) == ("staged", ml(1), -1)
    assert values[0] == order(rate(36, 1), pause(1000), kvo(1)).check()
    assert values[3] == pytest.approx(step_of(60).pl_num / step_of(60).pl_den, abs=1)


def test_nothing_starts_without_its_check_value():
    rig = Rig()
    rig.stage(ORDER)
    assert rig.refusal("start", rig.new_id()) == "not_now"
    assert rig.refusal("confirm", "00000000") == "bad_check"
    assert rig.state == "staged"
    rig.ok("confirm", ORDER.check())
    assert rig.refusal("confirm", ORDER.check()) == "not_now"
    rig.ok("start", rig.new_id())


def test_phases_come_in_order_and_all_of_them():
    rig = Rig()
    assert rig.refusal("stage") == "not_now"
    assert rig.refusal("phase", 0, *ORDER.phases[0].values()) == "not_now"
    values = order(rate(5, 1), rate(6, 1)).load_values()
    assert rig.ask("load", *values[:-2], 0, 0) == ("refused", ["too_many_phases", 0, 32])
    assert rig.ask("load", *values[:-2], 33, 0) == ("refused", ["too_many_phases", 33, 32])
    assert rig.refusal("load", 50000, *values[1:]) == "barrel_range"
    rig.ok("load", *values)
    assert rig.ask("phase", 1, *rate(5, 1).values()) == ("refused", ["phase_order", 1, 0])
    rig.ok("phase", 0, *rate(5, 1).values())
    assert rig.ask("stage") == ("refused", ["phase_missing", 1, 2])
    rig.ok("phase", 1, *rate(6, 1).values())
    assert rig.ask("phase", 2, *rate(5, 1).values()) == ("refused", ["phase_order", 2, 2])
    assert rig.ask("stage")[0] == "staged"
    assert rig.refusal("stage") == "not_now"  # it was taken


def test_a_program_that_is_refused_can_be_sent_again():
    rig = Rig()
    assert rig.stage(order(rate(5, 61)))[1][0] == "volume_exceeds_syringe"
    assert rig.state == "idle"
    rig.start(ORDER)


@pytest.mark.parametrize("identity", ["1234567", "123456789", "1234567g", "ABCDEF01", "-"])
def test_an_identity_is_eight_hex_digits(identity):
    rig = Rig()
    rig.ready(ORDER)
    assert rig.refusal("start", identity) == "bad_id"


def test_an_identity_is_used_once():
    rig = infusing(ORDER, 3000)
    first = "00000001"
    assert rig.outcome(first) == "running"
    name, proposed = rig.ask("rate", ml(30), HOUR_MS)
    assert name == "proposed"
    assert rig.refusal("apply", first, proposed[0]) == "id_used"
    rig.ok("apply", "0000000a", proposed[0])
    assert rig.outcome("0000000a") == "done"
    rig.ok("pause")
    assert rig.refusal("resume", first) == "id_used"
    rig.ok("resume", "0000000b")
    rig.run_until("complete")
    assert rig.outcome(first) == "done"
    assert rig.outcome("0000000f") == "unknown"


def test_what_is_stopped_is_called_stopped():
    rig = infusing(ORDER, 3000)
    bolus_id = rig.change("bolus", ml(0.5), ml(60), HOUR_MS)
    rig.run(5000)
    rig.ok("stop")
    assert rig.state == "idle"
    assert rig.outcome("00000001") == "stopped"
    assert rig.outcome(bolus_id) == "stopped"
    steps = rig.board.steps()
    rig.run(10000)
    assert rig.board.steps() == steps


# ---- priming, refilling --------------------------------------------------------------------------------


def test_priming_needs_the_word_that_nobody_is_connected():
    rig = Rig()
    rig.ready(ORDER)
    for said in (0, 2, -1):
        assert rig.ask("prime", rig.new_id(), ml(1), ml(60), HOUR_MS, said) == ("refused", ["connected", said, 1])
    assert rig.board.steps() == 0


def test_priming_is_not_counted_as_dose():
    rig = Rig()
    rig.ready(ORDER)
    identity = rig.new_id()
    rig.ok("prime", identity, ml(0.5), ml(600), HOUR_MS, 1)
    rig.run(1000)
    assert rig.status()["state"] == "priming"
    assert 0 < rig.status()["prime_nl"] < ml(0.5)
    rig.run_until("ready")
    assert rig.outcome(identity) == "done"
    assert rig.seen("prime", "done")[0]["value"] == rig.status()["prime_nl"]
    rig.ok("prime", rig.new_id(), ml(0.5), ml(600), HOUR_MS, 1)
    rig.run_until("ready")
    status = rig.status()
    assert ml(1) - status["prime_nl"] < 703
    assert status["delivered_nl"] == 0
    rig.ok("start", rig.new_id())
    rig.run_until("complete")
    assert rig.status()["ordered_nl"] - rig.status()["delivered_nl"] < 351
    assert rig.status()["left_nl"] == pytest.approx(ml(57), abs=1400)


def test_priming_can_be_ended_and_its_limits_are_kept():
    rig = Rig()
    rig.ready(order(rate(60, 2), filled_ml=3))
    prime = lambda volume, ml_h: rig.refusal("prime", rig.new_id(), volume, ml(ml_h), HOUR_MS, 1)  # noqa: E731
    assert prime(ml(1.01), 60) == "volume_exceeds_syringe"
    assert prime(ml(1), 1201) == "rate_too_high"
    assert prime(100, 60) == "volume_too_small"
    identity = rig.new_id()
    rig.ok("prime", identity, ml(1), ml(60), HOUR_MS, 1)
    rig.run(3000)
    rig.ok("pause")
    assert (rig.state, rig.outcome(identity)) == ("ready", "stopped")
    given = rig.status()["prime_nl"]
    assert 0 < given < ml(0.06)
    assert prime(ml(1), 60) == "volume_exceeds_syringe"
    rig.ok("prime", rig.new_id(), ml(0.5), ml(60), HOUR_MS, 1)
    rig.board.force = 60000
    rig.run(1000)
    assert rig.alarms == ["occlusion"]
    rig.board.force = 0
    rig.ok("acknowledge")
    assert rig.state == "ready"


def test_a_syringe_is_refilled_only_while_the_motor_stands():
    rig = Rig()
    assert rig.refusal("refill", ml(10)) == "not_now"
    rig.start(ORDER)
    assert rig.refusal("refill", ml(10)) == "not_now"
    rig.run(3000)
    rig.ok("pause")
    rig.ok("refill", ml(10))
    assert rig.status()["left_nl"] == ml(10)
    assert rig.seen("refill")[-1]["value"] == ml(10)


# ---- alarms and asking ---------------------------------------------------------------------------------


def test_acknowledging_power_lost_leads_to_a_paused_program():
    rig = infusing(ORDER, 3000).after_power_cut()
    rig.ok("acknowledge")
    assert (rig.state, rig.alarms) == ("paused", [])


def test_stopping_ends_every_alarm_but_those_that_need_a_restart():
    rig = infusing(ORDER, 3000)
    rig.board.force = 60000
    rig.run(1000)
    rig.ok("stop")
    assert (rig.state, rig.alarms) == ("idle", [])
    rig.board.force = 0
    rig.run_until_drawn_back()
    rig.start(ORDER)
    rig.run(1000)
    rig.controller.alarm(10, 99)
    rig.ok("stop")
    assert rig.alarms == ["system_fault"]
    assert rig.ask("load", *ORDER.load_values()) == ("refused", ["alarm_active", 10, 0])


def test_a_program_staged_before_a_fault_is_not_started_after_it():
    rig = Rig()
    rig.ready(ORDER)
    rig.controller.alarm(10, 99)
    rig.controller.state = "ready"  # as if the table had let it
    assert rig.ask("start", rig.new_id()) == ("refused", ["alarm_active", 10, 0])


def test_telemetry_comes_as_often_as_asked_for_and_not_more_often_than_ten_a_second():
    rig = infusing(ORDER, 3000)
    assert rig.ask("telemetry_every", 99) == ("refused", ["period_too_short", 99, 100])
    assert rig.refusal("telemetry_every", -1) == "period_too_short"
    for period_ms, count in ((100, 100), (1000, 10), (250, 33), (0, 0)):
        rig.ok("telemetry_every", period_ms)
        rig.telemetry.clear()
        rig.run(10000)
        assert abs(len(rig.telemetry) - count) <= 1 + count // 5
    rig.ok("telemetry_every", 1000)
    rig.run(2000)
    row = rig.telemetry[-1]
    assert row["state"] == "infusing"
    assert row["delivered_nl"] == row["plunger_nl"]
    assert row["rate_nl_h"] == ml(60)
    assert (row["limit_mmhg"], row["force_mn"], row["pressure_mmhg"]) == (300, 5000, 0)


def test_status_without_a_program_is_all_nought():
    status = Rig().status()
    assert (status["state"], status["check"], status["alarms"]) == ("idle", "-", [])
    assert status["delivered_nl"] == status["ordered_nl"] == status["left_nl"] == status["remaining_ms"] == 0


def test_the_events_of_a_program_tell_its_story():
    rig = Rig()
    rig.start(order(rate(100, 0.05), bolus(0.05, 200), pause(1000), kvo(1, 1000), rate(100, 0.05)))
    rig.run_until("complete")
    check = rig.status()["check"]
    story = [(e["kind"], e["what"]) for e in rig.events]
    assert story == [
        ("boot", "pump"),
        ("state", "idle"),
        ("refill", "syringe"),
        ("state", "staged"),
        ("state", "ready"),
        ("program", check),
        ("state", "infusing"),
        ("phase", "rate"),
        ("bolus", "program"),
        ("phase", "pause"),
        ("state", "kvo"),
        ("phase", "kvo"),
        ("state", "infusing"),
        ("phase", "rate"),
        ("state", "complete"),
        ("alarm", "end"),
    ]
    assert [e["n"] for e in rig.events] == list(range(1, 17))


def test_whoever_reads_the_log_later_knows_what_was_ordered_and_how_much_was_given_at_every_turn():
    rig = Rig()
    rig.start(order(rate(100, 0.5)))
    rig.run(6000)
    rig.ok("pause")
    paused_nl = rig.status()["delivered_nl"]
    rig.run(6000)
    rig.ok("resume", rig.new_id())
    rig.run(6000)
    rig.ok("stop")
    stopped_nl = rig.status()["delivered_nl"]
    check = rig.status()["check"]
    its = [(e["kind"], e["what"], e["value"]) for e in rig.events if e["kind"] in ("program", "state")][-5:]
    assert its == [
        ("program", check, 500_000),
        ("state", "infusing", 0),
        ("state", "paused", paused_nl),
        ("state", "infusing", paused_nl),
        ("state", "idle", stopped_nl),
    ]
    assert 0 < paused_nl < stopped_nl


def test_the_log_is_read_entry_by_entry():
    rig = Rig()
    assert rig.ask("log", 1) == ("entry", [1, 1, 0, "boot", "pump", 1])
    last = len(rig.board.flash.entries)
    for n in (0, -1, last + 1):
        assert rig.ask("log", n) == ("refused", ["entry_gone", 1, last])
    rig.board.flash.entries[1] = None  # torn by a power cut
    assert rig.ask("log", 2) == ("refused", ["entry_damaged", 2, last])


def test_entries_go_on_over_a_power_cut_with_the_number_of_the_start():
    rig = Rig()
    last = len(rig.board.flash.entries)
    rig = rig.after_power_cut()
    assert rig.ask("log", last + 1)[1][:4] == [last + 1, 2, 0, "boot"]
