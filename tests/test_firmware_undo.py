"""What a halt takes back: only what lies beyond now, and what people asked for is made again."""

from picoinfuse_firmware.undo import Undo


def undo():
    """The program goes on at 1000, a nurse asks at 1500 and at 1800, the program goes on at 2000."""
    entries = Undo()
    entries.add(1000, "first", None)
    entries.add(1500, "second", ("rate",))
    entries.add(1800, "third", ("bolus",))
    entries.add(2000, "fourth", None)
    return entries


def test_the_state_of_now_comes_back_with_the_changes_beyond_it_oldest_first():
    assert undo().take_back(999) == ("first", [("rate",), ("bolus",)])
    assert undo().take_back(1000) == ("second", [("rate",), ("bolus",)])
    assert undo().take_back(1500) == ("third", [("bolus",)])
    assert undo().take_back(1999) == ("fourth", [])
    assert undo().take_back(2000) == (None, [])


def test_what_was_taken_back_or_has_begun_is_forgotten():
    entries = undo()
    entries.take_back(0)
    assert entries.take_back(0) == (None, [])
    entries = undo()
    entries.forget(1800)
    assert entries.take_back(0) == ("fourth", [])
    entries = undo()
    entries.forget_all()
    assert entries.take_back(0) == (None, [])


def test_only_what_the_program_begins_beyond_now_counts_as_its_change():
    assert undo().program_changes(1999)
    assert not undo().program_changes(2000)
    entries = Undo()
    entries.add(1500, "state", ("rate",))
    assert not entries.program_changes(0)
