"""What happened in runs that validation had chosen and the test lost: trained again, and followed.

Two rows of the book's grid had a good validation error and a test error of many digits. Each
network is trained again by its row, and all windows are followed with the stability number
z = dt·(w_l + Σ wσ)/C of every explicit step: those that it was trained and chosen on, and those
of the test that exploded.

    python -m ltcbook.experiments.lost_runs

writes ``results/lost_runs.json``. Chapter: ``why_it_diverged``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor

from ltcbook.data import variants
from ltcbook.data.sequences import Sequences
from ltcbook.experiments import results
from ltcbook.experiments.provenance import provenance
from ltcbook.experiments.results import runs
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.training import Recipe, Run

__all__ = ["follow"]

RUNS: Final = ("1d369f752bd488e7", "aa57886c1524e6c2")
"""On the walker and on the half-cheetah."""
RESULTS: Final = "lost_runs"
OF_THE_RECIPE: Final = (
    *("hidden_size", "patience", "batch_size", "learning_rate", "input_map", "solver", "unfolds"),
    "init",
)
"""What a row and a recipe call by the same name."""
LOST: Final = 100.0
"""A potential beyond this counts as exploded."""


@torch.no_grad()
def follow(network: RecurrentNetwork, part: Sequences) -> tuple[Tensor, Tensor]:
    """Largest z of a neuron at each solver step, and largest potential after it, (steps, N).

    >>> import ltcbook, numpy as np
    >>> from ltcbook import data
    >>> wave = np.sin(0.3 * np.arange(21) + np.arange(40)[:, None])[..., None]
    >>> task = data.from_arrays(wave[:, :-1], wave[:, 1:])
    >>> z, x = follow(ltcbook.LTC(1, 3, 1, seed=0), task.test)
    >>> z.shape == x.shape == (200, len(task.test))
    True
    """
    cell = network.continuous_cell
    sensed, x = cell.sense(part.inputs), cell.initial_state(len(part))
    dt, numbers, sizes = 1 / cell.unfolds, [], []
    for step in range(part.inputs.shape[1] * cell.unfolds):
        now = tuple(each[:, step // cell.unfolds] for each in sensed)
        form = cell.linear_form(x, now)
        x = x + dt * form.derivative(x)
        numbers.append(dt * form.decay.amax(1))
        sizes.append(x.abs().amax(1).nan_to_num(torch.inf))
    return torch.stack(numbers), torch.stack(sizes)


def again(row: Mapping[str, Any]) -> dict[str, Any]:
    """Train a row's network once more, and say what became of its windows."""
    task = variants.load(str(row["task"]), rollouts=row["rollouts"], split_seed=row["split_seed"])
    recipe = Recipe(
        str(row["model"]),
        seeds=(row["seed"],),
        epochs=row["budget"],
        **{name: row[name] for name in OF_THE_RECIPE},
    )
    run = Run(recipe, task)
    while not run.finished:
        run.train_epoch()
    network = run.network(0)
    seen = [follow(network, part) for part in (task.train, task.validation)]
    z, x = follow(network, task.test)
    lost = (x[-1] > LOST).nonzero().flatten().tolist()
    return {
        "run": row["run"],
        "best epoch": run.best_epoch(0),
        "windows seen": sum(part[0].shape[1] for part in seen),
        "of them above 2": sum(int((part[0] > 2).any(0).sum()) for part in seen),
        "largest z seen": round(max(float(part[0].max()) for part in seen), 3),
        "largest potential seen": round(max(float(part[1].max()) for part in seen), 3),
        "test windows": len(task.test),
        "lost": [
            {
                "rollout": int(task.test.rollouts[k]),
                "z": [round(v, 3) for v in z[:, k].tolist()],
                "potential": [min(round(v, 3), 1e38) for v in x[:, k].tolist()],
            }
            for k in lost
        ],
    }


def main() -> None:
    """Train them all again, and write what was found."""
    torch.set_num_threads(1)
    rows = {str(row["run"]): row for row in runs().rows()}
    found = {
        "provenance": provenance("python -m ltcbook.experiments.lost_runs", seeds=[]),
        "runs": [again(rows[name]) for name in RUNS],
    }
    results.save(RESULTS, found)


if __name__ == "__main__":
    main()
