"""Parameters that may not become negative: a property of the parameter, not of the training loop.

B (supplementary) enforces C ≥ 0, w ≥ 0 and a ≥ 0 during training of LTCs. Here the constraint is
a parametrisation: whoever reads the parameter, at any time, reads a value that is not negative,
whatever optimiser or hand wrote to it.

Chapter: ``liquid_time_constants``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize


class _Projection(torch.autograd.Function):
    """max(raw, 0) forward; backward lets a gradient through unless it pushes further out.

    With plain clamping a parameter below zero would never come back: its gradient is zero.
    With the identity as gradient it could drift away for ever. This is projected gradient
    descent, written as a function of the raw parameter.
    """

    @staticmethod
    def forward(raw: Tensor) -> Tensor:
        return raw.clamp(min=0.0)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        ctx.save_for_backward(inputs[0])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        raw: Tensor = ctx.saved_tensors[0]
        return gradient * ((raw > 0) | (gradient < 0))

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int, ...], raw: Tensor) -> tuple[Tensor, int]:
        return _project(raw), in_dims[0]


def _project(raw: Tensor) -> Tensor:
    projected: Tensor = _Projection.apply(raw)  # type: ignore[no-untyped-call]
    return projected


class NonNegative(nn.Module):
    """Parametrisation under which a parameter reads as max(raw, 0).

    Source: B, supplementary, conditions below Table 2.
    """

    def forward(self, raw: Tensor) -> Tensor:
        """The value that readers see, of the raw parameter's shape."""
        return _project(raw)

    def right_inverse(self, value: Tensor) -> Tensor:
        """The raw parameter for an assigned value.

        Raises:
            ValueError: if a value is negative.
        """
        if bool((value < 0).any()):
            raise ValueError(
                f"a conductance or slope must not be negative, got {value.min().item()}"
            )
        return value


def constrain(module: nn.Module, *names: str) -> None:
    """Make the named parameters of ``module`` non-negative from now on.

    >>> import torch
    >>> layer = torch.nn.Module()
    >>> layer.w = torch.nn.Parameter(torch.ones(1))
    >>> constrain(layer, "w")
    >>> _ = layer.parametrizations.w.original.data.sub_(3.0)
    >>> layer.w.item()
    0.0

    Chapter: ``liquid_time_constants``.
    """
    for name in names:
        parametrize.register_parametrization(module, name, NonNegative())
