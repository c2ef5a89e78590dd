"""States and time constants stay where the parameters say; without the conditions they do not."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ltcbook import build
from ltcbook.analysis.bounds import ct_rnn_box, potential_bounds, time_constant_bounds
from ltcbook.nn.sequence import AutonomousNetwork, RecurrentNetwork
from ltcbook.papers.equations import register
from ltcbook.papers.theorems.flows import runge_kutta

seeds = st.integers(0, 2**31 - 1)


@settings(max_examples=15, deadline=None)
@given(seed=seeds, kind=st.sampled_from(["NA-ACT-RNN", "SA-ACT-RNN"]))
def test_a_ct_rnn_stays_in_its_box_and_comes_back_to_it(seed: int, kind: str) -> None:
    model = build(
        kind, 4, 4, 1, seed=seed, dtype=torch.float64, backend="eager", solver="exponential-euler"
    )
    assert isinstance(model, AutonomousNetwork)
    cell = model.cell
    box = ct_rnn_box(cell.w_l.detach(), cell.recurrent.w.detach())
    inside = box.low + torch.rand(1, 4, dtype=torch.float64) * (box.high - box.low)
    state = model(inside, steps=5)[1]
    assert bool((state >= box.low - 1e-12).all()) and bool((state <= box.high + 1e-12).all())

    far = torch.full((1, 4), 10.0, dtype=torch.float64)
    distance = (model(far, steps=5)[1] - box.high).clamp(min=0)
    bound = (10.0 - box.high).clamp(min=0) * torch.exp(-5 * cell.w_l)
    assert bool((distance <= bound + 1e-9).all())


def test_without_a_leak_there_is_no_box() -> None:
    with pytest.raises(ValueError, match="w_l must be above 0 for a bounded state, got 0.0"):
        ct_rnn_box(torch.zeros(2), torch.ones(2, 2))


@settings(max_examples=15, deadline=None)
@given(seed=seeds, loudness=st.floats(0.1, 100.0))
def test_an_ltc_is_bounded_whatever_it_hears(seed: int, loudness: float) -> None:
    model = build(
        "SA-LTC",
        3,
        4,
        1,
        input_map="synaptic",
        seed=seed,
        dtype=torch.float64,
        backend="eager",
        solver="semi-implicit-euler",
    )
    assert isinstance(model, RecurrentNetwork)
    cell, state = model.cell, None
    layers = cell.recurrent.weights(), cell.sensory.weights()
    box = potential_bounds(cell.rest, *layers)
    taus = time_constant_bounds(cell.w_l.detach(), cell.C, *layers)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(6):
        u = loudness * torch.randn(1, 1, 3, dtype=torch.float64, generator=generator)
        with torch.no_grad():
            state = model(u, state)[1]
            tau = 1 / cell.linear_form(state, cell.sense(u[:, 0])).decay
        assert bool((state >= box.low).all()) and bool((state <= box.high).all())
        assert bool((tau >= taus.low).all()) and bool((tau <= taus.high).all())


def test_the_bounds_are_reached() -> None:
    """All gates shut: tau is C/w_l; all open: C/(w_l + the sum of w)."""
    model = build("SA-LTC", 2, 3, 1, input_map="synaptic", seed=0, dtype=torch.float64)
    cell = model.cell
    layers = cell.recurrent.weights(), cell.sensory.weights()
    taus = time_constant_bounds(cell.w_l.detach(), cell.C, *layers)
    for potential, bound in ((-1e3, taus.high), (1e3, taus.low)):
        x, u = (torch.full((1, k), potential, dtype=torch.float64) for k in (3, 2))
        tau = 1 / cell.linear_form(x, cell.sense(u)).decay
        torch.testing.assert_close(tau[0], bound, rtol=1e-12, atol=0, check_dtype=False)


def test_a_negative_conductance_or_a_layer_without_posts_is_refused() -> None:
    model = build("SA-ACT-RNN", 2, 2, 1, seed=0)
    weights = model.cell.recurrent.weights()
    one = torch.ones(2)
    with pytest.raises(ValueError, match="w must not be negative, got -1.0"):
        time_constant_bounds(one, one, weights._replace(w=-torch.ones(2, 2)))
    with pytest.raises(ValueError, match="must have reversal potentials"):
        potential_bounds(one, weights)


def tanh_ltc(rng: np.random.Generator, n: int, margin: float) -> dict[str, np.ndarray]:
    """B.13 with tanh: every leak is ``margin`` above the sum of its synapses' strengths."""
    w = rng.uniform(0, 1, (n, n))
    names = ("a", "b", "e")
    return {name: rng.normal(size=(n, n)) for name in names} | {
        "w": w,
        "w_l": w.sum(0) + margin,
        "e_l": rng.normal(size=n),
    }


@settings(max_examples=25, deadline=None)
@given(seed=seeds, n=st.integers(1, 4), margin=st.floats(0.05, 3))
def test_a_leak_above_its_strengths_tames_a_tanh_gate(seed: int, n: int, margin: float) -> None:
    rng = np.random.default_rng(seed)
    g, start = tanh_ltc(rng, n, margin), 3 * rng.normal(size=n)
    pull = g["w_l"] * np.abs(g["e_l"]) + (g["w"] * np.abs(g["e"])).sum(0)
    bound = np.maximum(np.abs(start), pull / margin)
    path = runge_kutta(lambda t, x: register["B.13"](x, **g, sigma=np.tanh), start, 2.0, 200)
    assert (np.abs(path) <= bound + 1e-6).all()


def test_a_tanh_gate_with_too_small_a_leak_runs_away() -> None:
    one = np.ones((1, 1))
    shut = {"w": one, "a": 0 * one, "b": -20 * one, "e": one, "w_l": [0.5], "e_l": [0.0]}
    path = runge_kutta(
        lambda t, x: register["B.13"](x, **shut, sigma=np.tanh), np.zeros(1), 20.0, 400
    )
    assert abs(path[-1, 0]) > 1e3


@given(seed=seeds, n=st.integers(1, 4))
def test_a_sigmoid_gate_is_a_tanh_gate_with_more_leak(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    g = tanh_ltc(rng, n, 0.3)
    x, half = rng.normal(size=n), {name: g[name] / 2 for name in ("w", "a", "b")}
    leak = g["w_l"] + g["w"].sum(0) / 2
    rest = (g["w_l"] * g["e_l"] + (g["w"] * g["e"]).sum(0) / 2) / leak
    by_tanh = register["B.13"](x, leak, rest, e=g["e"], sigma=np.tanh, **half)
    np.testing.assert_allclose(by_tanh, register["B.13"](x, **g), atol=1e-12)
