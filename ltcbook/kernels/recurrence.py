"""The canonical form as data: what a cell declares, and what a kernel is asked to compute.

Whatever its type, a model of the CT-RNN and LTC family is

    dx_i/dt = drive_i − decay_i x_i
    drive_i = (its input) + Σ_j p_ij s        decay_i = (its input) + Σ_j q_ij s

with s = tanh(slope·x_j + offset), one for each synapse, each sender or each receiver; or, in a
field with a hidden layer, s_k = tanh(Σ_j slope_kj x_j + offset_k), one for each hidden unit. How
the models of the papers become this is in ``nn/canonical.py``. R is the number of replicas:
networks of one architecture with weights of their own.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from torch import Tensor

__all__ = ["LayerWeights", "LinearInput", "Recurrence"]

Kind = Literal["synaptic", "presynaptic", "postsynaptic", "hidden"]
"""What has an activation of its own: each synapse, sender, receiver, or unit of a hidden layer."""


class LayerWeights(NamedTuple):
    """One layer of synapses: s = tanh(slope·x + offset), weighted by p and q.

    Attributes:
        slope: (R, post, pre), or (R, 1, pre) for the presynaptic kind, (R, h, pre) for h hidden
            units.
        offset: the same shape, but (R, 1, post) for the postsynaptic kind, (R, 1, h) for the
            hidden.
        drive_weight: p, (R, post, pre), or (R, 1, post) for the postsynaptic kind, (R, post, h) for
            the hidden.
        decay_weight: q, the same; None where there is no gate.

    >>> import ltcbook
    >>> layer = ltcbook.LTC(2, 3, seed=0).cell.recurrence().recurrent
    >>> layer.slope.shape, layer.decay_weight is None
    (torch.Size([3, 3]), False)
    """

    slope: Tensor
    offset: Tensor
    drive_weight: Tensor
    decay_weight: Tensor | None


class LinearInput(NamedTuple):
    """An input map that is one product.

    Attributes:
        weight: (n, m).
        bias: (n,).
        inside: whether it adds inside the activations (B.9) and not to the drive.

    >>> import ltcbook
    >>> linear = ltcbook.CTRNN(2, 3, seed=0).cell.recurrence().linear
    >>> linear.weight.shape, linear.inside
    (torch.Size([3, 2]), False)
    """

    weight: Tensor
    bias: Tensor
    inside: bool


class Recurrence(NamedTuple):
    """What a cell integrates over one time step; no tensor has the replica axis.

    Attributes:
        kind: of the recurrent layer.
        recurrent: the synapses between the neurons.
        drive, decay: (n,), what each neuron has without any synapse.
        solver: a name of ``ltcbook.ode.solvers.SOLVERS``.
        unfolds: solver steps for each time step.
        sensory_kind: of the sensory layer; not looked at where there is none.
        sensory: the synapses from the inputs, if the input comes by synapses.
        linear: the input map, if it is a product.
        overwrites: whether the inputs overwrite the first entries of the state (B.6).

    >>> import ltcbook
    >>> found = ltcbook.LTC(2, 3, seed=0).cell.recurrence()
    >>> found.kind, found.solver, found.unfolds, found.linear
    ('synaptic', 'euler', 10, None)
    """

    kind: Kind
    recurrent: LayerWeights
    drive: Tensor
    decay: Tensor
    solver: str
    unfolds: int
    sensory_kind: Kind = "synaptic"
    sensory: LayerWeights | None = None
    linear: LinearInput | None = None
    overwrites: bool = False


@dataclass(frozen=True)
class Settings:
    """What a backend is told besides tensors.

    Attributes:
        kind: how many activations the recurrent layer has.
        sensory_kind: the same of the sensory layer; not looked at where there is none.
        solver: by name.
        unfolds: solver steps for each time step.
        keep: whether a backward pass may follow, so that all states are kept.
    """

    kind: Kind
    sensory_kind: Kind
    solver: str
    unfolds: int
    keep: bool


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
        held: (R, batch, time, m), what the first m entries of the state are set to as a time step
            begins.
    """

    state: Tensor
    dt: Tensor
    u: Tensor | None
    drive: Tensor | None
    decay: Tensor | None
    inside: Tensor | None
    held: Tensor | None


class Trajectory(NamedTuple):
    """What a forward pass keeps for the backward pass, in a layout of the backend's own.

    Attributes:
        states: after every solver step.
        decays: of every solver step, or of every time step where no gate changes them.
    """

    states: Tensor
    decays: Tensor


Tensors = tuple[Tensor | None, ...]


def pack(weights: Weights, inputs: Inputs) -> Tensors:
    """All tensors of a scan in one row, as an operation takes them; ``unpack`` is the way back."""
    recurrent, sensory, drive, decay = weights
    return (*recurrent, *(sensory or (None,) * len(recurrent)), drive, decay, *inputs)


def unpack(tensors: Tensors) -> tuple[Weights, Inputs]:
    """What ``pack`` packed."""
    parts: list[Any] = list(tensors)
    sensory = None if parts[4] is None else LayerWeights(*parts[4:8])
    return Weights(LayerWeights(*parts[:4]), sensory, *parts[8:10]), Inputs(*parts[10:])


PACKED: tuple[str, ...] = (
    *LayerWeights._fields,
    *(f"sensory_{name}" for name in LayerWeights._fields),
    *("own_drive", "own_decay"),
    *Inputs._fields,
)
"""Names of the tensors that ``pack`` gives, in their order."""
