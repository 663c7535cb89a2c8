"""Installation: the journal is made whole, or made again; what holds records is not removed unasked."""

import pytest

from journals import SMALL, Journal
from nor import Nor, NorFiles, PowerFailed
from picoinfuse_firmware.pico.journal_map import MAP
from picoinfuse_firmware.pico.make_journal import KEPT, MADE, make
from picoinfuse_firmware.pico.sectors import Sectors


def test_it_is_made_once_and_then_kept():
    nor = Nor(30)
    files = NorFiles(nor)
    assert make(nor, files, SMALL) == MADE
    programs = nor.programs
    assert make(nor, files, SMALL) == KEPT
    assert nor.programs == programs
    assert len(files.names()) == 15 + 1


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
    assert len(journal.files.names()) == 15
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
