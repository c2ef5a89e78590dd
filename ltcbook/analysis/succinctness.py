"""How many parameters a network needs to fit S samples: paper A's factor M, measured.

``python -m ltcbook.analysis.succinctness`` runs the whole experiment and rewrites its rows.
Chapter: ``unrolling``. Source: A.8, A.9; claim A.S7 of the register.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import numpy as np
import torch
from scipy.optimize import least_squares  # type: ignore[import-untyped]
from torch import Tensor
from tqdm import tqdm

from ltcbook.papers.equations import Array

__all__ = ["Row", "committed", "count", "experiment", "fit", "smallest"]

KINDS = ("CT-RNN", "NRN")
TASKS = ("smooth", "random")
TOLERANCE, STEPS, SEEDS, LARGEST, ITERATIONS, DRAWS = 0.3, 10, 3, 10, 150, 6
ROWS = Path(__file__).with_suffix(".json")


class Row(TypedDict):
    """The smallest network of a kind that fits, or the largest that was tried and does not.

    >>> row = committed()[0]
    >>> sorted(row)
    ['draw', 'error', 'kind', 'neurons', 'parameters', 'samples', 'task']
    """

    task: str
    samples: int
    draw: int
    kind: str
    neurons: int
    parameters: int
    error: float


def count(kind: str, n: int) -> int:
    """Parameters of A.8 (w, mu, w_l) or A.9 (and E) with n neurons, and a linear readout.

    >>> count("NRN", 4), count("CT-RNN", 4)
    (45, 29)
    """
    return n * n * (2 if kind == "NRN" else 1) + 2 * n + n + 1


def output(kind: str, n: int, p: Tensor, x: Tensor) -> Tensor:
    """The read-out end of the flow from [x, 0], for samples x (S, 2); explicit Euler.

    Conductances of the NRN are kept positive by a softplus; its rest is 0, as in B's scale.
    """
    sizes = [n * n, n, n] + ([n * n] if kind == "NRN" else []) + [n, 1]
    w, mu, leak, *E, readout, offset = torch.split(p, sizes)
    matrix, leak = w.reshape(n, n), torch.nn.functional.softplus(leak)
    state = torch.cat([x, x.new_zeros(len(x), n - x.shape[1])], dim=1)
    if E:
        matrix = torch.nn.functional.softplus(matrix)
        posts = matrix * E[0].reshape(n, n)
    for _ in range(STEPS):
        opening = torch.sigmoid(state - mu)
        rate = opening @ matrix.mT if not E else opening @ posts.mT - state * (opening @ matrix.mT)
        state = state + (rate - leak * state) / STEPS
    return state @ readout + offset


def samples(task: str, S: int, seed: int) -> tuple[Tensor, Tensor]:
    """S inputs in the square [-1, 1]², and targets of variance one.

    ``smooth``: one function, sampled S times. ``random``: S numbers that nothing explains.
    """
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (S, 2))
    y = np.sin(3 * x[:, 0]) * x[:, 1] / 0.4 if task == "smooth" else rng.normal(size=S)
    return torch.from_numpy(x), torch.from_numpy(y)


def fit(kind: str, n: int, x: Tensor, y: Tensor, seed: int) -> float:
    """Root mean square error on the training set, after a trust-region least-squares fit.

    >>> x = torch.linspace(-1, 1, 8, dtype=torch.float64).reshape(4, 2)
    >>> fit("NRN", 3, x, x[:, 0], seed=0) < 0.05
    True
    """

    def residuals(p: Array) -> Array:
        return (output(kind, n, torch.from_numpy(p), x) - y).numpy()

    jacobian = torch.func.jacrev(lambda p: output(kind, n, p, x))
    start = np.random.default_rng(seed).normal(size=count(kind, n))
    done = least_squares(
        residuals,
        start,
        lambda p: jacobian(torch.from_numpy(p)).numpy(),
        x_scale="jac",
        max_nfev=ITERATIONS,
    )
    return float(np.sqrt(np.mean(done.fun**2)))


def smallest(kind: str, task: str, S: int, draw: int = 0) -> Row:
    """The smallest network of a kind that reaches the tolerance, best of ``SEEDS`` starts.

    If none does up to ``LARGEST`` neurons, the row of the largest, with its error.

    Args:
        kind, task, S: one of ``KINDS``, one of ``TASKS``, and how many samples.
        draw: which draw of the samples.

    >>> smallest("NRN", "smooth", S=3)["neurons"]
    2
    """
    x, y = samples(task, S, seed=S + 1000 * draw)
    best = float("inf")
    for n in range(2, LARGEST + 1):
        for seed in range(SEEDS):
            best = min(best, fit(kind, n, x, y, seed))
            if best <= TOLERANCE:
                break
        if best <= TOLERANCE:
            break
    return Row(
        task=task,
        samples=S,
        draw=draw,
        kind=kind,
        neurons=n,
        parameters=count(kind, n),
        error=round(best, 3),
    )


def experiment(sizes: tuple[int, ...] = (8, 16, 32)) -> Iterator[Row]:
    """One row for each draw, task, number of samples and kind.

    >>> row = next(experiment(sizes=(3,)))
    >>> row["samples"]
    3
    """
    cells = [
        (kind, task, S, draw)
        for draw in range(DRAWS)
        for task in TASKS
        for S in sizes
        for kind in KINDS
    ]
    for kind, task, S, draw in tqdm(cells, desc="smallest networks"):
        yield smallest(kind, task, S, draw)


def committed() -> list[Row]:
    """The rows of the run that is kept with the package.

    >>> {row["kind"] for row in committed()} == set(KINDS)
    True
    """
    rows: list[Row] = json.loads(ROWS.read_text(encoding="utf-8"))
    return rows


def main() -> None:
    """Run the experiment and write its rows."""
    ROWS.write_text(json.dumps(list(experiment()), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
