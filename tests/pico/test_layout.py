"""The sectors are enough: for an infusion without an erase, for the log, and for years."""

import re
from pathlib import Path

import pytest

from picoinfuse_firmware.config import Config
from picoinfuse_firmware.pico.layout import AREAS, HEADER, LOG, LOG_KEPT, PAGE, SECTOR, sectors_of

HARDWARE = Path(__file__).parents[2] / "docs" / "hardware.md"
ERASES = 100000  # that a sector stands; engineer's memory of the data sheets of such flash
BY_NAME = {area.name: area for area in AREAS}
A_SYRINGE = {"state": 20, "reserve": 300, "log": 200, "history": 60}  # records, as the layout is made for
SYRINGES_A_DAY = 10  # a laboratory that never stops


def records_ahead(area):
    """How many records fit without an erase while the motor runs, whatever was written before."""
    return area.ahead * area.slots


def days(area, records_a_day):
    """How many days the ring lasts at so many records a day."""
    return ERASES * area.sectors * area.slots // records_a_day


def test_every_area_has_its_own_sectors():
    taken = [i for area in AREAS for i in range(area.first, area.first + area.sectors)]
    assert taken == list(range(sectors_of(AREAS)))


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.name)
def test_slots_fill_a_sector_behind_its_header_and_hold_what_was_promised(area):
    assert area.start >= HEADER
    assert area.start + area.slots * area.slot == SECTOR
    digits = 2 if area.payload < 256 else 3
    assert 8 + digits + 1 + area.payload + 1 <= area.slot
    if area.slot <= PAGE:
        assert PAGE % area.slot == 0
        assert area.start % area.slot == 0  # so none lies in two pages


def test_the_payloads_are_those_of_the_board():
    assert {area.name: area.payload for area in AREAS} == {
        "state": 512,
        "program": 4000,
        "reserve": 112,
        "log": 52,
        "history": 512,
    }


def test_a_syringe_needs_no_erase():
    for name, records in A_SYRINGE.items():
        if name == "history":
            continue  # a patient's boluses go on for days, and the motor stands between them
        assert records_ahead(BY_NAME[name]) >= records
    assert records_ahead(BY_NAME["program"]) >= 1


def test_three_hundred_records_are_enough_for_the_longest_stroke():
    config = Config()
    quarters = 4 * config.travel_um // config.pitch_um
    assert quarters + 10 <= A_SYRINGE["reserve"]


def test_the_log_keeps_its_entries_also_just_after_an_erase():
    log = BY_NAME[LOG]
    full = log.sectors - log.ahead - 1  # one is being filled and may have nothing in it yet
    assert full * log.slots >= LOG_KEPT


def test_a_ring_can_spare_the_sector_with_the_newest_good_record():
    for area in AREAS:
        assert area.ahead <= area.sectors - 2 or (area.slots, area.sectors) == (1, 2)


def test_the_years_in_the_document_are_those_of_the_layout():
    """docs/hardware.md: a day of ten full syringes, each area by itself."""
    text = HARDWARE.read_text("utf-8")
    for area in AREAS:
        a_day = SYRINGES_A_DAY * A_SYRINGE.get(area.name, 1)
        row = f"| {area.name} | {area.sectors} | {a_day} | {a_day / area.slots:.1f} | {days(area, a_day) // 365} |"
        assert row in text, row
    assert f"{ERASES:,} erases" in text
    assert re.search(rf"\b{sectors_of(AREAS)} files\b", text)


def test_it_lasts_longer_than_the_pump():
    for area in AREAS:
        assert days(area, SYRINGES_A_DAY * A_SYRINGE.get(area.name, 1)) > 20 * 365
