"""Project 2: what can a recording tell about a membrane?

The sample solution. Somebody has recorded one neuron, and the two neurons that act on it. Fit the
membrane equation to the recording, predict another one, and ask whether the parameters are right.

Appendix: ``projects``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares  # type: ignore[import-untyped]

from ltcbook.papers.equations import Array, logistic

NAMES = ("leak", "w1", "w2", "midpoint1", "midpoint2")
TRUE = np.array([1.0, 2.0, 3.0, 0.5, 0.6])
LOW, HIGH = np.array([0.1, 0.1, 0.1, -0.5, -0.5]), np.array([4.0, 20.0, 20.0, 2.0, 2.0])
SLOPE, REVERSALS = 6.0, np.array([1.0, -1.0])  # known: one excites, the other inhibits
STEP, LENGTH, NOISE = 0.1, 150, 0.01


class Fit(NamedTuple):
    """What came out: the parameters, and errors (mean square) on a new recording.

    >>> found = study(seed=0, low=0.0, high=1.0)
    >>> found.error < found.linear_error
    True
    """

    parameters: Array
    error: float
    linear_error: float


def presynaptic(seed: int, low: float, high: float) -> Array:
    """Potentials of the two presynaptic neurons, (LENGTH, 2), that swing between two levels.

    >>> u = presynaptic(seed=0, low=0.2, high=0.8)
    >>> u.shape, round(float(u.min()), 6), round(float(u.max()), 6)
    ((150, 2), 0.2, 0.8)
    """
    random = np.random.default_rng(seed)
    t = STEP * np.arange(LENGTH)[:, None, None]
    waves = np.sin(random.uniform(0.3, 2, (2, 3)) * t + random.uniform(0, 2 * np.pi, (2, 3)))
    swing = waves.mean(-1)
    swing = (swing - swing.min(0)) / np.ptp(swing, axis=0)
    return np.asarray(low + (high - low) * swing)


def membrane(parameters: Array, u: Array) -> Array:
    """Potentials of membranes with parameters (P, 5) under inputs u (T, 2), (T, P).

    B.13 with capacitance 1 and a rest of 0, by exponential Euler, which is exact for held inputs.

    >>> membrane(TRUE[None], np.zeros((150, 2))).shape
    (150, 1)
    """
    leak, w, midpoint = parameters[:, 0], parameters[:, 1:3], parameters[:, 3:]
    g = w * logistic(SLOPE * (u[:, None] - midpoint))  # (T, P, 2)
    decay = leak + g.sum(-1)
    rest, keep = (g * REVERSALS).sum(-1) / decay, np.exp(-STEP * decay)
    x, path = np.zeros(len(parameters)), []
    for at, kept in zip(rest, keep, strict=True):
        x = at + (x - at) * kept
        path.append(x)
    return np.array(path)


def record(seed: int, low: float, high: float) -> tuple[Array, Array]:
    """Inputs (LENGTH, 2) of the true membrane, and its noisy recording (LENGTH,).

    >>> u, seen = record(seed=0, low=0.0, high=1.0)
    >>> u.shape, seen.shape
    ((150, 2), (150,))
    """
    u = presynaptic(seed, low, high)
    noise = NOISE * np.random.default_rng((seed, 1)).standard_normal(LENGTH)
    return u, membrane(TRUE[None], u)[:, 0] + noise


def fit(u: Array, seen: Array, seed: int, starts: int = 4) -> Array:
    """The parameters that fit a recording best, (5,), from several starts.

    >>> u, seen = record(seed=0, low=0.0, high=1.0)
    >>> found = fit(u, seen, seed=0)
    >>> bool(np.mean((membrane(found[None], u)[:, 0] - seen) ** 2) < 2 * NOISE**2)
    True
    """
    random, nudge = np.random.default_rng((seed, 2)), 1e-6

    def miss(p: Array) -> Array:
        return membrane(p[None], u)[:, 0] - seen

    def slopes(p: Array) -> Array:
        around = membrane(np.vstack([p, p + nudge * np.eye(5)]), u)
        return (around[:, 1:] - around[:, :1]) / nudge

    found = [
        least_squares(miss, LOW + (HIGH - LOW) * random.uniform(0, 0.3, 5), slopes, (LOW, HIGH))
        for _ in range(starts)
    ]
    best: Array = min(found, key=lambda result: float(result.cost)).x
    return best


def linear(u: Array, seen: Array, new: Array) -> Array:
    """The baseline: the best linear map of the last five inputs, fitted and then applied.

    >>> u, seen = record(seed=0, low=0.0, high=1.0)
    >>> linear(u, seen, new=u).shape
    (150,)
    """

    def columns(inputs: Array) -> Array:
        padded = np.pad(inputs, ((4, 0), (0, 0)), mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, 5, axis=0)
        return np.column_stack([windows.reshape(len(inputs), -1), np.ones(len(inputs))])

    weights = np.linalg.lstsq(columns(u), seen, rcond=1e-2)[0]
    return np.asarray(columns(new) @ weights)


def study(seed: int, low: float, high: float) -> Fit:
    """Fit one recording, and predict another one of the same kind.

    >>> study(seed=0, low=0.0, high=1.0).error < 1e-3
    True
    """
    u, seen = record(seed, low, high)
    new, truth = record(seed + 1000, low, high)
    parameters = fit(u, seen, seed)
    error = float(np.mean((membrane(parameters[None], new)[:, 0] - truth) ** 2))
    return Fit(parameters, error, float(np.mean((linear(u, seen, new) - truth) ** 2)))
