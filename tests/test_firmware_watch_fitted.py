"""The syringe is out, another one is in, the cover is open."""

from itertools import combinations

import pytest

from boards import HOUR_MS, Rig, ml, order, rate
from picoinfuse import syringes
from picoinfuse_firmware import alarms
from picoinfuse_firmware.board import BARREL_GAUGE, COVER_OPEN, COVER_SWITCH, SYRINGE_OUT, SYRINGE_SWITCH
from picoinfuse_firmware.watch.fitted import TOLERANCE_UM, BarrelWatch, by_gauge, by_switch, has_cause

ORDER = order(rate(20, 5))
ALL = (SYRINGE_SWITCH, COVER_SWITCH, BARREL_GAUGE)
WRONG = [
    ("switched", SYRINGE_OUT, "syringe_removed"),
    ("switched", COVER_OPEN, "cover_open"),
    ("barrel", 19130, "syringe_unknown"),
]


def test_the_switches_say_which():
    assert by_switch(0) == 0
    assert by_switch(SYRINGE_OUT) == by_switch(SYRINGE_OUT | COVER_OPEN) == alarms.SYRINGE_REMOVED
    assert by_switch(COVER_OPEN) == alarms.COVER_OPEN
    assert has_cause(alarms.COVER_OPEN, SYRINGE_OUT | COVER_OPEN)
    assert not has_cause(alarms.SYRINGE_REMOVED, COVER_OPEN)


def test_a_barrel_beyond_the_tolerance_is_another_one_when_it_is_seen_twice():
    assert by_gauge(26700 + TOLERANCE_UM, 26700) == by_gauge(26700 - TOLERANCE_UM, 26700) == 0
    assert by_gauge(26701 + TOLERANCE_UM, 26700) == by_gauge(0, 26700) == alarms.SYRINGE_UNKNOWN
    watch = BarrelWatch()
    assert watch.look(19130, 26700) == 0
    assert watch.look(26700, 26700) == 0
    assert watch.look(19130, 26700) == 0
    assert watch.look(19130, 26700) == alarms.SYRINGE_UNKNOWN


def test_every_size_of_the_catalogue_is_told_from_every_other_and_these_makes_are_not():
    same = set()
    for one, other in combinations(syringes.catalogue().values(), 2):
        if not by_gauge(one.barrel_um, other.barrel_um):
            assert one.capacity_nl == other.capacity_nl, f"{one.name} would be taken for {other.name}"
            same.add((one.name, other.name))
    print("not told apart: " + ", ".join(" and ".join(pair) for pair in sorted(same)))
    assert ("BD 60 mL", "Monoject 60 mL") in same
    assert ("BD 60 mL", "Terumo 60 mL") not in same


@pytest.mark.parametrize(("what", "value", "name"), WRONG)
def test_while_the_pump_infuses_it_stops_the_motor_and_cannot_be_acknowledged_away(what, value, name):
    rig = Rig(has=ALL)
    rig.start(ORDER)
    rig.run(5000)
    sound = getattr(rig.board, what)
    setattr(rig.board, what, value)
    rig.run_until("alarm", 40000)
    assert rig.alarms == [name]
    assert rig.board.shown == (3, True)
    steps = rig.board.steps()
    assert rig.refusal("acknowledge") == "cause_present"
    setattr(rig.board, what, sound)
    rig.ok("acknowledge")
    assert rig.board.steps() == steps
    rig.resume()
    rig.run(5000)
    assert rig.board.steps() > steps
    assert rig.alarms == []


@pytest.mark.parametrize(("what", "value", "name"), WRONG)
def test_the_pump_does_not_start_prime_or_resume_with_it(what, value, name):
    rig = Rig(has=ALL)
    rig.ready(ORDER)
    sound = getattr(rig.board, what)
    setattr(rig.board, what, value)
    wanted = ("refused", ["would_alarm", getattr(alarms, name.upper()), 0])
    assert rig.ask("start", rig.new_id()) == wanted
    assert rig.ask("prime", rig.new_id(), ml(1), ml(60), HOUR_MS, 1) == wanted
    setattr(rig.board, what, sound)
    rig.ok("start", rig.new_id())
    rig.run(2000)
    rig.ok("pause")
    setattr(rig.board, what, value)
    assert rig.ask("resume", rig.new_id()) == wanted
    assert rig.alarms == []
    assert rig.state == "paused"


@pytest.mark.parametrize(("what", "value", "name"), WRONG)
def test_a_syringe_may_be_changed_while_the_pump_stands(what, value, name):
    rig = Rig(has=ALL)
    rig.start(ORDER)
    rig.run(2000)
    rig.ok("pause")
    sound = getattr(rig.board, what)
    setattr(rig.board, what, value)
    rig.run(20000)
    assert rig.alarms == []
    setattr(rig.board, what, sound)
    rig.ok("refill", ml(60))
    rig.resume()
    rig.run(10000)
    assert (rig.state, rig.alarms) == ("infusing", [])


def test_what_is_not_fitted_is_not_armed():
    rig = Rig(has=())
    rig.board.switched, rig.board.barrel = SYRINGE_OUT | COVER_OPEN, 0
    rig.start(ORDER)
    rig.run(20000)
    assert (rig.state, rig.alarms) == ("infusing", [])
