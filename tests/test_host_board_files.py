"""How a board comes to its prompt, and what is said when it may not; how its files are read and replaced."""

import pytest

from picoinfuse import board_files
from picoinfuse.errors import NoPump, PicoInfuseError, Refused, SilentPump, WrongDevice


class FakePump:
    """Stands in for a Pump: a state, and what hello raises; remembers what was done with it."""

    def __init__(self, state="idle", raises=None):
        self.state, self.raises = state, raises
        self.done = []

    def __call__(self, port):  # the class, as board_files calls it
        return self

    def hello(self, tries):
        if self.raises:
            raise self.raises

    def status(self):
        return self

    def close(self):
        self.done.append("close")


class LeavingPump(FakePump):
    def leave(self):
        self.done.append("leave")


def present(monkeypatch, pump, absent_for=0):
    """Put a pump there; its port is gone for so many looks after it left."""
    looks = []

    class Port:
        def __init__(self, port):
            looks.append(port)
            if pump.done and len(looks) <= 1 + absent_for:
                raise NoPump(port)

        def close(self):
            pass

    monkeypatch.setattr(board_files, "Pump", pump)
    monkeypatch.setattr(board_files, "SerialPort", Port)


@pytest.mark.parametrize("error", [SilentPump("x"), WrongDevice("x")])
def test_a_board_that_is_no_pump_is_left_to_mpremote(monkeypatch, error):
    pump = LeavingPump(raises=error)
    present(monkeypatch, pump)
    assert board_files.at_prompt("COM5") is False
    assert pump.done == ["close"]


@pytest.mark.parametrize("state", ["idle", "staged", "ready", "complete", "alarm", "selftest"])
def test_a_pump_that_does_nothing_leaves_and_is_waited_for(monkeypatch, state):
    pump, waited = LeavingPump(state), []
    present(monkeypatch, pump, absent_for=3)
    assert board_files.at_prompt("COM5", wait=waited.append) is True
    assert pump.done == ["leave", "close"]
    assert waited == [3.0, 0.5, 0.5, 0.5]


@pytest.mark.parametrize("state", board_files.UNDER_WAY)
def test_what_is_under_way_is_not_ended(monkeypatch, state):
    pump = LeavingPump(state)
    present(monkeypatch, pump)
    with pytest.raises(Refused, match=f"COM5: the pump is {state}; nothing was changed.*picoinfuse stop --port COM5"):
        board_files.at_prompt("COM5")
    assert pump.done == ["close"]


def test_a_pump_that_cannot_leave_is_said(monkeypatch):
    pump = FakePump()
    present(monkeypatch, pump)
    with pytest.raises(PicoInfuseError, match=r"cannot bring it to MicroPython's prompt.*docs/hardware\.md"):
        board_files.at_prompt("COM5")
    assert pump.done == ["close"]


def test_a_board_that_does_not_come_back_is_said(monkeypatch):
    present(monkeypatch, LeavingPump(), absent_for=1000)
    with pytest.raises(NoPump, match="did not come back"):
        board_files.at_prompt("COM5", wait=lambda seconds: None)


class FakeMpremote:
    """Stands in for mpremote: runs what it is told where we are, with what it printed as the answer."""

    port = "COM5"

    def __init__(self, *, deaf=False):
        self.deaf = deaf

    def __call__(self, verb, program):
        assert verb == "exec"
        said = []
        if not self.deaf:
            exec(program, {"print": lambda *words: said.append(" ".join(map(str, words)))})
        return "\n".join(said) + "\n"


@pytest.mark.usefixtures("own_folder")
def test_a_file_is_read_and_replaced_and_the_one_before_is_kept():
    mpremote = FakeMpremote()
    assert board_files.read_file(mpremote, "it.json") is None
    for data in (b"one", b"one", b"two\0\xff", b""):
        board_files.replace_file(mpremote, "it.json", data)
        assert board_files.read_file(mpremote, "it.json") == data
    assert board_files.read_file(mpremote, "it.json.old") == b"two\0\xff"
    assert board_files.read_file(mpremote, "it.json.new") is None
    assert board_files.restart(mpremote) is False  # this is no Pico


def test_a_board_that_says_nothing_is_no_board():
    with pytest.raises(WrongDevice, match="does not answer as MicroPython"):
        board_files.read_file(FakeMpremote(deaf=True), "it.json")
    with pytest.raises(board_files.NotWritten):
        board_files.replace_file(FakeMpremote(deaf=True), "it.json", b"x")
