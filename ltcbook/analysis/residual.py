"""What a skip connection can do that a plain layer cannot. Chapter: ``residual_networks``."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn

from ltcbook.checks import positive_int, positive_number
from ltcbook.equations import Array
from ltcbook.feedforward import LayeredNetwork
from ltcbook.synapses import Synapses


def pass_on(x: Array | float, layers: int, w: float = 4.0) -> Array:
    """What is left of x after plain layers x ← w (σ(x) − ½), each doing its best to copy.

    With w = 4 the slope at 0 is one. A layer's −w/2 is the bias of the next one.
    """
    for _ in range(layers):
        x = w / 2 * np.tanh(np.asarray(x) / 2)  # σ(x) − ½, without cancellation near 0
    return np.asarray(x)


def deepen(model: LayeredNetwork, extra: int) -> LayeredNetwork:
    """A residual network with ``extra`` more layers that computes exactly the same.

    Raises:
        ValueError: for a network without skip connections, or a number below one.
    """
    if not model.residual:
        raise ValueError("model must have skip connections: a plain layer cannot do nothing")
    deeper = copy.deepcopy(model)
    for _ in range(positive_int("extra", extra)):
        idle = copy.deepcopy(_synapses(model, 0))
        nn.init.zeros_(idle.w)
        deeper.layers.append(idle)
    return deeper


def as_residual(model: LayeredNetwork, scale: float) -> LayeredNetwork:
    """A residual network of one layer that repeats a plain one, up to a term of order 1/scale.

    The plain one is RWσ(x + b) + r with x = Au + c. The residual one has the weights scale · I
    and the readout RW/scale: what it adds is RWx/scale.

    Args:
        model: plain, one layer, neural activation.
        scale: the larger, the closer.

    Raises:
        ValueError: for any other network, or a scale that is not above zero.
    """
    if model.residual or len(model.layers) != 1 or _synapses(model, 0).descriptor.synaptic:
        raise ValueError("model must be a plain network of one layer with neural activation")
    scale = positive_number("scale", scale)
    residual = copy.deepcopy(model)
    residual.residual = True
    layer = _synapses(residual, 0)
    with torch.no_grad():
        residual.readout.weight.copy_(model.readout.weight @ layer.w / scale)
        layer.w.copy_(scale * torch.eye(model.hidden_size).to(layer.w))
    return residual


def _synapses(model: LayeredNetwork, index: int) -> Synapses:
    """Layer number ``index``."""
    layer = model.layers[index]
    assert isinstance(layer, Synapses)
    return layer
