"""Adaptive steps by torchdiffeq, with gradients through the solver or by the adjoint equation.

Chapters: ``neural_odes``, ``solver_primer``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from ltcbook.ode.linear_form import LinearForm

Dynamics = Callable[[Tensor], LinearForm]


def integrate(f: Dynamics, x: Tensor, span: Tensor | float, adjoint: bool) -> Tensor:
    """Advance ``x`` (batch, n) by ``span`` (a number or (batch, 1)) with Dormand-Prince.

    Time is rescaled, dx/ds = span·ẋ for s from 0 to 1, so that every sample of a batch can have
    its own span, where torchdiffeq has one clock. Tolerances are 1e-9 in float64, else 1e-6.

    Args:
        f: the dynamics with the input held constant.
        x: the state now.
        span: how long.
        adjoint: gradients by the adjoint equation, in constant memory; every tensor through which
            they must flow is found by :func:`tensors_behind`. They can't be differentiated again.

    Raises:
        ImportError: where torchdiffeq is not installed.
    """
    try:
        import torchdiffeq
    except ImportError as error:
        raise ImportError(
            "the adaptive solvers need torchdiffeq: pip install 'ltcbook[train]'"
        ) from error

    def right_hand_side(_: Tensor, state: Tensor) -> Tensor:
        return span * f(state).derivative(state)

    tolerance = 1e-9 if x.dtype == torch.float64 else 1e-6
    options: dict[str, Any] = {"method": "dopri5", "rtol": tolerance, "atol": tolerance}
    times = torch.tensor([0.0, 1.0], dtype=x.dtype, device=x.device)
    solve = torchdiffeq.odeint
    if adjoint:
        solve = torchdiffeq.odeint_adjoint
        options["adjoint_params"] = tensors_behind(lambda: right_hand_side(times[0], x.detach()))
    states: Tensor = solve(right_hand_side, x, times, **options)
    last: Tensor = _OnceOnly.apply(states[-1]) if adjoint else states[-1]  # type: ignore[no-untyped-call]
    return last


class _OnceOnly(torch.autograd.Function):
    """The identity; asked for a gradient that is to be differentiated again, it refuses.

    The adjoint's gradients are numbers that autograd knows nothing of: a gradient penalty would get
    a wrong gradient without a word.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *bars: Tensor) -> Tensor:
        if torch.is_grad_enabled():  # as it is with create_graph=True, and then alone
            raise NotImplementedError(
                "solver='adjoint' has first derivatives only; for gradients of gradients take "
                "solver='dopri5'"
            )
        return bars[0]


def tensors_behind(compute: Callable[[], Tensor]) -> tuple[Tensor, ...]:
    """All tensors that need a gradient and enter a computation from outside.

    The computation is run once and watched: what it is given and has not made itself is what it
    depends on. A list kept by hand would lose the one that somebody forgets.

    >>> w = torch.ones(2, requires_grad=True)
    >>> [t is w for t in tensors_behind(lambda: (w * 2 + 1).sum())]
    [True]
    """
    with _Watch() as watch:
        compute()
    return tuple(watch.found.values())


class _Watch(TorchFunctionMode):
    """Notes the tensors that operations take and have not been given by one another."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[int, Tensor] = {}
        self._made: dict[int, Any] = {}  # kept alive, so that no number is given out twice

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        for tensor in _tensors((args, kwargs or {})):
            if tensor.requires_grad and id(tensor) not in self._made:
                self.found.setdefault(id(tensor), tensor)
        result = function(*args, **(kwargs or {}))
        for tensor in _tensors(result):
            if id(tensor) not in self.found:
                self._made[id(tensor)] = tensor
        return result


def _tensors(tree: Any) -> Iterator[Tensor]:
    if isinstance(tree, Tensor):
        yield tree
    elif isinstance(tree, tuple | list):
        for part in tree:
            yield from _tensors(part)
    elif isinstance(tree, dict):
        yield from _tensors(list(tree.values()))
