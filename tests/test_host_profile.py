"""The profile of a program: the rate and volume that a picture shows are those that are ordered."""

import pytest

from picoinfuse import Phase, Program, Therapy
from picoinfuse.profile import profile
from picoinfuse.therapy import shipped


@pytest.mark.parametrize("name", shipped())
def test_it_ends_with_the_ordered_volume(name):
    program = Therapy.read(name).program
    its = profile(program)
    assert its.volume_ml[-1] == pytest.approx(program.volume_nl / 1e6, abs=1e-6)
    assert its.time_s[-1] == pytest.approx(program.duration_ms / 1000, abs=0.01)


def test_a_bolus_runs_beside_the_basal_rate_and_may_outlast_it():
    program = Program([Phase.bolus("1 mL", "60 mL/h"), Phase.rate("6 mL/h", duration="30 s")])
    its = profile(program)
    assert max(its.rate_ml_h) == pytest.approx(66)
    assert its.time_s[-1] == pytest.approx(60)
    assert its.volume_ml[-1] == pytest.approx(1.05)


def test_keeping_the_vein_open_is_apart_from_the_dose():
    its = profile(Program([Phase.rate("60 mL/h", volume="1 mL"), Phase.kvo("3 mL/h")]))
    assert its.volume_ml[-1] == pytest.approx(1)
    assert its.open_end
    assert its.kvo == [(60.0, 660.0, pytest.approx(3))]


def test_many_repeats_do_not_take_for_ever():
    program = Program([Phase.rate("60 mL/h", duration="1 s"), Phase.repeat(100_000)])
    assert len(profile(program).time_s) < 100_000
