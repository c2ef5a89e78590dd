"""Motifs in a trained network: which small patterns are more frequent than by chance.

Chapter: ``motifs``. Source of the method: Milo et al. 2002.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ltcbook.nn.cells import ContinuousTimeCell
from ltcbook.nn.synapses import openings
from ltcbook.papers.equations import Array

MOTIFS = ("activation", "inhibition", "sequence", "exclusion", "synchrony")


@torch.no_grad()
def mean_currents(cell: ContinuousTimeCell, states: Tensor) -> Array:
    """Mean current through every recurrent synapse, [post, pre], over states (..., n).

    The sign says what the synapse did on these data: pull its target up or down.

    Raises:
        ValueError: for a cell without synaptic activation and reversal potentials.

    >>> import ltcbook
    >>> cell = ltcbook.LTC(1, 3, seed=0).cell
    >>> mean_currents(cell, torch.zeros(5, 3)).shape
    (3, 3)
    """
    weights = cell.recurrent.weights()
    if not cell.descriptor.synaptic or weights.e is None:
        raise ValueError(f"cell must be an SA-LTC, got {cell.descriptor}")
    x = states.reshape(-1, states.shape[-1])
    opening = openings(cell.descriptor, weights, x)  # (samples, post, pre)
    current = opening * (weights.e - x.unsqueeze(-1))
    return current.mean(0).double().cpu().numpy()


def strongest(currents: Array, keep: int) -> Array:
    """Signs (−1, 0, 1) of the ``keep`` largest currents between different neurons, else 0.

    >>> strongest(np.array([[9.0, 0.5], [-2.0, 9.0]]), keep=1)
    array([[ 0.,  0.],
           [-1.,  0.]])
    """
    size = np.abs(currents)
    np.fill_diagonal(size, -1.0)
    smallest = np.sort(size, axis=None)[-keep]
    return np.asarray(np.where(size >= smallest, np.sign(currents), 0.0))


def count_motifs(signs: Array) -> dict[str, int]:
    """How often each motif occurs among signed synapses [post, pre] without self-synapses.

    activation, inhibition: single synapses up and down. sequence: j excites i, which inhibits j.
    exclusion: two neurons inhibit each other. synchrony: pairs excited by the same third neuron.

    >>> found = count_motifs(np.array([[0.0, -1.0], [-1.0, 0.0]]))
    >>> found["exclusion"], found["activation"]
    (1, 0)
    """
    up, down = (signs > 0).astype(int), (signs < 0).astype(int)
    driven = up.sum(0)  # how many neurons each neuron excites
    values = (
        int(up.sum()),
        int(down.sum()),
        int((up * down.T).sum()),
        int((down * down.T).sum() // 2),
        int((driven * (driven - 1) // 2).sum()),
    )
    return dict(zip(MOTIFS, values, strict=True))


def shuffled(signs: Array, rng: np.random.Generator) -> Array:
    """The same synapses between other neurons: off-diagonal entries permuted.

    How many synapses a neuron has is not kept; :func:`rewired` keeps it.

    >>> signs = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [0.0, 0.0, 0.0]])
    >>> other = shuffled(signs, np.random.default_rng(0))
    >>> int((other > 0).sum()), int((other < 0).sum()), other.diagonal()
    (1, 1, array([0., 0., 0.]))
    """
    outside = ~np.eye(len(signs), dtype=bool)
    mixed = np.zeros_like(signs)
    mixed[outside] = rng.permutation(signs[outside])
    return mixed


def rewired(signs: Array, rng: np.random.Generator, swaps: int = 200) -> Array:
    """The same synapses with their ends swapped, so that every neuron keeps its numbers of them.

    Two synapses of one sign, a to b and c to d, become a to d and c to b, unless one of these is
    there already or leads from a neuron to itself. Every neuron keeps how many excite and inhibit
    it, and how many it excites and inhibits: the null model of Milo et al. 2002.

    >>> signs = np.roll(np.eye(4), 1, axis=0)  # a ring
    >>> other = rewired(signs, np.random.default_rng(0))
    >>> other.sum(axis=0), other.sum(axis=1)
    (array([1., 1., 1., 1.]), array([1., 1., 1., 1.]))
    """
    mixed = signs.copy()
    for _ in range(swaps):
        ends = np.argwhere(mixed == rng.choice((-1.0, 1.0)))  # rows (post, pre)
        if len(ends) < 2:
            continue
        (b, a), (d, c) = ends[rng.choice(len(ends), 2, replace=False)]
        if len({a, b, c, d}) == 4 and mixed[d, a] == 0 and mixed[b, c] == 0:
            mixed[d, a] = mixed[b, c] = mixed[b, a]
            mixed[b, a] = mixed[d, c] = 0.0
    return mixed
