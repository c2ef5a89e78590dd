"""All 144 descriptors as three kinds: every model written with tanh and two weighted sums.

σ(z) = (1 + tanh(z/2)) / 2 turns the logistic sigmoid into tanh; the halves go into the weights
and the constant into the bias. Σ wσ(e − x) = Σ wσe − x Σ wσ turns the difference of potential into
a drive and a decay. The capacitance divides the weights. What is left of a model is

    dx_i/dt = drive_i − decay_i x_i
    drive_i = (its input) + Σ_j p_ij s        decay_i = (its input) + Σ_j q_ij s

with s = tanh(slope·x_j + offset) of one of three kinds: one for each synapse (synaptic
activation), one for each presynaptic neuron (neural activation), or one for each postsynaptic
neuron, of the sum Σ_j slope_ij x_j (w-mode None, and B.9). All this is PyTorch, on small tensors,
so autograd brings the kernels' gradients back to the model's own parameters.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from ltcbook.kernels.recurrence import Kind, LayerWeights
from ltcbook.nn.descriptor import TypeDescriptor
from ltcbook.nn.synapses import SynapseWeights


class Layer(NamedTuple):
    """One layer of synapses in the canonical form, without the replica axis.

    Attributes:
        kind: how many activations there are.
        weights: as :class:`~ltcbook.kernels.recurrence.LayerWeights` says.
        drive_constant, decay_constant: (post,), what the halves of the sigmoids add.

    >>> import ltcbook
    >>> cell = ltcbook.LTC(2, 3, activation="neural", seed=0).cell
    >>> layer = canonical_layer(cell.descriptor, cell.recurrent.weights(), cell.C)
    >>> layer.kind, layer.weights.slope.shape
    ('presynaptic', torch.Size([1, 3]))
    """

    kind: Kind
    weights: LayerWeights
    drive_constant: Tensor
    decay_constant: Tensor


def canonical_layer(
    descriptor: TypeDescriptor,
    weights: SynapseWeights,
    capacitance: Tensor,
    mask: Tensor | None = None,
) -> Layer:
    """Rewrite a layer of synapses; nothing but algebra (see above).

    Args:
        descriptor, weights: of the layer.
        capacitance: C of the postsynaptic neurons (post,), which divides the currents.
        mask: (post, pre), which synapses there are. One that is missing gets 0 for all its numbers,
            which is how a kernel knows that it need not look at it.

    >>> import torch
    >>> one, kind = torch.ones(1, 1), TypeDescriptor.parse("ctrnn_vsigm+s_synaptic")
    >>> weights = SynapseWeights(w=2 * one, b=-0.5 * one, a=6 * one, e=one)
    >>> layer = canonical_layer(kind, weights, capacitance=torch.ones(1))
    >>> layer.weights.slope, layer.decay_constant  # a/2 and w/2
    (tensor([[3.]]), tensor([1.]))
    """
    w, b, a, e = weights
    if descriptor.w_mode == "r":
        strength, slope, offset = w, b.new_ones(b.shape), b
    else:
        assert a is not None
        strength, slope, offset = (a, w, b) if descriptor.w_mode == "" else (w, a, a * b)
    sigmoid = descriptor.act == "sigm"
    scale = (0.5 if sigmoid else 1) / capacitance
    if sigmoid:  # σ(z) = ½ + ½ tanh(z/2)
        slope, offset = 0.5 * slope, 0.5 * offset
    kind: Kind = "synaptic"
    if not descriptor.synaptic and descriptor.w_mode == "":
        kind, strength, offset = "postsynaptic", strength.unsqueeze(0), offset.unsqueeze(0)
    else:
        scale = scale.unsqueeze(1)
    if not descriptor.synaptic and descriptor.w_mode != "":
        kind, slope, offset = "presynaptic", slope.unsqueeze(0), offset.unsqueeze(0)
        e = None if e is None else e.unsqueeze(1)  # it belongs to the postsynaptic neuron
    if mask is not None and kind == "synaptic":
        slope, offset = slope * mask, offset * mask
    q = strength * scale
    p = q if e is None else q * e
    senders = 0 if kind == "postsynaptic" else 1
    nothing = capacitance.new_zeros
    drive = p.sum(senders) if sigmoid else nothing(capacitance.shape)
    if not descriptor.gated:
        ungated = LayerWeights(slope, offset, p, None)
        return Layer(kind, ungated, drive, nothing(capacitance.shape))
    decay = q.sum(senders) if sigmoid else nothing(capacitance.shape)
    return Layer(kind, LayerWeights(slope, offset, p, q), drive, decay)
