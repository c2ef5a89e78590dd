"""How many of a network's parameters matter: the rank of its outputs' derivatives.

Chapter: ``counting_parameters``.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call, jacrev


class Effective(NamedTuple):
    """How many numbers a network has, and in how many directions they change its outputs.

    >>> Effective(total=12, rank=10, singular_values=torch.ones(12)).rank
    10
    """

    total: int
    rank: int
    singular_values: Tensor
    """Of the Jacobian with columns of length one, falling, (total,)."""


def effective_parameters(model: nn.Module, u: Tensor, *, tolerance: float = 1e-10) -> Effective:
    """Rank of the derivatives of all outputs by all trainable parameters.

    A direction in which the parameters can move without any change of any output is not a
    parameter in its own right. At a generic point the rank counts the others, if there are
    samples enough.

    Args:
        model: in float64.
        u: inputs (batch, time, input), with more outputs than there are parameters.
        tolerance: singular values below this fraction of the largest count as zero.

    Raises:
        ValueError: unless the model is in float64 and has fewer parameters than outputs.

    >>> from ltcbook.nn.zoo import build
    >>> model = build("NA-CT-RNN-S", 1, 2, 1, dtype=torch.float64, backend="eager", seed=0)
    >>> u = torch.randn(4, 10, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    >>> found = effective_parameters(model, u)
    >>> found.total, found.rank
    (17, 15)

    Chapter: ``counting_parameters``.
    """
    parameters = {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
    if any(p.dtype != torch.float64 for p in parameters.values()):
        raise ValueError("model must be in float64: a rank needs all the digits")

    def outputs(values: dict[str, Tensor]) -> Tensor:
        result: Tensor = functional_call(model, values, (u,))[0]
        return result.reshape(-1)

    blocks = jacrev(outputs)(parameters)
    jacobian = torch.cat([block.flatten(1) for block in blocks.values()], dim=1)
    samples, count = jacobian.shape
    if samples < count:
        raise ValueError(f"u must give at least {count} outputs, as many as parameters: {samples}")
    lengths = jacobian.norm(dim=0)
    jacobian = jacobian / torch.where(lengths > 0, lengths, torch.ones_like(lengths))
    values = torch.linalg.svdvals(jacobian)
    return Effective(count, int((values > tolerance * values[0]).sum()), values)
