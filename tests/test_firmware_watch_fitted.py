"""The syringe is out, another one is in, the cover is open."""

from itertools import combinations

import pytest

from boards import HOUR_MS, Rig, kvo, ml, order, rate
from picoinfuse import syringes
from picoinfuse_firmware import alarms
from picoinfuse_firmware.board import (
    AIR_DETECTOR,
    AIR_SEEN,
    BARREL_GAUGE,
    COVER_OPEN,
    COVER_SWITCH,
    FORCE,
    SYRINGE_OUT,
    SYRINGE_SWITCH,
)
from picoinfuse_firmware.watch.fitted import TOLERANCE_UM, BarrelWatch, by_gauge, cover, syringe

ORDER = order(rate(20, 5))
ALL = (SYRINGE_SWITCH, COVER_SWITCH, BARREL_GAUGE)
WRONG = [
    ("switched", SYRINGE_OUT, "syringe_removed"),
    ("switched", COVER_OPEN, "cover_open"),
    ("barrel", 19130, "syringe_unknown"),
]
SWITCHED = [(value, name) for what, value, name in WRONG if what == "switched"]


def test_the_switches_say_which():
    assert syringe(0) == syringe(COVER_OPEN) == cover(0) == cover(SYRINGE_OUT) == 0
    assert syringe(SYRINGE_OUT) == syringe(SYRINGE_OUT | COVER_OPEN) == alarms.SYRINGE_REMOVED
    assert cover(COVER_OPEN) == cover(SYRINGE_OUT | COVER_OPEN) == alarms.COVER_OPEN


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
    assert rig.state == "paused"


def paused(rig):
    rig.start(ORDER)
    rig.run(2000)
    rig.ok("pause")


def ready(rig):
    rig.ready(ORDER)


def primed(rig):
    rig.ready(ORDER)
    rig.ok("prime", rig.new_id(), ml(1), ml(60), HOUR_MS, 1)


def keeping_open(rig):
    rig.start(order(rate(20, 0.01), kvo(0.5)))
    rig.run_until("kvo")


def stopped(rig):
    rig.start(ORDER)
    rig.run(2000)
    rig.controller.alarm(alarms.BATTERY_DEPLETED, 0)


@pytest.mark.parametrize("before", [paused, ready, primed, keeping_open, stopped])
@pytest.mark.parametrize(("value", "name"), SWITCHED)
def test_syringe_and_cover_are_watched_whatever_the_pump_does_with_a_confirmed_program(before, value, name):
    """Bug: while the motor stood they were not, and an unheld syringe ran out without an alarm."""
    rig = Rig(has=ALL)
    before(rig)
    assert name not in rig.alarms
    state = rig.state
    rig.board.switched = value
    rig.run(1100)
    assert name in rig.alarms
    assert (rig.state, rig.board.shown) == ("alarm", (3, True))
    assert rig.refusal("acknowledge") == "cause_present"
    rig.board.switched = 0
    rig.ok("acknowledge")
    assert rig.state == {"kvo": "paused", "priming": "ready", "alarm": "paused"}.get(state, state)


@pytest.mark.parametrize("stops", [False, True])
@pytest.mark.parametrize(("value", "name"), SWITCHED)
def test_a_draw_back_ends_when_the_syringe_is_out_or_the_cover_open(value, name, stops):
    """Also when somebody stopped the program meanwhile, which leaves the pressure to be drawn back."""
    rig = Rig(has=(*ALL, FORCE))
    rig.start(ORDER)
    rig.run(60000)
    rig.board.force = 50000
    rig.run_until("alarm")
    rig.run(500)
    assert rig.controller.relief.active
    if stops:
        rig.ok("stop")
        assert rig.controller.relief.active
    rig.board.switched = value
    rig.run(1100)
    assert not rig.controller.relief.active
    assert rig.alarms == ([name] if stops else ["occlusion", name])


def test_before_a_program_is_confirmed_and_after_its_end_nobody_is_called():
    rig = Rig(has=ALL)
    rig.board.switched = SYRINGE_OUT | COVER_OPEN
    rig.run(2000)
    rig.stage(ORDER)
    rig.run(2000)
    assert (rig.state, rig.alarms) == ("staged", [])
    rig.board.switched = 0
    rig.start(order(rate(20, 0.01)))
    rig.run_until("complete")
    rig.board.switched = SYRINGE_OUT | COVER_OPEN
    rig.run(2000)
    assert (rig.state, rig.alarms) == ("complete", ["end"])


def test_all_causes_of_one_look_are_told_and_those_that_come_after_it():
    """Bug: only the first was told, and after it none, until the pump was resumed."""
    rig = Rig(has=(*ALL, AIR_DETECTOR))
    rig.start(ORDER)
    rig.run(2000)
    rig.board.switched = SYRINGE_OUT | COVER_OPEN | AIR_SEEN
    rig.run(1100)
    assert rig.alarms == ["syringe_removed", "cover_open", "air"]
    rig.board.switched = 0
    rig.ok("acknowledge")
    rig.resume()
    for bits in (COVER_OPEN, COVER_OPEN | AIR_SEEN, SYRINGE_OUT | COVER_OPEN | AIR_SEEN):
        rig.board.switched = bits
        rig.run(1100)
    assert rig.alarms == ["cover_open", "air", "syringe_removed"]


@pytest.mark.parametrize(("what", "value", "name"), WRONG)
def test_a_syringe_may_be_changed_while_the_pump_stands(what, value, name):
    """The switches call for as long as it is out; the gauge says nothing of an empty clamp."""
    rig = Rig(has=ALL)
    paused(rig)
    sound = getattr(rig.board, what)
    setattr(rig.board, what, value)
    rig.run(20000)
    assert rig.alarms == ([name] if what == "switched" else [])
    setattr(rig.board, what, sound)
    if rig.alarms:
        rig.ok("acknowledge")
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
