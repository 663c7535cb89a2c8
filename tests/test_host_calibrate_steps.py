"""What follows from weighing what the pump gave: density, lift of the air, volume_ppm, and how sure that is."""

from fractions import Fraction

import pytest

from picoinfuse.calibrate_steps import Run, celsius, found, volume_read_nl, water_g_ml, weighed_nl
from picoinfuse.errors import BadInput


def runs(*factors, ml=10):
    return [Run(ml * 1_000_000, Fraction(str(factor)) * ml * 1_000_000, f"{factor} mL") for factor in factors]


@pytest.mark.parametrize(
    ("degrees", "g_ml"),  # of air-free water, as every table has it
    [(5, 0.999967), (10, 0.999703), (15, 0.999103), (20, 0.998207), (25, 0.997048), (30, 0.995650), (40, 0.992215)],
)
def test_water_is_as_dense_as_the_tables_say(degrees, g_ml):
    assert float(water_g_ml(Fraction(degrees))) == pytest.approx(g_ml, abs=2e-6)


def test_what_is_weighed_floats_a_little_in_the_air():
    """The factor of ISO 8655-6 for 20 C and 1013 hPa: 1.0029 uL for each mg."""
    assert float(weighed_nl("1 g", "x", water_g_ml(Fraction(20)))) / 1e6 == pytest.approx(1.0029, abs=5e-5)


def test_the_new_factor_builds_on_the_present_one():
    assert found(runs(1.02, 1.02, 1.02), 1_000_000).volume_ppm == 1_020_000
    assert found(runs(0.99, 0.99, 0.99), 1_020_000).volume_ppm == 1_009_800
    assert found(runs(1, 1, 1), 1_020_000).volume_ppm == 1_020_000


def test_how_sure_it_is_comes_from_the_scatter():
    """Student: three runs with a deviation of 0.001 are known within 4.303 * 0.001 / sqrt(3)."""
    its = found(runs("1.019", "1.020", "1.021"), 1_000_000)
    assert its.sure == pytest.approx(4.303 * 0.001 / 3**0.5)
    assert its.scatter == Fraction(2, 1000)
    assert "1000000 becomes 1020000" in its.text()
    assert found(runs(1.02), 1_000_000, one_is_enough=True).sure is None


@pytest.mark.parametrize(
    ("factors", "before", "once", "words"),
    [
        ((1.101,) * 3, 1_000_000, False, r"\+10\.1% off.*limit is 10%.*diameter of the syringe first"),
        ((0.899,) * 3, 1_000_000, False, r"-10\.1% off"),
        ((1.0, 1.0, 1.0101), 1_000_000, False, r"differ by 1\.0%.*limit is 1%.*air"),
        ((1.0, 1.0), 1_000_000, False, "2 runs; 3 to 10 are wanted, or --once"),
        ((), 1_000_000, True, "0 runs; 1 to 10"),
        ((1.0,) * 11, 1_000_000, True, "11 runs"),
        ((1.09,) * 3, 1_020_000, False, r"would become 1111800; the limits are 900000 and 1100000"),
    ],
)
def test_nonsense_is_refused(factors, before, once, words):
    with pytest.raises(BadInput, match=words):
        found(runs(*factors), before, one_is_enough=once)


def test_too_little_cannot_be_weighed():
    with pytest.raises(BadInput, match="least is 1 mL"):
        found([Run(999_999, Fraction(999_999), "1 g")] * 3, 1_000_000)


@pytest.mark.parametrize(("text", "value"), [("20", 20), ("20.5 C", 20.5), ("20.5degC", 20.5), (" 5 degC ", 5)])
def test_a_temperature_is_read(text, value):
    assert celsius(text, "--water") == Fraction(value)


@pytest.mark.parametrize("text", ["", "warm", "4", "41", "1e9", "20/1", "nan", "68 F", "2" * 99])
def test_what_is_no_temperature_of_water_is_refused(text):
    with pytest.raises(BadInput, match=r"--water = .*5 to 40 degC"):
        celsius(text, "--water")


def test_a_volume_read_from_a_scale():
    assert volume_read_nl("15.1 mL", "--measured") == 15_100_000
    for text in ("0 mL", "15 g", "much"):
        with pytest.raises(BadInput, match="--measured"):
            volume_read_nl(text, "--measured")
