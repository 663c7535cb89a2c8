"""The reserve record: all that it is given comes back, it fits, and what is damaged or of another is none."""

import random

import pytest

from picoinfuse_firmware import checkpoint
from picoinfuse_firmware.board import MOST_BYTES, RESERVE
from picoinfuse_firmware.checkpoint import FIELDS, SIGNED, Checkpoint, read, write

CHECK = "deadbeef"


def place_of(**numbers):
    place = Checkpoint()
    for name, number in numbers.items():
        assert hasattr(place, name)
        setattr(place, name, number)
    return place


def numbers_of(place):
    return {name: getattr(place, name) for name in FIELDS}


def test_what_is_written_is_read():
    draw = random.Random(1)
    for _ in range(500):
        place = place_of(**{name: draw.getrandbits(draw.randrange(1, 60)) for name in FIELDS})
        place.laid += place.given
        place.reserved += place.laid
        for name in SIGNED:
            if draw.random() < 0.5:
                setattr(place, name, -getattr(place, name))
        data = write(place, CHECK)
        assert data.isascii()
        assert not set(data) & set(b" \r\n\x03*")
        assert numbers_of(read(data, CHECK)) == numbers_of(place)
        assert read(bytearray(data), CHECK).used_ms == place.used_ms


def test_the_fullest_record_fits_into_what_a_board_can_save():
    """The largest numbers that limits.py lets through, on a drive with a gear that makes 100,000 steps a turn."""
    nl = 10**9
    place = place_of(
        run=10**6,
        phase=32,
        entered=2,
        passes=1000,
        given=2 * 10**9,
        laid=2 * 10**9 + 100_000,
        reserved=2 * 10**9 + 250_000,
        other=2 * 10**9,
        other_owed_nl=-5_000,
        owed_nl=-5_000,
        used_nl=nl,
        used_ms=31 * 86_400_000,
        rate_nl=12 * 10**17 // 36 * 10,
        rate_ms=10**15,
        bolus_nl=nl,
        added_nl=-nl,
        uncertain=10**6,
        drawn=10**6,
        left_nl=-nl,
        angle=16383,
    )
    assert len(write(place, CHECK)) <= MOST_BYTES[RESERVE]


def test_a_record_that_is_damaged_or_of_another_program_is_none():
    data = write(place_of(given=12345, laid=12400, reserved=13000, angle=-1), CHECK)
    assert read(data, CHECK).angle == -1
    assert read(data, "deadbeee") is None
    for damaged in (None, b"", b"0" * 8, data[1:], data[:-1], data + b"0"):
        assert read(damaged, CHECK) is None
    for i in range(len(data)):
        assert read(data[:i] + bytes([data[i] ^ 1]) + data[i + 1 :], CHECK) is None


def test_what_cannot_be_below_0_is_written_as_0():
    place = read(write(place_of(given=100, laid=90, reserved=80, used_ms=-5, owed_nl=-7), CHECK), CHECK)
    assert (place.given, place.laid, place.reserved, place.used_ms, place.owed_nl) == (100, 100, 100, 0, -7)


@pytest.mark.parametrize("numbers", [b"A" * (len(FIELDS) - 1), b"A" * (len(FIELDS) + 1)])
def test_a_record_with_another_number_of_fields_is_none(numbers):
    assert read(numbers + checkpoint._crc(numbers, CHECK), CHECK) is None
