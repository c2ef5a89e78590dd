"""Theorems 1 and 2 of paper B, part by part, against closed forms and where they fail."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ltcbook.papers.equations import Array, logistic, register
from ltcbook.papers.theorems.flows import euler, runge_kutta
from ltcbook.papers.theorems.state_forms import (
    commuting,
    distance_from_range,
    gap_from_any_start,
    gap_of_forms,
    gap_of_matrix_leak,
    x_form,
    y_form,
)
from tests.papers.equations.instances import seeds

matrices = arrays(np.float64, (3, 3), elements=st.floats(-3, 3))
# What W can't reach is a question of its rank, which no rounding may decide: entries are eighths,
# and a singular value is zero or not nearly so.
on_a_grid = arrays(np.float64, (3, 3), elements=st.integers(-24, 24).map(lambda k: k / 8))
vectors = arrays(np.float64, (3,), elements=st.floats(-3, 3))
leaks = arrays(np.float64, (3,), elements=st.floats(0, 3))


@given(W=matrices, b=vectors, x=vectors, w=leaks)
def test_the_vector_forms_are_the_papers_equations(W: Array, b: Array, x: Array, w: Array) -> None:
    """W of the theorems is the transpose of w_ji as [from, to]."""
    nothing = np.zeros(1)
    np.testing.assert_allclose(x_form(W, b)(0, x), register["B.5"](x, W.T, b), atol=1e-12)
    np.testing.assert_allclose(x_form(W, b, w)(0, x), register["B.7"](x, w, W.T, b), atol=1e-12)
    b9 = register["B.9"](x, nothing, w, W, np.zeros((3, 1)), b)
    np.testing.assert_allclose(y_form(W, b, w)(0, x), b9, atol=1e-12)


@given(W=matrices, b=vectors, y0=vectors)
def test_1_from_y_to_x_needs_no_condition(W: Array, b: Array, y0: Array) -> None:
    assert gap_of_forms(W, b, y0) < 1e-10


@given(W=on_a_grid, b=vectors, x0=vectors)
def test_1_from_any_start_the_unreachable_part_is_a_bias(W: Array, b: Array, x0: Array) -> None:
    assert gap_from_any_start(W, b, x0) < 1e-7


def test_1_outside_the_range_of_a_singular_w_there_is_no_y() -> None:
    W = np.array([[1.0, 2.0], [2.0, 4.0]])  # range: multiples of (1, 2)
    x = runge_kutta(x_form(W, np.array([0.3, -0.2])), np.array([2.0, -1.0]))
    assert distance_from_range(W, x) == pytest.approx(np.sqrt(5))  # x(0) is orthogonal to it
    assert np.ptp(x @ [1.0, 2.0]) > 1  # while it does move along the range


def test_1_a_singular_w_forgets_its_kernel() -> None:
    W, b = np.array([[1.0, 2.0], [2.0, 4.0]]), np.zeros(2)
    y0, kernel = np.array([0.5, -1.0]), np.array([2.0, -1.0])
    y, other = (runge_kutta(y_form(W, b), start) for start in (y0, y0 + kernel))
    np.testing.assert_allclose(y @ W.T, other @ W.T, atol=1e-12)
    np.testing.assert_allclose(other - y, np.tile(kernel, (len(y), 1)), atol=1e-12)


@given(W=matrices, b=vectors, y0=vectors, leak=st.floats(0, 3))
def test_2_holds_with_one_leak_for_all(W: Array, b: Array, y0: Array, leak: float) -> None:
    assert gap_of_forms(W, b, y0, leak) < 1e-10


@given(W=matrices, b=vectors, y0=vectors, seed=seeds)
def test_2_holds_where_w_joins_equal_leaks_only(W: Array, b: Array, y0: Array, seed: int) -> None:
    block, w = commuting(np.random.default_rng(seed), W)
    np.testing.assert_array_equal(block @ np.diag(w), np.diag(w) @ block)
    assert gap_of_forms(block, b, y0, w) < 1e-10


@given(W=matrices, b=vectors, y0=vectors, w=leaks)
def test_2_fails_at_once_by_the_commutator(W: Array, b: Array, y0: Array, w: Array) -> None:
    slip = W @ y_form(W, b, w)(0, y0) - x_form(W, b, w)(0, W @ y0)
    entries = (w[:, None] - w[None, :]) * W
    np.testing.assert_allclose(slip, entries @ y0, atol=1e-11)


def test_2_counterexample_with_leaks_1_and_3() -> None:
    W, w = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([1.0, 3.0])
    y0, b = np.array([1.0, 0.0]), np.zeros(2)
    y, x = runge_kutta(y_form(W, b, w), y0), runge_kutta(x_form(W, b, w), W @ y0)
    np.testing.assert_allclose(W @ y_form(W, b, w)(0, y0), [logistic(1.0), -1 + 0.5])
    np.testing.assert_allclose(x_form(W, b, w)(0, W @ y0), [logistic(1.0), -3 + 0.5])
    assert np.max(np.abs(y @ W.T - x)) == pytest.approx(0.485, abs=1e-3)
    assert gap_of_forms(W, b, y0, np.array([2.0, 2.0])) < 1e-13  # equal leaks: no gap


@given(b=vectors, y0=vectors, w=leaks, seed=seeds)
def test_2_with_unequal_leaks_the_leak_becomes_a_matrix(
    b: Array, y0: Array, w: Array, seed: int
) -> None:
    W = np.random.default_rng(seed).normal(size=(3, 3)) + 12 * np.eye(3)
    assert gap_of_matrix_leak(W, b, y0, w) < 1e-10


def test_2_the_unreachable_part_of_the_start_is_forgotten() -> None:
    """x(t) leaves its distance from the range of W at the rate of the leak."""
    W, leak = np.array([[1.0, 2.0], [2.0, 4.0]]), 2.0
    x = runge_kutta(x_form(W, np.zeros(2), leak), np.array([2.0, -1.0]), horizon=3.0, steps=400)
    assert distance_from_range(W, x[-1:]) == pytest.approx(np.sqrt(5) * np.exp(-6), rel=1e-6)


def test_the_solver_of_the_checks_against_closed_forms() -> None:
    decay, z = runge_kutta(lambda t, x: -2 * x, np.ones(1), steps=40)[-1, 0], -2 / 40
    assert decay == pytest.approx((1 + z + z**2 / 2 + z**3 / 6 + z**4 / 24) ** 40, rel=1e-13)
    assert decay == pytest.approx(np.exp(-2), rel=1e-6)
    ramp = runge_kutta(lambda t, x: np.array([3 * t**2]), np.zeros(1))[-1, 0]
    assert ramp == pytest.approx(1.0, rel=1e-12)  # RK4 is exact for cubics in time
    assert euler(lambda t, x: -2 * x, np.ones(1), steps=4)[-1, 0] == pytest.approx(0.5**4)
