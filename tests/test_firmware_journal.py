"""What survives a power cut: one save or the next, and nobody is told less than may have been given."""

from binascii import crc32

import pytest

from boards import HOUR_MS, Flash, PowerFailed, Rig, TestBoard, bolus, ml, order, pause, rate
from picoinfuse_firmware.alarms import FAULT_JOURNAL
from picoinfuse_firmware.board import STATE
from picoinfuse_firmware.journal import DONE, KEPT, POWER_LOST, RUNNING, STOPPED, UNKNOWN, Journal


def restarted(journal):
    """The journal as it is read after the next start."""
    board = TestBoard(flash=Flash())
    board.flash.records.update(journal._board.flash.records)
    return Journal(board)


def test_the_starts_of_the_pump_are_counted():
    journal = Journal(TestBoard())
    assert (journal.boot, journal.lost, journal.damaged) == (1, False, False)
    for boot in range(2, 6):
        journal = restarted(journal)
        assert journal.boot == boot


def test_every_identity_keeps_its_outcome():
    journal = Journal(TestBoard())
    for i, outcome in enumerate((RUNNING, DONE, RUNNING, RUNNING)):
        journal.accept(f"0000000{i}", "bolus", outcome)
    journal.end("00000002", STOPPED)
    journal.end("00000001", STOPPED)  # over already: stays as it ended
    assert [journal.outcome(f"0000000{i}")[0] for i in range(5)] == [RUNNING, DONE, STOPPED, RUNNING, UNKNOWN]
    assert journal.outcome("00000002") == (STOPPED, "bolus")
    assert journal.knows("00000002")
    assert not journal.knows("ffffffff")
    later = restarted(journal)
    assert [later.outcome(f"0000000{i}")[0] for i in range(5)] == [POWER_LOST, DONE, STOPPED, POWER_LOST, UNKNOWN]
    later.end_all(DONE)
    assert later.outcome("00000000")[0] == POWER_LOST


def test_only_requests_that_are_over_are_forgotten_and_the_oldest_first():
    """Bug: after twelve titrations the start that still ran was `unknown`, that is: nothing was delivered for it."""
    journal = Journal(TestBoard())
    journal.accept("aaaaaaaa", "start", RUNNING)
    for i in range(KEPT + 5):
        journal.accept(f"{i:08x}", "rate", DONE)
    assert journal.outcome("aaaaaaaa") == (RUNNING, "start")
    assert not journal.knows("00000000")
    assert journal.knows(f"{KEPT + 4:08x}")
    assert restarted(journal).outcome("aaaaaaaa") == (POWER_LOST, "start")
    full = Journal(TestBoard())
    for i in range(KEPT + 2):
        full.accept(f"{i:08x}", "start", RUNNING)
    assert full.knows("00000000")


def test_the_fullest_record_fits_into_what_a_board_can_save():
    journal = Journal(TestBoard())  # its flash asserts 512 bytes
    journal.boot = 10**9
    journal.reserved_nl = journal.run = 10**9
    journal.check = "deadbeef"
    journal.step = (10**16, 10**11)
    for i in range(KEPT + 4):
        journal.accept(f"{i:08x}", "resume", RUNNING)


OF_ANOTHER_VERSION, SHORT = [
    b"%s*%08x" % (body, crc32(body)) for body in (b"4 1 5 deadbeef 00000001rstart 00000002dresume", b"4 1")
]


@pytest.mark.parametrize(
    "damage", [b"", b"*", b"1 0 0 - 0 0 1*00000000", OF_ANOTHER_VERSION, SHORT, b"\xff" * 300, None]
)
def test_a_damaged_record_is_taken_for_a_loss_of_power(damage):
    board = TestBoard()
    first = Journal(board)
    if damage is None:
        state = board.flash.records[STATE]
        damage = state[:-1] + bytes([state[-1] ^ 1])
    board.flash.records[STATE] = damage
    del first
    rig = Rig(flash=board.flash)
    assert rig.controller.journal.damaged
    assert rig.alarms == ["power_lost"]
    rig.ok("acknowledge")
    again = rig.after_power_cut()
    assert again.alarms == []
    assert not again.controller.journal.damaged


STORY = order(rate(100, 0.3), bolus(0.1, 200), pause(1000), rate(900, 0.4), size_ml=20)


def tell(rig):
    """A night at the bedside, with every kind of request that saves."""
    rig.ready(STORY)
    rig.ok("prime", "00000001", ml(0.05), ml(300), HOUR_MS, 1)
    rig.run_until("ready")
    rig.ok("start", "00000002")
    rig.run(4000)
    for identity, verb, values in (
        ("00000003", "rate", (ml(300), HOUR_MS)),
        ("00000004", "bolus", (ml(0.1), ml(290), HOUR_MS)),
    ):
        name, proposed = rig.ask(verb, *values)
        assert name == "proposed"
        rig.ok("apply", identity, proposed[0])
    rig.run(700)
    rig.ok("pause")
    rig.run(500)
    rig.ok("resume", "00000005")
    rig.run_until("complete")
    rig.ok("stop")


def saves_of_the_story():
    rig = Rig()
    tell(rig)
    return rig.board.flash.saves


@pytest.mark.parametrize("late", [False, True], ids=["just before", "just after"])
def test_power_that_fails_at_any_save_is_told_and_nothing_is_restarted(late):
    last = saves_of_the_story()
    assert last > 12
    for dies_at in range(2, last + 1):
        flash = Flash()
        flash.dies_at, flash.late = dies_at, late
        rig = Rig(flash=flash)
        with pytest.raises(PowerFailed):
            tell(rig)
        given = rig.dose_steps if rig.delivery else 0
        was_under_way = rig.state in ("infusing", "paused")
        primed = rig.state == "priming"
        after = rig.after_power_cut()
        assert after.state in ("idle", "alarm")
        after.run(5000)
        assert after.board.steps() == 0, "nothing moves by itself"
        step_nl = STEP_NL
        if was_under_way and given:
            assert after.alarms == ["power_lost"], dies_at
            status = after.status()
            assert status["delivered_nl"] >= given * step_nl - 1
            # ... and not much more: what is reserved ahead is a quarter of a turn and two seconds of the highest flow.
            assert status["delivered_nl"] <= given * step_nl + ml(0.15) + ml(1200) * 4 // 3600
            assert after.outcome("00000002") == "power_lost"
            assert after.refusal("load", *STORY.load_values()) in ("alarm_active", "not_now")
        if primed and given == 0:
            # Just after its last save the priming is over, although the pump had not said so yet.
            assert after.outcome("00000001") in (
                ("power_lost", "unknown", "done") if late else ("power_lost", "unknown")
            )
        outcomes = [after.outcome(f"0000000{i}") for i in range(1, 6)]
        assert RUNNING not in outcomes


STEP_NL = 179.6  # of a 20 mL syringe, floored


def test_two_power_cuts_in_a_row_still_say_that_power_was_lost():
    """Bug: the second start overwrote the record before anybody had seen the alarm."""
    rig = Rig()
    rig.start(order(rate(20, 1)))
    rig.run(10000)
    for _ in range(3):
        rig = rig.after_power_cut()
        assert rig.state == "alarm"
        assert rig.alarms == ["power_lost"]
        assert rig.seen("alarm")[0]["value"] == rig.status()["delivered_nl"] > 0
    rig.ok("acknowledge")
    assert rig.state == "paused"
    rig.ok("stop")
    assert rig.after_power_cut().alarms == []


def test_a_pump_that_is_switched_off_after_the_end_says_nothing():
    rig = Rig()
    rig.start(order(rate(100, 0.1)))
    rig.run_until("complete")
    after = rig.after_power_cut()
    assert (after.state, after.alarms) == ("idle", [])
    assert after.outcome("00000001") == "done"
    assert after.status()["delivered_nl"] == rig.status()["delivered_nl"]
    assert after.status()["check"] == order(rate(100, 0.1)).check()


def test_what_the_journal_holds_is_never_less_than_what_the_motor_has_done():
    rig = Rig()
    rig.start(order(rate(1, 0, 5000), rate(1000, 2), rate(3, 0, 3000), bolus(0.5, 190), rate(5, 0.01)))
    step = rig.delivery.step
    while rig.state != "complete":
        rig.poll()
        assert rig.controller.journal.reserved_nl >= step.nl_of(rig.dose_steps)
    assert rig.controller.journal.reserved_nl == rig.delivery.dose_nl()


def test_a_record_that_cannot_be_written_stops_the_motor_and_is_said(monkeypatch):
    """Bug: an OSError of the flash left poll(), with the motor halted and nobody told."""

    def full(what, data):
        raise OSError(28)

    rig = Rig()
    rig.start(order(rate(100, 10)))
    rig.run(5000)
    monkeypatch.setattr(rig.board, "save", full)
    rig.ok("pause")
    rig.run(2000)
    assert rig.alarms == ["system_fault"]
    assert rig.state == "alarm"
    assert rig.seen("alarm")[0]["value"] == FAULT_JOURNAL


@pytest.mark.parametrize("when", ["start", "next phase", "rate"])
def test_no_step_is_laid_that_the_journal_could_not_hold(monkeypatch, when):
    """Bug: the motor went on, or even began, for up to a second after a record could not be written."""

    def full(what, data):
        raise OSError(28)

    rig = Rig()
    rig.ready(order(rate(1000, 10)) if when == "start" else order(rate(1, 0, 5000), rate(1000, 10)))
    if when == "start":
        monkeypatch.setattr(rig.board, "save", full)
        rig.ok("start", rig.new_id())
        most = 0
    else:
        rig.ok("start", rig.new_id())
        rig.run(2000)
        if when == "rate":
            proposed = rig.ask("rate", ml(1000), HOUR_MS)[1]
            monkeypatch.setattr(rig.board, "save", full)
            rig.ok("apply", rig.new_id(), proposed[0])
        else:
            monkeypatch.setattr(rig.board, "save", full)
        most = 40
    rig.run_until("alarm", 10000)
    assert rig.seen("alarm")[0]["value"] == FAULT_JOURNAL
    assert sum(move[0] for move in rig.board.moves) <= most
    rig.run(2000)
    assert rig.board.steps() <= most
