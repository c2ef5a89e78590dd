"""The state-dependent linear form that all continuous-time models of the papers share."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class LinearForm(NamedTuple):
    """ẋ = drive − decay · x, with coefficients that may depend on the state and the input.

    Gating makes every neuron linear in its own potential (B, Theorem 3); an ungated model is
    the special case in which ``decay`` holds the leak only. Solvers that treat the decay
    implicitly or exactly need the two apart, the explicit ones use :meth:`derivative`.

    Attributes:
        drive: what pushes the state, shape (..., n).
        decay: the inverse of the liquid time constant, shape (..., n) or broadcastable to it.

    >>> import torch
    >>> form = LinearForm(drive=torch.tensor([1.0]), decay=torch.tensor([2.0]))
    >>> form.derivative(torch.tensor([3.0]))
    tensor([-5.])

    Source: B.13, B.15, Theorem 3. Chapter: ``membrane_equation``.
    """

    drive: Tensor
    decay: Tensor

    def derivative(self, x: Tensor) -> Tensor:
        """ẋ at the state ``x`` (..., n) for which the form was computed."""
        return self.drive - self.decay * x
