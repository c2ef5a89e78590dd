"""How good are outputs? Losses in total, by test rollout and by time step; accuracy for digits.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from ltcbook.data.sequences import Sequences
from ltcbook.nn.sequence import RecurrentNetwork

BATCH = 512
BLOCKS = 100
"""Test images are put together in so many blocks, the units that a bootstrap draws."""


@dataclass(frozen=True)
class Scores:
    """What outputs are worth on one part of the data.

    Attributes:
        loss: mean squared error over all windows, steps and channels, or cross entropy in nats.
            NaN where outputs are no probabilities.
        accuracy: share of right classes; None for predictions of numbers.
        groups: mean loss of each rollout, or of each block of images, by its number.
        steps: mean squared error at each time step of a window; empty for classes.
    """

    loss: float
    accuracy: float | None
    groups: dict[int, float]
    steps: list[float]


def score(outputs: Tensor, part: Sequences) -> Scores:
    """Score the outputs (N, T, o) for a part of a task; classes are read after the last step."""
    classes = not part.targets.is_floating_point()
    if classes:
        scores = outputs[:, -1].double()
        losses = functional.cross_entropy(scores, part.targets, reduction="none")  # (N,)
        accuracy = float((scores.argmax(-1) == part.targets).double().mean())
        return Scores(float(losses.mean()), accuracy, _by(part.rollouts % BLOCKS, losses), [])
    errors = (outputs.double() - part.targets.double()).square().mean(-1)  # (N, T)
    return Scores(
        float(errors.mean()), None, _by(part.rollouts, errors.mean(-1)), errors.mean(0).tolist()
    )


def accuracy_alone(outputs: Tensor, part: Sequences) -> Scores:
    """Score votes for classes, which are no probabilities; groups hold shares of wrong classes."""
    wrong = (outputs[:, -1].argmax(-1) != part.targets).double()
    return Scores(math.nan, float(1 - wrong.mean()), _by(part.rollouts % BLOCKS, wrong), [])


@torch.no_grad()
def outputs_of(network: RecurrentNetwork, part: Sequences) -> Tensor:
    """The outputs of a network on a part, in batches, without gradients; (N, T, o).

    A model without a clock is not given the time spans.
    """
    pieces = []
    for batch in part.batches(BATCH):
        spans = batch.timespans if network.cell.continuous else None
        pieces.append(network(batch.inputs, timespans=spans)[0])
    return torch.cat(pieces)


def _by(numbers: Tensor, losses: Tensor) -> dict[int, float]:
    known: list[int] = sorted(set(numbers.tolist()))
    return {number: float(losses[numbers == number].mean()) for number in known}
