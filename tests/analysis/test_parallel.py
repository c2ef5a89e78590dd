"""All time steps at once, and the bound of the closed form."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import ltcbook
from ltcbook.analysis.parallel import newton_in_time, transition
from ltcbook.nn.cell import unroll
from ltcbook.papers.equations import logistic
from ltcbook.teaching.sealed import sealed_gate


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
        truth = unroll(cell, u[None], x0)[0]
    found = newton_in_time(transition(cell, u), x0[0], 8, 8, keep)  # type: ignore[arg-type]
    for k, states in enumerate(found):
        torch.testing.assert_close(states[:k], truth[:k], rtol=1e-10, atol=1e-12)


def test_newton_doubles_the_right_digits() -> None:
    cell = ltcbook.build("SA-LTC", 2, 4, 1, seed=0, backend="eager", dtype=torch.float64).cell
    u, x0 = noise(40, 2), cell.initial_state(1).detach()
    with torch.no_grad():
        truth = unroll(cell, u[None], x0)[0]
    gaps = (newton_in_time(transition(cell, u), x0[0], 40, 6) - truth).abs().amax((1, 2))
    small = [g for g in gaps.tolist() if 1e-12 < g < 1e-1]
    assert all(b < 30 * a**1.8 for a, b in zip(small, small[1:], strict=False))
    assert gaps[-1] < 1e-13


def test_a_sealed_gate_answers() -> None:
    respond, sealed = sealed_gate(0)
    assert respond(0.0) > respond(1.0) > respond(50.0)
    assert sealed.check(rate=99.0, h=respond(100.0)) == "rate: far too high, h: found"


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
