"""An event as an entry of the log: short enough, readable, and the same event again."""

from hypothesis import given
from hypothesis import strategies as st

from picoinfuse_firmware import alarms
from picoinfuse_firmware.eventlog import MOST_BYTES, decode, encode
from picoinfuse_firmware.pico.layout import AREAS, LOG

KINDS = (
    "boot",
    "state",
    "alarm",
    "alarm_end",
    "rate",
    "bolus",
    "bolus_end",
    "prime",
    "refill",
    "mute",
    "drawback",
    "note",
)


def test_it_reads_as_a_line():
    assert encode(3, 17000, "alarm", "occlusion", 412) == b"3 17000 A occlusion 412"
    assert decode(b"3 17000 A occlusion 412") == (3, 17000, "alarm", "occlusion", 412)


def test_an_entry_fits_where_it_is_kept():
    assert [area.payload for area in AREAS if area.name == LOG] == [MOST_BYTES]


def test_every_alarm_fits_whole_for_years():
    for row in alarms.TABLE:
        for kind in ("alarm", "alarm_end"):
            event = (999999, 31 * 86400000 * 12, kind, row.name, -1000000000)
            assert decode(encode(*event)) == event


@given(
    st.integers(0, 10**9),
    st.integers(0, 10**12),
    st.sampled_from([*KINDS, "something_new"]),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789_.-", min_size=1, max_size=60),
    st.integers(-(10**9), 10**10),
)
def test_every_event_comes_back_and_only_its_word_may_be_shorter(boot, at_ms, kind, what, value):
    entry = encode(boot, at_ms, kind, what, value)
    assert len(entry) <= MOST_BYTES
    *numbers, word, its_value = decode(entry)
    assert (numbers, its_value) == ([boot, at_ms, kind], value)
    assert what.startswith(word)
    assert word == what or len(entry) == MOST_BYTES


def test_kinds_have_letters_of_their_own():
    assert len({encode(1, 1, kind, "x", 1) for kind in KINDS}) == len(KINDS)
    assert all(len(encode(1, 1, kind, "x", 1)) == len(b"1 1 K x 1") for kind in KINDS)


def test_what_is_no_entry_is_none():
    for wrong in (None, b"", b"1 2 A b", b"1 2 A b c", b"x 2 A b 1", b"1 2 A b 1 ", b"\xff\xfe", b"1 2 A b 1 2"):
        assert decode(wrong) is None
