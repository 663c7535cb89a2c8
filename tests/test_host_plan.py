"""Planned syringe changes: when each is, what is given from each, and how many there have to be."""

from math import sqrt

import pytest

from picoinfuse import Option, Phase, Program, Therapy
from picoinfuse.errors import BadInput
from picoinfuse.plan import check_count, needed_nl, plan
from therapy_text import therapy_text


def of(count, *phases, filled):
    """A program out of so many syringes, each filled alike."""
    return Program(phases, filled=filled, options=[Option.syringes(count)] if count > 1 else (), alike=True)


def test_an_even_rate_empties_even_syringes():
    program = of(2, Phase.rate("2 mL/h", volume="92 mL"), filled="46 mL")
    loads = plan(program)
    assert [(its.number, its.at_s, its.given_ml, its.phase) for its in loads] == [
        (1, 0.0, 46.0, 0),
        (2, pytest.approx(23 * 3600), pytest.approx(46.0), 0),
    ]


def test_the_last_syringe_gives_what_is_left():
    loads = plan(of(3, Phase.rate("100 mL/h", volume="130 mL"), filled="50 mL"))
    assert [its.given_ml for its in loads] == pytest.approx([50, 50, 30])


def test_the_next_syringes_are_full_if_it_is_not_said_that_they_are_filled_alike():
    program = Program([Phase.rate("100 mL/h", volume="130 mL")], filled="50 mL", options=[Option.syringes(3)])
    assert [its.given_ml for its in plan(program)] == pytest.approx([50, 60, 20])


def test_within_a_ramp_the_change_is_when_the_volume_under_it_is_one_syringe():
    """From 0 to r in T the volume after t is r t^2 / 2T."""
    program = of(3, Phase.ramp("0.01 mL/h", "100 mL/h", "1 h"), filled="20 mL")
    at_s = plan(program)[1].at_s
    assert at_s == pytest.approx(3600 * sqrt(2 * 20 / 100), rel=1e-3)


def test_what_keeps_the_vein_open_leaves_the_syringe_too():
    """Dose and what follows until the next one fill a syringe: the change falls between two doses."""
    phases = [Phase.rate("12.5 mL/h", volume="50 mL"), Phase.kvo("0.5 mL/h", "4 h"), Phase.repeat(2)]
    program = of(3, *phases, Phase.rate("12.5 mL/h", volume="50 mL"), filled="52 mL")
    assert needed_nl(program) == 154_000_000
    assert [its.at_s / 3600 for its in plan(program)] == pytest.approx([0, 8, 16])


def test_a_bolus_empties_the_syringe_sooner():
    program = of(2, Phase.bolus("10 mL", "60 mL/h"), Phase.rate("10 mL/h", volume="30 mL"), filled="20 mL")
    assert plan(program)[1].at_s == pytest.approx(3600)  # 10 mL of the bolus and 10 mL of an hour
    assert needed_nl(program) == 40_000_000


def test_a_keep_vein_open_without_end_is_not_planned_for():
    program = of(1, Phase.rate("10 mL/h", volume="50 mL"), Phase.kvo("1 mL/h"), filled="50 mL")
    assert needed_nl(program) == 50_000_000
    check_count(program)


@pytest.mark.parametrize(
    ("volume", "count", "says"),
    [
        ("51 mL", 1, "phases: 51 mL are ordered, keep-vein-open included, and 50 mL are in the syringe"),
        ("51 mL", 1, "plan changes with [syringe] count = 2"),
        ("200 mL", 3, "syringe count = 3: more are needed for 200 mL out of syringes of 50 mL; write count = 4"),
        ("200 mL", 5, "syringe count = 5: fewer are enough for 200 mL out of syringes of 50 mL; write count = 4"),
    ],
)
def test_the_number_of_syringes_has_to_be_right(volume, count, says):
    """A slip of ten times in the volume must not become forty syringes by itself."""
    text = therapy_text(
        syringe=f'[syringe]\nname = "BD 60 mL"\nfilled = "50 mL"\ncount = {count}\n',
        phases=f'[[phases]]\nkind = "rate"\nrate = "100 mL/h"\nvolume = "{volume}"\n',
    )
    with pytest.raises(BadInput) as caught:
        Therapy.parse(text)
    assert says in str(caught.value)


def test_an_empty_syringe_is_refused():
    text = therapy_text(syringe='[syringe]\nname = "BD 60 mL"\nfilled = "0 mL"\n')
    with pytest.raises(BadInput, match="syringe filled: is 0; write how much is in it"):
        Therapy.parse(text)


def test_other_options_phases_or_another_syringe_keep_how_the_next_syringes_are_filled():
    """The drug library puts its options in: that made the next syringes full ones."""
    program = of(3, Phase.rate("100 mL/h", volume="130 mL"), filled="50 mL")
    others = (
        program.with_options(Option.weight("10 kg")),
        program.with_phases(program.phases),
        program.with_syringe("Terumo 60 mL"),
    )
    assert [its.refill_nl for its in others] == [50_000_000] * 3
