"""How long a scan takes beside loops, on one thread of this machine.

``python -m ltcbook.experiments.scan_times`` measures, prints, and rewrites its results: ratios
alone, since a busy machine slows all three alike.
Chapter: ``selective_state_spaces``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import numba
import torch
from torch import Tensor

from ltcbook.analysis.linear_scan import Affine, states, states_by_loop
from ltcbook.experiments import results
from ltcbook.experiments.provenance import provenance
from ltcbook.papers.equations import Array

LENGTHS: Final = (10, 100, 1000, 10_000)
SIZES: Final = ((1, 8), (8, 64))
"""Batch and neurons of the two networks."""
RESULTS: Final = "scan_times"


@numba.njit()
def _loop(a: Array, b: Array, x: Array, found: Array) -> None:
    for t in range(a.shape[1]):
        for k in range(a.shape[0]):
            for i in range(a.shape[2]):
                x[k, i] = a[k, t, i] * x[k, i] + b[k, t, i]
                found[k, t, i] = x[k, i]


def compiled_loop(steps: Affine, x0: Tensor) -> Tensor:
    """States after every time step, by a compiled loop: (batch, time, n)."""
    found = torch.empty_like(steps.a)
    _loop(steps.a.numpy(), steps.b.numpy(), x0.clone().numpy(), found.numpy())
    return found


WAYS: Final[dict[str, Callable[[Affine, Tensor], Tensor]]] = {
    "scan": states,
    "loop in PyTorch": states_by_loop,
    "compiled loop": compiled_loop,
}


def seconds(length: int, batch: int = 8, neurons: int = 64, repeats: int = 9) -> dict[str, float]:
    """The fastest of some runs of each of ``WAYS``, taken in turn, on random stable maps."""
    generator = torch.Generator().manual_seed(0)
    shape = (batch, length, neurons)
    steps = Affine(torch.rand(shape, generator=generator), torch.randn(shape, generator=generator))
    x0, best = torch.zeros(batch, neurons), dict.fromkeys(WAYS, float("inf"))
    for _ in range(repeats):
        for name, run in WAYS.items():
            start = time.perf_counter()
            run(steps, x0)
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def measure() -> list[dict[str, Any]]:
    """A row for each size and length: how many times as long as the scan the loops take."""
    rows = []
    for batch, neurons in SIZES:
        for length in LENGTHS:
            took = seconds(length, batch, neurons)
            ratios = {name: float(f"{took[name] / took['scan']:.2g}") for name in WAYS}
            rows.append({"batch": batch, "neurons": neurons, "length": length, **ratios})
    return rows


def main() -> None:
    """Measure, print and write."""
    torch.set_num_threads(1)
    found = {
        "rows": measure(),
        "provenance": provenance("python -m ltcbook.experiments.scan_times"),
    }
    for row in found["rows"]:
        print(row)
    results.save(RESULTS, found)


if __name__ == "__main__":
    main()
