"""The ideal plant: whichever way steps come, they end the same; steps are lost at the end and at the thrust."""

import numpy as np
import pytest

from picoinfuse import syringes
from picoinfuse_sim.drive import THRUST_MN, Drive
from picoinfuse_sim.ideal import IdealPlant
from picoinfuse_sim.line import TUBING_NL_PER_MMHG, Line
from picoinfuse_sim.syringe import Syringe


def build(kind="BD 60 mL", filled_nl=None, **options):
    drive = Drive(3200, 4096)
    row = syringes.find(kind)
    rng = np.random.default_rng(1)
    fitted = Syringe(row, row.capacity_nl if filled_nl is None else filled_nl, 2000, 3200, rng=rng, **options)
    return IdealPlant(drive, fitted, Line(row.compliance_nl_mmhg + TUBING_NL_PER_MMHG))


def state(plant):
    return plant.drive.turned_steps, plant.line.at_ms, plant.line.excess_mmhg, plant.force_mn(plant.line.at_ms)


def test_a_step_alone_is_a_run_of_one():
    one, other = build(), build()
    for i in range(300):
        one.forward(i * 250)
        other.run(i * 250, 1, 250, 1)
    assert state(one) == pytest.approx(state(other), rel=1e-12)


def test_a_run_is_its_steps():
    one, other = build(), build()
    one.run(1_000, 500, 2.5, 1)
    for i in range(500):
        other.forward(1_000 + i * 2.5)
    assert state(one) == pytest.approx(state(other), rel=1e-9)


def test_at_the_end_of_the_barrel_the_frame_bends_and_then_steps_are_lost():
    plant = build(filled_nl=10_000.0)
    fits = int(plant.syringe.filled_nl / plant.syringe.step_nl)
    plant.run(0, fits, 1, 1)
    free_mn, displaced_nl = plant.force_mn(10_000), plant.displaced_nl()
    plant.run(11_000, 5, 1, 1)
    assert plant.drive.turned_steps == fits + 5
    assert plant.displaced_nl() == displaced_nl
    assert plant.force_mn(20_000) - free_mn == pytest.approx(5 * 625, abs=20)
    plant.run(21_000, 1_000, 1, 1)
    assert THRUST_MN <= plant.force_mn(30_000) < THRUST_MN + 625
    assert plant.drive.turned_steps < fits + 300
    plant.run(31_000, plant.drive.turned_steps - fits, 1, -1)
    assert plant.displaced_nl() == displaced_nl
    plant.run(41_000, 2, 1, -1)
    assert plant.displaced_nl() == pytest.approx(displaced_nl - 2 * plant.syringe.step_nl)


def test_a_run_across_the_end_displaces_as_much_as_fits():
    plant = build(filled_nl=10_000.0)
    fits = int(plant.syringe.filled_nl / plant.syringe.step_nl)
    plant.run(0, fits + 7, 1, 1)
    assert plant.displaced_nl() == pytest.approx(fits * plant.syringe.step_nl)
    assert 0 <= plant.content_nl() < plant.syringe.step_nl


def test_a_clamped_line_stalls_the_motor_at_its_thrust():
    plant = build(friction_varies=False)
    plant.line.clamp()
    plant.run(0, 40_000, 1, 1)
    # One step more would have been too many: a step in this line is 0.117 mmHg, 9 mN.
    assert THRUST_MN <= plant.force_mn(plant.line.at_ms) < THRUST_MN + 10
    lost = 40_000 - plant.drive.turned_steps
    assert lost > 0
    single = build(friction_varies=False)
    single.line.clamp()
    for i in range(40_000):
        single.forward(i)
    assert single.drive.turned_steps == plant.drive.turned_steps


def test_friction_acts_against_the_last_motion():
    plant = build(friction_varies=False)
    plant.line.clamp()
    plant.run(0, 1_000, 1, 1)
    pressed_mn = plant.force_mn(2_000)
    plant.run(2_000, 1, 1, -1)
    step_mn = plant.syringe.step_nl / plant.line.compliance_nl_per_mmhg * plant.syringe.mn_per_mmhg
    assert pressed_mn - plant.force_mn(2_000) == pytest.approx(2 * 5000 + step_mn)
    plant.forward(3_000)
    assert plant.force_mn(3_000) == pytest.approx(pressed_mn)


def test_a_stalled_drive_displaces_nothing():
    plant = build()
    plant.drive.stall()
    plant.run(0, 100, 1, 1)
    plant.forward(1_000)
    assert plant.displaced_nl() == 0
    assert plant.patient_nl(1_000) == 0


def test_a_slipping_run_displaces_its_share():
    plant = build()
    plant.drive.slip(0.2)
    plant.run(0, 1_000, 1, 1)
    assert plant.drive.turned_steps == 800
    assert plant.displaced_nl() == pytest.approx(800 * plant.syringe.step_nl)


def test_drawing_back_takes_volume_out_of_the_line():
    plant = build()
    plant.line.clamp()
    plant.run(0, 100, 1, 1)
    plant.run(1_000, 100, 1, -1)
    assert plant.displaced_nl() == 0
    assert plant.line.pressure_mmhg(2_000) == pytest.approx(10.0)


def test_a_new_syringe_keeps_the_accounts():
    plant = build(filled_nl=1e6)
    plant.run(0, 1_000, 1, 1)
    displaced_nl = plant.displaced_nl()
    plant.line.settle(60_000)
    given_nl = plant.patient_nl(60_000)
    row = syringes.find("BD 20 mL")
    plant.fit(Syringe(row, 20e6, 2000, 3200, rng=np.random.default_rng(2)))
    assert plant.displaced_nl() == displaced_nl
    assert plant.patient_nl(60_000) == pytest.approx(given_nl, abs=1)
    assert plant.line.compliance_nl_per_mmhg == row.compliance_nl_mmhg + TUBING_NL_PER_MMHG
    plant.run(61_000, 10, 1, 1)
    assert plant.displaced_nl() == pytest.approx(displaced_nl + 10 * plant.syringe.step_nl)
