"""A staircase of sigmoids keeps the bound that the chapter proves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltcbook.analysis.approximation import staircase
from tests.equations.instances import seeds

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
