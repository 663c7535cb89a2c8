"""Installation: the journal is made whole, or made again; what holds records is not removed unasked."""

import pytest

from journals import SMALL, Journal
from nor import Nor, NorFiles, PowerFailed
from picoinfuse_firmware.pico.journal_map import MAP
from picoinfuse_firmware.pico.make_journal import KEPT, MADE, make
from picoinfuse_firmware.pico.sectors import Sectors
from picoinfuse_firmware.pico.store import Store


def test_it_is_made_once_and_then_kept():
    nor = Nor(30)
    files = NorFiles(nor)
    assert make(nor, files, SMALL) == MADE
    programs = nor.programs
    assert make(nor, files, SMALL) == KEPT
    assert nor.programs == programs
    assert len(files.names()) == 19 + 1


@pytest.mark.parametrize("seed", range(2))
def test_a_power_cut_anywhere_in_it_is_mended_by_doing_it_again(seed):
    trial = Nor(24)
    make(trial, NorFiles(trial), SMALL)
    for cut in range(1, trial.operations + 1):
        nor = Nor(24, seed * 1000 + cut)
        files = NorFiles(nor)
        nor.cut_at = cut
        with pytest.raises(PowerFailed):
            make(nor, files, SMALL)
        nor.on_again()
        assert Sectors(nor, files, SMALL).problem == "journal_missing"
        assert make(nor, files, SMALL) == MADE
        assert Sectors(nor, files, SMALL).problem == ""


def test_records_without_a_map_are_kept_until_one_says_otherwise():
    journal = Journal()
    journal.store.save("reserve", b"17 mL")
    journal.files.remove(MAP)
    with pytest.raises(RuntimeError, match="journal_damaged"):
        make(journal.nor, journal.files, SMALL)
    assert len(journal.files.names()) == 19
    assert make(journal.nor, journal.files, SMALL, anew=True) == MADE
    assert journal.boot().load("reserve") is None


def test_a_journal_that_moved_is_kept_until_one_says_otherwise():
    journal = Journal()
    journal.files.remove("03")
    with pytest.raises(RuntimeError, match="journal_moved"):
        make(journal.nor, journal.files, SMALL)
    assert make(journal.nor, journal.files, SMALL, anew=True) == MADE


def test_a_file_of_the_student_in_the_folder_stays():
    journal = Journal()
    journal.files.write("notes.txt", b"mine", 0)
    journal.files.remove(MAP)
    make(journal.nor, journal.files, SMALL)
    assert journal.files.open("notes.txt").read() == b"mine"


def test_a_full_flash_is_left_as_it_was():
    nor = Nor(10)
    files = NorFiles(nor)
    with pytest.raises(OSError, match="28"):
        make(nor, files, SMALL)
    assert files.names() == []


def test_a_journal_of_an_older_firmware_is_extended_and_keeps_its_records():
    nor = Nor(30)
    files = NorFiles(nor)
    make(nor, files, SMALL[:-1])
    Store(Sectors(nor, files, SMALL[:-1]), SMALL[:-1]).save("state", b"17 mL")
    assert Sectors(nor, files, SMALL).problem == "journal_moved"  # so this firmware would not infuse
    assert make(nor, files, SMALL) == KEPT
    store = Store(Sectors(nor, files, SMALL), SMALL)
    assert (store.problem, store.load("state"), store.load("history")) == ("", b"17 mL", None)
    store.save("history", b"a minute")
    assert Store(Sectors(nor, files, SMALL), SMALL).load("history") == b"a minute"


def test_a_power_cut_while_it_is_extended_loses_nothing_and_is_mended_by_doing_it_again():
    cut = 0
    while True:
        cut += 1
        nor = Nor(30, cut)
        files = NorFiles(nor)
        make(nor, files, SMALL[:-1])
        Store(Sectors(nor, files, SMALL[:-1]), SMALL[:-1]).save("state", b"17 mL")
        nor.cut_at = nor.operations + cut
        try:
            make(nor, files, SMALL)
        except PowerFailed:
            nor.on_again()
        else:
            assert cut > 4
            break
        assert make(nor, files, SMALL) == KEPT
        assert Store(Sectors(nor, files, SMALL), SMALL).load("state") == b"17 mL"


def test_a_journal_that_moved_is_not_taken_for_an_older_one():
    nor = Nor(30)
    files = NorFiles(nor)
    make(nor, files, SMALL[:-1])
    files.remove("03")
    with pytest.raises(RuntimeError, match="journal_moved"):
        make(nor, files, SMALL)
