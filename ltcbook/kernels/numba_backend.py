"""Runs the CPU kernels: cuts batches into tasks and spreads the tasks over threads.

The threads are Python's: the kernels let go of the interpreter's lock. That survives a fork and
needs no threading layer.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import functools
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import torch
from torch import Tensor

from ltcbook.kernels import cpu
from ltcbook.kernels.compiling import announce
from ltcbook.kernels.cpu_products import add_product
from ltcbook.kernels.layout import VECTOR, Blocks
from ltcbook.kernels.problem import Inputs, Settings, Weights
from ltcbook.kernels.threads import kernel_threads

announce()

LANES = 64
"""Samples of one block: long inner loops, and still a block for each of two cores at batch 128."""

ROWS = 512
"""Rows of a dense map that one sum of its weights' gradients runs over."""


def scan_forward(
    settings: Settings, weights: Weights, inputs: Inputs
) -> tuple[Tensor, tuple[Tensor]]:
    """States after every time step (R, batch, time, n), and what the backward pass needs."""
    blocks = Blocks.of(inputs.state.shape[1], LANES)
    given = _mapped(blocks.split, inputs)
    (tasks, n, lanes), steps = given.state.shape, given.dt.shape[1]
    drive = _total(weights.drive, given.drive, blocks, steps)
    decay = _total(weights.decay, given.decay, blocks, steps)
    inside = _inside(settings, weights, given, blocks)
    stored = settings.unfolds if settings.keep else 1
    gated = weights.recurrent.decay_weight is not None
    kept = (steps * settings.unfolds if gated else steps) if settings.keep else 1
    rows = steps * stored + 1, kept
    trajectory = given.state.new_empty(tasks, sum(rows), n, lanes)
    trajectory[:, 0] = given.state
    tables, arrays = _arrays(*weights.recurrent), _arrays(drive, decay, inside, given.dt)
    (stores,) = _arrays(trajectory)
    sensory, sensed = _arrays(*weights.sensory or ()), _arrays(given.u, drive, decay)

    def run(task: int) -> None:
        replica = task // blocks.count
        if sensory:
            kind = cpu.KINDS[settings.sensory_kind]
            cpu.sense(kind, *_rows(sensory, replica), *_rows(sensed, task))
        own = [*_rows(tables, replica), *_rows(arrays, task)]
        own += [stores[task, : rows[0]], stores[task, rows[0] :]]  # states and decays
        cpu.forward(*_options(settings), *own)

    _spread(run, tasks)
    after = blocks.join(trajectory[:, stored : rows[0] : stored])
    return after.contiguous(), (trajectory,)


def scan_backward(
    settings: Settings,
    weights: Weights,
    inputs: Inputs,
    trajectory: tuple[Tensor],
    states_bar: Tensor,
) -> tuple[Weights, Inputs]:
    """Gradients of the weights and inputs from those of the states after the time steps."""
    blocks = Blocks.of(inputs.state.shape[1], LANES)
    given = _mapped(blocks.split, inputs)
    tasks, rows = given.state.shape[0], given.dt.shape[1] * settings.unfolds
    inside = _inside(settings, weights, given, blocks)
    weights_bar = _mapped(lambda part: part.new_zeros(tasks, *part.shape[1:]), weights)
    after_bar = blocks.split(states_bar)
    drive_bar, decay_bar, inside_bar = map(torch.zeros_like, (after_bar, after_bar, inside))
    state_bar, dt_bar, u_bar = _mapped(torch.zeros_like, given[:3])
    read, (stores,) = _arrays(inside, given.dt), _arrays(*trajectory)
    tables, sensory = _arrays(*weights.recurrent), _arrays(*weights.sensory or ())
    written = _arrays(
        *(after_bar, state_bar, *weights_bar.recurrent, drive_bar, decay_bar, inside_bar, dt_bar)
    )
    sensed = _arrays(given.u, drive_bar, decay_bar, u_bar, *weights_bar.sensory or ())

    def run(task: int) -> None:
        replica = task // blocks.count
        own = [*_rows(tables, replica), *_rows(read, task)]
        own += [stores[task, : rows + 1], stores[task, rows + 1 :]]  # states and decays
        cpu.backward(*_options(settings), *own, *_rows(written, task))
        if sensory:
            kind = cpu.KINDS[settings.sensory_kind]
            cpu.sense_back(kind, *_rows(sensory, replica), *_rows(sensed, task))

    _spread(run, tasks)
    weights_bar = weights_bar._replace(drive=drive_bar.sum((1, 3)), decay=decay_bar.sum((1, 3)))
    if settings.kind == "postsynaptic":
        weights_bar.recurrent.offset.copy_(inside_bar.sum((1, 3)).unsqueeze(1))
    bars = state_bar, dt_bar, u_bar, drive_bar, decay_bar, inside_bar
    wanted: Any = (
        blocks.join(bar) if part is not None and part.requires_grad else None
        for part, bar in zip(inputs, bars, strict=True)
    )
    return _mapped(blocks.total, weights_bar), Inputs(*wanted)


def _total(constant: Tensor, given: Tensor | None, blocks: Blocks, steps: int) -> Tensor:
    """What each neuron has by itself (R, n) and is given (tasks, steps, n, lanes), a fresh sum."""
    own = constant.repeat_interleave(blocks.count, 0)[:, None, :, None]
    if given is None:
        return own.repeat(1, steps, 1, blocks.lanes)
    return own + given


def _inside(settings: Settings, weights: Weights, given: Inputs, blocks: Blocks) -> Tensor:
    """All that is inside the activations but the neurons; a dummy where it is not looked at."""
    if settings.kind != "postsynaptic":
        return given.state.new_zeros(given.state.shape[0], 1, 1, blocks.lanes)
    return _total(weights.recurrent.offset.squeeze(1), given.inside, blocks, given.dt.shape[1])


def dense_forward(weight: Tensor, bias: Tensor, x: Tensor) -> Tensor:
    """x (R, rows, in) times weight (R, out, in), plus bias (R, out)."""
    outputs = weight.shape[1]
    start = _padded(bias).unsqueeze(1)
    y = start.expand(-1, x.shape[1], -1).contiguous()
    arrays = _arrays(x, _padded(weight.mT), y)
    for replica, _, rows in _blocks(x):
        u, table, out = _rows(arrays, replica)
        add_product(u[rows], table, out[rows])
    return y[..., :outputs].contiguous()


def dense_backward(weight: Tensor, x: Tensor, y_bar: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of weight, bias and x from that of the result."""
    inputs = x.shape[2]
    table, x = _padded(weight), _padded(x)
    x_bar = torch.zeros_like(x, memory_format=torch.contiguous_format)
    weight_bar = table.new_zeros(x.shape[0], -(-x.shape[1] // ROWS), *table.shape[1:])
    read, written = _arrays(table, x, y_bar), _arrays(x_bar, weight_bar)
    for replica, block, rows in _blocks(x):
        w, u, out_bar = _rows(read, replica)
        u_bar, w_bar = _rows(written, replica)
        add_product(out_bar[rows], w, u_bar[rows])
        add_product(out_bar[rows].T, u[rows], w_bar[block])
    return weight_bar.sum(1)[..., :inputs], y_bar.sum(1), x_bar[..., :inputs]


def _padded(part: Tensor) -> Tensor:
    """With zeros at the end of each row, to a whole number of vectors."""
    return torch.nn.functional.pad(part, (0, -part.shape[-1] % VECTOR))


def _blocks(x: Tensor) -> Iterator[tuple[int, int, slice]]:
    """Replica, block and its rows, for all of x (R, rows, in); cut by the number of rows alone.

    One thread does them all: to wake a second one takes as long as it would save.
    """
    for replica in range(x.shape[0]):
        for block in range(-(-x.shape[1] // ROWS)):
            yield replica, block, slice(block * ROWS, (block + 1) * ROWS)


def _options(settings: Settings) -> tuple[int, bool, int]:
    return cpu.KINDS[settings.kind], settings.implicit, settings.unfolds


def _mapped(change: Callable[[Any], Any], parts: Any) -> Any:
    """A tuple, or tuple of tuples, with every entry changed, but None."""
    if parts is None:
        return None
    if isinstance(parts, tuple):
        changed = (_mapped(change, part) for part in parts)
        return type(parts)(*changed) if hasattr(parts, "_fields") else tuple(changed)
    return change(parts)


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
