"""What is done, what can be done now, what is missing, and how long that will take.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ltcbook.data.tasks import TaskData
from ltcbook.experiments import baselines, search
from ltcbook.experiments.grid import SIZES, Cell
from ltcbook.experiments.plans import Profile
from ltcbook.experiments.store import Row, Store
from ltcbook.experiments.trials import Trial, data_identity

# Seconds of 50 epochs on the walker's 8852 windows of 20 steps, one core, roughly: fixed + each *
# synapses, at ten unfolds. Replaced by what was measured as soon as a run of the model is done.
_WINDOWS, _STEPS, _EPOCHS = 8852, 20, 50
_SECONDS = {
    "SA": (8.0, 0.08),
    "NA": (12.0, 0.03),
    "LSTM": (10.0, 0.01),
    "CT-GRU": (90.0, 0.1),
    "ANODE": (90.0, 0.03),
    "feed-forward": (8.0, 0.0),
}


@dataclass(frozen=True)
class Status:
    """Where a grid stands.

    Attributes:
        done, running, missing: numbers of runs; missing ones are those known by now, a search that
            widens adds to them.
        seconds_left: of one core, by what was measured so far; a guess before anything was.
        by_task: for each task and size, (done, running, missing).
    """

    done: int
    running: int
    missing: int
    seconds_left: float
    by_task: dict[tuple[str, int], tuple[int, int, int]]


class Board:
    """A profile held against a store.

    Args:
        profile: what shall be done.
        store: what has been done.
    """

    def __init__(self, profile: Profile, store: Store) -> None:
        self.profile, self.store = profile, store
        self._rows: dict[str, Row] = {}
        self._identities: dict[str, str] = {}
        self._steps: dict[str, int] = {}
        self._load = lru_cache(maxsize=1)(self._load_task)
        self.refresh()

    def refresh(self) -> None:
        """Read the store again."""
        self._rows = {str(row["run"]): row for row in self.store.rows()}

    def task(self, name: str) -> TaskData:
        """The data of a task of the profile; the last one is kept in memory."""
        return self._load(name)

    def _load_task(self, name: str) -> TaskData:
        task = Trial("baseline", name, "mean", self.profile.plan(name).rollouts).load()
        self._identities[name] = data_identity(task)
        self._steps[name] = len(task.train) * task.train.inputs.shape[1]
        return task

    def data(self, name: str) -> str:
        """The identity of a task's data."""
        if name not in self._identities:
            self.task(name)
        return self._identities[name]

    def row(self, trial: Trial) -> Row | None:
        """The row of a trial, or None while there is none."""
        return self._rows.get(trial.id(self.data(trial.task)))

    def find(self, trial: Trial) -> float | None:
        """The validation loss of a trial, as the rule for the learning rate wants it."""
        row = self.row(trial)
        if row is None:
            return None
        loss = row["validation_loss"]
        return math.inf if row["diverged"] or loss is None else float(loss)

    @cached_property
    def baselines(self) -> list[Trial]:
        """One trial for each baseline of each task."""
        return [
            Trial("baseline", plan.task, name, plan.rollouts)
            for plan in self.profile.plans
            for name in baselines.applicable(self.task(plan.task))
        ]

    @cached_property
    def cells(self) -> list[Cell]:
        """The cells of the profile, in their order."""
        return list(self.profile.cells())

    def needed(self) -> Iterator[Trial]:
        """The trials that can be run now, in order: baselines, then cell after cell."""
        yield from (trial for trial in self.baselines if self.row(trial) is None)
        for cell in self.cells:
            yield from search.needed(cell, self.profile, self.find)

    def known(self, cell: Cell) -> list[Trial]:
        """All trials of a cell that are known of: its search so far, and its final ones.

        While the rate is not chosen, the final ones are listed at the profile's first rate.
        """
        tried, pending = search.searched(cell, self.profile, self.find)
        done = [t for rate in tried for t in search.search_trials(cell, self.profile, rate)]
        rate = self.profile.rates[0] if pending else search.best_rate(tried)
        return [*done, *pending, *search.finals(cell, self.profile, rate)]

    def status(self) -> Status:
        """Count what is done, running and missing, and estimate the time that is left."""
        counts: dict[tuple[str, int], Counter[str]] = {}
        left = 0.0
        pace = self._paces()
        for cell in self.cells:
            box = counts.setdefault((cell.task, self._size(cell)), Counter())
            for trial in self.known(cell):
                if self.row(trial) is not None:
                    box["done"] += 1
                    continue
                running = self.store.claimed(trial.id(self.data(trial.task)))
                box["running" if running else "missing"] += 1
                left += self._expected(trial) * pace.get(trial.model, pace.get("", 1.0))
        waiting = sum(self.row(trial) is None for trial in self.baselines)
        total = sum(counts.values(), Counter())
        return Status(
            total["done"] + len(self.baselines) - waiting,
            total["running"],
            total["missing"] + waiting,
            left,
            {
                key: (box["done"], box["running"], box["missing"])
                for key, box in sorted(counts.items())
            },
        )

    def _size(self, cell: Cell) -> int:
        """The size under which a cell is listed: a matched one under that of its reference."""
        sizes = self.profile.plan(cell.task).sizes
        return min(sizes, key=lambda size: (abs(size - cell.hidden_size), size))

    def _paces(self) -> dict[str, float]:
        """Measured over expected seconds, by model; under "" of all."""
        ratios: dict[str, list[float]] = {}
        for cell in self.cells:
            for trial in self.known(cell):
                row = self.row(trial)
                if row is None or not row["seconds"] or not row["epochs"]:
                    continue
                share = float(row["epochs"]) / trial.epochs
                ratio = float(row["seconds"]) / max(self._expected(trial) * share, 1e-9)
                ratios.setdefault(trial.model, []).append(ratio)
                ratios.setdefault("", []).append(ratio)
        return {model: statistics.median(values) for model, values in ratios.items()}

    def _expected(self, trial: Trial) -> float:
        """Seconds on one core, roughly."""
        self.data(trial.task)
        inputs = SIZES[trial.task].input_size
        n = trial.hidden_size
        synapses = n * (n + (inputs if trial.input_map == "synaptic" else 0))
        named = (cost for name, cost in _SECONDS.items() if trial.model.startswith(name))
        fixed, each = next(named, _SECONDS["SA"])
        passes = trial.epochs / _EPOCHS * self._steps[trial.task] / (_WINDOWS * _STEPS)
        return passes * (fixed + each * (trial.unfolds or 10) / 10 * synapses)
