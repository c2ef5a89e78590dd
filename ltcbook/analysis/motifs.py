"""Motifs: circuits of a few membranes in millivolts, built, simulated and judged.

A circuit is the autonomous SA-LTC B.13, written as a list of synapses. A stimulus is one more
channel to 0 mV, opened from outside, so that everything that acts on a neuron is a spring.

Units: mV, nS, pF, ms. Chapter: ``motifs``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.integrate import solve_ivp  # type: ignore[import-untyped]
from scipy.optimize import brentq  # type: ignore[import-untyped]

from ltcbook.papers.equations import Array, logistic

EXCITATORY, INHIBITORY, REST = 0.0, -90.0, -70.0
"""Paper A's reversal potentials and resting potential, mV (A.9)."""

Stimulus = Callable[[float], Array]
"""Time (ms) -> conductance (nS) of the stimulus channel of each neuron, (n,)."""


@dataclass(frozen=True)
class Synapse:
    """One synapse: source and target, largest conductance (nS), reversal potential (mV), the
    presynaptic potential at which it is half open (mV), and its slope (1/mV).

    >>> Synapse(0, 1, conductance=2.0, reversal=-90.0).midpoint
    -40.0
    """

    source: int
    target: int
    conductance: float
    reversal: float
    midpoint: float = -40.0
    slope: float = 0.3


def excitatory(source: int, target: int, conductance: float, midpoint: float = -40.0) -> Synapse:
    """A synapse that pulls its target towards 0 mV.

    >>> excitatory(0, 1, 2.0).reversal
    0.0
    """
    return Synapse(source, target, conductance, EXCITATORY, midpoint)


def inhibitory(source: int, target: int, conductance: float, midpoint: float = -40.0) -> Synapse:
    """A synapse that pulls its target towards −90 mV.

    >>> inhibitory(0, 1, 2.0).reversal
    -90.0
    """
    return Synapse(source, target, conductance, INHIBITORY, midpoint)


@dataclass(frozen=True)
class Circuit:
    """A few membranes and the synapses between them.

    Attributes:
        names: of the neurons.
        synapses: in any order, at most one from one neuron to another.
        capacitance: one number, or one per neuron, pF.
        leak: leak conductance of every neuron, nS; its anchor is ``REST``.

    Raises:
        ValueError: for two synapses between the same neurons.

    >>> circuit = Circuit(("A", "B"), (excitatory(0, 1, 3.0),))
    >>> t, x = circuit.simulate(100.0, lambda time: np.array([5.0, 0.0]))
    >>> x[-1].round(1)  # A is driven, and wakes B
    array([-11.7, -17.5])
    """

    names: tuple[str, ...]
    synapses: tuple[Synapse, ...]
    capacitance: float | tuple[float, ...] = 10.0
    leak: float = 1.0

    def __post_init__(self) -> None:
        pairs = [(s.source, s.target) for s in self.synapses]
        if len(set(pairs)) < len(pairs):
            raise ValueError(f"synapses must join different pairs of neurons, got {pairs}")

    @cached_property
    def matrices(self) -> tuple[Array, Array, Array, Array]:
        """Conductance, slope, midpoint and reversal potential as [post, pre]; 0 where none is."""
        found = np.zeros((4, len(self.names), len(self.names)))
        for s in self.synapses:
            found[:, s.target, s.source] = s.conductance, s.slope, s.midpoint, s.reversal
        return found[0], found[1], found[2], found[3]

    def linear_form(self, x: Array, stimulus: Array | float = 0.0) -> tuple[Array, Array]:
        """Sum of conductance times anchor (pA), and sum of conductances (nS), at potentials x.

        x may have further axes in front: (..., n).
        """
        w, a, midpoint, e = self.matrices
        g = w * logistic(a * (x[..., None, :] - midpoint))  # (..., post, pre)
        drive = self.leak * REST + np.asarray(stimulus) * EXCITATORY + (g * e).sum(-1)
        return np.asarray(drive), np.asarray(self.leak + np.asarray(stimulus) + g.sum(-1))

    def rate(self, x: Array, stimulus: Array | float = 0.0) -> Array:
        """B.13: rates of change of the potentials x (..., n), mV/ms."""
        drive, decay = self.linear_form(x, stimulus)
        return np.asarray((drive - decay * x) / np.asarray(self.capacitance))

    def simulate(
        self, duration: float, stimulus: Stimulus, x0: Sequence[float] | None = None
    ) -> tuple[Array, Array]:
        """Times (1001,) and potentials (1001, n), by an adaptive method (LSODA).

        Starts at rest unless ``x0`` says otherwise.
        """
        start = np.full(len(self.names), REST) if x0 is None else np.asarray(x0, dtype=float)
        t = np.linspace(0.0, duration, 1001)
        done = solve_ivp(
            lambda time, x: self.rate(x, stimulus(time)),
            (0.0, duration),
            start,
            t_eval=t,
            method="LSODA",
            max_step=2.0,  # so that no short stimulus is stepped over
            rtol=1e-6,
            atol=1e-6,
        )
        return t, done.y.T

    def jacobian(self, x: Array, stimulus: Array | float = 0.0) -> Array:
        """∂ẋ_i/∂x_j at x (n), as [i, j], 1/ms."""
        w, a, midpoint, e = self.matrices
        opening = logistic(a * (x - midpoint))
        matrix = w * a * opening * (1 - opening) * (e - x[:, None])
        matrix -= np.diag(self.linear_form(x, stimulus)[1])
        return np.asarray(matrix / np.reshape(np.asarray(self.capacitance), (-1, 1)))


def mutual_exclusion(conductance: float, slope: float = 0.3) -> Circuit:
    """Two neurons that inhibit each other.

    >>> pair = mutual_exclusion(5.0)
    >>> _, x = pair.simulate(200.0, lambda time: np.full(2, 3.0), (-50.0, -60.0))
    >>> bool(x[-1, 0] > -40 > x[-1, 1])  # who was ahead has won
    True
    """
    pair = [Synapse(i, 1 - i, conductance, INHIBITORY, slope=slope) for i in (0, 1)]
    return Circuit(("A", "B"), tuple(pair))


def level(presynaptic: float, synapse: Synapse, stimulus: float, leak: float = 1.0) -> float:
    """Where a stimulated neuron settles while one presynaptic potential is held, mV.

    >>> level(-40.0, inhibitory(0, 1, 2.0), stimulus=0.0)  # half open: (-70 - 90)/2
    -80.0
    """
    opening = synapse.conductance * float(
        logistic(np.asarray(synapse.slope * (presynaptic - synapse.midpoint)))
    )
    pull = leak * REST + stimulus * EXCITATORY + opening * synapse.reversal
    return pull / (leak + stimulus + opening)


def exclusion_gain(circuit: Circuit, stimulus: float) -> tuple[float, float]:
    """The common potential of two equal rivals, mV, and the gain −F′ there.

    Mutual exclusion works exactly when the gain is above 1.

    >>> weak, strong = (exclusion_gain(mutual_exclusion(g), 3.0)[1] for g in (0.5, 5.0))
    >>> weak < 1 < strong
    True
    """
    synapse = circuit.synapses[0]

    def excess(x: float) -> float:
        return level(x, synapse, stimulus, circuit.leak) - x

    common = float(brentq(excess, INHIBITORY, EXCITATORY, xtol=1e-12))
    matrix = circuit.jacobian(np.full(2, common), np.full(2, stimulus))
    return common, float(matrix[1, 0] / matrix[1, 1])


def two_rhythms(coupling: float) -> Circuit:
    """Two rhythmic pairs A a and B b, whose fast neurons A and B excite each other.

    In each pair the fast neuron excites itself and its slow partner, which inhibits it.

    >>> two_rhythms(coupling=0.0).names, len(two_rhythms(coupling=1.0).synapses)
    (('A', 'a', 'B', 'b'), 8)
    """
    synapses = []
    for fast, slow in ((0, 1), (2, 3)):
        synapses += [excitatory(fast, fast, 5.0), excitatory(fast, slow, 2.0)]
        synapses += [inhibitory(slow, fast, 8.0)]
    if coupling > 0:
        synapses += [excitatory(0, 2, coupling), excitatory(2, 0, coupling)]
    return Circuit(("A", "a", "B", "b"), tuple(synapses), (10.0, 100.0, 10.0, 100.0))


def relay(forward: float, back: float, itself: float = 3.0) -> Circuit:
    """Three neurons A, B, C that hand activity on: each holds itself, wakes the next, and
    silences the one before.

    >>> circuit = relay(forward=2.0, back=5.0)
    >>> circuit.names, len(circuit.synapses)
    (('A', 'B', 'C'), 7)
    """
    synapses = [excitatory(k, k, itself) for k in range(3)]
    synapses += [excitatory(k, k + 1, forward, midpoint=-30.0) for k in range(2)]
    synapses += [inhibitory(k + 1, k, back, midpoint=-30.0) for k in range(2)]
    return Circuit(("A", "B", "C"), tuple(synapses))
