"""Dates of entries: exact within a start that somebody met, between what is known around it in one that nobody did."""

import pytest

from picoinfuse import Entry
from picoinfuse.archive import Contact
from picoinfuse.dates import Dates, When, iso

DAY = 1_700_000_000_000  # some moment, in ms since 1970
MIN = 60_000


def log(*starts):
    """Entries from (boot, time, time, ...) of each start; the first of each is its power-on."""
    entries = []
    for boot, *times in starts:
        for number, at_ms in enumerate(times):
            entries.append(Entry(len(entries) + 1, boot, at_ms, "note" if number else "boot", "x", boot))
    return entries


def contact(boot, at_ms, wall_ms, newest):
    return Contact(boot, at_ms, wall_ms, 100, 1, newest)


def test_one_contact_dates_every_entry_of_its_start_to_within_its_doubt():
    entries = log((7, 0, 10 * MIN, 20 * MIN))
    dates = Dates(entries, [contact(7, 15 * MIN, DAY, 2)])
    for it, expected in zip(entries, (-15, -5, 5), strict=True):
        when = dates.of(it)
        assert when.known
        assert abs(when.middle_ms - (DAY + expected * MIN)) <= 1
        assert when.width_ms <= 2 * (100 + 15 * MIN * 50 // 10**6 + 1)


def test_between_two_contacts_the_drift_of_the_clock_is_shared_out():
    hours = 100 * 60 * MIN
    dates = Dates(log((1, 0, hours // 2)), [contact(1, 0, DAY, 1), contact(1, hours, DAY + hours + 9000, 2)])
    assert dates.at(0, hours // 2).middle_ms == DAY + hours // 2 + 4500
    assert dates.problems() == []


def test_a_start_that_nobody_met_lies_between_its_neighbours_with_their_lengths():
    entries = log((1, 0, 10 * MIN), (2, 0, 4 * MIN, 30 * MIN), (3, 0, 5 * MIN))
    dates = Dates(entries, [contact(1, 12 * MIN, DAY, 2), contact(3, 60 * MIN, DAY + 200 * MIN, 7)])
    doubt = 100 + 60 * MIN * 50 // 10**6 + 1
    begin, middle, end = (dates.of(it) for it in entries[2:5])
    # Not before the first start was met last, and not after the third one began, 140 minutes later, less its own 30.
    assert begin.earliest_ms == DAY - 101
    assert begin.latest_ms == DAY + 110 * MIN + doubt
    assert middle.earliest_ms == begin.earliest_ms + 4 * MIN
    assert end.latest_ms == begin.latest_ms + 30 * MIN
    assert not begin.known
    assert begin.words().startswith("between ")


def test_two_starts_in_a_row_without_a_contact_keep_their_order_and_lengths():
    entries = log((1, 0), (2, 0, 40 * MIN), (3, 0, 20 * MIN), (4, 0))
    dates = Dates(entries, [contact(1, 0, DAY, 1), contact(4, 0, DAY + 90 * MIN, 6)])
    first, second = dates.at(1, 0), dates.at(2, 0)
    assert first.latest_ms == pytest.approx(DAY + 30 * MIN, abs=200)  # 20 and 40 minutes had to fit behind it
    assert second.earliest_ms == pytest.approx(DAY + 40 * MIN, abs=200)
    assert second.latest_ms == pytest.approx(DAY + 70 * MIN, abs=200)


def test_what_is_not_bounded_on_a_side_is_told_so():
    entries = log((1, 0), (2, 0, MIN))
    dates = Dates(entries, [contact(2, 2 * MIN, DAY, 3)])
    assert dates.of(entries[0]).earliest_ms is None
    assert dates.of(entries[0]).words().startswith("before ")
    late = Dates(log((1, 0), (2, 0)), [contact(1, 0, DAY, 1)])
    assert late.at(1, 0).words().startswith("after ")
    assert Dates(entries, []).of(entries[0]).words() == "-"
    assert When().middle_ms is None


def test_a_contact_with_a_start_of_which_no_entry_is_left_still_bounds_the_others():
    entries = [it for it in log((1, 0, MIN), (2, 0, MIN), (3, 0, MIN)) if it.boot != 2]
    dates = Dates(entries, [contact(2, 30_000, DAY, 3), contact(2, 40_000, DAY + 10_000, 4)])
    assert dates.of(entries[1]).latest_ms == DAY + 100
    assert dates.of(entries[2]).earliest_ms == DAY + 10_000 - 100


def test_a_contact_in_a_start_whose_first_entries_are_gone_belongs_to_it():
    entries = [*log((1, 0, MIN)), Entry(9, 2, 50 * MIN, "note", "x", 0)]
    dates = Dates(entries, [contact(2, 10 * MIN, DAY, 5)])
    assert dates.of(entries[-1]).middle_ms == DAY + 40 * MIN


def test_a_damaged_state_lets_the_starts_count_anew_and_the_dates_hold():
    entries = log((5, 0, MIN), (1, 0, MIN), (2, 0, MIN))
    dates = Dates(entries, [contact(1, 30_000, DAY, 4)])
    assert [start.boot for start in dates.starts] == [5, 1, 2]
    assert dates.of(entries[3]).middle_ms == DAY + 30_000
    again = log((1, 0, 90 * MIN), (1, 0, MIN))
    assert len(Dates(again, []).starts) == 2
    lost = [Entry(1, 1, 90 * MIN, "note", "x", 0), Entry(3, 1, MIN, "note", "x", 0)]  # its power-on is damaged
    assert len(Dates(lost, []).starts) == 2


def test_a_computer_whose_clock_was_set_between_is_named_and_the_later_time_counts():
    dates = Dates(log((1, 0, 60 * MIN)), [contact(1, 0, DAY, 1), contact(1, 60 * MIN, DAY + 120 * MIN, 2)])
    (said,) = dates.problems()
    assert "3600 s more than the pump's" in said
    assert dates.at(0, 0).middle_ms == DAY + 60 * MIN
    back = Dates(log((1, 0), (2, 0), (3, 0)), [contact(1, 0, DAY, 1), contact(3, 0, DAY - 60 * MIN, 3)])
    (said,) = back.problems()
    assert "contradict each other about start 2" in said


def test_whoever_logs_in_says_the_time():
    entries = log((1, 0, MIN), (2, 1000), (3, 0))
    entries += [Entry(5, 3, 10, "by", "anna.login", 0), Entry(6, 3, 20, "denied", "anna.code", DAY // 1000)]
    entries.insert(3, Entry(4, 2, 61_000, "by", "anna.login", DAY // 1000))
    entries = [entry._replace(n=n) for n, entry in enumerate(entries, 1)]
    dates = Dates(entries, [])
    whens = [dates.of(entry) for entry in entries]
    assert [when.known for when in whens] == [False, False, True, True, False, False, False]
    assert abs(whens[2].middle_ms - (DAY - 60_000)) <= 500
    assert whens[1].words().startswith("before ")
    assert whens[4].words().startswith("after ")


def test_a_date_for_programs_is_in_utc():
    assert iso(0) == "1970-01-01T00:00:00.000+00:00"
    assert iso(None) is None
