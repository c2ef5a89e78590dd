"""From rollouts and images to sequences that a recurrent network can learn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ltcbook.data.robots.rollout_set import RolloutSet

SHARES = {"train": 0.75, "validation": 0.10, "test": 0.15}
DROPPED = 0.1
"""Share of the frames that the irregular variant drops (Lechner and Hasani)."""


@dataclass(frozen=True, eq=False)
class Sequences:
    """N sequences of T steps.

    Attributes:
        inputs: Shape (N, T, m).
        targets: Shape (N, T, o) to predict at every step, or (N,) class indices, int64.
        timespans: Shape (N, T): steps of the clock since the frame before, or None when every one
            is 1.
        rollouts: Shape (N,), int64: the rollout (or image) that each sequence was cut from.

    >>> part = Sequences(torch.zeros(5, 10, 2), torch.ones(5, 10, 1), None, torch.arange(5))
    >>> len(part), [len(batch) for batch in part.batches(2)]
    (5, [2, 2, 1])
    """

    inputs: Tensor
    targets: Tensor
    timespans: Tensor | None
    rollouts: Tensor

    def __len__(self) -> int:
        return self.inputs.shape[0]

    def __getitem__(self, index: slice | Tensor) -> Sequences:
        """Return a part, by a slice or a tensor of indices."""
        timespans = None if self.timespans is None else self.timespans[index]
        return Sequences(self.inputs[index], self.targets[index], timespans, self.rollouts[index])

    def batches(
        self, batch_size: int, generator: torch.Generator | None = None
    ) -> Iterator[Sequences]:
        """Yield minibatches on the sequences' own device.

        Args:
            batch_size: Sequences in a batch; the last one may have fewer.
            generator: A generator on the CPU that shuffles; None keeps the order.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        if generator is None:
            order = torch.arange(len(self))
        else:
            order = torch.randperm(len(self), generator=generator)
        for indices in torch.split(order.to(self.inputs.device), batch_size):
            yield self[indices]

    def to(self, device: torch.device | str) -> Sequences:
        """Return the sequences on another device."""
        timespans = None if self.timespans is None else self.timespans.to(device)
        return Sequences(
            self.inputs.to(device), self.targets.to(device), timespans, self.rollouts.to(device)
        )


@dataclass(frozen=True, eq=False)
class Scaler:
    """Standardises the last axis by a mean and a standard deviation, and back.

    ``mean`` and ``std`` have shape (m,), float64; a constant channel has ``std`` 1.

    >>> scaler = Scaler.fit(np.array([[1.0], [3.0]]))
    >>> scaler.standardise(torch.tensor([[5.0]], dtype=torch.float64))
    tensor([[3.]], dtype=torch.float64)
    >>> scaler.invert(torch.tensor([[3.0]], dtype=torch.float64))
    tensor([[5.]], dtype=torch.float64)
    """

    mean: Tensor
    std: Tensor

    @classmethod
    def fit(cls, values: npt.NDArray[np.floating[Any]]) -> Scaler:
        """Return the scaler of ``values`` (steps, m)."""
        double = values.astype(np.float64)
        std = double.std(axis=0)
        # A constant channel keeps rounding noise of a few ulp, not exactly zero.
        constant = std <= 1e-6 * np.maximum(np.abs(double).max(axis=0), 1.0)
        std = np.where(constant, 1.0, std)
        return cls(torch.from_numpy(double.mean(axis=0)), torch.from_numpy(std))

    def standardise(self, values: Tensor) -> Tensor:
        """Return (values - mean) / std in the dtype and on the device of ``values``."""
        scaled = (values.double() - self.mean.to(values.device)) / self.std.to(values.device)
        return scaled.to(values.dtype)

    def invert(self, values: Tensor) -> Tensor:
        """Return values * std + mean: back to the data's own units."""
        raw = values.double() * self.std.to(values.device) + self.mean.to(values.device)
        return raw.to(values.dtype)


def split_rollouts(stages: npt.NDArray[np.int64], seed: int) -> dict[str, npt.NDArray[np.int64]]:
    """Split rollouts 75/10/15 % into train, validation and test, each stage alike.

    Args:
        stages: The stage of each rollout, shape (N,).
        seed: Fixes the split.

    Raises:
        ValueError: If a stage has fewer than three rollouts.

    >>> split = split_rollouts(np.repeat([0, 1], 20), seed=0)
    >>> {name: len(part) for name, part in split.items()}
    {'train': 30, 'validation': 4, 'test': 6}
    """
    generator = np.random.default_rng(seed)
    parts: dict[str, list[int]] = {name: [] for name in SHARES}
    for stage in np.unique(stages):
        members = generator.permutation(np.flatnonzero(stages == stage))
        if len(members) < len(SHARES):
            raise ValueError(
                f"rollouts must give every stage at least {len(SHARES)}; stage {stage + 1} has "
                f"{len(members)}"
            )
        validation = max(1, round(SHARES["validation"] * len(members)))
        test = max(1, round(SHARES["test"] * len(members)))
        parts["validation"] += members[:validation].tolist()
        parts["test"] += members[validation : validation + test].tolist()
        parts["train"] += members[validation + test :].tolist()
    return {name: np.sort(np.array(members)) for name, members in parts.items()}


def cut(
    rollouts: RolloutSet,
    chosen: npt.NDArray[np.int64],
    *,
    length: int,
    stride: int,
    actions: bool = False,
    drop: np.random.Generator | None = None,
) -> Sequences:
    """Cut windows out of some rollouts; none crosses the end of a rollout.

    Args:
        rollouts, chosen: The set, and the indices of the rollouts to cut.
        length, stride: Steps of a window, and between the starts of two windows.
        actions: Whether the target of a step is the action taken on that observation; otherwise it
            is the next observation.
        drop: Drops a tenth of the frames at random. Targets stay those of the full frame rate, and
            ``timespans`` counts the steps since the frame before, as in Lechner and Hasani.

    Raises:
        ValueError: If no chosen rollout is long enough for one window.

    >>> from ltcbook.data.robots.rollout_set import Rollout, join
    >>> run = Rollout(np.arange(30, dtype=np.float32).reshape(10, 3), None, 0.0)
    >>> windows = cut(join("walker2d", [run], [0], {}), np.array([0]), length=4, stride=4)
    >>> windows.inputs.shape, windows.targets[0, 0]
    (torch.Size([2, 4, 3]), tensor([3., 4., 5.]))
    """
    inputs, targets, spans, origin = [], [], [], []
    for index in chosen.tolist():
        rollout = rollouts[index]
        seen = rollout.observations if actions else rollout.observations[:-1]
        wanted = rollout.actions if actions else rollout.observations[1:]
        if wanted is None:
            raise ValueError(f"actions are not recorded in the {rollouts.task} rollouts")
        kept = np.arange(len(seen))
        if drop is not None:
            kept = kept[drop.random(len(seen)) >= DROPPED]
        span = np.diff(kept, prepend=-1)
        for start in range(0, len(kept) - length + 1, stride):
            window = slice(start, start + length)
            inputs.append(seen[kept[window]])
            targets.append(wanted[kept[window]])
            spans.append(span[window])
            origin.append(index)
    if not inputs:
        raise ValueError(f"length is {length}, but no rollout of the part has so many steps")
    return Sequences(
        inputs=torch.from_numpy(np.stack(inputs)),
        targets=torch.from_numpy(np.stack(targets)),
        timespans=None if drop is None else torch.from_numpy(np.stack(spans).astype(np.float32)),
        rollouts=torch.tensor(origin),
    )


def scaled(
    sequences: Sequences,
    inputs: Scaler,
    targets: Scaler | None,
    *,
    device: torch.device | str | None,
    dtype: torch.dtype,
) -> Sequences:
    """Return the sequences standardised, on a device, in a floating-point type.

    >>> part = Sequences(torch.ones(5, 10, 2), torch.ones(5, 10, 2), None, torch.arange(5))
    >>> scaler = Scaler(torch.ones(2).double(), torch.ones(2).double())
    >>> scaled(part, scaler, None, device="cpu", dtype=torch.float32).inputs[0, 0]
    tensor([0., 0.])
    """
    wanted = sequences.targets
    if wanted.is_floating_point():
        wanted = wanted.to(dtype)
    if targets is not None:
        wanted = targets.standardise(wanted)
    spans = sequences.timespans
    ready = replace(
        sequences,
        inputs=inputs.standardise(sequences.inputs.to(dtype)),
        targets=wanted,
        timespans=None if spans is None else spans.to(dtype),
    )
    return ready if device is None else ready.to(device)
