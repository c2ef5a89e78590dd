"""Taking over networks that were trained with ``ncps``.

``ncps`` is not imported: a model that was made by it brings all that is needed.
Chapter: ``what_came_after``.
"""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import torch
from torch import Tensor, nn

from ltcbook.nn.cell import RecurrentCell
from ltcbook.nn.cells import SMALLEST_CAPACITANCE, ContinuousTimeCell
from ltcbook.nn.cfc import ACTIVATIONS, CfCCell, WiredCfCCell
from ltcbook.nn.descriptor import TypeDescriptor
from ltcbook.nn.initialisation import Initialiser
from ltcbook.nn.mixed_memory import MixedMemoryCell
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.nn.wirings import Connections

NCPS_LTC = TypeDescriptor.parse("ctrnn_sigm+s_synaptic")
"""a σ(w x + b)(e − x): what an ``ncps`` synapse w σ(sigma (x − mu))(erev − x) is in Table 3."""


def from_ncps(model: nn.Module) -> RecurrentNetwork:
    """A network that computes what a PyTorch ``LTC`` or ``CfC`` of ``ncps`` computes.

    It has the wiring of the other, its memory if it has one, and its precision and device. Of an
    LTC it is of the type ``ctrnn_sigm+s_synaptic``, with 1/C and e_l trained as there:

    ==================  ==========================================================
    ours                ``ncps``
    ==================  ==========================================================
    ``a``, ``e``        ``w``, ``erev``
    ``w``, ``b``        ``sigma``, −``sigma``·``mu``; the input map is in the sensory ones
    ``C``               ``cm``
    ``w_l``, ``e_l``    ``gleak`` + ε, ``gleak``·``vleak``/(``gleak`` + ε)
    readout             ``output_w``, ``output_b``
    solver, unfolds     semi-implicit Euler, ``ode_unfolds``
    ==================  ==========================================================

    ε is what ``ncps`` adds to a denominator; it acts as one more leak, to zero. Slopes may have
    either sign, as there. Outputs are always those of all time steps, with the batch first.

    Args:
        model: an ``ncps.torch.LTC`` or ``ncps.torch.CfC``.

    Raises:
        ValueError: for another model, or an LTC with a capacitance that is almost zero.

    >>> import ncps.torch
    >>> theirs = ncps.torch.LTC(2, 4)
    >>> ours = from_ncps(theirs)
    >>> u = torch.linspace(-1, 1, 10).reshape(1, 5, 2)
    >>> bool(torch.allclose(ours(u)[0], theirs(u)[0], atol=1e-6))
    True

    Chapter: ``what_came_after``.
    """
    kind = type(model).__name__
    if not type(model).__module__.startswith("ncps.") or kind not in ("LTC", "CfC"):
        raise ValueError(f"model must be an LTC or CfC of ncps.torch, got {type(model).__name__}")
    like = next(model.parameters())
    draw = Initialiser(seed=0, dtype=like.dtype, device=like.device)
    theirs: Any = model
    with torch.no_grad():
        cell: RecurrentCell = (_ltc if kind == "LTC" else _cfc)(theirs, draw)
        if theirs.use_mixed:
            cell = _memory(cell, theirs.lstm, draw)
        return _network(cell, theirs, draw)


class _FromZero(ContinuousTimeCell):
    """Starts at zero, where ``ncps`` does, and not at rest."""

    def initial_state(self, batch_size: int) -> Tensor:
        return torch.zeros_like(self.rest).expand(batch_size, -1)


def _ltc(theirs: Any, draw: Initialiser) -> RecurrentCell:
    cell = theirs.rnn_cell
    positive = cell.make_positive_fn
    connections = _connections(cell)
    ours = _FromZero(
        *(NCPS_LTC, cell.sensory_size, cell.state_size, draw),
        solver="semi-implicit-euler",
        unfolds=cell._ode_unfolds,
        constraint="softplus" if cell._implicit_param_constraints else "clamp",
        trainable=("C", "e_l"),
        recurrent_mask=connections.recurrent_mask,
        sensory_mask=connections.sensory_mask,
    )
    if bool((positive(cell.cm) < SMALLEST_CAPACITANCE).any()):
        raise ValueError(
            f"model must have capacitances cm of at least {SMALLEST_CAPACITANCE}, "
            f"got {positive(cell.cm).min().item()}"
        )
    scale, shift = getattr(cell, "input_w", None), getattr(cell, "input_b", None)
    for layer, prefix in ((ours.recurrent, ""), (ours.sensory, "sensory_")):
        sigma, mu, w, erev = (
            getattr(cell, prefix + name).mT for name in ("sigma", "mu", "w", "erev")
        )
        layer.free("w")
        slope, offset = sigma, -sigma * mu
        if prefix and shift is not None:
            offset = offset + sigma * shift
        if prefix and scale is not None:
            slope = sigma * scale
        for name, value in {"w": slope, "b": offset, "e": erev}.items():
            getattr(layer, name).copy_(value)
        layer.assign("a", positive(w))
    leak, epsilon = positive(cell.gleak), cell._epsilon
    ours.assign("w_l", leak + epsilon)
    ours.e_l.copy_(leak * cell.vleak / (leak + epsilon))
    ours.assign("C", positive(cell.cm))
    ours.motor = range(cell.motor_size)
    return ours


def _connections(cell: Any) -> Connections:
    """The synapses of an ``ncps`` cell; its matrices are [pre, post]."""
    wiring = cell._wiring
    recurrent, sensory = (
        torch.as_tensor(matrix).mT
        for matrix in (wiring.adjacency_matrix, wiring.sensory_adjacency_matrix)
    )
    neurons = [wiring.get_neurons_of_layer(k) for k in range(wiring.num_layers)]
    names = ["inter", "command", "motor"] if len(neurons) == 3 else ["neurons"]
    layers = {name: range(own[0], own[-1] + 1) for name, own in zip(names, neurons, strict=True)}
    return Connections(recurrent, sensory, layers)


def _cfc(theirs: Any, draw: Initialiser) -> RecurrentCell:
    cell = theirs.rnn_cell
    if hasattr(cell, "_wiring"):
        connections = _connections(cell)
        if connections.motor is None:  # one layer, all of it the output
            layers = {"motor": range(len(connections.recurrent))}
            connections = dataclasses.replace(connections, layers=layers)
        mode = cell._layers[0].mode
        ours = WiredCfCCell(connections, draw, mode=mode)
        for mine, other in zip(ours.layers, cell._layers, strict=True):
            _copy_cfc(mine, other)
        return ours
    backbone = [] if cell.backbone is None else list(cell.backbone)
    linear = [part for part in backbone if isinstance(part, nn.Linear)]
    names = {kind.__name__: name for name, kind in ACTIVATIONS.items()} | {"LeCun": "lecun_tanh"}
    dropouts = [part.p for part in backbone if isinstance(part, nn.Dropout)]
    single = CfCCell(
        *(cell.input_size, cell.hidden_size, draw),
        mode=cell.mode,
        activation=names[type(backbone[1]).__name__] if backbone else "lecun_tanh",
        backbone_units=linear[0].out_features if linear else 1,
        backbone_layers=len(linear),
        backbone_dropout=dropouts[0] if dropouts else 0.0,
    )
    _copy_cfc(single, cell)
    return single


def _copy_cfc(ours: Any, theirs: Any) -> None:
    pairs = {"h": "ff1", "g": "ff2", "t_a": "time_a", "t_b": "time_b"}
    layers = [
        (getattr(ours, mine), getattr(theirs, other))
        for mine, other in pairs.items()
        if hasattr(theirs, other)
    ]
    mine = [part for part in ours.backbone if isinstance(part, nn.Linear)]
    other = [part for part in theirs.backbone or [] if isinstance(part, nn.Linear)]
    for layer, like in [*layers, *zip(mine, other, strict=True)]:
        layer.weight.copy_(like.weight)
        layer.bias.copy_(like.bias)
    if ours.mask is not None:
        for layer in ours.masked_layers:
            layer.weight.mul_(ours.mask)
    if ours.mode == "pure":
        ours.w_tau.copy_(theirs.w_tau[0])
        ours.A.copy_(theirs.A[0])


def _memory(cell: RecurrentCell, theirs: Any, draw: Initialiser) -> MixedMemoryCell:
    ours = MixedMemoryCell(cell, draw)
    ours.weight_ih.copy_(theirs.input_map.weight)
    ours.bias.copy_(theirs.input_map.bias)
    ours.weight_hh.copy_(theirs.recurrent_map.weight)
    return ours


def _network(cell: RecurrentCell, theirs: Any, draw: Initialiser) -> RecurrentNetwork:
    """The cell with the readout that stands above it in ``ncps``."""
    projection = getattr(theirs, "fc", None)
    if cell.motor is None:
        network = RecurrentNetwork(cell, None, draw)
        if isinstance(projection, nn.Linear):
            network.readout = copy.deepcopy(projection)
            network.output_size = projection.out_features
        return network
    network = RecurrentNetwork(cell, len(cell.motor), draw)
    for name in ("weight", "bias"):
        value = getattr(theirs.rnn_cell, f"output_{name[0]}", None)
        part: nn.Parameter = getattr(network.readout, name)
        if value is None:
            part.requires_grad_(False)
        else:
            part.copy_(value)
    if isinstance(projection, nn.Linear):
        network.readout = nn.Sequential(network.readout, copy.deepcopy(projection))
        network.output_size = projection.out_features
    return network
