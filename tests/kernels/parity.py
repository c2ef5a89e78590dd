"""How a backend is compared with the reference, eager PyTorch in float64: values and gradients.

Tolerances. A solver step rounds each of the n + 8 operations behind one number by at most half a
unit of the precision (both backends' tanh is within 3 eps of tanh, which the 8 includes), and the
steps' errors add up. How much of that reaches a result is the result's own condition, which is
measured: every parameter, input and loss weight is changed by one part in 10^6, at random, and the
change of the result divided by 10^-6. So a result is held to steps · (n + 8) · eps · condition,
where the condition counts as at least the result's size and 1, the size of the states. One error
has another source: the kernels' tanh is off by up to 4e-7 in float32 and 3 eps in float64, and
1 − s² of a saturated s keeps that error, however small the derivative itself is. What it does is
measured as well: the reference is run again with every tanh off by 4e-7, up or down at random. A
result may be wrong by twice what comes of it besides, in proportion to the error of its precision,
for the signs of the kernels' errors may agree.

Gated tanh has conductances below zero and grows like an exponential; time spans around 0.2 keep
the states of all 144 descriptors within a few units, where a comparison says something.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import torch
from torch import Tensor

from ltcbook.kernels.cpu.rational import FLOAT32_ERROR

EULERS = ("euler", "semi-implicit-euler")
"""Solvers of one stage, for which every backend has kernels."""

SOLVERS = (*EULERS, "heun", "rk4")

BOTH = (torch.float32, torch.float64)

TANH_ERRORS = {torch.float32: FLOAT32_ERROR, torch.float64: 3 * torch.finfo(torch.float64).eps}
"""Bounds of the error of the kernels' tanh."""


def tolerance(model: torch.nn.Module, time: int, dtype: torch.dtype) -> float:
    steps = time * model.cell.unfolds
    widest = max(model.hidden_size, model.input_size)
    return steps * (widest + 8) * torch.finfo(dtype).eps


def normal(*shape: int, seed: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=torch.float64, generator=generator)


def spans(*shape: int, seed: int = 3) -> Tensor:
    return 0.05 + 0.2 * normal(*shape, seed=seed).abs()


class _Blurred(torch.autograd.Function):
    """tanh, off by a given error, with the derivative that the kernels compute from it."""

    @staticmethod
    def forward(context, z: Tensor, tanh: Callable[[Tensor], Tensor], error: Tensor) -> Tensor:
        s = tanh(z) + error
        context.save_for_backward(s)
        return s

    @staticmethod
    def backward(context, gradient: Tensor) -> tuple[Tensor, None, None]:
        (s,) = context.saved_tensors
        return gradient * (1 - s * s), None, None


@contextmanager
def blurred(error: float) -> Iterator[None]:
    """Every tanh, and the one in every sigmoid, is off by ``error``, up or down at random."""
    tanh, numbers = torch.tanh, itertools.count(200)

    def off(z: Tensor) -> Tensor:
        signs = normal(*z.shape, seed=next(numbers)).sign().to(z)
        return _Blurred.apply(z, tanh, error * signs)

    with (
        patch("torch.tanh", off),
        patch("torch.sigmoid", lambda z: (1 + off(z / 2)) / 2),
    ):
        yield


def run(
    model: torch.nn.Module, backend: str, dtype: torch.dtype, change: float = 0.0, **data
) -> dict:
    """Outputs, last state, and the gradients of a fixed mixture of both."""
    model = copy.deepcopy(model).to(dtype)
    model.backend = backend
    device = "cuda" if backend == "triton" and torch.cuda.is_available() else "cpu"
    numbers = itertools.count(100)

    def changed(value: Tensor) -> Tensor:
        relative = 1 + change * normal(*value.shape, seed=next(numbers))
        return (value.detach() * relative).to(device, dtype)

    for parameter in model.parameters():
        parameter.data = changed(parameter)
    inputs = {
        name: changed(value).requires_grad_() if value.is_floating_point() else value.to(device)
        for name, value in data.items()
        if value is not None
    }
    y, state = model.to(device)(**inputs)
    loss = (y * changed(normal(*y.shape, seed=5))).sum()
    loss = loss + (state * changed(normal(*state.shape, seed=6))).sum()
    loss.backward()
    found = {"y": y, "state": state}
    found |= {f"gradient of {name}": p.grad for name, p in model.named_parameters()}
    found |= {f"gradient of {k}": t.grad for k, t in inputs.items()}
    return {k: None if t is None else t.detach().double().cpu() for k, t in found.items()}


def check(
    model: torch.nn.Module,
    time: int,
    *precisions: torch.dtype,
    backend: str = "numba",
    **data: Tensor | None,
) -> None:
    """Fail unless a backend gives what eager float64 does, within the tolerance above.

    Each of the ``precisions`` is compared with one and the same reference.
    """
    change = 1e-6
    reference = run(model, "eager", torch.float64, **data)
    nearby = run(model, "eager", torch.float64, change, **data)
    with blurred(FLOAT32_ERROR):
        coarse = run(model, "eager", torch.float64, **data)
    wrong = {}
    for dtype in precisions:
        found = run(model, backend, dtype, **data)
        for name, expected in reference.items():
            if expected is None:
                assert found[name] is None, name
                continue
            condition = (nearby[name] - expected).abs().max().item() / change
            scale = max(1.0, expected.abs().max().item(), condition)
            limit = tolerance(model, time, dtype) * scale
            effect = (coarse[name] - expected).abs().max().item() / FLOAT32_ERROR
            limit += 2 * effect * TANH_ERRORS[dtype]
            gap = (found[name] - expected).abs().max().item()
            if not gap <= limit:
                wrong[name, dtype] = gap, limit
    assert not wrong, wrong
