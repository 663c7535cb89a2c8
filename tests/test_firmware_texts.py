"""Small files on the pump: whole ones are read, whatever else is there is noticed, and nothing is ever raised."""

from binascii import crc32

import pytest

from picoinfuse_firmware.texts import DAMAGED, FORMAT, MAX_LINE, number_of, read

HEAD = ["picoinfuse", "things", "1"]


def sealed(*rows):
    text = "".join(row + "\n" for row in rows)
    return text + f"check {crc32(text.encode()):08x}\n"


WHOLE = sealed("picoinfuse things 1 more", "a 1", "b 2")


def read_all(text, takes=lambda number, words: True):
    """Return (lines that were handed on, check, problem)."""
    taken = []

    def take(number, words):
        taken.append((number, words))
        return takes(number, words)

    check, problem = read(text.splitlines(keepends=True), HEAD, take)
    return taken, check, problem


def test_a_whole_file_is_handed_on_line_by_line():
    taken, check, problem = read_all(WHOLE)
    assert problem == ""
    assert taken == [(0, ["picoinfuse", "things", "1", "more"]), (1, ["a", "1"]), (2, ["b", "2"])]
    assert f"check {check:08x}\n" == WHOLE.splitlines(keepends=True)[-1]


def test_any_changed_missing_or_added_letter_is_noticed():
    for at in range(len(WHOLE)):
        assert read_all(WHOLE[:at] + WHOLE[at + 1 :])[2]
        for letter in "x \n":
            if WHOLE[at] != letter:
                assert read_all(WHOLE[:at] + letter + WHOLE[at + 1 :])[2]
            assert read_all(WHOLE[:at] + letter + WHOLE[at:])[2] or WHOLE[:at] + letter + WHOLE[at:] == WHOLE
    assert read_all(WHOLE.replace("\n", "\r\n"))[2] == DAMAGED


@pytest.mark.parametrize("text", ["", "\n", "check 00000000\n", "picoinfuse things 1\n", "\0\0\0\0"])
def test_what_is_no_such_file_is_damage(text):
    assert read_all(text)[1:] == (0, DAMAGED)


def test_a_file_of_another_format_is_told_apart_from_a_damaged_one():
    assert read_all(sealed("picoinfuse things 2"))[2] == FORMAT
    assert read_all(sealed("picoinfuse people 1"))[2] == DAMAGED


def test_a_line_that_is_not_taken_is_damage_and_so_is_an_exception():
    assert read_all(WHOLE, lambda number, words: number != 2)[2] == DAMAGED
    assert read_all(WHOLE, lambda number, words: int(words[1]))[2] == DAMAGED

    def torn():
        yield "picoinfuse things 1\n"
        raise OSError(5)

    assert read(torn(), HEAD, lambda number, words: True) == (0, DAMAGED)


def test_a_line_without_end_is_not_kept_in_memory():
    assert read_all(sealed("picoinfuse things 1", "a " + "x" * MAX_LINE))[2] == DAMAGED


def test_a_number_is_written_in_one_way():
    assert number_of("0", 0, 5) == 0
    assert number_of("-5", -5, 5) == -5
    for word in ("", "x", "00", "+1", "1.0", " 1", "6", "-6", "1_0"):
        with pytest.raises(ValueError):
            number_of(word, -5, 5)
