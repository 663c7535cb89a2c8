"""The pump's log on the host: all of it or the newest, over starts of the pump, without what power cuts damaged."""

import csv

import pytest

from picoinfuse import Entry, Program, Refused
from picoinfuse.log import write_csv

DOSE = Program.continuous("120 mL/h", "1 mL")


def test_a_run_can_be_read_from_the_log(bench):
    bench.pump.start(DOSE)
    bench.pump.wait()
    entries = bench.pump.log()
    assert [entry.n for entry in entries] == list(range(1, len(entries) + 1))
    assert (entries[0].kind, entries[0].boot, entries[0].value) == ("boot", 1, 1)
    states = [entry.what for entry in entries if entry.kind == "state"]
    assert states[-2:] == ["infusing", "complete"]
    assert [(e.at_ms, e.kind, e.what, e.value) for e in bench.pump.events() if e.kind != "phase"] == [
        (e.at_ms, e.kind, e.what, e.value) for e in entries
    ]


def test_it_goes_on_over_a_power_cut(bench):
    bench.pump.start(DOSE)
    bench.advance("5 s")
    bench.power_cut(2.0)
    bench.advance("5 s")
    entries = bench.pump.log()
    assert [entry.n for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry.value for entry in entries if entry.kind == "boot"] == [1, 2]
    assert {entry.boot for entry in entries} == {1, 2}
    assert [entry.boot for entry in entries if entry.what == "power_lost"] == [2]


def test_only_the_newest(bench):
    bench.pump.start(DOSE)
    bench.pump.wait()
    assert bench.pump.log(3) == bench.pump.log()[-3:]


def test_progress_is_told_to_the_end(bench):
    bench.pump.status()
    bench.advance("5 s")
    told = []
    count = len(bench.pump.log(on_progress=lambda done, of: told.append((done, of))))
    assert told == [(i, count) for i in range(1, count + 1)]


def test_the_oldest_go_first_and_damaged_ones_are_left_out(bench):
    bench.advance("5 s")
    flash = bench.board.flash
    for i in range(3500):
        bench.board.log(b"1 %d M audio %d" % (i, i))
    flash.log[-5] = b"torn"
    with pytest.raises(Refused) as refused:
        bench.pump.log_entry(1)
    assert refused.value.reason == "entry_gone"
    assert (refused.value.value, refused.value.limit) == (flash.last_entry - 2999, flash.last_entry)
    assert [entry.value for entry in bench.pump.log(7)] == [3493, 3494, 3496, 3497, 3498, 3499]
    with pytest.raises(Refused, match=f"entry {flash.last_entry - 4} of the log was damaged"):
        bench.pump.log_entry(flash.last_entry - 4)


def test_a_pump_without_a_log_has_no_entries(bench, monkeypatch):
    monkeypatch.setattr(bench.board, "log_range", lambda: (0, 0))
    assert bench.pump.log() == []


def test_a_table_of_it(tmp_path):
    entries = [Entry(1, 1, 17, "boot", "pump", 1), Entry(2, 1, 99, "alarm", "occlusion", 412)]
    write_csv(tmp_path / "log.csv", entries)
    with (tmp_path / "log.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        list(Entry._fields),
        ["1", "1", "17", "boot", "pump", "1"],
        ["2", "1", "99", "alarm", "occlusion", "412"],
    ]
