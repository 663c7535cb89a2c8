"""Changes while the pump infuses: proposed, then applied; refused where drive, syringe or arithmetic say no."""

import pytest

from boards import HOUR_MS, Rig, bolus, infusing, kvo, ml, order, pause, ramp, rate, repeat
from picoinfuse_firmware import alarms

ORDER = order(rate(60, 2))


def test_a_change_is_proposed_then_applied_with_its_check_value():
    rig = infusing(ORDER, 3000)
    assert rig.refusal("apply", rig.new_id(), "00000000") == "nothing_proposed"
    name, proposed = rig.ask("rate", ml(30), HOUR_MS)
    assert (name, proposed[1:]) == ("proposed", [ml(30), HOUR_MS, 0])
    assert rig.refusal("apply", rig.new_id(), "00000000") == "bad_check"
    rig.ok("apply", rig.new_id(), proposed[0])
    assert rig.refusal("apply", rig.new_id(), proposed[0]) == "nothing_proposed"
    rig.run(3000)
    assert rig.status()["rate_nl_h"] == ml(30)


def test_a_newer_proposal_replaces_the_one_before():
    rig = infusing(ORDER, 3000)
    first = rig.ask("rate", ml(30), HOUR_MS)[1][0]
    second = rig.ask("rate", ml(30), HOUR_MS)[1][0]
    assert first != second
    assert rig.refusal("apply", rig.new_id(), first) == "bad_check"
    rig.ok("apply", rig.new_id(), second)


@pytest.mark.parametrize("between", ["pause", "alarm"])
def test_a_proposal_does_not_outlive_a_stop_of_the_motor(between):
    rig = infusing(ORDER, 3000)
    _, proposed = rig.ask("bolus", ml(0.1), ml(100), HOUR_MS)
    if between == "pause":
        rig.ok("pause")
    else:
        rig.board.force = 60000
        rig.run(500)
        rig.board.force = 0
        rig.run_until_drawn_back()
        rig.ok("acknowledge")
    rig.resume()
    assert rig.refusal("apply", rig.new_id(), proposed[0]) == "nothing_proposed"


def test_a_proposal_that_no_longer_fits_is_refused_when_it_is_applied():
    rig = infusing(order(rate(36, 0.1), pause(2000), rate(36, 1)), 3000)
    _, proposed = rig.ask("rate", ml(30), HOUR_MS)
    rig.run(7000)
    assert rig.refusal("apply", rig.new_id(), proposed[0]) == "phase_changing"


def test_rates_beyond_drive_syringe_or_arithmetic_are_refused():
    rig = Rig()
    rig.start(order(rate(100, 0, 60000), filled_ml=2, size_ml=5))
    assert rig.ask("rate", ml(515), HOUR_MS) == ("refused", ["rate_too_high", ml(515), 514040157])
    assert rig.refusal("rate", 1, HOUR_MS) == "rate_too_low"
    assert rig.refusal("rate", ml(500), HOUR_MS) == "volume_exceeds_syringe"
    for prime in (
        1000003,
        1000033,
        1000037,
        1000039,
        1000081,
        1000099,
        1000117,
        1000121,
        1000133,
        1000151,
        1000159,
        1000171,
        1000183,
        1000187,
    ):
        name, values = rig.ask("rate", prime * 10 + 1, prime)
        if name == "refused":
            break
        rig.ok("apply", rig.new_id(), values[0])
        rig.run(2000)
    assert (name, values[0]) == ("refused", "rate_not_exact")
    rig.run_until("complete")
    status = rig.status()
    assert 0 <= status["ordered_nl"] - status["delivered_nl"] <= 72


def test_a_bolus_beyond_its_limits_is_refused():
    rig = Rig()
    rig.start(order(rate(100, 3), size_ml=5, filled_ml=3.5))
    rig.run(2000)
    assert rig.refusal("bolus", ml(0.2), ml(415), HOUR_MS) == "rate_too_high"  # beside the basal
    assert rig.ask("bolus", 71, ml(100), HOUR_MS) == ("refused", ["volume_too_small", 71, 72])
    assert rig.refusal("bolus", ml(0.6), ml(100), HOUR_MS) == "volume_exceeds_syringe"
    rig.change("bolus", ml(0.2), ml(400), HOUR_MS)
    assert rig.refusal("bolus", ml(0.1), ml(100), HOUR_MS) == "bolus_running"
    assert rig.ask("rate", ml(200), HOUR_MS)[1][0] in ("rate_too_high", "phase_changing")
    rig.run(6000)
    rig.change("bolus", ml(0.1), ml(100), HOUR_MS)
    rig.run_until("complete")
    assert rig.status()["ordered_nl"] == ml(3.3)
    assert 0 <= ml(3.3) - rig.status()["delivered_nl"] <= 72


def test_the_end_of_a_bolus_is_told_when_its_last_step_is_made():
    rig = infusing(order(rate(5, 1)), 3000)
    identity = rig.change("bolus", ml(0.1), ml(36), HOUR_MS)  # 10 s
    assert rig.outcome(identity) == "running"
    rig.run(9000)
    assert rig.outcome(identity) == "running"
    rig.run(5000)
    assert rig.outcome(identity) == "done"
    assert rig.seen("bolus_end")[0]["what"] == identity


def test_a_bolus_in_the_last_second_is_refused_and_not_lost():
    """Bug: it was accepted, nothing of it was given, and its outcome was `done`."""
    rig = infusing(order(rate(100, 0.5)), 3000)
    answers = []
    while rig.state == "infusing":
        _, values = rig.ask("bolus", ml(0.01), ml(300), HOUR_MS)
        if rig.state == "infusing" and len(values) == 4:
            identity = rig.new_id()
            if rig.ask("apply", identity, values[0])[0] == "ok":
                answers.append(identity)
        rig.run(300)
    assert len(answers) > 3
    assert rig.status()["ordered_nl"] == ml(0.5) + len(answers) * ml(0.01)
    assert 0 <= rig.status()["ordered_nl"] - rig.status()["delivered_nl"] <= 351


def test_a_bolus_is_not_given_while_the_vein_is_kept_open():
    rig = infusing(order(rate(100, 0.1), kvo(1)), 3000)
    rig.run_until("kvo")
    assert rig.refusal("bolus", ml(0.1), ml(100), HOUR_MS) == "not_now"
    assert rig.refusal("rate", ml(5), HOUR_MS) == "not_now"
    rig.ok("pause")
    assert rig.state == "paused"
    rig.resume()
    assert rig.state == "kvo"


def test_a_bolus_that_would_still_run_beside_a_faster_phase_is_refused():
    """Bug: it was accepted, the drive could not follow, and the pump ended with a system fault."""
    rig = Rig()
    rig.start(order(rate(10, 0, 6000), rate(400, 0, 20000), repeat(0, 1), rate(20, 1), size_ml=5))
    rig.run(1000)
    assert rig.refusal("bolus", ml(1), ml(400), HOUR_MS) == "rate_too_high"
    rig.change("bolus", ml(0.1), ml(110), HOUR_MS)
    rig.run(7000)
    assert rig.state == "infusing"
    rig.run(23000)
    rig.change("bolus", ml(0.5), ml(400), HOUR_MS)  # the fast phase is over
    rig.run_until("complete")
    assert rig.alarms == ["end"]


def test_a_bolus_beside_a_ramp_is_measured_by_its_end():
    rig = Rig()
    rig.start(order(ramp(10, 300, 20000), rate(5, 0.1), size_ml=5))
    rig.run(1000)
    assert rig.refusal("bolus", ml(1), ml(215), HOUR_MS) == "rate_too_high"
    rig.change("bolus", ml(0.1), ml(210), HOUR_MS)


def test_a_rate_is_refused_that_would_be_too_fast_beside_a_bolus_that_waits():
    rig = Rig()
    rig.start(order(bolus(0.1, 10), bolus(1, 300), rate(100, 2), size_ml=5))
    rig.run(1000)
    assert rig.refusal("rate", ml(300), HOUR_MS) == "rate_too_high"
    rig.change("rate", ml(200), HOUR_MS)
    rig.run_until("complete")
    assert rig.alarms == ["end"]


def test_no_bolus_is_given_while_the_pressure_rises_neither_proposed_nor_applied():
    """Bug: it was given into a line that was about to close."""
    rig = infusing(ORDER, 3000)
    _, proposed = rig.ask("bolus", ml(0.1), ml(100), HOUR_MS)
    rig.controller.lookout.rising.look = lambda *seen: alarms.PRESSURE_RISING
    rig.run(1000)
    assert rig.alarms == ["pressure_rising"]
    refused = ("refused", ["alarm_active", alarms.PRESSURE_RISING, 0])
    assert rig.ask("apply", rig.new_id(), proposed[0]) == refused
    assert rig.ask("bolus", ml(0.1), ml(100), HOUR_MS) == refused
    assert rig.ask("rate", ml(10), HOUR_MS)[0] == "proposed", "a lower rate is what helps"
    rig.controller.lookout.rising.look = lambda *seen: 0
    rig.run(1000)
    rig.change("bolus", ml(0.1), ml(100), HOUR_MS)
    assert rig.state == "infusing"


@pytest.mark.parametrize("poll", range(-3, 4))
def test_a_change_in_the_poll_in_which_a_phase_begins_is_not_forgotten_by_the_guard(poll):
    """It was: the new phase was told to the guard after the new rate, and a minute later the pump stopped itself."""
    rig = Rig()
    rig.start(order(rate(10, 0, 60_000), rate(10, 0, 1_200_000), size_ml=20))
    begins_ms = rig.now_ms + 60_000
    rig.run(55_000)
    _, proposed = rig.ask("rate", ml(40), HOUR_MS)
    while rig.now_ms < begins_ms + 100 * (poll - 1):
        rig.poll()
    answer = rig.ask("apply", rig.new_id(), proposed[0])
    assert answer == ("ok", []) or answer[1][0] == "phase_changing"
    rig.run(300_000)
    assert set(rig.alarms) <= {"call_back"}  # of a proposal that was refused
    assert rig.controller.rate_nl_h() == (ml(40) if answer[0] == "ok" else ml(10))
