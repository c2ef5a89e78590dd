"""Misprints and double letters: the print, computed beside what is right."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ltcbook import TypeDescriptor
from ltcbook.nn.synapses import SynapseWeights, openings
from ltcbook.papers.equations import logistic, logistic_with_threshold, register
from ltcbook.papers.theorems.flows import runge_kutta
from ltcbook.papers.theorems.interpretability import random_altc
from tests.papers.equations.instances import draw, pick, seeds, sizes


def test_a1_as_printed_falls() -> None:
    x = np.linspace(-3, 3, 7)
    assert "e^{x - " in register["A.1"].latex and "e^{-(x - " in register["A.1"].correction
    printed = 1 / (1 + np.exp(x - 0.5))
    assert (np.diff(printed) < 0).all()
    assert (np.diff(logistic_with_threshold(x, 0.5)) > 0).all()
    outputs = [register["A.1"]([y], [[2.0]], [0.5])[0] for y in x]
    assert (np.diff(outputs) > 0).all()


@given(n=sizes, seed=seeds)
def test_with_conductances_for_weights_a_residual_layer_only_raises(n: int, seed: int) -> None:
    layer = draw(register["A.3"], n, 1, seed)
    assert (layer["w"] >= 0).all()
    assert (register["A.3"](**layer) > layer["x"]).all()


@given(n=sizes, seed=seeds, step=st.floats(0.01, 2))
def test_a6_has_the_same_value_with_the_step_inside_or_outside(
    n: int, seed: int, step: float
) -> None:
    g = draw(register["A.6"], n, 1, seed)
    inside = [[g["w"][j][i] * step * logistic(g["x"][j] - g["mu"][j]) for j in range(n)]
              for i in range(n)]  # fmt: skip
    outside = register["A.6"](t=0.0, d=lambda t: step, **g)
    np.testing.assert_allclose(g["x"] + np.sum(inside, axis=1), outside, atol=1e-12)


@pytest.mark.parametrize("presynaptic", [-80.0, -10.0, 30.0])
@pytest.mark.parametrize(("postsynaptic", "sign"), [(-60.0, 1), (20.0, -1)])
def test_the_receiving_potential_decides_the_sign_of_the_current(
    presynaptic: float, postsynaptic: float, sign: int
) -> None:
    """One excitatory synapse, E = 0, no leak; half open, whatever the presynaptic potential."""
    x, w = [presynaptic, postsynaptic], [[0, 1], [0, 0]]
    rate = register["A.9"](x, w_l=0, E_l=0, w=w, mu=[presynaptic, 0], E=0)
    assert np.sign(rate[1]) == sign


def test_the_printed_synaptic_current_of_a_section_6_is_another() -> None:
    """Two synapses onto neuron 1; the print has neither E nor the sign."""
    x, w, E = np.array([-60.0, -40.0]), np.array([[2.0, 0], [3.0, 0]]), np.array([[0, 0], [-90, 0]])
    half_open = x.copy()
    current = register["A.9"](x, w_l=0, E_l=0, w=w, mu=half_open, E=E)[0]
    printed = sum(w[j, 0] * 0.5 * x[0] for j in range(2))
    assert current == pytest.approx(1.0 * 60 + 1.5 * -30)
    assert printed == pytest.approx(-150.0)


def test_a9_has_one_threshold_per_neuron_and_a_slope_of_one_per_millivolt() -> None:
    assert register["A.9"].shapes["mu"] == ("n",)
    assert register["B.14"].shapes["b"] == ("n",) and register["B.13"].shapes["b"] == ("n", "n")
    width = 2 * np.log(9)
    assert width == pytest.approx(4.394, abs=1e-3)
    assert logistic_with_threshold(-50 - width / 2, -50) == pytest.approx(0.1)
    assert logistic_with_threshold(-50 + width / 2, -50) == pytest.approx(0.9)


def test_b18_is_b13_and_the_sa_act_rnn_is_b8() -> None:
    assert register["B.18"].latex == register["B.13"].latex
    assert register["B.18"].function is register["B.13"].function
    assert register["B.8"].shapes["b"] == ("n", "n")  # one sigmoid per synapse: SA
    assert register["B.7"].shapes["b"] == ("n",)  # one per neuron: NA


@given(b=st.floats(-5, 5))
def test_the_threshold_of_b1_is_minus_b(b: float) -> None:
    assert register["B.1"]([-b], [[1.0]], [b])[0] == 0.5


@given(n=sizes, m=sizes, seed=seeds)
def test_b10_is_not_b9_in_other_coordinates(n: int, m: int, seed: int) -> None:
    """In B.10 the effect of the input does not depend on the state. In B.9, moved to x, it does."""
    g = draw(register["B.9"], n, m, seed) | {"w_l": np.full(n, 0.7)}
    W, V, b, u = (g[name] for name in ("W", "V", "b", "u"))
    in_x = -0.7 * (W @ g["y"]) + W @ logistic(W @ g["y"] + V @ u + b)
    np.testing.assert_allclose(W @ register["B.9"](**g), in_x, atol=1e-12)

    def effect(x: np.ndarray, number: str) -> np.ndarray:
        if number == "B.9":
            return W @ logistic(x + V @ u + b) - W @ logistic(x + b)
        rest = draw(register["B.10"], n, m, seed) | {"x": x}
        return register["B.10"](**rest) - register["B.10"](**rest | {"u": np.zeros(m)})

    here, there = np.zeros(n), np.full(n, 4.0)
    np.testing.assert_allclose(effect(here, "B.10"), effect(there, "B.10"), atol=1e-10)
    if np.max(np.abs(W @ (V @ u))) > 0.1:
        assert np.max(np.abs(effect(here, "B.9") - effect(there, "B.9"))) > 1e-4


@given(n=sizes, seed=seeds)
def test_na_altc_without_gate_is_na_act_rnn_if_c_is_one(n: int, seed: int) -> None:
    g = draw(register["B.7"], n, 1, seed)
    ungated = g | {"e_l": 0, "a": 1, "e": np.tile(g["x"] + 1, (n, 1))}  # e - x is 1
    np.testing.assert_allclose(register["B.14"](**ungated, C=1), register["B.7"](**g), atol=1e-12)
    np.testing.assert_allclose(
        2 * register["B.14"](**ungated, C=2), register["B.7"](**g), atol=1e-12
    )


def test_b17_prints_y_where_b15_prints_u() -> None:
    assert "a_j^y" in register["B.17"].latex and "a_j^u" in register["B.17"].correction
    assert "a_{ji}^u" in register["B.15"].latex and "^y" not in register["B.15"].latex


@given(a=st.floats(3, 8), b=st.floats(0.3, 0.8))
def test_three_sigmoids_and_their_midpoints(a: float, b: float) -> None:
    """Table 2's ranges: where each reading is half open, and how far it is open at rest, x = 0."""
    readings = {
        -b / a: lambda x: logistic(a * x + b),
        -b: lambda x: logistic(a * (x + b)),
        b: lambda x: logistic(a * (x - b)),
    }
    for midpoint, sigma in readings.items():
        assert sigma(midpoint) == pytest.approx(0.5)
    as_printed, mode_v, by_midpoint = (sigma(0.0) for sigma in readings.values())
    assert 0.57 < as_printed < 0.70 and 0.71 < mode_v < 0.999 and by_midpoint < 0.29


def test_no_change_of_units_leads_from_millivolts_to_table_2() -> None:
    """An affine map keeps the ratio in which the resting potential divides the other two."""
    inhibitory, resting, excitatory = -90.0, -70.0, 0.0
    assert (resting - inhibitory) / (excitatory - inhibitory) == pytest.approx(2 / 9)
    assert (0 - -1) / (1 - -1) == 1 / 2


def test_a_negative_slope_is_harmless_and_a_negative_conductance_is_not() -> None:
    altc = random_altc(np.random.default_rng(0), 4)
    altc = altc._replace(a=-np.abs(altc.a))
    low, high = altc.hull()
    states = runge_kutta(lambda t, x: altc.rate(x), np.full(4, (low + high) / 2), 5.0, 200)
    assert low < states.min() and states.max() < high
    wrong = altc._replace(w=-5 * altc.w)
    states = runge_kutta(lambda t, x: wrong.rate(x), np.full(4, (low + high) / 2), 5.0, 200)
    assert np.max(np.abs(states)) > 100 * max(abs(low), abs(high))


def test_the_examples_do_not_follow_the_printed_grammar() -> None:
    parts = r"(r|v)?(sigm|tanh)(\*|\+)?(s)?"
    printed = re.compile(rf"ctrrn_{parts}-(linear|synaptic)-(lis)?")
    corrected = re.compile(rf"ctrnn_{parts}_(linear|synaptic)(_lis)?")
    for example in ("ctrnn_vtanh_linear", "ctrnn_vsigm+s_synaptic"):
        assert not printed.fullmatch(example)
        assert corrected.fullmatch(example)
        assert str(TypeDescriptor.parse(example)) == example


def test_in_w_mode_none_a_and_w_change_places() -> None:
    rng = np.random.default_rng(0)
    (w, a, b), x = rng.normal(size=(3, 4, 4)), rng.normal(size=4)
    numbers = [torch.tensor(value.T) for value in (w, b, a)]
    mode_none = TypeDescriptor.parse("ctrnn_sigms_linear")
    currents = openings(mode_none, SynapseWeights(*numbers, None), torch.tensor(x)).sum(-1).numpy()
    np.testing.assert_allclose(currents, register["B.8"](x, 0, w=a, a=w, b=b), rtol=1e-12)
    assert np.max(np.abs(currents - register["B.8"](x, 0, w=w, a=a, b=b))) > 0.1


def test_outgoing_synapses_share_the_bias_in_b7_and_incoming_ones_in_b9() -> None:
    """Raise the bias of neuron 1 of 3, and see which neurons feel it."""
    g = draw(register["B.7"], 3, 1, seed=0)
    raised = {"b": g["b"] + [0.5, 0, 0]}
    outgoing = register["B.7"](**g | raised) != register["B.7"](**g)
    np.testing.assert_array_equal(outgoing, [True, True, True])
    inside = pick(g, "w_l", "b") | {"y": g["x"], "W": g["w"].T, "u": [0], "V": np.zeros((3, 1))}
    incoming = register["B.9"](**inside | raised) != register["B.9"](**inside)
    np.testing.assert_array_equal(incoming, [True, False, False])


def test_tau_in_table_3_is_a_rate() -> None:
    tau = 4.0
    states = runge_kutta(lambda t, x: -tau * x, np.ones(1), horizon=1 / tau)
    assert states[-1, 0] == pytest.approx(np.exp(-1), rel=1e-6)
