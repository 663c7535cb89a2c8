"""Stepper over both PIO programs: halts at any moment, counts in both directions, pins. Runs: test_stepper.py."""

from itertools import pairwise

import pytest

from pico.pio_bench import DIR, ENABLE, MASK, STEP, Bench
from pico.step_checks import PULSE_US, check, in_us, steps_at


@pytest.fixture
def bench():
    return Bench()


# --- halt -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("waiting", [0, 1, 2])
@pytest.mark.parametrize("flushes", [True, False])
def test_a_halt_at_every_cycle_keeps_the_count_and_the_pulse(bench, waiting, flushes):
    """From before the first step to behind the last run; then not one step more, and the next run is on time."""
    bench.flushes = flushes  # if the queue could not be emptied at once, it is emptied word by word
    stepper = bench.stepper()
    for at in range(0, 100 + 40 * waiting, 1 if flushes else 7):
        first = in_us(bench, 500)  # so far ahead that all of them are queued, and none is waited for
        stepper.move(3, 20, first & MASK)
        for i in range(waiting):
            stepper.move(-2 if i else 2, 20, (first + 60 + 40 * i) & MASK)
        assert stepper.room() == 2 - waiting
        bench.run(first - 20 + at - in_us(bench, 0))
        called = bench.now
        steps = stepper.halt()
        assert stepper.room() == 3
        assert steps == stepper.steps()
        assert not [edge for edge in bench.edges() if edge > bench.ticks + called + 1]
        assert bench.step_level() == 0
        edges = len(bench.edges())
        bench.run(300)
        assert len(bench.edges()) == edges
    first = in_us(bench, 1000)
    stepper.move(4, 50, first & MASK)
    bench.run(2000)
    assert bench.edges()[-4:] == steps_at(first, 4, 50)
    check(bench, stepper)


@pytest.mark.parametrize("at", range(8))
def test_a_pulse_is_never_cut_short_however_fast_python_is(at):
    bench = Bench(cost=lambda name: 1 if name == "ticks_us" else 0)
    stepper = bench.stepper()
    stepper.move(9, 20, in_us(bench, 1000) & MASK)
    while not bench.edges():
        bench.run(1)
    bench.run(at)
    steps = stepper.halt()
    assert steps == len(bench.edges()) == 1
    assert bench.pulses()[0] >= PULSE_US
    bench.run(1000)
    check(bench, stepper)


@pytest.mark.parametrize("at", [*range(8), 50, 90, 140, 141, 155])
def test_a_halt_just_after_a_move_drops_it(bench, at):
    stepper = bench.stepper()
    stepper.move(3, 20, in_us(bench, 0) & MASK)
    bench.run(at)
    steps = stepper.halt()
    bench.run(1000)
    assert steps == stepper.steps() == len(bench.edges())
    check(bench, stepper)


def test_after_a_halt_the_least_distance_is_kept(bench):
    stepper = bench.stepper(min_interval_us=500)
    stepper.move(9, 500, in_us(bench, 0) & MASK)
    while len(bench.edges()) < 2:
        bench.run(1)
    stepper.halt()
    stepper.move(-1, 500, in_us(bench, 0) & MASK)
    bench.run(2000)
    assert bench.edges()[2] - bench.edges()[1] >= 500
    assert (stepper.steps_forward(), stepper.steps_reverse()) == (2, 1)


def test_halting_a_motor_that_stands_changes_nothing(bench):
    stepper = bench.stepper()
    for _ in range(3):
        assert stepper.halt() == 0
    stepper.move(2, 20, in_us(bench, 300) & MASK)
    bench.run(1000)
    assert stepper.halt() == 2
    assert stepper.halt() == 2
    check(bench, stepper)


def test_a_firmware_that_hangs_stops_the_motor_by_itself(bench):
    stepper = bench.stepper()
    first = in_us(bench, 1000)
    for i in range(3):
        stepper.move(5, 100, (first + 500 * i) & MASK)
    bench.run(3_600_000_000)  # nobody calls anything
    assert bench.edges() == steps_at(first, 15, 100)
    assert bench.step_level() == 0
    assert stepper.steps() == 15
    first = in_us(bench, 1000)
    stepper.move(1, 100, first & MASK)
    bench.run(2000)
    assert bench.edges()[-1] == first


# --- counts and direction -------------------------------------------------------------------------------------------


def test_a_reversal_behind_forward_runs_is_counted_in_its_direction(bench):
    stepper = bench.stepper()
    first = in_us(bench, 1000)
    stepper.move(5, 100, first & MASK)
    stepper.move(-3, 100, (first + 500) & MASK)
    stepper.move(2, 100, (first + 800) & MASK)
    seen = []
    for _ in range(120):
        bench.run(10)
        steps = stepper.steps()
        seen.append(steps)
    assert seen[0] == 0
    assert max(seen) == 5
    assert {b - a for a, b in pairwise(seen)} <= {-1, 0, 1}
    assert seen[-1] == 4
    assert (stepper.steps_forward(), stepper.steps_reverse()) == (7, 3)
    check(bench, stepper)


def test_a_motor_wired_the_other_way_round_turns_and_counts_the_same(bench):
    stepper = bench.stepper(motor_reversed=1)
    stepper.move(5, 100, in_us(bench, 1000) & MASK)
    stepper.move(-2, 100, in_us(bench, 2000) & MASK)
    bench.run(5000)
    assert bench.directions() == [1] * 5 + [0] * 2
    assert (stepper.steps(), stepper.steps_forward(), stepper.steps_reverse()) == (3, 5, 2)


@pytest.mark.parametrize("start", [0, 1, 3, 2**30, 2**30 + 4, 2**31 + 2, 2**32 - 1])
def test_the_count_goes_on_when_its_registers_wrap(start):
    bench = Bench(registers=(start, start))
    stepper = bench.stepper()
    assert stepper.steps() == 0  # whatever stood in the registers at power-on
    for count in (3, -2, 4, -6):
        stepper.move(count, 20, in_us(bench, 200) & MASK)
        bench.run(500)
        check(bench, stepper)
    assert (stepper.steps_forward(), stepper.steps_reverse()) == (7, 8)


def test_the_count_may_grow_beyond_what_a_register_shows(bench):
    stepper = bench.stepper()
    stepper._low = 2**30 - 2
    stepper.move(5, 20, in_us(bench, 200) & MASK)
    bench.run(1000)
    assert stepper.steps() == 2**30 + 3


# --- pins -----------------------------------------------------------------------------------------------------------


def test_at_boot_the_driver_is_off_and_step_is_low(bench):
    bench.stepper()
    assert bench.history == [(ENABLE, 1), (STEP, 0), (DIR, 0)]
    bench.run(1_000_000)
    assert bench.changes == []


def test_the_first_move_switches_the_driver_on_and_it_stays_on(bench):
    stepper = bench.stepper()
    stepper.move(1, 20, in_us(bench, 1000) & MASK)
    assert bench.levels[ENABLE] == 0
    bench.run(5000)
    stepper.halt()
    stepper.move(1, 20, in_us(bench, 1000) & MASK)
    assert bench.history[3:] == [(ENABLE, 0)]


def test_switching_the_driver_off_halts_first(bench):
    stepper = bench.stepper()
    stepper.move(50, 100, in_us(bench, 300) & MASK)
    bench.run(1000)
    stepper.enable(False)
    edges = len(bench.edges())
    assert bench.levels[ENABLE] == 1
    bench.run(10_000)
    assert len(bench.edges()) == edges == stepper.steps()
    stepper.enable(True)
    assert bench.levels[ENABLE] == 0


@pytest.mark.parametrize("machine", [0, 2, 4, 6])
def test_any_pair_of_state_machines_will_do(bench, machine):
    stepper = bench.stepper(machine=machine)
    stepper.move(2, 20, in_us(bench, 500) & MASK)
    assert stepper.room() == 2
    bench.run(1000)
    assert [m.number for m in bench.machines] == [machine, machine + 1]
    assert stepper.steps() == 2
    assert stepper.room() == 3
