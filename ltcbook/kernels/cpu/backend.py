"""Runs the CPU kernels: cuts batches into tasks and spreads the tasks over threads.

The threads are Python's: the kernels let go of the interpreter's lock. That survives a fork and
needs no threading layer.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ltcbook.kernels.cpu import control, runge_kutta
from ltcbook.kernels.cpu import scan as cpu
from ltcbook.kernels.cpu.compiling import announce
from ltcbook.kernels.cpu.kinds import INSIDE, KINDS
from ltcbook.kernels.cpu.layout import Blocks
from ltcbook.kernels.cpu.threads import kernel_threads
from ltcbook.kernels.recurrence import Inputs, Settings, Trajectory, Weights
from ltcbook.ode.solvers import SOLVERS

announce()

LANES = 64
"""Samples of one block: long inner loops, and still a block for each of two cores at batch 128."""


def trajectory_shapes(
    settings: Settings, gated: bool, sizes: tuple[int, int, int, int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Of states and decays, (task, row, n, lane); see :func:`ltcbook.kernels.cpu.scan.forward`."""
    replicas, batch, steps, n = sizes
    if _alone(settings, replicas * batch):
        return (0,), (0,)
    blocks = Blocks.of(batch, LANES)
    solver_steps = steps * settings.unfolds
    rows = (solver_steps if settings.keep else steps) + 1
    kept = (solver_steps if gated else steps) if settings.keep else 1
    tasks = replicas * blocks.count
    decays = (0,) if _staged(settings) else (tasks, kept, n, blocks.lanes)
    return (tasks, rows, n, blocks.lanes), decays


def forward(settings: Settings, weights: Weights, inputs: Inputs) -> tuple[Tensor, Trajectory]:
    """States after every time step (R, batch, time, n), and what the backward pass needs."""
    (replicas, batch, n), time = inputs.state.shape, inputs.dt.shape[2]
    if _alone(settings, replicas * batch):
        nothing = inputs.state.new_empty(0)
        return _one_sample(settings, weights, inputs), Trajectory(nothing, nothing.clone())
    blocks = Blocks.of(batch, LANES)
    given = _mapped(blocks.split, inputs)
    drive = _total(weights.drive, given.drive, blocks, time)
    decay = _total(weights.decay, given.decay, blocks, time)
    inside = _inside(settings, weights, given, blocks)
    gated = weights.recurrent.decay_weight is not None
    shapes = trajectory_shapes(settings, gated, (replicas, batch, time, n))
    kept = Trajectory(*map(given.state.new_empty, shapes))
    kept.states[:, 0] = given.state
    tables = _arrays(*weights.recurrent)
    arrays = _arrays(drive, decay, inside, given.held, given.dt, *_kept(settings, kept))
    kernel, options = _kernels(settings).forward, _options(settings, given.state)
    sensory, sensed = _arrays(*weights.sensory or ()), _arrays(given.u, drive, decay)

    def run(task: int) -> None:
        replica = task // blocks.count
        if sensory:
            kind = KINDS[settings.sensory_kind]
            cpu.sense(kind, *_rows(sensory, replica), *_rows(sensed, task))
        kernel(*options, *_rows(tables, replica), *_rows(arrays, task))

    _spread(run, blocks.count * replicas)
    stored = settings.unfolds if settings.keep else 1
    return blocks.join(kept.states[:, stored::stored]), kept


def _alone(settings: Settings, samples: int) -> bool:
    """Whether :func:`_one_sample` computes this."""
    able = settings.kind != "postsynaptic" and not _staged(settings)
    return samples == 1 and not settings.keep and able


def _one_sample(settings: Settings, weights: Weights, inputs: Inputs) -> Tensor:
    """The states of a single sequence, by the kernel of the controller: no lanes lie idle there.

    A model that is called step by step spends its time here.
    """
    recurrent, sensory = weights.recurrent, weights.sensory
    tables = (weights.drive, weights.decay, *(sensory or ()), *recurrent)
    table = np.concatenate([array.ravel() for array in _arrays(*tables) if array is not None])
    input_kind = control.NOTHING
    if inputs.held is not None:
        input_kind = control.OVERWRITING
    elif sensory is not None:
        input_kind = KINDS[settings.sensory_kind]
    kind, implicit, unfolds = _options(settings, inputs.state)
    gated, units = int(recurrent.decay_weight is not None), recurrent.slope.shape[1]
    form = kind, input_kind, gated, int(implicit), unfolds, units, 0
    (x,), (spans,) = (array[0] for array in _arrays(inputs.state, inputs.dt))
    x, n, states = x.copy(), len(x), np.empty((len(spans), len(x)), x.dtype)
    read = inputs.u if inputs.held is None else inputs.held
    given = spans.reshape(-1, 1) if read is None else _arrays(read)[0][0, 0]
    own, (added, faster) = table[: 2 * n].copy(), _arrays(inputs.drive, inputs.decay)
    for t, dt in enumerate(spans):
        table[: 2 * n] = own
        table[:n] += 0 if added is None else added[0, 0, t]
        table[n : 2 * n] += 0 if faster is None else faster[0, 0, t]
        states[t] = x
        if dt != 0:
            control.control(form, table, float(dt) * unfolds, given[t], x, states[t])
    return torch.from_numpy(states)[None, None]


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
    (replicas, batch, _), time = inputs.state.shape, inputs.dt.shape[2]
    blocks = Blocks.of(batch, LANES)
    given = _mapped(blocks.split, inputs)
    tasks = blocks.count * replicas
    inside = _inside(settings, weights, given, blocks)
    weights_bar = _mapped(lambda part: part.new_zeros(tasks, *part.shape[1:]), weights)
    after_bar = blocks.split(states_bar)
    drive_bar, decay_bar, inside_bar = map(torch.zeros_like, (after_bar, after_bar, inside))
    state_bar, dt_bar, u_bar = _mapped(torch.zeros_like, given[:3])
    held_bar = _mapped(torch.zeros_like, given.held)
    # With stages the currents are computed again, and need what they began with.
    staged = _staged(settings)
    drive = _total(weights.drive, given.drive, blocks, time) if spans or staged else None
    decay = _total(weights.decay, given.decay, blocks, time) if staged else None
    read = _arrays(inside, given.held, given.dt, *_kept(settings, trajectory))
    tables, sensory = _arrays(*weights.recurrent), _arrays(*weights.sensory or ())
    driven, decayed = _arrays(drive, decay)
    kernel, options = _kernels(settings).backward, _options(settings, given.state)
    written = _arrays(
        *(after_bar, state_bar, *weights_bar.recurrent, drive_bar, decay_bar, inside_bar),
        *(held_bar, dt_bar),
    )
    sensed = _arrays(given.u, drive_bar, decay_bar, u_bar, *weights_bar.sensory or ())

    def run(task: int) -> None:
        replica = task // blocks.count
        kind = KINDS[settings.sensory_kind]
        if driven is not None and sensory:
            rate = np.zeros_like(driven[task]) if decayed is None else decayed[task]
            rows = [sensed[0][task], driven[task], rate]
            cpu.sense(kind, *_rows(sensory, replica), *rows)
        own = _rows(tables, replica) + _rows([driven, decayed] if staged else [driven], task)
        kernel(*options, *own, *_rows(read, task), *_rows(written, task))
        if sensory:
            cpu.sense_back(kind, *_rows(sensory, replica), *_rows(sensed, task))

    _spread(run, tasks)
    weights_bar = weights_bar._replace(drive=drive_bar.sum((1, 3)), decay=decay_bar.sum((1, 3)))
    if settings.kind in INSIDE:
        weights_bar.recurrent.offset.copy_(inside_bar.sum((1, 3)).unsqueeze(1))
    dt_bar = dt_bar if spans else None
    bars = state_bar, dt_bar, u_bar, drive_bar, decay_bar, inside_bar, held_bar
    made: Any = (
        None if part is None or bar is None else blocks.join(bar)
        for part, bar in zip(inputs, bars, strict=True)
    )
    return _mapped(blocks.total, weights_bar), Inputs(*made)


def _total(constant: Tensor, given: Tensor | None, blocks: Blocks, steps: int) -> Tensor:
    """What each neuron has by itself (R, n) and is given (tasks, steps, n, lanes), a fresh sum."""
    own = constant[:, None, None, :, None].expand(-1, blocks.count, steps, -1, blocks.lanes)
    own = own.reshape(-1, steps, constant.shape[1], blocks.lanes)
    return own.contiguous() if given is None else own + given


def _inside(settings: Settings, weights: Weights, given: Inputs, blocks: Blocks) -> Tensor:
    """All that is inside the activations but the neurons; a dummy where it is not looked at."""
    if settings.kind not in INSIDE:
        return given.state.new_zeros(given.state.shape[0], 1, 1, blocks.lanes)
    return _total(weights.recurrent.offset.squeeze(1), given.inside, blocks, given.dt.shape[1])


def _staged(settings: Settings) -> bool:
    """Whether the solver's step has more than one stage."""
    return SOLVERS[settings.solver].kernel == "stages"


def _kernels(settings: Settings) -> Any:
    return runge_kutta if _staged(settings) else cpu


def _kept(settings: Settings, trajectory: Trajectory) -> tuple[Tensor, ...]:
    return (trajectory.states,) if _staged(settings) else trajectory


def _options(settings: Settings, like: Tensor) -> tuple[Any, ...]:
    """What the kernels are told before their arrays: kind, how a step is made, unfolds."""
    if _staged(settings):
        dtype = np.float32 if like.dtype == torch.float32 else np.float64
        a, b = (np.array(row, dtype) for row in runge_kutta.TABLEAUS[settings.solver])
        return KINDS[settings.kind], a, b, settings.unfolds
    implicit = SOLVERS[settings.solver].kernel == "implicit"
    return KINDS[settings.kind], implicit, settings.unfolds


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
    others = _pool.submit(work, helpers)
    try:
        work()
    finally:
        wait(others)
    for other in others:
        other.result()


class _Pool:
    """The threads of this process, as many as were ever needed at once; they wait for work.

    A fork begins without threads: those of its parent do not live on in it.
    """

    def __init__(self) -> None:
        self._process = 0
        self._most = 0
        self._threads = ThreadPoolExecutor(1)
        self._lock = threading.Lock()

    def submit(self, work: Callable[[], None], helpers: int) -> list[Future[None]]:
        """Let so many threads begin ``work``; a process never has a second pool.

        Under the lock, or another thread that needs a larger pool could close this one in between.
        """
        if helpers == 0:
            return []
        with self._lock:
            here = os.getpid()
            if self._process != here or self._most < helpers:
                if self._process == here:
                    self._threads.shutdown(wait=False)
                self._threads = ThreadPoolExecutor(helpers, thread_name_prefix="ltcbook-kernels")
                self._process, self._most = here, helpers
            return [self._threads.submit(work) for _ in range(helpers)]


_pool = _Pool()
