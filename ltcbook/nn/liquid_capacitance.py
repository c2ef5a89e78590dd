"""An LTC with saturated sums and a liquid capacitance: one explicit step is safe.

Chapter: ``what_came_after``.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ltcbook.nn.cell import Sensed, Step
from ltcbook.nn.cells import ContinuousTimeCell
from ltcbook.nn.descriptor import TypeDescriptor
from ltcbook.nn.initialisation import Initialiser, dense_layer

SA_LTC = TypeDescriptor.parse("ctrnn_vsigm+s_synaptic")


class LiquidCapacitanceCell(ContinuousTimeCell):
    """A saturated SA-LTC with a liquid capacitance, advanced by one explicit Euler step.

    ẋ = ε(x, u)·(−σ(q)·x + tanh(p)), where p − q·x is the SA-LTC's linear form and the elastance
    ε, the inverse of a capacitance, is a sigmoid of state and input. σ(q) < 1 and ε < 1, so a
    step of length one never overshoots.

    Args:
        input_size, hidden_size: m, n.
        draw: where the parameters start.

    Parameters: those of the SA-LTC, and the linear layer ``elastance``.

    >>> cell = LiquidCapacitanceCell(1, 2, Initialiser(seed=0))
    >>> _, last = cell.run(torch.ones(1, 50, 1), cell.initial_state(1))
    >>> bool(last.isfinite().all())
    True

    Source: after Farsang, Neubauer and Grosu 2024; elastance as in Farsang et al. 2025.
    """

    def __init__(self, input_size: int, hidden_size: int, draw: Initialiser) -> None:
        super().__init__(SA_LTC, input_size, hidden_size, draw)
        self.elastance = dense_layer(input_size + hidden_size, hidden_size, draw)

    def sense(self, u: Tensor) -> Sensed:
        return (*super().sense(u), u)

    def bind(self) -> Step:
        weights, w_l = self.recurrent.weights(), self.value("w_l")

        def step(state: Tensor, sensed: Sensed, span: Tensor | float) -> Tensor:
            drive, decay = self.linear_form(state, sensed[:2], weights, w_l)
            elastance = torch.sigmoid(self.elastance(torch.cat([sensed[2], state], dim=-1)))
            return state + elastance * span * (torch.tanh(drive) - torch.sigmoid(decay) * state)

        return step
