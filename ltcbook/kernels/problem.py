"""What a kernel is asked to compute, in tensors; the same for every backend.

R is the number of replicas: networks of one architecture with weights of their own.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from torch import Tensor

Kind = Literal["synaptic", "presynaptic", "postsynaptic"]
"""What has an activation of its own: each synapse, each sender, or each receiver."""


@dataclass(frozen=True)
class Settings:
    """What is not a number to be differentiated.

    Attributes:
        backend: ``"numba"`` or ``"triton"``.
        kind: how many activations the recurrent layer has.
        sensory_kind: the same of the sensory layer; not looked at where there is none.
        implicit: semi-implicit instead of explicit Euler.
        unfolds: solver steps for each time step.
        keep: whether a backward pass may follow, so that all states are kept.
    """

    backend: str
    kind: Kind
    sensory_kind: Kind
    implicit: bool
    unfolds: int
    keep: bool


class LayerWeights(NamedTuple):
    """One layer of synapses: s = tanh(slope·x + offset), weighted by p and q.

    Attributes:
        slope: (R, post, pre), or (R, 1, pre) for the presynaptic kind.
        offset: the same shape, but (R, 1, post) for the postsynaptic kind.
        drive_weight: p, (R, post, pre), or (R, 1, post) for the postsynaptic kind.
        decay_weight: q, the same; None where there is no gate.
    """

    slope: Tensor
    offset: Tensor
    drive_weight: Tensor
    decay_weight: Tensor | None


class Weights(NamedTuple):
    """All that belongs to a replica.

    Attributes:
        recurrent: the synapses between the neurons.
        sensory: those from the inputs, of the synaptic or presynaptic kind; None where the inputs
            come another way, or not at all.
        drive, decay: (R, n), what each neuron has without any synapse.
    """

    recurrent: LayerWeights
    sensory: LayerWeights | None
    drive: Tensor
    decay: Tensor


class Inputs(NamedTuple):
    """What a layer of neurons receives over time; what is None adds nothing.

    Attributes:
        state: where it starts, (R, batch, n).
        dt: (R, batch, time), length of a solver step; 0 where the state is to stay.
        u: (R, batch, time, m), what the sensory synapses see; None without them.
        drive, decay: (R, batch, time, n), added to those of the weights.
        inside: (R, batch, time, n), added inside the activations of the postsynaptic kind.
    """

    state: Tensor
    dt: Tensor
    u: Tensor | None
    drive: Tensor | None
    decay: Tensor | None
    inside: Tensor | None
