"""Gradients of the weights, from those of the currents at all solver steps.

They need no order in time, so their launch has a grid of its own.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor

from ltcbook.kernels.recurrence import Kind, LayerWeights
from ltcbook.kernels.triton import scan as kernels
from ltcbook.kernels.triton import tiling


class Currents(NamedTuple):
    """Gradients of what a layer computes at every step, each (R, batch, steps, neurons).

    Attributes:
        drive, decay: of the two sums.
        inside: of the arguments of the activations, for the kinds with one for each neuron.
    """

    drive: Tensor
    decay: Tensor
    inside: Tensor


def gradients(
    kind: Kind, weights: LayerWeights, x: Tensor, bars: Currents, inside: Tensor
) -> LayerWeights:
    """Of a layer's weights, at x (R, batch, steps or one more, pre)."""
    if kind == "synaptic":
        return _synaptic_gradients(weights, x, bars)
    if kind == "presynaptic":
        return _presynaptic_gradients(weights, x, bars)
    if kind == "hidden":
        return _hidden_gradients(weights, x, bars, inside)
    return _postsynaptic_gradients(weights, x, bars, inside)


def _synaptic_gradients(weights: LayerWeights, x: Tensor, bars: Currents) -> LayerWeights:
    """Of one activation for each synapse; x (R, batch, steps or one more, pre)."""
    replicas, batch, steps, post = bars.drive.shape
    pre, rows = x.shape[-1], batch * steps
    tile = tiling.gradient_constants(pre, post)
    tiles = -(-pre // tile["PRE"]) * -(-post // tile["POST"])
    most_slices = max(1, 2 * tiling.PROGRAMS // tiles)
    slice_rows = max(tiling.SLICE_ROWS, tiling.power(-(-rows // most_slices)))
    slices = -(-rows // slice_rows)
    sums = x.new_empty(replicas, slices, 4, pre, post)
    tiling.launch(
        kernels.synapse_gradients,
        (tiles, slices, replicas),
        (*tiling.tables(weights), x, bars.drive, bars.decay, sums),
        (rows, steps, x.shape[2] - steps, slice_rows, pre, post),
        GATED=weights.decay_weight is not None,
        **tile,
    )
    return LayerWeights(
        *(part.clone(memory_format=torch.contiguous_format) for part in sums.sum(1).mT.unbind(1))
    )


def _presynaptic_gradients(weights: LayerWeights, x: Tensor, bars: Currents) -> LayerWeights:
    """Of one activation for each sender: two products of matrices."""
    x, drive, decay, inside = _rows(x[:, :, : bars.drive.shape[2]], *bars)
    s = torch.tanh(weights.slope * x + weights.offset)  # (R, rows, pre)
    with _full_precision():
        return LayerWeights(
            (inside * x).sum(1, keepdim=True),
            inside.sum(1, keepdim=True),
            drive.mT @ s,
            decay.mT @ s,
        )


def _postsynaptic_gradients(
    weights: LayerWeights, x: Tensor, bars: Currents, inside: Tensor
) -> LayerWeights:
    """Of one activation for each receiver; what is inside it is of every time step."""
    x, s, drive, decay, bar = _activations(weights, x, bars, inside)
    with _full_precision():
        return LayerWeights(
            bar.mT @ x,
            bar.sum(1, keepdim=True),
            (drive * s).sum(1, keepdim=True),
            (decay * s).sum(1, keepdim=True),
        )


def _hidden_gradients(
    weights: LayerWeights, x: Tensor, bars: Currents, inside: Tensor
) -> LayerWeights:
    """Of one activation for each hidden unit, which every neuron reads."""
    x, s, drive, _, bar = _activations(weights, x, bars, inside)
    with _full_precision():
        return LayerWeights(bar.mT @ x, bar.sum(1, keepdim=True), drive.mT @ s, None)


def _activations(
    weights: LayerWeights, x: Tensor, bars: Currents, inside: Tensor
) -> tuple[Tensor, ...]:
    """Starts, activations, and the gradients of the two sums and inside, each (R, rows, ...)."""
    unfolds = bars.drive.shape[2] // inside.shape[2]
    inside = inside.repeat_interleave(unfolds, 2)
    x, drive, decay, bar, inside = _rows(x[:, :, : bars.drive.shape[2]], *bars, inside)
    with _full_precision():
        return x, torch.tanh(inside + x @ weights.slope.mT), drive, decay, bar


@contextmanager
def _full_precision() -> Iterator[None]:
    """Products in the precision of their factors, whatever the user allows elsewhere (TF32)."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def _rows(*parts: Tensor) -> list[Tensor]:
    """(R, batch, steps, n) -> (R, batch·steps, n)."""
    return [part.flatten(1, 2) for part in parts]
