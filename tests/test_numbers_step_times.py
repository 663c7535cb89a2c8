"""Step times: every STEP edge within 1 ms of the ideal schedule, at every rate and syringe, with late polls."""

from fractions import Fraction

import pytest

import picoinfuse as pi
from measure import US_PER_H, edges_us, start, step_nl, us_per_step
from picoinfuse_sim import Bench

TOLERANCE_US = 1000
LATE_MS = 400  # each poll comes up to so much late: the worst flash erase
LEAST_STEPS, LEAST_S, MOST_S = 40, 60, 80

SYRINGES = ("BD 5 mL", "BD 20 mL", "BD 60 mL")
RATES_ML_H = ("0.1", "1", "5", "40", "200")


def furthest_us(edges, period_us):
    """Return by how many microseconds the edge that is furthest off misses its time; the k-th is due at k periods."""
    return max(abs(at_us - float(period_us * k)) for k, at_us in enumerate(edges, 1))


@pytest.mark.parametrize("rate", RATES_ML_H)
@pytest.mark.parametrize("syringe", SYRINGES)
def test_every_step_comes_within_a_millisecond_of_its_time_though_polls_come_late(syringe, rate):
    bench = Bench(seed=1, syringe=syringe, jitter_ms=LATE_MS, record_edges=True)
    since_ms = start(bench, pi.Program.continuous(rate=f"{rate} mL/h", volume="4.9 mL", syringe=syringe))
    period_us = us_per_step(syringe, rate)
    bench.advance(min(max(LEAST_S, float(period_us * LEAST_STEPS) / 1e6), MOST_S if rate == "200" else 1e6))

    edges = edges_us(bench, since_ms)
    elapsed_us = (bench.controller.now_ms - since_ms) * 1000
    assert len(edges) >= LEAST_STEPS
    assert len(edges) >= elapsed_us // period_us - 1  # none is missing at the end
    assert furthest_us(edges, period_us) < TOLERANCE_US


@pytest.mark.parametrize(("syringe", "rate"), [("BD 5 mL", "400"), ("BD 5 mL", "510"), ("BD 60 mL", "1200")])
def test_at_the_highest_rates_the_steps_keep_to_their_schedule(syringe, rate):
    """Once an interval that was rounded up pushed each run behind the one before it: 5 ms were lost in 9 s.

    Beyond the rates of the table a run holds up to 2000 steps, and each interval is floored by less than 1 us.
    """
    bench = Bench(seed=1, syringe=syringe, jitter_ms=LATE_MS, record_edges=True)
    since_ms = start(bench, pi.Program.continuous(rate=f"{rate} mL/h", volume="4.9 mL", syringe=syringe))
    bench.advance("1 min")
    edges = edges_us(bench, since_ms)
    assert len(edges) == 4_900_000 // step_nl(syringe)
    assert furthest_us(edges, us_per_step(syringe, rate)) < 2000


def test_the_times_do_not_drift_within_eleven_hours():
    bench = Bench(seed=2, jitter_ms=LATE_MS, record_edges=True)
    since_ms = start(bench, pi.Program.continuous(rate="5 mL/h", volume="55 mL"))
    bench.advance("11 h")

    edges = edges_us(bench, since_ms)
    # By the pump's own measure of a step, 355/113 for pi: within 1 ms all the way.
    period_us = Fraction(355, 113) / 4 * 26700**2 * 2000 / 3200 * US_PER_H / (5 * 10**12)
    assert len(edges) > 150_000
    assert furthest_us(edges, period_us) < TOLERANCE_US
    # By true pi the schedule itself runs off, by less than a tenth of a millionth.
    assert furthest_us(edges, us_per_step("BD 60 mL", "5")) < TOLERANCE_US + 11 * US_PER_H / 10**7


def test_the_steps_of_an_exact_third_of_a_millilitre_an_hour_do_not_drift():
    bench = Bench(seed=3, syringe="BD 20 mL", jitter_ms=LATE_MS, record_edges=True)
    since_ms = start(bench, pi.Program([pi.Phase.rate(volume="1 mL", duration="3 h")], syringe="BD 20 mL"))
    bench.advance("1 h")

    period_us = step_nl("BD 20 mL") * 3 * US_PER_H / 10**6
    edges = edges_us(bench, since_ms)
    assert len(edges) > 1800
    assert furthest_us(edges, period_us) < TOLERANCE_US


def test_the_last_step_of_a_program_comes_before_its_end_and_none_after():
    bench = Bench(seed=4, jitter_ms=LATE_MS, record_edges=True)
    since_ms = start(bench, pi.Program.continuous(rate="200 mL/h", volume="2 mL"))
    bench.advance("2 min")

    edges = edges_us(bench, since_ms)
    assert bench.controller.state == "complete"
    assert len(edges) == 2_000_000 // step_nl("BD 60 mL")
    assert edges[-1] <= 36_000_000  # 2 mL at 200 mL/h are 36 s
