"""The way back to MicroPython's prompt: a file for one start, and a key that is held."""

import sys
import types

import pytest

from pico.stand_ins import Clock
from picoinfuse_firmware.pico import way_back


class Reset(BaseException):
    """The board was reset: nothing goes on after it."""


class Key:
    """machine.Pin of a key between its pin and ground; released_after: reads until it is let go."""

    IN, PULL_UP = 0, 1
    released_after = 0
    opened = ()

    def __init__(self, *how):
        Key.opened = how
        self._reads = 0

    def value(self):
        self._reads += 1
        return int(self._reads > self.released_after)


class Wire:
    drained_ms = 0

    def drain(self, ms):
        self.drained_ms = ms


@pytest.fixture
def pico(tmp_path, monkeypatch):
    """A Pico with a key and an empty file system."""

    def reset():
        raise Reset

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Key, "released_after", 0)
    monkeypatch.setitem(sys.modules, "time", Clock().module())
    monkeypatch.setitem(sys.modules, "machine", types.SimpleNamespace(Pin=Key, reset=reset))
    pins = types.SimpleNamespace(KEY_MUTE=17)
    monkeypatch.setitem(sys.modules, "picoinfuse_firmware.pico.pins", pins)
    monkeypatch.setattr(sys.modules["picoinfuse_firmware.pico"], "pins", pins, raising=False)
    return tmp_path


def test_a_start_belongs_to_the_pump(pico):
    assert way_back.wanted() == ""
    assert Key.opened == (17, Key.IN, Key.PULL_UP)


def test_leaving_sends_the_last_answer_resets_and_counts_for_one_start(pico):
    wire = Wire()
    with pytest.raises(Reset):
        way_back.WayBack(wire).leave()
    assert wire.drained_ms == 200
    assert "a host asked for it" in way_back.wanted()
    assert way_back.wanted() == ""


def test_a_key_that_is_held_means_the_prompt_and_one_that_bounces_does_not(pico):
    Key.released_after = way_back.HELD_MS - 1
    assert way_back.wanted() == ""
    Key.released_after = way_back.HELD_MS
    assert "mute key" in way_back.wanted()


def test_who_presses_mute_while_a_pump_hangs_does_not_lose_its_alarm(pico, monkeypatch):
    """Bug: the watchdog restarted the board to a silent prompt, and nobody was told that a program was under way."""
    Key.released_after = way_back.HELD_MS
    monkeypatch.setattr("picoinfuse_firmware.pico.watchdog.fired", lambda: True)
    assert way_back.wanted() == ""


def test_a_pc_has_neither_key_nor_reset_and_its_loop_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    back = way_back.WayBack(Wire())
    assert not back.left
    back.leave()
    assert back.left
    assert way_back.wanted() == "a host asked for it"
    assert way_back.wanted() == ""
