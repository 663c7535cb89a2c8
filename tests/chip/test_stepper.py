"""Stepper on the emulated chip under MicroPython: edges to the cycle, counts, how soon a halt stops, what it costs."""

from itertools import pairwise

import pytest

pytestmark = pytest.mark.chip

US = 125  # cycles
STEP, DIR, ENABLE = 2, 3, 4

BEGIN = """
import gc
from time import ticks_us, ticks_add, ticks_diff, sleep_us
from picoinfuse_firmware.pico import stepper, stepper_program
s = stepper.Stepper(2, 3, 4, 20)
"""


@pytest.fixture
def chip(installed):
    from chip.emulator import Chip

    return Chip(flash=installed)


@pytest.fixture
def repl(chip):
    from chip.repl import Repl

    repl = Repl(chip)
    repl.run(BEGIN)
    return repl


def rises(edges):
    return [cycle for cycle, level in edges if level]


def numbers(text):
    return [int(word) for word in text.split()]


def test_micropython_assembles_what_the_stand_in_of_the_other_tests_assembles(repl):
    from pico.pio_bench import Bench

    program = Bench().module.program
    words = numbers(repl.run("print(*stepper_program.make_steps[0]); print(*stepper_program.count_steps[0])"))
    assert words == program.make_steps.opcodes + program.count_steps.opcodes


def test_queued_runs_are_exact_and_counted_by_direction(chip, repl):
    steps, turns = chip.record(STEP), chip.record(DIR)
    assert chip.level(ENABLE) == 1
    assert chip.level(STEP) == 0
    text = repl.run(
        "at = ticks_add(ticks_us(), 20000)\n"
        "s.move(50, 20, at)\ns.move(-3, 1000, ticks_add(at, 5000))\ns.move(2, 5000, ticks_add(at, 10000))\n"
        "room = s.room()\nsleep_us(50000)\n"
        "print(at, room, s.room(), s.steps(), s.steps_forward(), s.steps_reverse())"
    )
    at, *rest = numbers(text)
    assert rest == [0, 3, 49, 52, 3]
    assert chip.level(ENABLE) == 0
    ups = rises(steps)
    assert {b - a for (a, level), (b, _) in pairwise(steps) if level} == {4 * US}
    wanted = [20 * i for i in range(50)] + [5000, 6000, 7000] + [10_000, 15_000]
    assert [up - ups[0] for up in ups] == [us * US for us in wanted]
    assert len(turns) == 2
    late_us = ups[0] / US - at
    print(f"the first step is {late_us:.1f} us behind its time")
    assert abs(late_us) < 15


def test_every_halt_is_quick_and_its_count_is_exact(chip, repl):
    """With interrupts of USB and at any moment of a step, for queues of one to three runs."""
    steps = chip.record(STEP)
    text = repl.run(
        "seen = []\n"
        "for i in range(60):\n"
        "    at = ticks_add(ticks_us(), 1500)\n"
        "    s.move(20, 20, at)\n"
        "    if i % 3: s.move(20, 20, ticks_add(at, 400))\n"
        "    if i % 3 > 1: s.move(20, 20, ticks_add(at, 800))\n"
        "    while ticks_diff(ticks_us(), at) < 37 * i % 900: pass\n"
        "    called = ticks_us()\n"
        "    n = s.halt()\n"
        "    took = ticks_diff(ticks_us(), called)\n"
        "    seen.append((n, called, took))\n"
        "    sleep_us(3000)\n"
        "for row in seen: print(*row)\n"
        "print(s.steps())",
        limit_us=20_000_000,
    )
    *halts, total = (numbers(line) for line in text.splitlines())
    ups = rises(steps)
    assert total == [len(ups)]
    bursts = [i + 1 for i, (a, b) in enumerate(pairwise(ups)) if b - a > 1500 * US] + [len(ups)]
    plateaus = [n for i, (n, _, _) in enumerate(halts) if n != (halts[i - 1][0] if i else 0)]
    assert plateaus == bursts
    stop_us = [ups[n - 1] / US - called for n, called, _ in halts if n]
    print(
        f"last edge {max(stop_us):.0f} us after the call, {max(took for *_, took in halts)} us until the count is known"
    )
    assert max(stop_us) < 100
    assert min(b - a for (a, level), (b, _) in pairwise(steps) if level) >= 4 * US


def test_nothing_is_lost_while_python_is_held_up(chip, repl):
    steps = chip.record(STEP)
    text = repl.run(
        "from machine import disable_irq, enable_irq\n"
        "at = ticks_add(ticks_us(), 2000)\n"
        "s.move(200, 100, at)\ns.move(405, 100, ticks_add(at, 20000))\n"
        "state = disable_irq()\n"
        "while ticks_diff(ticks_us(), at) < 65000: pass\n"
        "enable_irq(state)\n"
        "print(s.steps())"
    )
    assert numbers(text) == [605]
    assert {b - a for a, b in pairwise(rises(steps))} == {100 * US}


def test_nothing_is_allocated_and_what_each_verb_takes(repl):
    text = repl.run(
        "def cost(verb, *words):\n"
        "    gc.collect()\n"
        "    gc.disable()\n"
        "    before = gc.mem_alloc()\n"
        "    begun = ticks_us()\n"
        "    verb(*words)\n"
        "    took = ticks_diff(ticks_us(), begun)\n"
        "    print(gc.mem_alloc() - before, took)\n"
        "    gc.enable()\n"
        "for i in range(2):\n"
        "    at = ticks_add(ticks_us(), 300000)\n"
        "    cost(s.move, 100, 1000, at)\n"
        "    cost(s.move, 100, 1000, ticks_add(at, 100000))\n"
        "    cost(s.room)\n"
        "    cost(s.steps)\n"
        "    cost(s.halt)\n"
    )
    rows = [numbers(line) for line in text.splitlines()][5:]
    print({name: us for name, (_, us) in zip(("move", "move", "room", "steps", "halt"), rows, strict=True)})
    assert [allocated for allocated, _ in rows] == [0] * 5
    assert max(us for _, us in rows) < 500


def test_a_reset_in_mid_run_stops_the_steps(chip, repl):
    repl.run("s.move(10000, 100, ticks_add(ticks_us(), 1000))")
    steps = chip.record(STEP)
    chip.run(5000)
    assert len(steps) > 80
    repl.start("import machine; machine.reset()")
    assert chip.run_until(lambda: chip.resets, 100_000, 100)
    steps.clear()
    chip.run(1_000_000)
    assert [level for _, level in steps if level] == []
