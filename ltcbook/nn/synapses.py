"""What one layer of synapses computes (B Fig. 4): neural or synaptic, gated or not.

Chapters: ``liquid_time_constants`` and ``grammar``.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ltcbook.checks import tensor_of_shape
from ltcbook.nn.constraints import Constrained, Constraint, check_constraint
from ltcbook.nn.descriptor import TypeDescriptor
from ltcbook.nn.initialisation import Initialiser
from ltcbook.ode.linear_form import LinearForm


class SynapseWeights(NamedTuple):
    """The numbers of one layer of synapses, in Table 3's letters.

    ``w[i, j]`` is the papers' w_ji: the synapse from neuron j to neuron i. With synaptic
    activation all have shape (post, pre); with neural activation a and b belong to the
    presynaptic neuron (pre,), or, in w-mode None where the sum comes first, to the postsynaptic
    one (post,), and e to the postsynaptic neuron (post,).

    >>> one = torch.ones(1, 1)
    >>> SynapseWeights(w=2 * one, b=-0.5 * one, a=6 * one, e=one).a
    tensor([[6.]])
    """

    w: Tensor
    b: Tensor
    a: Tensor | None
    e: Tensor | None


def activate(descriptor: TypeDescriptor, argument: Tensor) -> Tensor:
    """Table 3's σ: the logistic function or the hyperbolic tangent.

    >>> kind = TypeDescriptor.parse("ctrnn_vtanh_linear")
    >>> activate(kind, torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7616])
    """
    return torch.sigmoid(argument) if descriptor.act == "sigm" else torch.tanh(argument)


def openings(descriptor: TypeDescriptor, weights: SynapseWeights, x: Tensor) -> Tensor:
    """The weighted activation of each synapse: w_ji σ(·), Table 3 without the factor.

    Args:
        descriptor: w-mode, activation and recurrence type.
        weights: of the layer.
        x: presynaptic potentials, shape (..., pre).

    Returns:
        Shape (..., post, pre) with synaptic activation; the sum over the presynaptic neurons,
        (..., post), with neural activation, which never needs the single synapses.

    >>> one, kind = torch.ones(1, 1), TypeDescriptor.parse("ctrnn_vsigm+s_synaptic")
    >>> weights = SynapseWeights(w=2 * one, b=-0.5 * one, a=6 * one, e=one)
    >>> openings(kind, weights, torch.tensor([0.5]))  # at the midpoint half of w
    tensor([[1.]])
    """
    w, b, a, _ = weights
    if descriptor.synaptic:
        x = x.unsqueeze(-2)  # (..., 1, pre), against weights (post, pre)
    if descriptor.w_mode == "r":
        sigma = activate(descriptor, x + b)
    else:
        assert a is not None
        if descriptor.w_mode == "":
            return a * activate(descriptor, (w * x if descriptor.synaptic else x @ w.mT) + b)
        sigma = activate(descriptor, a * (x + b))
    return w * sigma if descriptor.synaptic else sigma @ w.mT


def currents(descriptor: TypeDescriptor, weights: SynapseWeights, x: Tensor) -> LinearForm:
    """The currents into each postsynaptic neuron, as drive − decay · (its potential).

    Σ wσ(e − x) is Σ wσe − x Σ wσ: two sums that do not need the postsynaptic potential.

    Args:
        descriptor, weights: of the layer.
        x: presynaptic potentials, shape (..., pre).

    Returns:
        Drive and decay, each (..., post); the decay of an ungated layer is a zero of shape ().

    >>> one, kind = torch.ones(1, 1), TypeDescriptor.parse("ctrnn_vsigm+s_synaptic")
    >>> weights = SynapseWeights(w=2 * one, b=-0.5 * one, a=6 * one, e=-one)
    >>> drive, decay = currents(kind, weights, torch.tensor([0.5]))
    >>> drive, decay
    (tensor([-1.]), tensor([1.]))

    Source: Table 3; B.12 (no factor), B.15 and B.17 (factor ``+``).
    """
    conductance = openings(descriptor, weights, x)
    if descriptor.factor == "+":
        assert weights.e is not None
        drive = conductance * weights.e
        if descriptor.synaptic:
            drive = drive.sum(-1)
    else:
        drive = conductance.sum(-1) if descriptor.synaptic else conductance
    if not descriptor.gated:
        return LinearForm(drive, x.new_zeros(()))
    if descriptor.factor == "*":
        return LinearForm(drive, drive)
    return LinearForm(drive, conductance.sum(-1) if descriptor.synaptic else conductance)


class Synapses(Constrained):
    """All synapses from ``pre_size`` presynaptic to ``post_size`` postsynaptic neurons.

    Used twice in a recurrent layer: between its neurons, and from the inputs when the input map
    is synaptic (B calls those *sensory*).

    Args:
        descriptor: which formula of Table 3.
        pre_size, post_size: numbers of neurons.
        draw: where the parameters start.
        constraint: how w and a of gated layers are kept from becoming negative.
        mask: (post, pre), which synapses there are; None for all. One that is missing has strength
            0, in every pass and in ``state_dict``, and never gets a gradient.

    Parameters: w, b, and, where the formula has them, a and e, in the shapes of
    :class:`SynapseWeights`. In gated layers w and a are never negative.

    >>> kind = TypeDescriptor.parse("ctrnn_vsigm+s_synaptic")
    >>> layer = Synapses(kind, 3, 2, Initialiser(seed=0), mask=torch.eye(2, 3))
    >>> (layer.weights().w > 0).int()
    tensor([[1, 0, 0],
            [0, 1, 0]], dtype=torch.int32)
    >>> layer(torch.zeros(5, 3)).drive.shape
    torch.Size([5, 2])

    Source: B Fig. 4, Tables 2 and 3. Chapter: ``liquid_time_constants``.
    """

    w: Tensor
    b: Tensor
    a: Tensor | None
    e: Tensor | None
    mask: Tensor | None

    def __init__(
        self,
        descriptor: TypeDescriptor,
        pre_size: int,
        post_size: int,
        draw: Initialiser,
        *,
        constraint: Constraint = "clamp",
        mask: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.descriptor = descriptor
        self.pre_size, self.post_size = pre_size, post_size
        self.constraint = check_constraint(constraint)
        weights = initial_weights(descriptor, pre_size, post_size, draw)
        for letter, value in weights._asdict().items():
            self.register_parameter(letter, None if value is None else nn.Parameter(value))
        if descriptor.gated:
            self.constrain(*(name for name in ("w", "a") if getattr(self, name) is not None))
        self._add_mask(mask)

    @property
    def strength(self) -> str:
        """The letter of a synapse's strength, a in w-mode None of single synapses, else w."""
        return "a" if self.descriptor.synaptic and self.descriptor.w_mode == "" else "w"

    def weights(self) -> SynapseWeights:
        """The numbers that the model computes with: on their bounds, and 0 where masked."""
        letters = {
            letter: None if getattr(self, letter) is None else self.value(letter)
            for letter in SynapseWeights._fields
        }
        if self.mask is not None:
            strength = letters[self.strength]
            assert strength is not None
            letters[self.strength] = strength * self.mask
        return SynapseWeights(**letters)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> LinearForm:
        """See :func:`currents`."""
        return currents(self.descriptor, self.weights(), x)

    @property
    def missing(self) -> int:
        """Numbers that are kept for synapses that the mask leaves out."""
        if self.mask is None:
            return 0
        matrices = [p for p in self.parameters() if p.shape == self.mask.shape and p.ndim == 2]
        return len(matrices) * int((self.mask == 0).sum())

    @torch.no_grad()
    def start_with_polarity(self, signs: Tensor, reversal: tuple[float, float]) -> None:
        """Make synapses excitatory (1) or inhibitory (-1) as ``signs`` (post, pre) says.

        A reversal potential that belongs to one synapse is set to one of ``reversal``; where
        there is no factor, the strength gets the sign. Reversal potentials of whole neurons, and
        the factor ``*``, leave no choice: there nothing is done.
        """
        if self.descriptor.factor == "+" and self.descriptor.synaptic:
            assert self.e is not None
            signs = signs.to(self.e.device)
            self.e[signs < 0], self.e[signs > 0] = reversal
        elif not self.descriptor.gated:
            strength: Tensor = getattr(self, self.strength)
            strength.copy_(strength.abs() * signs.to(strength))

    def extra_repr(self) -> str:
        return f"{self.pre_size} -> {self.post_size}, {self.descriptor}"

    def _add_mask(self, mask: Tensor | None) -> None:
        if mask is None:
            self.register_buffer("mask", None)
            return
        strength: Tensor = getattr(self, self.strength)
        shape = (self.post_size, self.pre_size)
        tensor_of_shape("mask", mask, shape, "(post, pre)")
        self.register_buffer("mask", mask.to(strength))
        if self.constraint == "clamp":
            strength.data.mul_(mask.to(strength))


def initial_weights(
    descriptor: TypeDescriptor, pre_size: int, post_size: int, draw: Initialiser
) -> SynapseWeights:
    """Draw a layer's weights from Table 2.

    Ranges go by role, not by letter: w-mode None is B.13 with the letters a and w exchanged, so
    there a is the strength and w the slope. What multiplies a *sum* inside the activation is a
    strength as well. Without a reversal potential the sign of a synapse can only be that of its
    strength, so the midpoint start draws it at random; as printed, all strengths are positive. The
    scaled start divides those of ungated synapses by the square root of their number.

    >>> kind = TypeDescriptor.parse("ctrnn_vsigm+s_synaptic")
    >>> weights = initial_weights(kind, 3, 2, Initialiser(seed=0))
    >>> weights.e
    tensor([[ 1.,  1., -1.],
            [ 1., -1.,  1.]])
    >>> bool(((weights.b >= -0.8) & (weights.b <= -0.3)).all())
    True
    """
    ranges = draw.ranges
    matrix = (post_size, pre_size)
    inner_sum = descriptor.w_mode == "" and not descriptor.synaptic
    vector = (post_size,) if inner_sum else (pre_size,)
    unit = matrix if descriptor.synaptic else vector

    strength = draw.uniform(ranges.strength, matrix)
    if draw.start != "as-printed" and not descriptor.gated:
        strength = strength * draw.choice((-1.0, 1.0), matrix)
        if draw.start == "scaled":
            strength = strength / pre_size**0.5
    midpoint = draw.uniform(ranges.midpoint, unit)
    b = midpoint if draw.start == "as-printed" else -midpoint
    if descriptor.w_mode == "r":
        w, a = strength, None
    elif descriptor.w_mode == "v":
        w, a = strength, draw.uniform(ranges.slope, unit)
    elif inner_sum:
        w, a = strength, draw.uniform(ranges.strength, unit)
    else:
        w, a = draw.uniform(ranges.slope, matrix), strength
        if draw.start != "as-printed":
            b = w * b
    e = None
    if descriptor.factor == "+":
        e = draw.choice(ranges.reversal, matrix if descriptor.synaptic else (post_size,))
    return SynapseWeights(w, b, a, e)
