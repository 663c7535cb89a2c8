"""Steps and nanolitres, forces and pressures, against fractions."""

import random
from fractions import Fraction
from math import pi

import pytest

from picoinfuse_firmware.config import Config
from picoinfuse_firmware.dose import StepVolume, area_um2, force_of_pressure_mn, mmhg_per_mn, step_of


def test_steps_and_volumes_are_floored_once():
    random_ = random.Random(1)
    for _ in range(2000):
        barrel, pitch, turn = (
            random_.randrange(3000, 45001),
            random_.randrange(500, 8001),
            random_.choice((200, 3200, 51200)),
        )
        step = StepVolume(barrel, pitch, turn)
        nl = Fraction(355 * barrel * barrel * pitch, 113 * 4 * turn * 10**6)
        volume, steps = random_.randrange(10**9), random_.randrange(-(10**6), 10**7)
        assert step.steps_in(volume) == volume // nl
        assert step.nl_of(steps) == steps * nl // 1
        assert step.steps_in(step.nl_of(abs(steps)) + 1) >= abs(steps)


def test_a_step_in_a_60_ml_syringe_is_a_third_of_a_microlitre():
    step = StepVolume(26700, 2000, 3200)
    assert step.pl_num / step.pl_den == pytest.approx(pi / 4 * 26.7**2 * 2 / 3200 * 1e6, rel=1e-6)


@pytest.mark.parametrize("barrel_um", [3000, 12060, 26700, 45000])
def test_force_and_pressure_go_back_and_forth(barrel_um):
    assert area_um2(barrel_um) == pytest.approx(pi / 4 * barrel_um**2, rel=1e-6)
    for mmhg in (-50, 0, 1, 50, 300, 1000):
        force = force_of_pressure_mn(mmhg, barrel_um)
        assert force == pytest.approx(mmhg * 0.133322 * area_um2(barrel_um) / 1e6, abs=1)
        num, den = mmhg_per_mn(barrel_um)
        assert abs(force * num / den - mmhg) <= num / den


@pytest.mark.parametrize("volume_ppm", [900_000, 999_983, 1_000_001, 1_020_617, 1_100_000])
def test_what_weighing_found_is_exact_too(volume_ppm):
    """The specification with a fraction: so many millionths of what bore and pitch say, never rounded."""
    plain, found = StepVolume(26700, 2000, 3200), StepVolume(26700, 2000, 3200, volume_ppm)
    exact = Fraction(plain.pl_num, plain.pl_den) * volume_ppm / 1_000_000
    assert Fraction(found.pl_num, found.pl_den) == exact
    steps = found.steps_in(40_000_000)
    assert steps * exact <= 40_000_000_000 < (steps + 1) * exact
    assert step_of(Config(volume_ppm=volume_ppm), 26700).pl_num == found.pl_num
