"""Runs the CPU kernels: cuts batches into tasks and spreads the tasks over threads.

The threads are Python's: the kernels let go of the interpreter's lock. That survives a fork and
needs no threading layer.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import functools
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import torch
from torch import Tensor

from ltcbook.kernels import cpu, cpu_layers
from ltcbook.kernels.compiling import announce
from ltcbook.kernels.layout import Blocks
from ltcbook.kernels.problem import Inputs, Kind, LayerWeights, Settings, Trajectory
from ltcbook.kernels.threads import kernel_threads

announce()

SCAN_LANES = 64
"""Samples of one block: long inner loops, and still a block for each of two cores at batch 128."""

LAYER_LANES = 512
"""The same for a layer without time, whose batch is batch x time."""

_CURRENTS = {
    "synaptic": cpu_layers.synaptic_currents,
    "presynaptic": cpu_layers.presynaptic_currents,
}
_ADJOINTS = {
    "synaptic": cpu_layers.synaptic_adjoint,
    "presynaptic": cpu_layers.presynaptic_adjoint,
}


def scan_forward(
    settings: Settings, weights: LayerWeights, inputs: Inputs
) -> tuple[Tensor, Trajectory]:
    """States after every time step (R, batch, time, n), and what the backward pass needs."""
    blocks = Blocks.of(inputs.state.shape[1], SCAN_LANES)
    state, drive, decay, offset, dt = (blocks.split(part) for part in inputs)
    tasks, steps, n, lanes = drive.shape
    stored = settings.unfolds if settings.keep else 1
    states = state.new_empty(tasks, steps * stored + 1, n, lanes)
    decays = state.new_empty(tasks, steps * stored if settings.keep else 1, n, lanes)
    states[:, 0] = state
    arrays = _arrays(drive, decay, offset, dt, states, decays)
    tables = _arrays(*weights)

    def run(task: int) -> None:
        cpu.forward(
            cpu.KINDS[settings.kind],
            settings.implicit,
            settings.unfolds,
            *_rows(tables, task // blocks.count),
            *_rows(arrays, task),
        )

    _spread(run, tasks)
    after = blocks.join(states[:, stored::stored])
    return after.contiguous(), Trajectory(states, decays)


def scan_backward(
    settings: Settings,
    weights: LayerWeights,
    inputs: Inputs,
    trajectory: Trajectory,
    states_bar: Tensor,
) -> tuple[LayerWeights, Inputs]:
    """Gradients of the weights and inputs from those of the states after the time steps."""
    blocks = Blocks.of(inputs.state.shape[1], SCAN_LANES)
    drive_bar = blocks.split(states_bar)
    read = _arrays(blocks.split(inputs.offset), blocks.split(inputs.dt), *trajectory, drive_bar)
    tasks = drive_bar.shape[0]
    layer_bar = _gradients_like(weights, tasks)
    inputs_bar = Inputs(*map(blocks.zeros, inputs))
    adjoint, *rest = inputs_bar
    written = _arrays(adjoint, *layer_bar, *rest)
    tables = _arrays(*weights)

    def run(task: int) -> None:
        cpu.backward(
            cpu.KINDS[settings.kind],
            settings.implicit,
            settings.unfolds,
            *_rows(tables, task // blocks.count),
            *_rows(read, task),
            *_rows(written, task),
        )

    _spread(run, tasks)
    return (
        _totals(blocks, layer_bar),
        Inputs(*(blocks.join(part) for part in inputs_bar)),
    )


def layer_forward(kind: Kind, weights: LayerWeights, x: Tensor) -> tuple[Tensor, Tensor]:
    """Drive and decay (R, N, post) at x (R, N, pre)."""
    blocks = Blocks.of(x.shape[1], LAYER_LANES)
    x = blocks.split(x)
    tasks, post = x.shape[0], weights.drive_weight.shape[1]
    drive, decay = x.new_zeros(2, tasks, post, x.shape[-1])
    tables, arrays = _arrays(*weights), _arrays(x, drive, decay, torch.empty_like(x))
    currents = _CURRENTS[kind]

    def run(task: int) -> None:
        currents(*_rows(tables, task // blocks.count), *_rows(arrays, task))

    _spread(run, tasks)
    return blocks.join(drive), blocks.join(decay)


def layer_backward(
    kind: Kind, weights: LayerWeights, x: Tensor, drive_bar: Tensor, decay_bar: Tensor
) -> tuple[LayerWeights, Tensor]:
    """Gradients of the weights and of x from those of drive and decay."""
    blocks = Blocks.of(x.shape[1], LAYER_LANES)
    x, drive_bar, decay_bar = (blocks.split(part) for part in (x, drive_bar, decay_bar))
    x_bar, layer_bar = torch.zeros_like(x), _gradients_like(weights, x.shape[0])
    tables = _arrays(*weights)
    arrays = _arrays(x, drive_bar, decay_bar, torch.empty_like(x), x_bar, *layer_bar)
    adjoint = _ADJOINTS[kind]

    def run(task: int) -> None:
        adjoint(*_rows(tables, task // blocks.count), *_rows(arrays, task))

    _spread(run, x.shape[0])
    return _totals(blocks, layer_bar), blocks.join(x_bar)


def _gradients_like(weights: LayerWeights, tasks: int) -> list[Tensor]:
    """A zero for every weight and task; where there is no gate, one number that stays 0."""
    shapes = [(1, 1) if part is None else part.shape[1:] for part in weights]
    return [weights.slope.new_zeros(tasks, *shape) for shape in shapes]


def _totals(blocks: Blocks, parts: list[Tensor]) -> LayerWeights:
    return LayerWeights(*map(blocks.total, parts))


def _arrays(*parts: Tensor | None) -> list[Any]:
    """NumPy's view of each tensor, contiguous."""
    return [None if part is None else part.detach().contiguous().numpy() for part in parts]


def _rows(arrays: list[Any], index: int) -> list[Any]:
    return [None if array is None else array[index] for array in arrays]


def _spread(run: Callable[[int], None], tasks: int) -> None:
    """Run all tasks on :func:`kernel_threads` threads, this one among them; raise the first error.

    Whoever is free takes the next task. A thread that only waited would leave its core to nobody
    for a while: the system does not move a task at once.
    """
    left = deque(range(tasks))

    def work() -> None:
        while True:
            try:
                task = left.popleft()
            except IndexError:
                return
            run(task)

    helpers = min(kernel_threads(), tasks) - 1
    others = [_pool(helpers, os.getpid()).submit(work) for _ in range(helpers)]
    try:
        work()
    finally:
        wait(others)
    for other in others:
        other.result()


@functools.cache
def _pool(threads: int, process: int) -> ThreadPoolExecutor:
    """One pool for each process: the threads of a parent do not live on in its fork."""
    return ThreadPoolExecutor(threads, thread_name_prefix="ltcbook-kernels")
