"""Two surfaces to learn, and a start with an SA-DNN's slopes.

Chapter: ``artificial_neurons``.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ltcbook.nn.feedforward import LayeredNetwork


def surfaces(points: Tensor) -> Tensor:
    """Waves and a hill (S, 2) over points (S, 2) of the square from -1 to 1.

    >>> surfaces(torch.zeros(1, 2))  # on the top of the hill
    tensor([[0., 1.]])
    """
    p, q = points[:, :1], points[:, 1:]
    hill = 2 * torch.exp(-6 * (p**2 + q**2)) - 1
    return torch.cat([torch.sin(4 * p) * torch.cos(3 * q), hill], dim=1)


def steep_start(model: LayeredNetwork, seed: int) -> None:
    """Give the neurons of a DNN of one layer the slopes that an SA-DNN starts with.

    >>> import ltcbook
    >>> model = ltcbook.build("DNN", 2, 3, 1, depth=1, seed=0)
    >>> before = model.input_layer.weight.detach().clone()
    >>> steep_start(model, seed=0)
    >>> slopes = (model.input_layer.weight / before).mean(dim=1)
    >>> bool(((slopes > 3) & (slopes < 8)).all())
    True
    """
    draw = torch.Generator().manual_seed(seed)
    a = torch.empty(model.hidden_size).uniform_(3, 8, generator=draw)
    (layer,) = model.synapses
    with torch.no_grad():
        model.input_layer.weight.mul_(a[:, None])
        model.input_layer.bias.mul_(a)
        layer.b.mul_(a)
