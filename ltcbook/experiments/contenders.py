"""Contenders that ``ltcbook.build`` alone does not make, by their names in the store.

Everything else in a run is as for the others: the same loop, the same search, the same rows.

Chapter: ``what_came_after``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import torch

from ltcbook.analysis.linear_scan import by_scan
from ltcbook.analysis.rewriting import rewrite
from ltcbook.data.tasks import TaskData
from ltcbook.experiments import feedforward
from ltcbook.experiments.layered import FlowRecipe, LayeredRecipe
from ltcbook.nn.constraints import Constrained, lowest_values
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.training import Recipe

__all__ = ["free"]

CFC = "CfC without layers"
TWIN = "NA-CT-RNN-T as an S"
UNBOUNDED = " without bounds"
SCANNED = " without recurrence"
FLOWS = {room: "flow" if room == 0 else f"flow, {room} more dimension" for room in (0, 1)}
"""A neural ODE, by the number of dimensions that it has besides those of its input."""


def layers(model: str, depth: int) -> str:
    """The name in the store of a layered network of some depth.

    >>> layers("ResNet", 8)
    'ResNet, 8 layers'
    """
    return f"{model}, {depth} layer{'s' * (depth > 1)}"


def free(network: RecurrentNetwork) -> RecurrentNetwork:
    """The network, whose conductances and slopes may now become negative.

    >>> import ltcbook
    >>> sorted(lowest_values(ltcbook.LTC(1, 2)))[:2]
    ['cell.recurrent.a', 'cell.recurrent.w']
    >>> lowest_values(free(ltcbook.LTC(1, 2)))
    {}
    """
    for name in lowest_values(network):
        path, _, letter = name.rpartition(".")
        part = network.get_submodule(path)
        assert isinstance(part, Constrained)
        part.free(letter)
    return network


@dataclass(frozen=True)
class UnboundedRecipe(Recipe):
    """A recipe whose networks have no bounds; everything else is as for the others."""

    def build(
        self, input_size: int, output_size: int, seed: int | None = None, **options: Any
    ) -> RecurrentNetwork:
        """One untrained network."""
        return free(super().build(input_size, output_size, seed, **options))


@dataclass(frozen=True)
class TwinRecipe(Recipe):
    """A recipe whose sigmoid networks are rewritten as tanh networks of the same function."""

    def networks(
        self, task: TaskData, device: torch.device, backend: str
    ) -> list[RecurrentNetwork]:
        """The rewritten replicas."""
        twins = []
        for network in super().networks(task, device, "eager"):
            twin = rewrite(network, "ctrnn_vtanh_linear").model
            twin.backend = backend
            twins.append(twin)
        return twins


@dataclass(frozen=True)
class ScannedRecipe(Recipe):
    """A recipe whose networks have no recurrent synapses; a scan runs them."""

    def build(
        self, input_size: int, output_size: int, seed: int | None = None, **options: Any
    ) -> RecurrentNetwork:
        """One untrained network; it has one backend, whatever the options say."""
        options["backend"] = "eager"
        return by_scan(super().build(input_size, output_size, seed, **options))


@dataclass(frozen=True)
class Contender:
    """What stands behind a name.

    Attributes:
        model: as :func:`ltcbook.build` knows it.
        kind: of recipe.
        options: further ones of the recipe.
    """

    model: str
    kind: type[Recipe] = Recipe
    options: Mapping[str, Any] = field(default_factory=dict)


_LAYERED = {
    layers(model, depth): Contender(model, LayeredRecipe, {"depth": depth})
    for model in ("DNN", "SA-DNN", "ResNet")
    for depth in (1, 2, 8, 32)
}
_FLOWS = {name: Contender(name, FlowRecipe, {"room": room}) for room, name in FLOWS.items()}
_SCANNED = {
    f"{name}{SCANNED}": Contender(name, ScannedRecipe) for name in ("SA-LTC", "SA-CT-RNN-S")
}
CONTENDERS: Mapping[str, Contender] = MappingProxyType(
    {
        feedforward.NAME: Contender(feedforward.NAME, feedforward.FeedForwardRecipe),
        CFC: Contender("CfC", options={"backbone_layers": 0}),
        TWIN: Contender("NA-CT-RNN-S", TwinRecipe),
        **{f"{name}{UNBOUNDED}": Contender(name, UnboundedRecipe) for name in ("SA-LTC", "NA-LTC")},
        **_LAYERED,
        **_FLOWS,
        **_SCANNED,
    }
)

NO_INPUT_MAP = ("LSTM", "CT-GRU", "ANODE", CFC, feedforward.NAME, *_LAYERED, *_FLOWS)
"""Those in which the input enters in one way; the store calls it linear."""
WITHOUT_SOLVER = ("LSTM", "CT-GRU", "LRC", CFC, feedforward.NAME, *_LAYERED, *_FLOWS, *_SCANNED)
WITHOUT_CLOCK = ("LSTM", feedforward.NAME, *_LAYERED, *_FLOWS, *_SCANNED)


def contender(name: str) -> Contender:
    """What the store calls so; a model of the package is itself.

    >>> contender("CfC without layers").model, contender("LSTM").model
    ('CfC', 'LSTM')
    """
    return CONTENDERS.get(name, Contender(name))
