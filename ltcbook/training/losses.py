"""What a task's outputs are judged by: a table of losses, and the scores that come of them.

Chapter: ``robots_and_digits``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from ltcbook.checks import unknown_name
from ltcbook.data.sequences import Sequences

__all__ = ["LOSSES", "Loss", "Scores", "loss_named"]


@dataclass(frozen=True)
class Loss:
    """A loss of the table.

    Attributes:
        label: what it is, with its unit, for axes and tables.
        mean: of outputs (batch, time, o) and a batch, the scalar that training descends.
        errors: of the same, what each time step of each sequence adds to it, (batch, time).
        last_step: whether ``mean`` counts the last time step alone; the errors of the others say
            what the loss would be if the sequence ended there.
        hits: of the same, whether each sequence is classified right, (batch,); None for a loss
            without classes.

    >>> part = Sequences(torch.zeros(2, 5, 1), torch.zeros(2, 5, 1), None, torch.arange(2))
    >>> LOSSES["mse"].label, LOSSES["mse"].mean(torch.ones(2, 5, 1), part)
    ('mean squared error', tensor(1.))
    """

    label: str
    mean: Callable[[Tensor, Sequences], Tensor]
    errors: Callable[[Tensor, Sequences], Tensor]
    last_step: bool
    hits: Callable[[Tensor, Sequences], Tensor] | None


def _squared_error(outputs: Tensor, batch: Sequences) -> Tensor:
    return functional.mse_loss(outputs, batch.targets)


def _squared_errors(outputs: Tensor, batch: Sequences) -> Tensor:
    return (outputs - batch.targets).square().mean(dim=2)


def _cross_entropy(outputs: Tensor, batch: Sequences) -> Tensor:
    return functional.cross_entropy(outputs[:, -1], batch.targets)


def _cross_entropies(outputs: Tensor, batch: Sequences) -> Tensor:
    classes = batch.targets.unsqueeze(1).expand(outputs.shape[:2])
    return functional.cross_entropy(outputs.transpose(1, 2), classes, reduction="none")


def _hits(outputs: Tensor, batch: Sequences) -> Tensor:
    return outputs[:, -1].argmax(dim=1) == batch.targets


LOSSES = {
    "mse": Loss("mean squared error", _squared_error, _squared_errors, False, None),
    "cross_entropy": Loss("cross entropy (nats)", _cross_entropy, _cross_entropies, True, _hits),
}
"""By the name in :attr:`ltcbook.data.TaskData.loss`."""


def loss_named(name: str) -> Loss:
    """The entry of :data:`LOSSES`.

    Raises:
        ValueError: for a name that is not there.

    >>> loss_named("cross_entropy").label
    'cross entropy (nats)'
    """
    if name not in LOSSES:
        unknown_name("loss", name, LOSSES)
    return LOSSES[name]


@dataclass(frozen=True)
class Scores:
    """How well one network does on one part of the data.

    Attributes:
        loss: the task's loss.
        accuracy: share of the sequences classified right; None for a task without classes.
        rollouts: the loss on each rollout's sequences, by the rollout's number.
        steps: the loss at each time step of the sequences; for classes, if it were read there.

    >>> scores = Scores(0.5, accuracy=None, rollouts={3: 0.4, 8: 0.6}, steps=[0.7, 0.3])
    >>> max(scores.rollouts, key=scores.rollouts.get)  # the hardest rollout
    8
    """

    loss: float
    accuracy: float | None
    rollouts: dict[int, float]
    steps: list[float]


def scores_of(loss: Loss, errors: Tensor, hits: Tensor | None, part: Sequences) -> Scores:
    """Scores from every sequence's errors.

    Args:
        loss: of the task.
        errors: (N, time), on the CPU, as ``loss.errors`` gives them.
        hits: (N,), as ``loss.hits`` gives them; None for a loss without classes.
        part: the N sequences.
    """
    double = errors.double()
    counted = double[:, -1] if loss.last_step else double.mean(dim=1)  # (N,)
    names, owner = torch.unique(part.rollouts.cpu(), return_inverse=True)
    sums = torch.zeros(len(names), dtype=torch.float64).index_add_(0, owner, counted)
    means = sums / torch.bincount(owner)
    return Scores(
        float(counted.mean()),
        None if hits is None else float(hits.double().mean()),
        dict(zip(names.tolist(), means.tolist(), strict=True)),
        double.mean(dim=0).tolist(),
    )
