"""The friction baseline: learnt while flow is proven, slowly upwards, within bounds, never while the force climbs."""

import pytest

from boards import Rig, ml, order, rate
from picoinfuse_firmware.dose import force_of_pressure_mn
from picoinfuse_firmware.friction import FASTEST_NL_H, OPEN_MMHG, Friction
from plunger import PlungerBoard

ORDER = order(rate(5, 10))
OPEN_MN = force_of_pressure_mn(OPEN_MMHG, ORDER.barrel_um)
NOMINAL = ORDER.friction_mn


class Window:
    """What a trend shows after a window: the level of a friction in an open line, and how much it climbed."""

    closed_mn = 3333

    def __init__(self, friction_mn, climb_mn=0):
        self.level_mn = friction_mn + OPEN_MN
        self.climb_mn = climb_mn


def learnt(*windows, rate_nl_h=5000000):
    friction = Friction(ORDER)
    for window in windows:
        friction.learn(window, rate_nl_h)
    return friction.mn


def test_it_begins_with_the_nominal_friction_and_an_even_one_leaves_it_there():
    assert Friction(ORDER).mn == NOMINAL
    assert learnt(*[Window(NOMINAL)] * 100) == NOMINAL


def test_a_plunger_that_runs_more_easily_is_learnt_at_once_and_a_stiffer_one_slowly():
    assert learnt(Window(4000)) == 4500
    assert learnt(*[Window(4000)] * 20) == 4000
    assert learnt(Window(6000)) == NOMINAL + 62
    assert learnt(*[Window(6000)] * 20) < 5800
    assert learnt(*[Window(6000)] * 200) == pytest.approx(6000, abs=16)


def test_it_stays_within_half_of_the_nominal_friction():
    assert learnt(*[Window(-5000)] * 50) == NOMINAL // 2
    assert learnt(*[Window(7500)] * 500) == pytest.approx(7500, abs=16)


def test_a_force_beyond_what_friction_may_be_is_pressure_and_not_learnt():
    assert learnt(*[Window(7501)] * 500) == NOMINAL


def test_a_force_that_climbs_freezes_it():
    assert learnt(*[Window(6000, climb_mn=105)] * 100) == NOMINAL
    assert learnt(*[Window(6000, climb_mn=100)] * 100) > NOMINAL
    # Downwards a climb that is far less than that of a closed line still proves flow ...
    assert learnt(Window(4000, climb_mn=800)) == 4500
    # ... and one that is a quarter of it does not.
    assert learnt(Window(4000, climb_mn=840)) == NOMINAL


def test_a_fast_flow_teaches_nothing():
    assert learnt(Window(6000), rate_nl_h=FASTEST_NL_H + 1) == NOMINAL
    assert learnt(Window(4000), rate_nl_h=FASTEST_NL_H + 1) == NOMINAL


def test_without_friction_there_is_nothing_to_learn():
    friction = Friction(order(rate(5, 1)))
    friction.nominal_mn = friction.mn = friction.low_mn = friction.high_mn = 0
    friction.learn(Window(3000), ml(5))
    friction.learn(Window(-3000), ml(5))
    assert friction.mn == 0


def running(friction_mn, **options):
    """A pump whose plunger rubs by friction_mn and not by the nominal 5 N, for ten minutes at 5 mL/h."""
    rig = Rig(PlungerBoard(friction_mn=friction_mn, **options))
    rig.start(ORDER)
    rig.run(600000)
    return rig


def test_the_pump_learns_its_syringe_and_tells_the_friction():
    assert running(4000).status()["friction_mn"] == pytest.approx(4000, abs=150)
    assert NOMINAL < running(6000).status()["friction_mn"] < 6000


def test_what_was_learnt_survives_a_pause_and_not_a_new_syringe_or_program():
    rig = running(4000)
    learnt_mn = rig.status()["friction_mn"]
    rig.ok("pause")
    rig.run(5000)
    rig.resume()
    rig.run(5000)
    assert rig.status()["friction_mn"] == learnt_mn
    rig.ok("pause")
    rig.ok("refill", ml(60))
    assert rig.status()["friction_mn"] == NOMINAL
    assert rig.controller.occlusion.limit_mn == NOMINAL + force_of_pressure_mn(300, ORDER.barrel_um)
    rig.ok("stop")
    rig.ready(ORDER)
    assert rig.status()["friction_mn"] == NOMINAL


def test_a_closed_line_is_never_learnt_and_the_alarm_comes_at_the_learnt_baseline():
    rig = running(4000)
    learnt_mn = rig.status()["friction_mn"]
    rig.board.clamp()
    rig.run_until("alarm", 1000000)
    assert rig.status()["friction_mn"] == learnt_mn
    assert rig.board.pressure == pytest.approx(300, abs=5)


def test_the_highest_force_without_an_alarm_is_bounded_whatever_is_learnt():
    most_mn = NOMINAL * 3 // 2 + force_of_pressure_mn(300, ORDER.barrel_um)
    rig = running(7400)
    rig.controller.lookout.friction.mn = rig.controller.lookout.friction.high_mn
    rig.controller.occlusion.follow(rig.controller.lookout.friction.mn)
    assert rig.controller.occlusion.limit_mn <= most_mn
