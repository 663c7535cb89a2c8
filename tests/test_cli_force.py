"""Reading a load cell at the prompt: the program for the board, a stand-in for its HX711, and what silence means."""

import sys
import types

import pytest

from picoinfuse import pump_configuration
from picoinfuse.cli import force, main
from picoinfuse.errors import NoPump, SilentPump


class Hx711:
    """An HX711 as its data sheet has it: data low when ready, a bit with each pulse, 25 pulses in all."""

    IN, OUT = 0, 1

    def __init__(self, counts, silent_after=10**9):
        self.counts, self.silent_after = counts, silent_after
        self.pulses = self.given = self.now_ms = 0
        self.high = False

    def modules(self):
        chip = self

        class Pin:
            IN, OUT, PULL_UP = 0, 1, 2

            def __init__(self, number, direction, pull=None, value=None):
                assert (number, direction) in ((force.DATA_PIN, 0), (force.CLOCK_PIN, 1))
                self.number = number

            def value(self, level=None):
                return chip.data() if self.number == force.DATA_PIN else chip.clock(level)

        def disable_irq():
            return 7

        def enable_irq(state):
            assert state == 7
            assert chip.pulses == 0  # all 25 were given

        def ticks_ms():
            chip.now_ms += 50
            return chip.now_ms

        machine = types.SimpleNamespace(Pin=Pin, disable_irq=disable_irq, enable_irq=enable_irq)
        time = types.SimpleNamespace(ticks_ms=ticks_ms, ticks_add=lambda a, b: a + b, ticks_diff=lambda a, b: a - b)
        return {"machine": machine, "time": time}

    def data(self):
        if not self.pulses:
            return int(self.given >= self.silent_after)
        return (self.counts[self.given % len(self.counts)] & 0xFFFFFF) >> (24 - self.pulses) & 1

    def clock(self, level):
        if level and not self.high:
            self.pulses += 1
            if self.pulses == 25:
                self.pulses = 0
                self.given += 1
        self.high = bool(level)


def run(monkeypatch, program, chip):
    said = []
    for name, module in chip.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    exec(program, {"print": lambda *words: said.append(" ".join(map(str, words)))})
    return "\n".join(said)


@pytest.mark.parametrize("counts", [[0], [1, -1], [8388607, -8388608], [123456, -654321, 5]])
def test_the_program_reads_signed_counts(monkeypatch, counts):
    program = force.READ_CELL.format(data=force.DATA_PIN, clock=force.CLOCK_PIN, count=6)
    said = run(monkeypatch, program, Hx711(counts)).splitlines()
    wanted = [counts[(number + 1) % len(counts)] for number in range(6)]  # the first, from before, is dropped
    assert [int(line.split()[1]) for line in said] == wanted


class FakeBoard:
    """A board at its prompt with a cell, reached in place of a port."""

    def __init__(self, monkeypatch, chips, answers=None):
        self.chips, self.monkeypatch = list(chips), monkeypatch
        self.closed = False
        self.written = None

        def reach(port):
            raise answers or SilentPump("nothing answers")

        monkeypatch.setattr("picoinfuse.cli.choose.reach", reach)
        monkeypatch.setattr(pump_configuration, "board", lambda port: self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closed = True

    def __call__(self, verb, program):
        return run(self.monkeypatch, program, self.chips.pop(0))


def test_a_cell_that_was_never_calibrated_is_read_at_the_prompt(monkeypatch, capsys):
    board = FakeBoard(monkeypatch, [Hx711([1000, 1010]), Hx711([108_000, 108_010])])

    def change(port, new):
        before = pump_configuration.of_simulated("sim://")
        after = new(before, "")
        board.written = after
        return before, after, True

    monkeypatch.setattr(pump_configuration, "change", change)
    assert main(["calibrate", "force", "--port", "COM5", "--mass", "1 kg", "--yes"]) == 0
    assert board.closed
    assert board.written["force_zero_counts"] == 1005
    assert board.written["force_counts_per_n"] == 10_911  # 107000 / 9.80665
    assert board.written["has_force"] == 1
    said = capsys.readouterr().out
    assert "has_force: false becomes true" in said
    assert "The pump starts anew" in said


def test_a_cell_that_falls_silent_is_told_with_what_to_look_at(monkeypatch, capsys):
    board = FakeBoard(monkeypatch, [Hx711([1], silent_after=30)])
    assert main(["calibrate", "force", "--port", "COM5", "--mass", "1 kg", "--yes"]) == 4
    assert "gave 29 of 50 readings without a load. Is the HX711 supplied" in capsys.readouterr().err
    assert board.closed


def test_no_board_is_no_reason_to_go_on(monkeypatch, capsys):
    FakeBoard(monkeypatch, [], NoPump("There is no port COM5"))
    assert main(["calibrate", "force", "--port", "COM5", "--mass", "1 kg", "--yes"]) == 4
    assert "no port COM5" in capsys.readouterr().err
