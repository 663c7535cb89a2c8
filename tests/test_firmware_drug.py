"""The drug of a program and the patient's weight: which names, units, concentrations and weights there are."""

import pytest

from boards import order, rate
from orders import drug, weight
from picoinfuse_firmware import program_limits
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.options import Option


def refusal(option):
    return program_limits.program(order(rate(60, 1), options=[option]), Config())


@pytest.mark.parametrize("name", ["morphine.ng", "insulin.uU", "calcium.nmol", "potassium.nEq", "5-fu.ng", "a_b.ng"])
def test_a_drug_has_a_name_and_a_unit(name):
    assert refusal(drug(name)) is None


@pytest.mark.parametrize(
    "what", ["-", "morphine", ".ng", "morphine.", "morphine.mg", "Morphine.ng", "a.b.ng", "a" * 25 + ".ng", "m.NG"]
)
def test_another_word_is_no_drug(what):
    assert refusal(Option("drug", what, [1, 1])) == ("bad_option", 0, 0)


def test_a_concentration_is_two_numbers_above_0():
    for numbers, place in (([], 1), ([1], 2), ([1, 1, 1], 4)):
        assert refusal(Option("drug", "morphine.ng", numbers)) == ("bad_option", 0, place)
    assert refusal(drug(amount=0)) == ("concentration_range", 0, 10**15)
    assert refusal(drug(amount=10**15 + 1))[0] == "concentration_range"
    assert refusal(drug(amount=-5))[0] == "concentration_range"
    assert refusal(drug(volume_nl=0))[0] == "concentration_range"
    assert refusal(drug(volume_nl=10**12 + 1)) == ("concentration_range", 10**12 + 1, 10**12)
    assert refusal(drug(amount=10**15, volume_nl=10**12)) is None


def test_a_weight_is_that_of_a_person():
    assert refusal(weight(200)) is refusal(weight(500000)) is None
    assert refusal(weight(199)) == ("weight_range", 199, 200)
    assert refusal(weight(500001)) == ("weight_range", 500001, 500000)
    assert refusal(Option("weight", "-", [70000, 1])) == ("bad_option", 0, 1)
