"""A pump with a drug library: what it stages, and what it does not, whoever asks."""

import pytest

import libraries
from boards import HOUR_MS, Rig, ml, order, rate
from picoinfuse_firmware.library import PARAMETERS, Library
from picoinfuse_firmware.options import Option

LINES = libraries.sealed()
CHECK = Library(LINES.splitlines(keepends=True)).check
MADE_WITH = Option("library", "test-1", [CHECK])
MORPHINE = Option("drug", "morphine.ng", [1, 1])


def rig_with(text=LINES):
    return Rig(texts={"library": text})


def ordered(*phases, options=(MADE_WITH, MORPHINE)):
    return order(*phases, options=options)


def test_a_program_within_the_limits_of_its_library_is_given():
    rig = rig_with()
    rig.start(ordered(rate(1, 5)))
    rig.run(2000)
    assert rig.state == "infusing"


@pytest.mark.parametrize(
    ("program", "answer"),
    [
        (ordered(rate(6, 5)), ["hard_limit.rate", 6000000, 5000000]),
        (ordered(rate(3, 5)), ["soft_limit.rate", 3000000, 2000000]),
        (ordered(rate(1, 5), options=(MADE_WITH,)), ["soft_limit.drug", 0, 0]),
        (ordered(rate(1, 5), options=(MORPHINE,)), ["other_library", 0, CHECK]),
        (ordered(rate(1, 5), options=()), ["other_library", 0, CHECK]),
        (ordered(rate(1, 5), options=(Option("library", "test-1", [7]), MORPHINE)), ["other_library", 7, CHECK]),
        (ordered(rate(1, 5), options=(MADE_WITH, Option("drug", "heroin.ng", [1, 1]))), ["unknown_drug", 0, 3]),
        (ordered(rate(1, 5), options=(MADE_WITH, Option("drug", "morphine.uU", [1, 1]))), ["drug_unit", 0, 0]),
        (ordered(rate(1, 5), options=(MADE_WITH, Option("drug", "morphine.ng", [1, 2]))), ["drug_concentration", 1, 2]),
    ],
)
def test_what_the_library_does_not_allow_is_never_staged(program, answer):
    rig = rig_with()
    assert rig.stage(program) == ("refused", answer)
    assert rig.state == "idle"
    assert rig.refusal("confirm", program.check()) == "not_now"


def test_a_soft_limit_is_passed_with_a_reason_which_is_part_of_the_program():
    """So the check value, the second person and the power cut have it too."""
    reason = Option("override", "pain", [PARAMETERS.index("rate")])
    program = ordered(rate(3, 5), options=(MADE_WITH, MORPHINE, reason))
    rig = rig_with()
    rig.start(program)
    assert "+override pain 0" in program.text()
    assert rig.status()["check"] == program.check()


def test_a_damaged_library_lets_nothing_pass():
    rig = rig_with(LINES[:-3])
    assert rig.stage(ordered(rate(1, 5)))[1][0] == "library_damaged"
    assert rig.stage(order(rate(1, 5)))[1][0] == "library_damaged"


def test_a_pump_without_a_library_refuses_a_program_that_was_made_with_one():
    rig = Rig()
    assert rig.stage(ordered(rate(1, 5)))[1] == ["other_library", CHECK, 0]
    rig.start(order(rate(100, 5), options=(MORPHINE,)))
    assert rig.state == "infusing"
    assert HOUR_MS
    assert ml(1)
