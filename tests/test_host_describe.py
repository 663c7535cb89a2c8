"""The words of `show`: every rate exact and rounded, and what the pump would refuse."""

import pytest

from picoinfuse import Therapy
from picoinfuse.describe import rate_words, words
from picoinfuse.therapy import shipped


def test_a_rate_is_told_exact_and_rounded():
    assert rate_words(10, 3) == "12 mL/h (10 nL in 3 ms)"
    assert rate_words(250, 27) == "about 33.3333 mL/h (exactly 100/3 mL/h, 250 nL in 27 ms)"


def test_hydration_in_words():
    text = words(Therapy.read("hydration"))
    assert "40 mL/h (100 nL in 9 ms) until 40 mL are given: 1 h" in text
    assert "a child, 10 kg" in text
    assert "BD 60 mL, 26.7 mm inside, 60 mL in it" in text


@pytest.mark.parametrize("name", shipped())
def test_every_therapy_says_that_it_is_for_teaching_only(name):
    assert "For teaching only" in words(Therapy.read(name))


def test_a_dose_is_repeated_beside_the_volume_that_follows_from_it():
    text = words(Therapy.read("ceftriaxone"))
    assert "100 mL/h (250 nL in 9 ms) until 50 mL are given: 30 min [dose = 1 g]" in text
    assert "keep the vein open at 3 mL/h" in text


def test_what_the_pump_would_refuse_is_told():
    text = words(Therapy.read("hydration").with_syringe("BD 5 mL"))
    assert "REFUSED" in text
    assert "40 mL are ordered, 5 mL" in " ".join(text.split())
