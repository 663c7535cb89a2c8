"""The syringe catalogue: whole numbers, plausible, and found by the names people type."""

import pytest

from picoinfuse import Program, Refused, syringes
from picoinfuse.errors import BadInput


def test_the_house_syringe_in_whole_numbers():
    assert syringes.find("BD 60 mL") == syringes.Syringe("BD 60 mL", 26_700, 60_000_000, 5_000, 2_200)


@pytest.mark.parametrize("name", ["bd60", "BD 60", "bd 60 ml", "BD60mL"])
def test_case_blanks_and_the_unit_do_not_matter(name):
    assert syringes.find(name).name == "BD 60 mL"


@pytest.mark.parametrize("name", ["BX 60 mL", "", "60", None, 60])
def test_an_unknown_syringe_is_answered_with_the_known_ones(name):
    with pytest.raises(BadInput, match=r"syringe = .*unknown syringe.*BD 5 mL.*Monoject 140 mL"):
        syringes.find(name)


def test_a_syringe_of_your_own_is_taken_as_it_is():
    mine = syringes.Syringe("mine", 20_100, 20_000_000, 2_500, 1_600)
    assert syringes.find(mine) is mine


def test_every_syringe_is_plausible():
    assert len(syringes.catalogue()) == 21
    for its in syringes.catalogue().values():
        stroke_mm = its.capacity_nl / 1000 / (3.14159 * (its.barrel_um / 2000) ** 2)
        assert 30 < stroke_mm < 140, its.name
        assert 1000 <= its.friction_mn <= 8000
        assert 1200 <= its.compliance_nl_mmhg <= 2800


def test_every_syringe_of_the_catalogue_takes_every_level_and_a_dry_one_only_the_high_one():
    """What friction can fake is below the low level everywhere; a plunger of 20 N in 60 mL is another matter."""
    for its in syringes.catalogue().values():
        for level in ("low", "medium", "high"):
            Program.continuous("5 mL/h", "1 mL", syringe=its, occlusion=level).check_limits()
    dry = syringes.Syringe("dry 60 mL", 26_700, 60_000_000, 20_000, 2_200)
    for level in ("low", "medium"):
        with pytest.raises(Refused, match="friction alone can look like 536 mmHg in this syringe"):
            Program.continuous("5 mL/h", "1 mL", syringe=dry, occlusion=level).check_limits()
    Program.continuous("5 mL/h", "1 mL", syringe=dry, occlusion="high").check_limits()
