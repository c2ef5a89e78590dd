"""A flip-flop: remember the last command. The smallest task that a gated time constant solves.

Chapter: ``selective_state_spaces``.
"""

from __future__ import annotations

import torch

from ltcbook.data.own import made_task
from ltcbook.data.sequences import Sequences
from ltcbook.data.tasks import TaskData

__all__ = ["command_task", "commands"]

LENGTH = 64


def commands(count: int, seed: int, length: int = LENGTH) -> Sequences:
    """Inputs (count, length, 3) and targets (count, length, 1).

    Line 1 is up for one step to command +1, line 2 to command −1, each at one step in ten; line 3
    is noise. The target is the last command, and 0 before the first.

    >>> part = commands(2, seed=0, length=5)
    >>> part.inputs.shape, part.targets.shape
    (torch.Size([2, 5, 3]), torch.Size([2, 5, 1]))
    """
    generator = torch.Generator().manual_seed(seed)
    draw = torch.rand(count, length, generator=generator)
    noise = torch.randn(count, length, generator=generator)
    plus, minus = (draw < 0.1).float(), (draw > 0.9).float()
    command, last, target = plus - minus, torch.zeros(count), []
    for now in command.unbind(1):
        last = torch.where(now != 0, now, last)
        target.append(last)
    inputs = torch.stack([plus, minus, noise], -1)
    return Sequences(inputs, torch.stack(target, 1).unsqueeze(-1), None, torch.arange(count))


def command_task() -> TaskData:
    """1600 sequences to train on, 128 to choose by, 128 to test.

    >>> len(command_task().train)
    1600
    """
    parts = commands(1600, 0), commands(128, 10_000), commands(128, 20_000)
    return made_task(parts, 1, "mse", "commands", __name__)
