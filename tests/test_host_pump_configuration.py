"""The configuration on a board: what is written, what is refused, and that a pump is started again in any case."""

import pytest

from picoinfuse import board_files, configuration, pump_configuration
from picoinfuse.errors import BadInput

PORT = "/dev/ttyACM0"


class FakeBoard:
    """Stands in for the files of a board and for its pump."""

    def __init__(self, monkeypatch, data=None, running=True):
        self.data, self.running, self.log = data, running, []
        monkeypatch.setattr(board_files, "at_prompt", self.at_prompt)
        monkeypatch.setattr(board_files, "read_file", lambda mpremote, path: self.data)
        monkeypatch.setattr(board_files, "replace_file", self.replace)
        monkeypatch.setattr(board_files, "restart", self.restart)

    def at_prompt(self, port, *, wait):
        self.log.append("prompt")
        return self.running

    def replace(self, mpremote, path, data):
        self.log.append("write")
        self.data = data

    def restart(self, mpremote):
        self.log.append("restart")
        return True


@pytest.mark.parametrize("running", [True, False])
def test_a_change_is_written_and_the_pump_starts_anew(monkeypatch, running):
    board = FakeBoard(monkeypatch, configuration.sealed(configuration.defaults()), running)
    before, after, starts = pump_configuration.change(PORT, lambda its, problem: {**its, "pitch_um": 8000})
    assert (before["pitch_um"], after["pitch_um"], starts) == (2000, 8000, True)
    assert configuration.of_pump(board.data) == (after, "")
    assert board.log == ["prompt", "write", "restart"]


@pytest.mark.parametrize("running", [True, False])
def test_a_change_that_is_refused_writes_nothing_and_starts_the_pump_that_ran(monkeypatch, running):
    board = FakeBoard(monkeypatch, None, running)
    with pytest.raises(BadInput, match=r"battery_empty_mv = 9000: must be below battery_low_mv = 7200"):
        pump_configuration.change(PORT, lambda its, problem: {**its, "battery_empty_mv": 9000})
    assert board.data is None
    assert board.log == ["prompt", "restart"] if running else ["prompt"]


def test_looking_starts_the_pump_again_and_tells_the_problem(monkeypatch):
    board = FakeBoard(monkeypatch, b"{")
    assert pump_configuration.fetch(PORT) == (configuration.defaults(), "config_damaged")
    assert board.log == ["prompt", "restart"]


def test_a_mended_file_is_built_on_what_could_be_read(monkeypatch):
    board = FakeBoard(monkeypatch, configuration.sealed({**configuration.defaults(), "has_force": 1}))
    told = []

    def new(its, problem):
        told.append(problem)
        return {**its, "force_calibrated": 20260131}

    pump_configuration.change(PORT, new)
    assert told == ["config_rule.force_calibrated"]
    assert configuration.of_pump(board.data)[1] == ""


def test_only_a_serial_port_has_a_flash():
    with pytest.raises(BadInput, match="socket://"):
        pump_configuration.fetch("socket://localhost:1")
    assert pump_configuration.fetch("sim://")[0] == configuration.defaults()


def test_changes_are_told_as_people_write_them():
    before = configuration.defaults()
    after = {**before, "has_keys": 1, "volume_calibrated": 20260131}
    assert pump_configuration.changes(before, after) == [
        "  volume_calibrated: 0 becomes 2026-01-31",
        "  has_keys: false becomes true",
    ]
