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

    >>> sealed = Sealed(tau=12.0)
    >>> sealed
    Sealed(tau)
    >>> sealed.check(tau=20.0)
    'tau: too high'
    >>> sealed.check(tau=11.9)
    'tau: found'

    Chapter: ``membrane_equation``.
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


def sealed_membrane(
    seed: int,
) -> tuple[Callable[[NDArray[np.float64]], NDArray[np.float64]], Sealed]:
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


def sealed_neuron(
    seed: int,
) -> tuple[Callable[[NDArray[np.float64]], NDArray[np.float64]], Sealed]:
    """A leaky neuron with one synapse onto itself, its potential held by a clamp.

    Args:
        seed: which neuron.

    Returns:
        ``rate(x)``, how fast the potential would change if the clamp let go at x, and the sealed
        ``leak`` w_l, ``weight`` w and ``midpoint`` −b.

    Source: B.7 with one neuron. Chapter: ``ct_rnns``.
    """
    random = np.random.default_rng(seed)
    leak, weight, midpoint = random.uniform((0.5, 3.0, 1.0), (1.5, 9.0, 4.0))

    def rate(x: NDArray[np.float64]) -> NDArray[np.float64]:
        potential = np.asarray(x, dtype=np.float64)
        opening = 1.0 / (1.0 + np.exp(midpoint - potential))
        change: NDArray[np.float64] = -leak * potential + weight * opening
        return change

    return rate, Sealed(leak=leak, weight=weight, midpoint=midpoint)


def sealed_synapse(
    seed: int,
) -> tuple[Callable[[float, float], float], Sealed]:
    """One chemical synapse between two neurons whose potentials are held by two clamps.

    Args:
        seed: which synapse.

    Returns:
        ``current(x_pre, x_post)``, and the sealed reversal potential ``e``, maximum conductance
        ``w``, slope ``a`` and midpoint ``midpoint`` (where the synapse is half open).

    Source: y_ji of B.13. Chapter: ``liquid_time_constants``.
    """
    random = np.random.default_rng(seed)
    w, a, midpoint = random.uniform((0.3, 3.0, 0.3), (1.0, 8.0, 0.8))
    e = random.uniform(0.6, 1.4) * random.choice([-1.0, 1.0])

    def current(x_pre: float, x_post: float) -> float:
        return float(w / (1.0 + np.exp(-a * (x_pre - midpoint))) * (e - x_post))

    return current, Sealed(e=float(e), w=w, a=a, midpoint=midpoint)


def sealed_artificial_neuron(
    seed: int,
) -> tuple[Callable[[NDArray[np.float64]], NDArray[np.float64]], Sealed]:
    """One artificial neuron with two inputs, as a black box.

    Args:
        seed: which neuron.

    Returns:
        ``respond(u)``, its outputs (S) to inputs u (S, 2), and the sealed weights ``w1`` and ``w2``
        and ``threshold``, −b.

    Source: B.1. Chapter: ``artificial_neurons``.
    """
    random = np.random.default_rng(seed)
    weights = random.uniform(0.5, 3.0, 2) * random.choice([-1.0, 1.0], 2)
    threshold = random.uniform(0.5, 2.0)

    def respond(u: NDArray[np.float64]) -> NDArray[np.float64]:
        output: NDArray[np.float64] = 1.0 / (1.0 + np.exp(threshold - np.asarray(u) @ weights))
        return output

    return respond, Sealed(w1=float(weights[0]), w2=float(weights[1]), threshold=threshold)


def sealed_residual_layer(
    seed: int,
) -> tuple[Callable[[NDArray[np.float64]], NDArray[np.float64]], Sealed]:
    """One residual layer of one neuron, as a black box.

    Args:
        seed: which layer.

    Returns:
        ``layer(x)``, the sums after the layer for sums x before it, and the sealed ``weight`` w and
        ``midpoint`` −b.

    Source: B.2 with one neuron. Chapter: ``residual_networks``.
    """
    random = np.random.default_rng(seed)
    weight, midpoint = random.uniform(0.5, 4.0) * random.choice([-1.0, 1.0]), random.uniform(1, 3)

    def layer(x: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.asarray(x, dtype=np.float64)
        after: NDArray[np.float64] = sums + weight / (1.0 + np.exp(midpoint - sums))
        return after

    return layer, Sealed(weight=float(weight), midpoint=midpoint)


def sealed_flow(
    seed: int,
) -> tuple[Callable[[NDArray[np.float64], float], NDArray[np.float64]], Sealed]:
    """A NeuralODE of one neuron, of which only the ends of its trajectories are seen.

    ẋ = wσ(x + b) is solved by G(x(t) + b) = G(x(0) + b) + wt with G(z) = z − e^(−z).

    Args:
        seed: which flow.

    Returns:
        ``flow(x, t)``, the states after the time t of those that start at x, and the sealed
        ``weight`` w and ``midpoint`` −b.

    Source: B.5 with one neuron. Chapter: ``neural_odes``.
    """
    random = np.random.default_rng(seed)
    weight, midpoint = random.uniform(0.5, 3.0), random.uniform(1.0, 3.0)

    def flow(x: NDArray[np.float64], t: float) -> NDArray[np.float64]:
        start = np.asarray(x, dtype=np.float64) - midpoint
        target = start - np.exp(-start) + weight * t
        z = -np.log1p(np.abs(target))  # left of the solution: G is concave, Newton never overshoots
        for _ in range(100):
            z = z + (target - z + np.exp(-z)) / (1.0 + np.exp(-z))
        end: NDArray[np.float64] = z + midpoint
        return end

    return flow, Sealed(weight=weight, midpoint=midpoint)


def sealed_counter(seed: int) -> tuple[Callable[[int, int, int], int], Sealed]:
    """The number of parameters of an unknown recurrent model with a linear readout.

    Args:
        seed: which model.

    Returns:
        ``count(n, m, o)`` for n neurons, m inputs and o outputs, and the sealed coefficients of
        its formula: ``nn`` of n², ``mn`` of mn, ``n`` of n without the readout's, ``m`` of m.

    Source: the formulas of B's Table 1. Chapter: ``counting_parameters``.
    """
    rows = ((1, 1, 4, 0), (1, 1, 3, 2), (3, 1, 2, 0), (3, 3, 1, 0), (4, 4, 1, 0), (4, 2, 2, 0))
    nn, mn, n_alone, m_alone = rows[seed % len(rows)]

    def count(n: int, m: int, o: int) -> int:
        return nn * n * n + mn * m * n + n_alone * n + m_alone * m + o * n + o

    return count, Sealed(nn=nn, mn=mn, n=n_alone, m=m_alone)


def sealed_string(seed: int) -> tuple[Callable[[float, float], float], Sealed]:
    """One synapse of an unknown type of Table 3.

    Args:
        seed: which synapse.

    Returns:
        ``current(x, y)`` for the presynaptic potential x and the postsynaptic one y, and the
        sealed answers ``gated`` and ``tanh`` (1 for yes, 0 for no) and ``post`` (0 if not gated).

    Source: B, Table 3. Chapter: ``grammar``.
    """
    random = np.random.default_rng(seed)
    gated, tanh = (float(random.integers(2)) for _ in range(2))
    w, a, b, e = random.uniform((0.3, 3.0, -0.8, 0.5), (1.0, 8.0, -0.3, 1.5))

    def current(x: float, y: float) -> float:
        z = a * (x + b)
        opening = np.tanh(z) if tanh else 0.5 + 0.5 * np.tanh(z / 2)
        return float(w * opening * (e - y if gated else 1.0))

    return current, Sealed(gated=gated, tanh=tanh, post=float(e * gated))
