"""Bootstrap intervals, 95 %, of what a few seeds have shown.

For errors by test rollout see ``evidence``, which resamples rollouts, too.

Chapters: ``artificial_neurons``, ``residual_networks``, ``ct_rnns``, ``grammar``,
``liquid_time_constants``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ltcbook.experiments.evidence import Array

__all__ = ["mean_interval", "median_interval", "ratio"]

_ENDS = (0.025, 0.975)
_DRAWS = 10_000


def mean_interval(values: Sequence[float] | Array) -> tuple[float, float]:
    """Of the mean, as of paired differences, by resampling the values.

    >>> low, high = mean_interval([0.1, 0.2, 0.3])
    >>> low > 0  # so the difference is not zero
    True
    """
    low, high = np.quantile(_redrawn(values, np.random.default_rng(0)).mean(1), _ENDS)
    return float(low), float(high)


def median_interval(values: Sequence[float] | Array) -> tuple[float, float]:
    """Of the median.

    >>> low, high = median_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    >>> low <= 3.0 <= high
    True
    """
    low, high = np.quantile(np.median(_redrawn(values, np.random.default_rng(0)), axis=1), _ENDS)
    return float(low), float(high)


def ratio(
    *pairs: tuple[Sequence[float] | Array, Sequence[float] | Array],
) -> tuple[float, float, float]:
    """The ratio of two medians, and the ends of its interval.

    Args:
        pairs: ours and theirs; of several pairs the geometric mean of the ratios.

    >>> middle, low, high = ratio(([2.0, 4.0, 6.0], [1.0, 2.0, 3.0]))
    >>> round(middle, 9), low < middle < high
    (2.0, True)
    """
    random, logs, middles = np.random.default_rng(0), [], []
    for pair in pairs:
        ours, theirs = (np.median(_redrawn(values, random), axis=1) for values in pair)
        logs.append(np.log(ours / theirs))
        middles.append(np.log(np.median(pair[0]) / np.median(pair[1])))
    low, high = np.exp(np.quantile(np.mean(logs, axis=0), _ENDS))
    return float(np.exp(np.mean(middles))), float(low), float(high)


def _redrawn(values: Sequence[float] | Array, random: np.random.Generator) -> Array:
    """Many draws of as many values, with replacement: (draws, values)."""
    known = np.asarray(values, dtype=float)
    return known[random.integers(0, len(known), (_DRAWS, len(known)))]
