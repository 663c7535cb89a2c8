"""What happens at power-on: the prompt or the pump, whole or damaged, and the loop that polls."""

import sys
import types
from pathlib import Path

import pytest

from pico.stand_ins import Clock, fresh
from picoinfuse_firmware import alarms
from picoinfuse_firmware.board import RESET_POWER, RESET_WATCHDOG
from picoinfuse_firmware.pico import manifest, parts, watchdog, way_back
from testboard import TestBoard

PINS = types.SimpleNamespace(STEP=2, DIR=3, ENABLE=4, KEY_MUTE=17, UART_TX=0, UART_RX=1)


class Wire:
    def drain(self, ms):
        pass


class Board(TestBoard):
    """Ends the firmware after some polls, as a host would. fails_in: polls whose idle raises."""

    __test__ = False

    def __init__(self, start, **options):
        super().__init__(**options)
        self.start = start
        self.polls = 0
        self.waited_ms = []
        self.fails_in = ()

    def idle(self, ms):
        self.polls += 1
        self.waited_ms.append(ms)
        self.now_us += ms * 1000
        self.start.clock.us += ms * 1000
        if self.polls == self.start.polls:
            self.leave()
        if self.polls in self.fails_in:
            raise OSError("a display that came loose")


class Start:
    """One start of a board, with everything around it standing in."""

    def __init__(self, monkeypatch):
        self.clock = Clock()
        self.monkeypatch = monkeypatch
        self.keyboard = []  # what kbd_intr was told
        self.thresholds = []
        self.collections = 0
        self.pins = {}  # number -> level that was driven last
        self.blinks = []
        self.made = []  # (watchdog, cause, problem)
        self.polls = 30
        self.board = Board(self)
        start = self

        class Pin:
            OUT = 1

            def __init__(self, number, how, value=0):
                start.pins[number] = value

        machine = types.SimpleNamespace(Pin=Pin, Timer=lambda period, callback: self.blinks.append(period))
        gc = types.SimpleNamespace(collect=self._collect, threshold=self.thresholds.append, mem_free=lambda: 90000)
        modules = {
            "time": self.clock.module(),
            "gc": gc,
            "micropython": types.SimpleNamespace(kbd_intr=self.keyboard.append),
            "machine": machine,
            "picoinfuse_firmware.pico.pins": PINS,
        }
        self.main = fresh("main", modules)
        for name, module in modules.items():
            monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setattr(sys.modules["picoinfuse_firmware.pico"], "pins", PINS, raising=False)
        monkeypatch.setattr(way_back, "_key_is_held", lambda: False)
        monkeypatch.setattr(manifest, "problem", lambda: "")
        monkeypatch.delitem(sys.modules, "picoinfuse_firmware.pico.health", raising=False)
        monkeypatch.setattr(sys, "print_exception", lambda error: print(repr(error)), raising=False)

    def _collect(self):
        self.collections += 1

    def make(self, dog, cause, problem):
        self.made.append((dog, cause, problem))
        self.board.cause, self.board.problem = cause, problem
        return self.board, Wire()

    def run(self):
        self.main.run(self.make)


@pytest.fixture
def start(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return Start(monkeypatch)


def test_a_whole_board_becomes_a_pump_and_polls_ten_times_a_second(start, capsys):
    start.run()
    assert start.board.polls == 30
    assert set(start.board.waited_ms) == {100}
    assert start.made[0][1:] == (RESET_POWER, "")
    assert isinstance(start.made[0][0], watchdog.Watchdog)
    assert start.board.fed == 3
    assert capsys.readouterr().out == ""  # the wire carries nothing but frames


def test_ctrl_c_is_nothing_while_it_is_a_pump_and_works_at_the_prompt(start):
    start.run()
    assert start.keyboard == [-1, 3]


def test_garbage_is_collected_between_polls_and_never_inside_one(start):
    start.run()
    assert start.thresholds == [16384, -1]  # often while it is built, then only when `health` says so
    assert start.board.health()[4:] == (90000, 90000)


def test_the_outputs_are_safe_before_and_after(start):
    start.run()
    assert start.pins == {PINS.STEP: 0, PINS.ENABLE: 1}
    assert start.board.halts >= 1


@pytest.mark.parametrize("why", ["file", "key"])
def test_a_start_that_is_wanted_for_the_prompt_builds_no_pump(start, why, capsys, monkeypatch):
    if why == "file":
        Path(way_back.FLAG).write_text("")
    else:
        monkeypatch.setattr(way_back, "_key_is_held", lambda: True)
    start.run()
    assert start.made == []
    assert start.keyboard == []
    assert start.blinks == [1000]
    assert start.pins[PINS.ENABLE] == 1
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "MicroPython's prompt" in said
    assert "next start" in said
    assert ("host" if why == "file" else "mute key") in said


def test_after_leaving_the_next_start_is_the_prompt_and_the_one_after_a_pump(start):
    start.run()
    assert Path(way_back.FLAG).exists()
    start.run()
    assert len(start.made) == 1
    start.board.polls = 0
    start.run()
    assert len(start.made) == 2


def test_damaged_files_make_a_pump_that_says_so_and_does_not_infuse(start, monkeypatch):
    monkeypatch.setattr(manifest, "problem", lambda: manifest.DAMAGED)
    start.run()
    assert start.made[0][2] == "files_damaged"
    assert start.board.shown == (alarms.HIGH, True)


def test_a_restart_by_the_watchdog_is_told_to_the_board(start, monkeypatch):
    monkeypatch.setattr(watchdog, "fired", lambda: True)
    start.run()
    assert start.made[0][1] == RESET_WATCHDOG
    assert start.board.shown == (alarms.HIGH, True)


def test_a_pump_that_cannot_be_built_says_what_was_wrong_and_leaves_the_prompt(start, capsys, monkeypatch):
    def make(dog, cause, problem):
        start.pins.update({PINS.STEP: 1, PINS.ENABLE: 0})
        raise MemoryError("memory allocation failed")

    start.main.run(make)
    said = capsys.readouterr().out
    assert "nothing will move" in said
    assert "memory allocation failed" in said
    assert (start.pins[PINS.STEP], start.pins[PINS.ENABLE]) == (0, 1)
    assert start.keyboard == [-1, 3]
    assert start.blinks == [100]


def test_what_fails_between_two_polls_stops_the_motor_and_alarms_and_the_pump_goes_on(start):
    start.board.fails_in = (5, 6, 7)
    start.run()
    assert start.board.polls == 30
    assert start.board.halts >= 3
    assert start.board.shown == (alarms.HIGH, True)


def test_a_pump_that_cannot_even_alarm_ends_with_its_outputs_off(start, capsys, monkeypatch):
    """The watchdog, which nobody feeds then, starts it again."""

    from picoinfuse_firmware.controller import Controller

    def failed(controller, error):
        raise OSError("no light, no sound")

    monkeypatch.setattr(Controller, "failed", failed)
    start.board.fails_in = (5,)
    start.run()
    assert start.board.polls == 5
    assert start.board.halts >= 1
    assert "no light, no sound" in capsys.readouterr().out
    assert start.blinks == [100]


def test_the_time_that_a_poll_took_is_not_waited_again(start, monkeypatch):
    from picoinfuse_firmware.controller import Controller

    def poll(controller, whole=Controller.poll):
        start.clock.us += 30000
        return whole(controller)

    monkeypatch.setattr(Controller, "poll", poll)
    start.run()
    assert set(start.board.waited_ms) == {70}
    assert start.board.health()[:2] == (30000, 30000)


@pytest.mark.parametrize(("wire_uart", "wire"), [(0, "console"), (1, ("uart", 0, 1))])
def test_the_parts_of_a_pico_are_put_together_as_its_configuration_says(start, monkeypatch, wire_uart, wire):
    config = types.SimpleNamespace(min_interval_us=500, motor_reversed=1, wire_uart=wire_uart)
    found = {"config": "config_missing"}

    def put(name, **contents):
        full = "picoinfuse_firmware.pico." + name
        module = types.SimpleNamespace(**contents)
        monkeypatch.setitem(sys.modules, full, module)
        monkeypatch.setattr(sys.modules["picoinfuse_firmware.pico"], name, module, raising=False)

    put("configuration", read=lambda: (config, found["config"]))
    put("wire", console=lambda: "console", uart=lambda tx, rx: ("uart", tx, rx))
    put("board", PicoBoard=lambda **parts: parts)
    put("stepper", Stepper=lambda *parts: parts)
    journal = types.SimpleNamespace(problem="journal_missing")
    put("sectors", Files=lambda: "files", Sectors=lambda device, files: (device, files))
    put("store", Store=lambda sectors: journal if sectors == ("flash", "files") else None)
    monkeypatch.setitem(sys.modules, "rp2", types.SimpleNamespace(Flash=lambda: "flash"))
    its_parts, its_wire = parts.pico("dog", RESET_POWER, "")
    assert its_wire == wire
    assert its_parts == {
        "config": config,
        "stepper": (2, 3, 4, 500, 1),
        "store": journal,
        "wire": wire,
        "watchdog": "dog",
        "cause": RESET_POWER,
        "problem": "config_missing",
    }
    assert parts.pico("dog", RESET_POWER, "files_damaged")[0]["problem"] == "files_damaged"
    found["config"] = ""
    assert parts.pico("dog", RESET_POWER, "")[0]["problem"] == "journal_missing"
