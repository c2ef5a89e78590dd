"""Clicks, soft and loud: keep the sign of the last loud one. The smallest task that is a decision.

Chapter: ``ct_rnns``.
"""

from __future__ import annotations

import numpy as np
import torch

from ltcbook.data.own import made_task
from ltcbook.data.sequences import Sequences
from ltcbook.data.tasks import TaskData

__all__ = ["click_task", "clicks"]

STEPS, LOUD, SOFT = 30, (1.0, 1.5), (0.2, 0.5)


def clicks(count: int, seed: int) -> Sequences:
    """Clicks, most of them soft; the target is the sign of the last loud one, at first 0.

    >>> part = clicks(2, seed=0)
    >>> part.inputs.shape, sorted(set(part.targets.flatten().tolist()))
    (torch.Size([2, 30, 1]), [-1.0, 0.0, 1.0])
    """
    random = np.random.default_rng(seed)
    kind = random.choice(3, size=(count, STEPS), p=(0.75, 0.18, 0.07))  # none, soft, loud
    loudness = np.where(
        kind == 2, random.uniform(*LOUD, kind.shape), random.uniform(*SOFT, kind.shape)
    )
    inputs = np.where(kind > 0, loudness * random.choice((-1.0, 1.0), size=kind.shape), 0.0)
    targets, held = np.zeros_like(inputs), np.zeros(count)
    for t in range(STEPS):
        held = np.where(kind[:, t] == 2, np.sign(inputs[:, t]), held)
        targets[:, t] = held
    u, y = (torch.tensor(x, dtype=torch.float32)[..., None] for x in (inputs, targets))
    return Sequences(u, y, None, torch.arange(count))


def click_task() -> TaskData:
    """256 sequences to train on, 256 to choose by, 1024 to test.

    >>> len(click_task().test)
    1024
    """
    parts = clicks(256, 0), clicks(256, 1), clicks(1024, 2)
    return made_task(parts, 1, "mse", "clicks", __name__)
