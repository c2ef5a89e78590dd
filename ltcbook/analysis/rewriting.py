"""One network written as another type: the same function of the input, other letters.

Chapters: ``grammar``; ``ct_rnns`` for the sigmoid as a hyperbolic tangent.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ltcbook.nn.constraints import lowest_values
from ltcbook.nn.descriptor import TypeDescriptor
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.nn.synapses import Synapses, SynapseWeights
from ltcbook.nn.zoo import build

__all__ = ["Rewritten", "rewrite"]


class Rewritten(NamedTuple):
    """A network of another type, and the state from which it repeats the first one's outputs.

    >>> import ltcbook
    >>> made = rewrite(ltcbook.build("NA-CT-RNN-S", 1, 3, 1, seed=0), "ctrnn_vsigms_linear")
    >>> str(made.model.cell.descriptor), made.start.shape
    ('ctrnn_vsigms_linear', torch.Size([3]))
    """

    model: RecurrentNetwork
    start: Tensor
    """(n,); the original starts at rest."""


@dataclass(frozen=True)
class Numbers:
    """A network's numbers, its synapses all in the form w σ(a (x + b)), whatever its w-mode.

    A layer whose sum comes first (w-mode None, neural) keeps Table 3's letters: a σ(Σ wx + b).
    """

    recurrent: SynapseWeights
    sensory: SynapseWeights | None
    v: Tensor
    b_in: Tensor
    w_l: Tensor
    rest: Tensor
    readout: Tensor
    readout_bias: Tensor


def sums_first(kind: TypeDescriptor) -> bool:
    """True where Table 3's activation is of a sum: w-mode None with neural activation."""
    return kind.w_mode == "" and not kind.synaptic


def rewrite(model: RecurrentNetwork, target: TypeDescriptor | str) -> Rewritten:
    """Write a network as one of the type ``target`` that gives the same outputs.

    Args:
        model: a network of the descriptor family, with ``C`` of one.
        target: the type to write it in.

    Returns:
        The network and its start. Each of its neurons has its own unit and zero, so states differ
        by a scale and a shift per neuron; the outputs, from that start, are the same.

    Raises:
        ValueError: if no rewriting is known, with the reason.

    >>> import ltcbook
    >>> model, u = ltcbook.build("ctrnn_vsigm_linear", 1, 3, 1, seed=0), torch.ones(1, 5, 1)
    >>> other, start = rewrite(model, "ctrnn_vtanh_linear")
    >>> torch.testing.assert_close(other(u, start[None])[0], model(u)[0])

    Source: B, Table 3. Chapter: ``grammar``.
    """
    source = model.continuous_cell.descriptor
    target = TypeDescriptor.parse(target) if isinstance(target, str) else target
    if source.in_mode != target.in_mode:
        raise ValueError("a linear input and a synaptic one are different functions of u")
    if sums_first(source) != sums_first(target):
        raise ValueError("an activation of a sum is no sum of activations")
    numbers = read(model)
    numbers = _to_factor(numbers, source, target)
    numbers = _to_recurrence(numbers, source, target)
    start = numbers.rest
    if source.act != target.act:
        numbers, start = _swap_activation(numbers, target)
    if not target.lis and bool((numbers.rest != 0).any()):
        shift = numbers.rest
        scale = 1 - shift if target.factor == "*" else torch.ones_like(shift)
        numbers = change_coordinates(numbers, target, scale, shift)
        start = (start - shift) / scale
    if target.w_mode == "r":
        numbers, scale = _to_unit_slopes(numbers, target)
        start = start / scale
    return Rewritten(write(numbers, target, model), start.detach())


def change_coordinates(
    numbers: Numbers, kind: TypeDescriptor, scale: Tensor, shift: Tensor
) -> Numbers:
    """The numbers for the potentials z, with x = scale * z + shift; (n,) each.

    Raises:
        ValueError: for a scale that is not above zero; and for factor ``*``, whose anchor stands at
            1, if the change moves it there: scale + shift must be 1.
    """
    if bool((scale <= 0).any()):
        raise ValueError("a rest is not below the anchor at 1: slopes would change their sign")
    if kind.factor == "*" and not torch.allclose(scale + shift, torch.ones_like(scale)):
        raise ValueError(
            "with factor '*' the anchor stands at 1: unit and zero must leave it there"
        )
    s, c, inner = scale, shift, sums_first(kind)

    def after(layer: SynapseWeights, gain: Tensor) -> SynapseWeights:
        """What a postsynaptic change of unit and zero does."""
        if kind.factor == "*":
            return layer  # (1 - x) / s is 1 - z
        if kind.gated:
            assert layer.e is not None
            return layer._replace(e=(layer.e - _post(c, layer.e)) / _post(s, layer.e))
        if inner:
            assert layer.a is not None
            return layer._replace(a=layer.a / gain)
        return layer._replace(w=layer.w / gain.unsqueeze(-1))

    recurrent = after(numbers.recurrent, s)
    w, b, a, _ = recurrent
    assert a is not None
    if inner:
        recurrent = recurrent._replace(w=w * s, b=b + w @ c)
    else:
        recurrent = recurrent._replace(a=a * s, b=(b + c) / s)
    return dataclasses.replace(
        numbers,
        recurrent=recurrent,
        sensory=None if numbers.sensory is None else after(numbers.sensory, s),
        v=numbers.v / s.unsqueeze(-1),
        b_in=numbers.b_in / s,
        rest=(numbers.rest - c) / s,
        readout=numbers.readout * s,
        readout_bias=numbers.readout_bias + numbers.readout @ c,
    )


def read(model: RecurrentNetwork) -> Numbers:
    """The numbers of a network of the descriptor family.

    Raises:
        ValueError: if a slope that must be divided by is zero.
    """
    cell = model.continuous_cell
    n, m = cell.hidden_size, cell.input_size
    linear = cell.descriptor.in_mode == "linear"
    nothing = cell.w_l.new_zeros((n, m))
    return Numbers(
        recurrent=_common_form(cell.recurrent),
        sensory=None if linear else _common_form(cell.sensory),
        v=cell.v.detach() if linear else nothing,
        b_in=cell.b_in.detach() if linear else nothing[:, 0],
        w_l=cell.w_l.detach(),
        rest=cell.rest.detach(),
        readout=model.readout.weight.detach(),
        readout_bias=model.readout.bias.detach(),
    )


def write(numbers: Numbers, kind: TypeDescriptor, like: RecurrentNetwork) -> RecurrentNetwork:
    """A network of type ``kind`` with these numbers, and the solver of ``like``.

    Raises:
        ValueError: if the type cannot hold them.
    """
    cell = like.continuous_cell
    sizes = (cell.input_size, cell.hidden_size, like.output_size)
    model: RecurrentNetwork = build(
        kind,
        *sizes,
        solver=cell.solver.name,
        unfolds=cell.unfolds,
        backend="eager",
        seed=0,
        dtype=numbers.w_l.dtype,
    )
    cell = model.continuous_cell
    _assign_layer(cell.recurrent, numbers.recurrent)
    if numbers.sensory is None:
        _assign(cell, "v", numbers.v)
        _assign(cell, "b_in", numbers.b_in)
    else:
        _assign_layer(cell.sensory, numbers.sensory)
    _assign(cell, "w_l", numbers.w_l)
    if kind.lis:
        _assign(cell, "x0", numbers.rest)
    _assign(model.readout, "weight", numbers.readout)
    _assign(model.readout, "bias", numbers.readout_bias)
    return model


def _post(vector: Tensor, like: Tensor) -> Tensor:
    """One number per postsynaptic neuron, against (post,) or (post, pre)."""
    return vector if like.ndim == 1 else vector.unsqueeze(-1)


def _common_form(layer: Synapses) -> SynapseWeights:
    w, b, a, e = (None if t is None else t.detach() for t in layer.weights())
    assert w is not None and b is not None
    kind = layer.descriptor
    if kind.w_mode == "r":
        a = torch.ones_like(b)
    elif kind.w_mode == "" and kind.synaptic:
        assert a is not None
        if bool((w == 0).any()):
            raise ValueError("a slope is zero: that synapse is a constant, and has no midpoint")
        w, a, b = a, w, b / w
    return SynapseWeights(w, b, a, e)


def _assign_layer(layer: Synapses, weights: SynapseWeights) -> None:
    w, b, a, e = weights
    assert a is not None
    kind = layer.descriptor
    if kind.w_mode == "r":
        if not torch.allclose(a, torch.ones_like(a), rtol=1e-9):
            raise ValueError("w-mode 'r' has slopes of one only")
        a = None
    elif kind.w_mode == "" and kind.synaptic:
        w, a, b = a, w, a * b
    for name, value in zip("wbae", (w, b, a, e), strict=True):
        if value is not None and getattr(layer, name) is not None:
            _assign(layer, name, value)


def _assign(module: nn.Module, name: str, value: Tensor) -> None:
    with torch.no_grad():
        lowest = lowest_values(module).get(name)
        if lowest is not None and bool((value < lowest).any()):
            raise ValueError(f"{name} must not be below {lowest}, got {value.min().item()}")
        getattr(module, name).copy_(value)


def _layers(numbers: Numbers) -> list[SynapseWeights]:
    return [layer for layer in (numbers.recurrent, numbers.sensory) if layer is not None]


def _with_layers(numbers: Numbers, layers: list[SynapseWeights]) -> Numbers:
    return dataclasses.replace(numbers, recurrent=layers[0], sensory=(*layers, None)[1])


def _to_factor(numbers: Numbers, source: TypeDescriptor, target: TypeDescriptor) -> Numbers:
    """(1 − x) is (e − x) with e = 1."""
    if source.factor == target.factor:
        return numbers
    if (source.factor, target.factor) != ("*", "+"):
        raise ValueError(f"factor {source.factor!r} cannot be written as {target.factor!r}")
    n = len(numbers.w_l)
    neural = source.rec_type == ""
    return _with_layers(
        numbers,
        [g._replace(e=g.w.new_ones(n if neural else g.w.shape)) for g in _layers(numbers)],
    )


def _to_recurrence(numbers: Numbers, source: TypeDescriptor, target: TypeDescriptor) -> Numbers:
    """Neural activation is synaptic activation with equal numbers along each row or column."""
    if source.rec_type == target.rec_type:
        return numbers
    if source.synaptic:
        raise ValueError("synapses with numbers of their own cannot share them")

    def spread(layer: SynapseWeights) -> SynapseWeights:
        w, b, a, e = layer
        assert a is not None
        by_post = None if e is None else e.unsqueeze(-1).expand_as(w)
        return SynapseWeights(w, b.expand_as(w), a.expand_as(w), by_post)

    return _with_layers(numbers, [spread(layer) for layer in _layers(numbers)])


def _swap_activation(numbers: Numbers, target: TypeDescriptor) -> tuple[Numbers, Tensor]:
    """σ(z) = ½ + ½ tanh(z/2), and tanh(z) = 2σ(2z) − 1: a constant is left over."""
    k, constant = (0.5, 0.5) if target.act == "tanh" else (2.0, -1.0)
    if target.factor == "*" or (target.gated and target.act == "sigm"):
        raise ValueError("a gate of tanh can be negative, one of sigmoids cannot")
    inner = sums_first(target)
    push, pull, layers = torch.zeros_like(numbers.w_l), torch.zeros_like(numbers.w_l), []
    for w, b, a, e in _layers(numbers):
        assert a is not None
        left_over = constant * (a if inner else w.sum(-1))
        if target.gated:  # it opens the leak further, and pulls it towards e
            assert e is not None
            weighted = constant * (a * e if inner else (w * _spread(e, w)).sum(-1))
            pull, left_over = pull + left_over, weighted
        push = push + left_over
        halved = (w * k, b * k, a * k, e) if inner else (w * k, b, a * k, e)
        layers.append(SynapseWeights(*halved))
    start = numbers.rest
    numbers = _with_layers(numbers, layers)
    if target.gated:
        w_l = numbers.w_l + pull
        rest = (numbers.w_l * numbers.rest + push) / w_l
        return dataclasses.replace(numbers, w_l=w_l, rest=rest), start
    if target.in_mode == "linear":
        return dataclasses.replace(numbers, b_in=numbers.b_in + push), start
    return dataclasses.replace(numbers, rest=numbers.rest + push / numbers.w_l), start


def _spread(e: Tensor, w: Tensor) -> Tensor:
    return e if e.ndim == w.ndim else e.unsqueeze(-1).expand_as(w)


def _to_unit_slopes(numbers: Numbers, target: TypeDescriptor) -> tuple[Numbers, Tensor]:
    """Measure each neuron's potential in units of its own width: slopes become one."""
    slopes, one = numbers.recurrent.a, torch.ones_like(numbers.w_l)
    assert slopes is not None
    if bool((slopes == 1).all()):
        return numbers, one
    per_neuron = slopes if slopes.ndim == 1 else slopes[0]
    if bool((slopes != per_neuron).any()):
        raise ValueError("the synapses of a neuron have slopes of their own: no unit fits them all")
    if bool((per_neuron <= 0).any()):
        raise ValueError("a slope is not above zero: no unit makes it one")
    return change_coordinates(numbers, target, 1 / per_neuron, 0 * one), 1 / per_neuron
