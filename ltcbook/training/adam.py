"""Adam for stacked replicas: each with a learning rate of its own.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

BETAS, EPSILON = (0.9, 0.999), 1e-8
"""Kingma and Ba's, and ``torch.optim.Adam``'s."""


class ReplicaAdam(torch.optim.Optimizer):
    """Adam on parameters with a leading axis for the replicas.

    Each replica gets, to the bit on the CPU, the steps that ``torch.optim.Adam`` gives it alone;
    that one knows a single rate. The state of a parameter has the same names as there.

    Args:
        parameters: each (R, ...), all on one device.
        rates: the learning rate of each of the R replicas.

    Raises:
        ValueError: if a parameter has not as many replicas as there are rates.

    Chapter: ``making_it_fast``.
    """

    def __init__(self, parameters: Iterable[Tensor], rates: Sequence[float]) -> None:
        super().__init__(parameters, {})
        self._parameters: list[Tensor] = self.param_groups[0]["params"]
        for p in self._parameters:
            if p.ndim == 0 or len(p) != len(rates):
                raise ValueError(
                    f"parameters must have a leading axis for {len(rates)} replicas, one for each "
                    f"of the rates, got {tuple(p.shape)}"
                )
        device = self._parameters[0].device
        exact = torch.float32 if device.type == "mps" else torch.float64
        self._rates = torch.tensor(rates, dtype=exact, device=device)

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Change each parameter by its gradient; those without one are left alone."""
        for p in self._parameters:
            if p.grad is not None:
                self._step(p, p.grad)

    def _step(self, p: Tensor, gradient: Tensor) -> None:
        state = self.state[p]
        if not state:
            state["step"] = torch.tensor(0.0)
            state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(p), torch.zeros_like(p)
        state["step"] += 1
        steps, (slow, fast) = state["step"].item(), BETAS
        mean: Tensor = state["exp_avg"].lerp_(gradient, 1 - slow)
        square: Tensor = state["exp_avg_sq"].mul_(fast)
        square.addcmul_(gradient, gradient, value=1 - fast)
        size = (square.sqrt() / (1 - fast**steps) ** 0.5).add_(EPSILON)
        rates = (self._rates / (slow**steps - 1)).to(p.dtype)
        p.add_((rates.view(-1, *[1] * (p.ndim - 1)) * mean).div_(size))
