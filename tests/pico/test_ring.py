"""The records of one area: torn ones are skipped, numbers are not used again, no programmed bit is programmed over."""

import pytest

from journals import SMALL, Journal
from nor import PowerFailed
from picoinfuse_firmware.pico.ring import Ring

RESERVE = SMALL[2]
PROGRAM = SMALL[1]


def ring_of(journal, area=RESERVE):
    return Ring(journal.sectors, area)


def raw(journal, area, number):
    """Return the bytes of a slot."""
    index = area.first + (number - 1) // area.slots % area.sectors
    line = bytearray(area.slot)
    journal.sectors.read(index, area.start + (number - 1) % area.slots * area.slot, line)
    return bytes(line)


def torn(journal, ring, data, seed=0):
    """Append under a power cut, and start again; returns the ring."""
    journal.nor.cut_at = journal.nor.operations + 1
    with pytest.raises(PowerFailed):
        ring.append(data)
    journal.boot()
    return ring_of(journal, ring.area)


def test_a_record_is_a_line_of_text():
    journal = Journal()
    number = ring_of(journal).append(b"12 mL and a half")
    line = raw(journal, RESERVE, number)
    assert line[8:] == b"10 12 mL and a half" + b" " * (128 - 8 - 19 - 1) + b"\n"


def test_numbers_go_on_over_sectors_and_starts():
    journal = Journal()
    numbers = []
    for _ in range(5):
        ring = ring_of(journal)
        numbers += [ring.append(b"x") for _ in range(40)]
        journal.boot()
    assert numbers == list(range(1, 201))
    assert ring_of(journal).newest == 200


def test_any_bytes_of_any_length_come_back():
    journal = Journal()
    ring = ring_of(journal)
    for data in (b"", b" ", b"\xff" * 112, b"\x00" * 112, b"a\n", bytes(range(112))):
        ring.append(data)
        assert ring.load() == data
        assert ring_of(journal).load() == data


def test_one_byte_too_many_is_refused_and_nothing_is_written():
    journal = Journal()
    ring = ring_of(journal)
    operations = journal.nor.operations
    with pytest.raises(ValueError, match="113 bytes for reserve: at most 112"):
        ring.append(b"x" * 113)
    assert journal.nor.operations == operations


def test_torn_records_are_skipped_and_the_next_does_not_program_over_them():
    for seed in range(40):
        journal = Journal(seed=seed)
        ring = ring_of(journal)
        for i in range(70):
            ring.append(b"good %d" % i)
            before = ring.newest
            ring = torn(journal, ring, b"torn %d" % i)
            # Nor asserts that no bit is asked from 0 to 1.
            assert ring.load() in (b"good %d" % i, b"torn %d" % i)
            assert ring.newest in (before, before + 1)


def test_two_programs_torn_in_a_row_leave_the_one_before():
    for seed in range(20):
        journal = Journal(seed=seed)
        ring = ring_of(journal, PROGRAM)
        ring.append(b"the good one" * 300)
        for i in range(5):
            while ring.prepare():
                pass
            ring = torn(journal, ring, b"torn" * 900)
            assert ring.load() == b"the good one" * 300, f"after {i + 1} cuts"
        ring.append(b"new")
        assert ring_of(journal, PROGRAM).load() == b"new"


def test_a_record_that_rotted_gives_way_to_the_one_before():
    journal = Journal()
    ring = ring_of(journal)
    ring.append(b"before")
    number = ring.append(b"newest")
    index = journal.files.blocks[f"{RESERVE.first:02d}"][0]
    journal.nor.data[index * 4096 + RESERVE.start + (number - 1) * 128 + 12] &= 0
    assert ring.load() == b"before"
    assert ring_of(journal).load() == b"before"
    assert ring.append(b"next") == number + 1


def test_a_worn_sector_is_passed_over():
    journal = Journal()
    ring = ring_of(journal)
    journal.nor.worn = {journal.files.blocks[f"{RESERVE.first + 1:02d}"][0]}
    kept = []
    for i in range(400):
        kept.append(ring.append(b"%d" % i))
        assert ring.load() == b"%d" % i
    assert kept == sorted(set(kept))
    assert ring_of(journal).load() == b"399"


def test_flash_that_does_not_obey_at_all_is_an_error():
    journal = Journal()
    ring = ring_of(journal)
    ring.append(b"good")
    journal.nor.worn = set(range(100))
    for _ in range(3):
        with pytest.raises(OSError, match="did not keep a record of reserve"):
            ring.append(b"new")
    assert ring.load() == b"good"


def test_no_header_at_all_starts_in_a_fresh_sector():
    journal = Journal()
    for i in range(RESERVE.sectors):
        block = journal.files.blocks[f"{RESERVE.first + i:02d}"][0]
        journal.nor.data[block * 4096 + 3] = 0
    ring = ring_of(journal)
    assert ring.load() is None
    ring.append(b"x")
    assert ring_of(journal).load() == b"x"


def test_preparing_ends_and_keeps_the_newest():
    journal = Journal()
    ring = ring_of(journal)
    for i in range(RESERVE.slots * 9 + 3):
        ring.append(b"%d" % i)
        if i % 40 == 0:
            erased = 0
            while ring.prepare():
                erased += 1
            assert erased <= RESERVE.ahead
            assert ring.load() == b"%d" % i
    assert journal.nor.erases >= 2 * RESERVE.sectors
