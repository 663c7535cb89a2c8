"""The solver for patients: as exact as it says, across jumps, and it never steps over its end."""

from math import cos, exp, sin

import pytest

from picoinfuse_sim.patient.ode import Solver


def test_a_decay_is_followed_to_the_tolerance():
    solver = Solver(lambda t, y: [-0.138 * y[0]])
    assert solver.go(0.0, [5.0], 60.0) == [pytest.approx(5 * exp(-0.138 * 60), rel=1e-8)]


def test_an_oscillation_keeps_its_phase_for_a_hundred_turns():
    solver = Solver(lambda t, y: [y[1], -y[0]], rtol=1e-10)
    end = 2 * 3.141592653589793 * 100 + 1
    assert solver.go(0.0, [0.0, 1.0], end) == [pytest.approx(sin(1), abs=1e-6), pytest.approx(cos(1), abs=1e-6)]


def test_a_looser_tolerance_is_less_exact_and_asks_less():
    errors, calls = [], []
    for rtol in (1e-4, 1e-6, 1e-8, 1e-10):
        asked = 0

        def slope(t, y):
            nonlocal asked
            asked += 1
            return [-y[0] * t]

        end = Solver(slope, rtol=rtol).go(0.0, [1.0], 3.0)[0]
        errors.append(abs(end / exp(-4.5) - 1))
        calls.append(asked)
    assert errors == sorted(errors, reverse=True)
    assert calls == sorted(calls)
    assert errors[-1] < 1e-9


def test_an_inflow_that_jumps_between_two_calls_is_exact():
    inflow = 1.0
    solver = Solver(lambda t, y: [inflow - y[0]])
    y = solver.go(0.0, [0.0], 1.0)
    inflow = 0.0
    y = solver.go(1.0, y, 2.0)
    assert y[0] == pytest.approx((1 - exp(-1)) * exp(-1), rel=1e-8)


def test_nothing_is_asked_far_beyond_the_end():
    times = []

    def slope(t, y):
        times.append(t)
        return [0.0]

    solver = Solver(slope)
    solver.go(0.0, [1.0], 10.0)
    solver.go(10.0, [1.0], 10.5)
    assert max(times) <= 10.5


def test_the_time_that_is_asked_for_is_reached_exactly():
    seen = []
    solver = Solver(lambda t, y: [1.0])
    y = [0.0]
    for k in range(1, 50):
        y = solver.go((k - 1) * 0.1, y, k * 0.1)
        seen.append(y[0])
    assert seen == [pytest.approx(k * 0.1, rel=1e-12) for k in range(1, 50)]


def test_an_equation_that_runs_away_is_an_error_and_not_a_hang():
    with pytest.raises((ArithmeticError, ValueError)):
        Solver(lambda t, y: [y[0] * y[0]]).go(0.0, [1.0], 2.0)
