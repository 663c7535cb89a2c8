"""How a board starts, and how MicroPython's prompt is reached again: the Pico's own start on the real MicroPython."""

import re
import select
import shutil
from pathlib import Path

import pytest

import picoinfuse as pi

pytestmark = pytest.mark.micropython

HERE = Path(__file__).parent
LEFT_S = 2.0  # a pump leaves within a second or so after it said that it would
RUN = "import pc_board; pc_board.run()"


@pytest.fixture
def board(installed):
    """A board with the firmware and its board for the PC, at its prompt."""
    for name in ("toy_board.py", "pc_board.py"):
        shutil.copyfile(HERE / name, installed.folder / name)
    return installed


def program():
    return pi.Program.continuous(rate="200 mL/h", volume="5 mL", syringe="BD 60 mL", near_end="0 s")


def leave(port):
    with pi.connect(port) as pump:
        pump.leave()
    select.select([], [], [], LEFT_S)


def test_left_by_a_request_reached_by_mpremote_and_a_pump_again(board):
    board.mpremote("exec", "--no-follow", RUN)
    with pi.connect(board.port) as pump:
        pump.start(program())
        with pytest.raises(pi.Refused, match="stop it first"):
            pump.leave()
        pump.stop()
    leave(board.port)
    assert board.mpremote("exec", "print(6 * 7)").strip() == "42"
    assert "MicroPython's prompt, since a host asked for it" in board.mpremote("exec", RUN)
    board.mpremote("exec", "--no-follow", RUN)
    with pi.connect(board.port) as pump:
        assert pump.status().state == "idle"
        assert pump.problem() == ""


def test_files_that_are_not_whole_make_a_pump_that_says_so_and_can_be_left(board):
    path = next(iter(sorted((board.folder / "picoinfuse_firmware").glob("undo.*"))))
    path.write_bytes(path.read_bytes() + (b"\n" if path.suffix == ".py" else b""))
    if path.suffix == ".mpy":  # of a compiled file every byte counts: a module that belongs to nobody is damage as well
        (path.parent / "of_last_year.py").write_text("x = 1\n", "utf-8")
    board.mpremote("exec", "--no-follow", RUN)
    with pi.connect(board.port) as pump:
        status = pump.status()
        assert (status.state, status.alarm_names) == ("alarm", ["self_test"])
        assert pump.problem() == "files_damaged"
        with pytest.raises(pi.Refused):
            pump.load(program())
    leave(board.port)
    assert board.mpremote("exec", "print(6 * 7)").strip() == "42"


def test_a_firmware_that_cannot_even_be_imported_leaves_the_prompt(board):
    for path in (board.folder / "picoinfuse_firmware").glob("delivery.*"):
        path.unlink()
    said = board.mpremote("exec", RUN)
    assert "no pump, nothing will move" in said
    assert re.search(r"ImportError.*delivery", said)
    assert board.mpremote("exec", "print(6 * 7)").strip() == "42"


def test_polls_and_collections_are_measured_apart(board):
    board.mpremote("exec", "--no-follow", RUN)
    with pi.connect(board.port) as pump:
        for _ in range(20):
            pump.status()
        health = pump.health()
    assert 0 < health["poll_us_mean"] <= health["poll_us_max"]
    assert 0 < health["collect_us_mean"] <= health["collect_us_max"]
    assert 0 < health["least_free_bytes"] <= health["free_bytes"]
