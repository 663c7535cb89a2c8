"""Viscosity and narrow tubes against tables and against the resistances that others published."""

import pytest

from picoinfuse_sim.fluid import thickness, tube_mmhg_h_per_ml, water_pa_s
from picoinfuse_sim.line import CANNULA_MMHG_H_PER_ML, Line


@pytest.mark.parametrize(("celsius", "table_pa_s"), [(0, 1.792e-3), (10, 1.306e-3), (20, 1.002e-3), (37, 0.692e-3)])
def test_water_is_as_thick_as_the_table_says(celsius, table_pa_s):
    assert water_pa_s(celsius) == pytest.approx(table_pa_s, rel=0.03 if celsius < 10 else 0.01)


def test_tubes_have_the_published_resistances():
    assert tube_mmhg_h_per_ml(1.5, 1.0) == pytest.approx(0.13, rel=0.03)
    assert tube_mmhg_h_per_ml(0.9, 0.45) == pytest.approx(CANNULA_MMHG_H_PER_ML["epidural"], rel=0.03)


def test_half_the_bore_is_sixteen_times_the_resistance():
    assert tube_mmhg_h_per_ml(1, 0.5) == pytest.approx(16 * tube_mmhg_h_per_ml(1, 1))


def test_a_drug_from_the_refrigerator_needs_half_as_much_pressure_again():
    line = Line(3000.0, route="epidural")
    warm = line.open_mmhg_h_per_ml
    line.set_temperature(5)
    assert line.open_mmhg_h_per_ml == pytest.approx(warm * thickness(5)) == pytest.approx(1.5 * warm, rel=0.01)
    assert Line(3000.0, fluid_c=5, route="epidural").open_mmhg_h_per_ml == line.open_mmhg_h_per_ml
    assert Line(3000.0, viscosity=2).open_mmhg_h_per_ml == 2 * Line(3000.0).open_mmhg_h_per_ml


def test_cold_fluid_makes_the_tissue_no_tighter():
    line = Line(3000.0)
    line.infiltrate()
    warm = line.open_mmhg_h_per_ml
    line.set_temperature(5)
    assert line.open_mmhg_h_per_ml - 0.482 == pytest.approx((warm - 0.482) * thickness(5))
