"""What one layer of sigmoids can draw, and how closely. Chapter: ``artificial_neurons``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ltcbook.checks import positive_int, positive_number
from ltcbook.papers.equations import Array, logistic

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

    >>> rise = Staircase(floor=0.0, heights=np.ones(1), midpoints=np.full(1, 0.5), slope=100.0)
    >>> rise(np.array([0.0, 0.5, 1.0])).round(3)
    array([0. , 0.5, 1. ])
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

    >>> curve = staircase(np.square, 50)
    >>> x = np.linspace(0, 1, 11)
    >>> bool(np.abs(curve(x) - x**2).max() < 0.04)
    True

    Source: the constructive proof of universal approximation in one dimension.
    """
    values = F(np.linspace(0.0, 1.0, positive_int("N", N) + 1))
    midpoints = (np.arange(N) + 0.5) / N
    return Staircase(float(values[0]), np.diff(values), midpoints, STEEPNESS * N)


def product_of_two(x: Array | float, y: Array | float, h: float, b: float = -1.3) -> Array:
    """x·y from four sigmoids, up to a term of order h²: the proof of universality, made a network.

    σ(hz + b) + σ(−hz + b) is 2σ(b) + h²σ″(b)z², and (x + y)² − (x − y)² = 4xy.

    Args:
        x, y: the factors, of one shape.
        h: weight of the inputs, above 0; the smaller, the closer, until rounding sets in.
        b: bias, not 0, where σ″ vanishes.

    Raises:
        ValueError: if h is not above 0, or b is 0.

    >>> round(float(product_of_two(0.3, 0.5, h=0.01)), 4)
    0.15

    Source: the proof of universal approximation in this chapter, after Leshno et al. 1993.
    """
    h, s = positive_number("h", h), logistic(np.asarray(b))
    curvature = s * (1 - s) * (1 - 2 * s)
    if curvature == 0:
        raise ValueError("b must not be 0: the second derivative of the sigmoid vanishes there")
    along, across = np.asarray(x) + y, np.asarray(x) - y
    bent: Array = sum(logistic(h * z + b) for z in (along, -along))
    bent = bent - sum(logistic(h * z + b) for z in (across, -across))
    product: Array = bent / (4 * h**2 * curvature)
    return product
