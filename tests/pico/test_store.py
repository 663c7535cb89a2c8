"""Power cut at every program and erase, and in any order of use: the new record or the one before, never another."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journals import Journal, whole
from nor import PowerFailed

KINDS = ("state", "program", "reserve", "history")
LIMIT = {"state": 512, "program": 4000, "reserve": 112, "history": 512}


class Model:
    """What a journal must hold, told from outside: what was kept, and what was under way when power failed."""

    def __init__(self, **options):
        self.journal = Journal(**options)
        self.last = dict.fromkeys(KINDS)
        self.entries = {}  # n -> entry
        self.last_n = 0
        self.saves = 0
        self._under_way = ("", b"")
        self._sealed = {}  # records that must not change any more

    def content(self, size):
        self.saves += 1
        return (b"%d " % self.saves * (size // 2 + 1))[:size] if size else b""

    def do(self, what, size=0):
        store = self.journal.store
        if what == "log":
            entry = self.content(size)
            self._under_way = (what, entry)
            n = store.log(entry)
            assert n > self.last_n
            self.entries[n] = entry
            self.last_n = n
        elif what == "prepare":
            self._under_way = ("", b"")
            store.prepare()
        elif what == "boot":
            self.journal.boot()
        else:
            data = self.content(size)
            self._under_way = (what, data)
            store.save(what, data)
            self.last[what] = data
        self._under_way = ("", b"")

    def after_a_cut(self):
        """Power comes again: look, and believe what is found from now on."""
        what, data = self._under_way
        store = self.journal.boot()
        assert store.problem == ""
        for kind in KINDS:
            found = store.load(kind)
            assert found == self.last[kind] or (kind == what and found == data), kind
            self.last[kind] = found
        n = store.log_range()[1]
        if what == "log" and n > self.last_n:
            assert store.logged(n) == data
            self.entries[n] = data
            self.last_n = n
        self._under_way = ("", b"")
        self.look()

    def look(self):
        store = self.journal.store
        for kind in KINDS:
            assert store.load(kind) == self.last[kind]
        first, last = store.log_range()
        assert last == self.last_n
        kept = 0
        for n in range(max(first, 1), last + 1):
            entry = store.logged(n)
            assert entry is None or entry == self.entries[n]
            kept += entry is not None
        assert store.logged(last + 1) is None
        assert store.logged(first - 1) is None
        log = self.journal.areas[-1]
        assert kept >= min(len(self.entries), (log.sectors - log.ahead - 1) * log.slots - 8)


STORY = (
    [("program", 900), ("state", 300), ("prepare",)]
    + [("reserve", 80), ("log", 40)] * 24
    + [("state", 200), ("log", 52)] * 6
    + [("prepare",)] * 6
    + [("program", 4000), ("reserve", 112), ("state", 512), ("log", 0)]
)
WARM = [("reserve", 9)] * 100 + [("state", 99)] * 20 + [("log", 9)] * 260 + [("program", 50)] * 3 + [("prepare",)] * 3


def told(story, seed=0, cut=0):
    """Tell a story, with power failing in its operation `cut` (of the part after WARM); returns the model."""
    model = Model(seed=seed)
    nor = model.journal.nor
    for step in WARM:
        model.do(*step)
    nor.cut_at = nor.operations + cut if cut else 0
    for i, step in enumerate(story):
        try:
            model.do(*step)
        except PowerFailed:
            model.after_a_cut()
            for again in story[i:]:  # and life goes on
                model.do(*again)
            model.look()
            break
    return model


def test_cut_at_every_program_and_erase():
    model = told([])
    before = model.journal.nor.operations
    operations = told(STORY).journal.nor.operations - before
    assert operations > 100
    for cut in range(1, operations + 1):
        told(STORY, seed=cut, cut=cut)


STEPS = st.one_of(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 112)),
    st.tuples(st.just("program"), st.integers(0, 4000)),
    st.tuples(st.just("log"), st.integers(0, 52)),
    st.tuples(st.just("prepare")),
    st.tuples(st.just("boot")),
    st.tuples(st.just("cut"), st.integers(1, 6)),
    st.tuples(st.just("many"), st.integers(1, 90)),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=60), st.integers(0, 1000))
def test_any_use_with_any_cuts(steps, seed):
    model = Model(seed=seed)
    nor = model.journal.nor
    for step in steps:
        if step[0] == "cut":
            nor.cut_at = nor.operations + step[1]
            continue
        what = [("log", 20), ("reserve", 30), ("state", 60)] * step[1] if step[0] == "many" else [step]
        for one in what:
            try:
                model.do(*one)
            except PowerFailed:
                model.after_a_cut()
    nor.cut_at = 0
    model.journal.boot()
    model.look()


def test_an_ordinary_infusion_needs_no_erase():
    journal = whole()
    store = journal.store
    for syringe in range(12):
        journal.prepare()
        store.save("program", b"p" * 4000)
        erases, programs = journal.nor.erases, journal.nor.programs
        for i in range(300):
            store.save("reserve", b"%d %d" % (syringe, i))
        for i in range(200):
            store.log(b"%d %d" % (syringe, i))
        for _ in range(20):
            store.save("state", b"s" * 512)
        assert journal.nor.erases == erases
        assert journal.nor.programs - programs <= 300 + 200 + 20 * 4


def test_without_preparing_each_erase_stands_alone_and_the_log_keeps_its_entries():
    journal = whole()
    store = journal.store
    for i in range(9000):
        erases = journal.nor.erases
        n = store.log(b"%d" % i)
        assert journal.nor.erases - erases <= 1
        if i % 500 == 0:
            journal.prepare()
            first, last = store.log_range()
            assert last == n == i + 1
            assert last - first + 1 >= min(3000, n)
            assert store.logged(first) == b"%d" % (first - 1)


def test_one_call_of_prepare_erases_one_sector_at_most():
    journal = whole()
    for i in range(900):
        journal.store.save("reserve", b"%d" % i)
        journal.store.save("state", b"%d" % i)
    erased = []
    more = True
    while more:
        before = journal.nor.erases
        more = journal.store.prepare()
        erased.append(journal.nor.erases - before)
    assert set(erased) == {0, 1}
    assert sum(erased) == 10 + 5


def test_preparing_again_and_again_wears_nothing():
    journal = whole()
    journal.store.save("program", b"x")
    journal.prepare()
    erases = journal.nor.erases
    for _ in range(50):
        journal.prepare()
        journal.boot()
    assert journal.nor.erases == erases


def test_wear_is_even():
    journal = Journal()
    for i in range(3000):
        journal.store.save("reserve", b"%d" % i)
        if i % 9 == 0:
            journal.prepare()
    reserve = journal.areas[2]
    worn = [journal.nor.erased[journal.files.blocks[f"{reserve.first + i:02d}"][0]] for i in range(reserve.sectors)]
    assert max(worn) - min(worn) <= 1
    assert min(worn) >= 2


def test_without_a_journal_nothing_is_kept_and_everything_says_so():
    journal = Journal()
    journal.store.log(b"x")
    journal.files.remove("map")
    store = journal.boot()
    assert store.problem == "journal_missing"
    with pytest.raises(OSError, match="journal_missing"):
        store.save("state", b"x")
    with pytest.raises(OSError, match="journal_missing"):
        store.log(b"x")
    assert store.load("state") is None
    assert (store.logged(1), store.log_range(), store.prepare()) == (None, (0, 0), False)
    assert store.journal_id() == "-"


def test_the_journal_is_the_same_one_at_every_start_and_another_one_when_it_was_made_anew():
    journal, other = Journal(), Journal()
    first = journal.store.journal_id()
    assert len(first) == 8
    assert int(first, 16) >= 0
    assert journal.boot().journal_id() == first
    assert other.store.journal_id() != first


@pytest.mark.parametrize("what", KINDS)
def test_a_record_that_is_too_long_is_refused(what):
    journal = Journal()
    with pytest.raises(ValueError, match=f"at most {LIMIT[what]}"):
        journal.store.save(what, b"x" * (LIMIT[what] + 1))
    journal.store.save(what, b"x" * LIMIT[what])
    assert journal.boot().load(what) == b"x" * LIMIT[what]


def test_a_copy_of_the_files_is_readable_text():
    journal = Journal()
    journal.store.log(b"3 17000 A occlusion 412")
    journal.store.save("state", b"some words of the state")
    text = b"".join(
        journal.files.open(name).read().replace(b"\xff", b"") for name in sorted(journal.files.names())
    ).decode("utf-8", "ignore")
    assert "A occlusion 412" in text
    assert "some words of the state" in text
    assert text.isprintable() or set(text) <= set(map(chr, range(32, 127))) | {"\n"}
