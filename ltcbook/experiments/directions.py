"""Why are 64 synaptic sigmoids worse than 64 ordinary neurons: do they lack directions?

64 ordinary neurons look at the square along 64 directions; the 64 sigmoids of 8 neurons with
synaptic activation share 8. If that is what they lack, the gap must depend on how many directions
the *target* has. So the same sixteen waves are laid along 2 or 16 directions, and both kinds
of network learn them by the protocol of ``small_studies``, on three draws of the waves.

The rule was written before the runs. What is compared is the ratio of the median errors of the
two kinds at equal numbers of sigmoids, in its geometric mean over the draws. Directions are
*supported* as the reason if the whole bootstrap interval of the ratio at 2 directions lies below
that at 16, at both sizes; *refuted* if neither is so; else the runs do not decide. That they are
the whole reason needs more: at 2 directions the ratio's interval reaches down to 1.

    python -m ltcbook.experiments.directions

writes ``results/study_directions.json``. Chapter: ``artificial_neurons``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ltcbook.experiments.provenance import provenance
from ltcbook.experiments.small_studies import Row, fit_surface, protocol

WAVES = 16
RATES, BOUNDS = (3e-3, 1e-2, 3e-2, 1e-1), (1e-4, 1.0)
DIRECTIONS = (2, 16)
DRAWS = (0, 1, 2)
SIZES = {16: {"DNN": 16, "SA-DNN": 4}, 64: {"DNN": 64, "SA-DNN": 8}}
"""Neurons of either kind that have so many sigmoids."""
RESULTS = Path(__file__).parents[2] / "results" / "study_directions.json"


def waves(directions: int, draw: int) -> Callable[[Tensor], Tensor]:
    """A target (S, 2) -> (S, 2) of variance 1: sixteen waves along so many directions.

    Frequencies, phases and weights depend on the draw alone; wave k runs along direction k modulo
    ``directions``, and these are evenly spread over the half circle.
    """
    random = torch.Generator().manual_seed(draw)
    frequency = 1 + 5 * torch.rand(WAVES, generator=random)
    phase = 2 * math.pi * torch.rand(WAVES, generator=random)
    weight = torch.randn(WAVES, 2, generator=random)
    angle = math.pi * (torch.arange(WAVES) % directions) / directions
    across = frequency * torch.stack([angle.cos(), angle.sin()])  # (2, WAVES)

    def raw(points: Tensor) -> Tensor:
        return torch.sin(points @ across + phase) @ weight

    axis = torch.linspace(-1, 1, 101)
    everywhere = raw(torch.cartesian_prod(axis, axis))
    mean, std = everywhere.mean(0), everywhere.std(0)
    return lambda points: (raw(points) - mean) / std


def study() -> list[Row]:
    """A row for each draw, number of directions, kind and size."""
    return [
        protocol(
            "directions",
            {"directions": count, "draw": draw, "sigmoids": sigmoids, "model": name},
            partial(fit_surface, waves(count, draw), name, n),
            RATES,
            BOUNDS,
        )
        for draw in DRAWS
        for count in DIRECTIONS
        for sigmoids, of in SIZES.items()
        for name, n in of.items()
    ]


def ratio(
    rows: Sequence[Mapping[str, object]], directions: int, sigmoids: int, resampled: int = 10_000
) -> tuple[float, float, float]:
    """Synaptic error over neural error, and the ends of its 95 % interval.

    Medians over starts, the geometric mean over draws; the bootstrap resamples the starts.
    """
    random, logs, middles = np.random.default_rng(0), [], []
    for draw in DRAWS:
        both = []
        for name in ("SA-DNN", "DNN"):
            label = {"directions": directions, "draw": draw, "sigmoids": sigmoids, "model": name}
            (row,) = (r for r in rows if label.items() <= r.items())
            both.append(np.asarray(row["test"]))
        again = [np.median(random.choice(v, (resampled, len(v))), axis=1) for v in both]
        logs.append(np.log(again[0] / again[1]))
        middles.append(np.log(np.median(both[0]) / np.median(both[1])))
    low, high = np.quantile(np.exp(np.mean(logs, axis=0)), (0.025, 0.975))
    return float(np.exp(np.mean(middles))), float(low), float(high)


def main() -> None:
    """Run the study, and write its rows with their provenance."""
    torch.set_num_threads(1)
    found = {
        "provenance": provenance("python -m ltcbook.experiments.directions"),
        "rows": study(),
    }
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
