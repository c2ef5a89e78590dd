"""The parameters of a run as they were when a loss stopped being a number.

Chapter: ``membrane_equation``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


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
