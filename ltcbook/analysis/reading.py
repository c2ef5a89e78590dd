"""Reading a trained SA-LTC: conductances and currents over time, pruning, robustness.

Chapter: ``reading_a_network``. Source: B.15, Theorem 3 of B (B.T3 of the register).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ltcbook.cells import ContinuousTimeCell
from ltcbook.exercises import Sealed
from ltcbook.sequence import RecurrentNetwork, scan
from ltcbook.synapses import openings


class Reading(NamedTuple):
    """What every synapse of an SA-LTC did along one sequence.

    Sources are ordered (neurons, inputs): column n + k of a matrix is input k.

    Attributes:
        states: (time, n), at the end of each time step.
        conductances: g_ji, (time, n, n + m), as [time, post, pre].
        currents: g_ji (e_ji − x_i), the same shape.
        leak: w_li (e_li − x_i), (time, n).
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
    """
    if not (
        cell.descriptor.synaptic and cell.descriptor.factor == "+" and hasattr(cell, "sensory")
    ):
        raise ValueError(f"cell must be an SA-LTC with synaptic input, got {cell.descriptor}")
    x = scan(cell, u[None], cell.initial_state(1))[0]
    parts = [(cell.recurrent.weights(), x), (cell.sensory.weights(), u)]
    g = torch.cat([openings(cell.descriptor, weights, z) for weights, z in parts], dim=-1)
    e = torch.cat([weights.e for weights, _ in parts if weights.e is not None], dim=-1)
    currents = g * (e - x.unsqueeze(-1))
    return Reading(x, g, currents, cell.w_l * (cell.rest - x))


@torch.no_grad()
def pruned(network: RecurrentNetwork, keep: Tensor) -> RecurrentNetwork:
    """A copy of an SA-LTC network in which only the synapses of ``keep`` (n, n + m) conduct."""
    smaller, n = copy.deepcopy(network), network.hidden_size
    cell = smaller.cell
    assert isinstance(cell, ContinuousTimeCell)
    cell.recurrent.w = cell.recurrent.w * keep[:, :n]
    cell.sensory.w = cell.sensory.w * keep[:, n:]
    return smaller


def strongest(scores: Tensor, fraction: float) -> Tensor:
    """True for the given fraction of entries with the highest scores."""
    count = round(fraction * scores.numel())
    keep = torch.zeros(scores.numel(), dtype=torch.bool)
    keep[scores.flatten().argsort(descending=True)[:count]] = True
    return keep.reshape(scores.shape)


@torch.no_grad()
def error(network: RecurrentNetwork, u: Tensor, y: Tensor) -> float:
    """Mean square error over sequences u (batch, time, input) with targets y."""
    return float(torch.nn.functional.mse_loss(network(u)[0], y))


@torch.no_grad()
def amplification(network: RecurrentNetwork, u: Tensor, size: float, seed: int = 0) -> Tensor:
    """Change of the output over change of the input, (time,), for noise of one size.

    The noise is added at all time steps; both changes are root mean squares over the batch.
    """
    noise = torch.randn(u.shape, dtype=u.dtype, generator=torch.Generator().manual_seed(seed))
    moved = network(u + size * noise)[0] - network(u)[0]
    ratio: Tensor = moved.pow(2).mean((0, 2)).sqrt() / (size * noise.pow(2).mean().sqrt())
    return ratio


def steepest(network: RecurrentNetwork, u: Tensor) -> float:
    """Largest singular value of ∂(last output)/∂(input sequence) at u (time, input)."""

    def last(sequence: Tensor) -> Tensor:
        output: Tensor = network(sequence[None])[0][0, -1]
        return output

    jacobian = torch.autograd.functional.jacobian(last, u)  # type: ignore[no-untyped-call]
    return float(torch.linalg.matrix_norm(jacobian.flatten(1), 2))


def sealed_lesion(
    cell: ContinuousTimeCell, seed: int
) -> tuple[Callable[[Tensor, Tensor], Tensor], Sealed]:
    """The rates of a cell of which one strong sensory synapse was cut.

    Returns:
        ``rates(x, u)`` of the cut cell, (n,), for a state and an input; and the sealed ``post``
        and ``pre``, neuron and input, counted from 1.
    """
    w = cell.sensory.w.detach()
    strong = (w > w.flatten().quantile(0.8)).nonzero()
    post, pre = strong[int(np.random.default_rng(seed).integers(len(strong)))].tolist()
    cut = copy.deepcopy(cell)
    with torch.no_grad():
        mask = torch.ones_like(w)
        mask[post, pre] = 0
        cut.sensory.w = w * mask

    @torch.no_grad()
    def rates(x: Tensor, u: Tensor) -> Tensor:
        rate: Tensor = cut.linear_form(x[None], cut.sense(u[None])).derivative(x[None])[0]
        return rate

    return rates, Sealed(tolerance=1e-9, post=float(post + 1), pre=float(pre + 1))
