"""One run, named by all that decides it.

A run's id is a hash of its recipe, of what its data are and how they were cut and split, and of
the version of the package's arithmetic. Change any of them and the id is another, so that old
rows are never taken for new ones.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from ltcbook.data import variants
from ltcbook.data.tasks import TaskData
from ltcbook.experiments.contenders import NO_INPUT_MAP, WITHOUT_SOLVER, contender
from ltcbook.experiments.grid import Cell, Configuration
from ltcbook.experiments.plans import Profile
from ltcbook.experiments.store import Row
from ltcbook.training import Recipe

NUMERICS = 1
"""Counts up when the package would give other numbers for the same recipe and data."""

RENEWED = {"CT-GRU": 2}
"""The same for models whose own step has changed since."""

_DATA = ("fingerprint", "sha256", "task", "rollouts", "length", "stride", "irregular", "seed")
Purpose = Literal["baseline", "search", "final"]


@dataclass(frozen=True)
class Trial:
    """All that decides a run, besides the numbers in the data.

    Attributes:
        purpose: ``"search"`` for the learning rate (test scores are never computed), ``"final"``,
            or ``"baseline"``.
        task, rollouts, split_seed: the data, as of :func:`ltcbook.data.variants.load`.
        model, input_map, init, hidden_size: the network; a baseline has its name alone.
        seed, learning_rate, epochs, patience, batch_size, solver, unfolds: of the recipe.

    >>> str(Trial("final", "digits", "LSTM", init="midpoint").configuration)
    'LSTM'
    """

    purpose: Purpose
    task: str
    model: str
    rollouts: int | None = None
    split_seed: int = 0
    input_map: str = ""
    init: str = ""
    hidden_size: int = 0
    seed: int = 0
    learning_rate: float = 0.0
    epochs: int = 0
    patience: int | None = None
    batch_size: int = 0
    solver: str = ""
    unfolds: int = 0

    def id(self, data: str) -> str:
        """Sixteen hexadecimal digits.

        Args:
            data: what :func:`data_identity` says of the task's data.
        """
        decides = {**asdict(self), "data": data, "numerics": numerics(self.model)}
        text = json.dumps(decides, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @classmethod
    def of(cls, row: Row) -> Trial:
        """The trial that left a row.

        >>> from ltcbook import experiments
        >>> row = experiments.runs().rows()[0]
        >>> Trial.of(row).task == row["task"]
        True
        """
        names = {each.name for each in fields(cls)} - {"epochs"}
        decides: dict[str, Any] = {
            name: value for name, value in row.items() if name in names and value is not None
        }
        return cls(**decides, epochs=int(row["budget"] or 0))

    @property
    def configuration(self) -> Configuration:
        """Model, input map and start."""
        return Configuration(self.model, self.input_map, self.init)

    def load(self) -> TaskData:
        """The task's data."""
        return variants.load(self.task, rollouts=self.rollouts, split_seed=self.split_seed)

    def recipe(self) -> Recipe:
        """What the training loop is given."""
        named = contender(self.model)
        solver = self.model not in WITHOUT_SOLVER
        return named.kind(
            model=named.model,
            hidden_size=self.hidden_size,
            seeds=(self.seed,),
            epochs=self.epochs,
            patience=self.patience,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            input_map=None if self.model in NO_INPUT_MAP else self.input_map,
            solver=self.solver if solver else None,
            unfolds=self.unfolds if solver else None,
            init=self.init,
            options=named.options,
        )


def numerics(model: str) -> int:
    """The version of the arithmetic that a model's rows must have to count.

    >>> numerics("SA-LTC"), numerics("CT-GRU")
    (1, 2)
    """
    return RENEWED.get(model, NUMERICS)


def alike(one: Trial, other: Trial) -> bool:
    """Whether two trials can be replicas of one ensemble: only seed, rate and start differ.

    >>> one = Trial("final", "digits", "LSTM", hidden_size=8, seed=0)
    >>> alike(one, replace(one, seed=1)), alike(one, replace(one, hidden_size=16))
    (True, False)
    """
    there = replace(one, seed=other.seed, learning_rate=other.learning_rate, init=other.init)
    return there == other


def joint_recipe(trials: Sequence[Trial]) -> Recipe:
    """What trains some trials at once; of a single one it is the trial's own recipe.

    Raises:
        ValueError: if they differ in more than seed, learning rate and start.

    >>> one = Trial("final", "digits", "LSTM", None, 0, "", "midpoint", 8, 0, 0.01, 2, None, 64)
    >>> joint_recipe([one, replace(one, seed=1)]).seeds
    (0, 1)
    """
    first = trials[0]
    if len(trials) == 1:
        return first.recipe()
    if not all(alike(first, trial) for trial in trials):
        raise ValueError("trials must differ in seed, learning rate and start alone")
    return replace(
        first.recipe(),
        seeds=tuple(trial.seed for trial in trials),
        learning_rate=tuple(trial.learning_rate for trial in trials),
        init=tuple(trial.init for trial in trials),
    )


def data_identity(task: TaskData) -> str:
    """Sixteen hexadecimal digits of what a task's data are: source, cuts, split and shapes.

    >>> len(data_identity(variants.load("digits")))
    16
    """
    said = {key: task.provenance[key] for key in (*_DATA, "split_seed") if key in task.provenance}
    shapes = [
        [*part.inputs.shape, *part.targets.shape[1:]]
        for part in (task.train, task.validation, task.test)
    ]
    text = json.dumps([said, shapes, task.loss], sort_keys=True, default=dict)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def trained(
    purpose: Purpose, cell: Cell, profile: Profile, seed: int, learning_rate: float
) -> Trial:
    """The trial of a cell with one seed and one learning rate, at its profile's budget.

    >>> from ltcbook.experiments.profiles import SMOKE
    >>> trained("final", next(SMOKE.cells()), SMOKE, 0, 0.01).epochs
    2
    """
    plan = profile.plan(cell.task)
    solver = cell.configuration.model not in WITHOUT_SOLVER
    options: dict[str, Any] = {"solver": profile.solver, "unfolds": profile.unfolds}
    return Trial(
        purpose,
        cell.task,
        cell.configuration.model,
        plan.rollouts,
        input_map=cell.configuration.input_map,
        init=cell.configuration.init,
        hidden_size=cell.hidden_size,
        seed=seed,
        learning_rate=learning_rate,
        epochs=plan.search_epochs if purpose == "search" else plan.epochs,
        patience=None if purpose == "search" else profile.patience,
        batch_size=plan.batch_size,
        **(options if solver else {}),
    )
