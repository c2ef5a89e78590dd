"""The named models of both papers, and how to build and count them.

Chapters: ``grammar``, ``counting_parameters``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

import torch
from torch import nn

from ltcbook.baseline_cells import CTGRUCell, LSTMCell
from ltcbook.cells import (
    AugmentedNeuralODECell,
    ContinuousTimeCell,
    PreactivationCell,
    RecurrentCell,
)
from ltcbook.checks import positive_int, unknown_name
from ltcbook.descriptor import TypeDescriptor
from ltcbook.feedforward import LayeredNetwork, NeuralODE
from ltcbook.initialisation import MILLIVOLTS, TABLE_2, Initialiser, Ranges, Start
from ltcbook.kernels.dispatch import Backend, check_backend
from ltcbook.sequence import AutonomousNetwork, RecurrentNetwork

InputMap = Literal["linear", "synaptic", "preactivation"]
Builder = Callable[..., nn.Module]
"""(input_size, hidden_size, output_size, draw, **options) -> model."""


@dataclass(frozen=True)
class NamedModel:
    """A name of the papers and what it stands for.

    Attributes:
        name: as the papers write it.
        summary: one line.
        source: the equations.
        chapter: which chapter of the book derives it.
        builder: makes it.
        options: which options of :func:`build` it takes.
        input_maps: how the input may enter; empty when it enters in one way only that is none of
            these (feed-forward and autonomous models).
        descriptor: the type, for the descriptor family (its in-mode is the ``input_map``).
        ranges: where the parameters start.
    """

    name: str
    summary: str
    source: str
    chapter: str
    builder: Builder
    options: tuple[str, ...] = ()
    input_maps: tuple[str, ...] = ()
    descriptor: TypeDescriptor | None = None
    ranges: Ranges = TABLE_2


def _continuous(
    *sizes: Any, descriptor: TypeDescriptor, input_map: str | None = None, **clock: Any
) -> nn.Module:
    """A CT-RNN or LTC driven by an input."""
    m, n, o, draw = sizes
    if input_map == "preactivation":
        return RecurrentNetwork(PreactivationCell(descriptor, m, n, draw, **clock), o, draw)
    if input_map is not None:
        descriptor = dataclasses.replace(descriptor, in_mode=input_map)  # type: ignore[arg-type]
    return RecurrentNetwork(ContinuousTimeCell(descriptor, m, n, draw, **clock), o, draw)


def _autonomous(*sizes: Any, descriptor: TypeDescriptor, **clock: Any) -> nn.Module:
    """A CT-RNN or LTC whose input is its initial state."""
    m, n, o, draw = sizes
    cell = ContinuousTimeCell(descriptor, m, n, draw, autonomous=True, **clock)
    return AutonomousNetwork(cell, o, draw)


def _recurrent(
    *sizes: Any, cell: Callable[..., RecurrentCell], input_map: str = "linear", **clock: Any
) -> nn.Module:
    """A recurrent cell that is not of the descriptor family."""
    m, n, o, draw = sizes
    return RecurrentNetwork(cell(m, n, draw, **clock), o, draw)


def _models() -> tuple[NamedModel, ...]:
    clock = ("solver", "unfolds")
    both = ("linear", "synaptic")
    three = (*both, "preactivation")

    def layered(name: str, summary: str, source: str, chapter: str) -> NamedModel:
        builder = partial(
            LayeredNetwork, residual="ResNet" in name, synaptic=name.startswith("SA-")
        )
        return NamedModel(name, summary, source, chapter, builder, ("depth",))

    def autonomous(
        name: str, summary: str, source: str, chapter: str, kind: str, ranges: Ranges = TABLE_2
    ) -> NamedModel:
        descriptor = TypeDescriptor.parse(kind)
        builder = partial(_autonomous, descriptor=descriptor)
        return NamedModel(name, summary, source, chapter, builder, clock, (), descriptor, ranges)

    def continuous(
        name: str, summary: str, source: str, chapter: str, kind: str, maps: tuple[str, ...]
    ) -> NamedModel:
        descriptor = TypeDescriptor.parse(kind)
        builder = partial(_continuous, descriptor=descriptor)
        options = (*clock, "input_map")
        return NamedModel(name, summary, source, chapter, builder, options, maps, descriptor)

    def recurrent(
        name: str, summary: str, source: str, chapter: str, cell: Any, options: tuple[str, ...]
    ) -> NamedModel:
        builder = partial(_recurrent, cell=cell)
        options = (*options, "input_map")
        return NamedModel(name, summary, source, chapter, builder, options, ("linear",))

    ann, res, ode = "artificial_neurons", "residual_networks", "neural_odes"
    ct, ltc, walker = "ct_rnns", "liquid_time_constants", "walker_kinematics"
    return (
        layered("DNN", "sums of sigmoids, layer after layer", "B.1, A.1", ann),
        layered("SA-DNN", "a DNN with an activation for each synapse", "B Fig. 2", ann),
        layered("ResNet", "each layer adds to the identity", "B.2, B.3, A.2, A.3", res),
        layered("SA-ResNet", "a ResNet with an activation for each synapse", "B Fig. 2", res),
        NamedModel(
            "NeuralODE",
            "a ResNet of shared weights and small steps",
            "B.5, A.5",
            ode,
            NeuralODE,
            clock,
        ),
        recurrent(
            "ANODE",
            "augmented NeuralODE; the input overwrites part of its state",
            "B.6, A.7",
            ode,
            AugmentedNeuralODECell,
            clock,
        ),
        autonomous(
            "NA-ACT-RNN",
            "autonomous CT-RNN, neural activation",
            "B.7, A.8",
            ct,
            "ctrnn_vsigm_linear",
        ),
        autonomous(
            "SA-ACT-RNN", "autonomous CT-RNN, synaptic activation", "B.8", ct, "ctrnn_vsigms_linear"
        ),
        continuous(
            "NA-CT-RNN-S",
            "CT-RNN, neural activation, sigmoid",
            "B.9, B.10, B.11",
            ct,
            "ctrnn_vsigm_linear",
            three,
        ),
        continuous(
            "NA-CT-RNN-T",
            "CT-RNN, neural activation, tanh",
            "B.9, B.10, B.11",
            ct,
            "ctrnn_vtanh_linear",
            three,
        ),
        continuous(
            "SA-CT-RNN-S",
            "CT-RNN, synaptic activation, sigmoid",
            "B.12",
            ct,
            "ctrnn_vsigms_linear",
            both,
        ),
        continuous(
            "SA-CT-RNN-T",
            "CT-RNN, synaptic activation, tanh",
            "B.12",
            ct,
            "ctrnn_vtanhs_linear",
            both,
        ),
        autonomous(
            "NA-ALTC", "autonomous LTC, neural activation", "B.14", ltc, "ctrnn_vsigm+_linear"
        ),
        autonomous(
            "SA-ALTC", "autonomous LTC, synaptic activation", "B.13", ltc, "ctrnn_vsigm+s_linear"
        ),
        autonomous(
            "NRN",
            "paper A's neural regulatory network, in millivolts, a threshold per synapse",
            "A.9",
            "membrane_equation",
            "ctrnn_rsigm+s_linear",
            MILLIVOLTS,
        ),
        continuous("NA-LTC", "LTC, neural activation", "B.17", ltc, "ctrnn_vsigm+_linear", both),
        continuous(
            "SA-LTC", "LTC, synaptic activation", "B.15, B.16", ltc, "ctrnn_vsigm+s_linear", both
        ),
        recurrent(
            "LSTM",
            "long short-term memory, as PyTorch has it",
            "B, experiments",
            walker,
            LSTMCell,
            (),
        ),
        recurrent(
            "CT-GRU",
            "continuous-time GRU with eight time scales",
            "B, experiments",
            walker,
            CTGRUCell,
            (),
        ),
    )


MODELS: Mapping[str, NamedModel] = MappingProxyType({model.name: model for model in _models()})
"""All named models, in the order of the book."""


def models() -> tuple[str, ...]:
    """The names that :func:`build` knows, in the order of the book.

    >>> models()[:3]
    ('DNN', 'SA-DNN', 'ResNet')

    Chapter: ``grammar``.
    """
    return tuple(MODELS)


def find(model: str | TypeDescriptor) -> NamedModel:
    """The entry for a name; an entry made on the spot for a type descriptor.

    Raises:
        TypeError: if ``model`` is neither a string nor a descriptor.
        ValueError: for an unknown name or an illegal descriptor.
    """
    if isinstance(model, str) and model in MODELS:
        return MODELS[model]
    if isinstance(model, str) and not model.lower().startswith(("ctrnn_", "ctrnn-", "ctrrn")):
        unknown_name("model", model, models())
    descriptor = model if isinstance(model, TypeDescriptor) else TypeDescriptor.parse(model)
    builder = partial(_continuous, descriptor=descriptor)
    return NamedModel(
        str(descriptor),
        "a type of B's appendix",
        "B, Table 3",
        "grammar",
        builder,
        ("solver", "unfolds", "input_map"),
        (descriptor.in_mode,),
        descriptor,
    )


def build(
    model: str | TypeDescriptor,
    input_size: int,
    hidden_size: int,
    output_size: int,
    *,
    input_map: InputMap | None = None,
    solver: str | None = None,
    unfolds: int | None = None,
    depth: int | None = None,
    init: Start = "midpoint",
    backend: Backend = "auto",
    seed: int | None = None,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> nn.Module:
    """Build any model of the papers.

    >>> import torch
    >>> model = build("SA-LTC", 17, 32, 17, input_map="synaptic", seed=0)
    >>> y, state = model(torch.zeros(4, 20, 17))
    >>> y.shape, state.shape
    (torch.Size([4, 20, 17]), torch.Size([4, 32]))

    Args:
        model: a name of :func:`models`, a descriptor string or a :class:`TypeDescriptor`.
        input_size, hidden_size, output_size: m, n, o.
        input_map: how the input enters a recurrent model: ``"linear"`` (the default),
            ``"synaptic"``, or for NA-CT-RNNs ``"preactivation"`` (B.9). A descriptor says it
            itself.
        solver, unfolds: how one time step is integrated; by default explicit Euler in 10 steps,
            as in B.
        depth: number of layers of a DNN or ResNet; 4 by default.
        init: ``"midpoint"``, ``"as-printed"`` or ``"scaled"``, see :mod:`ltcbook.initialisation`.
        backend: who computes the time loop of a recurrent or autonomous model: ``"auto"``,
            ``"eager"`` (the reference), ``"numba"`` or ``"triton"``.
        seed: makes the start reproducible, on any device and in any precision.
        dtype, device: of the parameters.

    Returns:
        A :class:`~ltcbook.sequence.RecurrentNetwork`, an
        :class:`~ltcbook.sequence.AutonomousNetwork` or a feed-forward network.

    Raises:
        ValueError: naming the argument, what came and what is needed.

    Chapter: ``grammar``.
    """
    entry = find(model)
    for name, size in {
        "input_size": input_size,
        "hidden_size": hidden_size,
        "output_size": output_size,
    }.items():
        positive_int(name, size)
    given = {"input_map": input_map, "solver": solver, "unfolds": unfolds, "depth": depth}
    options = {name: value for name, value in given.items() if value is not None}
    for name, value in options.items():
        if name not in entry.options:
            takes = ", ".join(entry.options) or "none"
            raise ValueError(
                f"{name} does not apply to {entry.name} (got {value!r}); it takes: {takes}"
            )
    if input_map is not None and input_map not in entry.input_maps:
        raise ValueError(
            f"input_map must be one of {', '.join(map(repr, entry.input_maps))} for {entry.name}, "
            f"got {input_map!r}"
        )
    draw = Initialiser(init, seed, entry.ranges, dtype, device)
    network = entry.builder(input_size, hidden_size, output_size, draw, **options)
    if isinstance(network, RecurrentNetwork | AutonomousNetwork):
        network.backend = check_backend(backend)
    elif check_backend(backend) not in ("auto", "eager"):
        raise ValueError(
            f"backend does not apply to {entry.name} (got {backend!r}), which has no time loop"
        )
    return network


def count_parameters(
    model: str | TypeDescriptor,
    *,
    input_size: int,
    hidden_size: int,
    output_size: int,
    input_map: InputMap | None = None,
) -> int:
    """Number of trainable parameters of a model, readout included, counted on the model itself.

    >>> count_parameters(
    ...     "SA-LTC", input_size=27, hidden_size=8, output_size=27, input_map="synaptic"
    ... )
    1371

    Source: B, Table 1. Chapter: ``counting_parameters``.
    """
    network = build(model, input_size, hidden_size, output_size, input_map=input_map, seed=0)
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


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
    network = build(model, input_size, hidden_size, 1, input_map=input_map, seed=0)
    if not isinstance(network, RecurrentNetwork | AutonomousNetwork):
        raise ValueError(f"model must be recurrent or autonomous to be counted so, got {model!s}")
    cell: RecurrentCell = network.cell
    return sum(tensor.numel() for tensor in cell.letters().values())
