"""What docs/home.md says of a pump in a bag and of a cold drug: closed forms, and its tables measured again."""

import importlib.util
import re
from pathlib import Path

import pytest

from picoinfuse_sim import Bench, bag

DOCS = Path(__file__).parent.parent / "docs"
STALE = "docs/home.md is stale: run `python docs/home.py`"


@pytest.fixture(scope="module")
def make():
    spec = importlib.util.spec_from_file_location("docs_home", DOCS / "home.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def part(name):
    """Return a measured part of the document."""
    text = (DOCS / "home.md").read_text("utf-8")
    return re.search(rf"<!-- measured: {name} -->\n(.*?)<!-- end -->", text, re.DOTALL).group(1)


def row(name, *key):
    """Return the cells of the row that begins with `key`."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part(name).strip().splitlines()[2:]]
    return next(cells for cells in rows if cells[: len(key)] == list(key))


def same(name, measured, *key, least=0.1):
    """Compare a row: words the same, numbers within a twentieth, or `least`."""
    number = re.compile(r"[+-]?\d+\.?\d*")
    for old, new in zip(row(name, *key), map(str, measured), strict=True):
        assert number.sub("", old) == number.sub("", new), STALE
        for a, b in zip(number.findall(old), number.findall(new), strict=True):
            assert float(b) == pytest.approx(float(a), rel=0.05, abs=least), STALE


@pytest.mark.parametrize("syringe", ["BD 20 mL", "BD 60 mL"])
def test_a_move_up_gives_what_the_line_stores_and_a_move_down_takes_it_back(syringe):
    """Compliance times 50 cm of water, the plunger's rubber included: 1.36 cm are 1 mmHg (REFERENCE section 4)."""
    bench = Bench(syringe=syringe)
    soft_nl_mmhg = bench.line.compliance_nl_per_mmhg + bench.syringe.stopper_nl_per_mmhg
    stored_ml = soft_nl_mmhg * 50 / 1.36 / 1e6
    assert bag.moved(syringe, 5.0, 50).extra_ml == pytest.approx(stored_ml, rel=0.15)
    down = bag.moved(syringe, 5.0, -50)
    assert down.extra_ml == pytest.approx(-stored_ml, rel=0.15)
    assert down.pause_s == pytest.approx(stored_ml / 5.0 * 3600, abs=30)


def test_the_table_of_moves_is_fresh(make):
    same("moves", make.move_row("BD 60 mL", 1.0), "BD 60 mL", "1")


def test_the_table_of_hours_in_a_bag_is_fresh(make):
    same("walks", make.walk_row("BD 20 mL", 5.0), "BD 20 mL", "5", least=1)


def test_the_table_of_cold_drugs_is_fresh(make):
    same("cold", make.cold_row("epidural", 20.0), "epidural", "20")


def test_the_table_of_batteries_is_fresh(make):
    same("battery", make.battery_row("BD 60 mL", "20 mL/h"), "BD 60 mL", "20")


def test_the_day_at_home_is_told_as_in_the_document(make):
    its = make.story()
    said = part("diary")
    for dose in its.doses[0]:
        assert f"  {dose.number}     10.000      10.000" in said, STALE
        assert dose.status in said, STALE
    rows = re.findall(r"^  2023-\S+ \S+  (\S+(?: \S+)*) +(?:low|medium|high) ", said, re.M)
    assert rows == [alarm.name.replace("_", " ") for alarm in its.alarms], STALE


def test_a_picture_of_the_hour_is_drawn(tmp_path):
    bag.draw(tmp_path / "bag.png")
    assert (tmp_path / "bag.png").read_bytes().startswith(b"\x89PNG")
