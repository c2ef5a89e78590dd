"""A staircase of sigmoids keeps the bound that the chapter proves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltcbook.analysis.approximation import product_of_two, staircase
from ltcbook.papers.equations import logistic
from tests.papers.equations.instances import seeds

X = np.linspace(0, 1, 4001)


@given(seed=seeds, N=st.integers(1, 60))
def test_the_error_is_at_most_three_halves_of_the_slope_over_n(seed: int, N: int) -> None:
    rng = np.random.default_rng(seed)
    knots, values = np.linspace(0, 1, 13), rng.normal(size=13)
    lipschitz = np.max(np.abs(np.diff(values))) * 12

    def F(x):
        return np.interp(x, knots, values)

    error = np.max(np.abs(staircase(F, N)(X) - F(X)))
    assert error <= 1.5 * lipschitz / N + 1e-12


def test_a_jump_is_never_drawn() -> None:
    """The condition that is dropped is continuity: the error stays at half the jump or more."""

    def jump(x):
        return (np.asarray(x) > 1 / 3).astype(float)

    near = 1 / 3 + np.array([-1e-9, 1e-9])
    for N in (10, 100, 1000):
        assert np.max(np.abs(staircase(jump, N)(near) - jump(near))) >= 0.5 - 1e-4


def test_number_of_neurons_must_be_positive() -> None:
    with pytest.raises(ValueError, match="N must be an integer of at least 1, got 0"):
        staircase(np.sin, 0)


@given(b=st.floats(-3, -0.5), h=st.floats(0.02, 0.3), x=st.floats(-1, 1), y=st.floats(-1, 1))
def test_four_sigmoids_multiply(b: float, h: float, x: float, y: float) -> None:
    """The step of the proof of universality: second differences are powers of linear forms.

    By Taylor, each second difference is off by at most h^4 z^4 / 12 times the largest fourth
    derivative of the logistic function, which is below 1/4; here |z| <= 2.
    """
    s = logistic(np.array(b))
    curvature = float(s * (1 - s) * (1 - 2 * s))
    bound = 2 * (2 * h) ** 4 / 12 / 4 / (4 * h**2 * curvature)
    assert abs(product_of_two(x, y, h, b) - x * y) <= bound + 1e-9 / h**2


def test_with_squares_for_sigmoids_no_third_power_is_drawn() -> None:
    """The condition that is dropped is: no polynomial. Sums of squares of lines are parabolas."""
    x = np.linspace(-1, 1, 201)
    squares = np.stack([(w * x + b) ** 2 for w in (-2, 0, 1, 3) for b in (-1, 0, 2)], axis=1)
    best = squares @ np.linalg.lstsq(squares, x**3, rcond=None)[0]
    assert np.abs(best - x**3).max() > 0.2


def test_a_product_needs_a_weight_and_a_bent_sigmoid() -> None:
    with pytest.raises(ValueError, match="h must be"):
        product_of_two(0.5, 0.5, 0.0)
    with pytest.raises(ValueError, match="b must not be 0"):
        product_of_two(0.5, 0.5, 0.1, 0.0)
