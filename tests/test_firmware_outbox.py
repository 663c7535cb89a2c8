"""What waits to be sent: answers first, then events, then the newest telemetry; nothing waits for the host."""

import pytest

from boards import Rig, TestBoard, order, pause, rate
from picoinfuse_firmware.outbox import ANSWERS_KEPT, EVENTS_KEPT, Outbox
from picoinfuse_firmware.wire import decode


def outbox(receives):
    board = TestBoard()
    board.receives = receives
    box = Outbox(board)
    box.greet()
    return board, box


def names(board):
    return [decode(line)[1] for line in bytes(board.sent).split(b"\n") if line]


TELEMETRY = (0, "idle", *[0] * 11)


def test_answers_go_before_events_and_events_before_telemetry():
    board, box = outbox(1 << 20)
    box.telemetry(TELEMETRY)
    box.event(5, "state", "idle", 0)
    box.answer(b"$first\n")
    box.flush()
    assert bytes(board.sent).startswith(b"$first\n$0 event 1 5 state idle 0*")
    assert bytes(board.sent).split(b"\n")[2].startswith(b"$0 telemetry ")
    assert not box.waiting


def test_only_the_newest_telemetry_waits():
    board, box = outbox(0)
    for i in range(100):
        box.telemetry((i, *TELEMETRY[1:]))
        box.flush()
    board.receives = 1 << 20
    box.flush()
    assert names(board) == ["telemetry"] * 2  # one was begun before the host stopped reading
    assert bytes(board.sent).split(b"\n")[1].startswith(b"$0 telemetry 99 ")


def test_whole_frames_arrive_however_little_fits_at_a_time():
    board, box = outbox(0)
    for i in range(5):
        box.event(i, "note", "a_note", i)
    box.answer(b"$an_answer\n")
    while box.waiting:
        board.receives = 7
        box.flush()
    lines = bytes(board.sent).split(b"\n")
    assert lines[0] == b"$an_answer"
    assert [decode(line)[2][0] for line in lines[1:-1]] == [1, 2, 3, 4, 5]


def test_a_host_that_does_not_read_leaves_no_more_than_the_newest_answers():
    board, box = outbox(0)
    for i in range(100):
        box.answer(b"$%d\n" % i)
    board.receives = 1 << 20
    box.flush()
    assert bytes(board.sent) == b"".join(b"$%d\n" % i for i in range(100 - ANSWERS_KEPT, 100))


def test_nothing_but_answers_and_words_is_sent_before_a_hello():
    board = TestBoard()
    box = Outbox(board)
    box.event(1, "boot", "pump", 1)
    box.telemetry(TELEMETRY)
    box.say(b"# hello\n")
    box.flush()
    assert bytes(board.sent) == b"# hello\n"


def test_events_can_be_fetched_again_from_any_number():
    board, box = outbox(1 << 20)
    for i in range(10):
        box.event(i, "note", "a_note", i)
    box.flush()
    for n, first in ((1, 1), (7, 7), (-5, 1), (10, 10)):
        board.sent.clear()
        box.events_from(n)
        box.flush()
        assert [decode(line)[2][0] for line in bytes(board.sent).split(b"\n")[:-1]] == list(range(first, 11))


def test_asking_for_events_far_in_the_future_does_not_silence_the_alarms_to_come():
    """Bug: every event below the number that was asked for was left out, alarms too."""
    board, box = outbox(1 << 20)
    box.event(1, "note", "a_note", 0)
    box.flush()
    board.sent.clear()
    box.events_from(10**15)
    box.flush()
    assert not board.sent
    box.event(2, "alarm", "occlusion", 300)
    box.flush()
    assert names(board) == ["event"]


def test_alarms_outlive_other_events_in_the_ring():
    board, box = outbox(0)
    box.event(0, "alarm", "occlusion", 300)
    for i in range(3 * EVENTS_KEPT):
        box.event(i, "phase", "rate", i)
    box.event(0, "alarm_end", "occlusion", 0)
    board.receives = 1 << 20
    box.events_from(1)
    box.flush()
    rows = [decode(line)[2] for line in bytes(board.sent).split(b"\n")[:-1]]
    assert len(rows) == EVENTS_KEPT
    assert [row[2] for row in rows].count("alarm") == 1
    assert rows[0][2] == "alarm"
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_a_ring_full_of_alarms_keeps_the_newest():
    board, box = outbox(1 << 20)
    for i in range(EVENTS_KEPT + 3):
        box.event(i, "alarm", "occlusion", i)
    box.events_from(1)
    box.flush()
    assert decode(bytes(board.sent).split(b"\n")[0])[2][0] == 4


@pytest.mark.parametrize("receives", [0, 100])
def test_a_host_that_never_reads_changes_nothing_and_finds_the_alarms_when_it_reads_again(receives):
    rigs = [Rig(), Rig()]
    for rig in rigs:
        rig.start(order(rate(100, 0.5), near_end_ms=10000))
        rig.ok("telemetry_every", 100)
    rigs[1].board.receives = receives
    for rig in rigs:
        rig.run(60000)
    quiet, deaf = rigs
    assert quiet.board.moves == deaf.board.moves
    assert quiet.board.shown == deaf.board.shown == (2, True)
    assert deaf.seen("alarm") == []
    deaf.board.receives = 1 << 30
    deaf.run(300)
    assert deaf.seen("alarm") == quiet.seen("alarm")
    assert [e["what"] for e in deaf.seen("alarm")] == ["near_end", "end"]
    assert [e["n"] for e in deaf.events] == list(range(1, len(deaf.events) + 1))


def test_every_event_is_entered_into_the_log_but_phases_that_come_often():
    board, _ = outbox(0)
    box = Outbox(board, 7)
    box.event(5, "state", "idle", 0)
    box.event(6, "phase", "rate", 1)
    box.event(7, "alarm", "occlusion", 412)
    for minute in range(61):
        box.event(6 + 60000 * minute, "phase", "rate", minute)
    assert board.flash.entries == [
        b"7 5 S idle 0",
        b"7 6 phase rate 1",
        b"7 7 A occlusion 412",
        b"7 1800006 phase rate 30",
        b"7 3600006 phase rate 60",
    ]


def test_a_dose_after_a_gap_of_half_an_hour_is_in_the_log_whatever_else_goes_on_in_it():
    rig = Rig()
    rig.start(order(*[rate(100, 0.01)] * 3, pause(1_800_000), *[rate(100, 0.01)] * 3))
    rig.run(1_803_000)
    (logged,) = [entry for entry in rig.board.flash.entries if b" phase " in entry]
    assert logged.endswith(b" phase rate 4")  # the start of the program tells of those before


def test_a_log_that_cannot_be_written_is_told_once_and_stops_nothing():
    rig = Rig()
    rig.board.flash.log_works = False
    kept = len(rig.board.flash.entries)
    rig.start(order(rate(120, 0.01)))
    rig.run_until("complete")
    assert len(rig.seen("note", "log_failed")) == 1
    assert len(rig.board.flash.entries) == kept


def test_who_presses_again_and_again_does_not_push_all_else_out_of_the_log():
    board, box = outbox(1 << 20)
    for i in range(600):
        box.event(i * 500, "demand", "locked_out", i)
        if i == 300:
            box.event(i * 500, "demand", "given", 0)
    assert box.last_event == 601  # each is told
    assert len(board.flash.entries) == 30 + 2
    assert sum(b"given" in entry for entry in board.flash.entries) == 1
