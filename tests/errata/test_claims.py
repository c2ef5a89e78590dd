"""Claims of the papers that fail, or need a condition, and gaps that change results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltcbook.equations import logistic, register
from ltcbook.theorems.flows import euler
from ltcbook.theorems.interpretability import random_altc
from ltcbook.theorems.statements import check_succinctness, counterexample_unfolding
from tests.equations.instances import draw, seeds, sizes


@pytest.mark.parametrize("N", [2, 10, 50])
def test_the_factor_n_is_against_its_own_unfolding(N: int) -> None:
    assert counterexample_unfolding(N) == N - 1


@given(seed=seeds, S=st.integers(25, 10**6))
def test_m_cannot_grow_with_the_samples_of_a_ct_rnn(seed: int, S: int) -> None:
    """4 neurons fit any number of samples of their own with the same 24 parameters."""
    shapes = {name: shape for name, shape in register["B.7"].shapes.items() if name != "x"}
    parameters = sum(4 ** len(shape) for shape in shapes.values())
    assert parameters == 24
    assert check_succinctness(seed) < 1e-12
    assert parameters / S < 1  # what a factor of S would leave to the other network


@given(n=sizes, seed=seeds)
def test_a_ct_rnn_has_state_dependent_coefficients_too(n: int, seed: int) -> None:
    """B.7 is A(x) x + constant, exactly, with A_ij = w_ji c_j - w_i [i = j], 0 < c_j <= 1/4."""
    g = draw(register["B.7"], n, 1, seed)
    x, b = g["x"], g["b"]
    c = (logistic(x + b) - logistic(b)) / x
    A = g["w"].T * c - np.diag(g["w_l"])
    constant = g["w"].T @ logistic(b)
    np.testing.assert_allclose(A @ x + constant, register["B.7"](**g), atol=1e-11)
    assert (c > 0).all() and (c <= 0.25 + 1e-9).all()


@given(y=st.floats(-100, 100))
def test_a_part_of_a_universal_class_need_not_be_universal(y: float) -> None:
    """DNNs with all weights zero are DNNs (B.1), and all of them are constant."""
    hidden = register["B.1"]([y], np.zeros((1, 3)), np.ones(3))
    output = register["B.1"](hidden, np.zeros((3, 1)), np.zeros(1))
    assert output[0] == 0.5


@given(n=sizes, m=sizes, seed=seeds)
def test_linear_input_leaves_the_box_of_potentials(n: int, m: int, seed: int) -> None:
    """At the highest of all potentials, a synaptic input cannot push on; a linear one can."""
    g = draw(register["B.15"], n, m, seed)
    top = max(float(g[name].max()) for name in ("e_l", "e_x", "e_u"))
    at_top = {"x": np.full(n, top), "u": np.full(m, 1000.0)}
    assert (register["B.15"](**g | at_top) <= 1e-9).all()
    linear = {name: g[name] for name in ("w_l", "e_l", "w", "v", "a_x", "b_x", "C")}
    assert (register["B.16"](**at_top, **linear, e=g["e_x"]) > 0).all()


@given(n=sizes, seed=seeds)
def test_tanh_is_a_sigmoid_and_a_constant_current(n: int, seed: int) -> None:
    g = draw(register["B.8"], n, 1, seed)
    doubled = g | {name: 2 * g[name] for name in ("w", "a", "b")}
    np.testing.assert_allclose(
        register["B.8"](**g, sigma=np.tanh),
        register["B.8"](**doubled) - g["w"].sum(0),
        atol=1e-11,
    )


def test_mujocos_half_cheetah_has_17_observations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo writes a log where it runs
    gymnasium = pytest.importorskip("gymnasium", reason="the simulator is not installed")
    with gymnasium.make("HalfCheetah-v5") as cheetah, gymnasium.make("Walker2d-v5") as walker:
        assert cheetah.observation_space.shape == (17,)
        assert cheetah.action_space.shape == (6,)
        assert walker.observation_space.shape == (17,)


@given(n=sizes, seed=seeds, dt=st.floats(1e-3, 1e6))
def test_explicit_euler_has_a_bound_and_semi_implicit_euler_has_none(
    n: int, seed: int, dt: float
) -> None:
    """Coefficients held: explicit steps multiply the distance from p/q by 1 - dt q/C."""
    altc = random_altc(np.random.default_rng(seed), n)
    low, high = altc.hull()
    x = np.random.default_rng(seed).uniform(low, high, size=n)
    drive, decay = altc.linear_form(x)
    semi_implicit = (x + dt * drive / altc.C) / (1 + dt * decay / altc.C)
    assert low - 1e-9 <= semi_implicit.min() and semi_implicit.max() <= high + 1e-9
    rest, edge = drive / decay, 2 * altc.C / decay
    for factor, grows in ((0.9, False), (1.1, True)):
        explicit = x + factor * edge * altc.rate(x)
        apart, before = np.abs(explicit - rest), np.abs(x - rest)
        assert ((apart > before) == grows).all()


def test_ten_unfolds_mean_nothing_without_a_horizon() -> None:
    altc = random_altc(np.random.default_rng(1), 4)
    start = np.full(4, altc.hull()[0])
    ends = [euler(lambda t, x: altc.rate(x), start, T, steps=10)[-1] for T in (0.1, 1.0)]
    assert np.max(np.abs(ends[0] - ends[1])) > 0.3
