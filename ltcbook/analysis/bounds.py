"""Where the states of continuous-time networks must stay, read off their parameters.

Chapters: ``ct_rnns``, ``liquid_time_constants``.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from ltcbook.nn.synapses import SynapseWeights


class Interval(NamedTuple):
    """Lowest and highest value of each neuron, (n,) each.

    >>> import torch
    >>> box = Interval(torch.tensor([-1.0]), torch.tensor([1.0]))
    >>> box.high - box.low
    tensor([2.])
    """

    low: Tensor
    high: Tensor


def ct_rnn_box(w_l: Tensor, w: Tensor) -> Interval:
    """The box that every state of B.7 or B.8 enters, and never leaves again.

    Args:
        w_l: leaks, (n,), above zero.
        w: weights [post, pre], (n, n); the activation lies between 0 and 1.

    Raises:
        ValueError: if a leak is not above zero.

    >>> import torch
    >>> ct_rnn_box(torch.tensor([0.5, 1.0]), torch.tensor([[0.0, 2.0], [-3.0, 0.0]]))
    Interval(low=tensor([ 0., -3.]), high=tensor([4., 0.]))

    Chapter: ``ct_rnns``.
    """
    if bool((w_l <= 0).any()):
        raise ValueError(f"w_l must be above 0 for a bounded state, got {w_l.min().item()}")
    return Interval(w.clamp(max=0.0).sum(-1) / w_l, w.clamp(min=0.0).sum(-1) / w_l)


def time_constant_bounds(w_l: Tensor, C: Tensor, *layers: SynapseWeights) -> Interval:
    """Between which values the liquid time constants of an SA-LTC lie, whatever the input.

    Args:
        w_l: leak conductances, (n,), above zero.
        C: capacitances, (n,).
        layers: recurrent and sensory synapses; their conductances w are not negative, (n, pre).

    Raises:
        ValueError: if a leak is not above zero or a conductance is negative.

    >>> import torch
    >>> one = torch.ones(1, 1)
    >>> layer = SynapseWeights(w=3 * one, b=-0.5 * one, a=6 * one, e=one)
    >>> time_constant_bounds(torch.ones(1), torch.ones(1), layer)  # C/(w_l + w) to C/w_l
    Interval(low=tensor([0.2500]), high=tensor([1.]))

    Source: B.13, B.15 with 0 < σ < 1. Chapter: ``liquid_time_constants``.
    """
    if bool((w_l <= 0).any()):
        raise ValueError(f"w_l must be above 0 for a bounded state, got {w_l.min().item()}")
    most = w_l
    for layer in layers:
        if bool((layer.w < 0).any()):
            raise ValueError(f"w must not be negative, got {layer.w.min().item()}")
        most = most + layer.w.sum(-1)
    return Interval(C / most, C / w_l)


def potential_bounds(rest: Tensor, *layers: SynapseWeights) -> Interval:
    """The box from the lowest to the highest anchor of each neuron of an SA-LTC, (n,) each.

    Args:
        rest: resting potentials e_l, (n,).
        layers: recurrent and sensory synapses with reversal potentials e, (n, pre).

    Raises:
        ValueError: if a layer has no reversal potentials.

    >>> import torch
    >>> one = torch.ones(1, 1)
    >>> layer = SynapseWeights(w=3 * one, b=-0.5 * one, a=6 * one, e=-one)
    >>> potential_bounds(torch.tensor([0.0]), layer)
    Interval(low=tensor([-1.]), high=tensor([0.]))

    Source: B.13, B.15. Chapter: ``liquid_time_constants``.
    """
    low = high = rest
    for layer in layers:
        if layer.e is None:
            raise ValueError("every layer must have reversal potentials e")
        low, high = low.minimum(layer.e.amin(-1)), high.maximum(layer.e.amax(-1))
    return Interval(low, high)
