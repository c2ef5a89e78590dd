"""Project 1: how long do two rivals hold a decision when their membranes are noisy?

The sample solution. Two neurons inhibit each other; both are driven alike, and A is ahead. Noise
is added to the potentials, and the time is taken until B is ahead for good.

Appendix: ``projects``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ltcbook.analysis.motifs import Circuit, mutual_exclusion
from ltcbook.papers.equations import Array

DRIVE = 3.0
"""Conductance to 0 mV that both neurons have, nS."""
STEP = 0.1
"""Of the simulation, ms; a twentieth of the shortest time constant."""
AHEAD = 5.0
"""B has taken over when it is ahead by so many mV."""


def decided(circuit: Circuit, duration: float = 200.0) -> Array:
    """Where the two potentials settle, mV (2,), when A starts 10 mV ahead of B.

    >>> ahead, behind = decided(mutual_exclusion(5.0))
    >>> bool(ahead > behind)
    True
    """
    drive = np.full(2, DRIVE)
    settled: Array = circuit.simulate(duration, lambda _: drive, (-50.0, -60.0))[1][-1]
    return settled


def hold_times(
    conductance: float, noise: float, trials: int, duration: float, seed: int, step: float = STEP
) -> Array:
    """Times until B takes over, ms (trials,); infinite where A is ahead to the end.

    Solves B.13 with noise by the method of Euler and Maruyama.

    Args:
        conductance: of both inhibitory synapses, nS.
        noise: standard deviation that the noise alone would add in 1 ms, mV.
        trials: how many runs, side by side.
        duration: of each, ms.
        seed: of the noise.
        step: of the method, ms.

    >>> held = hold_times(conductance=3.0, noise=4.0, trials=8, duration=50.0, seed=0)
    >>> held.shape, bool((held > 0).all())
    ((8,), True)
    """
    circuit, random = mutual_exclusion(conductance), np.random.default_rng(seed)
    x = np.tile(decided(circuit), (trials, 1))
    held = np.full(trials, np.inf)
    for k in range(round(duration / step)):
        kick = noise * np.sqrt(step) * random.standard_normal(x.shape)
        x = x + step * circuit.rate(x, DRIVE) + kick
        over = (x[:, 1] > x[:, 0] + AHEAD) & np.isinf(held)
        held[over] = (k + 1) * step
        if np.isfinite(held).all():
            break
    return held


def barrier(noises: Sequence[float], half_lives: Sequence[float]) -> tuple[float, float]:
    """Fit ln(half-life) = constant + B / noise²: B in mV², and the largest misfit, as a factor.

    Noise that must lift a state over a barrier takes a time that grows so, once it is small
    against the barrier; B is in proportion to the barrier's height.

    Args:
        noises: at least three, mV.
        half_lives: at one conductance, finite, ms.

    >>> noises = np.array([1.0, 2.0, 3.0])
    >>> found, misfit = barrier(noises, np.exp(2 + 5 / noises**2))
    >>> round(found, 6), round(misfit, 6)
    (5.0, 1.0)
    """
    columns = np.column_stack([np.ones(len(noises)), 1 / np.square(noises)])
    logs = np.log(half_lives)
    found = np.linalg.lstsq(columns, logs, rcond=None)[0]
    return float(found[1]), float(np.exp(np.abs(columns @ found - logs).max()))


def half_life(held: Array, draws: int = 2000) -> tuple[float, float, float]:
    """The median of hold times, and the ends of its 95 % interval, by bootstrap over the trials.

    Infinite where half of the trials hold to the end: a bound, and no number.

    >>> half_life(np.array([10.0, 20.0, 30.0]), draws=100)[0]
    20.0
    """
    random = np.random.default_rng(0)
    again = np.sort(held[random.integers(0, len(held), (draws, len(held)))], axis=1)
    medians = np.sort(again[:, len(held) // 2])  # no mean of two: one may be infinite
    low, high = medians[int(0.025 * draws)], medians[int(0.975 * draws)]
    return float(np.sort(held)[len(held) // 2]), float(low), float(high)
