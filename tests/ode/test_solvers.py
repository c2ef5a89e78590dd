"""Fixed-step and adaptive solvers against closed forms and against torchdiffeq."""

import math

import pytest
import torch
import torchdiffeq
from torchdiffeq._impl import rk_common

import ltcbook
from ltcbook.ode.linear_form import LinearForm
from ltcbook.ode.solvers import SOLVERS, get_solver

FIXED = [name for name, solver in SOLVERS.items() if not solver.adaptive]
ADAPTIVE = [name for name, solver in SOLVERS.items() if solver.adaptive]


def tensor(*values):
    return torch.tensor([values], dtype=torch.float64)


def relaxation(x):
    """ẋ = 3 − 2x from 0.2: x(t) = 1.5 − 1.3 e^(−2t)."""
    return LinearForm(torch.full_like(x, 3.0), torch.full_like(x, 2.0))


def logistic_growth(x):
    """ẋ = x(1 − x) from 0.2, written with decay x: x(t) = 1/(1 + 4 e^(−t))."""
    return LinearForm(x, x)


def rotation(x):
    """ẋ₁ = x₂, ẋ₂ = −x₁ from (1, 0): (cos t, −sin t)."""
    return LinearForm(torch.stack([x[:, 1], -x[:, 0]], dim=1), x.new_zeros(()))


PROBLEMS = {
    "relaxation": (relaxation, tensor(0.2), lambda t: tensor(1.5 - 1.3 * math.exp(-2 * t))),
    "logistic": (logistic_growth, tensor(0.2), lambda t: tensor(1 / (1 + 4 * math.exp(-t)))),
    "rotation": (rotation, tensor(1.0, 0.0), lambda t: tensor(math.cos(t), -math.sin(t))),
}


@pytest.mark.parametrize("problem", ["logistic", "rotation"])
@pytest.mark.parametrize("name", FIXED)
def test_order_of_convergence(name, problem):
    f, x, exact = PROBLEMS[problem]
    solver = SOLVERS[name]
    errors = [
        (solver.integrate(f, x, 1.0, unfolds) - exact(1.0)).abs().max().item()
        for unfolds in (20, 40, 80)
    ]
    orders = [math.log2(coarse / fine) for coarse, fine in zip(errors, errors[1:], strict=False)]
    assert orders == pytest.approx([solver.order] * 2, abs=0.12)


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("name", ADAPTIVE)
def test_adaptive_solvers_meet_their_tolerance(name, problem):
    f, x, exact = PROBLEMS[problem]
    got = SOLVERS[name].integrate(f, x, 1.0, 10)
    assert (got - exact(1.0)).abs().max().item() < 1e-7


def test_exponential_euler_is_exact_for_constant_coefficients():
    got = SOLVERS["exponential-euler"].integrate(relaxation, tensor(0.2), 1.7, 1)
    assert got.item() == pytest.approx(1.5 - 1.3 * math.exp(-3.4), rel=1e-15)


@pytest.mark.parametrize("z", [0.0, 1e-12, 1e-4, 0.0999, 0.1001, 3.0, -0.05, -3.0])
def test_exponential_euler_and_its_gradient_do_not_cancel(z):
    """x' = x e^(−z) + drive (1 − e^(−z))/z at dt = 1; derivative in closed form."""
    decay = torch.tensor([[z]], dtype=torch.float64, requires_grad=True)
    step = SOLVERS["exponential-euler"].step
    after = step(lambda x: LinearForm(torch.ones_like(x), decay), tensor(0.0), 1.0)
    after.backward()
    if abs(z) < 1e-3:
        value, slope = 1 - z / 2 + z**2 / 6, -1 / 2 + z / 3 - z**2 / 8
    else:
        value = -math.expm1(-z) / z
        slope = (math.exp(-z) - value) / z
    assert after.item() == pytest.approx(value, rel=1e-14)
    assert decay.grad.item() == pytest.approx(slope, rel=1e-11)


@pytest.mark.parametrize(("name", "method"), [("euler", "euler"), ("heun", "heun2")])
def test_torchdiffeqs_fixed_grid_agrees_to_rounding(name, method):
    f, x, _ = PROBLEMS["logistic"]
    times = torch.linspace(0, 1, 8, dtype=torch.float64)
    theirs = torchdiffeq.odeint(lambda _, y: f(y).derivative(y), x, times, method=method)[-1]
    ours = SOLVERS[name].integrate(f, x, 1.0, 7)
    torch.testing.assert_close(ours, theirs, rtol=1e-14, atol=0)


def test_torchdiffeqs_classical_rk4_step_agrees_to_rounding():
    """Their registered "rk4" is the 3/8 rule; the classical step is in the same module."""
    f, x, _ = PROBLEMS["logistic"]
    t0, dt = (torch.tensor(t, dtype=torch.float64) for t in (0.0, 0.3))
    change = rk_common.rk4_step_func(lambda _, y, **__: f(y).derivative(y), t0, dt, t0 + dt, x)
    torch.testing.assert_close(SOLVERS["rk4"].step(f, x, 0.3), x + change, rtol=1e-14, atol=0)


def test_euler_is_stable_up_to_two_and_monotone_up_to_one():
    """ẋ = −λx: the factor per step is 1 − dt λ (DESIGN of the membrane chapter)."""
    euler = SOLVERS["euler"].step
    for z, factor in ((0.5, 0.5), (1.5, -0.5), (2.5, -1.5)):
        after = euler(
            lambda x, z=z: LinearForm(torch.zeros_like(x), torch.full_like(x, z)), tensor(1.0), 1.0
        )
        assert after.item() == pytest.approx(factor)


def test_semi_implicit_step_stays_between_state_and_reversal_potentials():
    model = ltcbook.build(
        "SA-LTC",
        4,
        64,
        1,
        input_map="synaptic",
        seed=0,
        init="as-printed",
        solver="semi-implicit-euler",
        dtype=torch.float64,
    )
    explicit = ltcbook.build(
        "SA-LTC", 4, 64, 1, input_map="synaptic", seed=0, init="as-printed", dtype=torch.float64
    )
    u = torch.randn(2, 20, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    _, state = model(u)
    assert state.abs().max() <= 1.0
    _, exploded = explicit(u)
    assert not exploded.abs().max() <= 1.0


def test_every_sample_has_its_own_span_also_in_the_adaptive_solvers():
    x = torch.tensor([[0.2], [0.2]], dtype=torch.float64)
    spans = torch.tensor([[0.5], [2.0]], dtype=torch.float64)
    got = SOLVERS["dopri5"].integrate(logistic_growth, x, spans, 10)
    exact = 1 / (1 + 4 * torch.exp(-spans))
    torch.testing.assert_close(got, exact, rtol=1e-7, atol=0)


def test_gradients_by_the_adjoint_are_those_of_backpropagation():
    gradients = {}
    for solver in ("dopri5", "adjoint"):
        model = ltcbook.build(
            "SA-LTC", 2, 4, 1, input_map="synaptic", seed=0, solver=solver, dtype=torch.float64
        )
        u = torch.linspace(-1, 1, 12, dtype=torch.float64).reshape(2, 3, 2).requires_grad_()
        y, _ = model(u)
        y.square().sum().backward()
        gradients[solver] = [u.grad, *(p.grad for p in model.parameters())]
    for by_tape, by_adjoint in zip(gradients["dopri5"], gradients["adjoint"], strict=True):
        torch.testing.assert_close(by_adjoint, by_tape, rtol=1e-6, atol=1e-8)


def test_unknown_solver_is_told_the_nearest():
    with pytest.raises(ValueError, match=r"unknown solver 'eular'; did you mean 'euler'\?"):
        get_solver("eular")
