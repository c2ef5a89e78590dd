"""Recurrent networks that know what they were built from, and the classes to build them by.

``ltcbook.build("SA-LTC", 17, 32, 4)`` and ``ltcbook.LTC(17, 32, 4)`` go the same way: an entry of
the table makes the cell, and a :class:`NamedNetwork` runs it.

Chapter: ``grammar``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Literal

import torch

from ltcbook.checks import unknown_name
from ltcbook.kernels import BackendName
from ltcbook.nn.cell import RecurrentCell
from ltcbook.nn.cfc import Mode
from ltcbook.nn.constraints import Constraint
from ltcbook.nn.initialisation import Initialiser, Start
from ltcbook.nn.request import InputMap, Request
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.nn.table import NamedModel, find
from ltcbook.nn.wirings import Wiring, missing_parameters


class NamedNetwork(RecurrentNetwork):
    """A recurrent network made by an entry of the table of models.

    Attributes:
        entry: which.
        request: the sizes and options that it was built with.
    """

    def __init__(
        self, entry: NamedModel, request: Request, cell: RecurrentCell, draw: Initialiser
    ) -> None:
        super().__init__(cell, request.output_size, draw)
        self.entry, self.request = entry, request
        self.backend = request.backend

    def reset_parameters(self, seed: int | None = None) -> None:
        """Draw all parameters anew, as when the network was built.

        Args:
            seed: of the draw; None draws from PyTorch's global generator.
        """
        weight = self.weight
        request = dataclasses.replace(
            self.request, seed=seed, dtype=weight.dtype, device=weight.device
        )
        fresh = NamedNetwork(self.entry, request, *_make(self.entry, request))
        self.load_state_dict(fresh.state_dict())

    def __repr__(self) -> str:
        sizes = f"{self.input_size}, {self.hidden_size}, {self.request.output_size}"
        options = "".join(f", {name}={value!r}" for name, value in self.request.given().items())
        count = sum(p.numel() for p in self.parameters()) - missing_parameters(self)
        return f"{self.entry.name}({sizes}{options}; {count} parameters)"


def _make(entry: NamedModel, request: Request) -> tuple[RecurrentCell, Initialiser]:
    """The cell of a recurrent entry, and the draws that go on to the readout."""
    entry.check(request)
    draw = request.initialiser(entry.ranges)
    cell = entry.make(entry, request, draw)
    if not isinstance(cell, RecurrentCell):
        raise ValueError(f"model must be recurrent, got {entry.name}")
    return cell, draw


def _by_activation(activation: str, neural: str, synaptic: str) -> NamedModel:
    if activation not in ("neural", "synaptic"):
        unknown_name("activation", activation, ("neural", "synaptic"))
    return find(neural if activation == "neural" else synaptic)


class LTC(NamedNetwork):
    """A liquid time-constant network, to be used as ``torch.nn.RNN`` is.

    >>> import torch
    >>> model = LTC(17, 32)  # no readout: the hidden states
    >>> y, state = model(torch.zeros(4, 20, 17))
    >>> y.shape, state.shape
    (torch.Size([4, 20, 32]), torch.Size([4, 32]))

    Args:
        input_size, hidden_size: m, n.
        output_size: o, of a linear readout, or as many as the wiring has motor neurons; None for
            the hidden states.
        activation: ``"synaptic"`` (SA-LTC, B.15) or ``"neural"`` (NA-LTC, B.17).
        input_map, solver, unfolds, wiring, mixed_memory, constraint, trainable, init, backend,
            seed, dtype, device: as of :func:`ltcbook.build`, but for the synaptic input.

    Raises:
        ValueError: naming the argument, what came and what is needed.

    Source: B.15 to B.17. Chapter: ``liquid_time_constants``.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int | None = None,
        *,
        activation: Literal["synaptic", "neural"] = "synaptic",
        input_map: InputMap = "synaptic",
        solver: str | None = None,
        unfolds: int | None = None,
        wiring: Wiring | None = None,
        mixed_memory: bool = False,
        constraint: Constraint | None = None,
        trainable: Collection[str] = (),
        init: Start = "midpoint",
        backend: BackendName = "auto",
        seed: int | None = None,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        entry = _by_activation(activation, "NA-LTC", "SA-LTC")
        request = Request(
            *(input_size, hidden_size, output_size, input_map, solver, unfolds),
            wiring=wiring,
            mixed_memory=mixed_memory,
            constraint=constraint,
            trainable=trainable,
            init=init,
            backend=backend,
            seed=seed,
            dtype=dtype,
            device=device,
        )
        super().__init__(entry, request, *_make(entry, request))


class CTRNN(NamedNetwork):
    """A continuous-time recurrent network, to be used as ``torch.nn.RNN`` is.

    Args:
        input_size, hidden_size: m, n.
        output_size: o, of a linear readout, or as many as the wiring has motor neurons; None for
            the hidden states.
        activation: ``"neural"`` (B.11) or ``"synaptic"`` (B.12).
        function: ``"tanh"`` or ``"sigmoid"``.
        input_map, solver, unfolds, wiring, mixed_memory, trainable, init, backend, seed, dtype,
            device: as of :func:`ltcbook.build`.

    Raises:
        ValueError: naming the argument, what came and what is needed.

    >>> model = CTRNN(input_size=2, hidden_size=8, output_size=1, seed=0)
    >>> y, state = model(torch.zeros(3, 10, 2))
    >>> y.shape, state.shape
    (torch.Size([3, 10, 1]), torch.Size([3, 8]))

    Source: B.9 to B.12. Chapter: ``ct_rnns``.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int | None = None,
        *,
        activation: Literal["synaptic", "neural"] = "neural",
        function: Literal["tanh", "sigmoid"] = "tanh",
        input_map: InputMap = "linear",
        solver: str | None = None,
        unfolds: int | None = None,
        wiring: Wiring | None = None,
        mixed_memory: bool = False,
        trainable: Collection[str] = (),
        init: Start = "midpoint",
        backend: BackendName = "auto",
        seed: int | None = None,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        if function not in ("tanh", "sigmoid"):
            unknown_name("function", function, ("tanh", "sigmoid"))
        letter = "T" if function == "tanh" else "S"
        entry = _by_activation(activation, f"NA-CT-RNN-{letter}", f"SA-CT-RNN-{letter}")
        request = Request(
            *(input_size, hidden_size, output_size, input_map, solver, unfolds),
            wiring=wiring,
            mixed_memory=mixed_memory,
            trainable=trainable,
            init=init,
            backend=backend,
            seed=seed,
            dtype=dtype,
            device=device,
        )
        super().__init__(entry, request, *_make(entry, request))


class CfC(NamedNetwork):
    """A closed-form continuous-time network, to be used as ``torch.nn.RNN`` is.

    Args:
        input_size, hidden_size: m, n.
        output_size: o, of a linear readout, or as many as the wiring has motor neurons; None for
            the hidden states.
        mode: ``"default"``, ``"pure"`` or ``"no_gate"``.
        activation, backbone_units, backbone_layers, backbone_dropout: of the hidden layers in
            front, see :class:`ltcbook.nn.cfc.CfCCell`; one layer of 128 by default, and none with
            a wiring.
        wiring, mixed_memory, seed, dtype, device: as of :func:`ltcbook.build`.

    Raises:
        ValueError: naming the argument, what came and what is needed.

    >>> model = CfC(input_size=2, hidden_size=8, output_size=1, seed=0)
    >>> y, state = model(torch.zeros(3, 10, 2), timespans=torch.full((3, 10), 0.5))
    >>> y.shape, state.shape
    (torch.Size([3, 10, 1]), torch.Size([3, 8]))

    Source: Hasani et al. 2022. Chapter: ``what_came_after``.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int | None = None,
        *,
        mode: Mode | None = None,
        activation: str | None = None,
        backbone_units: int | None = None,
        backbone_layers: int | None = None,
        backbone_dropout: float | None = None,
        wiring: Wiring | None = None,
        mixed_memory: bool = False,
        seed: int | None = None,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        entry = find("CfC")
        request = Request(
            *(input_size, hidden_size, output_size),
            mode=mode,
            activation=activation,
            backbone_units=backbone_units,
            backbone_layers=backbone_layers,
            backbone_dropout=backbone_dropout,
            wiring=wiring,
            mixed_memory=mixed_memory,
            seed=seed,
            dtype=dtype,
            device=device,
        )
        super().__init__(entry, request, *_make(entry, request))
