"""Exercises with sealed parameters: measure something, then ask whether you found it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ltcbook.checks import unknown_name


class Sealed:
    """Numbers that a reader is to find out; they answer a guess, and are not printed.

    Args:
        tolerance: relative error up to which a guess counts as found.
        values: the numbers, by name.

    Chapter: ``membrane_equation`` has the first of these exercises.
    """

    def __init__(self, *, tolerance: float = 0.05, **values: float) -> None:
        self._tolerance, self._values = tolerance, values

    def __repr__(self) -> str:
        return f"Sealed({', '.join(self._values)})"

    def check(self, **guesses: float) -> str:
        """Tell for each guess whether it is found, too high or too low.

        Raises:
            ValueError: for a name that is not sealed here, or a guess that is not finite.
        """
        answers = []
        for name, guess in guesses.items():
            if name not in self._values:
                unknown_name("sealed number", name, self._values)
            if not math.isfinite(guess):
                raise ValueError(f"{name} must be a finite number, got {guess!r}")
            value = self._values[name]
            if abs(guess - value) <= self._tolerance * abs(value):
                answers.append(f"{name}: found")
            else:
                answers.append(f"{name}: too {'high' if guess > value else 'low'}")
        return ", ".join(answers)


def sealed_membrane(seed: int) -> tuple[Callable[[NDArray[np.float64]], NDArray[np.float64]], Sealed]:
    """A passive membrane with one open synapse and unknown parameters.

    Args:
        seed: which membrane.

    Returns:
        ``record(t)``, the potential in mV at the times t (ms) after a start at −70 mV, and the
        sealed ``tau`` (ms) and ``equilibrium`` (mV).

    Source: the solution of B.13 for one neuron and constant conductances. Chapter:
    ``membrane_equation``.
    """
    random = np.random.default_rng(seed)
    leak, conductance = random.uniform(0.02, 0.1), random.uniform(0.02, 0.1)
    tau = 1.0 / (leak + conductance)
    equilibrium = (leak * -70.0 + conductance * 0.0) * tau

    def record(t: NDArray[np.float64]) -> NDArray[np.float64]:
        return equilibrium + (-70.0 - equilibrium) * np.exp(-np.asarray(t, dtype=float) / tau)

    return record, Sealed(tau=tau, equilibrium=equilibrium)
