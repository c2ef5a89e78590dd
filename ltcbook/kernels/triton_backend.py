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

from typing import Any, NamedTuple

import torch
import triton
from torch import Tensor

from ltcbook.kernels import triton_kernels as kernels
from ltcbook.kernels.problem import Inputs, Kind, LayerWeights, Settings, Weights

INTERPRETED = bool(triton.knobs.runtime.interpret)
"""Whether the kernels run in Triton's interpreter: on the CPU, with NumPy."""

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
        padded_pre, padded_post = _power(pre), _power(post)
        chunk = min(padded_pre, max(1, HELD // padded_post))
        warps = min(MOST_WARPS, max(1, samples * chunk * padded_post // (32 * PER_LANE)))
        return cls(samples, chunk, padded_pre, padded_post, warps)

    @classmethod
    def of_scan(cls, n: int, batch: int) -> Tiling:
        """The tiling of n neurons over time: small programs, since their steps can't be shared."""
        return cls.of(n, n, min(MOST_SAMPLES, _power(-(-batch // PROGRAMS))))

    @property
    def constants(self) -> dict[str, int]:
        """As the kernels' arguments."""
        sizes = {"SAMPLES": self.samples, "CHUNK": self.chunk, "PRE": self.pre, "POST": self.post}
        return {**sizes, "num_warps": self.warps}


def scan_forward(
    settings: Settings, weights: Weights, inputs: Inputs
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """States after every time step (R, batch, time, n), and what the backward pass needs."""
    (replicas, batch, n), time = inputs.state.shape, inputs.dt.shape[2]
    drive, decay = _sensed(settings, weights, inputs)
    tiling = Tiling.of_scan(n, batch)
    stored = settings.unfolds if settings.keep else 1
    states = inputs.state.new_empty(replicas, batch, time * stored + 1, n)
    steps = time * stored if settings.keep else 1
    decays = inputs.state.new_empty(replicas, batch, steps, n)
    _launch(
        kernels.scan_forward,
        (-(-batch // tiling.samples), replicas),
        (
            *(*_tables(weights.recurrent), inputs.state.contiguous(), drive, decay),
            *(_inside(settings, weights, inputs), inputs.dt.contiguous(), states, decays),
        ),
        (batch, time, settings.unfolds, n),
        KIND=settings.kind,
        GATED=weights.recurrent.decay_weight is not None,
        IMPLICIT=settings.implicit,
        KEEP=settings.keep,
        **tiling.constants,
    )
    return states[:, :, stored::stored].contiguous(), (states, decays)


def scan_backward(
    settings: Settings,
    weights: Weights,
    inputs: Inputs,
    trajectory: tuple[Tensor, Tensor],
    states_bar: Tensor,
) -> tuple[Weights, Inputs]:
    """Gradients of the weights and inputs from those of the states after the time steps."""
    (replicas, batch, n), time = inputs.state.shape, inputs.dt.shape[2]
    states, decays = trajectory
    tiling = Tiling.of_scan(n, batch)
    drive_bar, decay_bar = (torch.empty_like(decays) for _ in range(2))
    inside_bar = torch.empty_like(decays) if settings.kind != "synaptic" else drive_bar
    state_bar = states_bar.new_empty(replicas, batch, n)
    dt_bar = states_bar.new_empty(replicas, batch, time * settings.unfolds)
    inside = _inside(settings, weights, inputs)
    _launch(
        kernels.scan_adjoint,
        (-(-batch // tiling.samples), replicas),
        (
            *(*_tables(weights.recurrent), inside, inputs.dt.contiguous(), states, decays),
            *(states_bar.contiguous(), state_bar, drive_bar, decay_bar, inside_bar, dt_bar),
        ),
        (batch, time, settings.unfolds, n),
        KIND=settings.kind,
        GATED=weights.recurrent.decay_weight is not None,
        IMPLICIT=settings.implicit,
        **tiling.constants,
    )
    bars = Currents(drive_bar, decay_bar, inside_bar)
    recurrent_bar = _gradients(settings.kind, weights.recurrent, states, bars, inside)

    def over_unfolds(part: Tensor) -> Tensor:
        return part.reshape(replicas, batch, time, settings.unfolds, *part.shape[3:]).sum(3)

    drive_bar, decay_bar, inside_bar, dt_bar = map(over_unfolds, (*bars, dt_bar))
    sensory_bar, u_bar = _sensory_gradients(settings, weights, inputs, drive_bar, decay_bar)
    weights_bar = Weights(recurrent_bar, sensory_bar, drive_bar.sum((1, 2)), decay_bar.sum((1, 2)))
    return weights_bar, Inputs(state_bar, dt_bar, u_bar, drive_bar, decay_bar, inside_bar)


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
    if settings.kind != "postsynaptic":
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
    _launch(
        kernels.layer_forward,
        (-(-rows // LAYER_SAMPLES), replicas),
        (*_tables(weights), x.contiguous(), drive, decay),
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
    x, drive_bar, decay_bar = _contiguous((x, drive_bar, decay_bar))
    x_bar, inside_bar = torch.empty_like(x), torch.empty_like(x)
    _launch(
        kernels.layer_adjoint,
        (-(-rows // LAYER_SAMPLES), replicas),
        (*_tables(weights), x, drive_bar, decay_bar, x_bar, inside_bar),
        (rows, pre, post),
        KIND=kind,
        GATED=weights.decay_weight is not None,
        **Tiling.of(pre, post, LAYER_SAMPLES).constants,
    )
    # as many batches of one step each
    bars = Currents(*(part.unsqueeze(2) for part in (drive_bar, decay_bar, inside_bar)))
    return _gradients(kind, weights, x.unsqueeze(2), bars, x), x_bar


class Currents(NamedTuple):
    """Gradients of what a layer computes at every step, each (R, batch, steps, neurons).

    Attributes:
        drive, decay: of the two sums.
        inside: of the arguments of the activations, for the kinds with one for each neuron.
    """

    drive: Tensor
    decay: Tensor
    inside: Tensor


def gradient_constants(pre: int, post: int) -> dict[str, int]:
    """What the kernel of the weights' gradients is compiled for."""
    padded_pre, padded_post = (min(GRADIENT_TILE, _power(size)) for size in (pre, post))
    warps = max(1, padded_pre * padded_post // (32 * GRADIENT_ROWS))
    return {"ROWS": GRADIENT_ROWS, "PRE": padded_pre, "POST": padded_post, "num_warps": warps}


def _gradients(
    kind: Kind, weights: LayerWeights, x: Tensor, bars: Currents, inside: Tensor
) -> LayerWeights:
    """Of a layer's weights, at x (R, batch, steps or one more, pre)."""
    if kind == "synaptic":
        return _synaptic_gradients(weights, x, bars)
    if kind == "presynaptic":
        return _presynaptic_gradients(weights, x, bars)
    return _postsynaptic_gradients(weights, x, bars, inside)


def _synaptic_gradients(weights: LayerWeights, x: Tensor, bars: Currents) -> LayerWeights:
    """Of one activation for each synapse; x (R, batch, steps or one more, pre)."""
    replicas, batch, steps, post = bars.drive.shape
    pre, rows = x.shape[-1], batch * steps
    tile = gradient_constants(pre, post)
    tiles = -(-pre // tile["PRE"]) * -(-post // tile["POST"])
    most_slices = max(1, 2 * PROGRAMS // tiles)
    slice_rows = max(SLICE_ROWS, _power(-(-rows // most_slices)))
    slices = -(-rows // slice_rows)
    sums = x.new_empty(replicas, slices, 4, pre, post)
    _launch(
        kernels.synapse_gradients,
        (tiles, slices, replicas),
        (*_tables(weights), x, bars.drive, bars.decay, sums),
        (rows, steps, x.shape[2] - steps, slice_rows, pre, post),
        GATED=weights.decay_weight is not None,
        **tile,
    )
    return LayerWeights(*sums.sum(1).mT.unbind(1))


def _presynaptic_gradients(weights: LayerWeights, x: Tensor, bars: Currents) -> LayerWeights:
    """Of one activation for each sender: two products of matrices."""
    x, drive, decay, inside = _rows(x[:, :, : bars.drive.shape[2]], *bars)
    s = torch.tanh(weights.slope * x + weights.offset)  # (R, rows, pre)
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
    unfolds = bars.drive.shape[2] // inside.shape[2]
    inside = inside.repeat_interleave(unfolds, 2)
    x, drive, decay, bar, inside = _rows(x[:, :, : bars.drive.shape[2]], *bars, inside)
    s = torch.tanh(inside + x @ weights.slope.mT)  # (R, rows, post)
    return LayerWeights(
        bar.mT @ x,
        bar.sum(1, keepdim=True),
        (drive * s).sum(1, keepdim=True),
        (decay * s).sum(1, keepdim=True),
    )


def _rows(*parts: Tensor) -> list[Tensor]:
    """(R, batch, steps, n) -> (R, batch·steps, n)."""
    return [part.flatten(1, 2) for part in parts]


def _tables(weights: LayerWeights) -> tuple[Tensor, ...]:
    """The weights as (R, pre, post), neighbouring lanes beside each other; no gate, any table."""
    slope, offset, p, q = weights
    return _contiguous(part.mT for part in (slope, offset, p, p if q is None else q))


def _contiguous(parts: Any) -> tuple[Tensor, ...]:
    return tuple(part.contiguous() for part in parts)


def _power(size: int) -> int:
    """The next power of two."""
    return 1 << (size - 1).bit_length()


def _launch(
    kernel: Any,
    grid: tuple[int, ...],
    tensors: tuple[Tensor, ...],
    sizes: tuple[int, ...],
    **constants: Any,
) -> None:
    """Start a kernel on the device of its tensors."""
    with torch.cuda.device_of(tensors[0]):  # type: ignore[no-untyped-call]
        kernel[grid](*(part.detach() for part in tensors), *sizes, **constants)
