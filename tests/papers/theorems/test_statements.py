"""The unnumbered statements: unfolding, universality, stability, limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial.polynomial import polyval2d
from scipy.optimize import brentq

from ltcbook.papers.equations import Array, logistic, register
from ltcbook.papers.theorems.flows import runge_kutta
from ltcbook.papers.theorems.statements import (
    counterexample_nrn_unfolding,
    nrn_layer,
    nrn_like,
    unfolded_nrn,
)
from ltcbook.papers.theorems.universality import end_of_flow, fit, layered, mirror
from tests.papers.equations.instances import seeds


def test_the_unfolding_of_an_nrn_depends_on_the_input() -> None:
    _, first, second, _ = unfolded_nrn(3)
    assert np.max(np.abs(first - second)) > 0.1
    assert counterexample_nrn_unfolding() > 0.1


def test_with_the_printed_weight_excitation_turns_into_inhibition() -> None:
    """A §6 prints w d x_i for w d (E - x_i). For an excitatory synapse, E = 0, it is minus that.

    A step of A.9 in mV, without leak: neuron 1, half open, excites neuron 2 at -60 mV.
    """
    x, w, d = np.array([-50.0, -60.0]), np.array([[0.0, 1.0], [0.0, 0.0]]), 0.1
    nothing, both, mu = np.zeros(2), np.zeros((2, 2)), np.array([-50.0, 0.0])
    step = x + d * register["A.9"](x, nothing, nothing, w, mu, both)
    right = nrn_layer(d, x, nothing, nothing, w, both)[:-1]
    np.testing.assert_allclose(register["A.2"](x, right, mu), step)
    printed = d * w * x[None, :]
    assert step[1] == pytest.approx(-57.0)
    assert register["A.2"](x, printed, mu)[1] == pytest.approx(-63.0)


def test_one_dimension_cannot_mirror_but_three_can() -> None:
    x = np.linspace(-1, 1, 21)
    assert max(abs(mirror(value) + value) for value in x) == pytest.approx(0.027, abs=1e-3)


@given(weight=st.floats(-20, 20), bias=st.floats(-5, 5))
def test_no_flow_on_the_line_mirrors(weight: float, bias: float) -> None:
    ends = [end_of_flow(np.array([[weight]]), np.array([bias]), np.array([x]))[0] for x in (-1, 1)]
    assert ends[0] < ends[1]
    assert max(abs(ends[0] - 1), abs(ends[1] + 1)) >= 1


@pytest.mark.parametrize(("H", "error"), [(5, 0.3), (10, 1e-3), (20, 1e-4)])
def test_augmented_b5_approximates_a_wave(H: int, error: float) -> None:
    samples = np.linspace(-1, 1, 21)[:, None]
    wave = np.cos(4 * samples)
    assert np.max(np.abs(fit(lambda x: np.cos(4 * x), samples, H) - wave)) < error


def test_augmented_b5_approximates_a_product_and_folds_the_plane() -> None:
    def F(x: Array) -> Array:
        return np.array([x[0] * x[1], x[0] ** 2 - x[1]])

    axis = np.linspace(-1, 1, 5)
    samples = np.array([[p, q] for p in axis for q in axis])
    assert np.max(np.abs(fit(F, samples, H=20) - [F(x) for x in samples])) < 0.02


@settings(max_examples=15)
@given(seed=seeds)
def test_augmented_b5_approximates_any_cubic_of_two_inputs(seed: int) -> None:
    coefficients = np.random.default_rng(seed).uniform(-1, 1, (4, 4))
    coefficients[np.add.outer(range(4), range(4)) > 3] = 0

    def F(x: Array) -> Array:
        return np.array([polyval2d(x[0], x[1], coefficients)])

    axis = np.linspace(-1, 1, 5)
    samples = np.array([[p, q] for p in axis for q in axis])
    assert np.max(np.abs(fit(F, samples, H=20) - [F(x) for x in samples])) < 0.1


@given(seed=seeds)
def test_the_closed_form_in_the_proof_of_universality(seed: int) -> None:
    """Hidden neurons are at t * omega * s, so that the outputs add integrals of sigmoids."""
    rng = np.random.default_rng(seed)
    k, H, m = rng.integers(1, 4, 3)
    omega, v, b = rng.normal(size=(k, H)), rng.normal(size=(H, m)), rng.normal(size=H)
    x = rng.normal(size=k)
    w, biases = layered(omega, b, v)
    end = end_of_flow(w, biases, np.concatenate([x, np.zeros(H + m)]))
    r = logistic(x) @ omega
    G = (np.logaddexp(0, r + b) - np.logaddexp(0, b)) / r  # softplus is the integral of sigma
    np.testing.assert_allclose(end, np.concatenate([x, r, G @ v]), rtol=1e-6, atol=1e-7)
    start = np.concatenate([x, np.zeros(H + m)])
    np.testing.assert_allclose(register["B.5"](start, w, biases)[k : k + H], r)


def test_a_ct_rnn_can_have_two_stable_states() -> None:
    """w = 10, w_l = 1: three equilibria, and the middle one repels."""

    def rate(x: float) -> float:
        return float(register["B.7"]([x], [1.0], [[10.0]], [-5.0])[0])

    low, high = brentq(rate, 0.0, 2.0), brentq(rate, 8.0, 10.0)
    assert rate(5.0) == pytest.approx(0.0, abs=1e-12)
    for start, end in ((4.99, low), (5.01, high)):
        states = runge_kutta(lambda t, x: np.array([rate(x[0])]), np.array([start]), 20.0, 100)
        assert states[-1, 0] == pytest.approx(end, abs=1e-4)


def test_an_ltc_can_have_two_stable_states() -> None:
    """Its leak and gate bound it, but do not make it forget: x = 1/2 repels."""
    b = np.log(0.1 / 0.9) - 5  # opening 0.1 at x = 1/2
    g = {"w_l": [1], "e_l": [0], "w": [[10]], "a": [[10]], "b": [[b]], "e": [[1]]}

    def rate(x: float) -> float:
        return float(register["B.13"](x=[x], **g)[0])

    assert rate(0.5) == pytest.approx(0.0, abs=1e-12)
    assert (rate(0.5 + 1e-6) - rate(0.5 - 1e-6)) / 2e-6 == pytest.approx(2.5, rel=1e-4)


@given(seed=seeds)
def test_the_distance_of_an_nrn_from_its_ct_rnn_falls_as_one_over_e(seed: int) -> None:
    rng = np.random.default_rng(seed)
    w, b, x = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)
    w_l = np.ones(3)
    target = register["B.7"](x, w_l, w, b)
    gaps = [nrn_like(w_l, w, b, x, E) - target for E in (10.0, 100.0)]
    np.testing.assert_allclose(gaps[0], 10 * gaps[1], rtol=1e-6, atol=1e-12)
