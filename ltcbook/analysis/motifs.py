"""Motifs: circuits of a few membranes in millivolts, built, simulated and judged.

A circuit is the autonomous SA-LTC B.13, written as a list of synapses. A stimulus is one more
channel to 0 mV, opened from outside, so that everything that acts on a neuron is a spring.

Units: mV, nS, pF, ms. Chapter: ``motifs``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp  # type: ignore[import-untyped]
from scipy.optimize import brentq  # type: ignore[import-untyped]

from ltcbook.equations import Array, logistic

EXCITATORY, INHIBITORY, REST = 0.0, -90.0, -70.0
"""Paper A's reversal potentials and resting potential, mV (A.9)."""

Stimulus = Callable[[float], Array]
"""Time (ms) -> conductance (nS) of the stimulus channel of each neuron, (n,)."""


@dataclass(frozen=True)
class Synapse:
    """One synapse: source and target, largest conductance (nS), reversal potential (mV), the
    presynaptic potential at which it is half open (mV), and its slope (1/mV)."""

    source: int
    target: int
    conductance: float
    reversal: float
    midpoint: float = -40.0
    slope: float = 0.3


def excitatory(source: int, target: int, conductance: float, midpoint: float = -40.0) -> Synapse:
    """A synapse that pulls its target towards 0 mV."""
    return Synapse(source, target, conductance, EXCITATORY, midpoint)


def inhibitory(source: int, target: int, conductance: float, midpoint: float = -40.0) -> Synapse:
    """A synapse that pulls its target towards −90 mV."""
    return Synapse(source, target, conductance, INHIBITORY, midpoint)


@dataclass(frozen=True)
class Circuit:
    """A few membranes and the synapses between them.

    Attributes:
        names: of the neurons.
        synapses: in any order; several from one neuron to another add up.
        capacitance: one number, or one per neuron, pF.
        leak: leak conductance of every neuron, nS; its post is :data:`REST`.
    """

    names: tuple[str, ...]
    synapses: tuple[Synapse, ...]
    capacitance: float | tuple[float, ...] = 10.0
    leak: float = 1.0

    def linear_form(self, x: Array, stimulus: Array | float = 0.0) -> tuple[Array, Array]:
        """Sum of conductance times post (pA), and sum of conductances (nS), at potentials x.

        x may have further axes in front: (..., n).
        """
        decay = np.zeros_like(x) + self.leak + stimulus
        drive = np.zeros_like(x) + self.leak * REST + np.asarray(stimulus) * EXCITATORY
        for s in self.synapses:
            opening = s.conductance * logistic(s.slope * (x[..., s.source] - s.midpoint))
            decay[..., s.target] += opening
            drive[..., s.target] += opening * s.reversal
        return drive, decay

    def rate(self, x: Array, stimulus: Array | float = 0.0) -> Array:
        """B.13: rates of change of the potentials x (..., n), mV/ms."""
        drive, decay = self.linear_form(x, stimulus)
        return np.asarray((drive - decay * x) / np.asarray(self.capacitance))

    def simulate(
        self, duration: float, stimulus: Stimulus, x0: Sequence[float] | None = None
    ) -> tuple[Array, Array]:
        """Times (1001,) and potentials (1001, n), by an adaptive Runge-Kutta method.

        Starts at rest unless ``x0`` says otherwise.
        """
        start = np.full(len(self.names), REST) if x0 is None else np.asarray(x0, dtype=float)
        t = np.linspace(0.0, duration, 1001)
        done = solve_ivp(
            lambda time, x: self.rate(x, stimulus(time)),
            (0.0, duration),
            start,
            t_eval=t,
            max_step=1.0,  # so that no short stimulus is stepped over
            rtol=1e-6,
            atol=1e-6,
        )
        return t, done.y.T

    def jacobian(self, x: Array, stimulus: Array | float = 0.0) -> Array:
        """∂ẋ_i/∂x_j at x (n), as [i, j], 1/ms."""
        decay = self.linear_form(x, stimulus)[1]
        matrix = -np.diag(decay)
        for s in self.synapses:
            opening = logistic(s.slope * (x[s.source] - s.midpoint))
            change = s.conductance * s.slope * opening * (1 - opening)
            matrix[s.target, s.source] += change * (s.reversal - x[s.target])
        return np.asarray(matrix / np.reshape(np.asarray(self.capacitance), (-1, 1)))


def mutual_exclusion(conductance: float, slope: float = 0.3) -> Circuit:
    """Two neurons that inhibit each other."""
    pair = [Synapse(i, 1 - i, conductance, INHIBITORY, slope=slope) for i in (0, 1)]
    return Circuit(("A", "B"), tuple(pair))


def level(presynaptic: float, synapse: Synapse, stimulus: float, leak: float = 1.0) -> float:
    """Where a stimulated neuron settles while one presynaptic potential is held, mV."""
    opening = synapse.conductance * float(
        logistic(np.asarray(synapse.slope * (presynaptic - synapse.midpoint)))
    )
    pull = leak * REST + stimulus * EXCITATORY + opening * synapse.reversal
    return pull / (leak + stimulus + opening)


def exclusion_gain(circuit: Circuit, stimulus: float) -> tuple[float, float]:
    """The common potential of two equal rivals, mV, and the gain −F′ there.

    Mutual exclusion works exactly when the gain is above 1.
    """
    synapse = circuit.synapses[0]

    def excess(x: float) -> float:
        return level(x, synapse, stimulus, circuit.leak) - x

    common = float(brentq(excess, INHIBITORY, EXCITATORY, xtol=1e-12))
    matrix = circuit.jacobian(np.full(2, common), np.full(2, stimulus))
    return common, float(matrix[1, 0] / matrix[1, 1])
