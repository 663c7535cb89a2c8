"""Friction against pressure on the plant that sticks and slips: no false alarm, and no occlusion is learnt away."""

import pytest

import picoinfuse
from measure import times_ms, until_alarm
from picoinfuse import syringes
from picoinfuse.errors import PumpAlarm
from picoinfuse_firmware.program_limits import least_occlusion_mmhg
from picoinfuse_sim import Bench


def running(name, rate, hours, seed, **options):
    bench = Bench(seed=seed, syringe=name, **options)
    bench.pump.start(picoinfuse.Program.continuous(rate=rate, duration=f"{hours} h", syringe=name, near_end="0 min"))
    return bench


def alarms(bench):
    return [event.what for event in bench.pump.events() if event.kind == "alarm"]


def pressure_at_the_occlusion(bench):
    """Run on until the occlusion alarm, and return the true pressure then."""
    until_alarm(bench)
    mmhg = bench.truth()["pressure_mmhg"]
    with pytest.raises(PumpAlarm, match="occlusion"):
        bench.pump.wait()
    return mmhg


def friction_mmhg(name):
    """Return what the nominal friction looks like: the stated bound of the pressure at the alarm."""
    its = syringes.find(name)
    return least_occlusion_mmhg(its.barrel_um, its.friction_mn) / 2


@pytest.mark.parametrize(
    ("name", "rate", "resistance"),
    [("BD 60 mL", "5 mL/h", 120), ("BD 20 mL", "2 mL/h", 220), ("BD 5 mL", "0.6 mL/h", 800)],
)
@pytest.mark.parametrize("seed", [1])
def test_a_kink_that_closes_over_four_hours_is_not_learnt_away(name, rate, resistance, seed):
    """The line is open all the while, so flow is proven; the alarm comes within the friction of the threshold."""
    bench = running(name, rate, 6, seed)
    bench.advance("20 min")
    bench.line.kink(resistance, over_s=4 * 3600)
    start_ms = bench.controller.now_ms
    mmhg = pressure_at_the_occlusion(bench)
    warned_min = (times_ms(bench.pump, "alarm", "pressure_rising")[-1] - start_ms) / 60000
    alarm_min = (times_ms(bench.pump, "alarm", "occlusion")[0] - start_ms) / 60000
    learnt_mn = bench.controller.lookout.friction.mn
    print(
        f"{name}, {rate}: warning after {warned_min:.0f} min, alarm after {alarm_min:.0f} min at {mmhg:.0f} mmHg",
        end="",
    )
    print(f", friction {learnt_mn} mN learnt of {bench.controller.lookout.friction.nominal_mn} mN")
    assert abs(mmhg - 300) < friction_mmhg(name)
    assert warned_min < 0.8 * alarm_min


@pytest.mark.parametrize(
    ("name", "rate"),
    [("BD 60 mL", "0.1 mL/h"), ("BD 20 mL", "0.1 mL/h"), ("BD 5 mL", "0.1 mL/h")],
)
@pytest.mark.parametrize("seed", [1])
def test_a_plunger_that_sticks_and_slips_for_a_day_raises_no_alarm_and_no_warning(name, rate, seed):
    bench = running(name, rate, 25, seed)
    bench.advance("24 h")
    assert alarms(bench) == []
    friction = bench.controller.lookout.friction
    assert friction.low_mn <= friction.mn <= friction.high_mn


@pytest.mark.parametrize("seed", [1, 2])
def test_a_syringe_that_is_sticky_over_a_third_of_its_travel_raises_no_occlusion_and_hides_none_behind_it(seed):
    """Its friction is doubled there, 67 mmHg more. The warning may come: such an edge rises as a clamp does."""
    bench = running("BD 60 mL", "6 mL/h", 9, seed)
    bench.advance("20 min")
    bench.plant.stick(2, 1 / 3)
    bench.advance("5 h")
    assert "occlusion" not in alarms(bench)
    assert bench.pump.status().state == "infusing"
    bench.line.clamp()
    mmhg = pressure_at_the_occlusion(bench)
    print(f"after the sticky third: occlusion at {mmhg:.0f} mmHg")
    assert abs(mmhg - 300) < friction_mmhg("BD 60 mL")


def test_within_the_sticky_third_a_clamp_is_told_early_rather_than_late():
    bench = running("BD 60 mL", "6 mL/h", 9, 1)
    bench.advance("20 min")
    bench.plant.stick(2, 1 / 3)
    bench.advance("2 h")
    bench.line.clamp()
    assert 300 - 2.5 * friction_mmhg("BD 60 mL") < pressure_at_the_occlusion(bench) < 300


def test_the_highest_force_of_all_has_a_bound_that_nothing_learnt_can_move():
    """A baseline at its upper bound, in a syringe that runs as easily as its lower one: one nominal friction late."""
    bench = running("BD 60 mL", "20 mL/h", 2, 1, friction_varies=False)
    bench.plant.scale_friction(0.5)
    bench.advance("2 min")
    controller = bench.controller
    controller.lookout.friction.learn = lambda trend, rate_nl_h: False
    controller.occlusion.follow(controller.lookout.friction.high_mn)
    bench.line.clamp()
    mmhg = pressure_at_the_occlusion(bench)
    assert 300 + 0.8 * friction_mmhg("BD 60 mL") < mmhg < 300 + 1.1 * friction_mmhg("BD 60 mL")
