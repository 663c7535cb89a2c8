"""What follows from a mass on the load cell: zero, counts per newton, and what is no load cell."""

from fractions import Fraction

import pytest

from picoinfuse.calibrate_force import Readings, counts_of, found, mass_g, readings, within_its_range
from picoinfuse.configuration import defaults
from picoinfuse.errors import BadInput

KILO = Fraction(1000)


def steady(mean, deviation=20.0, count=50):
    return Readings(Fraction(mean), deviation, count)


def test_zero_and_factor_follow_from_two_readings():
    cell = found(steady(-3000), steady(-3000 + 107_370), KILO, defaults())
    assert cell.force_zero_counts == -3000
    assert cell.force_counts_per_n == 10_949  # 107370 / 9.80665 = 10948.7
    assert cell.noise_mn == pytest.approx(20 / 10.949)
    assert cell.sure == pytest.approx(2 * 20 * (2 / 50) ** 0.5 / 107_370)
    assert cell.hint == ""


def test_a_cell_wired_the_other_way_round_counts_down():
    assert found(steady(500), steady(500 - 107_370), KILO, defaults()).force_counts_per_n == -10_949


def test_another_factor_than_the_last_time_is_said():
    before = {**defaults(), "force_calibrated": 20260131}
    assert "+50%" in found(steady(0), steady(161_050), KILO, before).hint
    assert found(steady(0), steady(115_000), KILO, before).hint == ""


@pytest.mark.parametrize(
    ("moved", "deviation", "words"),
    [
        (900, 20.0, "moved the reading by 900 counts, it trembles by 20"),
        (0, 0.0, "moved the reading by 0 counts"),
        (4, 0.0, "force_counts_per_n = 0"),
        (10_000_000, 20.0, "force_counts_per_n = 1019716; the limits are -1000000 to 1000000"),
    ],
)
def test_what_is_no_load_cell_is_refused(moved, deviation, words):
    with pytest.raises(BadInput, match=words):
        found(steady(0, deviation), steady(moved, deviation), KILO, defaults())


def test_counts_come_back_from_what_the_pump_tells():
    """The pump floors to a mN: over many readings half a mN is in the middle."""
    values = {**defaults(), "force_zero_counts": 1000, "force_counts_per_n": 10_000}
    assert counts_of(5000, values) == 1000 + 50_005
    mean = readings([counts_of((counts - 1000) // 10, values) for counts in range(1000, 2000)], "").mean
    assert abs(mean - Fraction(2999, 2)) < 1


def test_a_few_readings_are_too_few():
    with pytest.raises(BadInput, match=r"9 readings under the load; 10 are wanted"):
        readings([1] * 9, "under the load")
    its = readings([1, 3] * 5, "")
    assert its.mean == 2
    assert its.deviation == pytest.approx((10 / 9) ** 0.5)


@pytest.mark.parametrize("text", ["99 g", "21 kg", "1 L", "1", "heavy", "-1 kg"])
def test_what_is_no_mass_for_it_is_refused(text):
    with pytest.raises(BadInput, match="--mass"):
        mass_g(text)
    assert mass_g("1 kg") == 1000


@pytest.mark.parametrize("force_mn", [-50_000, 196_000])
def test_a_reading_at_an_end_of_the_cell_is_no_reading(force_mn):
    within_its_range([force_mn + 1 if force_mn < 0 else force_mn - 1], defaults(), "")
    with pytest.raises(BadInput, match=f"{force_mn} mN under the load: the cell reads -50000 to 196000 mN"):
        within_its_range([5, force_mn], defaults(), "under the load")
