"""The watchdog of a Pico: started by the first sign of life, and told apart from every other reset."""

import sys
import types

import pytest

from picoinfuse_firmware.pico import watchdog
from picoinfuse_sim import bench


class Machine:
    """The module `machine`, with one watchdog and the register that says why the chip was reset."""

    def __init__(self, registers=None):
        self.started = []
        self.fed = 0
        self.mem32 = registers or {}

    def WDT(self, timeout):  # noqa: N802  (MicroPython's name)
        assert not self.started, "it cannot be started twice"
        self.started.append(timeout)
        return self

    def feed(self):
        self.fed += 1


def test_it_starts_with_the_first_sign_of_life_and_is_fed_from_then_on(monkeypatch):
    machine = Machine()
    monkeypatch.setitem(sys.modules, "machine", machine)
    dog = watchdog.Watchdog()
    assert machine.started == []
    for _ in range(4):
        dog.feed()
    assert machine.started == [watchdog.TIMEOUT_MS]
    assert machine.fed == 3


def test_it_waits_as_long_as_that_of_the_simulated_board():
    assert watchdog.TIMEOUT_MS == bench.WATCHDOG_MS


def test_a_board_without_a_watchdog_goes_on_without(monkeypatch):
    monkeypatch.setitem(sys.modules, "machine", types.ModuleType("machine"))
    dog = watchdog.Watchdog()
    dog.feed()
    dog.feed()


@pytest.mark.parametrize(
    ("chip", "register"),
    [("Raspberry Pi Pico with RP2040", 0x40058008), ("Raspberry Pi Pico2 with RP2350", 0x400D8008)],
)
@pytest.mark.parametrize(
    ("reason", "by_watchdog"), [(0, False), (1, True), (2, False)], ids=["power", "its timer", "machine.reset()"]
)
def test_only_its_own_timer_counts_as_the_watchdog(monkeypatch, chip, register, reason, by_watchdog):
    monkeypatch.setitem(sys.modules, "machine", Machine({register: reason}))
    monkeypatch.setattr(sys.implementation, "_machine", chip, raising=False)
    assert watchdog.fired() is by_watchdog


def test_a_pc_was_not_reset_by_a_watchdog():
    assert watchdog.fired() is False
