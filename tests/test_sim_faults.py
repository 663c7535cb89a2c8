"""Faults are read from text: what is known, what is wrong with what is not."""

import pytest

from picoinfuse.errors import BadInput
from picoinfuse_firmware.alarms import TABLE
from picoinfuse_sim.faults import CATALOGUE, parse


@pytest.mark.parametrize(
    ("text", "name", "at_ms", "value"),
    [
        ("clamp@10min", "clamp", 600_000, None),
        ("clamp@10 min:30 s", "clamp", 600_000, 30.0),
        ("slip@1h", "slip", 3_600_000, 0.2),
        ("slip@0s:0.5", "slip", 0, 0.5),
        ("power_cut@5min", "power_cut", 300_000, 3.0),
        ("hang@90s:2s", "hang", 90_000, 2.0),
    ],
)
def test_a_fault_is_a_name_a_time_and_perhaps_more(text, name, at_ms, value):
    planned = parse(text)
    assert (planned.fault.name, planned.at_ms, planned.value) == (name, at_ms, value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("clmp@10min", "unknown fault 'clmp'; the known ones are: clamp, release"),
        ("clamp", "says no time; write e.g. clamp@10min"),
        ("clamp@", "time of fault 'clamp@'"),
        ("clamp@soon", "'soon'"),
        ("clamp@10", "has no unit"),
        ("clamp@-1min", "negative"),
        ("clamp@10mL", "'10mL'"),
        ("clamp@10min:", "duration in fault"),
        ("clamp@10min:0s", "lasts 0 s"),
        ("release@10min:5s", "takes nothing after its time"),
        ("slip@10min:lots", "not a fraction"),
        ("slip@10min:1.5", "not a fraction"),
        ("slip@10min:nan", "not a fraction"),
    ],
)
def test_what_cannot_be_read_is_explained(text, message):
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert message in str(caught.value)


def test_every_row_says_what_it_does_and_which_alarm_sees_it():
    alarms = {row.name for row in TABLE}
    for name, fault in CATALOGUE.items():
        assert fault.name == name
        assert fault.text.endswith(".")
        assert set(fault.alarm.split(" or ")) <= alarms or fault.alarm.startswith("none")
