"""From activation at the neurons to activation at the synapses, and back.

Source: B Fig. 2 and the text above B.8. Chapter: ``artificial_neurons``.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ltcbook.nn.synapses import SynapseWeights


def at_each_synapse(neural: SynapseWeights) -> SynapseWeights:
    """The same layer with an activation for each synapse: all that leave a neuron share theirs.

    Args:
        neural: w (post, pre) and b (pre,) of Σ_j w_ji σ(x_j + b_j).

    Returns:
        w, b and a = 1, all (post, pre), of Σ_j w_ji σ(a_ji (x_j + b_ji)).

    >>> neural = SynapseWeights(torch.ones(2, 3), torch.zeros(3), None, None)
    >>> at_each_synapse(neural).a.shape
    torch.Size([2, 3])
    """
    w = neural.w
    return SynapseWeights(w, neural.b.expand_as(w), torch.ones_like(w), None)


class SpreadLayer(NamedTuple):
    """A layer with neural activation that has one neuron for each synapse of another layer.

    Attributes:
        copies: (post · pre, pre), scales each presynaptic neuron's potential for each synapse.
        weights: w (post, post · pre) and b (post · pre,) of Σ_k w_ki σ(z_k + b_k), z = copies · x.

    >>> one = torch.ones(2, 3)
    >>> spread = at_each_neuron(SynapseWeights(one, 0 * one, one, None))
    >>> spread.copies.shape, spread.weights.w.shape
    (torch.Size([6, 3]), torch.Size([2, 6]))
    """

    copies: Tensor
    weights: SynapseWeights


def at_each_neuron(synaptic: SynapseWeights) -> SpreadLayer:
    """The same layer with an activation for each neuron: every synapse becomes a neuron.

    Args:
        synaptic: w, b and a, all (post, pre), of Σ_j w_ji σ(a_ji (x_j + b_ji)).

    Raises:
        ValueError: if a slope is missing.

    >>> a = torch.tensor([[2.0, 3.0]])
    >>> spread = at_each_neuron(SynapseWeights(torch.ones(1, 2), torch.zeros(1, 2), a, None))
    >>> spread.copies @ torch.tensor([0.1, 0.1])  # a neuron for each synapse
    tensor([0.2000, 0.3000])
    """
    w, b, a, _ = synaptic
    if a is None:
        raise ValueError("synaptic must have slopes a of shape (post, pre), got None")
    post, pre = w.shape
    copies = torch.cat([torch.diag(slopes) for slopes in a])  # (post * pre, pre)
    outgoing: Tensor = torch.block_diag(*w)  # type: ignore[no-untyped-call]
    return SpreadLayer(copies, SynapseWeights(outgoing, (a * b).flatten(), None, None))
