"""Were the original walker's actions drawn? Find them, and see whether a network can predict them.

    python -m ltcbook.experiments.recovered_actions

A policy without noise is a function of the observation, which a network can learn ever better
from more examples; noise stays unexplained however many there are. Ours tells how either looks:
its actions were drawn, and at the same observations its policy without noise can be asked.

The rule, fixed before the run: if the share of the original actions' variance that stays
unexplained is nearer, on a logarithmic scale, to that of our drawn actions than to that of our
policies without noise, the original actions were drawn.

Chapter: ``robots_and_digits``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from ltcbook import data
from ltcbook.data import RolloutSet
from ltcbook.data.robots.inverse import clipped, recover_action
from ltcbook.experiments import results
from ltcbook.experiments.provenance import provenance
from ltcbook.training.descent import Replicas, descend

Array = npt.NDArray[np.float64]

RESULTS = "recovered_actions"
ROLLOUTS, MOMENTS = 80, 6400
SMALL = 0.05
"""Largest miss of a recovered step, in m/s or rad/s; the velocities reach 10."""
SIZES = (500, 1000, 2000)
TESTED, SEEDS, EPOCHS, BATCH, RATE = 500, (0, 1, 2), 250, 100, 1e-3
CHECKED = 300
"""Steps of our own, whose actions are known, that are recovered too."""


def moments(rollouts: RolloutSet, count: int) -> list[tuple[int, int]]:
    """Rollout and step of moments drawn at random, none of them clipped, all rollouts alike."""
    random, found = np.random.default_rng(0), []
    for number in range(min(ROLLOUTS, len(rollouts))):
        seen = rollouts[number].observations
        good = [t for t in range(len(seen) - 1) if not (clipped(seen[t]) or clipped(seen[t + 1]))]
        share = min(len(good), count // ROLLOUTS)
        found += [(number, int(t)) for t in random.permutation(good)[:share]]
    return found


def recovered(rollouts: RolloutSet, chosen: list[tuple[int, int]]) -> tuple[Array, Array]:
    """The actions of some moments, (moments, a), and the misses, (moments,)."""
    environment = data.robot("walker2d").make()
    actions, misses = [], []
    for number, t in chosen:
        seen = rollouts[number].observations[t : t + 2].astype(float)
        action, miss = recover_action(environment, *seen)
        actions.append(action)
        misses.append(miss)
    return np.array(actions), np.array(misses)


def unexplained(observations: Array, actions: Array, groups: Array) -> dict[str, list[float]]:
    """The share of the variance that networks leave unexplained, by number of examples.

    The examples of a tenth of the rollouts stop the training, those of another fifth are the test.
    """
    torch.set_num_threads(1)
    shares: dict[str, list[float]] = {str(size): [] for size in SIZES}
    for seed in SEEDS:
        random = np.random.default_rng(seed)
        kinds = random.permutation(np.unique(groups))
        fifth, tenth = len(kinds) // 5, len(kinds) // 10
        test = np.isin(groups, kinds[:fifth])
        choose = np.isin(groups, kinds[fifth : fifth + tenth])
        learn = random.permutation(np.flatnonzero(~test & ~choose))
        for size in SIZES:
            parts = (learn[:size], choose, random.permutation(np.flatnonzero(test))[:TESTED])
            shares[str(size)].append(_fit(observations, actions, parts, seed))
    return shares


def _fit(observations: Array, actions: Array, parts: Any, seed: int) -> float:
    learn, choose, test = parts
    torch.manual_seed(seed)
    mean, std = observations[learn].mean(0), observations[learn].std(0)
    x = torch.as_tensor((observations - mean) / std).float()
    y = torch.as_tensor((actions - actions[learn].mean(0)) / actions[learn].std(0)).float()
    layers = (nn.Linear(x.shape[1], 128), nn.Tanh(), nn.Linear(128, 128), nn.Tanh())
    model = nn.Sequential(*layers, nn.Linear(128, y.shape[1]))
    order, rows = torch.Generator().manual_seed(seed), torch.as_tensor(learn)
    waiting: list[Tensor] = []

    def batches() -> tuple[Tensor, Tensor]:
        if not waiting:
            waiting.extend(torch.split(rows[torch.randperm(len(rows), generator=order)], BATCH))
        batch = waiting.pop()
        return x[batch][None], y[batch][None]

    replicas, steps = Replicas([model]), -(-len(rows) // BATCH)
    found = descend(
        replicas,
        [RATE],
        lambda network, u, target: mse_loss(network(u), target),
        lambda network: mse_loss(network(x[choose]), y[choose]),
        **{"most": EPOCHS * steps, "every": steps, "patience": EPOCHS},
        batches=batches,
    )
    (best,) = replicas.networks(found.parameters)
    with torch.no_grad():
        kept = float(mse_loss(best(x[test]), y[test]))
    spread = float((y[test] - y[test].mean(0)).square().mean())
    return round(kept / spread, 4)


def measure() -> dict[str, Any]:
    """All of it: how well known actions are recovered, and what stays unexplained."""
    ours, theirs = data.collect("walker2d", ROLLOUTS), data.load_original()
    at = moments(ours, MOMENTS)
    random = np.random.default_rng(1)
    few = [at[k] for k in random.permutation(len(at))[:CHECKED]]
    again, misses = recovered(ours, few)
    drawn = [ours[number].actions for number, _ in few]
    known = np.array([a[t] for a, (_, t) in zip(drawn, few, strict=True) if a is not None])
    off = np.abs(again - known).max(1)[misses < SMALL]
    there = moments(theirs, MOMENTS)
    actions, missed = recovered(theirs, there)
    good = missed < SMALL
    drivers = data.policies("walker2d")
    seen = np.array([ours[n].observations[t] for n, t in at], dtype=float)
    assert ours.actions is not None
    starts = np.cumsum(ours.lengths) - ours.lengths
    taken: Array = ours.actions[[starts[n] + t for n, t in at]].astype(np.float64)
    stages = [ours.stages[n] for n, _ in at]
    means = np.array([drivers[s].act(o) for s, o in zip(stages, seen, strict=True)])
    groups = np.array([n for n, _ in at])
    found = np.array([theirs[n].observations[t] for n, t in there], dtype=np.float64)[good]
    places = np.array([n for n, _ in there])[good]
    return {
        "check": {
            "recovered": float(np.mean(misses < SMALL)),
            "typical error": float(np.median(off)),
            "error of nine in ten": float(np.quantile(off, 0.9)),
        },
        "original": {"recovered": float(good.mean()), "examples": int(good.sum())},
        "unexplained": {
            "our policies without noise": unexplained(seen, means, groups),
            "our drawn actions": unexplained(seen, taken, groups),
            "the original's actions": unexplained(found, actions[good], places),
        },
    }


def main() -> None:
    """Measure and write ``results/recovered_actions.json``."""
    record = {"provenance": provenance("python -m ltcbook.experiments.recovered_actions")}
    record |= measure()
    results.save(RESULTS, record)


if __name__ == "__main__":
    main()
