"""Networks of layers and flows, which have no time axis, in the loop that trains all.

Each is a cell that forgets (``feedforward``): what the readout sees is made of the present input.

Chapters: ``artificial_neurons``, ``residual_networks``, ``neural_odes``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from ltcbook.analysis.residual import start_as_rotations
from ltcbook.experiments.feedforward import Forgetful
from ltcbook.nn.feedforward import FeedForwardNetwork, LayeredNetwork
from ltcbook.nn.initialisation import TABLE_2, Initialiser
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.nn.zoo import build
from ltcbook.ode.linear_form import LinearForm
from ltcbook.ode.solvers import rk4
from ltcbook.training import Recipe

__all__ = ["FlowCell", "steep_start"]


def steep_start(model: LayeredNetwork, seed: int) -> LayeredNetwork:
    """Give the neurons of a DNN of one layer the slopes that an SA-DNN starts with.

    >>> import ltcbook
    >>> model = ltcbook.build("DNN", 2, 3, 1, depth=1, seed=0)
    >>> before = model.input_layer.weight.detach().clone()
    >>> slopes = (steep_start(model, seed=0).input_layer.weight / before).mean(dim=1)
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
    return model


STARTS: Mapping[str, Callable[[LayeredNetwork, int], LayeredNetwork]] = MappingProxyType(
    {"steep": steep_start, "rotations": start_as_rotations}
)
"""What becomes of a fresh network, by the name of the start in the store."""


class LayeredCell(Forgetful):
    """A DNN or ResNet without its readout.

    Args:
        body: its readout is taken off.

    >>> import ltcbook
    >>> cell = LayeredCell(ltcbook.build("ResNet", 2, 4, 1, seed=0))
    >>> cell.hidden(torch.zeros(3, 5, 2)).shape
    torch.Size([3, 5, 4])
    """

    def __init__(self, body: FeedForwardNetwork) -> None:
        super().__init__(body.input_size, body.hidden_size)
        self.body = body
        body.readout = nn.Identity()  # type: ignore[assignment]

    def hidden(self, u: Tensor) -> Tensor:
        return self.body.trunk(self.body.input_layer(u))


@dataclass(frozen=True)
class LayeredRecipe(Recipe):
    """A recipe whose networks have layers and no time; ``options`` has their ``depth``.

    >>> recipe = LayeredRecipe("DNN", 4, init="steep", options={"depth": 1})
    >>> recipe.build(2, 1, seed=0)(torch.zeros(1, 3, 2))[0].shape
    torch.Size([1, 3, 1])
    """

    def build(
        self, input_size: int, output_size: int, seed: int | None = None, **options: Any
    ) -> RecurrentNetwork:
        """One untrained network; it has one backend, whatever the options say."""
        init = options.get("init", self.replicas[0].init)
        given = {**self.options, "dtype": options.get("dtype"), "seed": seed}
        given["init"] = "midpoint" if init in STARTS else init
        body: Any = build(self.model, input_size, self.hidden_size, output_size, **given)
        if init in STARTS:
            STARTS[init](body, seed or 0)
        readout = body.readout
        network = RecurrentNetwork(LayeredCell(body), None, Initialiser(seed=0))
        network.readout, network.output_size = readout, output_size
        return network.to(options.get("device"))


class FlowCell(Forgetful):
    """ẋ = W tanh(V x + b) for one unit of time, from the input and as many zeros as there is room.

    Parameters: ``v`` (n, d), ``b`` (n,), ``w`` (d, n) for d = input_size + room.

    Args:
        input_size: entries of the point that flows.
        hidden_size: n.
        room: extra dimensions.
        draw: where the parameters start.

    >>> flow = FlowCell(2, 16, 1, Initialiser("midpoint", 0, TABLE_2))
    >>> [tuple(state.shape) for state in flow.path(torch.zeros(5, 2))][-1], flow.output_size
    ((5, 3), 3)
    """

    STEPS = 6

    def __init__(self, input_size: int, hidden_size: int, room: int, draw: Initialiser) -> None:
        super().__init__(input_size, hidden_size)
        self.room, self.output_size = room, input_size + room
        self.v = nn.Parameter(draw.dense(hidden_size, self.output_size))
        self.b = nn.Parameter(draw.bias(hidden_size, self.output_size))
        self.w = nn.Parameter(draw.dense(self.output_size, hidden_size))

    def velocity(self, x: Tensor) -> Tensor:
        """ẋ at x, both (..., d)."""
        return torch.tanh(x @ self.v.mT + self.b) @ self.w.mT

    def path(self, u: Tensor) -> list[Tensor]:
        """The states (..., d) after 0, 1, ... of ``STEPS`` steps of the classic Runge-Kutta."""
        x = nn.functional.pad(u, (0, self.room))
        none = x.new_zeros(())
        states = [x]
        for _ in range(self.STEPS):
            x = rk4(lambda at: LinearForm(self.velocity(at), none), x, 1 / self.STEPS)
            states.append(x)
        return states

    def hidden(self, u: Tensor) -> Tensor:
        return self.path(u)[-1]


@dataclass(frozen=True)
class FlowRecipe(Recipe):
    """A recipe whose networks are flows; ``options`` has their ``room``.

    >>> FlowRecipe("flow", 8, options={"room": 1}).build(2, 2, seed=0).cell.room
    1
    """

    def build(
        self, input_size: int, output_size: int, seed: int | None = None, **options: Any
    ) -> RecurrentNetwork:
        """One untrained network; it has one start and one backend, whatever the options say."""
        placed = options.get("dtype"), options.get("device")
        draw = Initialiser("midpoint", seed, TABLE_2, *placed)
        cell = FlowCell(input_size, self.hidden_size, self.options["room"], draw)
        return RecurrentNetwork(cell, output_size, draw)
