"""What the pump keeps of the table of messages is the table's."""

import pytest

from picoinfuse_firmware import kinds, messages


@pytest.mark.parametrize("name", messages.TABLE)
def test_the_kinds_of_every_message_are_those_of_the_table(name):
    assert kinds.kinds_of(name) == messages.TABLE[name][1]


@pytest.mark.parametrize("name", ["", " ", "|", "hell", "hello ", "hello w", "ok|", "no_such_message"])
def test_what_is_no_name_of_a_message_has_none(name):
    with pytest.raises(KeyError):
        kinds.kinds_of(name)


def test_requests_and_fingerprint_are_those_of_the_table():
    assert tuple(row[0] for row in messages.REQUESTS) == kinds.IS_REQUEST
    assert kinds.FINGERPRINT == messages.FINGERPRINT
