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
        kind: how many activations there are.
        implicit: semi-implicit instead of explicit Euler.
        unfolds: solver steps for each time step.
        keep: whether a backward pass may follow, so that all states are kept.
    """

    backend: str
    kind: Kind
    implicit: bool
    unfolds: int
    keep: bool


class LayerWeights(NamedTuple):
    """One layer of synapses: s = tanh(slope·x + offset), weighted by p and q.

    Attributes:
        slope: (R, post, pre), or (R, 1, pre) for the presynaptic kind.
        offset: the same shape; not looked at for the postsynaptic kind, see :class:`Inputs`.
        drive_weight: p, (R, post, pre), or (R, 1, post) for the postsynaptic kind.
        decay_weight: q, the same; None where there is no gate.
    """

    slope: Tensor
    offset: Tensor
    drive_weight: Tensor
    decay_weight: Tensor | None


class Inputs(NamedTuple):
    """What a layer of neurons receives over time.

    Attributes:
        state: where it starts, (R, batch, n).
        drive, decay: (R, batch, time, n), all that does not depend on the state.
        offset: (R, batch, time, n), inside the activation of the postsynaptic kind; of shape
            (R, batch, 1, 1) and not looked at for the others.
        dt: (R, batch, time), length of a solver step; 0 where the state is to stay.
    """

    state: Tensor
    drive: Tensor
    decay: Tensor
    offset: Tensor
    dt: Tensor


class Trajectory(NamedTuple):
    """All states and decays of the solver steps, in the backend's own layout."""

    states: Tensor
    decays: Tensor
