"""Exercises with sealed parameters: measure something, then ask whether you found it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ltcbook.checks import unknown_name

CLOSE, FAR = 0.2, 1.0
"""Relative errors up to which a guess is close, and above which it is far away."""


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
    >>> sealed.check(tau=13.0)
    'tau: close, a little too high'
    >>> sealed.check(tau=11.9)
    'tau: found'

    Chapter: ``membrane_equation``.
    """

    def __init__(self, *, tolerance: float = 0.05, **values: float) -> None:
        self._tolerance, self._values = tolerance, values

    def __repr__(self) -> str:
        return f"Sealed({', '.join(self._values)})"

    def check(self, **guesses: float) -> str:
        """Tell for each guess whether it is found, or on which side it lies and roughly how far.

        Raises:
            ValueError: without a guess, for a name that is not sealed here, or for a guess that is
                not a finite number.
        """
        if not guesses:
            wanted = ", ".join(f"{name}=..." for name in self._values)
            raise ValueError(f"give a guess for one number or more: check({wanted})")
        return ", ".join(f"{name}: {self._answer(name, guess)}" for name, guess in guesses.items())

    def _answer(self, name: str, guess: float) -> str:
        if name not in self._values:
            unknown_name("sealed number", name, self._values)
        value, number = self._values[name], _number(name, guess)
        if abs(number - value) <= self._tolerance * abs(value):
            return "found"
        away = abs(number - value) / (abs(value) or 1.0)
        distance = "close, a little " if away <= CLOSE else "far " if away > FAR else ""
        return f"{distance}too {'high' if number > value else 'low'}"


def _number(name: str, guess: object) -> float:
    """A guess as a float; text is none, whatever it says."""
    try:
        number = math.nan if isinstance(guess, str | bytes) else float(guess)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number, got {guess!r}")
    return number


def sealed_membrane(
    seed: int,
) -> tuple[Callable[[NDArray[np.float64]], NDArray[np.float64]], Sealed]:
    """A passive membrane with one open synapse and unknown parameters.

    Args:
        seed: which membrane.

    Returns:
        ``record(t)``, the potential in mV at the times t (ms, none below zero) after a start at
        −70 mV, and the sealed ``tau`` (ms) and ``equilibrium`` (mV).

    >>> record, sealed = sealed_membrane(seed=0)
    >>> record(np.array([0.0]))
    array([-70.])
    >>> sealed
    Sealed(tau, equilibrium)

    Source: the solution of B.13 for one neuron and constant conductances. Chapter:
    ``membrane_equation``.
    """
    random = np.random.default_rng(seed)
    leak, conductance = random.uniform(0.02, 0.1), random.uniform(0.02, 0.1)
    tau = 1.0 / (leak + conductance)
    equilibrium = (leak * -70.0 + conductance * 0.0) * tau

    def record(t: NDArray[np.float64]) -> NDArray[np.float64]:
        times = np.asarray(t, dtype=float)
        if not (times >= 0).all():
            wrong = times[~(times >= 0)].flat[0]
            raise ValueError(f"t must be at least 0, in ms after the start, got {wrong:g}")
        return equilibrium + (-70.0 - equilibrium) * np.exp(-times / tau)

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

    >>> rate, sealed = sealed_neuron(seed=0)
    >>> rate(np.array([0.0, 1.0])).shape
    (2,)
    >>> sealed.check(leak=100.0)
    'leak: far too high'

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

    >>> current, sealed = sealed_synapse(seed=0)
    >>> isinstance(current(-20.0, -60.0), float)
    True
    >>> sealed
    Sealed(e, w, a, midpoint)

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

    >>> respond, sealed = sealed_artificial_neuron(seed=0)
    >>> respond(np.zeros((4, 2))).shape
    (4,)
    >>> sealed
    Sealed(w1, w2, threshold)

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

    >>> layer, sealed = sealed_residual_layer(seed=0)
    >>> layer(np.zeros(3)).shape
    (3,)
    >>> sealed
    Sealed(weight, midpoint)

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

    >>> flow, sealed = sealed_flow(seed=0)
    >>> flow(np.array([0.5]), 0.0).round(6)
    array([0.5])
    >>> sealed
    Sealed(weight, midpoint)

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

    >>> count, sealed = sealed_counter(seed=0)
    >>> count(2, 1, 1) - count(1, 1, 1) > 0
    True
    >>> sealed
    Sealed(nn, mn, n, m)

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
        sealed answers ``gated`` and ``tanh`` (1 for yes, 0 for no) and ``anchor`` (0 if not gated).

    >>> current, sealed = sealed_string(seed=0)
    >>> isinstance(current(0.5, 0.0), float)
    True
    >>> sealed
    Sealed(gated, tanh, anchor)

    Source: B, Table 3. Chapter: ``grammar``.
    """
    random = np.random.default_rng(seed)
    gated, tanh = (float(random.integers(2)) for _ in range(2))
    w, a, b, e = random.uniform((0.3, 3.0, -0.8, 0.5), (1.0, 8.0, -0.3, 1.5))

    def current(x: float, y: float) -> float:
        z = a * (x + b)
        opening = np.tanh(z) if tanh else 0.5 + 0.5 * np.tanh(z / 2)
        return float(w * opening * (e - y if gated else 1.0))

    return current, Sealed(gated=gated, tanh=tanh, anchor=float(e * gated))
