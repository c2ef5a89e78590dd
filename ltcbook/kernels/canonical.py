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

from ltcbook.cells import ContinuousTimeCell, PreactivationCell, Sensed
from ltcbook.descriptor import TypeDescriptor
from ltcbook.kernels.problem import Kind, LayerWeights
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

    def over(self, capacitance: Tensor) -> Layer:
        """Divide the currents by the postsynaptic capacitance (post,): on the small tensors."""
        slope, offset, p, q = self.weights
        each = capacitance if self.kind == "postsynaptic" else capacitance.unsqueeze(1)
        weights = LayerWeights(slope, offset, p / each, None if q is None else q / each)
        constants = self.drive_constant / capacitance, self.decay_constant / capacitance
        return Layer(self.kind, weights, *constants)


class Recurrence(NamedTuple):
    """A recurrent layer and its inputs: what is to be integrated.

    Attributes:
        kind, weights: of the recurrent synapses, divided by the capacitance.
        drive, decay: (batch, time, n), all that does not depend on the state.
        offset: (batch, time, n) for the postsynaptic kind, else (batch, 1, 1) zeros.
    """

    kind: Kind
    weights: LayerWeights
    drive: Tensor
    decay: Tensor
    offset: Tensor


def canonical_layer(descriptor: TypeDescriptor, weights: SynapseWeights) -> Layer:
    """Rewrite a layer of synapses; nothing but algebra (see above)."""
    w, b, a, e = weights
    if descriptor.w_mode == "r":
        strength, slope, offset = w, torch.ones_like(b), b
    else:
        assert a is not None
        strength, slope, offset = (a, w, b) if descriptor.w_mode == "" else (w, a, a * b)
    kind: Kind = "synaptic"
    if not descriptor.synaptic and descriptor.w_mode == "":
        kind, strength, offset = "postsynaptic", strength.unsqueeze(0), offset.unsqueeze(0)
    elif not descriptor.synaptic:
        kind, slope, offset = "presynaptic", slope.unsqueeze(0), offset.unsqueeze(0)
        e = None if e is None else e.unsqueeze(1)  # it belongs to the postsynaptic neuron
    p = strength if e is None else strength * e
    q = strength if descriptor.gated else None
    zero = w.new_zeros(w.shape[0])
    layer = Layer(kind, LayerWeights(slope, offset, p, q), zero, zero)
    return _as_tanh(layer) if descriptor.act == "sigm" else layer


def _as_tanh(layer: Layer) -> Layer:
    """Replace the logistic function: σ(z) = ½ + ½ tanh(z/2)."""
    slope, offset, p, q = (None if part is None else 0.5 * part for part in layer.weights)
    assert slope is not None and offset is not None and p is not None
    senders = 0 if layer.kind == "postsynaptic" else 1
    constant = layer.decay_constant if q is None else q.sum(senders)
    return Layer(layer.kind, LayerWeights(slope, offset, p, q), p.sum(senders), constant)


def sensory_layer_of(cell: ContinuousTimeCell | PreactivationCell) -> Layer | None:
    """The cell's sensory synapses, if its input comes by synapses that activate and then sum."""
    sensory = getattr(cell, "sensory", None)
    if not isinstance(sensory, Synapses):
        return None
    layer = canonical_layer(sensory.descriptor, sensory.weights())
    assert isinstance(cell, ContinuousTimeCell)
    return None if layer.kind == "postsynaptic" else layer.over(cell.C)


def recurrence(
    cell: ContinuousTimeCell | PreactivationCell,
    sensory: Layer | None,
    sensed: Sensed,
    shape: tuple[int, int],
) -> Recurrence:
    """What a cell integrates, with its sensed input over (batch, time) = ``shape``.

    Args:
        cell: any cell of the CT-RNN and LTC family.
        sensory: as :func:`sensory_layer_of` says; its constants are still to be added.
        sensed: drive and decay that the input adds, each (batch, time, n); without ``sensory`` as
            the cell senses them, to be divided by the capacitance.
        shape: (batch, time).
    """
    if isinstance(cell, PreactivationCell):
        return _preactivation(cell, sensed[0])
    layer = canonical_layer(cell.descriptor, cell.recurrent.weights()).over(cell.C)
    drive = cell.w_l * cell.rest / cell.C + layer.drive_constant
    decay = cell.w_l / cell.C + layer.decay_constant
    if sensory is None:
        sensed = tuple(part / cell.C for part in sensed)
    else:
        drive, decay = drive + sensory.drive_constant, decay + sensory.decay_constant
    drive = drive + sensed[0] if sensed else drive.expand(*shape, -1)
    decay = decay + sensed[1] if len(sensed) > 1 else decay.expand(*shape, -1)
    inner = layer.kind == "postsynaptic"
    inside = layer.weights.offset.expand(*shape, -1) if inner else drive.new_zeros(shape[0], 1, 1)
    return Recurrence(layer.kind, layer.weights, drive, decay, inside)


def _preactivation(cell: PreactivationCell, sensed: Tensor) -> Recurrence:
    """B.9: the input is added inside the activation, which nothing multiplies."""
    descriptor = TypeDescriptor(w_mode="", act=cell.descriptor.act)
    ones = torch.ones_like(cell.b)
    layer = canonical_layer(descriptor, SynapseWeights(cell.w, cell.b, ones, None))
    inside = sensed if descriptor.act == "tanh" else 0.5 * sensed
    drive = layer.drive_constant.expand_as(sensed)
    return Recurrence(layer.kind, layer.weights, drive, cell.w_l.expand_as(sensed), inside)
