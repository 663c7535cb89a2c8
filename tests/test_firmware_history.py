"""What outlives programs and power cuts: time off is no time, a damaged record is told, other lines stay."""

import pytest

from boards import Flash, PowerFailed, Rig, TestBoard, order, pause, rate
from orders import demand, drug
from picoinfuse_firmware.board import HISTORY, MOST_BYTES
from picoinfuse_firmware.history import EVERY_MS, History

LOCKOUT_MS = 360000


def pump(flash, **options):
    return Rig(TestBoard(flash=flash, **options)).controller


def test_powered_time_goes_on_from_the_last_record_and_time_off_is_none():
    flash = Flash()
    one = pump(flash)
    history = History(one)
    assert history.now_ms() == one.now_ms
    history.put("line", [1, -2, 3])
    one.now_ms += 5_000_000
    assert history.save()
    one.now_ms += 400_000  # it was powered for so long; nobody knows after the cut
    other = pump(flash)
    again = History(other)
    assert again.now_ms() == history.now_ms() - 400_000 + other.now_ms
    assert again.kept_ms() == history.now_ms() - 400_000
    assert again.line("line") == [1, -2, 3]
    assert again.names() == ["line"]


def test_a_clock_that_is_read_late_in_a_start_has_run_all_the_same():
    flash = Flash()
    history = History(pump(flash))
    history.save()
    kept_ms = history.now_ms()
    other = pump(flash)
    other.now_ms += 7_000_000  # another program ran meanwhile
    assert History(other).now_ms() == kept_ms + other.now_ms


def test_lines_of_others_stay_and_empty_ones_go():
    flash = Flash()
    history = History(pump(flash))
    history.put("a", [1])
    history.put("b", [2])
    history.put("a", None)
    history.put("nobody", [])
    assert history.save()
    assert History(pump(flash)).names() == ["b"]


def test_it_is_written_every_ten_minutes_while_somebody_waits_on_it_and_not_longer():
    flash = Flash()
    one = pump(flash)
    history = History(one)
    history.matters(history.now_ms() + 3 * EVERY_MS)
    before = flash.saves
    for _ in range(100):
        one.now_ms += 60000
        history.look(one.now_ms)
    assert flash.saves - before == 3


@pytest.mark.parametrize("late", [False, True])
def test_a_power_cut_at_a_record_gives_it_or_the_one_before(late):
    flash = Flash()
    history = History(pump(flash))
    history.put("x", [1])
    history.save()
    history.put("x", [2])
    flash.dies_at, flash.late = flash.saves + 1, late
    with pytest.raises(PowerFailed):
        history.save()
    flash.dies_at = 0
    assert History(pump(flash)).line("x") == ([2] if late else [1])


DAMAGE = [b"", b"*", b"nonsense", b"t 1*00000000", b"t x*d7b2d3b1", bytes(range(256))]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_record_is_told_and_anything_may_have_been(damage):
    flash = Flash()
    flash.records[HISTORY] = damage
    rig = Rig(TestBoard(flash=flash))
    history = History(rig.controller)
    rig.run(1100)
    assert rig.seen("note", "history_lost")
    assert history.names() == []
    assert history.lost_for_ms(LOCKOUT_MS) == pytest.approx(LOCKOUT_MS - history.now_ms(), abs=200)
    history.save()
    again = History(pump(flash))  # it is known after another start too
    assert 0 < again.lost_for_ms(LOCKOUT_MS) <= LOCKOUT_MS
    assert again.lost_for_ms(1) == 0


def test_every_damaged_byte_is_noticed():
    flash = Flash()
    history = History(pump(flash))
    history.put("x", [12345])
    history.save()
    good = flash.records[HISTORY]
    for i in range(len(good)):
        flash.records[HISTORY] = good[:i] + bytes([good[i] ^ 1]) + good[i + 1 :]
        assert History(pump(flash)).lost_ms == 0


def test_the_room_of_a_line_is_what_fits_beside_the_others():
    flash = Flash()
    history = History(pump(flash))
    history.put("other", [1] * 50)
    room = history.room("mine")
    text = "7" * room
    history.put("mine", [int(text)])
    assert history.room("mine") == room
    history.put("demand", [9_999_999_999_999, 99999, 99999, 99999])
    history.put("insulin", [9_999_999_999_999, 0xFFFFFFFF, 65535, 10**7, 7_200_000, -(10**11), -(10**9), -(10**9)])
    history.save()
    assert MOST_BYTES[HISTORY] - 15 < len(flash.records[HISTORY]) <= MOST_BYTES[HISTORY]


def test_a_record_that_cannot_be_written_stops_the_pump():
    class Full(Flash):
        full = False

        def save(self, what, data):
            if self.full and what == HISTORY:
                raise OSError(28)
            super().save(what, data)

    flash = Full()
    rig = Rig(TestBoard(flash=flash))
    rig.start(order(pause(3600000), options=[drug(), demand()]))
    rig.run(3000)
    flash.full = True
    steps = rig.board.steps()
    assert rig.refusal("demand", "0000000f") == "not_now"
    rig.run(3000)
    assert rig.alarms == ["system_fault"]
    assert rig.board.steps() == steps
    assert rig.outcome("0000000f") == "unknown"


def test_a_pump_without_such_programs_has_no_history():
    rig = Rig()
    rig.start(order(rate(60, 0.2)))
    rig.run_until("complete")
    assert HISTORY not in rig.board.flash.records
    assert rig.controller.requests.history is None
    assert rig.controller.requests.companions == []
