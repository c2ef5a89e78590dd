"""An SA-LTC is its residual network; the family is thin; the M experiment is as stated."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import ltcbook
from ltcbook.analysis import succinctness
from ltcbook.analysis.trained import trained
from ltcbook.analysis.unrolling import (
    mixed_derivative,
    run_layers,
    step_sizes,
    unroll,
)
from ltcbook.nn import cell as cells
from ltcbook.teaching.sealed import sealed_layer

PLAIN = {"backend": "eager", "dtype": torch.float64, "input_map": "synaptic"}


def sa_ltc(solver: str, seed: int = 0, n: int = 4) -> torch.nn.Module:
    return ltcbook.build("SA-LTC", 3, n, 2, solver=solver, unfolds=4, seed=seed, **PLAIN)


@given(st.integers(0, 1000), st.sampled_from(["euler", "semi-implicit-euler"]))
@settings(max_examples=15, deadline=None)
def test_the_residual_network_is_the_ltc(seed: int, solver: str) -> None:
    cell = sa_ltc(solver, seed).cell
    u = torch.randn(5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    layers, states = unroll(cell, u)
    with torch.no_grad():
        wanted = cells.unroll(cell, u[None], cell.initial_state(1))[0]
    torch.testing.assert_close(states[4::4], wanted, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(run_layers(layers, states[0], u), states, rtol=1e-12, atol=1e-14)


@given(st.integers(0, 1000), st.integers(1, 5))
@settings(max_examples=15, deadline=None)
def test_explicit_layers_have_rank_n_and_no_more(seed: int, n: int) -> None:
    cell = sa_ltc("euler", seed, n).cell
    u = torch.randn(30, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    weights = unroll(cell, u)[0].weights.flatten(1)
    assert torch.linalg.matrix_rank(weights - weights.mean(0), rtol=1e-9) <= n


@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_no_sum_of_functions_of_single_potentials_is_an_ltc_step(seed: int) -> None:
    """Its mixed difference vanishes; that of the step is d w (sigma' - sigma) times the move."""
    cell, i, j = sa_ltc("euler", seed).cell, 0, 2
    x = torch.randn(4, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    unit = torch.eye(4, dtype=torch.float64)

    def step(state: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return state + 0.1 * cell.linear_form(state[None]).derivative(state)[0]

    corners = [step(x + p * unit[i] + q * unit[j])[i] for p in (0, 1) for q in (0, 1)]
    mixed = corners[3] - corners[2] - corners[1] + corners[0]
    w, b, a, _ = (p.detach()[i, j] for p in cell.recurrent.weights())
    opened = torch.sigmoid(a * (x[j] + 1 + b)) - torch.sigmoid(a * (x[j] + b))
    torch.testing.assert_close(mixed, -0.1 * w * opened, rtol=1e-9, atol=1e-12)


def test_a_semi_implicit_step_is_shorter_where_the_neuron_is_faster() -> None:
    cell = sa_ltc("semi-implicit-euler").cell
    steps = step_sizes(cell, torch.tensor([0.0, 1.0, 9.0]), 0.5)
    torch.testing.assert_close(steps, torch.tensor([0.5, 0.5 / 1.5, 0.5 / 5.5]))


def test_the_mixed_derivative_is_the_gate() -> None:
    x = torch.tensor([0.3, -0.2], dtype=torch.float64)
    product = mixed_derivative(lambda v: torch.stack([v[0] * v[1] ** 2, v[1]]), 0, 1, x)
    assert product == pytest.approx(2 * -0.2, abs=1e-8)
    assert mixed_derivative(lambda v: v.sin() + v.flip(0).cos(), 0, 1, x) == pytest.approx(
        0, abs=1e-8
    )


@pytest.mark.parametrize("model", ["NA-LTC", "SA-CT-RNN-S"])
def test_only_an_sa_ltc_is_unrolled(model: str) -> None:
    cell = ltcbook.build(model, 3, 4, 2, seed=0, **PLAIN).cell
    with pytest.raises(ValueError, match="cell must be an SA-LTC with synaptic input"):
        unroll(cell, torch.zeros(5, 3, dtype=torch.float64))


def test_a_runge_kutta_step_is_no_layer() -> None:
    with pytest.raises(ValueError, match="solver must be 'euler' or 'semi-implicit-euler'"):
        unroll(sa_ltc("rk4").cell, torch.zeros(5, 3, dtype=torch.float64))


def test_a_sealed_layer_answers() -> None:
    layer, sealed = sealed_layer(sa_ltc("euler").cell, 0)
    assert layer.shape == (4, 4)
    assert sealed.check(x0=10.0) == "x0: far too high"


def test_trained_networks_are_better_than_repeating_the_last_observation() -> None:
    for model, seed in itertools.product(("SA-LTC", "LSTM"), range(3)):
        network, card = trained(model, seed)
        assert float(card["test_mse"]) < 0.2  # persistence has 0.316 on these windows
        assert next(network.parameters()).dtype == torch.float64
    with pytest.raises(ValueError, match="trained network"):
        trained("SA-LTC", 99)


def test_the_flow_of_the_experiment_is_the_papers_euler_step() -> None:
    from ltcbook import equations

    n, rng = 3, torch.Generator().manual_seed(1)
    for kind in succinctness.KINDS:
        p = torch.randn(succinctness.count(kind, n), generator=rng, dtype=torch.float64)
        x = torch.tensor([[0.4, -0.7]], dtype=torch.float64)
        w, mu, leak = p[:9].reshape(3, 3), p[9:12].numpy(), p[12:15]
        leak = torch.nn.functional.softplus(leak).numpy()
        state = torch.tensor([0.4, -0.7, 0.0], dtype=torch.float64).numpy()
        for _ in range(succinctness.STEPS):
            if kind == "NRN":
                conductance = torch.nn.functional.softplus(w).T.numpy()
                E = p[15:24].reshape(3, 3).T.numpy()
                rate = equations["A.9"](state, leak, 0.0, conductance, mu, E)
            else:
                rate = equations["A.8"](state, leak, w.T.numpy(), mu)
            state = state + rate / succinctness.STEPS
        wanted = float(state @ p[-4:-1].numpy() + p[-1].item())
        assert succinctness.output(kind, n, p, x).item() == pytest.approx(wanted, rel=1e-12)


def test_the_committed_rows_are_the_whole_experiment() -> None:
    rows = succinctness.committed()
    assert len(rows) == 12 * succinctness.DRAWS
    for row in rows:
        assert row["parameters"] == succinctness.count(row["kind"], row["neurons"])
