"""Reading a trained SA-LTC: conductances and currents over time, pruning, robustness.

Chapter: ``reading_a_network``. Source: B.15, Theorem 3 of B (B.T3 of the register).
"""

from __future__ import annotations

import copy
from typing import NamedTuple

import torch
from torch import Tensor

from ltcbook.nn.cell import unroll
from ltcbook.nn.cells import ContinuousTimeCell
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.nn.synapses import openings


class Reading(NamedTuple):
    """What every synapse of an SA-LTC did along one sequence.

    Sources are ordered (neurons, inputs): column n + k of a matrix is input k.

    Attributes:
        states: (time, n), at the end of each time step.
        conductances: g_ji, (time, n, n + m), as [time, post, pre].
        currents: g_ji (e_ji − x_i), the same shape.
        leak: w_li (e_li − x_i), (time, n).

    >>> import ltcbook
    >>> found = read(ltcbook.LTC(2, 3, seed=0).cell, torch.zeros(5, 2))
    >>> found.states.shape, found.currents.shape
    (torch.Size([5, 3]), torch.Size([5, 3, 5]))
    """

    states: Tensor
    conductances: Tensor
    currents: Tensor
    leak: Tensor


@torch.no_grad()
def read(cell: ContinuousTimeCell, u: Tensor) -> Reading:
    """Run an SA-LTC with synaptic input over u (time, input) and look into every synapse.

    Raises:
        ValueError: for another kind of cell.

    >>> import ltcbook
    >>> found = read(ltcbook.LTC(2, 3, seed=0).cell, torch.zeros(5, 2))
    >>> bool((found.conductances >= 0).all())
    True
    """
    if not (
        cell.descriptor.synaptic and cell.descriptor.factor == "+" and hasattr(cell, "sensory")
    ):
        raise ValueError(f"cell must be an SA-LTC with synaptic input, got {cell.descriptor}")
    x = unroll(cell, u[None], cell.initial_state(1))[0]
    parts = [(cell.recurrent.weights(), x), (cell.sensory.weights(), u)]
    g = torch.cat([openings(cell.descriptor, weights, z) for weights, z in parts], dim=-1)
    e = torch.cat([weights.e for weights, _ in parts if weights.e is not None], dim=-1)
    currents = g * (e - x.unsqueeze(-1))
    return Reading(x, g, currents, cell.w_l * (cell.rest - x))


@torch.no_grad()
def pruned(network: RecurrentNetwork, keep: Tensor) -> RecurrentNetwork:
    """A copy of an SA-LTC network in which only the synapses of ``keep`` (n, n + m) conduct.

    >>> import ltcbook
    >>> smaller = pruned(ltcbook.LTC(2, 3, 1, seed=0), torch.eye(3, 5))
    >>> int((smaller.cell.recurrent.w > 0).sum()), int((smaller.cell.sensory.w > 0).sum())
    (3, 0)
    """
    smaller, n = copy.deepcopy(network), network.hidden_size
    cell = smaller.continuous_cell
    cell.recurrent.w.mul_(keep[:, :n])
    cell.sensory.w.mul_(keep[:, n:])
    return smaller


def strongest(scores: Tensor, fraction: float) -> Tensor:
    """True for the given fraction of entries with the highest scores.

    >>> strongest(torch.tensor([[0.1, 0.9], [0.5, 0.2]]), fraction=0.5)
    tensor([[False,  True],
            [ True, False]])
    """
    count = round(fraction * scores.numel())
    keep = torch.zeros(scores.numel(), dtype=torch.bool)
    keep[scores.flatten().argsort(descending=True)[:count]] = True
    return keep.reshape(scores.shape)


@torch.no_grad()
def error(network: RecurrentNetwork, u: Tensor, y: Tensor) -> float:
    """Mean square error over sequences u (batch, time, input) with targets y.

    >>> import ltcbook
    >>> model, u = ltcbook.LTC(2, 3, 1, seed=0), torch.zeros(1, 4, 2)
    >>> error(model, u, model(u)[0]) < 1e-12
    True
    """
    return float(torch.nn.functional.mse_loss(network(u)[0], y))


@torch.no_grad()
def amplification(network: RecurrentNetwork, u: Tensor, size: float, seed: int = 0) -> Tensor:
    """Change of the output over change of the input, (time,), for noise of one size.

    The noise is added at all time steps; both changes are root mean squares over the batch.

    >>> import ltcbook
    >>> found = amplification(ltcbook.LTC(2, 3, 1, seed=0), torch.zeros(8, 4, 2), size=0.1)
    >>> found.shape, bool((found < 1).all())
    (torch.Size([4]), True)
    """
    noise = torch.randn(u.shape, dtype=u.dtype, generator=torch.Generator().manual_seed(seed))
    moved = network(u + size * noise)[0] - network(u)[0]
    ratio: Tensor = moved.pow(2).mean((0, 2)).sqrt() / (size * noise.pow(2).mean().sqrt())
    return ratio


def steepest(network: RecurrentNetwork, u: Tensor) -> float:
    """Largest singular value of ∂(last output)/∂(input sequence) at u (time, input).

    >>> import ltcbook
    >>> steepest(ltcbook.LTC(2, 3, 1, seed=0), torch.zeros(4, 2)) < 1
    True
    """

    def last(sequence: Tensor) -> Tensor:
        output: Tensor = network(sequence[None])[0][0, -1]
        return output

    jacobian = torch.autograd.functional.jacobian(last, u)  # type: ignore[no-untyped-call]
    return float(torch.linalg.matrix_norm(jacobian.flatten(1), 2))
