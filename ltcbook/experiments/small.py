"""The small experiments of the chapters, held to one standard of evidence.

Every contender gets the same search for its learning rate, on validation and with seeds of its own,
which goes on while the best rate lies on the edge of those tried; then it is trained from five
further seeds until validation stalls, and tested once.
``python -m ltcbook.experiments.small learned_rest`` (or ``frozen_tau``, ``later_cells``) runs an
experiment and rewrites its file in ``results/``.

Chapters: ``grammar``, ``liquid_time_constants``, ``what_came_after``.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from ltcbook import data
from ltcbook.data.tasks import TaskData
from ltcbook.experiments import feedforward
from ltcbook.experiments.provenance import provenance
from ltcbook.experiments.search import best_rate, wider_rate
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.nn.zoo import count_parameters
from ltcbook.papers.equations import Array
from ltcbook.training import Recipe, Run

__all__ = ["ablate", "bootstrap_interval", "repeat_error", "roll", "trained"]

RATES: Final = (5e-3, 1e-2, 2e-2, 4e-2)
LOWEST, HIGHEST = 1e-3, 1.0
TUNING_SEEDS: Final = (100, 101)
SEEDS: Final = (0, 1, 2, 3, 4)
ROLLOUTS: Final = 20
RESULTS: Final = Path(__file__).parents[2] / "results"


def trained(task: TaskData, recipe: Recipe) -> Run:
    """Train every replica of a recipe until its validation stalls.

    >>> import numpy as np
    >>> wave = np.sin(0.3 * np.arange(21) + np.arange(40)[:, None])[..., None]
    >>> run = trained(data.from_arrays(wave[:, :-1], wave[:, 1:]), Recipe("LSTM", 4, epochs=2))
    >>> run.finished, run.epoch
    (True, 2)
    """
    run = Run(recipe, task)
    while not run.finished:
        run.train_epoch()
    return run


def best_validation(run: Run) -> list[float]:
    """The smallest validation loss of each replica; infinite if it never had a finite one."""
    return [min((v for _, v in curve if v == v), default=float("inf")) for curve in run.curves]


def tuned(
    task: TaskData, recipe: Recipe, search_epochs: int | None = None
) -> tuple[Run, dict[str, Any]]:
    """Choose the rate on validation, train from ``SEEDS`` at it, and say what came of it.

    The rate is the one with the smallest mean of the validation losses over ``TUNING_SEEDS``, after
    ``search_epochs`` or as many as the recipe has; a best rate on the edge is followed by its
    double or its half.
    """
    search: dict[float, float] = {}
    shorter = dataclasses.replace(recipe, epochs=search_epochs or recipe.epochs)

    def attempt(rate: float) -> None:
        tried = dataclasses.replace(shorter, learning_rate=rate, seeds=TUNING_SEEDS)
        search[rate] = float(np.mean(best_validation(trained(task, tried))))

    for rate in tqdm(RATES, desc=f"{recipe.model}: rates"):
        attempt(rate)
    while (wider := wider_rate(search, LOWEST, HIGHEST)) is not None:
        attempt(wider)
    rate = best_rate(search)
    run = trained(task, dataclasses.replace(recipe, learning_rate=rate, seeds=SEEDS))
    row = {
        "model": recipe.model,
        "learning_rate": rate,
        "search": {f"{r:g}": round(search[r], 5) for r in sorted(search)},
        "epochs": [run.best_epoch(k) for k in range(len(SEEDS))],
        "validation": [round(v, 5) for v in best_validation(run)],
        "test": [round(scores.loss, 5) for scores in run.best_scores(run.test)],
        "stopped": run.stopped,
    }
    return run, row


def bootstrap_interval(differences: Sequence[float], draws: int = 10_000) -> tuple[float, float]:
    """The 95 % interval of the mean of paired differences, by resampling the pairs.

    >>> low, high = bootstrap_interval([0.1, 0.2, 0.3])
    >>> low > 0  # so the difference is not zero
    True
    """
    values = np.asarray(differences)
    rng = np.random.default_rng(0)
    means = values[rng.integers(0, len(values), (draws, len(values)))].mean(1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def repeat_error(task: TaskData) -> float:
    """The test error of repeating the last observation.

    >>> import numpy as np
    >>> flip = np.tile((-1.0) ** np.arange(11), (20, 1))[..., None]
    >>> task = data.from_arrays(flip[:, :-1], flip[:, 1:])
    >>> round(repeat_error(task), 3)  # (1 - (-1))²
    4.0
    """
    return float((task.test.inputs - task.test.targets).square().mean())


# -- does a learned rest help? -----------------------------------------------------------------


def learned_rest() -> dict[str, Any]:
    """An SA-LTC with factor ``+`` and with factor ``*``, each without and with ``lis``."""
    task, rows = data.load("walker2d", rollouts=ROLLOUTS), []
    for factor in ("+", "*"):
        for lis in ("", "_lis"):
            recipe = Recipe(f"ctrnn_vsigm{factor}s_synaptic{lis}", 12, batch_size=32, epochs=200)
            run, row = tuned(task, recipe)
            if lis:
                rests = [run.network(k).continuous_cell.rest.detach() for k in range(len(SEEDS))]
                row["rest"] = [[round(float(r.min()), 3), round(float(r.max()), 3)] for r in rests]
            rows.append(row)
    return {"repeat": round(repeat_error(task), 5), "rows": rows}


# -- does a trained network use its liquid time constant? ----------------------------------------


ABLATIONS: Final[dict[str, Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]]] = {
    "liquid": lambda p, q, mean: (p, q),
    "time constant frozen": lambda p, q, mean: (mean * p / q, mean),
    "equilibrium moved": lambda p, q, mean: (q * p / mean, q),
    "both": lambda p, q, mean: (p, mean),
}
"""What becomes of drive p and decay q of x' = p − q x, when q is replaced by its mean.

``time constant frozen``: q̄ (p/q − x), the same equilibrium at a constant speed. ``equilibrium
moved``: q (p/q̄ − x), the same speed to a displaced equilibrium. ``both``: p − q̄ x.
"""


@torch.no_grad()
def roll(
    network: RecurrentNetwork, inputs: Tensor, mean: Tensor | None = None, rule: str = "liquid"
) -> tuple[Tensor, Tensor]:
    """Outputs (batch, time, o) and decays (batch, time · unfolds, n) under one of ``ABLATIONS``.

    Args:
        network: a fully connected LTC that explicit Euler steps.
        inputs: (batch, time, input).
        mean: the decay of each neuron to put in the place of the liquid one, (n,).
        rule: which ablation.

    >>> import ltcbook
    >>> network = ltcbook.LTC(1, 3, 1, seed=0)
    >>> outputs, decays = roll(network, torch.zeros(2, 4, 1))
    >>> outputs.shape, decays.shape
    (torch.Size([2, 4, 1]), torch.Size([2, 40, 3]))
    """
    cell = network.continuous_cell
    x, outputs, decays = cell.initial_state(len(inputs)), [], []
    for u in inputs.unbind(1):
        sensed = cell.sense(u)
        for _ in range(cell.unfolds):
            drive, decay = cell.linear_form(x, sensed)
            decays.append(decay)
            p, q = (drive, decay) if mean is None else ABLATIONS[rule](drive, decay, mean)
            x = x + (p - q * x) / cell.unfolds
        outputs.append(network.readout(x))
    return torch.stack(outputs, 1), torch.stack(decays, 1)


def ablate(network: RecurrentNetwork, task: TaskData) -> dict[str, float]:
    """Test error of a trained network under each ablation.

    >>> import ltcbook, numpy as np
    >>> wave = np.sin(0.3 * np.arange(21) + np.arange(40)[:, None])[..., None]
    >>> errors = ablate(ltcbook.LTC(1, 3, 1, seed=0), data.from_arrays(wave[:, :-1], wave[:, 1:]))
    >>> list(errors)
    ['liquid', 'time constant frozen', 'equilibrium moved', 'both']
    """
    mean = roll(network, task.train.inputs)[1].mean((0, 1))
    errors = {}
    for rule in ABLATIONS:
        outputs = roll(network, task.test.inputs, mean, rule)[0]
        errors[rule] = float((outputs - task.test.targets).square().mean())
    return errors


def frozen_tau() -> dict[str, Any]:
    """An SA-LTC of 16 neurons, trained from five seeds, and then ablated in three ways."""
    task = data.load("walker2d", rollouts=ROLLOUTS)
    recipe = Recipe("SA-LTC", 16, batch_size=32, epochs=200, input_map="synaptic")
    run, row = tuned(task, recipe)
    networks = [run.network(k) for k in range(len(SEEDS))]
    row["ablations"] = [
        {rule: round(error, 5) for rule, error in ablate(each, task).items()} for each in networks
    ]
    taus: list[Array] = [1 / roll(each, task.test.inputs)[1].numpy() for each in networks]
    row["tau quantiles"] = [
        [round(float(v), 4) for v in np.quantile(tau, (0.05, 0.25, 0.5, 0.75, 0.95))]
        for tau in taus
    ]
    return {"repeat": round(repeat_error(task), 5), "rows": [row]}


# -- how do later cells do beside an LTC? -----------------------------------------------------


def later_cells() -> dict[str, Any]:
    """An SA-LTC, a CfC without hidden layers, an LRC, an LSTM, and a network without memory.

    The question: which of the cells of 12 neurons learn to predict the walker, and is the LRC
    really as far behind as it is after ten passes at a rate that nobody searched? The rule, written
    before the runs: a cell *learns* if all its seeds beat repeating the last observation. One is
    *ahead* of another if the whole interval of its lead, with seeds and test rollouts resampled
    (``evidence.lead``), lies on its side; otherwise the two are not apart. The network without
    memory has the parameters of the LRC, the largest of the four. All have fifty passes, and
    fifteen while their rates are searched, as in the grid: a budget, at whose end some would learn
    on. The walker asks for a map and not for a memory, so nothing follows for tasks that need one.
    """
    task, rows = data.load("walker2d", rollouts=2 * ROLLOUTS), []
    inputs, outputs = task.train.inputs.shape[-1], task.train.targets.shape[-1]
    wanted = count_parameters("LRC", input_size=inputs, hidden_size=12, output_size=outputs)
    width = feedforward.width_for(wanted, inputs, outputs)
    shared: dict[str, Any] = {"batch_size": 64, "epochs": 50, "patience": None}
    for recipe in (
        feedforward.FeedForwardRecipe(feedforward.NAME, width, **shared),
        Recipe("SA-LTC", 12, input_map="synaptic", **shared),
        Recipe("CfC", 12, options={"backbone_layers": 0}, **shared),
        Recipe("LRC", 12, **shared),
        Recipe("LSTM", 12, **shared),
    ):
        run, row = tuned(task, recipe, search_epochs=15)
        row["parameters"] = sum(p.numel() for p in run.network(0).parameters())
        row["rollouts"] = [
            {str(name): round(loss, 5) for name, loss in scores.rollouts.items()}
            for scores in run.best_scores(run.test)
        ]
        rows.append(row)
    return {"repeat": round(repeat_error(task), 5), "rows": rows}


EXPERIMENTS: Final = {
    "learned_rest": learned_rest,
    "frozen_tau": frozen_tau,
    "later_cells": later_cells,
}


def main() -> None:
    """Run the experiment that the command line names, and write its results."""
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in EXPERIMENTS:
        sys.exit(f"name one experiment of {', '.join(EXPERIMENTS)}, got {sys.argv[1:]}")
    found = EXPERIMENTS[name]()
    found["provenance"] = provenance(f"python -m ltcbook.experiments.small {name}", seeds=SEEDS)
    text = json.dumps(found, indent=1, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
