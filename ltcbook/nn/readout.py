"""What a network says of its hidden states: all of them, a linear map, or its motor neurons.

Chapters: ``ct_rnns``, ``what_came_after``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ltcbook.checks import positive_int
from ltcbook.nn.initialisation import Initialiser, dense_layer

if TYPE_CHECKING:
    from ltcbook.nn.cell import RecurrentCell


class MotorReadout(nn.Module):
    """The potentials of the motor neurons, each with a scale and a shift: weight · x + bias.

    Args:
        motor: which neurons.
        draw: says the precision and the device; a scale starts at 1, a shift at 0.

    >>> readout = MotorReadout(range(0, 2), Initialiser(seed=0))
    >>> readout(torch.tensor([0.1, 0.2, 0.3])).detach()
    tensor([0.1000, 0.2000])

    Source: the affine output map of ``ncps``. Chapter: ``what_came_after``.
    """

    def __init__(self, motor: range, draw: Initialiser) -> None:
        super().__init__()
        self.motor = motor
        self.weight = nn.Parameter(draw.constant(1.0, (len(motor),)))
        self.bias = nn.Parameter(draw.constant(0.0, (len(motor),)))

    def forward(self, states: Tensor) -> Tensor:
        """From hidden states (..., n) to outputs (..., o)."""
        return torch.addcmul(
            self.bias, states[..., self.motor.start : self.motor.stop], self.weight
        )

    def dense(self, hidden_size: int) -> tuple[Tensor, Tensor]:
        """The same map as weights (o, n) and bias (o,)."""
        weight = self.weight.new_zeros(len(self.motor), hidden_size)
        weight[:, self.motor.start : self.motor.stop] = self.weight.diag()
        return weight, self.bias

    def extra_repr(self) -> str:
        return f"neurons {self.motor.start} to {self.motor.stop - 1}"


def make_readout(cell: RecurrentCell, output_size: int | None, draw: Initialiser) -> nn.Module:
    """The readout above a cell.

    Args:
        cell: whose states it reads.
        output_size: o; None for the states themselves.
        draw: where a linear map starts.

    Returns:
        The identity without an ``output_size``, a :class:`MotorReadout` where a wiring has motor
        neurons, else a linear layer.

    Raises:
        ValueError: for a size below one, or another one than the number of motor neurons.

    >>> from ltcbook.nn.baselines import LSTMCell
    >>> draw = Initialiser(seed=0)
    >>> make_readout(LSTMCell(2, 8, draw), 3, draw)
    Linear(in_features=8, out_features=3, bias=True)
    """
    if output_size is None:
        return nn.Identity()
    motor: range | None = cell.motor
    if motor is None:
        return dense_layer(cell.output_size, positive_int("output_size", output_size), draw)
    if output_size != len(motor):
        raise ValueError(
            f"output_size must be {len(motor)}, as many as the wiring has motor neurons, "
            f"or None for the states of all neurons, got {output_size!r}"
        )
    return MotorReadout(motor, draw)
