"""What a display shows: sixteen characters a line, never more, and what is not given is not shown."""

from types import SimpleNamespace

import pytest

from boards import Rig, order, rate
from picoinfuse_firmware import alarms, face
from picoinfuse_firmware.board import KEYS, SYRINGE_OUT, SYRINGE_SWITCH


def test_an_infusing_pump_shows_rate_and_dose():
    rig = Rig()
    rig.start(order(rate(20, 5)))
    rig.run(60000)
    lines = face.lines(rig.controller)
    assert lines[:3] == ("INFUSING", "20.000 mL/h", "of  5.000 mL")
    given_nl = rig.status()["delivered_nl"]
    assert lines[3] == "got %.3f mL" % (given_nl // 1000 / 1000)
    assert lines[4:] == ("", "")


def test_the_most_urgent_alarm_is_named_and_what_the_key_does():
    rig = Rig(has=(SYRINGE_SWITCH, KEYS))
    rig.start(order(rate(20, 5)))
    rig.controller.alarm(alarms.NEAR_END, 0)
    rig.board.switched = SYRINGE_OUT
    rig.run(1100)
    assert face.lines(rig.controller)[4:] == ("syringe removed", "hold START 2 s")


def test_a_pump_without_a_program_shows_what_it_knows():
    assert face.lines(Rig().controller) == ("IDLE", "0.000 mL/h", "of  0.000 mL", "got 0.000 mL", "", "")


@pytest.mark.parametrize("row", alarms.TABLE, ids=lambda row: row.name)
def test_every_name_of_an_alarm_fits_into_a_line(row):
    assert len(row.name) <= face.WIDE


def test_the_largest_numbers_fit_into_a_line():
    pump = SimpleNamespace(
        state="complete",
        ordered_nl=1000000000,
        delivery=None,
        journal=SimpleNamespace(reserved_nl=1000000000),
        alarms=SimpleNamespace(codes=(), priority=0),
        rate_nl_h=lambda: 1200000000,
    )
    assert max(len(line) for line in face.lines(pump)) <= face.WIDE


def test_a_display_is_shown_once_a_second_and_only_if_there_is_one():
    rig = Rig()
    shown = []
    rig.board.show = shown.append
    rig.run(5000)
    assert shown == []
    rig.controller.lookout.around._shows = True
    rig.run(5000)
    assert len(shown) == 5


def test_a_display_that_shows_nothing_is_told_once_and_the_infusion_goes_on():
    """Bug: the board knew that its display was silent, and nobody asked it."""
    rig = Rig()
    calls = []

    def show(lines):
        calls.append(lines)
        return "" if len(calls) < 3 else "display_silent"

    rig.board.show = show
    rig.controller.lookout.around._shows = True
    rig.start(order(rate(20, 5)))
    rig.run(10000)
    assert [event["value"] for event in rig.seen("note", "display_silent")] == [0]
    assert len(calls) == 3
    assert (rig.state, rig.alarms) == ("infusing", [])
