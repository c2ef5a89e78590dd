"""The rule for the learning rate, the same for every model, written before any run.

Each cell of the grid is searched with its first seed, or with the seeds that the profile has for
it, at the profile's shorter budget, over the profile's rates. The rate with the smallest mean
validation loss is taken; a run that diverges counts as infinitely bad, and of equals the smaller
rate is taken. While the best rate lies on the edge of
those tried, its double or its half is tried as well, within the profile's bounds. Only then are
the final runs made, with all seeds at the rate that was chosen, and only they are tested.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import fmean

from ltcbook.experiments.grid import Cell
from ltcbook.experiments.plans import Profile
from ltcbook.experiments.trials import Trial, trained

Finder = Callable[[Trial], float | None]
"""The validation loss of a trial; infinity if it diverged; None if it has not been run."""


def best_rate(tried: Mapping[float, float]) -> float:
    """The rate of the smallest validation loss.

    >>> best_rate({0.01: 0.5, 0.02: 0.3, 0.04: 0.3})
    0.02

    Raises:
        ValueError: if no rate was tried.
    """
    if not tried:
        raise ValueError("tried must hold at least one learning rate")
    return min(sorted(tried), key=lambda rate: tried[rate])


def wider_rate(tried: Mapping[float, float], lowest: float, highest: float) -> float | None:
    """The rate to try next, because the best one lies on an edge; None when the search is over.

    >>> wider_rate({0.01: 0.5, 0.02: 0.3}, lowest=0.01, highest=0.08)
    0.04
    """
    best = best_rate(tried)
    if best == min(tried) and best / 2 >= lowest:
        return best / 2
    # If all diverged there is nothing to hope for at a higher rate.
    if best == max(tried) and best * 2 <= highest and math.isfinite(tried[best]):
        return best * 2
    return None


def searched(cell: Cell, profile: Profile, find: Finder) -> tuple[dict[float, float], list[Trial]]:
    """The rates tried so far, and the trials that the search still needs.

    >>> from ltcbook.experiments.profiles import SMOKE
    >>> tried, pending = searched(next(SMOKE.cells()), SMOKE, lambda trial: None)
    >>> tried, [trial.learning_rate for trial in pending]
    ({}, [0.01, 0.02])
    """
    tried: dict[float, float] = {}
    pending: list[Trial] = []
    queue = list(profile.rates)
    while queue:
        rate = queue.pop(0)
        trials = search_trials(cell, profile, rate)
        found = {trial: find(trial) for trial in trials}
        waiting = [trial for trial, loss in found.items() if loss is None]
        pending += waiting
        if not waiting:
            tried[rate] = fmean(loss for loss in found.values() if loss is not None) if found else 0
        if not queue and not pending:
            wider = wider_rate(tried, profile.lowest_rate, profile.highest_rate)
            queue += [] if wider is None else [wider]
    return tried, pending


def search_trials(cell: Cell, profile: Profile, rate: float) -> list[Trial]:
    """The trials that try a rate; none where the profile leaves nothing to choose.

    >>> from ltcbook.experiments.profiles import SMOKE
    >>> [trial.seed for trial in search_trials(next(SMOKE.cells()), SMOKE, 0.01)]
    [0]
    """
    if profile.fixed_rate is not None:
        return []
    return [trained("search", cell, profile, seed, rate) for seed in profile.searching]


def chosen_rate(cell: Cell, profile: Profile, find: Finder) -> float | None:
    """The rate that the rule has chosen; None while the search lacks a run.

    >>> from ltcbook.experiments.profiles import SMOKE
    >>> chosen_rate(next(SMOKE.cells()), SMOKE, lambda trial: trial.learning_rate)
    0.01
    """
    tried, pending = searched(cell, profile, find)
    return None if pending else best_rate(tried)


def finals(cell: Cell, profile: Profile, rate: float) -> list[Trial]:
    """The final trials of a cell, one for each seed.

    >>> from ltcbook.experiments.profiles import SMOKE
    >>> [trial.seed for trial in finals(next(SMOKE.cells()), SMOKE, 0.01)]
    [0, 1]
    """
    return [trained("final", cell, profile, seed, rate) for seed in profile.seeds]


def needed(cell: Cell, profile: Profile, find: Finder) -> list[Trial]:
    """The trials that a cell lacks and that can be run now: the search's, then the final ones.

    >>> from ltcbook.experiments.profiles import SMOKE
    >>> {trial.purpose for trial in needed(next(SMOKE.cells()), SMOKE, lambda trial: None)}
    {'search'}
    """
    tried, pending = searched(cell, profile, find)
    if pending:
        return pending
    wanted = finals(cell, profile, best_rate(tried))
    return [trial for trial in wanted if find(trial) is None]
