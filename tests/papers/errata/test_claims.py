"""Claims of the papers that fail, or need a condition, and gaps that change results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltcbook.papers.equations import logistic, register
from ltcbook.papers.theorems.flows import euler, runge_kutta
from ltcbook.papers.theorems.interpretability import random_altc
from ltcbook.papers.theorems.statements import check_succinctness, counterexample_unfolding
from tests.papers.equations.instances import draw, seeds, sizes


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


@given(x=st.floats(-3, 3))
def test_the_velocity_of_a_flow_is_not_the_derivative_of_its_end(x: float) -> None:
    """f(x) = x ends at F(x) = e x, whose derivative is e; and -x is nowhere the end of a flow."""
    ends = runge_kutta(lambda t, state: state, np.array([x, x + 1e-3]), steps=100)[-1]
    np.testing.assert_allclose(ends[0], np.e * x, atol=1e-6)
    derivative = (ends[1] - ends[0]) / 1e-3
    assert abs(derivative - np.e) < 1e-3
    assert abs(derivative - x) > 1e-3 or abs(x - np.e) < 2e-3


@given(n=sizes, seed=seeds)
def test_the_lengths_of_the_steps_add_no_functions(n: int, seed: int) -> None:
    """A.6 with two random divisions of one unit of time: the finer they are, the more they agree.

    Euler is off by at most h M (e^L - 1) / 2L, with h the longest step, L the Lipschitz constant
    and M the largest second derivative along the path, as for equal steps.
    """
    g = draw(register["A.6"], n, 1, seed)
    L = float(g["w"].sum(0).max()) / 4
    M = L * float(g["w"].sum(0).max())
    ends = []
    for part in (1, 2):
        lengths = np.random.default_rng([seed, part]).uniform(0.5, 1.5, 200)
        lengths /= lengths.sum()
        x = g["x"]
        for d in lengths:
            following = register["A.6"](0.0, x, g["w"], g["mu"], lambda t, d=d: d)
            half = register["A.6"](0.0, x, g["w"], g["mu"], lambda t, d=d: d / 2)
            np.testing.assert_allclose(half - x, (following - x) / 2, atol=1e-12)
            x = following
        ends.append((x, lengths.max() * M * np.expm1(L) / (2 * L)))
    (one, bound), (other, bound_of_other) = ends
    assert np.abs(one - other).max() <= bound + bound_of_other


@given(seed=seeds)
def test_beyond_its_reversal_potential_a_synapse_changes_sign(seed: int) -> None:
    """One synapse, from neuron 1 to neuron 2, alone: its current, on both sides of e."""
    g = draw(register["B.13"], 2, 1, seed)
    g |= {"w_l": np.zeros(2), "w": np.array([[0.0, g["w"][0, 1]], [0.0, 0.0]])}
    e = g["e"][0, 1]
    below, above = (register["B.13"](**g | {"x": np.array([0.0, e + d])})[1] for d in (-1, 1))
    assert below > 0 > above
    linear = {k: g[k] for k in ("w_l", "e_l", "w", "C", "e")} | {"a_x": g["a"], "b_x": g["b"]}
    pushed = register["B.16"](np.array([0.0, e]), np.ones(1), v=np.ones((1, 2)), **linear)
    assert pushed[1] > 0  # at e, where a gated current would vanish


@given(n=st.integers(2, 5), seed=seeds)
def test_the_synaptic_currents_of_a_neuron_have_one_feature(n: int, seed: int) -> None:
    """With frozen coefficients they change with x_i, and with no other potential."""
    g = draw(register["A.9"], n, 1, seed)
    theta = g["w"] * logistic(g["x"] - g["mu"])[:, None]  # [from, to]
    currents = (theta * (g["E"] - g["x"][None, :])).sum(0)
    leak = g["w_l"] * (g["E_l"] - g["x"])
    np.testing.assert_allclose(leak + currents, register["A.9"](**g), atol=1e-11)
    regression = theta.T @ g["x"]  # theta(x)^t h(x) with h the identity
    moved = g["x"] + np.eye(n)[0]  # neuron 1 alone, coefficients frozen
    change = (theta * (g["E"] - moved[None, :])).sum(0) - currents
    assert np.abs(change[1:]).max() < 1e-12 and change[0] < 0
    assert np.abs(theta.T @ moved - regression)[1:].min() > 0


@given(n=sizes, m=sizes, seed=seeds)
def test_b9_can_be_extended_to_synaptic_activations(n: int, m: int, seed: int) -> None:
    """Equal leaks: Wy of B.9 is a sum of sigmoids, each of which may have numbers of its own."""
    g = draw(register["B.9"], n, m, seed) | {"w_l": np.full(n, 0.7)}
    W, heard, x = g["W"], g["V"] @ g["u"] + g["b"], g["W"] @ g["y"]

    def synaptic(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """-w x_i + sum_j W_ij sigma(a_ij x_j + (Vu)_j + b_ij), with b on top of B.9's."""
        return -0.7 * x + (W * logistic(a * x + heard + b)).sum(1)

    shared = synaptic(np.ones((n, n)), np.zeros((n, n)))
    np.testing.assert_allclose(W @ register["B.9"](**g), shared, atol=1e-12)
    rng = np.random.default_rng(seed)
    own = synaptic(rng.uniform(2, 3, (n, n)), rng.uniform(1, 2, (n, n)))
    assert np.abs(own - shared).max() > 0


@given(seed=seeds)
def test_an_autonomous_ltc_on_the_line_keeps_the_order(seed: int) -> None:
    """So it is never closer than 1 to x -> -x at both ends of [-1, 1]."""
    g = draw(register["B.13"], 1, 1, seed)
    body = {name: value for name, value in g.items() if name != "x"}

    def rate(t: float, x: np.ndarray) -> np.ndarray:
        return np.asarray(register["B.13"](x, **body))

    low, high = (runge_kutta(rate, np.array([start]), 1.0, 200)[-1, 0] for start in (-1.0, 1.0))
    assert low < high
    assert max(abs(low - 1), abs(high + 1)) >= 1
