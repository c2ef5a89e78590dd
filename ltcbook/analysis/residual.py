"""What a skip connection can do that a plain layer cannot. Chapter: ``residual_networks``."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn

from ltcbook.checks import positive_int, positive_number
from ltcbook.nn.feedforward import LayeredNetwork
from ltcbook.papers.equations import Array


def pass_on(x: Array | float, layers: int, w: float = 4.0) -> Array:
    """What is left of x after plain layers x ← w (σ(x) − ½), each doing its best to copy.

    With w = 4 the slope at 0 is one. A layer's −w/2 is the bias of the next one.

    >>> [round(float(pass_on(1.0, layers)), 3) for layers in (0, 1, 10)]
    [1.0, 0.924, 0.61]
    """
    for _ in range(layers):
        x = w / 2 * np.tanh(np.asarray(x) / 2)  # σ(x) − ½, without cancellation near 0
    return np.asarray(x)


def deepen(model: LayeredNetwork, extra: int) -> LayeredNetwork:
    """A residual network with ``extra`` more layers that computes exactly the same.

    Raises:
        ValueError: for a network without skip connections, or a number below one.

    >>> import ltcbook
    >>> model, u = ltcbook.build("ResNet", 2, 4, 1, depth=2, seed=0), torch.ones(3, 2)
    >>> deeper = deepen(model, extra=5)
    >>> len(deeper.layers), bool((deeper(u) == model(u)).all())
    (7, True)
    """
    if not model.residual:
        raise ValueError("model must have skip connections: a plain layer cannot do nothing")
    deeper = copy.deepcopy(model)
    for _ in range(positive_int("extra", extra)):
        idle = copy.deepcopy(model.synapses[0])
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

    >>> import ltcbook
    >>> model, u = ltcbook.build("DNN", 2, 4, 1, depth=1, seed=0), torch.ones(3, 2)
    >>> torch.testing.assert_close(as_residual(model, 1e3)(u), model(u), atol=1e-2, rtol=0)
    """
    if model.residual or len(model.layers) != 1 or model.synapses[0].descriptor.synaptic:
        raise ValueError("model must be a plain network of one layer with neural activation")
    scale = positive_number("scale", scale)
    residual = copy.deepcopy(model)
    residual.residual = True
    layer = residual.synapses[0]
    with torch.no_grad():
        residual.readout.weight.copy_(model.readout.weight @ layer.w / scale)
        layer.w.copy_(scale * torch.eye(model.hidden_size).to(layer.w))
    return residual


def start_as_rotations(model: LayeredNetwork, seed: int = 0) -> LayeredNetwork:
    """Let each layer of a plain network start as a rotation, to first order; changes ``model``.

    With the weights 4Q, Q orthogonal, and biases that keep each sum around zero, a layer is
    x ↦ Qx near 0, which shrinks neither a signal nor a gradient.

    Args:
        model: plain, with neural activation.
        seed: which rotations.

    Raises:
        ValueError: for a network with skip connections or with synaptic activation.

    >>> import ltcbook
    >>> model = start_as_rotations(ltcbook.build("DNN", 2, 4, 1, depth=3, seed=0))
    >>> q = model.layers[0].w.detach() / 4
    >>> torch.testing.assert_close(q @ q.mT, torch.eye(4))
    """
    if model.residual or model.synapses[0].descriptor.synaptic:
        raise ValueError("model must be a plain network with neural activation")
    generator, n = torch.Generator().manual_seed(seed), model.hidden_size
    dtype = model.readout.weight.dtype
    b = torch.zeros(n, dtype=dtype)
    with torch.no_grad():
        for synapses in model.synapses:
            q = torch.linalg.qr(torch.randn(n, n, generator=generator, dtype=dtype))[0]
            synapses.w.copy_(4 * q)
            synapses.b.copy_(b)
            b = -2 * q.sum(1)  # 4 q σ(x) is q x + 2 q 1 near x = 0
        model.readout.bias.add_(model.readout.weight @ b)
    return model
