"""Intervals of a few seeds: they hold what they must, and agree with SciPy's bootstrap."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from ltcbook.experiments.intervals import mean_interval, median_interval, ratio

VALUES = [0.1, 0.4, 0.2, 0.35, 0.7, 0.15, 0.5]


def test_the_interval_of_the_mean_is_the_percentile_bootstraps():
    found = bootstrap((VALUES,), np.mean, method="percentile", rng=1).confidence_interval
    assert mean_interval(VALUES) == pytest.approx(tuple(found), abs=0.01)


def test_the_interval_holds_the_median_and_narrows_with_agreement():
    wide, narrow = median_interval([1, 2, 3, 4, 5]), median_interval([2.9, 3.0, 3.0, 3.0, 3.1])
    assert wide[0] <= 3.0 <= wide[1]
    assert narrow[1] - narrow[0] < wide[1] - wide[0]


def test_a_ratio_of_equals_is_one_and_pairs_are_multiplied():
    middle, low, high = ratio(([1, 2, 3], [1, 2, 3]))
    assert middle == pytest.approx(1) and low < 1 < high
    assert ratio(([4] * 5, [2] * 5)) == pytest.approx((2, 2, 2))
    pairs = [([0.3 * 2**draw] * 5, [0.1] * 5) for draw in range(3)]
    assert ratio(*pairs) == pytest.approx((6, 6, 6))
