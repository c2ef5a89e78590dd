"""All 144 descriptors as three kernels: every model written with tanh and two weighted sums.

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

import torch
from torch import Tensor

from ltcbook.cells import ContinuousTimeCell, PreactivationCell
from ltcbook.descriptor import TypeDescriptor
from ltcbook.kernels.problem import Kind, LayerWeights, Weights
from ltcbook.synapses import Synapses, SynapseWeights


class Layer(NamedTuple):
    """One layer of synapses in the canonical form, without the replica axis.

    Attributes:
        kind: how many activations there are.
        weights: as :class:`~ltcbook.kernels.problem.LayerWeights` says.
        drive_constant, decay_constant: (post,), what the halves of the sigmoids add.
    """

    kind: Kind
    weights: LayerWeights
    drive_constant: Tensor
    decay_constant: Tensor


class DenseMap(NamedTuple):
    """An input map that is one product: what it adds for each input (m,), without replica axis.

    Attributes:
        weight: (n, m).
        bias: (n,).
    """

    weight: Tensor
    bias: Tensor


class Recurrence(NamedTuple):
    """What a cell integrates, but for its inputs.

    Attributes:
        kind, sensory_kind: of its layers of synapses; with no sensory layer, any.
        weights: without the replica axis, divided by the capacitance.
    """

    kind: Kind
    sensory_kind: Kind
    weights: Weights


def canonical_layer(
    descriptor: TypeDescriptor, weights: SynapseWeights, capacitance: Tensor
) -> Layer:
    """Rewrite a layer of synapses; nothing but algebra (see above).

    Args:
        descriptor, weights: of the layer.
        capacitance: C of the postsynaptic neurons (post,), which divides the currents.
    """
    w, b, a, e = weights
    if descriptor.w_mode == "r":
        strength, slope, offset = w, torch.ones_like(b), b
    else:
        assert a is not None
        strength, slope, offset = (a, w, b) if descriptor.w_mode == "" else (w, a, a * b)
    scale = 1 / capacitance
    if sigmoid := descriptor.act == "sigm":  # σ(z) = ½ + ½ tanh(z/2)
        scale, slope, offset = 0.5 * scale, 0.5 * slope, 0.5 * offset
    kind: Kind = "synaptic"
    if not descriptor.synaptic and descriptor.w_mode == "":
        kind, strength, offset = "postsynaptic", strength.unsqueeze(0), offset.unsqueeze(0)
    else:
        scale = scale.unsqueeze(1)
    if not descriptor.synaptic and descriptor.w_mode != "":
        kind, slope, offset = "presynaptic", slope.unsqueeze(0), offset.unsqueeze(0)
        e = None if e is None else e.unsqueeze(1)  # it belongs to the postsynaptic neuron
    q = strength * scale
    p = q if e is None else q * e
    zero, senders = w.new_zeros(w.shape[0]), 0 if kind == "postsynaptic" else 1
    drive, decay = (part.sum(senders) if sigmoid else zero for part in (p, q))
    if descriptor.gated:
        return Layer(kind, LayerWeights(slope, offset, p, q), drive, decay)
    return Layer(kind, LayerWeights(slope, offset, p, None), drive, zero)


def recurrence(cell: ContinuousTimeCell | PreactivationCell) -> Recurrence:
    """The canonical form of any cell of the CT-RNN and LTC family."""
    if isinstance(cell, PreactivationCell):
        return _preactivation(cell)
    layer = canonical_layer(cell.descriptor, cell.recurrent.weights(), cell.C)
    leak = cell.w_l / cell.C
    drive = leak * cell.rest + layer.drive_constant
    decay = leak + layer.decay_constant
    sensory = _sensory_layer(cell)
    if sensory is None:
        return Recurrence(layer.kind, layer.kind, Weights(layer.weights, None, drive, decay))
    drive, decay = drive + sensory.drive_constant, decay + sensory.decay_constant
    weights = Weights(layer.weights, sensory.weights, drive, decay)
    return Recurrence(layer.kind, sensory.kind, weights)


def dense_map(cell: ContinuousTimeCell | PreactivationCell) -> DenseMap | None:
    """The cell's input map, if it is a product; it adds to the drive, in B.9 inside the tanh."""
    if isinstance(cell, PreactivationCell):
        half = 1.0 if cell.descriptor.act == "tanh" else 0.5
        return DenseMap(half * cell.v, half * cell.b)
    if cell.autonomous or cell.descriptor.in_mode == "synaptic":
        return None
    return DenseMap(cell.v / cell.C.unsqueeze(1), cell.b_in / cell.C)


def _sensory_layer(cell: ContinuousTimeCell) -> Layer | None:
    """The cell's sensory synapses, if its input comes by synapses that activate and then sum."""
    sensory = getattr(cell, "sensory", None)
    if not isinstance(sensory, Synapses):
        return None
    layer = canonical_layer(sensory.descriptor, sensory.weights(), cell.C)
    return None if layer.kind == "postsynaptic" else layer


def _preactivation(cell: PreactivationCell) -> Recurrence:
    """B.9: nothing multiplies the activation, and the bias comes with the input."""
    descriptor = TypeDescriptor(w_mode="", act=cell.descriptor.act)
    ones = torch.ones_like(cell.b)
    letters = SynapseWeights(cell.w, torch.zeros_like(cell.b), ones, None)
    layer = canonical_layer(descriptor, letters, ones)
    weights = Weights(layer.weights, None, layer.drive_constant, cell.w_l)
    return Recurrence(layer.kind, layer.kind, weights)
