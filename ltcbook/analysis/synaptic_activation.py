"""From activation at the neurons to activation at the synapses, and back.

Source: B Fig. 2 and the text above B.8. Chapter: ``artificial_neurons``.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ltcbook.synapses import SynapseWeights


def at_each_synapse(neural: SynapseWeights) -> SynapseWeights:
    """The same layer with an activation for each synapse: all that leave a neuron share theirs.

    Args:
        neural: w (post, pre) and b (pre,) of Σ_j w_ji σ(x_j + b_j).

    Returns:
        w, b and a = 1, all (post, pre), of Σ_j w_ji σ(a_ji (x_j + b_ji)).
    """
    w = neural.w
    return SynapseWeights(w, neural.b.expand_as(w), torch.ones_like(w), None)


class SpreadLayer(NamedTuple):
    """A layer with neural activation that has one neuron for each synapse of another layer.

    Attributes:
        copies: (post · pre, pre), scales each presynaptic neuron's potential for each synapse.
        weights: w (post, post · pre) and b (post · pre,) of Σ_k w_ki σ(z_k + b_k), z = copies · x.
    """

    copies: Tensor
    weights: SynapseWeights


def at_each_neuron(synaptic: SynapseWeights) -> SpreadLayer:
    """The same layer with an activation for each neuron: every synapse becomes a neuron.

    Args:
        synaptic: w, b and a, all (post, pre), of Σ_j w_ji σ(a_ji (x_j + b_ji)).

    Raises:
        ValueError: if a slope is missing.
    """
    w, b, a, _ = synaptic
    if a is None:
        raise ValueError("synaptic must have slopes a of shape (post, pre), got None")
    post, pre = w.shape
    copies = torch.cat([torch.diag(slopes) for slopes in a])  # (post * pre, pre)
    outgoing: Tensor = torch.block_diag(*w)  # type: ignore[no-untyped-call]
    return SpreadLayer(copies, SynapseWeights(outgoing, (a * b).flatten(), None, None))
