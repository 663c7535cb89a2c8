"""The plant: the spring between pusher and plunger, a plunger that is not held, what ends its way, hands."""

from math import inf

import numpy as np
import pytest

from picoinfuse import Program, syringes
from picoinfuse.errors import BadInput
from picoinfuse_sim import Bench
from picoinfuse_sim.drive import BACKLASH_UM, THRUST_MN, Drive
from picoinfuse_sim.line import Line, Tubing
from picoinfuse_sim.plant import Plant
from picoinfuse_sim.syringe import AREA_ERROR, STATIC_RATIO, Syringe


def build(kind="BD 60 mL", filled_ml=None, *, captured=True, backlash_um=0.0, **line_options):
    row = syringes.find(kind)
    filled_nl = row.capacity_nl if filled_ml is None else filled_ml * 1e6
    fitted = Syringe(row, filled_nl, 2000, 3200, rng=np.random.default_rng(1), friction_varies=False)
    line = Line(fitted.barrel_nl_per_mmhg + Tubing().nl_per_mmhg, **line_options)
    plant = Plant(Drive(3200, 4096, backlash_um=backlash_um), fitted, line, captured=captured)
    line.clock = lambda: line.at_ms
    return plant


def spring_nl(plant):
    return plant.push_mn / plant.syringe.mn_per_mmhg * plant.syringe.stopper_nl_per_mmhg


def test_the_plunger_starts_late_by_what_the_spring_takes_up():
    plant = build()
    # Until fs + the vein's 10 mmHg are in the spring: (80.4 + 10) mmHg * 1100 nL/mmHg, 285 steps.
    late_nl = (STATIC_RATIO * 5000 / plant.syringe.mn_per_mmhg + 10) * plant.syringe.stopper_nl_per_mmhg
    late = int(late_nl / plant.syringe.step_nl)
    plant.run(0, late, 250, 1)
    assert plant.displaced_nl() == 0
    plant.run(late * 250, 2, 250, 1)
    assert plant.displaced_nl() > 0


def test_what_the_screw_gave_is_in_the_patient_in_the_line_or_in_the_spring():
    plant = build("BD 20 mL")
    plant.run(0, 20_000, 20, 1)
    screw_nl = 20_000 * plant.syringe.step_nl
    stored_nl = plant.line.compliance_nl_per_mmhg * plant.line.excess_mmhg
    at_ms = plant.line.at_ms
    assert plant.displaced_nl() + spring_nl(plant) == pytest.approx(screw_nl, rel=1e-12)
    assert plant.patient_nl(at_ms) + stored_nl == pytest.approx(plant.displaced_nl(), rel=1e-12)


def test_drawing_back_releases_the_spring_first_and_a_play_in_the_nut_before_it():
    force_mn = []
    for backlash_um in (0.0, BACKLASH_UM):
        plant = build(backlash_um=backlash_um)
        plant.run(0, 3_000, 20, 1)
        plant.wake(69_000)  # it slips once more while the pressure fades
        before_mn, displaced_nl = plant.push_mn, plant.displaced_nl()
        plant.run(70_000, 96, 20, -1)
        assert plant.displaced_nl() == displaced_nl
        force_mn.append(before_mn - plant.push_mn)
    assert force_mn[1] == 0
    assert force_mn[0] == pytest.approx(96 * plant.syringe.step_nl / 1100 * plant.syringe.mn_per_mmhg)


def test_a_captured_plunger_is_drawn_back_and_one_that_is_not_stays():
    moved_nl = []
    for captured in (True, False):
        plant = build(captured=captured)
        plant.run(0, 3_000, 20, 1)
        plant.wake(69_000)
        before_nl = plant.displaced_nl()
        plant.run(70_000, 2_000, 20, -1)
        moved_nl.append(before_nl - plant.displaced_nl())
        assert (plant.push_mn < 0) == captured
    assert moved_nl[0] > 300_000
    assert moved_nl[1] == 0


def test_a_plunger_that_nothing_holds_siphons_and_no_volume_is_lost():
    plant = build("BD 60 mL", captured=False, height_cm=190)
    plant.wake(600_000)
    # It empties itself until the suction is what static friction holds: 139.7 - 10 mmHg against 80.4.
    assert plant.at_end()
    assert plant.displaced_nl() == pytest.approx(60e6)
    plant.line.settle(600_000)
    stored_nl = plant.line.stored_nl(600_000)
    assert plant.patient_nl(600_000) + stored_nl == pytest.approx(60e6, rel=1e-9)


def test_held_by_its_pusher_or_by_friction_it_does_not_siphon():
    for options in ({"captured": True, "height_cm": 190}, {"captured": False, "height_cm": 50}):
        plant = build(**options)
        plant.wake(600_000)
        assert plant.displaced_nl() < 0.15e6  # the stretched stopper, no more


def test_a_plunger_that_ran_ahead_is_met_again():
    plant = build(captured=False, height_cm=190)
    plant.wake(500)
    ahead_nl = plant.displaced_nl()
    assert ahead_nl > 0
    assert plant.push_mn == 0
    plant.line.clock = lambda: 500
    plant.line.set_height(0)
    meets = int(ahead_nl / plant.syringe.step_nl)
    plant.run(501, meets, 1, 1)
    assert plant.push_mn == 0
    plant.run(700_000, 10, 1, 1)
    assert plant.push_mn > 0


@pytest.mark.parametrize("away", [Plant.remove, Plant.disengage])
def test_without_a_pusher_nothing_is_given_and_the_cell_reads_nothing(away):
    plant = build()
    plant.run(0, 3_000, 20, 1)
    away(plant)
    before_nl, turned = plant.displaced_nl(), plant.drive.turned_steps
    assert plant.force_mn(plant.line.at_ms) == 0
    plant.run(70_000, 3_000, 20, 1)
    assert plant.displaced_nl() == before_nl
    assert plant.drive.turned_steps == turned + 3_000
    plant.put_back() if away is Plant.remove else plant.disengage(False)
    plant.run(140_000, 3_000, 20, 1)
    assert plant.displaced_nl() > before_nl + 0.8e6
    assert plant.fitted


def test_claws_that_open_let_a_stretched_plunger_go():
    plant = build(height_cm=80)
    plant.run(0, 3_000, 20, 1)
    plant.run(70_000, 1_500, 20, -1)
    assert plant.push_mn < 0
    plant.capture(False)
    assert plant.push_mn == 0
    plant.capture()
    assert plant.captured


def test_at_the_end_of_the_barrel_the_spring_is_pressed_until_steps_are_lost():
    plant = build(filled_ml=0.1)
    plant.run(0, 3_000, 20, 1)
    assert plant.at_end()
    assert plant.displaced_nl() == 0.1e6
    assert plant.content_nl() == 0
    plant.run(70_000, 12_000, 20, 1)
    assert plant.drive.thrust_mn(20) <= plant.push_mn < THRUST_MN
    assert plant.drive.turned_steps < 15_000
    assert plant.displaced_nl() == 0.1e6


def test_a_fast_motor_loses_steps_at_a_lower_force():
    forces_mn = []
    for interval_ms in (100, 1):
        plant = build()
        plant.line.clamp()
        plant.run(0, 40_000, interval_ms, 1)
        forces_mn.append(plant.push_mn)
    assert forces_mn[0] == pytest.approx(plant.drive.thrust_mn(100), rel=0.001)
    assert forces_mn[1] == pytest.approx(plant.drive.thrust_mn(1), rel=0.001)
    assert forces_mn[1] < forces_mn[0]


def test_a_dry_plunger_and_a_sticky_part_need_more_force():
    plant = build()
    plant.run(0, 10_000, 20, 1)
    usual_mn = plant.push_mn
    plant.stick(3.0, 1 / 3)
    plant.run(300_000, 2_000, 20, 1)
    assert plant.push_mn > usual_mn + 8_000
    plant.scale_friction(1 / 3)
    plant.run(400_000, 2_000, 20, 1)
    assert plant.push_mn < usual_mn + 2_000


def test_a_new_syringe_keeps_the_accounts_and_its_spring_is_unloaded():
    plant = build(filled_ml=1)
    plant.run(0, 2_000, 20, 1)
    plant.wake(60_000)
    displaced_nl = plant.displaced_nl()
    plant.line.settle(60_000)
    given_nl = plant.patient_nl(60_000)
    row = syringes.find("BD 20 mL")
    plant.fit(Syringe(row, 20e6, 2000, 3200, rng=np.random.default_rng(2)))
    assert plant.displaced_nl() == displaced_nl
    assert plant.patient_nl(60_000) == pytest.approx(given_nl, abs=1)
    assert plant.push_mn == 0
    assert plant.line.compliance_nl_per_mmhg == row.compliance_nl_mmhg / 2 + Tubing().nl_per_mmhg
    assert plant.content_nl() == 20e6


def test_nothing_is_to_be_done_while_it_sticks():
    plant = build()
    plant.run(0, 100, 20, 1)
    assert plant.wake_ms == inf
    assert plant.line.at_ms == 0  # not one exponential was computed


# --- a bench with a real syringe -----------------------------------------------------------------------------------


def given_ml(bench, syringe):
    """The steady part of 100 mL/h: what the plunger gave between two moments at which the spring is as full."""
    bench.pump.start(Program.continuous("100 mL/h", "40 mL", syringe=syringe))
    bench.advance("1 min")
    before = bench.truth()["plunger_ml"], bench.board.steps()
    bench.advance("2 min")
    return (bench.truth()["plunger_ml"] - before[0]) / ((bench.board.steps() - before[1]) * 1e-6)


def step_nl(kind):
    return np.pi / 4 * kind.barrel_um**2 * 2000 / 3200 * 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_a_real_bore_gives_a_percent_more_or_less_and_a_weighed_one_a_thousandth(seed):
    """The plunger creeps here, so that a few minutes tell; with all that it does: test_sim_iec_claims.py."""
    real = Bench(seed, tolerances=True, stick_slip=False, friction_varies=False)
    catalogue = syringes.find("BD 60 mL")
    error = given_ml(real, catalogue) / step_nl(catalogue) - 1
    assert error == pytest.approx((real.syringe.true_barrel_um / catalogue.barrel_um) ** 2 - 1, abs=0.0003)
    assert abs(error) < AREA_ERROR + 0.0003
    weighed = Bench(seed, tolerances=True, calibrated=True, stick_slip=False, friction_varies=False)
    kind = weighed.syringe.kind
    assert kind.barrel_um == round(real.syringe.true_barrel_um)
    assert given_ml(weighed, kind) == pytest.approx(step_nl(kind), rel=0.0003)


def test_without_tolerances_the_bore_is_the_catalogues():
    assert Bench().syringe.true_barrel_um == 26_700
    assert len({Bench(seed, tolerances=True).syringe.true_barrel_um for seed in range(5)}) == 5


def test_a_syringe_of_ones_own_is_fitted():
    own = syringes.Syringe("mine", 20_100, 20_000_000, 2_500, 1_600)
    assert Bench(syringe=own).syringe.kind is own


def test_an_ideal_bench_cannot_let_a_plunger_run_ahead():
    with pytest.raises(BadInput, match="ideal"):
        Bench(ideal=True, captured=False)
    with pytest.raises(BadInput, match="ideal"):
        Bench(ideal=True).plant.capture(False)
