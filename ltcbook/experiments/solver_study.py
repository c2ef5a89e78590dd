"""What explicit Euler loses in training, what a bounded step costs, and which reading B used.

The rules, written before the runs:

* **lost**: a run whose loss stopped being finite, or stayed above ten times that of the constant
  guess, or is above it on the test part (:func:`ltcbook.experiments.evidence.lost`). It counts as
  infinitely bad.
* **what a bounded step costs**: explicit Euler's lead over it, by the same reading and size, at the
  rate that each one's search chose, paired by test rollout. It costs something if the interval of
  that lead lies above zero.
* **which step to take** when all trainings evaluate as many sigmoids (unfolds times epochs are
  equal): of the steps that are not worse than the best one by five percent, as the ledger counts
  it, the one with the fewest unfolds, since it is also the cheapest to run; the best is the one
  with the smallest median of the test losses. A step that loses a seed is not recommended.
* **which reading fits Table 1**: one for which no entry of an LTC is lost in the median, and among
  those the one whose errors have the table's shape. Our data are others, so one common factor is
  free: the discrepancy is the root mean square, over the entries, of the difference of logarithms
  less its mean. It says something only if it is smaller than that of a table without any shape,
  all entries equal, and if the intervals of the readings, their entries resampled, are apart.

Chapter: ``why_it_diverged``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ltcbook.experiments.claims import MARGIN
from ltcbook.experiments.evidence import LEVEL, RESAMPLES, Box, Evidence, Interval, Key, gather
from ltcbook.experiments.plans import Profile
from ltcbook.experiments.profiles import PRACTICE, READINGS, STABILITY, TABLE_1_READ, Reading
from ltcbook.experiments.store import Row, Store
from ltcbook.papers.results import TABLE_1

__all__ = ["Step"]

Entry = tuple[str, str, int]
"""Kind (``"SA"`` or ``"NA"``), input map and size of an LTC in Table 1."""
STUDIES = (*STABILITY, *PRACTICE)


class Step(NamedTuple):
    """One way to take a time step: a solver and how many times it is applied.

    >>> print(Step("semi-implicit-euler", 10))
    semi-implicit-euler, 10 unfolds
    """

    solver: str
    unfolds: int

    def __str__(self) -> str:
        return f"{self.solver}, {self.unfolds} unfolds"


class Study:
    """The rows of the walker studies, by reading, size and step.

    Args:
        store: where the rows are.

    Attributes:
        READINGS: the names of the readings.
        evidence: all of them, each step's as a task of its own.
        boxes: by (reading, size, step), those that have rows.

    Chapter: ``why_it_diverged``.
    """

    READINGS = tuple(READINGS)

    def __init__(self, store: Store) -> None:
        rows: dict[str, Row] = {}  # by run: the studies share their baselines
        groups: dict[str, Mapping[int, float]] = {}
        for profile in STUDIES:
            found = gather(store, profile)
            name = f"walker2d by {Step(profile.solver, profile.unfolds)}"
            for row in found.rows:
                baseline = row["purpose"] == "baseline"
                rows[str(row["run"])] = row if baseline else {**row, "task": name}
            groups |= found.groups
        self.evidence = Evidence(rows.values(), groups)
        self.boxes: dict[tuple[str, int, Step], Box] = {}
        for reading, size, step in self._keys():
            box = self.evidence.boxes.get(key(reading, size, step))
            if box is not None:
                self.boxes[reading, size, step] = box

    def _keys(self) -> Iterable[tuple[str, int, Step]]:
        for profile in STUDIES:
            for cell in profile.cells():
                for name, reading in READINGS.items():
                    if cell.configuration == reading.of("SA"):
                        yield name, cell.hidden_size, Step(profile.solver, profile.unfolds)

    def missing(self) -> list[Profile]:
        """The studies that lack a run: a box, or some of its seeds."""
        found = []
        for profile in STUDIES:
            step = Step(profile.solver, profile.unfolds)
            whole = [
                (box := self.boxes.get((name, cell.hidden_size, step))) is not None
                and box.seeds == len(profile.seeds)
                for cell in profile.cells()
                for name, reading in READINGS.items()
                if cell.configuration == reading.of("SA")
            ]
            if not all(whole):
                found.append(profile)
        return found

    def compare(self, reading: str, size: int, one: Step, other: Step) -> Interval | None:
        """By which share of the other's loss one's is smaller; None while a side has no rows."""
        return self.evidence.compare(key(reading, size, one), key(reading, size, other))

    def recommended(self, reading: str, size: int = 32) -> tuple[Step, Step] | None:
        """The best step and the one to take, by the rule; None while every step loses a seed."""
        safe = {
            step: box
            for (name, n, step), box in self.boxes.items()
            if (name, n) == (reading, size) and box.diverged == 0
        }
        if not safe:
            return None
        best = min(safe, key=lambda step: safe[step].median)
        good = [best]
        for step in safe:
            lead = self.compare(reading, size, step, best)
            if step != best and lead is not None and lead.low > -MARGIN:
                good.append(step)
        return best, min(good, key=lambda step: (step.unfolds, safe[step].median))


def key(reading: str, size: int, step: Step) -> Key:
    """The box of a reading, a size and a step in :attr:`Study.evidence`."""
    return f"walker2d by {step}", READINGS[reading].of("SA"), size


@dataclass(frozen=True)
class Fit:
    """How well one reading of Table 2 fits B's Table 1.

    Attributes:
        lost: entries whose median run diverged.
        entries: those that have rows.
        discrepancy: root mean square of the differences of logarithms, less their mean, with its
            interval; over the entries that were not lost.
        shapeless: the same of a table whose entries are all equal.
    """

    lost: tuple[tuple[str, str, int], ...]
    entries: tuple[tuple[str, str, int], ...]
    discrepancy: Interval
    shapeless: float


def fits(store: Store) -> dict[str, Fit]:
    """The fit of each reading that has rows.

    Chapter: ``why_it_diverged``.
    """
    boxes = gather(store, TABLE_1_READ).boxes
    found = {}
    for name, reading in READINGS.items():
        medians = {
            entry: boxes[key].median for entry, key in _entries(reading).items() if key in boxes
        }
        if medians:
            found[name] = fit(medians)
    return found


def fit(medians: Mapping[Entry, float]) -> Fit:
    """The fit of some median test losses, infinite ones lost, to the printed errors.

    Raises:
        ValueError: if no loss is finite.
    """
    kept = [entry for entry, loss in medians.items() if math.isfinite(loss)]
    if not kept:
        raise ValueError("medians must have a finite loss, to be fitted to Table 1")
    printed = np.log([TABLE_1[f"{kind}-LTC", way, n].error for kind, way, n in kept])
    apart = np.log([medians[entry] for entry in kept]) - printed
    random = np.random.default_rng(0)
    draws = np.std(apart[random.integers(0, len(kept), (RESAMPLES, len(kept)))], axis=1)
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    discrepancy = Interval(float(np.std(apart)), float(low), float(high))
    lost = tuple(entry for entry in medians if entry not in kept)
    return Fit(lost, tuple(medians), discrepancy, float(np.std(printed)))


def verdict(found: Mapping[str, Fit]) -> str:
    """What the rule says of the readings, in a sentence; all three must be whole."""
    if set(found) != set(READINGS) or any(len(fit.entries) < 14 for fit in found.values()):
        return "the rows are not complete: no verdict"
    kept = {name: fit for name, fit in found.items() if not fit.lost}
    if not kept:
        return "no reading keeps all entries"
    best = min(kept, key=lambda name: kept[name].discrepancy.estimate)
    fit = kept[best].discrepancy
    others = [each.discrepancy for name, each in kept.items() if name != best]
    if fit.estimate >= kept[best].shapeless:
        return "no reading fits better than a table without shape"
    if any(fit.high >= other.low for other in others):
        names = ", ".join(kept)
        return f"not decided: {names} lose no entry, and their intervals overlap"
    return f"{best} fits best" if others else f"{best} alone loses no entry"


def _entries(reading: Reading) -> dict[Entry, Key]:
    return {
        (kind, way, n): ("halfcheetah", reading.of(kind, way), n)
        for (model, way, n) in TABLE_1
        for kind in ("NA", "SA")
        if model == f"{kind}-LTC"
    }
