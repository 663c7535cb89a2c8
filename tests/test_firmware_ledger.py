"""What was given of a drug: it comes back from the history, never as less, however little room there is."""

import random

import pytest

from picoinfuse_firmware import ledger as ledgers
from picoinfuse_firmware.ledger import LATE_MS, LEAST_ROOM, MAX_WINDOW_MS, MOST_BOLUSES, MOST_DRUGS, RUNS, Ledger

WINDOW_MS = 3600000


class Paper:
    """Stands in for a History: its clock is set, its room is what the test says."""

    def __init__(self, room=400):
        self.ms = 1_000_000
        self.kept = 0
        self.lines = {}
        self.space = room

    def now_ms(self):
        return self.ms

    def kept_ms(self):
        return self.kept

    def line(self, name):
        return self.lines.get(name)

    def names(self):
        return list(self.lines)

    def put(self, name, numbers):
        if numbers:
            self.lines[name] = numbers
        else:
            self.lines.pop(name, None)

    def room(self, name):
        return self.space

    def matters(self, until_ms):
        self.until_ms = until_ms


def of(paper):
    return Ledger(paper, "morphine.ng", 1, 1)


def held(book, window_ms=WINDOW_MS):
    return sum(row[2] for row in book.rows(0) if row[1] > -window_ms)


def test_amounts_and_rates_are_rounded_up():
    book = Ledger(Paper(), "x.ng", 1, 3)
    assert [book.amount_of(nl) for nl in (0, 1, 3, 4)] == [0, 1, 1, 2]
    assert book.rate_of(1, 3600000) == 1
    assert book.rate_of(300, 3600000) == 100
    assert Ledger(Paper(), "-", 1, 1).amount_of(17) == 17


def test_the_account_comes_back_after_a_power_cut_and_what_ran_then_ends_with_the_record():
    paper = Paper()
    book = of(paper)
    book.begins(100)
    paper.ms += 5000
    book.over(paper.ms)
    paper.ms += 60001
    book.begins(30)
    assert book.flows(7)
    book.put()
    paper.kept = paper.ms = paper.ms + 600000  # a record every ten minutes; then the power failed
    again = of(paper)
    assert again.boluses == [[1_005_000, 100], [paper.kept, 30]]
    assert (again.rate, again.rates) == (0, [[paper.kept, 7]])
    assert held(again) == 130
    assert again.fastest(WINDOW_MS) == 7
    paper.ms = paper.kept + WINDOW_MS + LATE_MS
    assert again.fastest(WINDOW_MS) == 0


def test_a_record_is_wanted_only_for_a_faster_flow_than_it_knows():
    paper = Paper()
    book = of(paper)
    assert not book.flows(0)
    assert book.flows(5)
    book.put()
    assert not book.flows(3)
    assert not book.flows(5)
    assert book.flows(6)
    assert of(paper).flows(1), "a ledger that is read anew trusts no record"


def test_of_basals_that_became_slower_the_fast_ones_are_remembered():
    paper = Paper()
    book = of(paper)
    for rate in (9, 5, 7, 2, 1, 0):
        book.flows(rate)
        paper.ms += 600000
    # 9 until 10 min, 5 within the window of 7, then 2 and 1; one of them was merged into a slower one.
    assert len(book.rates) <= 3
    assert book.fastest(WINDOW_MS + 600000) == 9
    assert book.fastest(WINDOW_MS - 10 * 60000 - LATE_MS - 1) >= 7
    book.put()
    assert of(paper).rates == book.rates


def test_what_is_older_than_a_day_is_forgotten():
    paper = Paper()
    book = of(paper)
    book.begins(5)
    book.over(paper.ms)
    book.flows(3)
    book.flows(0)
    book.put()
    assert paper.lines
    paper.ms += MAX_WINDOW_MS + LATE_MS
    book.put()
    assert paper.lines
    paper.ms += 1
    book.put()
    assert paper.lines == {}


@pytest.mark.parametrize("room", [LEAST_ROOM, 160, 250, 400])
def test_whatever_is_merged_no_window_holds_less_than_it_truly_did(room):
    draw = random.Random(room)
    paper = Paper(room)
    book = of(paper)
    truth = []  # (end, amount)
    flows = []  # (from, rate)
    for _ in range(300):
        paper.ms += draw.choice((7000, 61000, 600000, 1234567))
        amount = draw.randrange(1, 2_000_000)
        book.begins(amount)
        if draw.random() < 0.9:
            paper.ms += draw.randrange(60000)
            book.over(paper.ms)
            truth.append((paper.ms, amount))
        else:
            assert [RUNS, amount] in book.boluses
            book.taken_back(amount)
        book.flows(draw.randrange(1000))
        flows.append((paper.ms, book.rate))
        book.put()
        assert len(book.boluses) <= MOST_BOLUSES
        assert len(",".join(map(str, paper.lines[book.name]))) <= room
        for window_ms in (60000, WINDOW_MS, 4 * WINDOW_MS, MAX_WINDOW_MS):
            since_ms = paper.ms - window_ms
            for seen in (book, of(paper)):
                assert held(seen, window_ms) >= sum(amount for end, amount in truth if end > since_ms)
                untils = [at for at, _ in flows[1:]] + [paper.ms + 1]
                fast = max(rate for (_, rate), until in zip(flows, untils, strict=True) if until > since_ms)
                assert max(seen.fastest(window_ms), book.rate) >= fast


def test_other_drugs_are_kept_short_and_counted():
    paper = Paper()
    for i in range(MOST_DRUGS):
        book = Ledger(paper, f"drug{i}.ng", 1, 1)
        for _ in range(3):
            book.begins(10 ** (i + 3))
            paper.ms += 1000
            book.over(paper.ms)
        book.flows(5)
        book.flows(0)
        book.put()
    assert ledgers.others(paper, ledgers.name_of("new.ng")) == MOST_DRUGS
    assert ledgers.others(paper, ledgers.name_of("drug0.ng")) == MOST_DRUGS - 1
    for i in range(MOST_DRUGS):
        book = Ledger(paper, f"drug{i}.ng", 1, 1)
        assert [row[1] for row in book.boluses] == [3 * 10 ** (i + 3)]
        assert len(book.rates) == 1
    paper.ms += MAX_WINDOW_MS + LATE_MS + 1
    assert ledgers.others(paper, ledgers.name_of("new.ng")) == 0
    assert paper.lines == {}


def test_the_least_room_is_enough_for_the_largest_numbers():
    paper = Paper(LEAST_ROOM)
    paper.ms = 30 * 366 * 86400000
    book = of(paper)
    for _ in range(3):
        book.begins(10**15)
        paper.ms += MAX_WINDOW_MS // 4
        book.over(paper.ms)
        book.flows(12 * 10**14)
        paper.ms += MAX_WINDOW_MS // 10
        book.flows(10**14)
    book.begins(10**15)
    book.put()
    assert len(",".join(map(str, paper.lines[book.name]))) <= LEAST_ROOM


def test_names_of_lines_are_short_and_differ():
    names = {ledgers.name_of(what) for what in ("-", "morphine.ng", "morphine.uU", "heparin.uU", "insulin.uU")}
    assert len(names) == 5
    assert {len(name) for name in names} == {6}
