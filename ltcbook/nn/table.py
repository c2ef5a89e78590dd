"""The table of named models, open to entries of one's own.

Chapter: ``grammar``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ltcbook.checks import unknown_name
from ltcbook.nn.baselines import CTGRUCell, LSTMCell
from ltcbook.nn.cell import RecurrentCell
from ltcbook.nn.cells import AugmentedNeuralODECell, ContinuousTimeCell, PreactivationCell
from ltcbook.nn.cfc import CfCCell, WiredCfCCell
from ltcbook.nn.descriptor import TypeDescriptor
from ltcbook.nn.feedforward import FeedForwardNetwork, LayeredNetwork, NeuralODE
from ltcbook.nn.initialisation import MILLIVOLTS, TABLE_2, Initialiser, Ranges
from ltcbook.nn.liquid_capacitance import LiquidCapacitanceCell
from ltcbook.nn.mixed_memory import MixedMemoryCell
from ltcbook.nn.request import Request
from ltcbook.nn.sequence import AutonomousNetwork

Made = RecurrentCell | AutonomousNetwork | FeedForwardNetwork
"""What an entry makes: a cell, to be run over time, or a network."""

Maker = Callable[["NamedModel", Request, Initialiser], Made]


@dataclass(frozen=True)
class NamedModel:
    """A name and what it stands for.

    Attributes:
        name: as the papers write it.
        summary: one line.
        source: the equations.
        chapter: which chapter of the book derives it.
        make: makes it; ``make(entry, request, draw)``.
        options: which options of :func:`ltcbook.build` it takes, besides those that all take.
        input_maps: how the input may enter; empty when it enters in one way only that is none of
            these (feed-forward and autonomous models).
        descriptor: the type, for the descriptor family (its in-mode is the ``input_map``).
        ranges: where the parameters start.

    >>> entry = find("SA-LTC")
    >>> entry.source, entry.chapter
    ('B.15, B.16', 'liquid_time_constants')
    >>> entry.input_maps
    ('linear', 'synaptic')
    """

    name: str
    summary: str
    source: str
    chapter: str
    make: Maker
    options: tuple[str, ...] = ()
    input_maps: tuple[str, ...] = ()
    descriptor: TypeDescriptor | None = None
    ranges: Ranges = TABLE_2

    def check(self, request: Request) -> None:
        """Refuse options that this model does not take: a ValueError that names them."""
        for name, value in request.given().items():
            if name not in self.options:
                takes = ", ".join(self.options) or "none"
                raise ValueError(
                    f"{name} does not apply to {self.name} (got {value!r}); it takes: {takes}"
                )
        if request.input_map is not None and request.input_map not in self.input_maps:
            raise ValueError(
                f"input_map must be one of {', '.join(map(repr, self.input_maps))} for "
                f"{self.name}, got {request.input_map!r}"
            )


def layered(entry: NamedModel, request: Request, draw: Initialiser) -> FeedForwardNetwork:
    """A DNN or ResNet."""
    return LayeredNetwork(
        *(request.input_size, request.hidden_size, _output_size(entry, request), draw),
        residual="ResNet" in entry.name,
        synaptic=entry.name.startswith("SA-"),
        **request.given("depth"),
    )


def neural_ode(entry: NamedModel, request: Request, draw: Initialiser) -> FeedForwardNetwork:
    """A NeuralODE."""
    sizes = request.input_size, request.hidden_size, _output_size(entry, request)
    return NeuralODE(*sizes, draw, **request.given(*CLOCK))


def autonomous(entry: NamedModel, request: Request, draw: Initialiser) -> AutonomousNetwork:
    """A CT-RNN or LTC whose input is its initial state."""
    assert entry.descriptor is not None
    cell = ContinuousTimeCell(
        *(entry.descriptor, request.input_size, request.hidden_size, draw),
        autonomous=True,
        **request.given(*FAMILY),
    )
    return AutonomousNetwork(cell, request.output_size, draw)


def driven(entry: NamedModel, request: Request, draw: Initialiser) -> RecurrentCell:
    """A CT-RNN or LTC driven by an input."""
    assert entry.descriptor is not None
    sizes = request.input_size, request.hidden_size
    if request.input_map == "preactivation":
        for name in request.given(*FAMILY, *WIRED):
            if name not in CLOCK:
                raise ValueError(f"{name} does not apply with input_map='preactivation'")
        return PreactivationCell(entry.descriptor, *sizes, draw, **request.given(*CLOCK))
    descriptor = entry.descriptor
    if request.input_map is not None:
        descriptor = dataclasses.replace(descriptor, in_mode=request.input_map)
    connections = request.connections()
    cell = ContinuousTimeCell(
        *(descriptor, *sizes, draw),
        recurrent_mask=None if connections is None else connections.recurrent_mask,
        sensory_mask=None if connections is None else connections.sensory_mask,
        **request.given(*FAMILY),
    )
    if connections is not None:
        cell.start_with_polarity(connections.recurrent, connections.sensory, draw.ranges.reversal)
        cell.motor = connections.motor
    return MixedMemoryCell(cell, draw) if request.mixed_memory else cell


def closed_form(entry: NamedModel, request: Request, draw: Initialiser) -> RecurrentCell:
    """A CfC, alone or one for each layer of a wiring."""
    connections, cell = request.connections(), None
    if connections is None:
        options = request.given("mode", *BACKBONE)
        cell = CfCCell(request.input_size, request.hidden_size, draw, **options)
        return MixedMemoryCell(cell, draw) if request.mixed_memory else cell
    for name in request.given(*BACKBONE):
        raise ValueError(f"{name} does not apply to a CfC with a wiring, which has no backbone")
    wired = WiredCfCCell(connections, draw, **request.given("mode"))
    return MixedMemoryCell(wired, draw) if request.mixed_memory else wired


def lstm(entry: NamedModel, request: Request, draw: Initialiser) -> RecurrentCell:
    """An LSTM."""
    return LSTMCell(request.input_size, request.hidden_size, draw)


def ct_gru(entry: NamedModel, request: Request, draw: Initialiser) -> RecurrentCell:
    """A continuous-time GRU."""
    return CTGRUCell(request.input_size, request.hidden_size, draw)


def anode(entry: NamedModel, request: Request, draw: Initialiser) -> RecurrentCell:
    """The recurrent augmented NeuralODE."""
    clock = request.given(*CLOCK)
    return AugmentedNeuralODECell(request.input_size, request.hidden_size, draw, **clock)


def liquid_capacitance(entry: NamedModel, request: Request, draw: Initialiser) -> RecurrentCell:
    """A saturated LTC with a liquid capacitance."""
    return LiquidCapacitanceCell(request.input_size, request.hidden_size, draw)


def _output_size(entry: NamedModel, request: Request) -> int:
    if request.output_size is None:
        raise ValueError(f"output_size must be an integer of at least 1 for {entry.name}, got None")
    return request.output_size


CLOCK = ("solver", "unfolds")
FAMILY = (*CLOCK, "constraint", "trainable")
WIRED = ("wiring", "mixed_memory")
BACKBONE = ("activation", "backbone_units", "backbone_layers", "backbone_dropout")
DRIVEN = (*FAMILY, *WIRED, "input_map")

LINEAR = ("linear",)
BOTH = ("linear", "synaptic")
THREE = (*BOTH, "preactivation")

VSIGM = TypeDescriptor.parse("ctrnn_vsigm_linear")
VTANH = TypeDescriptor.parse("ctrnn_vtanh_linear")
VSIGM_S = TypeDescriptor.parse("ctrnn_vsigms_linear")
VTANH_S = TypeDescriptor.parse("ctrnn_vtanhs_linear")
VSIGM_GATED = TypeDescriptor.parse("ctrnn_vsigm+_linear")
VSIGM_GATED_S = TypeDescriptor.parse("ctrnn_vsigm+s_linear")
RSIGM_GATED_S = TypeDescriptor.parse("ctrnn_rsigm+s_linear")

ANN, RES, ODE = "artificial_neurons", "residual_networks", "neural_odes"
CT, LTC, WALKER = "ct_rnns", "liquid_time_constants", "walker_kinematics"
AFTER = "what_came_after"

# fmt: off
_TABLE = (
    NamedModel("DNN", "sums of sigmoids, layer after layer", "B.1, A.1", ANN, layered, ("depth",)),
    NamedModel("SA-DNN", "a DNN with an activation for each synapse", "B Fig. 2", ANN,
               layered, ("depth",)),
    NamedModel("ResNet", "each layer adds to the identity", "B.2, B.3, A.2, A.3", RES,
               layered, ("depth",)),
    NamedModel("SA-ResNet", "a ResNet with an activation for each synapse", "B Fig. 2", RES,
               layered, ("depth",)),
    NamedModel("NeuralODE", "a ResNet of shared weights and small steps", "B.5, A.5", ODE,
               neural_ode, CLOCK),
    NamedModel("ANODE", "augmented NeuralODE; the input overwrites part of its state", "B.6, A.7",
               ODE, anode, (*CLOCK, "input_map"), LINEAR),
    NamedModel("NA-ACT-RNN", "autonomous CT-RNN, neural activation", "B.7, A.8", CT,
               autonomous, FAMILY, (), VSIGM),
    NamedModel("SA-ACT-RNN", "autonomous CT-RNN, synaptic activation", "B.8", CT,
               autonomous, FAMILY, (), VSIGM_S),
    NamedModel("NA-CT-RNN-S", "CT-RNN, neural activation, sigmoid", "B.9, B.10, B.11", CT,
               driven, DRIVEN, THREE, VSIGM),
    NamedModel("NA-CT-RNN-T", "CT-RNN, neural activation, tanh", "B.9, B.10, B.11", CT,
               driven, DRIVEN, THREE, VTANH),
    NamedModel("SA-CT-RNN-S", "CT-RNN, synaptic activation, sigmoid", "B.12", CT,
               driven, DRIVEN, BOTH, VSIGM_S),
    NamedModel("SA-CT-RNN-T", "CT-RNN, synaptic activation, tanh", "B.12", CT,
               driven, DRIVEN, BOTH, VTANH_S),
    NamedModel("NA-ALTC", "autonomous LTC, neural activation", "B.14", LTC,
               autonomous, FAMILY, (), VSIGM_GATED),
    NamedModel("SA-ALTC", "autonomous LTC, synaptic activation", "B.13", LTC,
               autonomous, FAMILY, (), VSIGM_GATED_S),
    NamedModel("NRN", "paper A's neural regulatory network, in millivolts, a threshold per synapse",
               "A.9", "membrane_equation", autonomous, FAMILY, (), RSIGM_GATED_S, MILLIVOLTS),
    NamedModel("NA-LTC", "LTC, neural activation", "B.17", LTC, driven, DRIVEN, BOTH, VSIGM_GATED),
    NamedModel("SA-LTC", "LTC, synaptic activation", "B.15, B.16", LTC,
               driven, DRIVEN, BOTH, VSIGM_GATED_S),
    NamedModel("LSTM", "long short-term memory, as PyTorch has it", "B, experiments", WALKER,
               lstm, ("input_map",), LINEAR),
    NamedModel("CT-GRU", "continuous-time GRU with eight time scales", "B, experiments", WALKER,
               ct_gru, ("input_map",), LINEAR),
    NamedModel("CfC", "closed-form continuous-time network", "Hasani et al. 2022", AFTER,
               closed_form, (*WIRED, "mode", *BACKBONE, "input_map"), LINEAR),
    NamedModel("LRC", "a saturated LTC with liquid capacitance", "Farsang et al. 2024", AFTER,
               liquid_capacitance, ("input_map",), ("synaptic",)),
)
# fmt: on

_models = {entry.name: entry for entry in _TABLE}

MODELS: Mapping[str, NamedModel] = MappingProxyType(_models)
"""All named models, in the order of the book, and then those that were registered."""

DESCRIPTOR_PREFIXES = ("ctrnn_", "ctrnn-", "ctrrn")


def register_model(entry: NamedModel) -> NamedModel:
    """Add an entry of one's own, which :func:`ltcbook.build` then knows by its name.

    >>> def make(entry, request, draw):
    ...     return MyCell(request.input_size, request.hidden_size, draw)
    >>> entry = NamedModel("mine", "a cell of my own", "", "", make)
    >>> register_model(entry)  # doctest: +SKIP

    Args:
        entry: its ``make(entry, request, draw)`` gives a
            :class:`~ltcbook.nn.cell.RecurrentCell`, which is then run over time with a readout, or
            a whole network. ``request`` has the sizes and options, ``draw`` the starting values.

    Returns:
        The entry.

    Raises:
        ValueError: if the name is taken, or would be read as a type descriptor.

    Chapter: ``grammar``.
    """
    if entry.name in _models:
        raise ValueError(f"name must be new, got {entry.name!r}, which is taken")
    if not entry.name or entry.name.lower().startswith(DESCRIPTOR_PREFIXES):
        raise ValueError(f"name must not be empty or begin as a descriptor, got {entry.name!r}")
    _models[entry.name] = entry
    return entry


def models() -> tuple[str, ...]:
    """The names that :func:`ltcbook.build` knows, in the order of the book.

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
    if isinstance(model, str) and not model.lower().startswith(DESCRIPTOR_PREFIXES):
        unknown_name("model", model, models())
    descriptor = model if isinstance(model, TypeDescriptor) else TypeDescriptor.parse(model)
    return NamedModel(
        str(descriptor),
        "a type of B's appendix",
        "B, Table 3",
        "grammar",
        driven,
        DRIVEN,
        (descriptor.in_mode,),
        descriptor,
    )
