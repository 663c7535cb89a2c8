"""Delivered volume: whatever a completed program was made of, it ends within one motor step of the order."""

from fractions import Fraction

import pytest

import picoinfuse as pi
from measure import start, step_nl, times_ms
from picoinfuse_sim import Bench

SYRINGES = ("BD 5 mL", "BD 20 mL", "BD 60 mL")
ML = 10**6  # nL

P = pi.Phase
# name: (phases, ordered nL worked out by hand; keep-vein-open is not part of a dose)
PROGRAMS = {
    "continuous by volume": ([P.rate("12 mL/h", volume="1.2345 mL")], Fraction(1_234_500)),
    "continuous by time": ([P.rate("7 mL/h", duration="10 min")], Fraction(7 * ML, 6)),
    "a volume over a time, 5/3 mL/h": ([P.rate(volume="1 mL", duration="36 min")], Fraction(ML)),
    "whichever is first": ([P.rate("30 mL/h", volume="3 mL", duration="100001 ms")], Fraction(30 * 100_001 * 10, 36)),
    "ramp up and down": (
        [P.ramp("1 mL/h", "31 mL/h", "2 min"), P.ramp("31 mL/h", "2 mL/h", "3 min")],
        Fraction(16 * ML, 30) + Fraction(33 * ML, 40),
    ),
    "ramp that ends within a second": ([P.ramp("10 mL/h", "60 mL/h", "12345 ms")], Fraction(35 * 12_345 * 10, 36)),
    "repeat": ([P.rate("17 mL/h", duration="37 s"), P.pause("5 s"), P.repeat(9)], Fraction(17 * 37 * 9 * 10_000, 36)),
    "pause between": (
        [P.rate("10 mL/h", volume="0.4 mL"), P.pause("3 min"), P.rate("25 mL/h", volume="0.6 mL")],
        Fraction(ML),
    ),
    "bolus beside the basal": (
        [P.rate("5 mL/h", duration="1 min"), P.bolus("0.7 mL", "60 mL/h"), P.rate("5 mL/h", duration="4 min")],
        Fraction(5 * ML, 12) + 700_000,
    ),
    "bolus that outlasts the basal": (
        [P.bolus("0.5 mL", "10 mL/h"), P.rate("20 mL/h", volume="0.1 mL")],
        Fraction(600_000),
    ),
    "boluses that wait for each other": (
        [P.bolus("0.2 mL", "10 mL/h"), P.bolus("0.3 mL", "30 mL/h"), P.rate("6 mL/h", duration="5 min")],
        Fraction(ML),
    ),
    "a slow bolus before a fast one": (
        [P.bolus("0.12 mL", "0.137 mL/h"), P.bolus("0.14 mL", "28 mL/h"), P.rate("6 mL/h", duration="1 min")],
        Fraction(360_000),
    ),
    "a bolus every minute": (
        [P.bolus("0.05 mL", "20 mL/h"), P.rate("3 mL/h", duration="1 min"), P.repeat(10)],
        Fraction(ML),
    ),
    "keep-vein-open between two doses": (
        [P.rate("40 mL/h", volume="1 mL"), P.kvo("1 mL/h", "5 min"), P.rate("40 mL/h", volume="0.5 mL")],
        Fraction(1_500_000),
    ),
    "everything": (
        [
            P.ramp("1 mL/h", "13 mL/h", "61 s"),
            P.bolus("0.111111 mL", "45 mL/h"),
            P.rate("13 mL/h", volume="0.3 mL"),
            P.pause("700 ms"),
            P.kvo("0.7 mL/h", "90 s"),
            P.rate("0.9 mL/h", duration="33333 ms"),
            P.repeat(3, 3),
        ],
        Fraction(7 * 61 * 10_000, 36) + 111_111 + 3 * (300_000 + Fraction(9 * 33_333, 36)),
    ),
}


def run(bench, program, actions=()):
    """Start, do each (seconds, action of the pump) at its time, and wait for the end."""
    start(bench, program)
    for at_s, action in actions:
        bench.advance(max(0.0, at_s - (bench.now_ms - bench.started_ms) / 1000))
        action(bench.pump)
    return bench.pump.wait()


@pytest.fixture
def new_bench():
    def build(**options):
        # A plunger that follows every step. A force without any noise would be taken for a broken sensor's.
        bench = Bench(seed=5, jitter_ms=30, ideal=True, **options)
        bench.pump.hello()
        bench.started_ms = bench.now_ms
        return bench

    return build


def assert_exact(bench, syringe, ordered_nl, status):
    """Within one step: steps counted at the pin, the pump's account, and what the plunger displaced."""
    step = step_nl(syringe)
    dose_steps = bench.board.steps() - round(status.kvo_nl / step)
    assert status.state == "complete"
    assert -1 <= ordered_nl - status.ordered_nl < 2  # what the pump says it was ordered, in whole nanolitres
    assert 0 <= ordered_nl - dose_steps * step < step
    assert 0 <= ordered_nl - status.delivered_nl < step + 1  # told in whole nanolitres, floored
    assert abs(bench.truth()["plunger_ml"] * ML - float(bench.board.steps() * step)) < 1


@pytest.mark.parametrize("syringe", SYRINGES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_completed_program_gave_its_order_within_one_motor_step(new_bench, name, syringe):
    phases, ordered_nl = PROGRAMS[name]
    bench = new_bench(syringe=syringe)
    assert_exact(bench, syringe, ordered_nl, run(bench, pi.Program(phases, syringe=syringe)))


@pytest.mark.parametrize("syringe", SYRINGES)
def test_titrations_boluses_and_pauses_on_the_way_change_nothing_but_what_they_order(new_bench, syringe):
    bench = new_bench(syringe=syringe)
    actions = (
        (10.0, lambda pump: pump.rate("31 mL/h")),
        (11.2, lambda pump: pump.rate("7.77 mL/h")),
        (30.0, lambda pump: pump.bolus("0.25 mL", rate="100 mL/h")),
        (33.3, lambda pump: pump.pause()),  # in the middle of the bolus
        (60.0, lambda pump: pump.resume()),
        (61.0, lambda pump: pump.rate("13 mL/h")),
        (61.1, lambda pump: pump.pause()),  # the new rate has not begun to flow yet
        (70.0, lambda pump: pump.resume()),
        (90.0, lambda pump: pump.bolus("0.123456 mL", rate="41 mL/h")),
        (90.1, lambda pump: pump.pause()),
        (90.2, lambda pump: pump.resume()),
        (150.0, lambda pump: pump.rate("60 mL/h")),
    )
    program = pi.Program.continuous(rate="20 mL/h", volume="1.5 mL", syringe=syringe)
    status = run(bench, program, actions)
    assert_exact(bench, syringe, Fraction(1_500_000 + 250_000 + 123_456), status)
    assert len(times_ms(bench.pump, "bolus_end", bench.pump.notebook.entries()[3].id)) == 1


def test_three_hundred_titrations_end_within_a_step_of_what_the_pump_says_was_ordered(new_bench):
    """Once each change of rate lost up to a nanolitre of the order, and the sum was more than a step."""
    bench = new_bench(syringe="BD 5 mL")
    rates = [6.0] + [round(5 + n * 37 % 11 + n % 100 / 100, 2) for n in range(1, 300)]
    actions = [(2.0 * n, lambda pump, n=n: pump.rate(f"{rates[n]} mL/h")) for n in range(1, 300)]
    status = run(bench, pi.Program.continuous(rate="6 mL/h", duration="11 min", syringe="BD 5 mL"), actions)
    assert status.state == "complete"
    assert -1 < status.ordered_nl - status.delivered_nl <= step_nl("BD 5 mL") + 1
    # Each change takes effect within the look-ahead, and so not long after it was asked for.
    by_hand_nl = (sum(rates[:-1]) * 2 + rates[-1] * (660 - 598)) / 3600 * ML
    assert abs(by_hand_nl - status.delivered_nl) < 2.5 * 16 / 3600 * ML


def test_titrations_from_fast_to_slow_again_and_again_are_not_taken_for_a_fault(new_bench):
    """Once the guard wanted each slower rate at once, which comes behind the look-ahead, and the second tripped it."""
    bench = new_bench()
    program = pi.Program([P.rate("400 mL/h", duration="30 s"), P.pause("1 s"), P.repeat(4)])
    actions = [
        (31 * n + at_s, lambda pump, rate=rate: pump.rate(rate))
        for n in range(4)
        for at_s, rate in ((10, "100 mL/h"), (10.3, "3 mL/h"))
    ]
    status = run(bench, program, actions)
    assert -1 <= status.ordered_nl - status.delivered_nl < step_nl("BD 60 mL") + 2


def test_a_titration_and_a_pause_right_after_it_leave_account_and_order_in_agreement(new_bench):
    """Once the order was reckoned from the time at which the change was to begin, and a pause let it begin earlier."""
    bench = new_bench()
    actions = (
        (60.0, lambda pump: pump.rate("200 mL/h")),
        (60.1, lambda pump: pump.pause()),
        (70.0, lambda pump: pump.resume()),
        (80.0, lambda pump: pump.rate("3 mL/h")),
        (80.1, lambda pump: pump.bolus("0.2 mL", "80 mL/h")),
        (80.2, lambda pump: pump.rate("100 mL/h")),
        (80.3, lambda pump: pump.pause()),
        (81.0, lambda pump: pump.resume()),
    )
    status = run(bench, pi.Program.continuous(rate="5 mL/h", duration="2 min"), actions)
    assert status.state == "complete"
    assert -1 <= status.ordered_nl - status.delivered_nl < step_nl("BD 60 mL") + 2


def test_a_program_that_ends_in_keep_vein_open_tells_its_dose_apart(new_bench):
    bench = new_bench()
    start(bench, pi.Program([P.rate("60 mL/h", volume="0.77 mL"), P.kvo("2 mL/h")]))
    bench.advance("10 min")
    status = bench.pump.status()
    assert status.state == "kvo"
    assert 0 <= 770_000 - status.delivered_nl < step_nl("BD 60 mL") + 1
    kvo_s = (status.at_ms - times_ms(bench.pump, "state", "kvo")[0]) / 1000
    assert abs(status.kvo_nl - kvo_s * 2 * ML / 3600) < step_nl("BD 60 mL")
    assert abs(status.delivered_nl + status.kvo_nl - bench.board.steps() * step_nl("BD 60 mL")) < 3


def test_priming_is_told_apart_from_the_dose(new_bench):
    bench = new_bench(syringe="BD 20 mL")
    program = pi.Program.continuous(rate="20 mL/h", volume="1 mL", syringe="BD 20 mL")
    bench.pump.load(program)
    bench.pump.confirm()
    bench.pump.prime("2 mL", "300 mL/h", not_connected=True)
    bench.advance("30 s")
    assert bench.pump.status().state == "ready"
    bench.pump.start()
    status = bench.pump.wait()
    step = step_nl("BD 20 mL")
    assert 0 <= 1_000_000 - status.delivered_nl < step + 1
    assert 0 <= 2_000_000 - status.prime_nl < step + 1
    assert abs(status.delivered_nl + status.prime_nl - bench.board.steps() * step) < 3
