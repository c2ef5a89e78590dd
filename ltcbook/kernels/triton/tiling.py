"""How a layer is cut into programs, and how a kernel is started.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from ltcbook.kernels.recurrence import LayerWeights

HELD = 4096
"""Most synapses of a tile: 64 x 64, eight in each lane of the largest program."""

PER_LANE = 8
"""Activations in each lane, where the tile is large enough."""

MOST_WARPS = 16
"""Of 32 lanes each: 512 lanes leave each of them 128 registers."""

PROGRAMS = 128
"""Programs wanted for one replica: about one for each processor of a large GPU."""

MOST_SAMPLES = 4
"""Samples of one program: more would only make it longer."""

LAYER_SAMPLES = 4
"""The same for a layer without time, whatever its batch."""

SLICE_ROWS = 256
"""Fewest rows whose gradients one program adds up."""

GRADIENT_TILE = 32
"""Pre- and postsynaptic neurons of a tile of weights whose gradients are added up."""

GRADIENT_ROWS = 4
"""Rows taken at once for that, and synapses in each lane, which keeps four sums for each."""


class Tiling(NamedTuple):
    """How a layer is cut into programs.

    Attributes:
        samples: of the batch, in one program.
        chunk: presynaptic neurons whose weights are looked at together; all of them if they fit.
        pre, post: the layer's sizes, padded to powers of two.
        warps: of one program.
    """

    samples: int
    chunk: int
    pre: int
    post: int
    warps: int

    @classmethod
    def of(cls, pre: int, post: int, samples: int) -> Tiling:
        """The tiling of a layer for programs of ``samples`` samples, a power of two."""
        padded_pre, padded_post = power(pre), power(post)
        chunk = min(padded_pre, max(1, HELD // padded_post))
        warps = min(MOST_WARPS, max(1, samples * chunk * padded_post // (32 * PER_LANE)))
        return cls(samples, chunk, padded_pre, padded_post, warps)

    @classmethod
    def of_scan(cls, n: int, batch: int) -> Tiling:
        """The tiling of n neurons over time: small programs, since their steps can't be shared."""
        return cls.of(n, n, min(MOST_SAMPLES, power(-(-batch // PROGRAMS))))

    @property
    def constants(self) -> dict[str, int]:
        """As the kernels' arguments."""
        sizes = {"SAMPLES": self.samples, "CHUNK": self.chunk, "PRE": self.pre, "POST": self.post}
        return {**sizes, "num_warps": self.warps}


def scan_constants(n: int, units: int, batch: int) -> dict[str, int]:
    """What the kernels over time are compiled for: n neurons with so many activation ``units``.

    Without a hidden layer these are the neurons.
    """
    neurons = Tiling.of_scan(n, batch)
    if units == n:
        return {**neurons.constants, "UNITS": neurons.post, "UNITS_CHUNK": neurons.post}
    inner = Tiling.of(n, units, neurons.samples)
    outer = Tiling.of(units, n, neurons.samples)
    return {
        **neurons.constants,
        "CHUNK": inner.chunk,
        "num_warps": max(inner.warps, outer.warps),
        "UNITS": inner.post,
        "UNITS_CHUNK": outer.chunk,
    }


def gradient_constants(pre: int, post: int) -> dict[str, int]:
    """What the kernel of the weights' gradients is compiled for."""
    padded_pre, padded_post = (min(GRADIENT_TILE, power(size)) for size in (pre, post))
    warps = max(1, padded_pre * padded_post // (32 * GRADIENT_ROWS))
    return {
        "ROWS": GRADIENT_ROWS,
        "PRE": padded_pre,
        "POST": padded_post,
        "num_warps": warps,
    }


def tables(weights: LayerWeights) -> tuple[Tensor, ...]:
    """The weights as (R, pre, post), neighbouring lanes beside each other; no gate, any table."""
    slope, offset, p, q = weights
    return contiguous(part.mT for part in (slope, offset, p, p if q is None else q))


def contiguous(parts: Any) -> tuple[Tensor, ...]:
    return tuple(part.contiguous() for part in parts)


def power(size: int) -> int:
    """The next power of two."""
    return 1 << (size - 1).bit_length()


def launch(
    kernel: Any,
    grid: tuple[int, ...],
    tensors: tuple[Tensor, ...],
    sizes: tuple[int, ...],
    **constants: Any,
) -> None:
    """Start a kernel on the device of its tensors."""
    with torch.cuda.device_of(tensors[0]):  # type: ignore[no-untyped-call]
        kernel[grid](*(part.detach() for part in tensors), *sizes, **constants)
