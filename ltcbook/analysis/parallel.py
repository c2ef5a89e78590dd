"""All time steps of a recurrence at once, by Newton's method on the whole trajectory.

Chapter: ``what_came_after``. Source: Lim et al. 2024 (full Jacobians), Gonzalez et al. 2024
(their diagonals only).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from ltcbook.nn.cells import ContinuousTimeCell

Transition = Callable[[Tensor], tuple[Tensor, Tensor]]
"""States before each time step, (time, n) -> states after it, and the Jacobians (time, n, n)."""

Keep = Literal["all", "diagonal", "nothing"]


def transition(cell: ContinuousTimeCell, u: Tensor) -> Transition:
    """What every time step of a cell does to a state, for an input u (time, input), in parallel.

    >>> import ltcbook
    >>> cell = ltcbook.LTC(1, 2, backend="eager", seed=0).cell
    >>> after, jacobians = transition(cell, torch.zeros(5, 1))(torch.zeros(5, 2))
    >>> after.shape, jacobians.shape
    (torch.Size([5, 2]), torch.Size([5, 2, 2]))
    """
    step, sensed = cell.bind(), tuple(part.detach() for part in cell.sense(u))

    def one(x: Tensor, *of_input: Tensor) -> Tensor:
        after: Tensor = step(x[None], tuple(part[None] for part in of_input), 1.0)
        return after[0]

    jacobian = torch.vmap(torch.func.jacrev(one))

    def all_steps(before: Tensor) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            after = torch.vmap(one)(before, *sensed)
        return after, jacobian(before, *sensed).detach()

    return all_steps


def sweep(after: Tensor, jacobians: Tensor, guess: Tensor, x0: Tensor) -> Tensor:
    """Solve x_t = F(guess_{t−1}) + J_{t−1}(x_{t−1} − guess_{t−1}): one Newton step, (time, n).

    A linear recurrence. It is written as a loop here; on many processors it is an associative
    scan of logarithmic depth.

    >>> halves = torch.full((3, 1, 1), 0.5)  # x -> x/2, exact in one sweep
    >>> guess = torch.ones(3, 1)
    >>> sweep(guess / 2, halves, guess, torch.ones(1)).flatten()
    tensor([0.5000, 0.2500, 0.1250])
    """
    states, x = [], x0
    before = torch.cat([x0[None], guess[:-1]])
    for t in range(len(after)):
        x = after[t] + jacobians[t] @ (x - before[t])
        states.append(x)
    return torch.stack(states)


def newton_in_time(
    steps: Transition, x0: Tensor, length: int, iterations: int, keep: Keep = "all"
) -> Tensor:
    """Trajectories after 0, 1, ... iterations, (iterations + 1, time, n); starts from all x0.

    Args:
        steps: see :func:`transition`.
        x0: the state before the first time step, (n,).
        length: number of time steps.
        iterations: how many Newton steps.
        keep: of the Jacobians: all, their diagonals (quasi-Newton), or nothing (Jacobi).

    >>> import ltcbook
    >>> cell = ltcbook.LTC(1, 2, backend="eager", seed=0).cell
    >>> steps = transition(cell, torch.zeros(5, 1))
    >>> found = newton_in_time(steps, torch.zeros(2), length=5, iterations=3)
    >>> bool((found[3] - found[2]).abs().max() < (found[1] - found[0]).abs().max())
    True
    """
    guess = x0.expand(length, -1)
    found = [guess]
    for _ in range(iterations):
        after, jacobians = steps(torch.cat([x0[None], guess[:-1]]))
        if keep == "diagonal":
            jacobians = torch.diag_embed(jacobians.diagonal(dim1=-2, dim2=-1))
        elif keep == "nothing":
            jacobians = torch.zeros_like(jacobians)
        guess = sweep(after, jacobians, guess, x0)
        found.append(guess)
    return torch.stack(found)
