"""The cable is pulled for days: what the pump logged meanwhile is fetched later, once, whole, and gets its dates."""

from collections import deque

import pytest

from picoinfuse import Program
from picoinfuse.archive import DAMAGED, OVERWRITTEN, Archive, Gap
from picoinfuse.contact import PIECE, ROUNDS, gather, journal_of, meet
from picoinfuse.dates import Dates
from picoinfuse.errors import BadInput, ContactLost
from picoinfuse_sim import Bench

BEGAN_S = 1_700_000_000.0
DOSE = Program.continuous("40 mL/h", "40 mL")


class Wall:
    """A computer's clock: it goes with the bench's time, also while the pump has no power; `wrong_s` off."""

    def __init__(self, bench, wrong_s=0.0):
        self.bench, self.wrong_s = bench, wrong_s

    def __call__(self):
        return BEGAN_S + self.wrong_s + self.bench.now_ms / 1000


def archive_of(bench, tmp_path, name="home"):
    return Archive(tmp_path / f"{name}.sqlite", journal_of(bench.pump))


def written(bench, many, boot=1):
    """Let the pump have logged so many more entries."""
    for _ in range(many):
        n = bench.board.flash.last_entry + 1
        bench.board.log(b"%d %d M audio %d" % (boot, 1000 * n, n))


def numbers(archive):
    return [entry.n for entry in archive.entries()]


def test_days_without_a_cable_are_fetched_later_without_a_gap_or_a_double(tmp_path):
    bench = Bench(seed=1)
    wall = Wall(bench)
    with archive_of(bench, tmp_path) as archive:
        gather(bench.pump, archive, wall)
        bench.pump.start(DOSE)
        bench.host_unplugged()
        bench.advance("20 min")
        bench.power_cut(600.0)
        bench.advance("2 h")
        bench.power_cut(30.0)
        bench.advance("20 h")
        bench.host_unplugged(False)
        fetched = gather(bench.pump, archive, wall)
        assert fetched > 0
        entries = archive.entries()
        assert numbers(archive) == list(range(1, bench.board.flash.last_entry + 1))
        assert archive.gaps() == []
        assert gather(bench.pump, archive, wall) == 0
        assert archive.entries() == entries
        dates = Dates(entries, archive.contacts())
    # What the pump cannot know, the true times of its starts, is within what is told.
    boots = [entry for entry in entries if entry.kind == "boot"]
    true_s = [0.0, *(offset / 1000 for offset in boots_of(bench))]
    assert len(boots) == len(true_s) == 3
    for boot, at_s in zip(boots, true_s, strict=True):
        when = dates.of(boot)
        assert when.earliest_ms - 200 <= (BEGAN_S + at_s) * 1000 <= when.latest_ms + 200
    assert [dates.of(boot).known for boot in boots] == [True, False, True]
    assert dates.of(boots[1]).width_ms > 600_000  # nobody was there: so long may it have been off


def boots_of(bench):
    """Bench times in ms of the starts after the first one: a cut at 20 min for 600 s, one 2 h later for 30 s."""
    last = bench.now_ms - bench.board.now_ms + bench.board.boot_ms
    return [last - 7_200_000 - 30_000 + 600_000, last]


def test_more_than_the_pump_keeps_is_a_gap_and_told_as_one(tmp_path):
    bench = Bench(seed=1)
    bench.advance("5 s")
    with archive_of(bench, tmp_path) as archive:
        gather(bench.pump, archive, Wall(bench))
        before = bench.board.flash.last_entry
        written(bench, 3400)
        last = bench.board.flash.last_entry
        bench.board.flash.log[7] = b"torn"
        torn = last - 3000 + 8
        told = []
        gather(bench.pump, archive, Wall(bench), lambda done, of: told.append((done, of)))
        assert told[-1] == (3000, 3000)
        assert numbers(archive) == [*range(1, before + 1), *(n for n in range(last - 2999, last + 1) if n != torn)]
        assert archive.gaps() == [Gap(before + 1, last - 3000, OVERWRITTEN), Gap(torn, torn, DAMAGED)]
        written(bench, 500)
        assert gather(bench.pump, archive, Wall(bench)) == 500
        assert archive.gaps()[0] == Gap(before + 1, last - 3000, OVERWRITTEN)


def test_two_computers_that_fetch_in_turn_have_the_whole_between_them(tmp_path):
    bench = Bench(seed=1)
    bench.board.flash.log = deque(maxlen=300)  # a small log, that it wraps sooner
    bench.advance("5 s")
    with archive_of(bench, tmp_path, "home") as home, archive_of(bench, tmp_path, "clinic") as clinic:
        gather(bench.pump, home, Wall(bench))
        written(bench, 250)
        gather(bench.pump, clinic, Wall(bench, 40.0))
        written(bench, 250)
        gather(bench.pump, home, Wall(bench))
        assert home.gaps()
        home.merge(clinic)
        clinic.merge(home)
        assert home.gaps() == clinic.gaps() == []
        assert home.entries() == clinic.entries()
        assert len(numbers(home)) == bench.board.flash.last_entry


def test_a_cable_that_is_pulled_in_the_middle_costs_nothing_but_the_rest(tmp_path, monkeypatch):
    bench = Bench(seed=1)
    bench.advance("5 s")
    written(bench, 400)
    last = bench.board.flash.last_entry
    with archive_of(bench, tmp_path) as archive:

        def pull(done, of):
            if done == 3 * PIECE:
                bench.host_unplugged()

        with pytest.raises(ContactLost):
            gather(bench.pump, archive, Wall(bench), pull)
        assert numbers(archive) == list(range(1, 3 * PIECE + 1))
        bench.host_unplugged(False)
        assert gather(bench.pump, archive, Wall(bench)) == last - 3 * PIECE
        assert numbers(archive) == list(range(1, last + 1))


def test_the_power_fails_while_the_log_is_fetched_and_what_is_new_is_fetched_too(tmp_path):
    bench = Bench(seed=1)
    bench.advance("5 s")
    written(bench, 200)
    cut = []

    def fail(done, of):
        if not cut:
            cut.append(done)
            bench.power_cut(0.5)
            bench.advance("3 s")

    with archive_of(bench, tmp_path) as archive:
        gather(bench.pump, archive, Wall(bench), fail)
        assert numbers(archive) == list(range(1, bench.board.flash.last_entry + 1))
        assert [entry.boot for entry in archive.entries() if entry.kind == "boot"] == [1, 2]


def test_a_pump_that_logs_all_the_time_is_not_waited_for_for_ever(tmp_path):
    bench = Bench(seed=1)
    bench.advance("5 s")
    written(bench, 100)
    with archive_of(bench, tmp_path) as archive:
        done = gather(bench.pump, archive, Wall(bench), lambda done, of: written(bench, 30 if done == of else 0))
        assert 100 + 30 * (ROUNDS - 2) < done < 110 + 30 * ROUNDS
        assert numbers(archive) == list(range(1, done + 1))


def test_another_pump_with_the_same_name_is_noticed_and_nothing_is_mixed(tmp_path):
    one, other = Bench(seed=1), Bench(seed=1)
    one.advance("5 s")
    other.advance("5 s")
    written(one, 10)
    written(other, 10, boot=3)
    with archive_of(one, tmp_path) as archive:
        gather(one.pump, archive, Wall(one))
        before = archive.entries()
        written(other, 20, boot=3)
        strange = other.pump.log()
        with pytest.raises(BadInput, match="is another one here"):
            archive.add(strange)
        assert archive.entries() == before


def test_a_journal_that_was_made_anew_has_another_archive(tmp_path):
    assert journal_of(Bench(seed=1).pump) != journal_of(Bench(seed=2).pump)
    assert journal_of(Bench(seed=1).pump) == journal_of(Bench(seed=1).pump)


def test_a_pump_without_a_log_is_told(monkeypatch):
    bench = Bench(seed=1)
    monkeypatch.setattr(bench.board, "journal_id", lambda: "-")
    with pytest.raises(BadInput, match="keeps no log"):
        journal_of(bench.pump)


def test_a_contact_tells_the_battery_and_the_mains():
    bench = Bench(seed=1)
    bench.advance("5 s")
    assert (meet(bench.pump).battery_mv, meet(bench.pump).fed) == (8400, 1)
    bench.mains(False)
    bench.advance("1 h")
    contact = meet(bench.pump)
    assert contact.fed == 0
    assert 7000 < contact.battery_mv < 8400
    bare = Bench(seed=1, absent=["battery", "mains_sense"])
    bare.advance("5 s")
    assert (meet(bare.pump).battery_mv, meet(bare.pump).fed) == (0, -1)
