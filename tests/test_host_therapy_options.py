"""What travels beside the phases: the names of drugs, limits that are floored, and what cannot be counted."""

from fractions import Fraction

import pytest

from picoinfuse import units
from picoinfuse.errors import BadInput
from picoinfuse.therapy_options import limit, word
from picoinfuse_firmware import drug


@pytest.mark.parametrize(
    ("name", "travels"),
    [
        ("Morphine", "morphine"),
        ("floxuridine (FUDR)", "floxuridine-fudr"),
        ("methotrexate, without preservative", "methotrexate-without-pre"),
        ("bupivacaine  with fentanyl", "bupivacaine-with-fentany"),
        ("5-fluorouracil", "5-fluorouracil"),
        ("Ünïcode", "n-code"),
        ("???", "drug"),
        ("a" * 23 + " b", "a" * 23),
    ],
)
def test_any_name_travels_as_a_word_that_the_pump_takes(name, travels):
    assert word(name) == travels
    assert drug.is_name(word(name))


@pytest.mark.parametrize(
    ("concentration", "most_nl", "counts"),
    [
        ("1 mg/mL", 10_000_000, 10_000_000),  # ng
        ("3 mg/mL", 1, 3),
        ("1 mg in 3 mL", 10_000_000, 3_333_333),  # never more than written
        ("100 U/mL", 50_000, 5_000_000),  # uU
        ("0.4 mmol/mL", 1_000_000, 400_000),  # nmol
        ("2 mEq/mL", 1_000_000, 2_000_000),  # nEq
    ],
)
def test_a_limit_counts_in_the_unit_of_the_drug_and_is_floored(concentration, most_nl, counts):
    its = limit(3_600_000, Fraction(most_nl), units.concentration(concentration), "limits 1 most")
    assert its.compiled.values() == ["limit", "-", [3_600_000, counts]]


def test_a_limit_below_what_can_be_counted_is_refused():
    with pytest.raises(BadInput, match="limits 1 most: is less than 1 ng, the least that the pump counts"):
        limit(3_600_000, Fraction(1), units.concentration("1 ug/L"), "limits 1 most")
