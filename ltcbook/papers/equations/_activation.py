"""The activation functions that the papers name, on numbers and on arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ltcbook.papers.equations._equation import Array

Activation = Callable[[Any], Any]
VectorActivation = Callable[[Array], Array]


def logistic(x: Any) -> Any:
    """B.1, right: the logistic function, 1 / (1 + exp(-x)).

    >>> logistic(0.0)
    np.float64(0.5)

    Chapter: ``artificial_neurons``.
    """
    with np.errstate(over="ignore"):  # exp overflows to infinity, and 1 / infinity is the limit, 0
        return 1.0 / (1.0 + np.exp(-x))


def logistic_with_threshold(x: Any, mu: Any) -> Any:
    """A.1, right, corrected: 1 / (1 + exp(-(x - mu))), which rises through 1/2 at the threshold.

    Paper A prints exp(x - mu), which falls. Chapter: ``artificial_neurons``.

    >>> float(logistic_with_threshold(-40.0, -40.0))
    0.5
    """
    return logistic(x - mu)
