"""How hard is it to predict a robot's next observation? Four answers that need no network.

Two data sets of the same robot can look alike and still differ: one that repeats itself is
learned by heart. These probes tell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ltcbook.data.robots.rollout_set import RolloutSet
from ltcbook.data.sequences import split_rollouts

Array = npt.NDArray[np.float64]

ORDER = 20  # observations that the autoregression sees
NEIGHBOUR_ORDER = 3  # observations that two moments must share to be neighbours
PROBES = 2000  # test moments whose nearest neighbour is searched
RIDGE = 1e-6  # relative; keeps the normal equations solvable
BLOCK = 100  # probes compared at a time: 100 x 200,000 distances are 80 MB in float32


@dataclass(frozen=True)
class Difficulty:
    """Mean squared errors of the next observation, each channel divided by its spread.

    The spread is that of the training rollouts, so 1 is the error of who knows their mean alone,
    and no channel counts for more than another because of its unit.

    Attributes:
        persistence: Repeats the last observation.
        autoregression: The best linear map of the last twenty observations.
        nearest_neighbour: What followed the most similar training moment (its last three
            observations).
        neighbour_distance: How far that moment is, in standardised units (small: the test set is
            nearly in the training set).
        stage_recognition: Share of moments whose nearest training moment comes from the same stage.

    >>> Difficulty(0.2, 0.05, 0.1, 0.5, stage_recognition=0.9).persistence
    0.2
    """

    persistence: float
    autoregression: float
    nearest_neighbour: float
    neighbour_distance: float
    stage_recognition: float


def difficulty(rollouts: RolloutSet, *, seed: int = 0) -> Difficulty:
    """Probe a set of rollouts with the book's split: learn on training, score on test rollouts.

    >>> from ltcbook.data.robots.rollout_set import Rollout, join
    >>> t = 0.1 * np.arange(200)[:, None] + np.arange(17)
    >>> waves = [Rollout(np.sin(t + k).astype(np.float32), None, 0.0) for k in range(12)]
    >>> found = difficulty(join("halfcheetah", waves, [0] * 12, {}))
    >>> round(found.persistence, 2), round(found.autoregression, 2)
    (0.01, 0.0)
    """
    split = split_rollouts(rollouts.stages, seed)
    train, test = split["train"].tolist(), split["test"].tolist()
    spread = np.concatenate([rollouts[index].observations for index in train]).std(
        axis=0, dtype=np.float64
    )
    rollouts = replace(rollouts, observations=(rollouts.observations / spread).astype(np.float32))
    moments, following, _ = _histories(rollouts, test, 1)
    error, distance, recognised = _nearest(rollouts, train, test, seed)
    return Difficulty(
        persistence=float(np.mean((following - moments) ** 2)),
        autoregression=_autoregression(rollouts, train, test),
        nearest_neighbour=error,
        neighbour_distance=distance,
        stage_recognition=recognised,
    )


def _histories(
    rollouts: RolloutSet, chosen: list[int], order: int
) -> tuple[Array, Array, npt.NDArray[np.int64]]:
    """Return every stretch of ``order`` observations that has a successor.

    The stretches (steps, order * m), the successors (steps, m) and the stages (steps,).
    """
    moments, following, stages = [], [], []
    for index in chosen:
        seen = rollouts[index].observations.astype(np.float64)
        if len(seen) <= order:
            continue
        stretches = np.lib.stride_tricks.sliding_window_view(seen[:-1], order, axis=0)
        moments.append(stretches.reshape(len(stretches), -1))
        following.append(seen[order:])
        stages.append(np.full(len(stretches), rollouts.stages[index]))
    return np.concatenate(moments), np.concatenate(following), np.concatenate(stages)


def _autoregression(rollouts: RolloutSet, train: list[int], test: list[int]) -> float:
    size = ORDER * rollouts.observations.shape[1] + 1
    moment = np.zeros((size, size))
    cross = np.zeros((size, rollouts.observations.shape[1]))
    for index in train:  # one rollout at a time: all histories at once would be a gigabyte
        history, following, _ = _histories(rollouts, [index], ORDER)
        history = np.pad(history, ((0, 0), (0, 1)), constant_values=1.0)
        moment += history.T @ history
        cross += history.T @ following
    moment[np.diag_indices(size)] *= 1 + RIDGE
    weights = np.linalg.solve(moment, cross)
    history, following, _ = _histories(rollouts, test, ORDER)
    predicted = history @ weights[:-1] + weights[-1]
    return float(np.mean((predicted - following) ** 2))


def _nearest(
    rollouts: RolloutSet, train: list[int], test: list[int], seed: int
) -> tuple[float, float, float]:
    """Return error, distance and stage recognition of the nearest training moment."""
    moments, following, stages = _histories(rollouts, train, NEIGHBOUR_ORDER)
    probes, wanted, truth = _histories(rollouts, test, NEIGHBOUR_ORDER)
    picked = np.random.default_rng(seed).permutation(len(probes))[:PROBES]
    mean, std = moments.mean(axis=0), moments.std(axis=0)
    known = ((moments - mean) / std).astype(np.float32)
    asked = ((probes[picked] - mean) / std).astype(np.float32)
    squares = (known**2).sum(axis=1)
    nearest = np.concatenate(
        [
            (squares - 2 * block @ known.T).argmin(axis=1)
            for block in np.array_split(asked, -(-len(asked) // BLOCK))
        ]
    )
    return (
        float(np.mean((following[nearest] - wanted[picked]) ** 2)),
        float(np.sqrt(np.mean((known[nearest] - asked) ** 2, axis=1)).mean()),
        float(np.mean(stages[nearest] == truth[picked])),
    )
