"""The syringe: its volume per step, its bore, its friction along the way, its softness."""

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


def test_friction_is_the_mean_or_varies_smoothly_around_it():
    assert {syringe(friction_varies=False).friction_mn(at_nl) for at_nl in (-1e5, 0, 1e6, 60e6, 70e6)} == {5000}
    one = syringe()
    along = np.array([one.friction_mn(step * one.step_nl) for step in range(int(one.end_nl / one.step_nl))])
    assert along.mean() == pytest.approx(5000, rel=0.15)
    assert 0.3 * FRICTION_SPREAD * 5000 < along.std() < 2 * FRICTION_SPREAD * 5000
    assert along.max() <= one.highest_mn < 2 * 5000
    assert along.min() > 0
    assert np.abs(np.diff(along)).max() < 25  # mN from step to step: not more than the noise of the sensor


def test_the_seed_decides_the_friction():
    assert syringe(1).friction_table == syringe(1).friction_table
    assert syringe(1).friction_table != syringe(2).friction_table


def test_a_part_of_its_travel_can_be_sticky():
    one = syringe(friction_varies=False)
    one.rub(3.0, 20e6, 40e6)
    places_nl = (0, 19.9e6, 20.1e6, 39.9e6, 40.1e6, 60e6)
    assert [one.friction_mn(at_nl) for at_nl in places_nl] == [5e3, 5e3, 15e3, 15e3, 5e3, 5e3]
    assert one.highest_mn == 15_000
    with pytest.raises(ValueError, match="above 0"):
        one.rub(0, 0, 60e6)


def test_a_wider_barrel_gives_more_with_each_step_and_needs_more_force():
    one, other = syringe(), syringe(area_error=0.01)
    assert other.true_barrel_um == pytest.approx(26_700 * 1.01**0.5)
    assert other.step_nl == pytest.approx(1.01 * one.step_nl)
    assert other.mn_per_mmhg == pytest.approx(1.01 * one.mn_per_mmhg)
    assert other.kind.barrel_um == one.kind.barrel_um


def test_its_compliance_is_shared_by_stopper_and_barrel():
    assert syringe().stopper_nl_per_mmhg + syringe().barrel_nl_per_mmhg == BD_60.compliance_nl_mmhg


@pytest.mark.parametrize("filled_nl", [-1, 60e6 + 1])
def test_it_holds_no_more_than_its_barrel(filled_nl):
    with pytest.raises(ValueError, match="holds 0 to 60 mL"):
        syringe(filled_nl=filled_nl)
