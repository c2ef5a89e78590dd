"""Returns of cloned networks, read as evidence: shares of the teacher's, differences, relations.

Chapter: ``closing_the_loop``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ltcbook.experiments.evidence import RESAMPLES, Array, Interval, resampled, summary

__all__ = ["difference", "relation_between", "relation_within", "share"]

_SEED = 0  # of the resampling, as in ``evidence``


def share(networks: npt.ArrayLike, of_teacher: npt.ArrayLike) -> Interval:
    """Mean return over the teacher's, with networks and starts resampled, paired by start.

    Args:
        networks: (seeds, runs) returns.
        of_teacher: (runs,) from the same starts.

    Raises:
        ValueError: if the runs are not as many.

    >>> found = share([[40.0, 60.0], [50.0, 50.0]], of_teacher=[100.0, 100.0])
    >>> found.estimate, found.low < 0.5 < found.high
    (0.5, True)
    """
    mine, theirs = _paired(networks, of_teacher)
    ours, teachers = resampled([mine, theirs])
    return summary(ours / teachers, mine.mean() / theirs.mean())


def difference(one: npt.ArrayLike, other: npt.ArrayLike, of_teacher: npt.ArrayLike) -> Interval:
    """By how much one model's share is larger than another's, from the same starts.

    Args:
        one, other: (seeds, runs) returns.
        of_teacher: (runs,) from the same starts.

    Raises:
        ValueError: if the runs are not as many.

    >>> found = difference([[60.0, 80.0]], [[20.0, 40.0]], of_teacher=[100.0, 100.0])
    >>> print(found)  # the same from both starts
    +40.0% (+40.0% to +40.0%)
    """
    mine, theirs = _paired(one, of_teacher)
    others, _ = _paired(other, of_teacher)
    first, second, teachers = resampled([mine, others, theirs])
    estimate = (mine.mean() - others.mean()) / theirs.mean()
    return summary((first - second) / teachers, estimate)


def relation_between(errors: Sequence[float], earned: Sequence[float]) -> Interval:
    """The rank correlation of error and return over models, with models resampled.

    Args:
        errors, earned: (models,) of each model, means over its networks.

    >>> relation_between([0.1, 0.2, 0.3, 0.4], [900.0, 800.0, 500.0, 100.0]).estimate
    -1.0
    """
    x, y = np.asarray(errors, float), np.asarray(earned, float)
    random = np.random.default_rng(_SEED)
    draws: list[float] = []
    while len(draws) < RESAMPLES:
        picked = random.integers(0, len(x), len(x))
        if len(set(picked)) > 1:  # of one model alone there is no order
            draws.append(_rank_correlation(x[picked], y[picked]))
    return summary(np.array(draws), _rank_correlation(x, y))


def relation_within(errors: Sequence[Array], earned: Sequence[Array]) -> Interval:
    """The mean over models of the rank correlation over each one's networks; models resampled.

    Args:
        errors, earned: for each model, numbers of its networks, (seeds,).

    >>> always = relation_within([np.array([1.0, 2.0, 3.0])] * 4, [np.array([3.0, 2.0, 1.0])] * 4)
    >>> print(always)
    -100.0% (-100.0% to -100.0%)
    """
    each = np.array([_rank_correlation(x, y) for x, y in zip(errors, earned, strict=True)])
    random = np.random.default_rng(_SEED)
    draws = each[random.integers(0, len(each), (RESAMPLES, len(each)))].mean(axis=1)
    return summary(draws, float(each.mean()))


def _paired(networks: npt.ArrayLike, of_teacher: npt.ArrayLike) -> tuple[Array, Array]:
    mine, theirs = np.asarray(networks, float), np.atleast_2d(np.asarray(of_teacher, float))
    if mine.ndim != 2 or mine.shape[1] != theirs.shape[1]:
        raise ValueError(
            f"networks must have {theirs.shape[1]} runs each, as the teacher has, got {mine.shape}"
        )
    return mine, theirs


def _rank_correlation(x: Array, y: Array) -> float:
    """Spearman's; where all are equal there is no order: 0."""
    one, other = _ranks(x), _ranks(y)
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _ranks(values: Array) -> Array:
    """Ranks from 1; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    middle: Array = count.cumsum() - (count - 1) / 2
    return middle[place]
