"""Why a run diverged: where the states stopped being numbers, and how stiff the model was there.

Chapter: ``membrane_equation``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from ltcbook.cells import ContinuousTimeCell, Sensed
from ltcbook.linear_form import LinearForm
from ltcbook.sequence import RecurrentNetwork


class Divergence(NamedTuple):
    """What a diverging run leaves behind.

    Attributes:
        time_step: the first time step after which a state is not finite; None if all are.
        stability: the largest dt·(w_l + Σ wσ)/C up to there; None for a model without it.
            Explicit Euler is stable below 2 and does not overshoot below 1.
    """

    time_step: int | None
    stability: float | None

    def __str__(self) -> str:
        where = (
            "the states stayed finite"
            if self.time_step is None
            else f"a state stopped being finite at time step {self.time_step}"
        )
        if self.stability is None:
            return where
        return (
            f"{where}; the largest dt·(w_l + Σ wσ)/C was {self.stability:.2f} "
            "(explicit Euler is stable below 2)"
        )


class LastFinite:
    """The parameters of each replica as they were at its first loss that is not finite.

    Looks and remembers on the device, where the losses are, and waits for nothing.

    Args:
        parameters: of the ensemble in training, by name, each (R, ...); the optimiser changes them.
        members: the replicas that train.

    Attributes:
        parameters: a copy, (R, ...); those of replicas whose losses are all finite are the latest.
    """

    def __init__(self, parameters: Mapping[str, Tensor], members: Sequence[int]) -> None:
        self._now = parameters
        self.parameters = {name: part.detach().clone() for name, part in parameters.items()}
        like = next(iter(parameters.values()))
        self._members = torch.tensor(members, device=like.device)
        self._finite = torch.ones(len(like), dtype=torch.bool, device=like.device)

    @torch.no_grad()
    def look(self, losses: Tensor) -> None:
        """Before a step of the optimiser: its losses, (members,)."""
        for name, kept in self.parameters.items():
            finite = self._finite.reshape(-1, *[1] * (kept.ndim - 1))
            kept.copy_(torch.where(finite, self._now[name], kept))
        self._finite[self._members] &= torch.isfinite(losses)


@torch.no_grad()
def diagnose(network: RecurrentNetwork, u: Tensor, timespans: Tensor | None = None) -> Divergence:
    """Run a batch step by step in eager PyTorch and look.

    Args:
        network: with the parameters that it had before the loss was lost.
        u: the batch (batch, time, input) on which it happened.
        timespans: (batch, time).

    Chapter: ``membrane_equation``.
    """
    cell, state = network.cell, network.cell.initial_state(u.shape[0])
    step, numbers = cell.bind(), [0.0]
    for t in range(u.shape[1]):
        span = 1.0 if timespans is None else timespans[:, t].unsqueeze(-1)  # (B, 1)
        sensed = cell.sense(u[:, t])
        if isinstance(cell, ContinuousTimeCell):
            dynamics = partial(_watched, cell, sensed, span / cell.unfolds, numbers)
            state = cell.solver.integrate(dynamics, state, span, cell.unfolds)
        else:
            state = step(state, sensed, span)
        if not bool(torch.isfinite(state).all()):
            break
    lost = None if bool(torch.isfinite(state).all()) else t
    return Divergence(lost, max(numbers) if isinstance(cell, ContinuousTimeCell) else None)


def _watched(
    cell: ContinuousTimeCell,
    sensed: Sensed,
    dt: Tensor | float,
    numbers: list[float],
    x: Tensor,
) -> LinearForm:
    """The cell's dynamics; notes the stability number while it is one."""
    form = cell.linear_form(x, sensed)
    number = float((dt * form.decay).max())
    if math.isfinite(number):
        numbers.append(number)
    return form
