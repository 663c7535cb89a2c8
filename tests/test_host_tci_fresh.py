"""The tables of docs/tci.md are what is measured now: a part of them is measured again and compared."""

import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
STALE = "docs/tci.md is stale: run `python docs/tci.py`"
NUMBER = re.compile(r"[+-]?\d+\.?\d*")


@pytest.fixture(scope="module")
def make():
    spec = importlib.util.spec_from_file_location("docs_tci", DOCS / "tci.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(name):
    """Return the rows of a measured table, without its head, as lists of cells."""
    text = (DOCS / "tci.md").read_text("utf-8")
    part = re.search(rf"<!-- measured: {name} -->\n(.*?)<!-- end -->", text, re.DOTALL).group(1)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.strip().splitlines()[2:]]


def compare(name, key, measured):
    """Compare the row that begins with `key`: words the same, numbers within 5 % or half a unit."""
    written = next(row for row in rows(name) if row[: len(key)] == key)
    assert len(written) == len(measured), STALE
    for old, new in zip(written, map(str, measured), strict=True):
        said = f"{STALE}: {old!r} is {new!r}"
        assert NUMBER.sub("", old) == NUMBER.sub("", new), said
        for a, b in zip(NUMBER.findall(old), NUMBER.findall(new), strict=True):
            assert float(b) == pytest.approx(float(a), rel=0.05, abs=0.5), said


def test_the_table_of_the_start_is_fresh(make):
    compare("start", ["Schnider", "ideal"], make.start_row("Schnider", True))


def test_the_table_of_the_delay_is_fresh(make):
    compare("delay", ["600"], make.delay_row("600 mL/h"))


def test_the_table_of_other_models_is_fresh(make):
    compare("lesson", ["Marsh", "Schnider"], make.lesson_row("Marsh", "Schnider"))


def test_the_table_of_occlusions_is_fresh(make):
    compare("occlusion", ["2"], make.occlusion_row(2))


def test_every_row_that_is_promised_is_there(make):
    count = len(make.MODELS)
    assert len(rows("start")) == 2 * count
    assert len(rows("lesson")) == count * (count - 1)
    assert [row[0] for row in rows("delay")] == ["1200", "600", "300", "150"]
    assert [row[0] for row in rows("occlusion")] == ["2", "5"]


def test_what_the_written_tables_say_keeps_the_claims():
    for row in rows("start"):
        assert float(row[5]) < 2, "overshoot of the patient"
        assert all(3.9 < float(value) < 4.1 for value in NUMBER.findall(row[6]))
    for row in rows("killed"):
        assert float(row[5]) < float(row[2]), "the plasma stays below its ceiling"
    for row in rows("occlusion"):
        assert float(row[5]) < 3
        assert float(row[6]) <= 600


@pytest.mark.parametrize("name", ["tci.png", "tci-models.png"])
def test_the_pictures_are_there_and_small(name):
    path = DOCS / name
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size < 200_000
