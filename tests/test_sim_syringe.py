"""The syringe: its volume per step, its friction along the way, the end of its barrel."""

from math import pi

import numpy as np
import pytest

from picoinfuse import syringes
from picoinfuse_firmware.dose import StepVolume, force_of_pressure_mn
from picoinfuse_sim.syringe import FRICTION_SPREAD, Syringe

BD_60 = syringes.find("BD 60 mL")


def syringe(seed=0, filled_nl=60e6, **options):
    return Syringe(BD_60, filled_nl, 2000, 3200, rng=np.random.default_rng(seed), **options)


def test_a_step_displaces_what_the_firmware_reckons():
    step = StepVolume(BD_60.barrel_um, 2000, 3200)
    assert syringe().step_nl == pytest.approx(pi / 4 * 26.7**2 * 2 / 3200 * 1000)
    assert syringe().step_nl == pytest.approx(step.pl_num / step.pl_den / 1000, rel=1e-7)


def test_a_pressure_makes_the_force_that_the_firmware_reckons():
    assert 300 * syringe().mn_per_mmhg == pytest.approx(force_of_pressure_mn(300, BD_60.barrel_um), abs=1)


def test_it_is_empty_after_its_content_in_whole_steps():
    one = syringe(filled_nl=10e6)
    assert one.content_nl(one.end_at_steps) < one.step_nl
    assert one.content_nl(one.end_at_steps) >= 0
    exact = syringe(filled_nl=1000 * one.step_nl)
    assert exact.end_at_steps == 1000


def test_positions_count_from_where_the_screw_stood():
    one = syringe(filled_nl=10e6, fitted_at_steps=5000)
    assert one.displaced_nl(5000) == 0
    assert one.content_nl(5000 + 10) == pytest.approx(10e6 - 10 * one.step_nl)


def test_friction_is_the_mean_or_varies_smoothly_around_it():
    assert {syringe(friction_varies=False).friction_mn(at) for at in (-100, 0, 1000, 171_000)} == {5000}
    one = syringe()
    along = np.array([one.friction_mn(at) for at in range(one.end_at_steps)])
    assert along.mean() == pytest.approx(5000, rel=0.15)
    assert 0.3 * FRICTION_SPREAD * 5000 < along.std() < 2 * FRICTION_SPREAD * 5000
    assert along.max() < 2 * 5000  # Plant relies on it
    assert along.min() > 0
    assert np.abs(np.diff(along)).max() < 25  # mN from step to step: not more than the noise of the sensor


def test_the_seed_decides_the_friction():
    assert syringe(1).friction_table == syringe(1).friction_table
    assert syringe(1).friction_table != syringe(2).friction_table


def test_a_spilled_syringe_is_at_its_end():
    one = syringe()
    one.empty(777)
    assert one.end_at_steps == 777
    assert one.content_nl(777) == 0


@pytest.mark.parametrize("filled_nl", [-1, 60e6 + 1])
def test_it_holds_no_more_than_its_barrel(filled_nl):
    with pytest.raises(ValueError, match="holds 0 to 60 mL"):
        syringe(filled_nl=filled_nl)
