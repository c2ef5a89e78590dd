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

from ltcbook.kernels.problem import Inputs, Kind, LayerWeights, Settings, Trajectory

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
        ctx.set_materialize_grads(False)  # or zeros as large as the trajectory are made for it
        ctx.save_for_backward(*tensors, *output[1:])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, states_bar: Tensor | None, *_: Tensor) -> Tensors:
        *tensors, states, decays = ctx.saved_tensors
        if states_bar is None:  # nobody asked
            return None, *(None for _ in tensors)
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


class _SensoryLayer(torch.autograd.Function):
    """(backend, kind, *weights, x) with a leading replica axis -> drive, decay."""

    @staticmethod
    def forward(backend: str, kind: Kind, *tensors: Tensor | None) -> tuple[Tensor, Tensor]:
        *weights, x = tensors
        layer = LayerWeights(*weights)  # type: ignore[arg-type]
        result: tuple[Tensor, Tensor] = backend_module(backend).layer_forward(kind, layer, x)
        return result

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        ctx.backend, ctx.kind, *tensors = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, drive_bar: Tensor, decay_bar: Tensor) -> Tensors:
        *weights, x = ctx.saved_tensors
        weights_bar, x_bar = backend_module(ctx.backend).layer_backward(
            ctx.kind, LayerWeights(*weights), x, drive_bar, decay_bar
        )
        return None, None, *_matching(ctx.saved_tensors, (*weights_bar, x_bar))

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[int | None, ...], backend: str, kind: Kind, *tensors: Any
    ) -> Any:
        merged = _merge_replicas(info.batch_size, in_dims[2:], tensors)
        outputs = _SensoryLayer.apply(backend, kind, *merged)  # type: ignore[no-untyped-call]
        return _split_replicas(info.batch_size, outputs)


def integrate(settings: Settings, weights: LayerWeights, inputs: Inputs) -> Tensor:
    """States after every time step, (batch, time, n); arguments without the replica axis."""
    tensors = [None if part is None else part.unsqueeze(0) for part in (*weights, *inputs)]
    settings = dataclasses.replace(settings, keep=_wants_gradient(tensors))
    states: Tensor = _Scan.apply(settings, *tensors)[0]  # type: ignore[no-untyped-call]
    return states.squeeze(0)


def sensory_layer(
    backend: str, kind: Kind, weights: LayerWeights, x: Tensor
) -> tuple[Tensor, Tensor]:
    """Drive and decay (batch, post) at x (batch, pre), of the synaptic or presynaptic kind."""
    tensors = [None if part is None else part.unsqueeze(0) for part in (*weights, x)]
    drive, decay = _SensoryLayer.apply(backend, kind, *tensors)  # type: ignore[no-untyped-call]
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
