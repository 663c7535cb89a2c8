"""Units: what people write becomes whole numbers and exact ratios, or one clear message."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from picoinfuse import units
from picoinfuse.errors import BadInput


@pytest.mark.parametrize(
    ("text", "nl", "ms"),
    [
        ("40 mL/h", 100, 9),
        ("40ml/hr", 100, 9),
        ("0.1 mL/h", 1, 36),
        ("1e-1 mL/h", 1, 36),
        ("2.5 µL/min", 1, 24),
        ("2.5 μL/min", 1, 24),
        ("20 gtt/min", 50, 3),
        ("60 microdrops/min", 50, 3),
        ("1 L per day", 625, 54),
        ("40 mL / 1 h", 100, 9),
    ],
)
def test_a_rate_travels_as_a_ratio_in_lowest_terms(text, nl, ms):
    assert units.rate(text) == units.Rate(nl, ms)


def test_forty_millilitres_an_hour_are_exactly_that():
    assert units.rate("40 mL/h").ml_per_h == 40


def test_a_dose_and_a_concentration_make_a_rate():
    strength = units.concentration("10 mU/mL")
    assert units.rate("2 mU/min", strength=strength).ml_per_h == 12
    assert units.rate("0.002 IU/min", strength=strength).ml_per_h == 12
    assert units.rate("5 mg/h", strength=units.concentration("3 mg/mL")).ml_per_h == Fraction(5, 3)


def test_a_dose_per_kilogram_or_square_metre_needs_the_body():
    strength = units.concentration("1 mg/mL")
    body = units.Body(weight_kg=Fraction(70), surface_m2=Fraction("1.8"))
    assert units.rate("5 ug/kg/min", strength=strength, body=body).ml_per_h == 21
    assert units.rate("4 mL/kg/h", body=units.Body(Fraction(10))).ml_per_h == 40
    assert units.dose("2400 mg/m²", "dose", strength, body).value == Fraction("4.32")
    with pytest.raises(BadInput, match=r"rate = '4 mL/kg/h': needs the patient's weight"):
        units.rate("4 mL/kg/h")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("40", "has no unit"),
        (40, "in quotes"),
        ("", "does not begin with a number"),
        ("mL/h", "does not begin with a number"),
        ("nan mL/h", "does not begin with a number"),
        ("inf mL/h", "does not begin with a number"),
        ("-40 mL/h", "is negative; the least is 0"),
        ("40 foo/h", "unknown unit 'foo/h'"),
        ("1,5 mL/h", "has a comma in its number; write a point, as in '1.5'"),
        ("40 mL/h; import os", "unknown unit"),
        ("40 __class__", "unknown unit"),
        ("40 mL**9/h", "unknown unit"),
        ("40 mL", "is a volume, not a rate"),
        ("40 h", "not a volume, a dose"),
        ("40 mg/h", "needs the concentration"),
        ("1e99 mL/h", "more than 100 L/h"),
        ("1e-30 mL/h", "digits"),
        ("1 mL in 3", "has no unit"),
        ("1 mL in 0 h", "divides by zero"),
        ("1 mL in 2 h in 3 h", "only one division"),
        ("9" * 100, "at most 80"),
    ],
)
def test_a_bad_rate_gets_one_message_with_its_field_and_value(text, says):
    with pytest.raises(BadInput, match="basal") as caught:
        units.rate(text, "basal")
    assert says in str(caught.value)


def test_a_volume_is_whole_nanolitres_and_nothing_finer():
    assert units.volume_nl("10 mL") == 10_000_000
    assert units.volume_nl("0.000003 mL") == 3
    with pytest.raises(BadInput, match="finer than 1 nL"):
        units.volume_nl("0.0000001 mL")
    with pytest.raises(BadInput, match="more than 20 L"):
        units.volume_nl("21 L")


def test_a_duration_is_whole_milliseconds():
    assert units.duration_ms("1.5 h") == 5_400_000
    assert units.duration_ms("2500 ms") == 2500
    with pytest.raises(BadInput, match="finer than 1 ms"):
        units.duration_ms("1 us")
    with pytest.raises(BadInput, match="60 days"):
        units.duration_ms("9 weeks")


def test_a_threshold_in_bar_is_never_raised_by_rounding():
    assert units.pressure_mmhg("300 mmHg") == 300
    assert units.pressure_mmhg("0.7 bar") == 525  # 525.04
    assert units.pressure_mmhg("10 psi") == 517  # 517.15


@pytest.mark.parametrize(("text", "mmhg"), [("low", 150), (" Medium ", 300), ("HIGH", 600), ("300 mmHg", 300)])
def test_an_occlusion_threshold_is_a_level_of_the_pump_or_a_pressure(text, mmhg):
    assert units.occlusion_mmhg(text) == mmhg


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("middle", "is no level; write low, medium, high, or a pressure"),
        ("low 150 mmHg", "does not begin with a number"),
        (300, "write a number and its unit in quotes"),
        ("5 mL", "is volume, not a pressure"),
    ],
)
def test_a_threshold_that_is_neither_says_what_would_be_right(text, says):
    with pytest.raises(BadInput, match=says):
        units.occlusion_mmhg(text)


def test_a_body_has_a_size_that_bodies_have():
    assert units.weight_kg("9800 g") == Fraction("9.8")
    with pytest.raises(BadInput, match=r"0\.2 kg to 500 kg"):
        units.weight_kg("70 g")
    with pytest.raises(BadInput, match=r"0\.1 m2 to 4 m2"):
        units.surface_m2("18 m2")


def test_units_of_activity_are_no_units_of_weight():
    with pytest.raises(BadInput, match="activity"):
        units.rate("2 mU/min", strength=units.concentration("10 mg/mL"))
    with pytest.raises(BadInput, match="not an amount of drug in a volume"):
        units.concentration("10 mL")
    with pytest.raises(BadInput, match="more than 0"):
        units.concentration("0 mg/mL")


@given(st.decimals(min_value="0.001", max_value="1200", places=6, allow_nan=False))
@settings(max_examples=200, deadline=None)
def test_every_decimal_rate_is_kept_exactly(value):
    assert units.rate(f"{value} mL/h").ml_per_h == Fraction(str(value))


def test_a_number_that_is_not_exact_in_decimals_says_so():
    assert units.rounded(Fraction(100, 3)) == "about 33.3333"
    assert units.rounded(Fraction(40)) == "40"
    assert units.rounded(Fraction(5, 2)) == "2.5"


def test_a_dose_by_weight_of_a_drug_that_is_counted_in_units_is_explained():
    """It was said to be "mass x volume / activity / time", which is true and helps nobody."""
    strength = units.concentration("100 IU/mL")
    with pytest.raises(BadInput, match="counts the drug by mass, and its concentration = '100 IU/mL' does not"):
        units.dose("18 mg/h", "dose", strength, units.Body())
