"""Runs the GPU kernels: how many samples a program gets, and what PyTorch does around them.

A forward pass is one launch, whatever the lengths of sequence and ensemble. A backward pass is
two: the adjoint over time, one program for each batch tile as in the forward pass; then the
gradients of the weights, which need no order in time and so have a grid of their own.

That second launch computes each activation once more. In exchange one scheme serves every size:
sums stay in registers, where the kernel over time would keep four more numbers for each synapse,
and beyond 64 neurons could not. No sum is taken by atomic additions, whose order changes from run
to run: each program writes its own, and PyTorch adds them up. A tile's size depends on the layer
and the batch alone, so a replica gives the same bits whoever else is in the ensemble.

**Precision.** Everything is computed in the precision of the model, float32 by default, and never
in less. Half precision pays in the matrix units of a GPU and in bytes that are moved. Here there is
hardly a matrix product, the weights do not move, and the units for exp work in float32. A solver
step adds a small change to a potential: with 10 unfolds, bfloat16 (8 bits) would round away all
changes below 1/256 of it, of which many make a trajectory.

**CUDA graphs.** Around these launches a training step has some 150 small operations of PyTorch,
for the canonical form, the loss and Adam, however long the sequence is. A CUDA graph would start
all of them at once. Nothing in a step waits for the host, so it could be captured; it is not, until
someone has measured on a GPU that it pays.

Without a GPU the kernels run in Triton's interpreter, slowly, if ``TRITON_INTERPRET=1`` is set
before the first import of Triton. So they are tested.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
from torch import Tensor

from ltcbook.kernels.recurrence import (
    Inputs,
    Kind,
    LayerWeights,
    Settings,
    Trajectory,
    Weights,
)
from ltcbook.kernels.triton import scan as kernels
from ltcbook.kernels.triton.gradients import Currents, gradients
from ltcbook.kernels.triton.tiling import (
    LAYER_SAMPLES,
    Tiling,
    contiguous,
    launch,
    scan_constants,
    tables,
)
from ltcbook.ode.solvers import SOLVERS

INTERPRETED = bool(triton.knobs.runtime.interpret)
"""Whether the kernels run in Triton's interpreter: on the CPU, with NumPy."""


def trajectory_shapes(
    settings: Settings, gated: bool, sizes: tuple[int, int, int, int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Of states and decays, (R, batch, row, n)."""
    replicas, batch, time, n = sizes
    rows = time * settings.unfolds if settings.keep else time
    return (replicas, batch, rows + 1, n), (replicas, batch, rows if settings.keep else 1, n)


def forward(settings: Settings, weights: Weights, inputs: Inputs) -> tuple[Tensor, Trajectory]:
    """States after every time step (R, batch, time, n), and what the backward pass needs."""
    (replicas, batch, n), time = inputs.state.shape, inputs.dt.shape[2]
    drive, decay = _sensed(settings, weights, inputs)
    shapes = trajectory_shapes(settings, True, (replicas, batch, time, n))
    kept = Trajectory(*map(inputs.state.new_empty, shapes))
    grid, sizes, constants = _over_time(settings, weights, inputs)
    launch(
        kernels.scan_forward,
        grid,
        (
            *(*tables(weights.recurrent), inputs.state.contiguous(), drive, decay),
            *(_inside(settings, weights, inputs), _given(inputs), inputs.dt.contiguous(), *kept),
        ),
        sizes,
        KEEP=settings.keep,
        **constants,
    )
    stored = settings.unfolds if settings.keep else 1
    after = kept.states[:, :, stored::stored]
    return after.clone(memory_format=torch.contiguous_format), kept


def backward(
    settings: Settings,
    weights: Weights,
    inputs: Inputs,
    trajectory: Trajectory,
    states_bar: Tensor,
    spans: bool,
) -> tuple[Weights, Inputs]:
    """Gradients of the weights and inputs from those of the states after the time steps.

    That of ``dt`` needs each solver step's slope once more, so it is made only if ``spans``.
    """
    (replicas, batch, n), time = inputs.state.shape, inputs.dt.shape[2]
    states, decays = trajectory
    grid, sizes, constants = _over_time(settings, weights, inputs)
    steps, units = (replicas, batch, time * settings.unfolds), sizes[4]
    bars = Currents(*(states_bar.new_empty(*steps, width) for width in (n, n, units)))
    state_bar, dt_bar = states_bar.new_empty(replicas, batch, n), states_bar.new_empty(steps)
    inside, given = _inside(settings, weights, inputs), _given(inputs)
    given_bar = torch.empty_like(given)
    drive = _sensed(settings, weights, inputs)[0] if spans else states_bar.contiguous()
    launch(
        kernels.scan_adjoint,
        grid,
        (
            *(*tables(weights.recurrent), drive, inside, given, inputs.dt.contiguous()),
            *(states, decays, states_bar.contiguous(), state_bar, *bars, given_bar, dt_bar),
        ),
        sizes,
        SPANS=spans,
        **constants,
    )
    starts = _starts(settings, inputs, states)
    recurrent_bar = gradients(settings.kind, weights.recurrent, starts, bars, inside)

    def over_unfolds(part: Tensor) -> Tensor:
        return part.reshape(replicas, batch, time, settings.unfolds, *part.shape[3:]).sum(3)

    drive_bar, decay_bar, inside_bar, dt_bar = map(over_unfolds, (*bars, dt_bar))
    sensory_bar, u_bar = _sensory_gradients(settings, weights, inputs, drive_bar, decay_bar)
    weights_bar = Weights(recurrent_bar, sensory_bar, drive_bar.sum((1, 2)), decay_bar.sum((1, 2)))
    asked: Any = dt_bar if spans else None
    held_bar = None if inputs.held is None else given_bar
    bars_of_inputs = Inputs(state_bar, asked, u_bar, drive_bar, decay_bar, inside_bar, held_bar)
    return weights_bar, bars_of_inputs


def _over_time(
    settings: Settings, weights: Weights, inputs: Inputs
) -> tuple[tuple[int, int], tuple[int, ...], dict[str, Any]]:
    """Grid, sizes and constants of the kernels over time."""
    (replicas, batch, n), time = inputs.state.shape, inputs.dt.shape[2]
    units = weights.recurrent.slope.shape[1] if settings.kind == "hidden" else n
    constants: dict[str, Any] = {
        "KIND": settings.kind,
        "GATED": weights.recurrent.decay_weight is not None,
        "IMPLICIT": SOLVERS[settings.solver].kernel == "implicit",
        "OVERWRITES": inputs.held is not None,
        **scan_constants(n, units, batch),
    }
    first = 0 if inputs.held is None else inputs.held.shape[-1]
    grid = -(-batch // constants["SAMPLES"]), replicas
    return grid, (batch, time, settings.unfolds, n, units, first), constants


def _given(inputs: Inputs) -> Tensor:
    """What the inputs set the first potentials to; any tensor where they do not."""
    return (inputs.state if inputs.held is None else inputs.held).contiguous()


def _starts(settings: Settings, inputs: Inputs, states: Tensor) -> Tensor:
    """The states from which the solver steps started, (R, batch, steps or one more, n)."""
    if inputs.held is None:
        return states
    replicas, batch, n = inputs.state.shape
    started = states[:, :, :-1].reshape(replicas, batch, -1, settings.unfolds, n).clone()
    first = started[:, :, :, 0, : inputs.held.shape[-1]]
    first.copy_(torch.where(inputs.dt.unsqueeze(-1) == 0, first, inputs.held))
    return started.flatten(2, 3)


def _sensed(settings: Settings, weights: Weights, inputs: Inputs) -> tuple[Tensor, Tensor]:
    """Drive and decay (R, batch, time, n): the neurons' own, given, and sensory currents."""
    drive, decay = (
        part[:, None, None].expand(*inputs.dt.shape, -1) for part in (weights.drive, weights.decay)
    )
    drive = drive if inputs.drive is None else drive + inputs.drive
    decay = decay if inputs.decay is None else decay + inputs.decay
    if weights.sensory is not None and inputs.u is not None:
        sensed = layer_forward(settings.sensory_kind, weights.sensory, inputs.u.flatten(1, 2))
        drive = drive + sensed[0].view_as(drive)
        if weights.sensory.decay_weight is not None:
            decay = decay + sensed[1].view_as(decay)
    return drive.contiguous(), decay.contiguous()


def _inside(settings: Settings, weights: Weights, inputs: Inputs) -> Tensor:
    """All inside the activations but the neurons; any tensor where it is not looked at."""
    if settings.kind not in ("postsynaptic", "hidden"):
        return inputs.state.contiguous()
    own = weights.recurrent.offset[:, None].expand(*inputs.dt.shape, -1)
    return (own if inputs.inside is None else own + inputs.inside).contiguous()


def _sensory_gradients(
    settings: Settings, weights: Weights, inputs: Inputs, drive_bar: Tensor, decay_bar: Tensor
) -> tuple[LayerWeights | None, Tensor | None]:
    """Those of the sensory weights and of u, where there are any."""
    if weights.sensory is None or inputs.u is None:
        return None, None
    rows = (part.flatten(1, 2) for part in (inputs.u, drive_bar, decay_bar))
    layer_bar, u_bar = layer_backward(settings.sensory_kind, weights.sensory, *rows)
    return layer_bar, u_bar.view_as(inputs.u)


def layer_forward(kind: Kind, weights: LayerWeights, x: Tensor) -> tuple[Tensor, Tensor]:
    """Drive and decay (R, N, post) at x (R, N, pre)."""
    (replicas, rows, pre), post = x.shape, weights.drive_weight.shape[1]
    drive, decay = x.new_empty(2, replicas, rows, post)
    launch(
        kernels.layer_forward,
        (-(-rows // LAYER_SAMPLES), replicas),
        (*tables(weights), x.contiguous(), drive, decay),
        (rows, pre, post),
        KIND=kind,
        GATED=weights.decay_weight is not None,
        **Tiling.of(pre, post, LAYER_SAMPLES).constants,
    )
    return drive, decay


def layer_backward(
    kind: Kind, weights: LayerWeights, x: Tensor, drive_bar: Tensor, decay_bar: Tensor
) -> tuple[LayerWeights, Tensor]:
    """Gradients of the weights and of x from those of drive and decay."""
    (replicas, rows, pre), post = x.shape, weights.drive_weight.shape[1]
    x, drive_bar, decay_bar = contiguous((x, drive_bar, decay_bar))
    x_bar, inside_bar = torch.empty_like(x), torch.empty_like(x)
    launch(
        kernels.layer_adjoint,
        (-(-rows // LAYER_SAMPLES), replicas),
        (*tables(weights), x, drive_bar, decay_bar, x_bar, inside_bar),
        (rows, pre, post),
        KIND=kind,
        GATED=weights.decay_weight is not None,
        **Tiling.of(pre, post, LAYER_SAMPLES).constants,
    )
    # as many batches of one step each
    bars = Currents(*(part.unsqueeze(2) for part in (drive_bar, decay_bar, inside_bar)))
    return gradients(kind, weights, x.unsqueeze(2), bars, x), x_bar
