"""Our backends and their peers on the same work, in one run, interleaved.

One *step* is a training step, forward and backward, of one model on one batch. Every contestant
does one step per round, in turn, so that a busy machine is busy for all of them; the table shows
medians over the rounds. Beside them stands a yardstick: the time in which PyTorch
computes as many bare sigmoids as the model has activations. Each runs as its users run it: PyTorch
on all threads, except around our kernels, which have the cores to themselves, as in ``train``.
A GPU works while Python goes on, so there every job starts and ends with waiting for it.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from ltcbook.checks import positive_int, unknown_name
from ltcbook.data.sequences import Sequences
from ltcbook.experiments.bench.peers import (
    Call,
    installed,
    jax_jobs,
    naive,
    with_compile,
    with_jax,
    with_ncps,
    with_torchdiffeq,
)
from ltcbook.kernels.cpu.threads import one_torch_thread, set_kernel_threads
from ltcbook.nn.cells import ContinuousTimeCell
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.nn.zoo import build
from ltcbook.training.ensemble import Ensemble
from ltcbook.training.trainer import choose_device

CHUNKS = {"cpu": 1 << 16, "cuda": 1 << 22}
"""Bare sigmoids are computed in pieces that stay in the cache, as the kernels' are."""

FASTEST = {"cpu": "numba", "cuda": "triton"}
"""Our own backend on each device that can be timed."""


@dataclass(frozen=True)
class Work:
    """What is timed; by default the step that the book's goals are set for.

    Raises:
        ValueError: for a size below one, a model that is not of the CT-RNN and LTC family, or a
            device that is unknown or not here.

    >>> work = Work(hidden_size=4, batch=2, time=3)
    >>> work.activations  # 2 · 3 · (17 · 4 + 10 · 4 · 4)
    1368
    """

    model: str = "SA-LTC"
    input_size: int = 17
    hidden_size: int = 32
    batch: int = 128
    time: int = 20
    unfolds: int = 10
    replicas: int = 1
    device: str = "cpu"

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            if isinstance(field.default, int):
                positive_int(field.name, getattr(self, field.name))
        if self.device not in FASTEST:
            unknown_name("device", self.device, FASTEST)
        choose_device(self.device)
        if not isinstance(self.network("eager").cell, ContinuousTimeCell):
            raise ValueError(f"model must be a CT-RNN or LTC that reads inputs, got {self.model!r}")

    def network(self, backend: str, seed: int = 0) -> RecurrentNetwork:
        """The model with synaptic input, from a seed."""
        network: RecurrentNetwork = build(  # type: ignore[call-overload]
            self.model,
            self.input_size,
            self.hidden_size,
            self.input_size,
            input_map="synaptic",
            unfolds=self.unfolds,
            seed=seed,
            device=self.device,
            backend=backend,
        )
        return network

    @property
    def activations(self) -> int:
        """Sigmoids in one forward pass, sensory ones once per time step, the others per unfold."""
        m, n = self.input_size, self.hidden_size
        cell = self.network("eager").continuous_cell
        once, again = (m * n, n * n) if cell.descriptor.synaptic else (m, n)
        return self.replicas * self.batch * self.time * (once + self.unfolds * again)


def contestants(work: Work) -> dict[str, tuple[nn.Module, Call]]:
    """Everyone in PyTorch that is installed and can do this work, by name."""
    found: dict[str, tuple[nn.Module, Call]] = {}
    for backend in (FASTEST[work.device], "eager"):
        network = work.network(backend)
        found[backend] = network, lambda u, network=network: network(u)[0]  # type: ignore[misc]
    network = work.network("eager")
    if _logistic(network):
        found["naive PyTorch"] = network, naive(network)
    network = work.network("eager")
    found["torchdiffeq"] = network, with_torchdiffeq(network)
    if shutil.which("c++"):  # which PyTorch's compiler needs
        network = work.network("eager")
        found["torch.compile"] = network, with_compile(network)
    if work.model == "SA-LTC" and installed("ncps"):
        module, call = with_ncps(network)
        found["ncps"] = module.to(work.device), call
    return found


def _logistic(network: RecurrentNetwork) -> bool:
    return network.continuous_cell.descriptor.act == "sigm"


def sigmoids(count: int, device: str = "cpu") -> None:
    """Compute ``count`` float32 sigmoids and nothing else."""
    chunk = CHUNKS[device]
    x = torch.linspace(-6.0, 6.0, chunk, device=device)
    y = torch.empty_like(x)
    for _ in range(count // chunk):
        torch.sigmoid(x, out=y)
    rest = count % chunk
    torch.sigmoid(x[:rest], out=y[:rest])


def jobs(work: Work) -> dict[str, Callable[[], object]]:
    """All that is timed, by name: steps, forward passes, and the bare sigmoids."""
    u = torch.randn(work.batch, work.time, work.input_size, device=work.device)
    found: dict[str, Callable[[], object]] = {
        "bare sigmoids": lambda: sigmoids(work.activations, work.device)
    }
    for name, (module, call) in contestants(work).items():
        wrap = _as_in_training if name == "numba" else _as_it_is
        found[f"{name}, forward"] = wrap(_forward(call, u))
        found[f"{name}, step"] = wrap(step(module, call, u))
    network = work.network("eager")
    if work.device == "cpu" and _logistic(network) and installed("jax"):
        found["JAX, forward"], found["JAX, step"] = jax_jobs(with_jax(network), u)
    return {name: _waited_for(job, work.device) for name, job in found.items()}


def _waited_for(job: Callable[[], object], device: str) -> Callable[[], object]:
    """The same, done when it returns; a GPU is idle where it starts."""
    if device == "cpu":
        return job

    def run() -> None:
        job()
        torch.cuda.synchronize()

    return run


def set_threads(threads: int) -> None:
    """Give PyTorch and our kernels that many threads, and the process as many cores (on Linux).

    XLA does not ask how many threads it may have, but sees how many cores there are.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    torch.set_num_threads(threads)
    set_kernel_threads(threads)


def _as_in_training(job: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        with one_torch_thread():
            job()

    return run


def _as_it_is(job: Callable[[], None]) -> Callable[[], None]:
    return job


def _forward(call: Call, u: Tensor) -> Callable[[], None]:
    @torch.no_grad()
    def run() -> None:
        call(u)

    return run


def step(module: nn.Module, call: Call, u: Tensor) -> Callable[[], None]:
    """A training step but for the optimiser: forward, and the gradients of all parameters."""

    def run() -> None:
        module.zero_grad()
        call(u).square().mean().backward()  # type: ignore[no-untyped-call]

    return run


PAUSE = 0.02
"""Seconds between two jobs: the threads of the former have stopped spinning by then."""


def measure(todo: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, dict[str, float]]:
    """Medians over rounds in which every job runs once; the first call is told apart.

    Returns:
        For each job, ``first_s`` (with compiling, where there is something to compile),
        ``wall_s`` and ``cpu_s``; where these two differ on one thread, the machine was busy.

    >>> times = measure({"nothing": lambda: None}, rounds=3)
    >>> sorted(times["nothing"])
    ['cpu_s', 'first_s', 'wall_s']
    """
    walls: dict[str, list[float]] = {name: [] for name in todo}
    cpus: dict[str, list[float]] = {name: [] for name in todo}
    for _ in tqdm(range(rounds + 1), desc="bench", unit="round", leave=False):
        for name, job in todo.items():
            time.sleep(PAUSE)
            wall, cpu = time.perf_counter(), time.process_time()
            job()
            walls[name].append(time.perf_counter() - wall)
            cpus[name].append(time.process_time() - cpu)
    return {
        name: {
            "first_s": walls[name][0],
            "wall_s": statistics.median(walls[name][1:]),
            "cpu_s": statistics.median(cpus[name][1:]),
        }
        for name in todo
    }


def ensemble_step(work: Work) -> Callable[[], None]:
    """A training step of ``work.replicas`` replicas with our fastest backend."""
    ensemble = Ensemble([work.network("auto", seed) for seed in range(work.replicas)])
    u = torch.randn(work.batch, work.time, work.input_size, device=work.device)
    batch = Sequences(u, u, None, torch.arange(work.batch))
    members = range(work.replicas)

    def run() -> None:
        for parameter in ensemble.parameters.values():
            parameter.grad = None
        outputs = ensemble.outputs([batch] * work.replicas, members)
        torch.stack(outputs).square().mean().backward()  # type: ignore[no-untyped-call]

    return _as_in_training(run)


def sweep(work: Work, rounds: int) -> list[dict[str, Any]]:
    """The cost of our step as n, T, batch and replicas double twice from half the work's size."""
    rows = []
    todo: dict[str, Callable[[], object]] = {}
    sizes = []
    for axis in ("hidden_size", "time", "batch", "replicas"):
        start = max(1, getattr(work, axis) // 2)
        for factor in (1, 2, 4):
            changed = dataclasses.replace(work, **{axis: start * factor})
            sizes.append((axis, start * factor))
            job = _waited_for(ensemble_step(changed), work.device)
            todo[f"{axis} {start * factor}"] = job
    for (axis, size), times in zip(sizes, measure(todo, rounds).values(), strict=True):
        rows.append({"axis": axis, "size": size, **times})
    return rows


def peak_memory(work: Work) -> float | None:
    """Megabytes that a training step takes above the interpreter and its libraries.

    Measured in a process of its own, after a step of a small model has loaded everything; None
    where the system does not tell (anywhere but Linux). On a GPU, what its tensors take there.
    """
    if work.device == "cuda":
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        ensemble_step(work)()
        return (torch.cuda.max_memory_allocated() - before) / 1e6
    if not Path("/proc/self/clear_refs").exists():
        return None
    module = "ltcbook.experiments.bench.timing"
    program = f"import sys; from {module} import report_peak_memory as run; run(sys.argv[1])"
    numbers = json.dumps(dataclasses.asdict(work))
    command = [sys.executable, "-c", program, numbers]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def report_peak_memory(numbers: str) -> None:
    """What :func:`~ltcbook.experiments.bench.peak_memory` starts: print the peak, in MB."""
    print(_peak_memory(Work(**json.loads(numbers))))


def _peak_memory(work: Work) -> float:
    set_threads(1)
    small = dataclasses.replace(work, batch=8, time=1, unfolds=1, hidden_size=2)
    ensemble_step(small)()
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before = _status("VmRSS")
    ensemble_step(work)()
    return (_status("VmHWM") - before) / 1e3


def _status(entry: str) -> int:
    """Kilobytes, as the kernel counts this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{entry}:"))
