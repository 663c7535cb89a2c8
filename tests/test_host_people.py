"""The file of people as the host makes it: the pump can read it, no code stands in it, and nobody is locked out."""

import hashlib

import pytest

from picoinfuse.errors import BadInput
from picoinfuse.people import MIN_CODE, ROUNDS, PeopleFile, verifier
from picoinfuse_firmware import people as firmware

CODE = "right-1234"
EMPTY = PeopleFile(rounds=firmware.MIN_ROUNDS)
FILE = EMPTY.with_person("tom", "technician", CODE).with_person("anna", "nurse", CODE)


def on_pump(file, name=""):
    return firmware.People(file.text.splitlines(keepends=True), name)


def test_the_pump_reads_what_the_host_wrote():
    found = on_pump(FILE.with_rules(level=1, relock_ms=60_000, double_check=True), "anna")
    assert found.problem == ""
    assert (found.level, found.relock_ms, found.double_check, found.rounds) == (1, 60_000, 1, firmware.MIN_ROUNDS)
    assert found.names == ["tom", "anna"]
    assert found.person.role == "nurse"
    assert found.person.verifier == hashlib.pbkdf2_hmac(
        "sha256", CODE.encode(), bytes.fromhex(found.person.salt), firmware.MIN_ROUNDS
    )


def test_what_was_written_is_read_again():
    assert PeopleFile.parse(FILE.text, "x") == FILE
    assert PeopleFile.parse(FILE.text.encode(), "x").text == FILE.text


def test_no_code_stands_in_the_file_and_the_same_code_looks_different_each_time():
    assert CODE not in FILE.text
    tom, anna = FILE.people
    assert tom.salt != anna.salt
    assert tom.verifier != anna.verifier
    assert not any(row.verifier in "\n".join(FILE.lines()) for row in FILE.people)


def test_the_rounds_of_a_real_file_make_a_guess_expensive():
    """Not a measure of time: that each guess costs that many hashes is what the file says, and what is done."""
    salt = "00" * 16
    assert PeopleFile().rounds == ROUNDS
    assert verifier(CODE, salt, 2) != verifier(CODE, salt, 1)
    assert verifier(CODE, salt, 1) == hashlib.pbkdf2_hmac("sha256", CODE.encode(), bytes(16), 1)


def test_a_person_who_is_set_again_has_the_new_role_and_code():
    again = FILE.with_person("anna", "prescriber", "other-1234")
    assert again.names == ["tom", "anna"]
    assert on_pump(again, "anna").person.role == "prescriber"
    assert on_pump(again, "anna").person.verifier != on_pump(FILE, "anna").person.verifier


def test_who_is_removed_is_gone():
    assert FILE.without("anna").names == ["tom"]
    with pytest.raises(BadInput, match=r"name = 'eve': is not in the file; it has tom, anna"):
        FILE.without("eve")


def test_nobody_locks_the_last_technician_out():
    """Only a technician can let the pump leave its firmware, and so change this file over the wire."""
    with pytest.raises(BadInput, match="technician: there must be one"):
        EMPTY.with_person("anna", "nurse", CODE)
    with pytest.raises(BadInput, match="technician: there must be one"):
        FILE.without("tom")
    with pytest.raises(BadInput, match="technician: there must be one"):
        FILE.with_person("tom", "nurse", CODE)


@pytest.mark.parametrize(
    ("name", "role", "code", "said"),
    [
        ("Anna", "nurse", CODE, r"name = 'Anna': write 1 to 12 small letters"),
        ("", "nurse", CODE, r"name = ''"),
        ("anna.maria", "nurse", CODE, r"name = 'anna.maria'"),
        ("annamariaanna", "nurse", CODE, r"name = 'annamariaanna'"),
        ("anna", "patient", CODE, r"role = 'patient': is not one of nurse, pharmacist, prescriber, technician"),
        ("anna", "boss", CODE, r"role = 'boss'"),
        ("anna", "nurse", "x" * (MIN_CODE - 1), r"code: write 6 to 64"),
        ("anna", "nurse", "x" * 65, r"code: write 6 to 64"),
        ("anna", "nurse", " secret ", r"no blanks at its ends"),
        ("anna", "nurse", "sec\x03ret", r"printable"),
    ],
)
def test_what_cannot_be_a_person_is_told(name, role, code, said):
    with pytest.raises(BadInput, match=said) as told:
        FILE.with_person(name, role, code)
    assert code not in str(told.value)


def test_a_thirteenth_person_is_told():
    file = FILE
    for n in range(10):
        file = file.with_person(f"p{n}", "nurse", CODE)
    with pytest.raises(BadInput, match="holds 12 people"):
        file.with_person("p10", "nurse", CODE)
    assert file.with_person("p9", "prescriber", CODE).names[-1] == "p9"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"level": 4}, "level = 4: is outside 0 to 3"),
        ({"level": -1}, "level = -1"),
        ({"relock_ms": 9_999}, "relock = 9.999 s: is outside 10 s to 1 h"),
        ({"relock_ms": 3_600_001}, "relock = 3600.001 s: is outside 10 s to 1 h"),
    ],
)
def test_a_rule_outside_its_range_is_told(rules, said):
    with pytest.raises(BadInput, match=said):
        FILE.with_rules(**rules)


def test_a_file_that_the_pump_would_not_take_is_told():
    for data in (b"", b"\xff", FILE.text.replace("nurse", "technician"), FILE.text[:-2]):
        with pytest.raises(BadInput, match=r"people\.txt: the file of people cannot be read"):
            PeopleFile.parse(data, "people.txt")
    with pytest.raises(BadInput, match="another format"):
        PeopleFile.parse(FILE.text.replace("people 1", "people 2"), "people.txt")
