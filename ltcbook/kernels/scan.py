"""The operation ``ltcbook::scan``: a whole batch of sequences through a recurrence, in one call.

It is the one place where a kernel replaces the equations. PyTorch knows it as an operation of its
own, with a rule for each thing that PyTorch does to operations: shapes without numbers (for
``torch.compile`` and the meta device), gradients, gradients of gradients, and ``torch.vmap``. So a
model that uses it can be compiled, transformed and distributed as any other.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ltcbook.kernels import eager
from ltcbook.kernels.backend import IMPLEMENTATIONS, select
from ltcbook.kernels.recurrence import (
    PACKED,
    Inputs,
    LayerWeights,
    Recurrence,
    Settings,
    Tensors,
    Trajectory,
    Weights,
    pack,
    unpack,
)

_OPTIONAL = {"decay_weight", "u", "drive", "decay", "inside", "held"} | {
    name for name in PACKED if name.startswith("sensory_")
}
_SETTINGS = "str backend, str kind, str sensory_kind, str solver, int unfolds"
_TENSORS = ", ".join(f"Tensor{'?' if name in _OPTIONAL else ''} {name}" for name in PACKED)
_GRADIENTS = ", ".join("Tensor" for _ in PACKED)


def scan(
    backend: str,
    recurrence: Recurrence,
    u: Tensor,
    state: Tensor,
    timespans: Tensor | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The state after every time step, (batch, time, n).

    Args:
        backend: ``"auto"``, ``"eager"``, ``"numba"`` or ``"triton"``.
        recurrence: what a cell declares.
        u: inputs (batch, time, m); with no entries, (batch, time, 0), for autonomous cells.
        state: (batch, n), before the first step; its precision is that of the computation.
        timespans: (batch, time); one per step by default.
        mask: (batch, time) of bool; the state stays where it is False.

    Raises:
        ValueError: if a backend was asked for by name that cannot run this.

    >>> import ltcbook
    >>> cell = ltcbook.LTC(1, 3, seed=0).cell
    >>> u, state = torch.zeros(2, 5, 1), cell.initial_state(2)
    >>> fast, plain = (scan(name, cell.recurrence(), u, state) for name in ("auto", "eager"))
    >>> torch.testing.assert_close(fast, plain)
    """
    if timespans is None:
        dt = state.new_full(u.shape[:2], 1 / recurrence.unfolds)
    else:
        dt = timespans.to(state.dtype) / recurrence.unfolds
    if mask is not None:
        dt = torch.where(mask, dt, dt.new_zeros(()))
    weights, inputs = _with_replica_axis(recurrence, _inputs(recurrence, u, state, dt))
    settings = Settings(
        *(recurrence.kind, recurrence.sensory_kind, recurrence.solver, recurrence.unfolds),
        keep=_wants_gradient(pack(weights, inputs)),
    )
    chosen = _select(backend, recurrence.solver, state)
    if chosen == "eager" or state.shape[0] == 0:
        return eager.integrate(settings, weights, inputs).squeeze(0)
    arguments = *_numbers(chosen, settings), settings.keep, *pack(weights, inputs)
    states: Tensor = _call(_forward, _Forward, arguments)[0]
    return states.squeeze(0)


def _call(operation: Any, function: type[torch.autograd.Function], arguments: Any) -> Any:
    """Call an operation; in a transform of ``torch.func`` through its function of the same rules.

    The autograd rule of a custom operation is not one that ``torch.func`` can transform.
    """
    if torch._C._functorch.maybe_current_level() is None:
        return operation(*arguments)
    return function.apply(*arguments)  # type: ignore[no-untyped-call]


def _select(backend: str, solver: str, state: Tensor) -> str:
    """As :func:`select`; while ``torch.compile`` traces, asked outside of what it traces."""
    if torch.compiler.is_compiling():
        chosen: str = _select_constant(backend, solver, state.device.type, state.dtype)
        return chosen
    return select(backend, solver, state)


def _select_constant(backend: str, solver: str, device: str, dtype: torch.dtype) -> str:
    return select(backend, solver, torch.empty(0, device=device, dtype=dtype))


# What torch.compiler.assume_constant_result does; that function imports all of the compiler.
_select_constant._dynamo_marked_constant = True  # type: ignore[attr-defined]


def _inputs(recurrence: Recurrence, u: Tensor, state: Tensor, dt: Tensor) -> Inputs:
    """Everything that depends on the inputs alone, but for the synapses that a kernel computes."""
    inputs = Inputs(state, dt, None, None, None, None, None)
    if recurrence.overwrites:
        return inputs._replace(held=u.to(state.dtype))
    if recurrence.linear is not None:
        weight, bias, inside = recurrence.linear
        added = torch.nn.functional.linear(u, weight, bias).to(state.dtype)
        return inputs._replace(inside=added) if inside else inputs._replace(drive=added)
    if recurrence.sensory is None:
        return inputs
    if recurrence.sensory_kind == "postsynaptic":  # a sum, then one activation: no kernel for that
        layer: Any = LayerWeights(*_unsqueezed(recurrence.sensory))  # type: ignore[arg-type]
        drive, decay = eager.layer_currents("postsynaptic", layer, u.unsqueeze(0))
        return inputs._replace(
            drive=drive.squeeze(0), decay=None if decay is None else decay.squeeze(0)
        )
    return inputs._replace(u=u)


def _with_replica_axis(recurrence: Recurrence, inputs: Inputs) -> tuple[Weights, Inputs]:
    sensory = recurrence.sensory if inputs.u is not None else None
    weights = Weights(recurrence.recurrent, sensory, recurrence.drive, recurrence.decay)
    return unpack(_unsqueezed(pack(weights, inputs)))


def _unsqueezed(parts: Tensors) -> Tensors:
    return tuple(None if part is None else part.unsqueeze(0) for part in parts)


def _wants_gradient(tensors: Tensors) -> bool:
    return torch.is_grad_enabled() and any(
        part is not None and part.requires_grad for part in tensors
    )


def _numbers(backend: str, settings: Settings) -> tuple[str, str, str, str, int]:
    """The settings as the operations take them, before their tensors."""
    return backend, settings.kind, settings.sensory_kind, settings.solver, settings.unfolds


def _settings(numbers: tuple[Any, ...], keep: bool) -> tuple[str, Settings]:
    backend, kind, sensory_kind, solver, unfolds = numbers
    return backend, Settings(kind, sensory_kind, solver, unfolds, keep)


# ltcbook::scan


def _run_forward(*arguments: Any) -> tuple[Tensor, Tensor, Tensor]:
    backend, settings = _settings(arguments[:5], arguments[5])
    with torch.no_grad():
        states, kept = IMPLEMENTATIONS[backend].forward(settings, *unpack(arguments[6:]))
    return states, *kept


_forward = torch.library.custom_op(
    "ltcbook::scan",
    _run_forward,
    mutates_args=(),
    schema=f"({_SETTINGS}, bool keep, {_TENSORS}) -> (Tensor, Tensor, Tensor)",
)


@_forward.register_fake
def _(*arguments: Any) -> tuple[Tensor, Tensor, Tensor]:
    backend, settings = _settings(arguments[:5], arguments[5])
    weights, inputs = unpack(arguments[6:])
    (replicas, batch, n), time = inputs.state.shape, inputs.dt.shape[2]
    gated = weights.recurrent.decay_weight is not None
    sizes = replicas, batch, time, n
    shapes = IMPLEMENTATIONS[backend].trajectory_shapes(settings, gated, sizes)
    new = inputs.state.new_empty
    return new(replicas, batch, time, n), new(shapes[0]), new(shapes[1])


def _keep_for_backward(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    ctx.numbers, tensors = inputs[:5], inputs[6:]
    ctx.given = len(tensors)
    ctx.set_materialize_grads(False)  # or zeros as large as the trajectory are made for it
    ctx.save_for_backward(*tensors, *output[1:])


def _pull_back(ctx: Any, states_bar: Tensor | None, *_: Any) -> tuple[Any, ...]:
    saved = ctx.saved_tensors
    tensors, trajectory = saved[: ctx.given], saved[ctx.given :]
    if states_bar is None:  # nobody asked
        return tuple(None for _ in range(6 + ctx.given))
    wanted = ctx.needs_input_grad[6:]
    spans = bool(wanted[PACKED.index("dt")])
    arguments = *ctx.numbers, spans, *tensors, *trajectory, states_bar
    gradients = _call(_backward, _Backward, arguments)
    return (None,) * 6 + tuple(
        gradient if want and part is not None else None
        for gradient, part, want in zip(gradients, tensors, wanted, strict=True)
    )


_forward.register_autograd(_pull_back, setup_context=_keep_for_backward)


def _all_replicas(info: Any, in_dims: tuple[Any, ...], *arguments: Any) -> Any:
    merged = _merge_replicas(info.batch_size, in_dims[6:], arguments[6:])
    keep = arguments[5] or _wants_gradient(tuple(merged))
    outputs = _call(_forward, _Forward, (*arguments[:5], keep, *merged))
    return _split_replicas(info.batch_size, outputs)


_forward.register_vmap(_all_replicas)


def _no_forward_mode(ctx: Any, *tangents: Any) -> Any:
    raise NotImplementedError(
        "the kernels have no forward-mode derivatives (jvp, jacfwd, hessian); "
        "take backend='eager', or jacrev"
    )


class _Forward(torch.autograd.Function):
    """The rules of ``ltcbook::scan`` once more, for :func:`_call`."""

    forward = staticmethod(_forward)
    setup_context = staticmethod(_keep_for_backward)
    backward = staticmethod(_pull_back)
    jvp = staticmethod(_no_forward_mode)
    vmap = staticmethod(_all_replicas)


# ltcbook::scan_backward


def _run_backward(*arguments: Any) -> tuple[Tensor, ...]:
    backend, settings = _settings(arguments[:5], True)
    tensors, (states, decays, states_bar) = arguments[6:-3], arguments[-3:]
    with torch.no_grad():
        bars = IMPLEMENTATIONS[backend].backward(
            *(settings, *unpack(tensors), Trajectory(states, decays), states_bar, arguments[5])
        )
    seen = {
        part.untyped_storage().data_ptr() for part in (*tensors, states_bar) if part is not None
    }
    made: list[Tensor] = []
    for part, bar in zip(tensors, pack(*bars), strict=True):
        if part is None or bar is None:
            bar = states_bar.new_empty(0)
        elif (
            bar.untyped_storage().data_ptr() in seen
        ):  # no two tensors of an operation share memory
            bar = bar.clone(memory_format=torch.contiguous_format)
        seen.add(bar.untyped_storage().data_ptr())
        made.append(bar)
    return tuple(made)


_backward = torch.library.custom_op(
    "ltcbook::scan_backward",
    _run_backward,
    mutates_args=(),
    schema=f"({_SETTINGS}, bool spans, {_TENSORS}, Tensor states, Tensor decays, "
    f"Tensor states_bar) -> ({_GRADIENTS})",
)


@_backward.register_fake
def _(*arguments: Any) -> tuple[Tensor, ...]:
    spans, states_bar = arguments[5], arguments[-1]
    return tuple(
        states_bar.new_empty(0) if part is None or (name == "dt" and not spans)
        else torch.empty_like(part, memory_format=torch.contiguous_format)
        for name, part in zip(PACKED, arguments[6:-3], strict=True)
    )  # fmt: skip


def _keep_for_second(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    ctx.numbers, ctx.spans = inputs[:5], inputs[5]
    ctx.save_for_backward(*inputs[6:-3], inputs[-1])


def _pull_back_twice(ctx: Any, *bars: Tensor | None) -> tuple[Any, ...]:
    """Gradients of gradients: those of the same recurrence in plain PyTorch."""
    *tensors, states_bar = ctx.saved_tensors
    _, settings = _settings(ctx.numbers, True)
    places = [k for k, part in enumerate(tensors) if part is not None]
    asked = [k for k in places if bars[k] is not None and bars[k].numel() > 0]  # type: ignore[union-attr]

    def gradients(states_bar: Tensor, *given: Tensor) -> tuple[Tensor, ...]:
        full: list[Tensor | None] = [None] * len(tensors)
        for place, part in zip(places, given, strict=True):
            full[place] = part
        found = eager.pull_back(settings, tuple(full), states_bar)
        return tuple(found[place] for place in asked)  # type: ignore[misc]

    pulled: Any = torch.func.vjp(gradients, states_bar, *(tensors[k] for k in places))
    states_bar_bar, *given_bars = pulled[1](tuple(bars[k] for k in asked))
    full: list[Tensor | None] = [None] * len(tensors)
    for place, bar in zip(places, given_bars, strict=True):
        full[place] = bar
    return (None,) * 6 + (*full, None, None, states_bar_bar)


_backward.register_autograd(_pull_back_twice, setup_context=_keep_for_second)


def _gradients_of_all_replicas(info: Any, in_dims: tuple[Any, ...], *arguments: Any) -> Any:
    merged = _merge_replicas(info.batch_size, in_dims[6:], arguments[6:])
    outputs = _call(_backward, _Backward, (*arguments[:6], *merged))
    return _split_replicas(info.batch_size, outputs)


_backward.register_vmap(_gradients_of_all_replicas)


class _Backward(torch.autograd.Function):
    """The rules of ``ltcbook::scan_backward`` once more, for :func:`_call`."""

    forward = staticmethod(_backward)
    setup_context = staticmethod(_keep_for_second)
    backward = staticmethod(_pull_back_twice)
    jvp = staticmethod(_no_forward_mode)
    vmap = staticmethod(_gradients_of_all_replicas)


# The replica axis


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
    split = tuple(
        part.expand(size, 0)
        if tuple(part.shape) == (0,)  # of a tensor that was not given
        else part.reshape(size, part.shape[0] // size, *part.shape[1:])
        for part in outputs
    )
    return split, (0,) * len(outputs)
