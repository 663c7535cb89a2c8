"""The patient's side: each route has its pressure and its way in; what a needle in the tissue shows, and what not."""

import pytest

from picoinfuse_sim.line import Line
from picoinfuse_sim.routes import CANNULA_MMHG_H_PER_ML, CM_PER_MMHG, ROUTES

RATE_NL_MS = 5 / 3.6  # 5 mL/h


def steady_mmhg(line, ml_h=5.0):
    """The pressure after a day of small steps, less what it was at rest at first."""
    line.push(line.at_ms + 10, 8_640_000, 10, ml_h / 3.6 * 10)
    return line.pressure_mmhg(line.at_ms)


def test_the_routes_are_those_of_a_hospital():
    assert list(ROUTES) == [
        "peripheral vein",
        "central vein",
        "subcutaneous",
        "epidural",
        "intrathecal",
        "intraperitoneal",
        "intra-arterial",
    ]


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
def test_each_route_is_met_at_its_pressure(route):
    low, high = route.usual_mmhg
    assert low <= route.mmhg <= high
    line = Line(3000.0, route=route.name)
    assert line.pressure_mmhg(0) == route.mmhg
    resistance = line.tubing.mmhg_h_per_ml + CANNULA_MMHG_H_PER_ML[route.cannula] + route.tissue_mmhg_h_per_ml
    assert steady_mmhg(line) == pytest.approx(route.mmhg + 5 * resistance, rel=1e-3)


def test_an_artery_is_ten_veins_and_an_epidural_bolus_shows_its_catheter():
    assert Line(3000.0, route="intra-arterial").pressure_mmhg(0) == 100
    assert steady_mmhg(Line(3000.0, route="epidural"), 125.0) == pytest.approx(10 + 125 * 2.03, rel=0.01)


def test_infiltration_at_5_ml_h_adds_less_than_any_alarm_can_see():
    line = Line(3000.0)
    before = steady_mmhg(line)
    line.infiltrate()
    assert steady_mmhg(line) - before == pytest.approx(5 * 0.482, rel=1e-3)
    line.infiltrate()  # it is in the tissue, not twice in it
    assert steady_mmhg(line) - before == pytest.approx(5 * 0.482, rel=1e-3)
    line.infiltrate(40)
    assert steady_mmhg(line) - before == pytest.approx(5 * 0.482 + 30, rel=1e-3)


def test_another_cannula_is_out_of_the_tissue():
    line = Line(3000.0)
    line.infiltrate()
    line.set_cannula("18G")
    assert line.open_mmhg_h_per_ml == Line(3000.0, cannula="18G").open_mmhg_h_per_ml


def test_lifting_the_pump_gives_a_bolus_and_lowering_it_a_pause():
    line = Line(3000.0)
    line.set_height(CM_PER_MMHG * 22)
    assert line.patient_nl(0.0, 60_000) == pytest.approx(22 * 3000.0)
    line.settle(60_000)
    assert line.pressure_mmhg(60_000) == pytest.approx(10 - 22)
    line.set_height(0)
    assert line.flow_ml_h(60_000) < 0
    assert line.patient_nl(0.0, 120_000) == pytest.approx(0, abs=1e-6)


def test_below_a_check_valve_lowering_is_only_a_pause():
    line = Line(3000.0, valve=True, height_cm=CM_PER_MMHG * 20)
    line.set_height(0)
    displaced_nl = 0.0
    while line.wary:
        displaced_nl += 100.0
        line.push(line.at_ms + 100, 1, 0, 100.0)
        assert line.patient_nl(displaced_nl, line.at_ms) == pytest.approx(0, abs=1e-6)
    assert displaced_nl == pytest.approx(20 * 3000.0, abs=100)
