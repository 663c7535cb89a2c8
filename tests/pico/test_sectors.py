"""Whose a sector is: noticed before anything is written raw, whatever somebody did to the files while it was off."""

import pytest

from journals import SMALL, Journal, whole
from picoinfuse_firmware.pico.journal_map import MAP
from picoinfuse_firmware.pico.make_journal import NewFiles
from picoinfuse_firmware.pico.sectors import SECTOR, Sectors, header


def used(**options):
    """Return a journal with something in every area."""
    journal = Journal(**options)
    for what in ("state", "program", "reserve"):
        journal.store.save(what, what.encode())
    journal.store.log(b"entry")
    return journal


def problem_without_writing(journal):
    """Return the problem that the next start finds, which must not have touched the flash."""
    before, files = bytes(journal.nor.data), dict(journal.files.blocks)
    operations = journal.nor.operations
    problem = journal.boot().problem
    assert journal.nor.operations == operations
    assert (before, files) == (bytes(journal.nor.data), journal.files.blocks)
    return problem


def test_a_sound_journal_has_no_problem():
    assert used().boot().problem == ""


def test_without_a_map_or_with_half_a_map_it_is_missing():
    for change in (
        lambda files: files.remove(MAP),
        lambda files: files.write(MAP, files.open(MAP).read()[:-9], 0),
        lambda files: files.write(MAP, b"", 0),
        lambda files: files.write(MAP, b"\xff" + files.open(MAP).read()[1:], 0),
        lambda files: files.write(MAP, files.open(MAP).read().replace(b" 1 ", b" 2 "), 0),
    ):
        journal = used()
        change(journal.files)
        assert problem_without_writing(journal) == "journal_missing"


def test_a_missing_a_shorter_and_another_file_are_noticed():
    for name in ("00", "07", "14"):
        journal = used()
        journal.files.remove(name)
        assert problem_without_writing(journal) == "journal_moved"
        journal = used()
        journal.files.blocks[name] = (journal.files.blocks[name][0], 4095)
        assert problem_without_writing(journal) == "journal_moved"
        journal = used()
        other = "01" if name != "01" else "02"
        journal.files.blocks[name] = journal.files.blocks[other]
        assert problem_without_writing(journal) == "journal_moved"


def test_sectors_that_another_file_took_are_noticed():
    journal = used()
    for name in list(journal.files.names()):
        if name != MAP:
            journal.files.remove(name)
    for i in range(20):
        journal.files.write(f"photo{i}", b"a picture of somebody" * 100, SECTOR)
    assert problem_without_writing(journal) == "journal_moved"


def test_a_map_of_a_larger_flash_is_not_believed():
    journal = used()
    journal.nor.erased = journal.nor.erased[:3]
    assert problem_without_writing(journal) == "journal_moved"


def test_files_that_were_put_back_from_a_copy_are_noticed_although_they_read_the_same():
    """The old sectors still hold the same bytes, but are nobody's: the bit that is programmed does not show."""
    for area in SMALL:
        journal = used()
        journal.files.move(f"{area.first:02d}")  # the sector that is being filled
        if area.name == "history":  # its ring is not looked at before somebody asks for it
            assert journal.boot().load("history") is None
        else:
            journal.boot()
        assert journal.store.problem == "journal_moved"
        with pytest.raises(OSError, match="journal_moved"):
            journal.store.save("state", b"new")
        assert journal.store.load("state") is None
        assert not journal.store.prepare()


def test_an_old_sector_that_was_put_back_is_noticed_before_it_is_erased():
    journal = used()
    log = next(area for area in SMALL if area.name == "log")
    while journal.store.log_range()[1] < log.slots * 4:
        journal.store.log(b"x")
    journal.boot()
    journal.files.move(f"{log.first:02d}")
    journal.boot()
    assert journal.store.problem == ""  # nobody wrote there yet, and what it reads is right
    old = journal.nor.erased.copy()
    while journal.store.prepare():
        pass
    assert journal.store.problem == "journal_moved"
    assert journal.nor.erased == old


def test_a_clean_sector_that_was_put_back_is_noticed_at_its_first_record():
    journal = used()
    reserve = SMALL[2]
    journal.files.move(f"{reserve.first + 1:02d}")
    journal.boot()
    for _ in range(reserve.slots - 1):
        journal.store.save("reserve", b"x")
    with pytest.raises(OSError, match="reserve"):
        journal.store.save("reserve", b"y")
    assert journal.store.problem == "journal_moved"


def test_proving_uses_one_bit_a_start_and_goes_on_when_there_are_none_left():
    journal = used()
    for _ in range(250):
        assert journal.boot().problem == ""
    for what in ("state", "program", "reserve"):
        assert journal.store.load(what) == what.encode()
        journal.store.save(what, b"new")
        assert journal.store.load(what) == b"new"
    assert journal.boot().problem == ""


def test_a_start_reads_each_file_once_and_finds_the_newest_records_by_few_reads():
    journal = whole()
    for i in range(4000):
        journal.store.log(b"entry %d" % i)
    journal.nor.reads = journal.nor.bytes_read = journal.files.opened = 0
    sectors = Sectors(journal.nor, journal.files)
    compared = journal.nor.reads
    assert compared == 81 * 16
    assert journal.nor.bytes_read == 81 * SECTOR
    journal.boot()
    assert journal.nor.reads - 2 * compared < 180
    assert sectors.problem == ""


def test_the_header_is_a_line_of_text():
    assert header("0123abcd", "L", 17) == b"PicoInfuse 0123abcd L 00000017 " + header("0123abcd", "L", 17)[-9:]
    assert len(header("0123abcd", "L", 99999999)) == 40


def test_the_files_of_the_real_file_system(tmp_path):
    files = NewFiles(str(tmp_path / "journal"))
    assert files.names() == []
    assert files.size("00") == -1
    files.write("00", b"begin", SECTOR)
    files.write("map", b"text", 0)
    assert (files.size("00"), files.size("map")) == (SECTOR, 4)
    with files.open("00") as file:
        assert file.read() == b"begin" + b"\xff" * (SECTOR - 5)
    files.remove("00")
    assert files.names() == ["map"]
