"""A memory in front of a continuous-time cell, so that it can hold what it would forget.

Chapter: ``what_came_after``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ltcbook.nn.cell import RecurrentCell, Sensed, Step
from ltcbook.nn.initialisation import Initialiser


class MixedMemoryCell(RecurrentCell):
    """At each time step an LSTM step renews the state, and then the cell runs from there.

    (h, c) ← LSTM(u, h, c), with 1 added inside the forget gate; then h ← cell(u, h). c decays by
    a learned gate alone, whatever the time span.

    The state is (h, c), each (batch, n).

    Args:
        cell: any cell whose state is one tensor (batch, n).
        draw: where the memory starts.

    Parameters: those of the cell, and ``weight_ih`` (4n, m), ``weight_hh`` (4n, n) and ``bias``
    (4n,), in the order candidate, input gate, forget gate, output gate.

    >>> from ltcbook.nn.cfc import CfCCell
    >>> cell = MixedMemoryCell(CfCCell(1, 2, Initialiser(seed=0)), Initialiser(seed=1))
    >>> _, (h, c) = cell.run(torch.ones(3, 4, 1), cell.initial_state(3))
    >>> h.shape, c.shape
    (torch.Size([3, 2]), torch.Size([3, 2]))

    Source: Lechner and Hasani 2020, "Learning long-term dependencies in irregularly-sampled time
    series", as ``ncps`` implements it. Chapter: ``what_came_after``.
    """

    state_names = ("h", "c")

    def __init__(self, cell: RecurrentCell, draw: Initialiser) -> None:
        super().__init__(cell.input_size, cell.hidden_size)
        self.cell, self.motor, n = cell, cell.motor, cell.hidden_size
        self.weight_ih = nn.Parameter(draw.dense(4 * n, cell.input_size))
        self.weight_hh = nn.Parameter(draw.dense(4 * n, n))
        self.bias = nn.Parameter(draw.bias(4 * n, cell.input_size))

    @property
    def idle(self) -> int:
        return self.cell.idle

    def initial_state(self, batch_size: int) -> tuple[Tensor, Tensor]:
        """The cell's own, and an empty memory."""
        h: Tensor = self.cell.initial_state(batch_size)
        return h, torch.zeros_like(h)

    def sense(self, u: Tensor) -> Sensed:
        return (functional.linear(u, self.weight_ih, self.bias), *self.cell.sense(u))

    def bind(self) -> Step:
        cell_step = self.cell.bind()

        def step(
            state: tuple[Tensor, Tensor], sensed: Sensed, span: Tensor | float
        ) -> tuple[Any, Tensor]:
            h, c = state
            gates = sensed[0] + h @ self.weight_hh.mT
            candidate, enter, forget, leave = gates.chunk(4, dim=-1)
            c = torch.sigmoid(forget + 1.0) * c + torch.sigmoid(enter) * torch.tanh(candidate)
            h = torch.sigmoid(leave) * torch.tanh(c)
            return cell_step(h, sensed[1:], span), c

        return step

    def output(self, state: tuple[Tensor, Tensor]) -> Tensor:
        return self.cell.output(state[0])
