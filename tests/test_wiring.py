"""The wiring picture: drawn from the present pin table, with every wire of it."""

import importlib.util
from pathlib import Path

import pytest

from picoinfuse_firmware.pico import pin_table

PATH = Path(__file__).parent.parent / "docs" / "wiring.py"


@pytest.fixture
def wiring():
    spec = importlib.util.spec_from_file_location("docs_wiring", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_wire_of_the_table_is_drawn_to_a_part(wiring):
    drawn = [name for _, names in wiring.PARTS for name in names]
    assert sorted(drawn) == sorted(row[1] for row in pin_table.TABLE if row[1] != "LED")
    on_the_board = {name for name in (*wiring.LEFT, *wiring.RIGHT) if isinstance(name, int)}
    assert {row[0] for row in pin_table.TABLE if row[1] != "LED"} <= on_the_board
    assert len(wiring.LEFT) == len(wiring.RIGHT) == 20


def test_the_picture_was_drawn_from_the_present_table(wiring, monkeypatch):
    assert wiring.main(["--check"]) == 0
    monkeypatch.setattr(pin_table, "TABLE", pin_table.TABLE[1:])
    assert wiring.main(["--check"]) == 1
