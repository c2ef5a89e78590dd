"""What one layer of sigmoids can draw, and how closely. Chapter: ``artificial_neurons``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ltcbook.checks import positive_int
from ltcbook.equations import Array, logistic

STEEPNESS = 2 * np.log(3.0)
"""Slope of a staircase's sigmoids times the width of its stairs; the proof needs this value."""


@dataclass(frozen=True)
class Staircase:
    """One layer of N sigmoids over [0, 1], a rounded stair from each: Σ_k h_k σ(a (x − m_k)).

    Attributes:
        floor: the value before the first stair.
        heights: h (N), how much each neuron adds.
        midpoints: m (N), where it does so.
        slope: a, the same for all.
    """

    floor: float
    heights: Array
    midpoints: Array
    slope: float

    def __call__(self, x: Array) -> Array:
        """Values (S) at the points x (S)."""
        opened = logistic(self.slope * (np.asarray(x)[:, None] - self.midpoints))
        values: Array = self.floor + opened @ self.heights
        return values


def staircase(F: Callable[[Array], Array], N: int) -> Staircase:
    """N sigmoids within 2ω(1/N) of F on [0, 1], where ω is F's modulus of continuity.

    Nothing is trained: neuron k adds what F gains from (k − 1)/N to k/N, halfway between.

    Args:
        F: continuous; maps points (S) in [0, 1] to values (S).
        N: number of neurons.

    Raises:
        ValueError: if N is not a positive integer.

    Source: the constructive proof of universal approximation in one dimension.
    """
    values = F(np.linspace(0.0, 1.0, positive_int("N", N) + 1))
    midpoints = (np.arange(N) + 0.5) / N
    return Staircase(float(values[0]), np.diff(values), midpoints, STEEPNESS * N)
