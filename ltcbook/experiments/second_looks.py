"""Two findings of ``small_studies``, looked at from a second place, by the same protocol.

The rules were written before the runs.

``counts``: ordinary networks with as many numbers that matter as those with synaptic activation
have. At each size, synaptic activation *costs* accuracy if the whole bootstrap interval of the
ratio of the median errors, its own over the ordinary network's, lies above 1; it *saves* if the
interval lies below 1; else that size does not decide.

``widths``: the digits again, with 32 neurons in each layer. What was seen with 16 holds here as
well if no start of the plain network of 32 layers gets below a loss of 2.2, and if the intervals
of the median steps are apart twice: with 32 layers, rotations take longer than with 8, and longer
than residual layers.

    python -m ltcbook.experiments.second_looks counts widths

writes ``results/study_NAME.json``. Chapters: ``artificial_neurons`` (counts),
``residual_networks`` (widths).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from ltcbook.experiments.small_studies import (
    RATES,
    SLOW,
    Row,
    fit_surface,
    protocol,
    run_named,
    surfaces,
    train_depth,
)

__all__ = ["ratio"]

WIDTH = 32


def study_counts() -> list[Row]:
    """DNN with as many numbers that matter, 5 n + 2, as SA-DNN of 4, 6 and 8 neurons have."""
    fit = partial(partial, fit_surface, surfaces, "DNN")
    return [protocol("counts", {"model": "DNN", "neurons": n}, fit(n), RATES) for n in (11, 24, 41)]


def study_widths() -> list[Row]:
    """The networks of 8 and 32 layers on 500 digits, twice as wide."""
    kinds = [("plain", 32), *((k, d) for k in ("rotations", "residual") for d in (8, 32))]
    return [
        protocol(
            "widths",
            {"kind": kind, "depth": depth},
            partial(train_depth, kind, depth, width=WIDTH),
            SLOW,
        )
        for kind, depth in kinds
    ]


STUDIES: Mapping[str, Callable[[], list[Row]]] = {"counts": study_counts, "widths": study_widths}


def ratio(
    ours: Sequence[float], theirs: Sequence[float], draws: int = 10_000
) -> tuple[float, float, float]:
    """Ratio of two medians, and the ends of its 95 % bootstrap interval.

    >>> middle, low, high = ratio([2.0, 4.0, 6.0], [1.0, 2.0, 3.0])
    >>> middle, low < middle < high
    (2.0, True)
    """
    random = np.random.default_rng(0)
    above, below = (np.median(random.choice(v, (draws, len(v))), axis=1) for v in (ours, theirs))
    low, high = np.quantile(above / below, (0.025, 0.975))
    return float(np.median(ours) / np.median(theirs)), float(low), float(high)


if __name__ == "__main__":
    run_named("second_looks", STUDIES, "Look at two findings from a second place.")
