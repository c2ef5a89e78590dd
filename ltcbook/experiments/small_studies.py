"""The small experiments of the first chapters, by one protocol.

The rule was written before the runs. Each configuration tries the same learning rates on two
starts (seeds 100 and 101); the rate with the smallest mean score is taken, and five other starts
(seeds 0 to 4) are trained at that rate until the score stalls, 3000 steps at most. All are kept.
(For depth the search now goes on while the best rate lies on the edge of those tried; at first it
did not, and six of nine searches ended there.)

    python -m ltcbook.experiments.small_studies surfaces depth haste

writes ``results/study_NAME.json``. Chapters: ``artificial_neurons`` (surfaces),
``residual_networks`` (depth, haste).
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss

from ltcbook.analysis.residual import start_as_rotations
from ltcbook.data.digits import tiny_digits
from ltcbook.data.sequences import Sequences
from ltcbook.data.tasks import TaskData
from ltcbook.experiments.provenance import provenance
from ltcbook.experiments.search import best_rate, wider_rate
from ltcbook.experiments.surfaces import steep_start, surfaces
from ltcbook.nn.feedforward import LayeredNetwork
from ltcbook.nn.zoo import build
from ltcbook.papers.equations import Array
from ltcbook.training.descent import EVERY, PATIENCE, Network, Replicas, descend

__all__ = ["interval", "steep_start", "surfaces"]

RATES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
FEW_RATES = (3e-3, 1e-2, 3e-2)
SLOW = (1e-3, 3e-3, 1e-2)
SEARCH_SEEDS, SEEDS = (100, 101), (0, 1, 2, 3, 4)
MOST_STEPS, ENOUGH = 3000, 1e-3
Row = dict[str, Any]


@dataclass(frozen=True)
class Fit:
    """One trained network: its best score, and what else is measured of it."""

    score: float
    measured: Mapping[str, Any]


Trainer = Callable[[list[tuple[float, int]]], list[Fit]]
"""Trains a start at a rate, for each pair (rate, seed), and tells what came of each."""


def protocol(
    name: str,
    label: Row,
    fit: Trainer,
    rates: tuple[float, ...] = FEW_RATES,
    bounds: tuple[float, float] | None = None,
) -> Row:
    """Search the rate of one configuration, train other starts at it, and keep everything.

    Args:
        name: of the study, for the log.
        label: what the configuration is.
        fit: trains; the smaller a score, the better.
        rates: those that are tried.
        bounds: between these the search goes on, by doubles and halves, while the best rate
            lies on the edge of those tried; None: it does not.
    """
    print(name, label, flush=True)
    scores: dict[float, float] = {}

    def search(tried: tuple[float, ...]) -> None:
        pairs = [(rate, seed) for rate in tried for seed in SEARCH_SEEDS]
        scores.update(dict.fromkeys(tried, 0.0))
        for (rate, _), found in zip(pairs, fit(pairs), strict=True):
            scores[rate] += found.score / len(SEARCH_SEEDS)

    search(rates)
    while bounds and (wider := wider_rate(scores, *bounds)) is not None:
        search((wider,))
    best = best_rate(scores)
    fits = fit([(best, seed) for seed in SEEDS])
    measured = {key: [f.measured[key] for f in fits] for key in fits[0].measured}
    tried = {f"{rate:g}": s if math.isfinite(s) else None for rate, s in scores.items()}
    return {**label, "rate": best, "search": tried, **measured}


def through(network: Any, u: Tensor) -> Tensor:
    """A feed-forward network's outputs, without the check of its inputs, which looks at numbers."""
    outputs: Tensor = network.readout(network.trunk(network.input_layer(u)))
    return outputs


# --- surfaces: neurons, parameters or sigmoids? -------------------------------------------------


def study_surfaces() -> list[Row]:
    """DNN and SA-DNN of several sizes: trained on a grid, chosen and tested between its points."""
    sizes = {"DNN": (4, 8, 16, 32, 64), "SA-DNN": (2, 4, 6, 8)}
    return [
        protocol(
            "surfaces",
            {"model": name, "neurons": n},
            partial(fit_surface, surfaces, name, n),
            RATES,
        )
        for name, numbers in sizes.items()
        for n in numbers
    ]


def fit_surface(
    target: Callable[[Tensor], Tensor], name: str, n: int, pairs: list[tuple[float, int]]
) -> list[Fit]:
    """Networks of one kind and size on a target (S, 2) -> (S, 2): the error between the points."""
    axis = torch.linspace(-1, 1, 16)
    draw = torch.Generator().manual_seed(0)
    grid = torch.cartesian_prod(axis, axis)
    chosen, tested = (2 * torch.rand(n, 2, generator=draw) - 1 for n in (256, 2048))
    models = []
    for _, seed in pairs:
        model: LayeredNetwork = build(name, 2, n, 2, depth=1, seed=seed)
        if name == "DNN":
            steep_start(model, seed)
        models.append(model)

    def error(points: Tensor) -> Callable[[Network], Tensor]:
        wanted = target(points)
        return lambda network: mse_loss(network(points), wanted)

    replicas, rates = Replicas(models, through), [rate for rate, _ in pairs]
    found = descend(replicas, rates, error(grid), error(chosen), most=MOST_STEPS)
    with torch.no_grad():
        tests = replicas.measure(error(tested), found.parameters)
    return [
        Fit(score.item(), {"test": test.item(), "steps": int(steps)})
        for score, test, steps in zip(found.best, tests, found.reached, strict=True)
    ]


# --- depth: does it fail to learn, or learn late? ------------------------------------------------


def train_depth(
    kind: str,
    depth: int,
    pairs: list[tuple[float, int]],
    patience: int = PATIENCE,
    width: int = 16,
) -> list[Fit]:
    """Networks of one kind and depth on 500 digits; the score is the training loss."""
    digits = tiny_digits()
    pixels = torch.tensor(digits.train_images[:500]).float().flatten(1) / 255
    labels = torch.tensor(digits.train_labels[:500]).long()

    def loss(network: Network) -> Tensor:
        return cross_entropy(network(pixels), labels)

    def wrong(network: Network) -> Tensor:
        return (network(pixels).argmax(1) != labels).float().mean()

    models = []
    for _, seed in pairs:
        name = "ResNet" if kind == "residual" else "DNN"
        model: LayeredNetwork = build(name, 64, width, 10, depth=depth, seed=seed)
        models.append(start_as_rotations(model, seed) if kind == "rotations" else model)
    replicas, rates = Replicas(models, through), [rate for rate, _ in pairs]
    found = descend(replicas, rates, loss, loss, most=MOST_STEPS, enough=ENOUGH, patience=patience)
    with torch.no_grad():
        shares = replicas.measure(wrong, found.parameters)
    curves = torch.stack(found.history, 1)
    return [
        Fit(
            best.item(),
            {
                "loss": best.item(),
                "steps": int(steps),
                "wrong": share.item(),
                "curve": [round(value, 4) for value in curve.tolist()],
            },
        )
        for best, steps, share, curve in zip(found.best, found.reached, shares, curves, strict=True)
    ]


def study_depth() -> list[Row]:
    """Plain, rotated and residual networks of 2, 8 and 32 layers, on 500 digits."""
    return [
        protocol(
            "depth",
            {"kind": kind, "depth": depth},
            partial(train_depth, kind, depth),
            SLOW,
            bounds=(1.25e-4, 1.0),
        )
        for kind in ("plain", "rotations", "residual")
        for depth in (2, 8, 32)
    ]


def study_haste() -> list[Row]:
    """The same networks of 8 and 32 layers, five starts at *each* rate, and nobody is given up.

    The rate that ends with the smallest loss need not be the one that gets there first, so steps
    are compared at equal rates, too; and a plain network may only have been slow.
    """
    rows = []
    for kind, depth in (
        ("plain", 32),
        *((k, d) for k in ("rotations", "residual") for d in (8, 32)),
    ):
        print("haste", kind, depth, flush=True)
        pairs = [(rate, seed) for rate in SLOW for seed in SEEDS]
        fits = train_depth(kind, depth, pairs, patience=MOST_STEPS // EVERY)
        for k, rate in enumerate(SLOW):
            part = fits[k * len(SEEDS) : (k + 1) * len(SEEDS)]
            measured = {key: [f.measured[key] for f in part] for key in ("loss", "steps", "wrong")}
            rows.append({"kind": kind, "depth": depth, "rate": rate, **measured})
    return rows


# --- decisions: hold the sign of the last loud click ----------------------------------------------


def linear_memory(task: TaskData, leaks: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.5)) -> float:
    """Test error of the best linear readout of leaky traces of the clicks: memory, no decision."""

    def traces(part: Sequences) -> tuple[Array, Array]:
        u = part.inputs[..., 0].double().numpy()
        states = np.zeros((len(leaks), *u.shape))
        state = np.zeros((len(leaks), len(u)))
        for t in range(u.shape[1]):
            state = state * np.exp(-np.array(leaks))[:, None] + u[:, t]
            states[:, :, t] = state
        features = np.stack([*states, u, np.ones_like(u)], axis=-1)
        return features.reshape(-1, features.shape[-1]), part.targets.double().numpy().ravel()

    x, y = traces(task.train)
    readout = np.linalg.lstsq(x, y, rcond=None)[0]
    x, y = traces(task.test)
    return float(np.square(x @ readout - y).mean())


STUDIES: Mapping[str, Callable[[], list[Row]]] = {
    "surfaces": study_surfaces,
    "depth": study_depth,
    "haste": study_haste,
}


def interval(values: list[float], seed: int = 0, draws: int = 10_000) -> tuple[float, float]:
    """The bootstrap interval, 95 %, of the median of a few measured values.

    >>> low, high = interval([1.0, 2.0, 3.0, 4.0, 5.0])
    >>> low <= 3.0 <= high
    True
    """
    random = np.random.default_rng(seed)
    medians = np.median(random.choice(values, size=(draws, len(values))), axis=1)
    low, high = np.percentile(medians, (2.5, 97.5))
    return float(low), float(high)


def run_named(
    module: str, studies: Mapping[str, Callable[[], list[Row]]], description: str
) -> None:
    """Run the studies named on the command line, and write each one's rows and provenance."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("studies", nargs="+", choices=studies)
    torch.set_num_threads(1)
    for name in parser.parse_args().studies:
        record = provenance(f"python -m ltcbook.experiments.{module} {name}")
        found = {"provenance": record, "rows": studies[name]()}
        path = Path("results") / f"study_{name}.json"
        path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run_named("small_studies", STUDIES, "Run the small experiments of the first chapters.")
