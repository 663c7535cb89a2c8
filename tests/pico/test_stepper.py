"""Stepper over both PIO programs: runs on their times, and room for them. Halts, counts, pins: test_stepper_halt.py.

What the stand-in leaves out: pio_bench.py.
"""

import random

import pytest

from pico.pio_bench import MASK, Bench
from pico.step_checks import check, in_us, steps_at


@pytest.fixture
def bench():
    return Bench()


# --- runs on their times --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("interval_us", [20, 21, 499, 5000, 30_000_000, 3_600_000_000, 2**32 - 1])
def test_every_step_comes_at_its_microsecond(bench, interval_us):
    stepper = bench.stepper()
    first = in_us(bench, 1000)
    stepper.move(3, interval_us, first & MASK)
    bench.run(4 * interval_us + 2000)
    assert bench.edges() == steps_at(first, 3, interval_us)
    check(bench, stepper)


def test_runs_follow_without_a_gap_and_each_begins_at_its_own_time(bench):
    stepper = bench.stepper()
    first = in_us(bench, 500_000)
    stepper.move(10, 333, first & MASK)
    stepper.move(7, 500, (first + 3333) & MASK)
    stepper.move(3, 20, (first + 7001) & MASK)
    bench.run(1_000_000)
    wanted = steps_at(first, 10, 333) + steps_at(first + 3333, 7, 500) + steps_at(first + 7001, 3, 20)
    assert bench.edges() == wanted
    check(bench, stepper)


def test_a_run_whose_time_is_past_begins_at_once_and_the_next_one_is_on_time_again(bench):
    stepper = bench.stepper()
    now = in_us(bench, 0)
    stepper.move(3, 1000, (now - 400_000) & MASK)
    stepper.move(2, 1000, (now + 5000) & MASK)
    bench.run(10_000)
    late = bench.edges()[0] - now
    assert late <= bench.module.START_US + 20
    assert bench.edges() == [*steps_at(now + late, 3, 1000), now + 5000, now + 6000]


def test_a_run_whose_time_is_past_behind_another_keeps_the_least_distance(bench):
    stepper = bench.stepper(min_interval_us=500)
    first = in_us(bench, 2000)
    stepper.move(2, 1000, first & MASK)
    stepper.move(1, 1000, first & MASK)
    bench.run(10_000)
    assert bench.edges() == [first, first + 1000, first + 1500]


@pytest.mark.parametrize("rest_us", [0, 100, 400, 600])
def test_a_motor_that_has_just_stepped_keeps_the_least_distance(bench, rest_us):
    stepper = bench.stepper(min_interval_us=500)
    stepper.move(2, 500, in_us(bench, 1000) & MASK)
    while not bench.edges()[1:]:
        bench.run(1)
    bench.run(rest_us)
    stepper.move(1, 500, in_us(bench, -1000) & MASK)
    bench.run(2000)
    gap = bench.edges()[2] - bench.edges()[1]
    assert 500 <= gap <= max(500, rest_us + bench.module.START_US) + 30


def test_five_minutes_of_runs_of_a_second_do_not_drift(bench):
    """A rate of 7/3 steps a second, as the firmware lays it: whole runs, intervals floored, 0.7 to 1.7 s ahead."""
    stepper = bench.stepper(min_interval_us=500)
    origin = in_us(bench, 1_000_000)
    laid, wanted = 0, []
    for second in range(1, 300):
        due = 7 * second // 3
        first, last = (-(-(n + 1) * 3_000_000 // 7) for n in (laid, due - 1))
        interval = max(500, (last - first) // max(1, due - laid - 1))
        wanted += steps_at(origin + first, due - laid, interval)
        assert stepper.room()
        stepper.move(due - laid, interval, (origin + first) & MASK)
        laid = due
        bench.run(origin + second * 1_000_000 - 600_000 - bench.ticks - bench.now)
    bench.run(3_000_000)
    assert bench.edges() == wanted
    assert bench.edges()[-1] == origin - (-laid * 3_000_000 // 7)
    check(bench, stepper)


@pytest.mark.parametrize("seed", range(200))
def test_any_runs_that_were_queued_are_made_exactly(seed):
    """Runs drawn by chance, appended whenever there is room, early and late, by a Python now fast and now slow."""
    chance = random.Random(seed)
    bench = Bench(ticks=chance.choice([0, MASK - 3000, chance.randrange(MASK)]))
    slow = chance.randint(1, 6)
    bench.cost = lambda name: max(chance.randint(1, slow), bench.assumed_cost(name))
    least = chance.choice([20, 25, 500])
    stepper = bench.stepper(least)
    last = in_us(bench, 0)  # when the last step of all that was appended comes; it begins as if one came at power-on
    bench.run(1000)
    made = 0
    plan = []  # (earliest first edge, latest, count, interval, direction)
    for _ in range(chance.randint(1, 7)):
        while not stepper.room():
            bench.run(chance.randint(1, 2000))
        count = chance.choice([1, 1, 2, 3, 9, chance.randint(1, 40)]) * chance.choice([1, 1, 1, -1])
        interval = chance.choice([least, least + 1, least + chance.randint(0, 900)])
        begin = in_us(bench, 0)
        first = max(begin, last) + chance.randint(-500, 3000)
        stepper.move(count, interval, first & MASK)
        end = in_us(bench, 0)
        soonest = last + least
        latest = max(first, soonest, end + bench.module.START_US + 30)
        if first >= soonest and first >= end + bench.module.START_US:
            latest = first
        plan.append((max(first, soonest), latest, abs(count), interval, int(count < 0)))
        made += abs(count)
        # The plan of the stepper itself: when it was wrong, the edges below would not agree with the next run.
        last = end + ((stepper._last_us - end + MASK // 2) & MASK) - MASK // 2
        bench.run(chance.choice([0, 0, chance.randint(0, 100), chance.randint(0, 20_000)]))
    bench.run(200_000)
    edges, directions = bench.edges(), bench.directions()
    assert len(edges) == made
    for earliest, latest, count, interval, direction in plan:
        run, edges = edges[:count], edges[count:]
        assert earliest <= run[0] <= latest
        assert run == steps_at(run[0], count, interval)
        assert directions[:count] == [direction] * count
        directions = directions[count:]
    assert bench.edges()[-1] == last
    assert stepper.room() == 3
    check(bench, stepper)


@pytest.mark.parametrize("before_us", [*range(-320, -190, 3), *range(-40, 60)])
def test_a_run_appended_while_the_one_before_is_ending_is_not_put_off(before_us):
    """Its own steps may come a little late, but what is appended behind it is exactly on time."""
    bench = Bench()
    stepper = bench.stepper()
    first = in_us(bench, 1000)
    stepper.move(2, 100, first & MASK)
    end = first + 100
    bench.run(end + before_us - in_us(bench, 0))
    stepper.move(3, 20, (end + 20) & MASK)
    stepper.move(2, 20, (end + 5000) & MASK)
    bench.run(10_000)
    assert bench.edges()[:2] == [first, end]
    late = bench.edges()[2] - (end + 20)
    assert 0 <= late <= bench.module.START_US + 60 + max(0, before_us)
    assert bench.edges()[2:5] == steps_at(end + 20 + late, 3, 20)
    assert bench.edges()[5:] == [end + 5000, end + 5020]
    check(bench, stepper)


def test_a_python_faster_or_slower_than_assumed_shifts_all_steps_alike():
    for put_us in (3, 60):
        bench = Bench(cost=lambda name, put_us=put_us: put_us if name == "put" else 2)
        stepper = bench.stepper()
        first = in_us(bench, 5000)
        stepper.move(5, 400, first & MASK)
        for i in range(1, 6):
            stepper.move(5, 400, (first + i * 10_000) & MASK)
            bench.run(10_000)
        off = put_us - bench.module.PUT_US
        bench.run(10_000)
        assert bench.edges() == [at + off for i in range(6) for at in steps_at(first + i * 10_000, 5, 400)]


def test_the_clock_wraps_within_a_run_and_between_runs():
    for ticks in range(MASK - 6000, MASK, 500):
        bench = Bench(ticks=ticks)
        stepper = bench.stepper()
        first = in_us(bench, 1000)
        stepper.move(3, 1000, first & MASK)
        stepper.move(3, 1000, (first + 3000) & MASK)
        bench.run(10_000)
        assert bench.edges() == steps_at(first, 6, 1000)


@pytest.mark.parametrize("rest_us", [MASK // 2, MASK // 2 + 1, MASK - 600, MASK - 100, MASK, MASK + 600, 3 * MASK])
def test_a_motor_that_stood_while_the_clock_wrapped_begins_on_time(bench, rest_us):
    stepper = bench.stepper(min_interval_us=500)
    stepper.move(1, 500, in_us(bench, 1000) & MASK)
    bench.run(1500 + rest_us)
    first = in_us(bench, 2000)
    stepper.move(2, 500, first & MASK)
    bench.run(4000)
    assert bench.edges()[1:] == [first, first + 500]


@pytest.mark.parametrize("gap_us", [600, 300_000_000])
def test_a_run_behind_one_that_lasts_longer_than_the_clock_is_counted_from_its_end(bench, gap_us):
    stepper = bench.stepper(min_interval_us=500)
    first = in_us(bench, 1000)
    stepper.move(3, 3_600_000_000, first & MASK)
    end = first + 2 * 3_600_000_000
    stepper.move(2, 500, (end + gap_us) & MASK)
    bench.run(end + gap_us + 2000 - in_us(bench, 0))
    assert bench.edges() == [*steps_at(first, 3, 3_600_000_000), end + gap_us, end + gap_us + 500]


def test_a_long_run_whose_end_seems_near_since_the_clock_wraps_is_not_waited_for(bench):
    stepper = bench.stepper()
    first = in_us(bench, 1000)
    stepper.move(2, 4 * (MASK + 1) - 1000, first & MASK)  # its end shows the same ticks as now, four wraps later
    stepper.move(1, 20, (first + 5000) & MASK)
    assert bench.now < 3000
    assert stepper.room() == 1


# --- room and refusals ----------------------------------------------------------------------------------------------


def test_room_is_the_running_run_and_two_more(bench):
    stepper = bench.stepper()
    assert stepper.room() == 3
    first = in_us(bench, 1000)
    rooms = []
    for i in range(3):
        stepper.move(2, 100, (first + i * 1000) & MASK)
        bench.run(10)
        rooms.append(stepper.room())
    assert rooms == [2, 1, 0]
    with pytest.raises(RuntimeError, match="room"):
        stepper.move(1, 100, 0)
    bench.run(first + 500 - in_us(bench, 0))
    for room in (1, 2, 3):
        assert stepper.room() == room
        bench.run(1000)
    check(bench, stepper)


def test_room_never_promises_too_much():
    """Asked at every microsecond of three short runs, a move that follows never has to wait for the queue."""
    for at in range(0, 160, 3):
        bench = Bench()
        stepper = bench.stepper()
        first = in_us(bench, 500)
        for i in range(3):
            stepper.move(2, 20, (first + 40 * i) & MASK)
        bench.run(first - 20 + at - in_us(bench, 0))
        for _ in range(stepper.room()):
            stepper.move(2, 20, in_us(bench, 0) & MASK)  # the bench fails if a word finds no place
        bench.run(3000)
        check(bench, stepper)


@pytest.mark.parametrize(
    ("run", "match"),
    [
        ((0, 500, 0), "a run of 0 steps"),
        ((2**29 + 1, 500, 0), "at most 536870912"),
        ((1, 499, 0), "steps 499 us apart; at least 500"),
        ((1, 0, 0), "at least 500"),
        ((1, 2**32, 0), "at most 4294967295"),
    ],
)
def test_what_no_motor_can_do_is_refused_and_nothing_moves(bench, run, match):
    stepper = bench.stepper(min_interval_us=500)
    with pytest.raises(ValueError, match=match):
        stepper.move(*run)
    bench.run(10_000)
    assert bench.edges() == []
    assert not bench.masked
    assert stepper.room() == 3


@pytest.mark.parametrize("hz", [125_000_000, 150_000_000, 200_000_000, 48_000_000])
def test_a_cycle_of_the_maker_is_a_microsecond_at_any_whole_number_of_megahertz(hz):
    bench = Bench(hz=hz)
    bench.stepper()
    maker, counter = bench.machines
    assert maker.freq == 1_000_000
    assert counter.freq >= 4 * maker.freq  # an edge is counted long before its pulse is over


def test_a_clock_that_makes_no_exact_microseconds_is_refused():
    with pytest.raises(ValueError, match="whole MHz"):
        Bench(hz=133_333_333).stepper()
    with pytest.raises(ValueError, match="at least 20"):
        Bench().stepper(min_interval_us=19)
