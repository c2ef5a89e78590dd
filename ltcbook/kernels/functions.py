"""The kernels as PyTorch sees them: two differentiable functions, for any backend.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import dataclasses
import importlib
from types import ModuleType
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ltcbook.kernels.problem import Inputs, LayerWeights, Settings, Trajectory

Tensors = tuple[Tensor | None, ...]


def backend_module(name: str) -> ModuleType:
    """The module that runs a backend's kernels; its compiler is imported here, not before."""
    return importlib.import_module(f"ltcbook.kernels.{name}_backend")


class _Scan(torch.autograd.Function):
    """(settings, *weights, *inputs) with a leading replica axis -> states, trajectory."""

    @staticmethod
    def forward(settings: Settings, *tensors: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        weights, inputs = _unpack(tensors)
        states, trajectory = backend_module(settings.backend).scan_forward(
            settings, weights, inputs
        )
        return states, *trajectory

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        settings, *tensors = inputs
        ctx.settings = settings
        ctx.mark_non_differentiable(*output[1:])
        ctx.save_for_backward(*tensors, *output[1:])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, states_bar: Tensor, *_: Tensor) -> Tensors:
        *tensors, states, decays = ctx.saved_tensors
        weights, inputs = _unpack(tuple(tensors))
        weights_bar, inputs_bar = backend_module(ctx.settings.backend).scan_backward(
            ctx.settings, weights, inputs, Trajectory(states, decays), states_bar
        )
        return None, *_matching(tensors, (*weights_bar, *inputs_bar))

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], settings: Settings, *tensors: Any) -> Any:
        merged = _merge_replicas(info.batch_size, in_dims[1:], tensors)
        settings = dataclasses.replace(settings, keep=_wants_gradient(merged))
        outputs = _Scan.apply(settings, *merged)  # type: ignore[no-untyped-call]
        return _split_replicas(info.batch_size, outputs)


class _SynapticLayer(torch.autograd.Function):
    """(backend, *weights, x) with a leading replica axis -> drive, decay."""

    @staticmethod
    def forward(
        backend: str, slope: Tensor, offset: Tensor, p: Tensor, q: Tensor | None, x: Tensor
    ) -> tuple[Tensor, Tensor]:
        weights = LayerWeights(slope, offset, p, q)
        result: tuple[Tensor, Tensor] = backend_module(backend).layer_forward(weights, x)
        return result

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        ctx.backend, *tensors = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, drive_bar: Tensor, decay_bar: Tensor) -> Tensors:
        *weights, x = ctx.saved_tensors
        weights_bar, x_bar = backend_module(ctx.backend).layer_backward(
            LayerWeights(*weights), x, drive_bar, decay_bar
        )
        return None, *_matching(ctx.saved_tensors, (*weights_bar, x_bar))

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], backend: str, *tensors: Any) -> Any:
        merged = _merge_replicas(info.batch_size, in_dims[1:], tensors)
        outputs = _SynapticLayer.apply(backend, *merged)  # type: ignore[no-untyped-call]
        return _split_replicas(info.batch_size, outputs)


def integrate(settings: Settings, weights: LayerWeights, inputs: Inputs) -> Tensor:
    """States after every time step, (batch, time, n); arguments without the replica axis."""
    tensors = [None if part is None else part.unsqueeze(0) for part in (*weights, *inputs)]
    settings = dataclasses.replace(settings, keep=_wants_gradient(tensors))
    states: Tensor = _Scan.apply(settings, *tensors)[0]  # type: ignore[no-untyped-call]
    return states.squeeze(0)


def synaptic_layer(backend: str, weights: LayerWeights, x: Tensor) -> tuple[Tensor, Tensor]:
    """Drive and decay (batch, post) of synaptic activations at x (batch, pre)."""
    tensors = [None if part is None else part.unsqueeze(0) for part in (*weights, x)]
    drive, decay = _SynapticLayer.apply(backend, *tensors)  # type: ignore[no-untyped-call]
    return drive.squeeze(0), decay.squeeze(0)


def _unpack(tensors: Tensors) -> tuple[LayerWeights, Inputs]:
    return LayerWeights(*tensors[:4]), Inputs(*tensors[4:])  # type: ignore[arg-type]


def _matching(tensors: Any, gradients: Tensors) -> Tensors:
    """No gradient where there was no tensor."""
    return tuple(
        None if tensor is None else gradient
        for tensor, gradient in zip(tensors, gradients, strict=True)
    )


def _wants_gradient(tensors: Any) -> bool:
    return torch.is_grad_enabled() and any(
        part is not None and part.requires_grad for part in tensors
    )


def _merge_replicas(
    size: int, in_dims: tuple[int | None, ...], tensors: tuple[Any, ...]
) -> list[Any]:
    """vmap's axis in front and merged with the replica axis that is already there."""
    merged: list[Any] = []
    for tensor, axis in zip(tensors, in_dims, strict=True):
        if isinstance(tensor, Tensor):
            tensor = tensor.expand(size, *tensor.shape) if axis is None else tensor.movedim(axis, 0)
            tensor = tensor.flatten(0, 1)
        merged.append(tensor)
    return merged


def _split_replicas(size: int, outputs: tuple[Tensor, ...]) -> tuple[Any, Any]:
    """The way back: vmap's axis first, then the replica axis."""
    return tuple(part.reshape(size, -1, *part.shape[1:]) for part in outputs), (0,) * len(outputs)
