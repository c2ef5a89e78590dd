"""A feed-forward network on the present observation alone, trained by the loop that trains all.

It is a recurrent network whose cell forgets: its state is the hidden layer of the present input,
and the state before is not looked at. What a recurrent network gains over it, it gains by memory.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ltcbook.nn.cell import RecurrentCell, Sensed, Step
from ltcbook.nn.initialisation import TABLE_2, Initialiser
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.training import Recipe

NAME = "feed-forward"


class Forgetful(RecurrentCell):
    """A cell whose state is what it makes of the present input; the state before is not used.

    >>> class Twice(Forgetful):
    ...     def hidden(self, u):
    ...         return 2 * u
    >>> Twice(1, 1).run(torch.ones(1, 3, 1), torch.zeros(1, 1))[0].flatten()
    tensor([2., 2., 2.])
    """

    continuous = False

    @abstractmethod
    def hidden(self, u: Tensor) -> Tensor:
        """What the readout sees (..., output_size) of inputs u (..., input)."""

    def sense(self, u: Tensor) -> Sensed:
        return (self.hidden(u),)

    def bind(self) -> Step:
        return lambda state, sensed, span: sensed[0]

    def run(
        self,
        u: Tensor,
        state: Any,
        timespans: Tensor | None = None,
        mask: Tensor | None = None,
        backend: str = "auto",
    ) -> tuple[Tensor, Any]:
        """All time steps at once, since none looks at another."""
        if mask is not None:
            return super().run(u, state, timespans, mask, backend)
        hidden = self.hidden(u)
        return hidden, hidden[:, -1]


class ForgetfulCell(Forgetful):
    """tanh(W u + b) of the present input u.

    Parameters: ``w`` (n, m), ``b`` (n,).

    >>> cell = ForgetfulCell(3, 8, Initialiser("midpoint", 0, TABLE_2))
    >>> cell.w.shape, cell.b.shape
    (torch.Size([8, 3]), torch.Size([8]))
    """

    def __init__(self, input_size: int, hidden_size: int, draw: Initialiser) -> None:
        super().__init__(input_size, hidden_size)
        self.w = nn.Parameter(draw.dense(hidden_size, input_size))
        self.b = nn.Parameter(draw.bias(hidden_size, input_size))

    def hidden(self, u: Tensor) -> Tensor:
        return torch.tanh(u @ self.w.mT + self.b)


def count(input_size: int, hidden_size: int, output_size: int) -> int:
    """Parameters of the network, readout included.

    >>> count(17, 69, 17)
    2432
    """
    return hidden_size * (input_size + 1) + output_size * (hidden_size + 1)


def width_for(parameters: int, input_size: int, output_size: int) -> int:
    """The number of hidden units that comes nearest to so many parameters; at least one.

    >>> width_for(2417, 17, 17)
    69
    """
    ideal = (parameters - output_size) / (input_size + 1 + output_size)
    return max(1, round(ideal))


@dataclass(frozen=True)
class FeedForwardRecipe(Recipe):
    """A recipe whose networks forget; everything else is as for the others.

    >>> network = FeedForwardRecipe(model=NAME, hidden_size=8).build(3, 1, seed=0)
    >>> sum(one.numel() for one in network.parameters()) == count(3, 8, 1)
    True
    """

    def build(
        self, input_size: int, output_size: int, seed: int | None = None, **options: Any
    ) -> RecurrentNetwork:
        """One untrained network; it has one start and one backend, whatever the options say."""
        placed = options.get("dtype"), options.get("device")
        draw = Initialiser("midpoint", seed, TABLE_2, *placed)
        cell = ForgetfulCell(input_size, self.hidden_size, draw)
        return RecurrentNetwork(cell, output_size, draw)
