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

from ltcbook.kernels.problem import Inputs, LayerWeights, Settings, Weights

Tensors = tuple[Tensor | None, ...]


def backend_module(name: str) -> ModuleType:
    """The module that runs a backend's kernels; its compiler is imported here, not before."""
    return importlib.import_module(f"ltcbook.kernels.{name}_backend")


class _Scan(torch.autograd.Function):
    """(settings, *weights, *inputs) with a leading replica axis -> states, trajectory."""

    @staticmethod
    def forward(settings: Settings, *tensors: Tensor | None) -> tuple[Tensor, ...]:
        weights, inputs = _unpack(tensors)
        states, trajectory = backend_module(settings.backend).scan_forward(
            settings, weights, inputs
        )
        return states, *trajectory

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        settings, *tensors = inputs
        ctx.settings, ctx.given = settings, len(tensors)
        ctx.mark_non_differentiable(*output[1:])
        ctx.set_materialize_grads(False)  # or zeros as large as the trajectory are made for it
        ctx.save_for_backward(*tensors, *output[1:])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, states_bar: Tensor | None, *_: Tensor) -> Tensors:
        saved = ctx.saved_tensors
        tensors, trajectory = saved[: ctx.given], saved[ctx.given :]
        if states_bar is None:  # nobody asked
            return None, *(None for _ in tensors)
        weights, inputs = _unpack(tensors)
        weights_bar, inputs_bar = backend_module(ctx.settings.backend).scan_backward(
            ctx.settings, weights, inputs, trajectory, states_bar
        )
        return None, *_matching(tensors, _pack(weights_bar, inputs_bar))

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], settings: Settings, *tensors: Any) -> Any:
        merged = _merge_replicas(info.batch_size, in_dims[1:], tensors)
        settings = dataclasses.replace(settings, keep=_wants_gradient(merged))
        outputs = _Scan.apply(settings, *merged)  # type: ignore[no-untyped-call]
        return _split_replicas(info.batch_size, outputs)


class _Dense(torch.autograd.Function):
    """weight (R, out, in), bias (R, out), x (R, rows, in) -> (R, rows, out), on the CPU."""

    @staticmethod
    def forward(weight: Tensor, bias: Tensor, x: Tensor) -> Tensor:
        result: Tensor = backend_module("numba").dense_forward(weight, bias, x)
        return result

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        weight, _, x = inputs
        ctx.save_for_backward(weight, x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, y_bar: Tensor) -> Tensors:
        result: Tensors = backend_module("numba").dense_backward(*ctx.saved_tensors, y_bar)
        return result

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *tensors: Any) -> Any:
        merged = _merge_replicas(info.batch_size, in_dims, tensors)
        outputs = (_Dense.apply(*merged),)  # type: ignore[no-untyped-call]
        (result,), (axis,) = _split_replicas(info.batch_size, outputs)
        return result, axis


def integrate(settings: Settings, weights: Weights, inputs: Inputs) -> Tensor:
    """States after every time step, (batch, time, n); arguments without the replica axis."""
    tensors = [None if part is None else part.unsqueeze(0) for part in _pack(weights, inputs)]
    settings = dataclasses.replace(settings, keep=_wants_gradient(tensors))
    states: Tensor = _Scan.apply(settings, *tensors)[0]  # type: ignore[no-untyped-call]
    return states.squeeze(0)


def dense(backend: str, weight: Tensor, bias: Tensor, x: Tensor) -> Tensor:
    """x (..., in) times weight (out, in), plus bias: a map for each time step of a sequence.

    How PyTorch's product rounds depends on its number of rows. On a CPU each row gives the same
    bits whatever stands beside it, so that a sequence in two halves gives what the whole gives.
    """
    if backend != "numba":
        return torch.nn.functional.linear(x, weight, bias)
    rows = x.reshape(1, -1, x.shape[-1])
    y = _Dense.apply(weight.unsqueeze(0), bias.unsqueeze(0), rows)  # type: ignore[no-untyped-call]
    result: Tensor = y.reshape(*x.shape[:-1], -1)
    return result


def _pack(weights: Weights, inputs: Inputs) -> Tensors:
    recurrent, sensory, drive, decay = weights
    return (*recurrent, *(sensory or (None,) * len(recurrent)), drive, decay, *inputs)


def _unpack(tensors: Tensors) -> tuple[Weights, Inputs]:
    parts: list[Any] = list(tensors)
    sensory = None if parts[4] is None else LayerWeights(*parts[4:8])
    return Weights(LayerWeights(*parts[:4]), sensory, *parts[8:10]), Inputs(*parts[10:])


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
