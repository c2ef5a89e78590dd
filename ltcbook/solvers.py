"""Ways to advance ẋ = drive(x) − decay(x)·x over one time step, behind one registry.

A fixed-step solver is one function of a few lines and one entry in :data:`SOLVERS`. The adaptive
ones are torchdiffeq's. Chapters: ``neural_odes``, ``membrane_equation``, ``solver_primer``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ltcbook.checks import unknown_name
from ltcbook.linear_form import LinearForm

Dynamics = Callable[[Tensor], LinearForm]
"""The linear form at a state x (batch, n), for an input held constant."""

StepFunction = Callable[[Dynamics, Tensor, Tensor | float], Tensor]
"""(dynamics, x, dt) -> x one step later; dt is a number or broadcasts against x."""


def euler(f: Dynamics, x: Tensor, dt: Tensor | float) -> Tensor:
    """Explicit Euler: x + dt·ẋ. Stable while dt·decay < 2, without overshoot while < 1.

    >>> import torch
    >>> from ltcbook.linear_form import LinearForm
    >>> decay = lambda x: LinearForm(torch.zeros(1), torch.ones(1))  # ẋ = −x
    >>> euler(decay, torch.ones(1), 0.5)
    tensor([0.5000])
    """
    return x + dt * f(x).derivative(x)


def semi_implicit_euler(f: Dynamics, x: Tensor, dt: Tensor | float) -> Tensor:
    """Decay implicit, coefficients frozen: (x + dt·drive) / (1 + dt·decay).

    For an LTC a convex combination of x and the reversal potentials: bounded for every dt.
    """
    drive, decay = f(x)
    return (x + dt * drive) / (1 + dt * decay)


def exponential_euler(f: Dynamics, x: Tensor, dt: Tensor | float) -> Tensor:
    """Exact for frozen coefficients: x e^(−z) + dt·drive·(1 − e^(−z))/z with z = dt·decay."""
    drive, decay = f(x)
    z = dt * decay
    return x * torch.exp(-z) + dt * drive * _relaxation(z)


def heun(f: Dynamics, x: Tensor, dt: Tensor | float) -> Tensor:
    """Explicit trapezoidal rule, order 2."""
    k1 = f(x).derivative(x)
    predicted = x + dt * k1
    return x + 0.5 * dt * (k1 + f(predicted).derivative(predicted))


def rk4(f: Dynamics, x: Tensor, dt: Tensor | float) -> Tensor:
    """The classical Runge-Kutta method, order 4."""
    k1 = f(x).derivative(x)
    x2 = x + 0.5 * dt * k1
    k2 = f(x2).derivative(x2)
    x3 = x + 0.5 * dt * k2
    k3 = f(x3).derivative(x3)
    x4 = x + dt * k3
    k4 = f(x4).derivative(x4)
    return x + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def _relaxation(z: Tensor) -> Tensor:
    """(1 − e^(−z))/z, by its series near 0, where the quotient and its derivative cancel."""
    near = z.abs() < 0.1
    safe = torch.where(near, torch.ones_like(z), z)
    small = torch.where(near, z, torch.zeros_like(z))
    series = torch.ones_like(z)
    for k in range(10, 1, -1):
        series = 1 - small / k * series
    return torch.where(near, series, -torch.expm1(-safe) / safe)


@dataclass(frozen=True)
class Solver:
    """An entry of the registry.

    Attributes:
        name: what to type.
        order: of convergence as the step goes to zero.
        step: the step function; ``None`` for the adaptive solvers of torchdiffeq.
        adjoint: True when gradients come from the adjoint equation, in constant memory.
        summary: one line.
    """

    name: str
    order: int
    step: StepFunction | None
    summary: str
    adjoint: bool = False

    @property
    def adaptive(self) -> bool:
        """True when the solver chooses its own steps; ``unfolds`` is then not used."""
        return self.step is None

    def integrate(
        self,
        f: Dynamics,
        x: Tensor,
        span: Tensor | float,
        unfolds: int,
        depends_on: Sequence[Tensor] = (),
    ) -> Tensor:
        """Advance ``x`` (batch, n) by ``span`` (a number or (batch, 1)) of time.

        Args:
            f: the dynamics with the input held constant.
            x: the state now.
            span: how long.
            unfolds: number of equal steps of a fixed-step solver.
            depends_on: every tensor, besides x, through which gradients must flow; only the
                adjoint needs to be told.
        """
        if self.step is None:
            return _adaptive(f, x, span, depends_on if self.adjoint else None)
        dt = span / unfolds
        for _ in range(unfolds):
            x = self.step(f, x, dt)
        return x


def _adaptive(
    f: Dynamics, x: Tensor, span: Tensor | float, adjoint_params: Sequence[Tensor] | None
) -> Tensor:
    """Dormand-Prince by torchdiffeq, in rescaled time: dx/ds = span·ẋ for s from 0 to 1.

    Rescaling lets every sample of a batch have its own span, where torchdiffeq has one clock.
    """
    import torchdiffeq

    def right_hand_side(_: Tensor, state: Tensor) -> Tensor:
        return span * f(state).derivative(state)

    tolerance = 1e-9 if x.dtype == torch.float64 else 1e-6
    options: dict[str, Any] = {"method": "dopri5", "rtol": tolerance, "atol": tolerance}
    times = torch.tensor([0.0, 1.0], dtype=x.dtype, device=x.device)
    solve = torchdiffeq.odeint if adjoint_params is None else torchdiffeq.odeint_adjoint
    if adjoint_params is not None:
        options["adjoint_params"] = tuple(adjoint_params)
    states: Tensor = solve(right_hand_side, x, times, **options)
    return states[-1]


SOLVERS: dict[str, Solver] = {
    solver.name: solver
    for solver in (
        Solver("euler", 1, euler, "explicit Euler, the papers' choice"),
        Solver("semi-implicit-euler", 1, semi_implicit_euler, "decay implicit; never explodes"),
        Solver("exponential-euler", 1, exponential_euler, "exact for frozen coefficients"),
        Solver("heun", 2, heun, "explicit trapezoidal rule"),
        Solver("rk4", 4, rk4, "classical Runge-Kutta"),
        Solver("dopri5", 5, None, "adaptive Dormand-Prince (torchdiffeq)"),
        Solver("adjoint", 5, None, "dopri5 with gradients by the adjoint equation", adjoint=True),
    )
}
"""All solvers by name."""


def get_solver(name: str) -> Solver:
    """The solver of this name; ValueError with the nearest and all names otherwise."""
    if name not in SOLVERS:
        unknown_name("solver", name, SOLVERS)
    return SOLVERS[name]
