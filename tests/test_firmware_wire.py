"""Frames: what was sent is what is understood, or nothing is."""

import random
from binascii import crc32

import pytest

from picoinfuse_firmware.messages import ANSWERS, FINGERPRINT, IS_REQUEST, PUSHED, REQUESTS, TABLE
from picoinfuse_firmware.reasons import REASONS
from picoinfuse_firmware.wire import MAX_LINE, Lines, decode, encode

MUTATIONS = 110000
BYTES = [bytes([i]) for i in range(256)]


def understood(data):
    """What the other end makes of bytes: the list of its messages."""
    messages = [decode(line) for line in Lines().feed(data)]
    return [message for message in messages if message is not None]


def some_value(random_, kind):
    if kind == "i":
        return random_.choice((0, 1, -1, random_.randrange(-(10**9), 10**12), random_.randrange(10**17)))
    if kind == "l":
        return [random_.randrange(1, 12) for _ in range(random_.randrange(4))]
    return "".join(random_.choices("abcdefghijklmnopqrstuvwxyz0123456789_.-", k=random_.randrange(1, 12)))


def some_message(random_, name):
    return random_.randrange(1000000), name, [some_value(random_, kind) for kind in TABLE[name][1]]


@pytest.mark.parametrize("name", TABLE)
def test_every_message_comes_back_as_it_was_sent(name):
    random_ = random.Random(name)
    for _ in range(50):
        message = some_message(random_, name)
        frame = encode(*message)
        assert frame.isascii()
        assert frame.count(b"\n") == 1
        assert len(frame) <= MAX_LINE
        assert understood(frame) == [message]
        for end in (b"\n", b"\r", b"\r\n", b"\n\r", b"\n\n"):
            assert understood(frame[:-1] + end) == [message]


def test_a_frame_reads_like_this():
    """Captured bytes: the layout, decoded and encoded."""
    frame = b"$12 bolus 2000000 100000000 3600000*104b7a95\n"
    message = (12, "bolus", [2000000, 100000000, 3600000])
    assert encode(*message) == frame
    assert decode(frame[:-1]) == message
    assert encode(0, "events_from", [7]) == b"$0 events_from 7*%08x\n" % crc32(b"0 events_from 7")


def test_a_frame_with_any_byte_changed_dropped_doubled_or_swapped_is_refused_or_means_the_same():
    """Both directions, line ends included; a frame goes before and one comes after, so that line ends can join them."""
    random_ = random.Random(4)
    names = list(TABLE)
    before = (1, "status", [])
    after = (2, "ok", [])
    head, tail = encode(*before), encode(*after)
    done = same = 0
    while done < MUTATIONS:
        message = some_message(random_, names[done % len(names)])
        frame = encode(*message)
        good = [before, message, after]
        length = len(frame)
        mutants = []
        for i in random_.sample(range(length), 12):
            start, byte, end = frame[:i], frame[i : i + 1], frame[i + 1 :]
            mutants += [start + end, start + byte + byte + end]
            mutants += [start + other + end for other in random_.sample(BYTES, 8)]
            mutants.append(start + random_.choice((b"\n", b"\r", b"$", b"*", b" ", b"0", b"#")) + end)
            mutants.append(start + bytes([byte[0] ^ 1 << random_.randrange(8)]) + end)
            mutants.append(start + end[:1] + byte + end[1:])
        for mutant in mutants:
            for found in understood(head + mutant + tail):
                assert found in good, f"{frame} became {mutant}: {found}"
                same += found == message
        done += len(mutants)
    assert 0 < same < done // 10


@pytest.mark.parametrize("request_", [row[0] for row in REQUESTS])
def test_every_single_change_of_a_short_frame_is_refused_or_means_the_same(request_):
    """No sample but all of it: each place, each of the 256 bytes."""
    random_ = random.Random(5)
    message = some_message(random_, request_)
    frame = encode(*message)
    for i in random_.sample(range(len(frame)), 4):
        for other in BYTES:
            assert understood(frame[:i] + other + frame[i + 1 :] + b"\n") in ([], [message])


@pytest.mark.parametrize(
    "body",
    [
        b"1 mute 007",
        b"1 mute +7",
        b"1 mute 1_0",
        b"1 mute 0x7",
        b"1 mute -0",
        b"1 mute  7",
        b"1 mute 7 ",
        b" 1 mute 7",
        b"1 mute",
        b"1 mute 7 7",
        b"1 mute seven",
        b"1 mute \xd9\xa7",  # the Arabic digit seven
        b"1 mute \xff",
        b"01 mute 7",
        b"x mute 7",
        b"1 silence 7",
        b"1",
        b"",
        b"1 confirm ",
        b"1 confirm a/b",
        b"1 is 1 1 s 1 1 1 1 1 1 1 1 - 1,02 1 1",
        b"1 is 1 1 s 1 1 1 1 1 1 1 1 - , 1 1",
    ],
)
def test_there_is_one_way_to_write_a_message(body):
    """A good check value does not make good what is written otherwise."""
    assert decode(b"$%s*%08x" % (body, crc32(body))) is None


def test_the_check_value_is_written_in_lower_case():
    frame = next(f for f in (encode(i, "status", []) for i in range(50)) if f[-9:-1].upper() != f[-9:-1])
    assert decode(frame[:-9] + frame[-9:-1].upper()) is None


def test_what_was_on_the_line_before_the_frame_is_skipped():
    frame = encode(3, "pause", [])
    assert understood(b">>> import main\x1b[0m" + frame) == [(3, "pause", [])]
    assert understood(b"$9 pau" + frame) == [(3, "pause", [])]
    assert understood(b"no dollar\n*\n$\n" + frame) == [(3, "pause", [])]


def test_a_frame_may_come_byte_by_byte():
    lines = Lines()
    found = []
    for i in encode(3, "pause", []) + encode(4, "stop", []):
        found += lines.feed(bytes([i]))
    assert [decode(line)[1] for line in found] == ["pause", "stop"]


def test_a_flood_without_line_ends_is_forgotten_and_the_next_frame_is_heard():
    lines = Lines()
    for _ in range(1000):
        assert lines.feed(b"x" * 256) == []
        assert len(lines._rest) <= MAX_LINE
    assert lines.feed(b"y\n" + encode(3, "pause", [])) == [encode(3, "pause", [])[:-1]]
    assert lines.feed(b"z" * 5000 + b"\nhelp\n") == [b"help"]


def test_every_message_and_reason_is_declared_once():
    names = [row[0] for row in REQUESTS + ANSWERS + PUSHED]
    assert len(names) == len(set(names)) == len(TABLE)
    assert set(IS_REQUEST) == {row[0] for row in REQUESTS}
    for fields, kinds in TABLE.values():
        assert len(fields) == len(set(fields)) == len(kinds)
        assert set(kinds) <= set("iwl")
    assert len(FINGERPRINT) == 8
    for reason, text in REASONS.items():
        assert text.format(value=1, limit=2)
        assert decode(encode(0, "refused", (reason, 1, 2))[:-1]) is not None
