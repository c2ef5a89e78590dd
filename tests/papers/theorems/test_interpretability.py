"""Theorem 3 of paper B: what is linear, in what, and how small a small change is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from ltcbook.papers.equations import register
from ltcbook.papers.theorems.flows import runge_kutta
from ltcbook.papers.theorems.interpretability import ALTC, counterexample_3, random_altc
from tests.papers.equations.instances import seeds, sizes


@given(n=sizes, seed=seeds)
def test_the_coefficients_are_conductances(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    altc = random_altc(rng, n)
    g = altc.conductances(rng.normal(size=n))
    assert (g >= 0).all() and (g <= altc.w).all()


@given(n=sizes, seed=seeds)
def test_with_frozen_coefficients_only_the_own_potential_enters(n: int, seed: int) -> None:
    """The linear form at x, used as a function of another state x', is affine in x'_i alone."""
    rng = np.random.default_rng(seed)
    altc = random_altc(rng, n)
    x = rng.normal(size=n)
    drive, decay = altc.linear_form(x)
    step = 1e-6 * np.eye(n)
    frozen = np.array([(drive - decay * (x + d)) / altc.C - altc.rate(x) for d in step]) / 1e-6
    np.testing.assert_allclose(frozen, np.diag(-decay / altc.C), atol=1e-7)


@given(n=sizes, seed=seeds)
def test_the_lipschitz_bound_is_above_the_derivatives(n: int, seed: int) -> None:
    """Central differences on the box, row by row in the maximum norm."""
    rng = np.random.default_rng(seed)
    altc = random_altc(rng, n)
    low, high = altc.hull()
    x = rng.uniform(low, high, size=n)
    h = 1e-5
    jacobian = [(altc.rate(x + h * d) - altc.rate(x - h * d)) / (2 * h) for d in np.eye(n)]
    assert (np.abs(jacobian).sum(0) <= altc.lipschitz(low - h, high + h) + 1e-6).all()


def test_the_lipschitz_bound_is_reached_within_a_factor() -> None:
    """Not a vacuous bound: one synapse at its steepest, the state at the far end of the box."""
    w, one = np.array([[0.0, 2.0], [0.0, 0.0]]), np.ones((2, 2))
    altc = ALTC(np.zeros(2), np.zeros(2), w, 4 * one, 0 * one, one, np.ones(2))
    steep, h = np.array([0.0, -1.0]), 1e-6
    slope = (altc.rate(steep + [h, 0]) - altc.rate(steep))[1] / h
    assert slope == pytest.approx(2 * 4 / 4 * 2, rel=1e-4)
    assert slope > 0.6 * altc.lipschitz(-1, 1)[1]


@given(n=sizes, seed=seeds)
def test_the_box_of_all_potentials_is_never_left(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    altc = random_altc(rng, n)._replace(C=np.ones(n))
    low, high = altc.hull()
    states = runge_kutta(lambda t, x: altc.rate(x), rng.uniform(low, high, size=n), 4.0, 80)
    assert states.min() >= low - 1e-9 and states.max() <= high + 1e-9


def test_it_is_not_a_linear_regression_in_the_state() -> None:
    middle = 1 / (1 + np.exp(-3)) - (0.5 + 1 / (1 + np.exp(-6))) / 2
    assert counterexample_3() == pytest.approx(middle)


def test_there_is_no_lipschitz_bound_on_all_of_space() -> None:
    """The slope of one rate against the other potential grows like the potential itself."""
    w, one = np.array([[0.0, 1.0], [0.0, 0.0]]), np.ones((2, 2))
    altc = ALTC(np.zeros(2), np.zeros(2), w, one, 0 * one, 0 * one, np.ones(2))
    slopes = [
        (altc.rate(np.array([1e-6, x])) - altc.rate(np.array([0.0, x])))[1] / 1e-6
        for x in (10.0, 100.0, 1000.0)
    ]
    np.testing.assert_allclose(slopes, [-2.5, -25.0, -250.0], rtol=1e-3)


@given(seed=seeds)
def test_a_ct_rnn_is_as_robust_anywhere(seed: int) -> None:
    """Sharp: at the steepest point of a synapse the slope is w/4, wherever the others are."""
    rng = np.random.default_rng(seed)
    weight, far = rng.uniform(-5, 5), 10 ** rng.uniform(0, 6)
    w, h = np.array([[0.0, weight], [0.0, 0.0]]), 1e-3
    rate = register["B.7"]
    change = rate([h, far], [0, 1], w, 0)[1] - rate([-h, far], [0, 1], w, 0)[1]
    assert change / (2 * h) == pytest.approx(weight / 4, abs=1e-5)
