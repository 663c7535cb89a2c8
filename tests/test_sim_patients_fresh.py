"""What docs/patients.md says of PCA and of reactions, measured again on the real firmware."""

import importlib.util
from pathlib import Path

import pytest

from picoinfuse_sim.patient.pca import TOO_SLOW_PER_MIN

DOCS = Path(__file__).parent.parent / "docs"
STALE = "docs/patients.md is stale: run `python docs/patients.py`"


@pytest.fixture(scope="module")
def docs():
    spec = importlib.util.spec_from_file_location("docs_patients", DOCS / "patients.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def text():
    return (DOCS / "patients.md").read_text("utf-8")


def line(cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |\n"


def breaths(cells):
    return float(cells[9])


def test_who_presses_alone_is_safe_and_a_relative_is_not(docs, text):
    alone, proxy = (docs.pca_row(*docs.PCA[i]) for i in (0, 1))
    assert breaths(alone) > 12
    assert alone[10] == "never"
    assert breaths(proxy) < TOO_SLOW_PER_MIN
    assert 1 < float(proxy[10].split()[0]) < 6
    assert proxy[2] > 2 * alone[2]
    assert "occlusion" not in proxy[11], "no alarm of the pump can see it"
    for row in (alone, proxy):
        assert line(row) in text, STALE


def test_a_severe_reaction_to_iron_as_it_is_told(docs, text):
    its = docs.REACTIONS[3]
    row = docs.reaction_row(*its, *docs.reacting(*its))
    assert row[-1] == "stopped"
    assert line(row) in text, STALE


def test_every_part_of_the_page_has_something_that_measures_it(docs, text):
    assert {part[1] for part in docs.PART.findall(text)} == set(docs.PARTS)
