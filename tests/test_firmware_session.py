"""Sessions: a repeat is answered and not done again, a new host takes over, noise and floods change nothing."""

import random

import pytest

from boards import HOUR_MS, Rig, infusing, ml, order, rate
from picoinfuse_firmware.messages import FINGERPRINT, IS_REQUEST, TABLE
from picoinfuse_firmware.wire import encode

SOME = {"i": 1, "w": "abc", "l": [1]}


ORDER = order(rate(20, 10))


def test_a_repeat_is_answered_with_the_very_same_bytes_and_not_done_again():
    rig = infusing(ORDER)
    name, proposed = rig.ask("bolus", ml(0.5), ml(200), HOUR_MS)
    assert name == "proposed"
    rig.ok("apply", "0000abcd", proposed[0])
    frame = encode(rig.seq, "apply", ["0000abcd", proposed[0]])
    sent = []
    write = rig.board.write
    rig.board.write = lambda data: sent.append(bytes(data)) or write(data)
    for _ in range(5):
        rig.board.incoming += frame
        rig.run(300)
    assert sent.count(encode(rig.seq, "ok", ())) == 5
    rig.run(60000)
    assert len(rig.seen("bolus")) == 1
    assert rig.controller.ordered_nl == ml(10.5)


@pytest.mark.parametrize("lost", ["answer", "request"])
def test_a_host_that_loses_every_third_frame_and_repeats_gets_exactly_what_it_asked_for(lost):
    rig = Rig()
    frames = 0

    def ask(name, *values):
        nonlocal frames
        rig.seq += 1
        for _ in range(9):
            frames += 1
            if lost == "request" and frames % 3 == 0:
                rig.run(1000)
                continue
            rig.send(rig.seq, name, *values)
            rig.run(300)
            answers = [a for a in rig.answers if a[0] == rig.seq]
            rig.answers.clear()
            if answers and not (lost == "answer" and frames % 3 == 0):
                return answers[0][1:]
        raise AssertionError(name)

    rig.ask = ask
    rig.start(order(rate(100, 1)))
    for _ in range(3):
        rig.change("bolus", ml(0.1), ml(300), HOUR_MS)
        rig.run(4000)
    rig.run_until("complete")
    assert rig.delivery.dose_nl() + 350 > ml(1.3) >= rig.delivery.dose_nl()
    assert len(rig.seen("bolus")) == 3


def test_a_wrong_number_is_refused_with_the_one_that_is_expected():
    rig = infusing(ORDER)
    for seq in (rig.seq - 1, rig.seq + 2, -5, 10**15):
        rig.send(seq, "stop")
        assert rig.answer(seq) == ("refused", ["bad_sequence", seq, rig.seq + 1])
    assert rig.state == "infusing"


def test_nothing_is_done_before_a_hello():
    rig = Rig(greet=False)
    for name in IS_REQUEST:
        if name != "hello":
            rig.send(1, name, *[SOME[kind] for kind in TABLE[name][1]])
            assert rig.answer(1) == ("refused", ["no_session", 0, 0])


def test_a_host_with_another_table_is_told_and_can_do_nothing_but_greet():
    rig = Rig()
    name, values = rig.hello("old_host", table="deadbeef")
    assert name == "welcome"
    assert values[1] == FINGERPRINT
    assert rig.refusal("status") == "wrong_version"
    assert rig.refusal("stop") == "wrong_version"
    rig.hello("newer_host", version=99)
    assert rig.refusal("pause") == "wrong_version"
    rig.hello("right_host")
    assert rig.status()["state"] == "idle"


def test_the_pump_says_at_hello_what_it_is_and_which_sensors_it_has():
    rig = Rig()
    before_ms = rig.now_ms
    _, _, boot, at_ms, state = rig.hello("x")[1][:5]
    assert (boot, state) == (1, "idle")
    assert before_ms <= at_ms <= rig.now_ms
    assert Rig().hello("x")[1][5:9] == [7, 3200, 2000, 4096]
    assert Rig(has=()).hello("x")[1][5] == 0
    assert Rig(has=("encoder",)).hello("x")[1][5] == 2


def test_the_same_hello_again_changes_nothing():
    rig = infusing(ORDER)
    rig.ok("telemetry_every", 1000)
    seq = rig.seq
    rig.hello()
    rig.seq = seq
    assert rig.status()["state"] == "infusing"
    rig.run(3000)
    assert len(rig.telemetry) >= 3


def test_a_new_host_takes_over_and_the_old_one_is_refused():
    rig = infusing(ORDER)
    rig.ok("telemetry_every", 100)
    old = rig.seq
    rig.hello("another")
    rig.telemetry.clear()
    rig.run(2000)
    assert rig.telemetry == []  # none until asked for
    rig.send(old + 1, "stop")  # the old host still thinks it is alone
    assert rig.answer(old + 1)[1][0] == "bad_sequence"
    assert rig.state == "infusing"
    rig.ok("pause")
    assert rig.state == "paused"


def test_greeting_never_changes_what_runs():
    quiet, greeted = infusing(ORDER), infusing(ORDER)
    for i in range(40):
        greeted.hello(f"host{i}")
    while quiet.now_ms < greeted.now_ms:
        quiet.poll()
    quiet.run(20000)
    greeted.run(20000)
    assert quiet.board.moves == greeted.board.moves


@pytest.mark.parametrize("digits", [19, 300])
def test_a_number_longer_than_any_of_this_pump_is_noise(digits):
    """Its refusal would not fit into a line; and numbers that were made up shall not grow without bound."""
    rig = Rig()
    before = rig.controller.session.refused_lines
    rig.send(1, "mute", int("9" * digits))
    rig.run(500)
    assert rig.answers == []
    assert rig.controller.session.refused_lines == before + 1


def test_an_echo_of_its_own_frames_is_not_answered():
    """Bug: on a line that echoes, the pump would have answered its own answers for ever."""
    rig = Rig()
    before = rig.controller.session.refused_lines
    rig.send(9, "ok")
    rig.run(500)
    assert rig.answers == []
    assert rig.controller.session.refused_lines == before + 1


def test_a_person_who_types_status_or_help_gets_a_line_to_read():
    rig = Rig(greet=False)
    rig.run(200)
    rig.board.incoming += b"help\r\nstatus\r\n"
    rig.run(500)
    rig.board.incoming += b"help\r\n"
    rig.run(500)
    # Bug: of two words typed at once only the second was answered.
    assert "Type: status, help" in rig.words[0]
    assert rig.words[1].startswith("# idle, 0 nL of 0 nL delivered, 0 nL/h, 0 s left, alarms: none")
    assert rig.words[2] == rig.words[0]
    rig = infusing(order(rate(36, 10)))
    rig.run(10000)
    rig.board.incoming += b"status\n"
    rig.run(300)
    assert rig.words[0].startswith("# infusing, ")
    assert " of 10000000 nL delivered, 36000000 nL/h, 989 s left, alarms: none" in rig.words[0]


def test_noise_is_counted_and_neither_answered_nor_obeyed():
    rig = infusing(ORDER)
    random_ = random.Random(3)
    before = rig.controller.session.refused_lines
    for _ in range(200):
        rig.board.incoming += random_.randbytes(200) + b"\n"
        rig.poll()
    rig.run(1000)
    assert rig.controller.session.refused_lines >= before + 200
    assert rig.answers == []
    assert rig.state == "infusing"
    rig.board.incoming += b"\n"
    assert rig.status()["state"] == "infusing"


FLOODS = {
    "noise": random.Random(1).randbytes(3000),
    "no line ends": b"A" * 3000,
    "valid requests out of order": b"".join(encode(500 + i, "stop", []) for i in range(60)),
    "hellos": b"".join(encode(0, "hello", [f"n{i}", 1, FINGERPRINT]) for i in range(60)),
    "frames that are no requests": encode(5, "ok", []) * 100,
    "typed words": b"status\n" * 300,
}


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("receives", [1 << 30, 0], ids=["and reads", "and never reads"])
def test_a_host_that_floods_changes_neither_steps_nor_alarm_times(flood, receives):
    """Compared step by step with a quiet run, up to and after an occlusion."""
    rigs = [infusing(ORDER), infusing(ORDER)]
    rigs[1].board.receives = receives
    for rig in rigs:
        for i in range(700):
            if rig is rigs[1] and i < 600:
                rig.board.incoming[256:] = FLOODS[flood]
            rig.board.force = 5000 if i < 500 else 40000
            rig.poll()
    quiet, flooded = rigs
    assert quiet.board.moves == flooded.board.moves
    assert quiet.board.halts == flooded.board.halts == 3  # by the alarm, by the delivery, and after drawing back
    assert quiet.board.steps() == flooded.board.steps()
    flooded.board.receives = 1 << 30
    flooded.run(3000)
    flooded.board.incoming += b"\n"
    flooded.run(3000)
    flooded.hello("afterwards")
    flooded.ok("events_from", 1)
    flooded.run(3000)
    times = [[e["at_ms"] for e in rig.seen("alarm", "occlusion")] for rig in rigs]
    assert times[0] == times[1][:1] != []


def test_a_host_that_floods_valid_requests_is_answered_and_the_pump_infuses_on():
    rig = infusing(ORDER)
    quiet = infusing(ORDER)
    for _ in range(300):
        for _ in range(8):
            rig.seq += 1
            rig.send(rig.seq, "status")
        rig.poll()
        quiet.poll()
    assert rig.board.moves == quiet.board.moves
    assert len(rig.answers) > 200


def test_after_a_request_that_failed_its_repeat_does_not_get_the_answer_of_the_one_before():
    """Bug: the number was taken before the request was done, so a repeat got the older answer."""
    rig = Rig()
    rig.ok("mute", 0)

    def broken(now_ms):
        raise ZeroDivisionError

    rig.controller.requests.status = broken
    rig.seq += 1
    rig.send(rig.seq, "status")
    rig.run(500)
    assert rig.alarms == ["system_fault"]
    rig.send(rig.seq, "status")
    assert rig.answer(rig.seq)[1][0] == "bad_sequence"
