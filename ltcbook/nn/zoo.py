"""Building any model by its name, and counting its parameters.

Chapters: ``grammar``, ``counting_parameters``.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal, Unpack, overload

import torch
from torch import nn

from ltcbook.kernels import BackendName
from ltcbook.nn.cell import RecurrentCell
from ltcbook.nn.cfc import Mode
from ltcbook.nn.constraints import Constraint
from ltcbook.nn.descriptor import TypeDescriptor
from ltcbook.nn.feedforward import FeedForwardNetwork
from ltcbook.nn.initialisation import Start
from ltcbook.nn.named import NamedNetwork
from ltcbook.nn.request import InputMap, Options, Request
from ltcbook.nn.sequence import AutonomousNetwork, CellNetwork, RecurrentNetwork
from ltcbook.nn.table import MODELS, NamedModel, find, models, register_model
from ltcbook.nn.wirings import Wiring, missing_parameters

__all__ = [
    "MODELS",
    "NamedModel",
    "build",
    "count_letters",
    "count_parameters",
    "find",
    "models",
    "register_model",
]

FeedForwardName = Literal["DNN", "SA-DNN", "ResNet", "SA-ResNet", "NeuralODE"]
AutonomousName = Literal["NA-ACT-RNN", "SA-ACT-RNN", "NA-ALTC", "SA-ALTC", "NRN"]
RecurrentName = Literal[
    "ANODE",
    "NA-CT-RNN-S",
    "NA-CT-RNN-T",
    "SA-CT-RNN-S",
    "SA-CT-RNN-T",
    "NA-LTC",
    "SA-LTC",
    "LSTM",
    "CT-GRU",
    "CfC",
    "LRC",
]


@overload
def build(
    model: RecurrentName | TypeDescriptor,
    input_size: int,
    hidden_size: int,
    output_size: int | None,
    **options: Unpack[Options],
) -> RecurrentNetwork: ...
@overload
def build(
    model: AutonomousName,
    input_size: int,
    hidden_size: int,
    output_size: int | None,
    **options: Unpack[Options],
) -> AutonomousNetwork: ...
@overload
def build(
    model: FeedForwardName,
    input_size: int,
    hidden_size: int,
    output_size: int,
    **options: Unpack[Options],
) -> FeedForwardNetwork: ...
@overload
def build(
    model: str | TypeDescriptor,
    input_size: int,
    hidden_size: int,
    output_size: int | None,
    **options: Unpack[Options],
) -> Any: ...


def build(
    model: str | TypeDescriptor,
    input_size: int,
    hidden_size: int,
    output_size: int | None,
    *,
    input_map: InputMap | None = None,
    solver: str | None = None,
    unfolds: int | None = None,
    depth: int | None = None,
    wiring: Wiring | None = None,
    mixed_memory: bool = False,
    constraint: Constraint | None = None,
    trainable: Collection[str] = (),
    mode: Mode | None = None,
    activation: str | None = None,
    backbone_units: int | None = None,
    backbone_layers: int | None = None,
    backbone_dropout: float | None = None,
    init: Start = "midpoint",
    backend: BackendName = "auto",
    seed: int | None = None,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> Any:
    """Build any model of the papers.

    >>> import torch
    >>> model = build("SA-LTC", 17, 32, 17, input_map="synaptic", seed=0)
    >>> y, state = model(torch.zeros(4, 20, 17))
    >>> y.shape, state.shape
    (torch.Size([4, 20, 17]), torch.Size([4, 32]))

    The defaults are the papers' setting, so that what they report can be repeated: explicit Euler
    with ten unfolds, which is stable only while dt·(w_l + Σ wσ)/C stays below 2, at the start, in
    training, and on every input that comes later. For work of your own take the same ten unfolds
    of ``solver="semi-implicit-euler"``: it evaluates as many sigmoids, and is bounded for LTCs
    whatever the parameters. Where time is short take two of them and more passes: at equal numbers
    of sigmoids that did best on the walker, with 32 neurons. Take ``init="scaled"`` for a CT-RNN,
    whose currents add up, and the default ``"midpoint"`` for an LTC. Search the learning rate
    upwards: on the book's walker the LTCs chose 0.02 to 0.08. Chapters ``why_it_diverged`` and
    ``walker_kinematics`` have the runs.

    Args:
        model: a name of :func:`ltcbook.models`, a descriptor string or a
            :class:`~ltcbook.TypeDescriptor`.
        input_size, hidden_size, output_size: m, n, o; with an ``output_size`` of None a recurrent
            or autonomous model has no readout and gives its hidden states.
        input_map: how the input enters a recurrent model: ``"linear"`` (the default),
            ``"synaptic"``, or for NA-CT-RNNs ``"preactivation"`` (B.9). A descriptor says it
            itself.
        solver, unfolds: how one time step is integrated; by default explicit Euler in 10 steps,
            as in B.
        depth: number of layers of a DNN or ResNet; 4 by default.
        wiring: which synapses a CT-RNN, LTC or CfC has, of :mod:`ltcbook.wirings`. The motor
            neurons of an ``NCP`` are the output, so ``output_size`` is their number.
        mixed_memory: put an LSTM memory in front of a CT-RNN, LTC or CfC; the state is then (h, c).
        constraint: how conductances of an LTC are kept from becoming negative: ``"clamp"`` (the
            default, as the papers do) or ``"softplus"``.
        trainable: which of ``"C"`` and ``"e_l"``, fixed in the papers, are trained as well.
        mode, activation, backbone_units, backbone_layers, backbone_dropout: of a CfC, see
            :class:`ltcbook.nn.cfc.CfCCell`.
        init: ``"midpoint"``, ``"as-printed"`` or ``"scaled"``, see
            :mod:`ltcbook.nn.initialisation`.
        backend: who computes the time loop of a recurrent or autonomous model: ``"auto"``,
            ``"eager"`` (the reference), ``"numba"`` or ``"triton"``.
        seed: makes the start reproducible, on any device and in any precision.
        dtype, device: of the parameters.

    Returns:
        A :class:`~ltcbook.nn.sequence.RecurrentNetwork`, an
        :class:`~ltcbook.nn.sequence.AutonomousNetwork` or a feed-forward network. A type checker
        knows which for a name that is written out.

    Raises:
        ValueError: naming the argument, what came and what is needed.

    Chapter: ``grammar``.
    """
    entry = find(model)
    request = Request(
        input_size=input_size,
        hidden_size=hidden_size,
        output_size=output_size,
        input_map=input_map,
        solver=solver,
        unfolds=unfolds,
        depth=depth,
        wiring=wiring,
        mixed_memory=mixed_memory,
        constraint=constraint,
        trainable=trainable,
        mode=mode,
        activation=activation,
        backbone_units=backbone_units,
        backbone_layers=backbone_layers,
        backbone_dropout=backbone_dropout,
        init=init,
        backend=backend,
        seed=seed,
        dtype=dtype,
        device=device,
    )
    entry.check(request)
    draw = request.initialiser(entry.ranges)
    made = entry.make(entry, request, draw)
    if isinstance(made, RecurrentCell):
        return NamedNetwork(entry, request, made, draw)
    if isinstance(made, CellNetwork):
        made.backend = request.backend
    elif request.backend not in ("auto", "eager"):
        raise ValueError(
            f"backend does not apply to {entry.name} (got {backend!r}), which has no time loop"
        )
    return made


def count_parameters(
    model: str | TypeDescriptor,
    *,
    input_size: int,
    hidden_size: int,
    output_size: int | None,
    **options: Unpack[Options],
) -> int:
    """Number of trainable parameters of a model, readout included, counted on the model itself.

    The parameters of synapses that a wiring leaves out are not counted.

    >>> count_parameters(
    ...     "SA-LTC", input_size=27, hidden_size=8, output_size=27, input_map="synaptic"
    ... )
    1371

    Args:
        model, input_size, hidden_size, output_size, options: as of :func:`build`.

    Source: B, Table 1. Chapter: ``counting_parameters``.
    """
    given: Options = {"seed": 0, **options}
    return count_trained(build(model, input_size, hidden_size, output_size, **given))


def count_trained(network: nn.Module) -> int:
    """The same of a network that is there.

    >>> count_trained(build("LSTM", 2, 4, 1))
    133
    """
    idle: int = network.cell.idle if isinstance(network, CellNetwork) else 0
    trained: int = sum(p.numel() for p in network.parameters() if p.requires_grad)
    return trained + idle - missing_parameters(network)


def count_letters(
    model: str | TypeDescriptor,
    *,
    input_size: int,
    hidden_size: int,
    input_map: InputMap | None = None,
) -> int:
    """Number of numbers in a recurrent model's equation, trained or fixed, without the readout.

    B counts so in its text: an SA-LTC with 32 neurons and 32 inputs "packs 8288 parameters".

    >>> count_letters("SA-LTC", input_size=32, hidden_size=32, input_map="synaptic")
    8288

    Raises:
        ValueError: for a model without a recurrent cell.

    Source: B, text after B.8, B.12, B.13, B.15 and B.16. Chapter: ``counting_parameters``.
    """
    network: nn.Module = build(model, input_size, hidden_size, 1, input_map=input_map, seed=0)
    if not isinstance(network, CellNetwork):
        raise ValueError(f"model must be recurrent or autonomous to be counted so, got {model!s}")
    return sum(tensor.numel() for tensor in network.cell.letters().values())
