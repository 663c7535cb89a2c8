"""The archive of a pump's log: pieces in any order, twice, from two computers, over power cuts; gaps shown as gaps."""

import itertools
import random
import sqlite3

import pytest

from picoinfuse import Entry
from picoinfuse.archive import DAMAGED, NOT_FETCHED, OVERWRITTEN, Archive, Contact, Gap
from picoinfuse.errors import BadInput

PUMP = "0badcafe"


def entry(n, boot=1):
    return Entry(n, boot, 1000 * n, "note", "x", n * n)


ALL = [entry(n) for n in range(1, 41)]


@pytest.fixture
def archive(tmp_path):
    with Archive(tmp_path / "a.sqlite", PUMP) as made:
        yield made


@pytest.fixture
def other(tmp_path):
    """The archive of another computer."""
    with Archive(tmp_path / "b.sqlite", PUMP) as made:
        yield made


def seen(newest, oldest=1, wall_ms=1_000_000):
    return Contact(1, 50_000, wall_ms, 1, oldest, newest)


@pytest.mark.parametrize("order", [*itertools.permutations([ALL[:15], ALL[10:30], ALL[25:], ALL[12:14]])])
def test_pieces_that_overlap_in_any_order_make_the_whole_log(archive, order):
    new = sum(archive.add(piece) for piece in order)
    assert new == len(ALL)
    assert archive.entries() == ALL
    archive.note(seen(40))
    assert archive.gaps() == []


def test_a_second_time_nothing_is_new(archive):
    assert archive.add(ALL) == 40
    assert archive.add(ALL) == 0
    assert archive.entries() == ALL


def test_what_two_computers_have_is_the_same_whoever_takes_it_over(archive, other, tmp_path):
    random.Random(1).shuffle(shuffled := list(ALL))
    archive.add(shuffled[:25])
    other.add(shuffled[15:], damaged=[50])
    archive.note(seen(30))
    other.note(seen(40, wall_ms=2_000_000))
    other.keep_program("5eed5eed", {"title": "water"})
    assert archive.merge(other) == 15
    assert archive.merge(other) == 0
    other.merge(archive)
    for its in (archive, other):
        assert its.entries() == ALL
        assert [contact.newest for contact in its.contacts()] == [30, 40]
        assert its.programs() == {"5eed5eed": {"title": "water"}}
        assert its.missing(1, 60) == [*range(41, 50), *range(51, 61)]


def test_another_pumps_log_is_not_mixed_in(archive, tmp_path):
    archive.add(ALL[:5])
    with Archive(tmp_path / "c.sqlite", "00000001") as strange:
        strange.add(ALL)
        with pytest.raises(BadInput, match="is the log of pump 00000001, not of 0badcafe"):
            archive.merge(strange)
    with pytest.raises(BadInput, match="is the log of pump 0badcafe, not of 00000001"):
        Archive(archive.path, "00000001")
    assert archive.entries() == ALL[:5]


def test_an_entry_that_is_another_one_is_refused_and_nothing_that_came_with_it_is_kept(archive, other):
    archive.add(ALL[:5])
    with pytest.raises(BadInput, match=r"entry 3 is another one here \(note x 9 in start 1, 3000 ms\) than there"):
        archive.add([entry(6), entry(3)._replace(value=10)], damaged=[9])
    assert archive.entries() == ALL[:5]
    other.add([entry(3)._replace(value=10), entry(7)])
    other.keep_program("5eed5eed", {})
    with pytest.raises(BadInput, match="not the same log"):
        archive.merge(other)
    assert archive.entries() == ALL[:5]
    assert archive.programs() == {}
    assert archive.missing(9, 9) == [9]


def test_gaps_are_told_with_their_reasons(archive):
    archive.add([*ALL[9:19], *ALL[22:30]], damaged=[20, 22])
    archive.note(seen(30, oldest=5))
    archive.note(seen(35, oldest=21, wall_ms=2_000_000))
    assert archive.gaps() == [
        Gap(1, 9, OVERWRITTEN),
        Gap(20, 20, DAMAGED),
        Gap(21, 21, NOT_FETCHED),
        Gap(22, 22, DAMAGED),
        Gap(31, 35, NOT_FETCHED),
    ]


def test_a_damaged_entry_that_another_computer_had_read_before_is_no_gap(archive, other):
    archive.add(ALL[:4], damaged=[5])
    other.add([entry(5)])
    archive.merge(other)
    archive.note(seen(5))
    assert archive.gaps() == []


def test_an_archive_without_anything_has_nothing(archive):
    assert (archive.entries(), archive.gaps(), archive.contacts(), archive.programs()) == ([], [], [], {})


def test_a_program_that_crashes_in_the_middle_leaves_what_was_there(archive):
    archive.add(ALL[:5])

    def torn():
        yield entry(6)
        raise RuntimeError("the plug is out")

    with pytest.raises(RuntimeError):
        archive.add(torn())
    with Archive(archive.path) as again:
        assert again.entries() == ALL[:5]
        assert again.journal == PUMP


def test_two_programs_at_once_do_not_hurt_each_other(archive):
    with Archive(archive.path, PUMP) as second:
        archive.add(ALL[:20])
        second.add(ALL[10:])
        assert archive.entries() == second.entries() == ALL


def test_a_file_that_is_no_archive_is_told_and_left_as_it_is(tmp_path):
    for name, data in (("text.sqlite", b"no database at all, but a text of some length" * 20), ("empty.sqlite", b"")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BadInput, match=name):
            Archive(tmp_path / name)
        assert (tmp_path / name).read_bytes() == data
    with pytest.raises(BadInput, match="there is no such archive"):
        Archive(tmp_path / "none.sqlite")
    with pytest.raises(BadInput, match="eight hex digits"):
        Archive(tmp_path / "none.sqlite", "../../etc")
    file = sqlite3.connect(tmp_path / "strange.sqlite")
    file.execute("CREATE TABLE dog (name)")
    file.close()
    with pytest.raises(BadInput, match="no archive of a pump"):
        Archive(tmp_path / "strange.sqlite")


def test_an_archive_of_another_format_is_refused(archive):
    archive._file.execute("UPDATE about SET value = '2' WHERE key = 'format'")
    archive._file.commit()
    with pytest.raises(BadInput, match="has format 2; this program reads 1"):
        Archive(archive.path)
