"""What the goals of the package name beside the training step of the bench's own network.

The other models' training steps, beside ``torch.nn.LSTM``; one step of a control loop; how long the
kernels take to compile; and what a core can do at all.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ltcbook.experiments.bench.peers import installed
from ltcbook.experiments.bench.timing import Work, measure, step
from ltcbook.nn.named import LTC
from ltcbook.nn.wirings import AutoNCP
from ltcbook.nn.zoo import build

Job = Callable[[], object]
OTHERS = ("LSTM", "CT-GRU", "ANODE")
SIZES = (8, 32, 64)
CALLS = 50
"""Steps of a control loop that are timed together."""

OPERATIONS = {"forward": 27, "step": 65}
"""Additions and products for each activation of a gated synapse in our kernels.

Forward: the argument 2, the two limits of the rational tanh 2, its square 1, two polynomials of
degree four 16, their product and quotient 2, two weighted sums 4. Backward: the activation again
23, the gradient of the activation 3, of its argument 3, the sums of four weights' gradients 7, and
what goes back to the potential 2.
"""


class WithReadout(nn.Module):
    """``torch.nn.LSTM`` and a linear readout, as its users write it."""

    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.readout = nn.Linear(hidden_size, output_size)

    def forward(self, u: Tensor) -> Tensor:
        outputs: Tensor = self.readout(self.lstm(u)[0])
        return outputs


def training_jobs(work: Work) -> dict[str, Job]:
    """A training step of each other model at each size, on inputs of the bench's own work."""
    m = work.input_size
    u = torch.randn(work.batch, work.time, m)
    found: dict[str, Job] = {}
    for n in SIZES:
        peer = WithReadout(m, n, m)
        found[f"torch.nn.LSTM, n = {n}"] = step(peer, peer, u)
        for name in OTHERS:
            model = build(name, m, n, m, seed=0)
            found[f"{name}, n = {n}"] = step(model, lambda u, model=model: model(u)[0], u)  # type: ignore[misc]
    n = SIZES[1]
    sparse = {"all synapses": None, "AutoNCP": AutoNCP(n, n // 4)}
    for name, wiring in sparse.items():
        model = LTC(m, n, n // 4 if wiring is None else None, wiring=wiring, seed=0)
        job = step(model, lambda u, model=model: model(u)[0], u)  # type: ignore[misc]
        found[f"SA-LTC, {name}, n = {n}"] = job
    return found


@torch.no_grad()
def control_jobs(work: Work, hidden_size: int) -> dict[str, Job]:
    """``CALLS`` steps of a control loop: batch one, one time step, the state handed on."""
    m, n = work.input_size, hidden_size
    u = torch.randn(1, 1, m)
    model = build(work.model, m, n, n, seed=0)
    controller, observation = model.controller(), u[0, 0].numpy()
    lstm = nn.LSTM(m, n, batch_first=True)
    activations = dataclasses.replace(work, hidden_size=n, batch=1, time=1).activations
    z = torch.linspace(-6.0, 6.0, activations)
    opened = torch.empty_like(z)
    found: dict[str, Job] = {
        "its sigmoids": lambda: torch.sigmoid(z, out=opened),
        "controller": lambda: controller(observation),
        "model(u, state)": _going_on(model, u),
        "torch.nn.LSTM": _going_on(lstm, u),
    }
    if installed("ncps"):
        from ncps.torch import LTC  # type: ignore[import-untyped]
        from ncps.wirings import FullyConnected  # type: ignore[import-untyped]

        ncps = LTC(m, FullyConnected(n, n), ode_unfolds=work.unfolds)
        found["ncps"] = _going_on(ncps, u)
    return {name: _repeated(job) for name, job in found.items()}


def _going_on(model: nn.Module, u: Tensor) -> Job:
    state = model(u)[1]
    return lambda: model(u, state)


def _repeated(job: Job) -> Job:
    def run() -> None:
        with torch.no_grad():
            for _ in range(CALLS):
                job()

    return run


def measure_control(work: Work, rounds: int) -> dict[str, dict[str, float]]:
    """Seconds of one call, for each contestant and size."""
    found: dict[str, dict[str, float]] = {}
    for n in SIZES[:2]:
        for name, row in measure(control_jobs(work, n), rounds).items():
            found[f"{name}, n = {n}"] = {key: value / CALLS for key, value in row.items()}
    return found


def cold_compile(work: Work) -> float:
    """Seconds that the first training step takes where no kernel has been compiled before."""
    program = f"from {__name__} import report_cold_compile as run; run({json.dumps(work.model)!r})"
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return float(done.stdout)


def report_cold_compile(model: str) -> None:
    """What :func:`cold_compile` starts: print by how much the first step is longer."""
    work = Work(json.loads(model), hidden_size=4, batch=8, time=2)
    network = work.network("numba")
    job, taken = step(network, lambda u: network(u)[0], torch.randn(8, 2, work.input_size)), []
    for _ in range(2):
        start = time.perf_counter()
        job()
        taken.append(time.perf_counter() - start)
    print(taken[0] - taken[1])


def core_operations(size: int = 512, rounds: int = 20) -> float:
    """Additions and products of float32 per second, in PyTorch's product of two matrices."""
    a, b = torch.randn(2, size, size)
    c = torch.empty_like(a)
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        torch.mm(a, b, out=c)
        taken.append(time.perf_counter() - start)
    return 2 * size**3 / min(taken)


def arithmetic(work: Work, times: dict[str, dict[str, float]]) -> dict[str, Any] | None:
    """Operations, bytes and the share of what the cores can do; None where nobody counted them.

    Bytes are those of the states and decays that are kept for the way back, written once and read
    once; weights and sums stay in the cache.
    """
    if work.model != "SA-LTC" or "numba, step" not in times:
        return None
    can, kept = core_operations(), work.batch * work.time * work.unfolds * work.hidden_size
    return {
        "operations_per_activation": OPERATIONS,
        "core_operations_per_s": can,
        "share_of_core": {
            name: work.activations * count / times[f"numba, {name}"]["wall_s"] / can
            for name, count in OPERATIONS.items()
        },
        "bytes_kept": 2 * 4 * kept,
        "bytes_per_activation": 2 * 2 * 4 * kept / work.activations,
    }
