"""Sealed exercises about circuits, trained networks and later cells.

Those about the equations themselves are in ``exercises.py``.

Chapters: ``motifs``, ``unrolling``, ``reading_a_network``, ``what_came_after``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ltcbook.analysis.motifs import excitatory, level
from ltcbook.nn.cells import ContinuousTimeCell
from ltcbook.teaching.exercises import Sealed


def sealed_motif_synapse(seed: int) -> tuple[Callable[[float], float], Sealed]:
    """An excitatory synapse of unknown conductance and midpoint, between two patch electrodes.

    Returns:
        ``respond(presynaptic)``, where the target (leak 1 nS) settles while the presynaptic
        potential is held, mV; and the sealed ``conductance`` (nS) and ``midpoint`` (mV).

    >>> respond, sealed = sealed_motif_synapse(seed=0)
    >>> respond(0.0) > respond(-90.0)
    True
    >>> sealed
    Sealed(conductance, midpoint)

    Chapter: ``motifs``.
    """
    random = np.random.default_rng(seed)
    synapse = excitatory(0, 1, random.uniform(1.0, 6.0), random.uniform(-55.0, -30.0))

    def respond(presynaptic: float) -> float:
        return level(presynaptic, synapse, stimulus=0.0)

    return respond, Sealed(conductance=synapse.conductance, midpoint=synapse.midpoint)


def sealed_layer(cell: ContinuousTimeCell, seed: int) -> tuple[Tensor, Sealed]:
    """One residual layer of a cell (explicit Euler) at a hidden state of its first three neurons.

    Returns:
        The recurrent weights (n, n) of the layer, and the sealed potentials ``x0``, ``x1``, ``x2``.

    >>> from ltcbook.analysis.trained import trained
    >>> weights, sealed = sealed_layer(trained("SA-LTC")[0].cell, seed=0)
    >>> weights.shape
    torch.Size([12, 12])
    >>> sealed
    Sealed(x0, x1, x2)

    Chapter: ``unrolling``.
    """
    hidden = torch.from_numpy(np.random.default_rng(seed).uniform(-0.8, 0.8, cell.hidden_size))
    weights = cell.recurrent.weights()
    assert weights.e is not None
    with torch.no_grad():
        layer = weights.w * (weights.e - hidden.unsqueeze(-1)) / cell.unfolds
    values = {f"x{i}": float(hidden[i]) for i in range(3)}
    return layer / cell.C.unsqueeze(-1), Sealed(tolerance=0.01, **values)


def sealed_lesion(
    cell: ContinuousTimeCell, seed: int
) -> tuple[Callable[[Tensor, Tensor], Tensor], Sealed]:
    """The rates of a cell of which one strong sensory synapse was cut.

    Returns:
        ``rates(x, u)`` of the cut cell, (n,), for a state and an input; and the sealed ``post``
        and ``pre``, neuron and input, counted from 1.

    >>> from ltcbook.analysis.trained import trained
    >>> rates, sealed = sealed_lesion(trained("SA-LTC")[0].cell, seed=0)
    >>> rates(torch.zeros(12).double(), torch.zeros(17).double()).shape
    torch.Size([12])
    >>> sealed
    Sealed(post, pre)

    Chapter: ``reading_a_network``.
    """
    w = cell.sensory.w.detach()
    strong = (w > w.flatten().quantile(0.8)).nonzero()
    post, pre = strong[int(np.random.default_rng(seed).integers(len(strong)))].tolist()
    cut = copy.deepcopy(cell)
    with torch.no_grad():
        mask = torch.ones_like(w)
        mask[post, pre] = 0
        cut.sensory.w.mul_(mask)

    @torch.no_grad()
    def rates(x: Tensor, u: Tensor) -> Tensor:
        rate: Tensor = cut.linear_form(x[None], cut.sense(u[None])).derivative(x[None])[0]
        return rate

    return rates, Sealed(tolerance=1e-9, post=float(post + 1), pre=float(pre + 1))


def sealed_gate(seed: int) -> tuple[Callable[[float], float], Sealed]:
    """One closed-form neuron with unknown rate and targets.

    Returns:
        ``respond(t)``, its state after a time span t ≥ 0, and the sealed ``rate``, ``g`` and ``h``.

    >>> respond, sealed = sealed_gate(seed=0)
    >>> respond(0.0) > respond(100.0)
    True
    >>> sealed
    Sealed(rate, g, h)

    Chapter: ``what_came_after``.
    """
    rng = np.random.default_rng(seed)
    rate, g, h = rng.uniform(0.5, 2.0), rng.uniform(0.3, 0.9), -rng.uniform(0.3, 0.9)

    def respond(t: float) -> float:
        gate = 1 / (1 + np.exp(rate * t))
        return float(gate * g + (1 - gate) * h)

    return respond, Sealed(rate=rate, g=g, h=h)
