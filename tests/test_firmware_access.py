"""The table of roles: every cell, written down a second time as people say it, and what each lock level holds back."""

import pytest

from picoinfuse_firmware import access, messages
from roles import CELLS, LEVELS, LOCKABLE


@pytest.mark.parametrize(("action", "role"), CELLS, ids="-".join)
def test_each_role_may_do_exactly_what_the_ward_says(action, role):
    refusal = access.refusal(role, 0, action)
    if CELLS[action, role]:
        assert refusal == ""
    else:
        assert refusal == (access.LOG_IN if role == access.PATIENT else access.NOT_YOUR_ROLE)


def test_every_request_of_the_wire_has_its_row_and_no_row_is_of_nothing():
    keys = {"key_start", "key_bolus", "key_mute"}
    assert set(access.TABLE) - keys == {name for name, _ in messages.REQUESTS}
    assert {action for action, _ in CELLS} == set(access.TABLE)


def test_what_nobody_has_thought_of_is_allowed_to_nobody():
    for role in access.ROLES:
        assert access.refusal(role, 0, "open_the_valve")


@pytest.mark.parametrize("level", range(access.LEVELS))
@pytest.mark.parametrize("action", sorted(access.TABLE))
def test_a_level_holds_back_what_it_holds_back_on_a_real_pump(level, action):
    free = access.refusal(access.PATIENT, 0, action)
    held = access.refusal(access.PATIENT, level, action)
    if action in LOCKABLE:
        assert held == ("" if action in LEVELS[level] else access.LOCKED)
    else:
        assert held == free


@pytest.mark.parametrize("role", access.ROLES[1:])
def test_a_login_opens_the_lock_and_nothing_beyond_the_role(role):
    for action in access.TABLE:
        assert {access.refusal(role, level, action) for level in range(access.LEVELS)} == {
            access.refusal(role, 0, action)
        }


def test_whatever_delivers_by_the_word_of_a_person_carries_the_keyed_check_value():
    """Each has a word as its first field, behind which the seal stands. A demand is the patient's, without a key."""
    fields = dict(messages.REQUESTS)
    sealed = {action for action in access.TABLE if access.has_mark(action, "K")}
    assert sealed == {"confirm", "override"} | {name for name in fields if fields[name].startswith("id:w")} - {
        "outcome",
        "demand",
    }
    for action in sealed:
        assert fields[action].split()[0].endswith(":w")
        assert access.refusal(access.PATIENT, 0, action) == access.LOG_IN


def test_who_only_looks_changes_nothing_and_every_change_by_a_person_is_logged():
    looks = {action for action in access.TABLE if access.has_mark(action, "S")}
    logged = {action for action in access.TABLE if access.has_mark(action, "L")}
    assert not looks & logged
    for action in looks:
        assert {access.refusal(role, 3, action) for role in access.ROLES} == {""}
    # Steps on the way to `stage` and `apply`, and what has an event of its own whoever does it.
    rest = set(access.TABLE) - looks - logged
    assert rest == {
        "answer",
        "demand",
        "load",
        "phase",
        "option",
        "rate",
        "stay",
        "bolus",
        "mute",
        "key_start",
        "key_bolus",
        "key_mute",
    }
