"""The book's small experiments, as chapters read them from the store.

What is run, and by which rules, says ``studies``; what else was measured of the networks that came
of it says ``measures``.

Chapters: ``artificial_neurons``, ``residual_networks``, ``neural_odes``, ``ct_rnns``, ``grammar``,
``liquid_time_constants``, ``selective_state_spaces``, ``what_came_after``, ``reading_digits``.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ltcbook.data.tasks import TaskData
from ltcbook.experiments import results
from ltcbook.experiments.evidence import Array, gather
from ltcbook.experiments.grid import Cell
from ltcbook.experiments.plans import Profile
from ltcbook.experiments.store import Row, Store
from ltcbook.nn.sequence import RecurrentNetwork

__all__ = [
    "Studied",
    "ablate",
    "constant",
    "losses_by_pass",
    "passes_until",
    "roll",
    "studied",
]


class Studied(NamedTuple):
    """What came of one contender.

    Attributes:
        cell: who it is.
        learning_rate: that its search has chosen.
        search: mean validation loss at each rate tried, ascending.
        runs: ids of its final runs, by seed.
        epochs: of the best validation loss, by seed.
        validation, test: losses of the network of that epoch, (seeds,).
        validation_accuracy, test_accuracy: the same, where there are classes; else not numbers.
        stopped: why each run ended; empty if its passes were over.
        errors: test loss on each rollout, (seeds, rollouts).

    >>> from ltcbook.experiments.studies import FROZEN
    >>> (one,) = studied(FROZEN)
    >>> one.test.shape, one.cell.hidden_size
    ((5,), 16)
    """

    cell: Cell
    learning_rate: float
    search: dict[float, float]
    runs: tuple[str, ...]
    epochs: tuple[int, ...]
    validation: Array
    test: Array
    validation_accuracy: Array
    test_accuracy: Array
    stopped: tuple[str, ...]
    errors: Array

    @property
    def searched_beyond(self) -> bool:
        """Whether rates on both sides of the chosen one were tried."""
        return min(self.search) < self.learning_rate < max(self.search)


def studied(profile: Profile, store: Store | None = None) -> list[Studied]:
    """The contenders of a study, in the order of its cells.

    Args:
        profile: of ``studies``.
        store: where its rows are; the committed ones if none is named.

    Raises:
        ValueError: if a contender's runs are not all there.

    >>> from ltcbook.experiments.studies import LATER
    >>> [each.cell.configuration.model for each in studied(LATER)][1:4]
    ['SA-LTC', 'CfC without layers', 'LRC']
    """
    evidence = gather(store or results.runs(), profile)
    found = []
    for cell in profile.cells():
        key = cell.task, cell.configuration, cell.hidden_size
        if key not in evidence.boxes:
            raise ValueError(f"profile {profile.name} lacks runs of {cell.configuration}")
        box = evidence.boxes[key]
        of_cell = [row for row in evidence.rows if _is_of(row, cell)]
        finals = sorted(
            (row for row in of_cell if row["purpose"] == "final"), key=lambda row: row["seed"] or 0
        )
        found.append(
            Studied(
                cell,
                box.learning_rate,
                _search(of_cell),
                tuple(str(row["run"]) for row in finals),
                tuple(int(row["best_epoch"] or 0) for row in finals),
                _numbers(finals, "validation_loss"),
                _numbers(finals, "test_loss"),
                _numbers(finals, "validation_accuracy"),
                _numbers(finals, "test_accuracy"),
                tuple(str(row["stopped"]) for row in finals),
                evidence.errors(box)[1],
            )
        )
    return found


def _is_of(row: Row, cell: Cell) -> bool:
    names = ("task", "model", "input_map", "init", "hidden_size")
    return tuple(row[name] for name in names) == (cell.task, *cell.configuration, cell.hidden_size)


def _numbers(rows: Sequence[Row], name: str) -> Array:
    return np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=float)


def _search(rows: Sequence[Row]) -> dict[float, float]:
    tried: dict[float, list[float]] = {}
    for row in rows:
        if row["purpose"] == "search":
            loss = np.inf if row["validation_loss"] is None else float(row["validation_loss"])
            tried.setdefault(float(row["learning_rate"] or 0.0), []).append(loss)
    return {rate: statistics.fmean(tried[rate]) for rate in sorted(tried)}


def losses_by_pass(study: Studied, part: Literal["training", "validation"] = "validation") -> Array:
    """Losses (seeds, passes) of a study's final runs, from the committed store.

    A run that ended early is given up: its later passes are not a number.

    >>> from ltcbook.experiments.studies import LATER
    >>> losses_by_pass(studied(LATER)[0]).shape
    (5, 50)
    """
    curves = results.runs().long("curves", study.cell.task)
    column = 1 if part == "training" else 2
    of_runs = [[line[column] for line in curves[run]] for run in study.runs]
    longest = max(map(len, of_runs))
    return np.array([losses + [np.nan] * (longest - len(losses)) for losses in of_runs])


def passes_until(losses: Array, below: float) -> Array:
    """After how many passes each run's loss lay below a mark for the first time; inf if never.

    Args:
        losses: (seeds, passes), as :func:`losses_by_pass` gives them.
        below: the mark.

    >>> passes_until(np.array([[0.5, 0.1, 0.2], [0.5, 0.4, 0.3]]), below=0.2)
    array([ 2., inf])
    """
    there = losses < below
    return np.where(there.any(1), there.argmax(1) + 1.0, np.inf)


def constant(profile: Profile, name: str = "persistence") -> float:
    """The test loss of a baseline that learns nothing or little, on the task of a study.

    Args:
        profile: of ``studies``, with one task.
        name: of a baseline.

    >>> from ltcbook.experiments.studies import FROZEN
    >>> round(constant(FROZEN), 2)  # repeating the last observation
    0.35
    """
    (plan,) = profile.plans
    loss = gather(results.runs(), profile).baselines(plan.task)[name]["test_loss"]
    return float("nan") if loss is None else float(loss)


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
    >>> from ltcbook import data
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
