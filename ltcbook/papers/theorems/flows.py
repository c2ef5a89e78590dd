"""Trajectories in float64, for the checks of the theorems.

Runge-Kutta methods commute with linear maps of the state: a step of the mapped system is the
mapped step. Theorems that say "x = Wy turns one system into the other" therefore hold for the
numerical trajectories too, to rounding, whatever the step.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ltcbook.papers.equations import Array

Rate = Callable[[float, Array], Array]
"""(t, x) -> rate of change of x."""


def runge_kutta(rate: Rate, x0: Array, horizon: float = 1.0, steps: int = 40) -> Array:
    """States at 0, h, 2h, ... up to the horizon by the classical RK4; shape (steps + 1, n).

    >>> float(runge_kutta(lambda t, x: -x, np.ones(1))[-1, 0].round(6))
    0.367879
    """
    h, states = horizon / steps, [np.asarray(x0, dtype=np.float64)]
    for t in np.arange(steps) * h:
        x = states[-1]
        k1 = rate(t, x)
        k2 = rate(t + h / 2, x + h / 2 * k1)
        k3 = rate(t + h / 2, x + h / 2 * k2)
        k4 = rate(t + h, x + h * k3)
        states.append(x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
    return np.array(states)


def euler(rate: Rate, x0: Array, horizon: float = 1.0, steps: int = 10) -> Array:
    """States at 0, h, 2h, ... up to the horizon by explicit Euler; shape (steps + 1, n).

    >>> euler(lambda t, x: -x, np.ones(1), steps=2)
    array([[1.  ],
           [0.5 ],
           [0.25]])
    """
    h, states = horizon / steps, [np.asarray(x0, dtype=np.float64)]
    for t in np.arange(steps) * h:
        states.append(states[-1] + h * rate(t, states[-1]))
    return np.array(states)


def largest(*gaps: Array | float) -> float:
    """Largest absolute value of all entries.

    >>> largest(0.5, np.array([1.0, -2.0]))
    2.0
    """
    return max(float(np.max(np.abs(gap))) for gap in gaps)
