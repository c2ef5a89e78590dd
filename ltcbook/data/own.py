"""Tasks that the package makes itself, known by who makes them and by their numbers.

Chapter: ``robots_and_digits``.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from ltcbook.data.sequences import Scaler, Sequences
from ltcbook.data.tasks import LossName, TaskData

__all__ = ["made_task", "signed"]


def made_task(
    parts: tuple[Sequences, Sequences, Sequences], outputs: int, loss: LossName, name: str, by: str
) -> TaskData:
    """The task of some parts, of which nothing is scaled.

    Args:
        parts: to train on, to choose by, to test.
        outputs: numbers or classes.
        loss, name: of the task.
        by: the module that makes them, kept with the fingerprint in ``provenance``.

    >>> part = Sequences(torch.zeros(4, 5, 2), torch.zeros(4, 5, 1), None, torch.arange(4))
    >>> made_task((part, part, part), 1, "mse", "nothing", __name__).provenance["made"]
    'by ltcbook.data.own'
    """
    size = parts[0].inputs.shape[-1]
    scaler = Scaler(torch.zeros(size, dtype=torch.float64), torch.ones(size, dtype=torch.float64))
    task = TaskData(*parts, size, outputs, loss, scaler, None, {}, name)
    return signed(task, by)


def signed(task: TaskData, by: str) -> TaskData:
    """The task with its maker and its fingerprint for all its provenance.

    >>> part = Sequences(torch.zeros(4, 5, 2), torch.zeros(4, 5, 1), None, torch.arange(4))
    >>> task = made_task((part, part, part), 1, "mse", "nothing", __name__)
    >>> signed(task, "somebody").provenance["fingerprint"] == task.fingerprint
    True
    """
    return replace(task, provenance={"made": f"by {by}", "fingerprint": task.fingerprint})
