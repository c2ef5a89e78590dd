"""The circuits of the motif bench, in millivolts: those of the chapter, with inputs and starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ltcbook.analysis.motifs import (
    REST,
    Circuit,
    Synapse,
    excitatory,
    inhibitory,
    mutual_exclusion,
    relay,
)
from ltcbook.papers.equations import Array

STEPS = 800
"""Runge-Kutta steps of one run."""

ACTIVE = -40.0
"""Above this potential, in mV, a neuron counts as active."""


@dataclass(frozen=True)
class Neuron:
    """Membrane (pF), start (mV) and stimulus (nS) of a neuron: a level, and a pulse on top (ms)."""

    name: str
    C: float = 10.0
    x0: float = REST
    tonic: float = 0.0
    height: float = 0.0
    on: float = 20.0
    off: float = 50.0

    def stimulus(self, t: float) -> float:
        """The conductance to 0 mV at time t, nS."""
        return self.tonic + (self.height if self.on <= t < self.off else 0.0)


@dataclass(frozen=True)
class Bench:
    """A circuit with its inputs and starts, for so many milliseconds."""

    neurons: tuple[Neuron, ...]
    synapses: tuple[Synapse, ...]
    horizon: float = 80.0

    @property
    def circuit(self) -> Circuit:
        """The circuit, as :mod:`ltcbook.analysis.motifs` has it."""
        names = tuple(neuron.name for neuron in self.neurons)
        return Circuit(names, self.synapses, tuple(neuron.C for neuron in self.neurons))

    def rates(self, x: Array, t: float) -> Array:
        """B.13: rates of change at the potentials x (n), with the stimuli of time t, mV/ms."""
        stimulus = np.array([neuron.stimulus(t) for neuron in self.neurons])
        return self.circuit.rate(x, stimulus)

    def run(self) -> Array:
        """Potentials at ``STEPS + 1`` equal times, (STEPS + 1, n); a step holds its stimulus."""
        h = self.horizon / STEPS
        states = np.empty((STEPS + 1, len(self.neurons)))
        states[0] = [neuron.x0 for neuron in self.neurons]
        for n, x in enumerate(states[:-1]):
            t = n * h
            k1 = self.rates(x, t)
            k2 = self.rates(x + h / 2 * k1, t)
            k3 = self.rates(x + h / 2 * k2, t)
            k4 = self.rates(x + h * k3, t)
            states[n + 1] = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return states

    def as_state(self) -> dict[str, Any]:
        """The bench as JSON."""
        return {
            "neurons": [asdict(neuron) for neuron in self.neurons],
            "synapses": [asdict(synapse) for synapse in self.synapses],
            "horizon": self.horizon,
        }


_touched = Neuron("A", height=9.0)

MOTIFS: Mapping[str, Bench] = {
    "mutual exclusion": Bench(
        (
            Neuron("A", x0=-60.0, tonic=3.0),
            Neuron("B", x0=-61.0, tonic=3.0, height=9.0, on=50.0, off=65.0),
        ),
        mutual_exclusion(4.0).synapses,
        100.0,
    ),
    "activation": Bench((_touched, Neuron("B")), (excitatory(0, 1, 6.0),)),
    "inhibition": Bench((_touched, Neuron("B", tonic=3.0)), (inhibitory(0, 1, 6.0),)),
    "sequentialisation": Bench(
        (Neuron("A", height=4.0, on=10.0, off=30.0), Neuron("B"), Neuron("C")),
        relay(forward=0.6, back=4.0).synapses,
        100.0,
    ),
    "synchronisation": Bench(
        (Neuron("A", x0=-80.0), Neuron("B", x0=-20.0), Neuron("C", tonic=1.5)),
        (excitatory(2, 0, 4.0), excitatory(2, 1, 4.0)),
        60.0,
    ),
    "rhythm of two": Bench(
        (Neuron("A", tonic=0.8), Neuron("B", C=100.0)),
        (excitatory(0, 0, 5.0), excitatory(0, 1, 2.0), inhibitory(1, 0, 8.0)),
        200.0,
    ),
    "ring of three": Bench(
        tuple(Neuron(n, x0=x, tonic=3.0) for n, x in zip("ABC", (-20, -50, -60), strict=True)),
        tuple(inhibitory(k, (k + 1) % 3, 10.0) for k in range(3)),
        60.0,
    ),
}
"""The five motifs that paper A names, and the chapter's two rhythms."""
