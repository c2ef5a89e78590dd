"""The rows of one profile, read as evidence: medians, bootstrap intervals, paired differences.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ltcbook.experiments.contenders import WITHOUT_SOLVER
from ltcbook.experiments.grid import Configuration
from ltcbook.experiments.plans import Profile
from ltcbook.experiments.search import best_rate
from ltcbook.experiments.store import Row, Store
from ltcbook.experiments.trials import numerics

Array = npt.NDArray[np.float64]
Key = tuple[str, Configuration, int]
"""Task, configuration, number of neurons."""
Groups = Mapping[str, Mapping[int, float]]
"""Test losses by run, then by rollout (or block of images)."""

LOST = 10.0
"""So many times the constant guess's loss, and a run counts as diverged; see :func:`lost`."""
RESAMPLES = 2000
LEVEL = 0.95
_SEED = 0  # of the resampling: the same rows give the same interval


class Interval(NamedTuple):
    """An estimate with a bootstrap interval of 95 %.

    >>> print(Interval(0.12, 0.05, 0.2))
    +12.0% (+5.0% to +20.0%)
    """

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.estimate:+.1%} ({self.low:+.1%} to {self.high:+.1%})"


class Box(NamedTuple):
    """The final runs of one configuration at one size on one task.

    Attributes:
        task, configuration, hidden_size: which.
        parameters: trainable ones.
        runs: ids of those that have a test score and did not diverge, by seed.
        losses: their test losses, by seed.
        accuracies: the same, where there are classes.
        seeds: how many runs there are, with a score or without.
        diverged: how many of them diverged, see :func:`lost`.
        learning_rate: that the rule chose.
        stability: the largest stability number of the runs that diverged.

    >>> box = Box("walker2d", Configuration("LSTM"), 8, 700, ("a",), (0.1,), (), 3, 2, 0.01, None)
    >>> box.median  # two of three runs diverged
    inf
    """

    task: str
    configuration: Configuration
    hidden_size: int
    parameters: int
    runs: tuple[str, ...]
    losses: tuple[float, ...]
    accuracies: tuple[float, ...]
    seeds: int
    diverged: int
    learning_rate: float
    stability: float | None

    @property
    def median(self) -> float:
        """Of the test losses, a run without one, or one that diverged, counting as infinite."""
        missing = [math.inf] * (self.seeds - len(self.losses))
        return statistics.median([*self.losses, *missing])


class Evidence:
    """What the rows of a profile say.

    Args:
        rows: of one profile, see :func:`gather`. Final ones at another rate than the search has
            chosen by now, before it was widened, are left out.
        groups: their test losses by rollout.

    Attributes:
        boxes: the final runs by task, configuration and size.
        notes: what a reader of the numbers should know.

    >>> from ltcbook import experiments
    >>> from ltcbook.experiments.profiles import find
    >>> evidence = experiments.gather(experiments.runs(), find("book"))
    >>> evidence.baselines("walker2d")["persistence"]["test_loss"] < 1  # the mean has about 1
    True

    Chapter: ``walker_kinematics``.
    """

    def __init__(self, rows: Iterable[Row], groups: Groups, notes: Sequence[str] = ()) -> None:
        self.rows, self.groups, self.notes = _at_chosen_rates(rows), groups, list(notes)
        collected: dict[Key, list[Row]] = {}
        for row in self.rows:
            if row["purpose"] == "final":
                collected.setdefault(_key(row), []).append(row)
        self.boxes = {
            key: _box(key, found, self.lost_above(key[0])) for key, found in collected.items()
        }

    def baselines(self, task: str) -> dict[str, Row]:
        """The rows of a task's baselines, by name."""
        return {
            str(row["model"]): row
            for row in self.rows
            if row["purpose"] == "baseline" and row["task"] == task
        }

    def lost_above(self, task: str) -> float:
        """The loss above which a run of a task counts as diverged; infinite if it isn't known.

        A task by another solver, "walker2d by rk4", has the same as the task.
        """
        guess = self.baselines(task.split(" by ")[0]).get("mean")
        known = None if guess is None else guess["test_loss"]
        return math.inf if known is None else LOST * float(known)

    def errors(self, box: Box) -> tuple[list[int], Array]:
        """The rollouts, and the test loss of each seed on each, (seeds, rollouts)."""
        seeds = [self.groups[run] for run in box.runs if run in self.groups]
        names = sorted(seeds[0]) if seeds else []
        return names, np.array([[seed[name] for name in names] for seed in seeds])

    def interval(self, box: Box) -> Interval | None:
        """The mean test loss, with seeds and rollouts resampled; None without rows."""
        _, errors = self.errors(box)
        return None if errors.size == 0 else summary(resampled([errors])[0], errors.mean())

    def compare(self, one: Key, other: Key) -> Interval | None:
        """By which share of the other's loss one's is smaller: above zero, one is better.

        Paired by test rollout, and with the seeds of each resampled. If a median run of one side
        has no finite loss, that side is worse without limit. None while a side has no rows.

        Raises:
            ValueError: if the two were tested on other rollouts.
        """
        if one not in self.boxes or other not in self.boxes:
            return None
        mine, theirs = self.boxes[one], self.boxes[other]
        finite = math.isfinite(mine.median), math.isfinite(theirs.median)
        if finite == (False, False):
            return None
        if not all(finite):
            worst = math.inf if finite[0] else -math.inf
            return Interval(worst, worst, worst)
        (names, a), (others, b) = self.errors(mine), self.errors(theirs)
        if not names or not others:
            return None
        if names != others:
            raise ValueError(f"{one} and {other} were tested on other rollouts")
        return lead(a, b)


def lost(row: Row, above: float) -> bool:
    """Whether a run diverged: it stopped being finite, or was never better than ``above``.

    Numbers may grow by a factor per step and stay finite to the end of a sequence, so a loss with
    25 digits rings no bell. But a readout's bias alone gives the constant guess. A network whose
    smallest validation loss, over all epochs, is more than ``LOST`` times that guess's loss
    did not learn badly; its states exploded. So did those of a network that did well in validation
    and has such a loss on the test part. Rows keep what was observed, ``diverged`` (not finite) and
    the losses; this verdict is drawn from them.

    >>> row = {"purpose": "final", "diverged": False, "validation_loss": 0.1, "test_loss": 2e38}
    >>> lost(row, above=10.0)
    True

    Args:
        row: of a search or a final run.
        above: ``lost_above`` of its task.

    Chapter: ``why_it_diverged``.
    """
    best, test = row["validation_loss"], row["test_loss"]
    exploded = best is None or float(best) > above or (test is not None and float(test) > above)
    return bool(row["diverged"]) or exploded


def gather(store: Store, profile: Profile, others: Sequence[Profile] = ()) -> Evidence:
    """The rows of a store that were made at a profile's budget, with today's arithmetic.

    Rows of a task that come from several data are not mixed: those of which there are most count,
    and a note says so. Boxes whose seeds are not all done are left out.

    Args:
        store: where the rows are.
        profile: whose budget, data and solver count.
        others: profiles by other solvers; ``Profile.beside`` names their tasks.

    >>> from ltcbook import experiments
    >>> from ltcbook.experiments.profiles import find
    >>> evidence = gather(experiments.runs(), find("book"))
    >>> sorted(evidence.baselines("walker2d"))[:2]
    ['least-squares', 'least-squares-3']

    Chapter: ``walker_kinematics``.
    """
    evidence = _gather(store, profile)
    rows, groups = list(evidence.rows), dict(evidence.groups)
    for other in others:
        found = _gather(store, other)
        rows += [{**row, "task": other.beside(str(row["task"]))} for row in found.rows
                 if row["purpose"] != "baseline" and row["solver"]]  # fmt: skip
        groups |= found.groups
    return Evidence(rows, groups, evidence.notes)


def _gather(store: Store, profile: Profile) -> Evidence:
    rows = [row for row in store.rows() if _of(row, profile)]
    notes = []
    kept = []
    for task in sorted({str(row["task"]) for row in rows}):
        of_task = [row for row in rows if row["task"] == task]
        counts = Counter(str(row["data"]) for row in of_task)
        data, number = counts.most_common(1)[0]
        if len(counts) > 1:
            notes.append(
                f"{task}: {len(of_task) - number} rows of other data or another split are left out"
            )
        kept += [row for row in of_task if row["data"] == data]
    kept = _with_all_seeds(kept, len(profile.seeds))
    groups: dict[str, Mapping[int, float]] = {}
    for task in {str(row["task"]) for row in kept}:
        for run, lines in store.long("groups", task).items():
            groups[run] = {int(line[0]): line[1] for line in lines}
    return Evidence(kept, groups, notes)


def _key(row: Row) -> Key:
    names = (str(row[name]) for name in ("model", "input_map", "init"))
    return str(row["task"]), Configuration(*names), int(row["hidden_size"] or 0)


def _at_chosen_rates(rows: Iterable[Row]) -> list[Row]:
    """The rows without the final ones at rates that the search no longer chooses."""
    rows = list(rows)
    tried: dict[Key, dict[float, list[float]]] = {}
    for row in rows:
        if row["purpose"] == "search":
            found = row["validation_loss"]  # it may be 0
            loss = math.inf if row["diverged"] or found is None else float(found)
            rates = tried.setdefault(_key(row), {})
            rates.setdefault(float(row["learning_rate"] or 0.0), []).append(loss)
    chosen = {
        key: best_rate({rate: statistics.fmean(losses) for rate, losses in rates.items()})
        for key, rates in tried.items()
    }

    def counts(row: Row) -> bool:
        return row["purpose"] != "final" or row["learning_rate"] == chosen.get(
            _key(row), row["learning_rate"]
        )

    return list(filter(counts, rows))


def _with_all_seeds(rows: Iterable[Row], seeds: int) -> list[Row]:
    """The rows without the final ones of boxes that lack a seed: whoever stopped chose them."""
    rows = _at_chosen_rates(rows)
    done = Counter(_key(row) for row in rows if row["purpose"] == "final")
    return [row for row in rows if row["purpose"] != "final" or done[_key(row)] >= seeds]


def _of(row: Row, profile: Profile) -> bool:
    plans = [plan for plan in profile.plans if plan.task == row["task"]]
    if (
        not plans
        or row["numerics"] != numerics(str(row["model"]))
        or row["rollouts"] != plans[0].rollouts
    ):
        return False
    if row["purpose"] == "baseline":
        return True
    clock = row["model"] in WITHOUT_SOLVER or (
        row["solver"] == profile.solver and row["unfolds"] == profile.unfolds
    )
    final, fixed = row["purpose"] == "final", profile.fixed_rate
    if row["seed"] not in (profile.seeds if final else profile.searching):
        return False
    if fixed is not None and not (final and row["learning_rate"] == fixed):
        return False  # of another study of the task, which has searched
    budget = plans[0].epochs if final else plans[0].search_epochs
    return clock and row["budget"] == budget and row["batch_size"] == plans[0].batch_size


def _box(key: Key, rows: list[Row], above: float) -> Box:
    rows = sorted(rows, key=lambda row: int(row["seed"] or 0))
    scored = [row for row in rows if row["test_loss"] is not None and not lost(row, above)]
    numbers = [float(row["stability"]) for row in rows if row["stability"] is not None]
    return Box(
        *key,
        parameters=int(rows[0]["parameters"] or 0),
        runs=tuple(str(row["run"]) for row in scored),
        losses=tuple(float(row["test_loss"] or 0.0) for row in scored),
        accuracies=tuple(
            float(row["test_accuracy"]) for row in scored if row["test_accuracy"] is not None
        ),
        seeds=len(rows),
        diverged=sum(lost(row, above) for row in rows),
        learning_rate=float(rows[0]["learning_rate"] or 0.0),
        stability=max(numbers, default=None),
    )


def lead(one: Array, other: Array) -> Interval:
    """By which share of the other's mean loss one's is smaller, with seeds and rollouts resampled.

    Args:
        one, other: losses of each seed on each rollout, (seeds, rollouts), on the same rollouts.

    >>> found = lead(np.full((3, 4), 0.9), np.full((3, 4), 1.0))
    >>> print(found)
    +10.0% (+10.0% to +10.0%)

    Chapter: ``what_replicates``.
    """
    first, second = resampled([one, other])
    return summary((second - first) / second, (other.mean() - one.mean()) / other.mean())


def resampled(sides: Sequence[Array]) -> list[Array]:
    """Means (resamples,) of each side: the same rollouts for all, seeds of its own each.

    Args:
        sides: of each, numbers of each seed on each rollout, (seeds, rollouts).

    >>> one, other = resampled([np.array([[1.0, 2.0]]), np.array([[11.0, 12.0]])])
    >>> bool(np.allclose(other - one, 10.0))  # the same rollouts were drawn for both
    True
    """
    random = np.random.default_rng(_SEED)
    rollouts = sides[0].shape[1]
    weights = _shares(random.integers(0, rollouts, (RESAMPLES, rollouts)))
    found = []
    for errors in sides:
        shares = _shares(random.integers(0, len(errors), (RESAMPLES, len(errors))))
        found.append(((shares @ errors) * weights).sum(axis=1))
    return found


def _shares(picked: npt.NDArray[np.int64]) -> Array:
    """How large a share each of n things has in each of many draws of n, (draws, n)."""
    draws, n = picked.shape
    places = picked + n * np.arange(draws)[:, None]
    counts: Array = np.bincount(places.ravel(), minlength=draws * n).reshape(draws, n) / n
    return counts


def summary(draws: Array, estimate: float) -> Interval:
    """An estimate with the interval of its resampled values.

    >>> print(summary(np.linspace(0.0, 1.0, 1001), 0.5))
    +50.0% (+2.5% to +97.5%)
    """
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(estimate), float(low), float(high))
