"""The file of people: what stands in it is found, and whatever is wrong with it is noticed, never half believed."""

import pytest

import peoples
from picoinfuse_firmware import people
from picoinfuse_firmware.texts import DAMAGED, FORMAT


def read(text, wanted=""):
    return people.People(text.splitlines(keepends=True), wanted)


def test_rules_and_people_are_found():
    found = read(peoples.file(level=2, relock_ms=60000, double_check=1), "rita")
    assert found.problem == ""
    assert (found.level, found.relock_ms, found.double_check, found.rounds) == (2, 60000, 1, peoples.ROUNDS)
    assert found.names == list(peoples.STAFF)
    person = found.person
    assert (person.place, person.name, person.role) == (3, "rita", "prescriber")
    assert person.salt == peoples.salt_of("rita")
    assert person.verifier == peoples.verifier_of("rita", "rita-1234")


def test_who_is_not_there_is_nobody():
    assert read(peoples.file(), "mallory").person is None
    assert read(peoples.file()).person is None


def test_a_file_without_people_is_whole_and_lets_nobody_in():
    """Not an open pump: the file is there."""
    found = read(peoples.file(staff={}))
    assert (found.problem, found.names, found.level) == ("", [], 3)


def test_another_file_has_another_check_value():
    assert read(peoples.file(level=1)).check != read(peoples.file(level=2)).check


def test_a_changed_letter_anywhere_is_noticed():
    text = peoples.file()
    for at in range(len(text)):
        for letter in "x1 \n":
            if text[at] != letter:
                changed = text[:at] + letter + text[at + 1 :]
                found = read(changed, "anna")
                assert found.problem, f"letter {at}"
                assert found.person is None


def test_a_file_that_was_cut_short_or_grew_is_noticed():
    text = peoples.file()
    for at in range(len(text)):
        assert read(text[:at], "anna").problem
    for more in ("\n", "x", "person eve technician 00 00\n", text):
        assert read(text + more).problem == DAMAGED
    assert people.People([]).problem == DAMAGED


@pytest.mark.parametrize(
    "row",
    [
        "person anna nurse 00 00",
        "person anna nurse",
        "person Anna nurse {salt} {verifier}",
        "person a.b nurse {salt} {verifier}",
        "person - nurse {salt} {verifier}",
        "person  nurse {salt} {verifier}",
        "person toolonganame_ nurse {salt} {verifier}",
        "person eve patient {salt} {verifier}",
        "person eve admin {salt} {verifier}",
        "person eve nurse {salt} {verifier} more",
        "person eve nurse {verifier} {salt}",
        "person eve nurse {salt}x {verifier}",
        "person eve nurse zz{salt} {verifier}",
        "person anna nurse {salt} {verifier}",  # twice
        "level 0",
        "",
        "x" * 200,
    ],
)
def test_a_line_that_is_no_person_is_damage_even_with_the_right_check_value(row):
    row = row.format(salt="0" * 32, verifier="0" * 64)
    rows = [*peoples.rows(), row]
    found = read(peoples.sealed(rows), "eve")
    assert (found.problem, found.person) == (DAMAGED, None)


@pytest.mark.parametrize(
    ("place", "row"),
    [
        (1, "level 4"),
        (1, "level -1"),
        (1, "level 00"),
        (1, "level x"),
        (1, "level"),
        (2, "relock_ms 9999"),
        (2, "relock_ms 3600001"),
        (3, "double_check 2"),
        (4, "rounds 999"),
        (4, "rounds 10000001"),
        (1, "relock_ms 180000"),
    ],
)
def test_a_rule_out_of_its_range_is_damage(place, row):
    rows = peoples.rows()
    rows[place] = row
    assert read(peoples.sealed(rows)).problem == DAMAGED


def test_a_file_that_ends_before_its_rules_do_is_damage():
    for kept in range(1, 5):
        assert read(peoples.sealed(peoples.rows()[:kept])).problem == DAMAGED


def test_a_newer_format_is_told_as_such():
    rows = peoples.rows()
    rows[0] = "picoinfuse people 2"
    assert read(peoples.sealed(rows)).problem == FORMAT


def test_twelve_people_fit_and_thirteen_do_not():
    staff = {f"person{n}": ("nurse", "code-1234") for n in range(13)}
    assert read(peoples.file(staff=staff)).problem == DAMAGED
    staff.popitem()
    assert read(peoples.file(staff=staff), "person11").person.place == 11


def test_what_cannot_be_read_raises_nothing():
    def torn():
        yield peoples.HEAD + "\n"
        raise OSError(5)

    assert people.People(torn()).problem == DAMAGED
