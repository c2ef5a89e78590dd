"""NeuralODEs as flows: a closed form to measure solvers with, steps that adapt, paths that swap.

Chapter: ``neural_odes``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ltcbook.checks import positive_number
from ltcbook.papers.equations import Array, register

rate_of = register["B.5"].function


def clock(z: Array | float) -> Array:
    """G(z) = z − e^(−z), which along ẋ = wσ(x + b) grows at the constant rate w, z = x + b.

    >>> float(clock(0.0)), round(float(clock(1.0)), 4)
    (-1.0, 0.6321)
    """
    return np.asarray(z - np.exp(-np.asarray(z, dtype=np.float64)))


def steer(x: float, y: float, b: float = 0.0, time: float = 1.0) -> float:
    """The weight w with which ẋ = wσ(x + b) goes from x to y in the given time.

    Raises:
        ValueError: if the time is not above zero.

    >>> round(steer(0.0, 1.0), 4)
    1.6321
    """
    return float((clock(y + b) - clock(x + b)) / positive_number("time", time))


class Steps(NamedTuple):
    """What an adaptive solver did.

    Attributes:
        times: t (N + 1).
        states: x (N + 1, n).
        tried: number of steps tried, those thrown away too.

    >>> taken = adaptive_euler(np.array([[1.0]]), np.zeros(1), np.zeros(1), 1.0, tolerance=1e-2)
    >>> taken.states[-1].round(1), taken.tried >= len(taken.lengths)
    (array([0.5]), True)
    """

    times: Array
    states: Array
    tried: int

    @property
    def lengths(self) -> Array:
        """d(t) (N)."""
        return np.diff(self.times)


def adaptive_euler(
    w: Array, b: Array, x: Array, horizon: float, tolerance: float, first: float = 0.1
) -> Steps:
    """Euler steps of B.5 whose length d(t) keeps the error of each below a tolerance.

    The error of a step is judged by Heun's step, which costs one rate more: they differ by about
    d² ẍ / 2. The next step has the length that would have just met the tolerance, with a margin.

    Args:
        w, b: weights [from, to] and biases of the network.
        x: the start (n,).
        horizon: T.
        tolerance: largest error of one step, in any neuron.
        first: the first step tried.

    Raises:
        ValueError: if a number is not above zero.

    >>> (w, b), start = half_turn(), np.array([1.0, 0.0, 0.0])
    >>> coarse, fine = (adaptive_euler(w, b, start, 3.0, tolerance=e) for e in (1e-2, 1e-5))
    >>> len(fine.times) > len(coarse.times)
    True

    Source: A.6.
    """
    t, d = 0.0, positive_number("first", first)
    horizon, tolerance = (
        positive_number("horizon", horizon),
        positive_number("tolerance", tolerance),
    )
    times, states, tried = [t], [np.asarray(x, dtype=np.float64)], 0
    while t < horizon:
        d = min(d, horizon - t)
        rate = rate_of(states[-1], w, b)
        step = states[-1] + d * rate
        error = float(np.max(np.abs(d / 2 * (rate_of(step, w, b) - rate))))
        tried += 1
        if error <= tolerance:
            t = horizon if d == horizon - t else t + d
            times.append(t)
            states.append(step)
        d *= min(5.0, max(0.2, 0.9 * (tolerance / max(error, 1e-300)) ** 0.5))
    return Steps(np.array(times), np.array(states), tried)


def half_turn(omega: float = 4.0) -> tuple[Array, Array]:
    """Weights [from, to] and biases of three neurons of B.5 that turn the first two in a circle.

    The third receives nothing and stays at 0, where σ is ½; it takes the mean off the others:
    ẋ₁ = −ω (σ(x₂) − ½), ẋ₂ = ω (σ(x₁) − ½). Its orbits are closed and symmetric, so that after
    half a period every point of one is at its opposite.

    >>> w, b = half_turn(omega=4.0)
    >>> w
    array([[ 0.,  4.,  0.],
           [-4.,  0.,  0.],
           [ 4., -4.,  0.]])
    """
    w = np.zeros((3, 3))
    w[1, 0], w[0, 1] = -omega, omega
    w[2, 0], w[2, 1] = omega, -omega
    return w, np.zeros(3)
