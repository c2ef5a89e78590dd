"""Two neurons and the five ways to couple them, on top of the equation register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ltcbook.equations import Array, register

STEPS = 400
"""Runge-Kutta steps of one run."""


@dataclass(frozen=True)
class Neuron:
    """Membrane, start and input of one neuron: a tonic level, and a pulse from on until off."""

    C: float = 1.0
    w_l: float = 1.0
    e_l: float = 0.0
    x0: float = 0.0
    tonic: float = 0.0
    height: float = 0.0
    on: float = 4.0
    off: float = 10.0

    def input(self, t: float) -> float:
        """u(t)."""
        return self.tonic + (self.height if self.on <= t < self.off else 0.0)


@dataclass(frozen=True)
class Synapse:
    """w, a, b, e of B.15 in mode v, σ(a (x + b)); w = 0 means that there is none."""

    w: float = 4.0
    a: float = 10.0
    b: float = -0.5
    e: float = 1.0


EXCITE, INHIBIT, NONE = Synapse(), Synapse(e=-1.0), Synapse(w=0.0)
SENSORY = {"v": 3.0, "a": 8.0, "b": -0.5, "e": 1.0}
"""How every input enters: an excitatory synapse in the letters of B.15's z."""


@dataclass(frozen=True)
class Pair:
    """Neurons A and B with the synapses from A to B and from B to A."""

    neurons: tuple[Neuron, Neuron]
    synapses: tuple[Synapse, Synapse]
    horizon: float = 20.0

    def rates(self, x: Array, t: float) -> Array:
        """B.15: rates of change at the potentials x (2), with the inputs of time t."""
        forward, backward = (asdict(synapse) for synapse in self.synapses)
        between = {k: np.array([[0.0, forward[k]], [backward[k], 0.0]]) for k in forward}
        sensory = {name: np.diag([value, value]) for name, value in SENSORY.items()}
        return register["B.15"].function(
            x=x,
            u=np.array([neuron.input(t) for neuron in self.neurons]),
            w_l=np.array([neuron.w_l for neuron in self.neurons]),
            e_l=np.array([neuron.e_l for neuron in self.neurons]),
            C=np.array([neuron.C for neuron in self.neurons]),
            w=between["w"],
            a_x=between["a"],
            b_x=between["a"] * between["b"],
            e_x=between["e"],
            v=sensory["v"],
            a_u=sensory["a"],
            b_u=sensory["a"] * sensory["b"],
            e_u=sensory["e"],
        )

    def run(self) -> Array:
        """Potentials at ``STEPS + 1`` equal times, (STEPS + 1, 2); a step holds its input."""
        h = self.horizon / STEPS
        states = np.empty((STEPS + 1, 2))
        states[0] = [neuron.x0 for neuron in self.neurons]
        for n, x in enumerate(states[:-1]):
            t = n * h
            k1 = self.rates(x, t)
            k2 = self.rates(x + h / 2 * k1, t)
            k3 = self.rates(x + h / 2 * k2, t)
            k4 = self.rates(x + h * k3, t)
            states[n + 1] = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return states

    @property
    def motif(self) -> str:
        """The motif that the two synapses form, or ``"none"``."""
        signs = tuple(
            0.0 if synapse.w == 0 else float(np.sign(synapse.e - post.e_l))
            for synapse, post in zip(self.synapses, reversed(self.neurons), strict=True)
        )
        return _BY_SIGNS.get(signs, "none")


_BY_SIGNS: Mapping[tuple[float, ...], str] = {
    (1, 0): "activation",
    (0, 1): "activation",
    (-1, 0): "inhibition",
    (0, -1): "inhibition",
    (1, -1): "sequentialization",
    (-1, 1): "sequentialization",
    (-1, -1): "mutual exclusion",
    (1, 1): "synchronization",
}

_pulsed = Neuron(height=1.0)
_driven = Neuron(tonic=0.5)

MOTIFS: Mapping[str, Pair] = {
    "activation": Pair((_pulsed, Neuron()), (EXCITE, NONE)),
    "inhibition": Pair((_pulsed, _driven), (INHIBIT, NONE)),
    "sequentialization": Pair(
        (replace(_pulsed, off=20.0), Neuron(C=8.0)), (replace(EXCITE, b=-0.2), INHIBIT)
    ),
    "mutual exclusion": Pair(
        (replace(_driven, x0=0.4, height=-1.0, on=6.0, off=10.0), _driven), (INHIBIT, INHIBIT)
    ),
    "synchronization": Pair((replace(_pulsed, off=6.0), Neuron()), (EXCITE, EXCITE)),
}
"""Two synapses, each absent, exciting or inhibiting: five ways, up to exchanging A and B."""

SEEN: Mapping[str, str] = {
    "activation": "A excites B: B follows A, up and down.",
    "inhibition": "A inhibits B: while A is up, B is down.",
    "sequentialization": "A excites B, B inhibits A: first A is up, then B, then A gives way.",
    "mutual exclusion": "Each inhibits the other: one is up, one down, until a pulse swaps them.",
    "synchronization": "Each excites the other: a short pulse takes both up, and there they stay.",
    "none": "No synapse: each neuron answers to its own input alone.",
}


def as_state(pair: Pair) -> dict[str, Any]:
    """The pair as JSON."""
    return {
        "neurons": [asdict(n) for n in pair.neurons],
        "synapses": [asdict(s) for s in pair.synapses],
    }
