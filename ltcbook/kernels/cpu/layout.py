"""From PyTorch's (replica, batch, time, n) to the CPU kernels' (task, time, n, lane) and back.

A task is a block of samples of one replica. How a batch is cut depends on its size alone, so a
replica gives the same bits whoever else is in the ensemble and however many cores there are.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

VECTOR = 8
"""Lanes are padded to a multiple of this: float32 numbers in one AVX register."""


@dataclass(frozen=True)
class Blocks:
    """How ``batch`` samples are cut into ``count`` blocks of ``lanes`` lanes."""

    batch: int
    count: int
    lanes: int

    @classmethod
    def of(cls, batch: int, most_lanes: int) -> Blocks:
        """As few blocks as ``most_lanes`` allows, all of one size."""
        count = -(-batch // most_lanes)
        lanes = -(-batch // (count * VECTOR)) * VECTOR
        return cls(batch, count, lanes)

    def split(self, values: Tensor) -> Tensor:
        """(R, batch, ...) -> (R·count, ..., lanes), contiguous; lanes without a sample are 0."""
        if self.count == 1:
            last = values.movedim(1, -1)
            block = values.new_zeros(*last.shape[:-1], self.lanes)
            block[..., : self.batch] = last
            return block
        missing = self.count * self.lanes - self.batch
        if missing:
            padding = values.new_zeros(values.shape[0], missing, *values.shape[2:])
            values = torch.cat([values, padding], dim=1)
        return values.reshape(-1, self.lanes, *values.shape[2:]).movedim(1, -1).contiguous()

    def join(self, values: Tensor) -> Tensor:
        """The way back: (R·count, ..., lanes) -> (R, batch, ...), in memory of its own."""
        joined = values.movedim(-1, 1)
        joined = joined.reshape(-1, self.count * self.lanes, *joined.shape[2:])
        return joined[:, : self.batch].clone(memory_format=torch.contiguous_format)

    def total(self, values: Tensor) -> Tensor:
        """Sum over the blocks of each replica, (R·count, ...) -> (R, ...), in a fixed order."""
        parts = values.reshape(-1, self.count, *values.shape[1:])
        result = parts[:, 0].clone()
        for block in range(1, self.count):
            result += parts[:, block]
        return result
