"""A name that is not known: what may have been meant stands behind the list, on the command line too."""

import pytest

from picoinfuse.cli import main
from picoinfuse.nearest import perhaps


def test_a_slip_of_the_finger_is_recognised_and_nonsense_is_not():
    assert perhaps("hydratoin", ["ceftriaxone", "hydration", "oxytocin"]) == "; did you mean hydration?"
    assert perhaps("xyz", ["ceftriaxone", "hydration"]) == ""


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["run", "hydratoin"], "hydration"),
        (["run", "hydration", "--syringe", "Terumoo 60 mL"], "Terumo 60 mL"),
        (["run", "hydration", "--fault", "clmp@10min"], "clamp"),
    ],
)
def test_a_mistyped_therapy_syringe_or_fault_is_guessed(capsys, arguments, meant):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert f"did you mean {meant}" in said
    assert said.count("\n") == 1
