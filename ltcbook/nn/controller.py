"""``model.controller()``: a recurrent network in a control loop.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._pytree import tree_map

from ltcbook.kernels.backend import IMPLEMENTATIONS
from ltcbook.kernels.controller import Array, CompiledController
from ltcbook.nn.cell import RecurrentCell
from ltcbook.nn.readout import MotorReadout

if TYPE_CHECKING:
    from ltcbook.nn.sequence import RecurrentNetwork


class EagerController:
    """Runs a cell's own step in PyTorch, for cells that no kernel knows.

    Args:
        network: copied, so that training goes on without changing what acts.

    Attributes:
        state: of the cell, for a batch of one.
    """

    def __init__(self, network: RecurrentNetwork) -> None:
        self._network = copy.deepcopy(network).eval()
        self.state: Any = None
        self.reset()

    @torch.no_grad()
    def __call__(self, observation: Any, span: float = 1.0) -> Array:
        """One time step: the action (o,) for an observation (m,) that was held for ``span``."""
        network = self._network
        u = torch.as_tensor(observation, dtype=network.weight.dtype, device=network.weight.device)
        self.state = network.cell(self.state, u.unsqueeze(0), span)
        action: Array = network.readout(network.cell.output(self.state))[0].cpu().numpy()
        return action

    @torch.no_grad()
    def reset(self) -> None:
        """Back to the initial state."""
        initial = self._network.cell.initial_state(1)
        self.state = tree_map(torch.clone, initial)


Controller = CompiledController | EagerController
"""What ``model.controller()`` gives: call it with an observation (m,), it gives an action (o,)."""


@torch.no_grad()
def make_controller(network: RecurrentNetwork) -> Controller:
    """A compiled controller where the cell declares what a kernel can compute, else an eager one.

    The network's parameters are taken as they are now.
    """
    recurrence, like = network.cell.declared(), network.weight
    readout = network.readout
    plain = isinstance(readout, torch.nn.Linear | torch.nn.Identity | MotorReadout)
    plain = plain and type(network.cell).output is RecurrentCell.output  # the states themselves
    if recurrence is None or not plain or network.backend == "eager":
        return EagerController(network)
    numba = IMPLEMENTATIONS["numba"]
    if numba.obstacle(recurrence.solver, like) is not None:
        return EagerController(network)
    tables: tuple[torch.Tensor, torch.Tensor] | None = None
    if isinstance(readout, torch.nn.Linear):
        tables = readout.weight, readout.bias
    elif isinstance(readout, MotorReadout):
        tables = readout.dense(network.hidden_size)
    return CompiledController(
        recurrence, network.cell.initial_state(1)[0], tables, network.input_size
    )
