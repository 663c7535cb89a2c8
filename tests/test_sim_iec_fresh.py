"""The tables of docs/accuracy.md are what is measured now: a part of them is measured again and compared."""

import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
# How far may be off, by column: mmHg at the alarm and left, mL. What is left is noise of the load cell and friction.
OCCLUSION = {7: 5, 8: 20, 9: 0.04, 10: 0.04}
STALE = "docs/accuracy.md is stale: run `python docs/accuracy.py`"


@pytest.fixture(scope="module")
def make():
    spec = importlib.util.spec_from_file_location("docs_accuracy", DOCS / "accuracy.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(name):
    """Return the rows of a measured table, without its head, as lists of cells."""
    text = (DOCS / "accuracy.md").read_text("utf-8")
    part = re.search(rf"<!-- measured: {name} -->\n(.*?)<!-- end -->", text, re.DOTALL).group(1)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.strip().splitlines()[2:]]


def compare(name, key, measured, part, least):
    """Compare the row that begins with `key`: words the same, numbers within a part, or `least` (by column)."""
    written = next(row for row in rows(name) if row[: len(key)] == key)
    assert len(written) == len(measured), STALE
    number = re.compile(r"[+-]?\d+\.?\d*")
    for at, (old, new) in enumerate(zip(written, map(str, measured), strict=True)):
        said = f"{STALE}: {old!r} is {new!r}"
        assert number.sub("", old) == number.sub("", new), said
        for a, b in zip(number.findall(old), number.findall(new), strict=True):
            assert float(b) == pytest.approx(float(a), rel=part, abs=least.get(at, 0.3)), said


@pytest.mark.parametrize(("syringe", "rate"), [("BD 20 mL", "5"), ("BD 60 mL", "0.5"), ("BD 10 mL", "50")])
def test_the_table_of_accuracy_is_fresh(make, syringe, rate):
    compare("accuracy", [syringe, rate], make.accuracy_row(syringe, f"{rate} mL/h")[0], 0.05, {})


@pytest.mark.parametrize(("syringe", "level", "rate"), [("BD 10 mL", "low", "5"), ("BD 60 mL", "medium", "1")])
def test_the_table_of_occlusions_is_fresh(make, syringe, level, rate):
    measured = make.occlusion_row(syringe, level, f"{rate} mL/h")
    compare("occlusion", [syringe, level, str(measured[2]), rate], measured, 0.05, OCCLUSION)


def test_the_table_of_boluses_is_fresh(make):
    compare("friction", ["BD 10 mL", "3"], make.friction_row("BD 10 mL", 3000), 0.1, dict.fromkeys((2, 3, 4), 0.04))


def test_every_row_that_is_promised_is_there(make):
    assert len(rows("accuracy")) == len(make.SYRINGES) * len(make.FLOWS)
    assert [row[0] for row in rows("long_term")] == list(make.SYRINGES)
    assert len(rows("occlusion")) == len(make.SYRINGES) * 6 + 1
    assert len(rows("friction")) == sum(len(frictions) for _, frictions in make.FRICTIONS)


def test_what_the_written_tables_say_keeps_the_claims():
    for row in rows("long_term"):
        assert all(abs(float(cell)) <= 2 for cell in row[1:3])
        assert all(abs(float(cell)) <= 0.1 for cell in row[3:5])
    for row in rows("occlusion"):
        least, most = map(float, row[6].split(" to "))
        assert least <= float(row[5]) <= most
        assert float(row[9]) <= 0.2
    for syringe, newton, held, *_ in rows("friction"):
        assert held == "refused" or float(held) <= 0.2, (syringe, newton)


def test_the_pictures_are_there_and_small(make):
    for syringe in make.SYRINGES:
        path = DOCS / f"accuracy-{syringe.split()[1]}ml.png"
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.stat().st_size < 200_000
