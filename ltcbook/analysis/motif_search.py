"""Motifs in a trained network: which small patterns are more frequent than by chance.

Chapter: ``motifs``. Source of the method: Milo et al. 2002.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ltcbook.cells import ContinuousTimeCell
from ltcbook.equations import Array
from ltcbook.synapses import openings

MOTIFS = ("activation", "inhibition", "sequence", "exclusion", "synchrony")


@torch.no_grad()
def mean_currents(cell: ContinuousTimeCell, states: Tensor) -> Array:
    """Mean current through every recurrent synapse, [post, pre], over states (..., n).

    The sign says what the synapse did on these data: pull its target up or down.

    Raises:
        ValueError: for a cell without synaptic activation and reversal potentials.
    """
    weights = cell.recurrent.weights()
    if not cell.descriptor.synaptic or weights.e is None:
        raise ValueError(f"cell must be an SA-LTC, got {cell.descriptor}")
    x = states.reshape(-1, states.shape[-1])
    opening = openings(cell.descriptor, weights, x)  # (samples, post, pre)
    current = opening * (weights.e - x.unsqueeze(-1))
    return current.mean(0).double().cpu().numpy()


def strongest(currents: Array, keep: int) -> Array:
    """Signs (−1, 0, 1) of the ``keep`` largest currents between different neurons, else 0."""
    size = np.abs(currents)
    np.fill_diagonal(size, -1.0)
    smallest = np.sort(size, axis=None)[-keep]
    return np.asarray(np.where(size >= smallest, np.sign(currents), 0.0))


def count_motifs(signs: Array) -> dict[str, int]:
    """How often each motif occurs among signed synapses [post, pre] without self-synapses.

    activation, inhibition: single synapses up and down. sequence: j excites i, which inhibits j.
    exclusion: two neurons inhibit each other. synchrony: pairs excited by the same third neuron.
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
    """The same synapses between other neurons: off-diagonal entries permuted."""
    outside = ~np.eye(len(signs), dtype=bool)
    mixed = np.zeros_like(signs)
    mixed[outside] = rng.permutation(signs[outside])
    return mixed
