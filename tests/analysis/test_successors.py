"""Cells that came after, a sparse wiring, and all time steps at once."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import ltcbook
from ltcbook.analysis.parallel import newton_in_time, transition
from ltcbook.analysis.reading import pruned, read
from ltcbook.analysis.successors import circuit_policy, sealed_gate, successor
from ltcbook.equations import logistic
from ltcbook.sequence import scan


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


@given(st.integers(0, 1000), st.sampled_from(["all", "diagonal", "nothing"]))
@settings(max_examples=10, deadline=None)
def test_after_k_rounds_the_first_k_states_are_exact(seed: int, keep: str) -> None:
    how = {"input_map": "synaptic", "unfolds": 3, "backend": "eager", "dtype": torch.float64}
    cell = ltcbook.build("SA-LTC", 2, 4, 1, seed=seed, **how).cell
    u, x0 = noise(8, 2, seed=seed), cell.initial_state(1).detach()
    with torch.no_grad():
        truth = scan(cell, u[None], x0)[0]
    found = newton_in_time(transition(cell, u), x0[0], 8, 8, keep)  # type: ignore[arg-type]
    for k, states in enumerate(found):
        torch.testing.assert_close(states[:k], truth[:k], rtol=1e-10, atol=1e-12)


def test_newton_doubles_the_right_digits() -> None:
    cell = ltcbook.build("SA-LTC", 2, 4, 1, seed=0, backend="eager", dtype=torch.float64).cell
    u, x0 = noise(40, 2), cell.initial_state(1).detach()
    with torch.no_grad():
        truth = scan(cell, u[None], x0)[0]
    gaps = (newton_in_time(transition(cell, u), x0[0], 40, 6) - truth).abs().amax((1, 2))
    small = [g for g in gaps.tolist() if 1e-12 < g < 1e-1]
    assert all(b < 30 * a**1.8 for a, b in zip(small, small[1:], strict=False))
    assert gaps[-1] < 1e-13


@given(st.integers(0, 1000), st.floats(0.01, 1.0))
@settings(max_examples=15, deadline=None)
def test_a_saturated_neuron_moves_to_its_target_and_not_past_it(seed: int, span: float) -> None:
    cell = successor("LRC", 3, 6, 2, seed).double().cell
    x, sensed = 2 * torch.tanh(noise(5, 6, seed=seed)), cell.sense(5 * noise(5, 3, seed=seed + 1))
    with torch.no_grad():
        drive, decay = cell.linear_form(x, sensed[:2])
        target = torch.tanh(drive) / torch.sigmoid(decay)
        new = cell.bind()(x, sensed, span)
    assert ((new - x) * (target - x) >= 0).all()
    assert ((new - x).abs() <= (target - x).abs() + 1e-12).all()
    assert (new.abs() <= 2).all()


def test_a_closed_form_cell_knows_the_time() -> None:
    network = successor("CfC", 3, 4, 2, 0).double()
    cell, x, u = network.cell, noise(1, 4), noise(1, 3)
    z = torch.cat([u, x], dim=-1)
    rate, g, h = cell.rate(z), torch.tanh(cell.g(z)), torch.tanh(cell.h(z))
    late = cell.bind()(x, (u,), 1e6)
    torch.testing.assert_close(late, torch.where(rate > 0, h, g))
    spans = torch.tensor([[0.5, 2.0]], dtype=torch.float64)
    one, _ = network(u[None].expand(1, 2, 3), timespans=spans)
    other, _ = network(u[None].expand(1, 2, 3), timespans=spans.flip(1))
    assert not torch.allclose(one, other)


def test_parameters_are_as_the_chapter_counts_them() -> None:
    counts = {
        name: sum(p.numel() for p in successor(name, 17, 12, 17, 0).cell.parameters())
        for name in ("CfC", "LRC")
    }
    assert counts == {"CfC": 4 * 12 * (17 + 12 + 1), "LRC": 1404 + 12 * (17 + 12 + 1)}


def test_only_the_two_successors_are_built() -> None:
    with pytest.raises(ValueError, match="name must be 'CfC' or 'LRC', got 'GRU'"):
        successor("GRU", 1, 1, 1, 0)


@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_a_circuit_policy_has_no_way_back_and_leaves_nobody_out(seed: int) -> None:
    exists = circuit_policy(7, inter=5, command=3, motor=2, seed=seed)
    assert not exists[:5, :10].any(), "nothing but inputs reaches inter neurons"
    assert not exists[5:8, 8:].any(), "neither motor neurons nor inputs reach command neurons"
    assert not exists[8:, :5].any() and not exists[8:, 8:].any()
    assert exists.any(1).all() and exists[:, :8].any(0).all() and exists[:, 10:].any(0).all()


def test_a_masked_ltc_has_only_the_synapses_of_its_wiring() -> None:
    exists = circuit_policy(3, inter=3, command=2, motor=1, seed=0)
    network = ltcbook.build("SA-LTC", 3, 6, 1, input_map="synaptic", seed=0, backend="eager")
    conductances = read(pruned(network, exists).cell, torch.zeros(4, 3)).conductances
    assert (conductances[:, ~exists] == 0).all() and (conductances[:, exists] > 0).all()


def test_a_sealed_gate_answers() -> None:
    respond, sealed = sealed_gate(0)
    assert respond(0.0) > respond(1.0) > respond(50.0)
    assert sealed.check(rate=99.0, h=respond(100.0)) == "rate: too high, h: found"


@given(
    seed=st.integers(0, 1000),
    w_l=st.floats(0.01, 3),
    A=st.floats(-2, 2),
    x0=st.floats(-2, 2),
    t=st.floats(0.01, 5),
)
def test_the_closed_form_keeps_its_bound(
    seed: int, w_l: float, A: float, x0: float, t: float
) -> None:
    """So does any other factor between 0 and 1; at time 0 the bound says nothing."""
    rng = np.random.default_rng(seed)
    times = np.linspace(0, t, 400)
    drive = rng.normal() * np.sin(rng.uniform(0.5, 4) * times + rng.normal())
    f = logistic(drive)
    integral = np.sum((f[1:] + f[:-1]) / 2) * times[1]
    exact = A + (x0 - A) * np.exp(-w_l * t - integral)
    bound = abs(x0 - A) * np.exp(-w_l * t)
    for factor in (np.exp(-f[-1] * t) * logistic(-drive[-1]), rng.uniform()):
        assert abs(A + (x0 - A) * np.exp(-w_l * t) * factor - exact) <= bound


def test_with_a_conductance_above_one_the_bound_fails() -> None:
    """f = 40 at first and then zero, and a factor f(-I) that may exceed one."""
    f_end, f_of_minus = 0.0, 40.0
    exact = np.exp(-0.1 - 40.0 * 0.5)
    closed = np.exp(-(0.1 + f_end)) * f_of_minus
    assert abs(closed - exact) > np.exp(-0.1)
