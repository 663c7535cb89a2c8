"""The two PIO programs by themselves: every edge to the cycle. What the stand-in leaves out stands in pio_bench.py."""

import pytest

from pico.pio_bench import DIR, STEP, Bench

WIDTH_US = 4


@pytest.fixture
def bench():
    return machines()


def machines(**options):
    """A bench whose maker and counter run, without the Stepper's own use of them."""
    bench = Bench(cost=lambda name: 0, **options)
    bench.program = bench.module.program
    bench.stepper()
    bench.maker, bench.counter = bench.machines
    return bench


def put(bench, count, interval_us, wait=0, direction=0):
    """Put a run, its last word when the maker waits for it; return when that was."""
    bench.maker.put((count - 1) << 1 | direction)
    bench.maker.put(interval_us - bench.program.STEP_CYCLES)
    bench.run(5)
    bench.maker.put(wait)
    return bench.now


def rises(bench):
    return [at for at, pin, level in bench.changes if pin == STEP and level]


def counted(bench):
    """Return the steps with DIR low and high, from the registers themselves."""
    x, y = bench.registers
    return (x - bench.counter.state.x_register) % 2**32, (y - bench.counter.state.y_register) % 2**32


def test_the_stand_in_assembles_what_micropython_assembles(bench):
    """These numbers were printed by MicroPython 1.28 on the emulated RP2040."""
    maker = [32928, 24577, 24671, 32928, 41159, 32928, 40999, 71, 45862, 135]
    assert bench.maker.program.opcodes == maker
    assert bench.counter.program.opcodes == [8352, 196, 69, 5, 133, 8224]


def test_both_programs_fit_beside_another_one(bench):
    assert len(bench.maker.program.opcodes) + len(bench.counter.program.opcodes) <= 32 // 2


@pytest.mark.parametrize("interval_us", [20, 21, 37, 500, 1000, 65_537, 1_000_000, 3_600_000_000, 2**32 - 1])
@pytest.mark.parametrize("count", [1, 2, 3, 17])
def test_every_period_is_exact(count, interval_us):
    bench = machines()
    at = put(bench, count, interval_us)
    bench.run(count * interval_us + 100)
    assert rises(bench) == [at + bench.program.PUT_CYCLES + i * interval_us for i in range(count)]
    assert set(bench.pulses()) == {WIDTH_US}
    assert counted(bench) == (count, 0)


def test_a_long_run_is_exact_to_its_end(bench):
    at = put(bench, 3000, 20)
    bench.run(61_000)
    assert rises(bench) == [at + bench.program.PUT_CYCLES + 20 * i for i in range(3000)]
    assert counted(bench) == (3000, 0)


@pytest.mark.parametrize("wait", [0, 1, 2, 7, 1000, 2**32 - 1])
def test_the_first_step_comes_after_its_wait_and_so_does_that_of_the_next_run(bench, wait):
    first = put(bench, 2, 20, wait)
    put(bench, 1, 20, wait)
    bench.run(2 * wait + 1000)
    first += wait + bench.program.PUT_CYCLES
    assert rises(bench) == [first, first + 20, first + 20 + wait + bench.program.RUN_CYCLES]


def test_direction_is_set_up_before_a_step_and_held_after_it(bench):
    """A DRV8825 wants 650 ns before and after, an A4988 200 ns, a TMC2209 20 ns."""
    for direction in (1, 0, 1, 0):
        bench.run(100)
        put(bench, 2, 20, 0, direction)
        put(bench, 2, 20, 0, 1 - direction)
    bench.run(1000)
    before, after = bench.direction_margins()
    assert before >= 2
    assert after >= WIDTH_US + 2
    assert counted(bench) == (8, 8)


@pytest.mark.parametrize("words", [0, 1, 2])
def test_a_starved_maker_stands_with_step_low_and_goes_on_when_words_come(bench, words):
    run = [(3 - 1) << 1, 50 - bench.program.STEP_CYCLES, 0]
    for word in run + run[:words]:
        bench.maker.put(word)
    bench.run(10_000)
    assert bench.step_level() == 0
    assert len(rises(bench)) == 3
    for word in run[words:]:
        bench.maker.put(word)
    begun = bench.now
    bench.run(10_000)
    assert bench.step_level() == 0
    assert len(rises(bench)) == 6
    assert rises(bench)[5] - rises(bench)[3] == 100
    assert rises(bench)[3] - begun <= bench.program.PUT_CYCLES + 5
    assert counted(bench) == (6, 0)


@pytest.mark.parametrize("start", [0, 1, 2, 5, 2**30, 2**30 + 3, 2**32 - 1])
def test_the_counter_goes_through_zero_and_never_counts_for_the_other_direction(start):
    bench = machines(registers=(start, start))
    put(bench, 4, 20, 0, 0)
    put(bench, 3, 20, 0, 1)
    bench.run(1000)
    assert counted(bench) == (4, 3)


def test_every_instruction_of_the_maker_says_where_step_stands(bench):
    """So the one that restarts it, and the one that empties its queue, lower STEP: rp2 sends both with side-set 0."""
    assert bench.maker.program.side_bits == 1
    high = [opcode for opcode in bench.maker.program.opcodes if opcode & 1 << 12]
    assert len(high) == 1


def test_skipping_cycles_in_which_nothing_happens_changes_nothing():
    seen = []
    for skip in (False, True):
        bench = machines(skip=skip)
        put(bench, 5, 20, 30, 1)
        put(bench, 2, 333, 9, 0)
        bench.run(200)
        put(bench, 3, 21, 500, 1)
        bench.run(3000)
        seen.append((bench.changes, counted(bench)))
    assert seen[0] == seen[1]
    assert any(pin == DIR for _, pin, _ in seen[0][0])
