"""Project 3: has a trained network learned its equation, or its solver?

The sample solution. An LTC that was trained with six semi-implicit Euler steps a time step is
run with more of them, and by other solvers, without training it again.

Appendix: ``projects``.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor

from ltcbook.analysis.reading import error
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.ode.solvers import get_solver


def resolved(network: RecurrentNetwork, solver: str, unfolds: int) -> RecurrentNetwork:
    """A copy of a network whose cell is solved in another way.

    Raises:
        ValueError: for a network whose cell has no solver.

    >>> from ltcbook.analysis.trained import trained
    >>> network, _ = trained("SA-LTC")
    >>> resolved(network, "rk4", 3).cell.solver.name
    'rk4'
    """
    other = copy.deepcopy(network)
    cell = other.continuous_cell
    cell.solver, cell.unfolds = get_solver(solver), unfolds
    return other


def errors(
    network: RecurrentNetwork, u: Tensor, y: Tensor, solver: str, unfolds: Sequence[int]
) -> list[float]:
    """Errors on sequences u with targets y, for each number of steps.

    >>> from ltcbook.analysis.trained import trained
    >>> network, u = trained("SA-LTC")[0], torch.zeros(1, 3, 17).double()
    >>> found = errors(network, u, network(u)[0], "semi-implicit-euler", [6, 12])
    >>> found[0] < found[1]  # it was trained with six steps
    True
    """
    return [error(resolved(network, solver, count), u, y) for count in unfolds]


@torch.no_grad()
def distance(network: RecurrentNetwork, u: Tensor, solver: str, unfolds: int) -> float:
    """Mean square distance of the outputs from those by 100 steps of RK4, the equation itself.

    >>> from ltcbook.analysis.trained import trained
    >>> network, u = trained("SA-LTC")[0], torch.zeros(1, 3, 17).double()
    >>> distance(network, u, "euler", 60) < distance(network, u, "euler", 6)
    True
    """
    exact = resolved(network, "rk4", 100)(u)[0]
    return float((resolved(network, solver, unfolds)(u)[0] - exact).square().mean())
