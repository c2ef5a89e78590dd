"""Flows of B.5: the closed form, steering, adaptive steps and the half turn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltcbook.analysis.flows import adaptive_euler, clock, half_turn, rate_of, steer
from ltcbook.papers.theorems.flows import euler, runge_kutta
from ltcbook.papers.theorems.state_forms import x_form

numbers = st.floats(-3, 3)


@settings(max_examples=15)
@given(x=numbers, w=st.floats(-3, 3), b=numbers)
def test_the_clock_runs_at_the_rate_w(x: float, w: float, b: float) -> None:
    end = runge_kutta(
        lambda t, x: rate_of(x, np.array([[w]]), np.array([b])), np.array([x]), steps=100
    )[-1, 0]
    np.testing.assert_allclose(clock(end + b), clock(x + b) + w, atol=1e-6, rtol=1e-6)


@settings(max_examples=15)
@given(x=st.floats(-2, 2), y=st.floats(-2, 2), time=st.floats(0.5, 3))
def test_any_point_is_steered_to_any_other(x: float, y: float, time: float) -> None:
    w = np.array([[steer(x, y, time=time)]])
    end = runge_kutta(lambda t, x: rate_of(x, w, np.zeros(1)), np.array([x]), time, 300)[-1, 0]
    assert end == pytest.approx(y, abs=1e-4)


@settings(max_examples=15)
@given(seed=st.integers(0, 1000), exponent=st.integers(-5, -2))
def test_each_step_keeps_the_tolerance_and_the_end_is_met(seed: int, exponent: int) -> None:
    rng = np.random.default_rng(seed)
    w, b, x = 3 * rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)
    steps = adaptive_euler(w, b, x, 2.0, 10.0**exponent)
    assert steps.times[0] == 0 and steps.times[-1] == 2.0
    assert steps.tried >= len(steps.lengths) == len(steps.states) - 1
    for d, before, after in zip(steps.lengths, steps.states[:-1], steps.states[1:], strict=True):
        np.testing.assert_allclose(after, before + d * rate_of(before, w, b), atol=1e-12)
        heun = before + d / 2 * (rate_of(before, w, b) + rate_of(after, w, b))
        assert np.max(np.abs(heun - after)) <= 10.0**exponent * (1 + 1e-9) + 1e-15


@settings(max_examples=15)
@given(x=st.floats(0.05, 2))
def test_half_a_period_brings_a_point_to_its_opposite(x: float) -> None:
    w, b = half_turn()
    path = runge_kutta(lambda t, s: rate_of(s, w, b), np.array([x, 0.0, 0.0]), 6.0, 600)
    assert np.all(path[:, 2] == 0)
    crossing = int(np.argmax((path[:-1, 1] > 0) & (path[1:, 1] <= 0)))
    fraction = path[crossing, 1] / (path[crossing, 1] - path[crossing + 1, 1])
    end = path[crossing, 0] + fraction * (path[crossing + 1, 0] - path[crossing, 0])
    assert end == pytest.approx(-x, abs=1e-4)


@settings(max_examples=15)
@given(x=numbers, w=st.floats(0.1, 5), b=numbers, N=st.integers(1, 60))
def test_eulers_error_keeps_the_bound(x: float, w: float, b: float, N: int) -> None:
    def rate(t, x):
        return rate_of(x, np.array([[w]]), np.array([b]))

    exact, ends = runge_kutta(rate, np.array([x]), 1.0, 200), euler(rate, np.array([x]), 1.0, N)
    bound = (1 / N) * (w**2 / 4) / (2 * w / 4) * (np.exp(w / 4) - 1)
    assert abs(ends[-1, 0] - exact[-1, 0]) <= bound + 1e-9


@settings(max_examples=15)
@given(seed=st.integers(0, 1000), n=st.integers(1, 4))
def test_without_a_leak_and_with_an_invertible_matrix_nothing_returns(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    W = rng.normal(size=(n, n)) + 3 * np.eye(n)
    path = runge_kutta(x_form(W, rng.normal(size=n)), rng.normal(size=n), 4.0, 80)
    y = np.linalg.solve(W, path.T)
    assert (np.diff(y[:, ::10], axis=1) > -1e-9).all() and (y[:, -1] > y[:, 0]).all()


def test_bad_numbers_are_named() -> None:
    with pytest.raises(ValueError, match="tolerance must be a finite number above 0, got 0"):
        adaptive_euler(np.eye(1), np.zeros(1), np.zeros(1), 1.0, 0)
    with pytest.raises(ValueError, match="time must be a finite number above 0, got -1.0"):
        steer(0.0, 1.0, time=-1.0)


@settings(max_examples=15)
@given(seed=st.integers(0, 1000))
def test_the_adjoint_equation_gives_the_gradient(seed: int) -> None:
    """Its integral, along a fine solution, against central differences; the loss is x(T)^2 / 2."""
    rng = np.random.default_rng(seed)
    n, steps = 2, 400
    w, b, x0 = rng.normal(size=(n, n)), rng.normal(size=n), rng.normal(size=n)

    def path(weights):  # twice as fine, so that half a step back is a stored moment
        return runge_kutta(lambda t, x: rate_of(x, weights, b), x0, 1.0, 2 * steps)

    x = path(w)
    s = 1 / (1 + np.exp(-(x + b)))
    slopes = s * (1 - s)

    def backwards(t, lam):  # time runs from the end; f_i = sum_j w[j, i] sigma(x_j + b_j)
        return (w * slopes[round((1.0 - t) * 2 * steps)][:, None]) @ lam

    lam, s = runge_kutta(backwards, x[-1], 1.0, steps)[::-1], s[::2]
    products = lam[:, None, :] * s[:, :, None]  # (time, from, to)
    gradient = (products[1:] + products[:-1]).sum(0) / (2 * steps)  # the trapezoidal rule
    h, measured = 1e-5, np.zeros((n, n))
    for j, i in np.ndindex(n, n):
        nudge = h * (np.arange(n * n).reshape(n, n) == j * n + i)
        up, down = (np.sum(path(w + sign * nudge)[-1] ** 2) / 2 for sign in (1, -1))
        measured[j, i] = (up - down) / (2 * h)
    np.testing.assert_allclose(gradient, measured, rtol=1e-4, atol=1e-5)


def test_the_adjoint_integral_misses_a_start_that_depends_on_the_parameter() -> None:
    """f = 0 and x(0) = theta: the loss x(T) has the derivative 1, the integral is 0."""
    ends = [runge_kutta(lambda t, x: 0 * x, np.array([theta]))[-1, 0] for theta in (0.2, 1.2)]
    assert ends[1] - ends[0] == 1.0


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), pieces=st.integers(1, 5))
def test_order_is_kept_whatever_the_controls_do_in_time(seed: int, pieces: int) -> None:
    rng = np.random.default_rng(seed)
    ends = np.linspace(-1, 1, 6)
    for _ in range(pieces):
        w, b = np.array([[6 * rng.normal()]]), 2 * rng.normal(size=1)
        ends = np.array(
            [
                runge_kutta(lambda t, x, w=w, b=b: rate_of(x, w, b), np.array([x]), 0.3, 60)[-1, 0]
                for x in ends
            ]
        )
    assert (np.diff(ends) > 0).all()


def test_without_a_lipschitz_constant_paths_part() -> None:
    """x' = 2 sqrt|x| from 0: x = 0 and x = t^2. Euler finds the first only, with any step."""

    def rate(t, x):
        return 2 * np.sqrt(np.abs(x))

    t = np.linspace(0, 1, 101)
    np.testing.assert_allclose(2 * t, rate(t, t**2), atol=1e-12)
    assert all(euler(rate, np.zeros(1), 1.0, N)[-1, 0] == 0 for N in (1, 10, 1000))
