"""Ways to advance ẋ = drive(x) − decay(x)·x over one time step, behind one registry.

A fixed-step solver is one function of a few lines and one entry in ``SOLVERS``. The adaptive
ones are torchdiffeq's. Chapters: ``neural_odes``, ``membrane_equation``, ``solver_primer``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from ltcbook.checks import unknown_name
from ltcbook.ode.linear_form import LinearForm

Dynamics = Callable[[Tensor], LinearForm]
"""The linear form at a state x (batch, n), for an input held constant."""

StepFunction = Callable[[Dynamics, Tensor, Tensor | float], Tensor]
"""(dynamics, x, dt) -> x one step later; dt is a number or broadcasts against x."""


def euler(f: Dynamics, x: Tensor, dt: Tensor | float) -> Tensor:
    """Explicit Euler: x + dt·ẋ. Stable while dt·decay < 2, without overshoot while < 1.

    >>> import torch
    >>> from ltcbook.ode.linear_form import LinearForm
    >>> decay = lambda x: LinearForm(torch.zeros(1), torch.ones(1))  # ẋ = −x
    >>> euler(decay, torch.ones(1), 0.5)
    tensor([0.5000])
    """
    return x + dt * f(x).derivative(x)


def semi_implicit_euler(f: Dynamics, x: Tensor, dt: Tensor | float) -> Tensor:
    """Decay implicit, coefficients frozen: (x + dt·drive) / (1 + dt·decay).

    For an LTC a convex combination of x and the reversal potentials: bounded for every dt.

    >>> import torch
    >>> from ltcbook.ode.linear_form import LinearForm
    >>> decay = lambda x: LinearForm(torch.zeros(1), torch.ones(1))  # ẋ = −x
    >>> semi_implicit_euler(decay, torch.ones(1), 3.0)  # explicit Euler is at -2
    tensor([0.2500])
    """
    drive, decay = f(x)
    return (x + dt * drive) / (1 + dt * decay)


def exponential_euler(f: Dynamics, x: Tensor, dt: Tensor | float) -> Tensor:
    """Exact for frozen coefficients: x e^(−z) + dt·drive·(1 − e^(−z))/z with z = dt·decay.

    >>> import torch
    >>> from ltcbook.ode.linear_form import LinearForm
    >>> decay = lambda x: LinearForm(torch.zeros(1), torch.ones(1))  # ẋ = −x
    >>> exponential_euler(decay, torch.ones(1), 1.0)  # 1/e
    tensor([0.3679])
    """
    drive, decay = f(x)
    z = dt * decay
    return x * torch.exp(-z) + dt * drive * _relaxation(z)


def heun(f: Dynamics, x: Tensor, dt: Tensor | float) -> Tensor:
    """Explicit trapezoidal rule, order 2.

    >>> import torch
    >>> from ltcbook.ode.linear_form import LinearForm
    >>> decay = lambda x: LinearForm(torch.zeros(1), torch.ones(1))  # ẋ = −x
    >>> heun(decay, torch.ones(1), 0.5)  # the exact value is 0.6065
    tensor([0.6250])
    """
    k1 = f(x).derivative(x)
    predicted = x + dt * k1
    return x + 0.5 * dt * (k1 + f(predicted).derivative(predicted))


def rk4(f: Dynamics, x: Tensor, dt: Tensor | float) -> Tensor:
    """The classical Runge-Kutta method, order 4.

    >>> import torch
    >>> from ltcbook.ode.linear_form import LinearForm
    >>> decay = lambda x: LinearForm(torch.zeros(1), torch.ones(1))  # ẋ = −x
    >>> rk4(decay, torch.ones(1), 0.5)  # the exact value is 0.6065
    tensor([0.6068])
    """
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
        summary: one line.
        adjoint: True when gradients come from the adjoint equation, in constant memory.
        kernel: how the compiled kernels take this step, ``"stages"`` those of the CPU alone; None
            where they can't.

    >>> import torch
    >>> from ltcbook.ode.linear_form import LinearForm
    >>> decay = lambda x: LinearForm(torch.zeros(1), torch.ones(1))  # ẋ = −x
    >>> SOLVERS["rk4"].integrate(decay, torch.ones(1), span=1.0, unfolds=4)
    tensor([0.3679])
    """

    name: str
    order: int
    step: StepFunction | None
    summary: str
    adjoint: bool = False
    kernel: Literal["explicit", "implicit", "stages"] | None = None

    @property
    def adaptive(self) -> bool:
        """True when the solver chooses its own steps; ``unfolds`` is then not used."""
        return self.step is None

    def integrate(self, f: Dynamics, x: Tensor, span: Tensor | float, unfolds: int) -> Tensor:
        """Advance ``x`` (batch, n) by ``span`` (a number or (batch, 1)) of time.

        Args:
            f: the dynamics with the input held constant.
            x: the state now.
            span: how long.
            unfolds: number of equal steps of a fixed-step solver.
        """
        if self.step is None:
            from ltcbook.ode.adaptive import integrate  # torchdiffeq need not be installed

            return integrate(f, x, span, self.adjoint)
        dt = span / unfolds
        for _ in range(unfolds):
            x = self.step(f, x, dt)
        return x


SOLVERS: dict[str, Solver] = {
    solver.name: solver
    for solver in (
        Solver("euler", 1, euler, "explicit Euler, the papers' choice", kernel="explicit"),
        Solver(
            "semi-implicit-euler",
            1,
            semi_implicit_euler,
            "decay implicit, the rest explicit; keeps an LTC bounded",
            kernel="implicit",
        ),
        Solver("exponential-euler", 1, exponential_euler, "exact for frozen coefficients"),
        Solver("heun", 2, heun, "explicit trapezoidal rule", kernel="stages"),
        Solver("rk4", 4, rk4, "classical Runge-Kutta", kernel="stages"),
        Solver("dopri5", 5, None, "adaptive Dormand-Prince (torchdiffeq)"),
        Solver("adjoint", 5, None, "dopri5 with gradients by the adjoint equation", adjoint=True),
    )
}
"""All solvers by name."""


def get_solver(name: str) -> Solver:
    """The solver of this name, which may leave out a final ``-euler``.

    >>> get_solver("semi-implicit").name
    'semi-implicit-euler'

    Raises:
        ValueError: for an unknown name, with the nearest and all names.
    """
    plain = str(name).lower().replace("_", "-").replace(" ", "-")
    for candidate in (plain, f"{plain}-euler"):
        if candidate in SOLVERS:
            return SOLVERS[candidate]
    unknown_name("solver", name, SOLVERS)
