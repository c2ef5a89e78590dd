"""What a model is asked to be: its sizes and options, as data.

Chapter: ``grammar``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, Literal, TypedDict

import torch

from ltcbook.checks import positive_int
from ltcbook.kernels import BackendName, check_backend
from ltcbook.nn.cfc import Mode
from ltcbook.nn.constraints import Constraint
from ltcbook.nn.initialisation import Initialiser, Ranges, Start
from ltcbook.nn.wirings import Connections, Wiring

InputMap = Literal["linear", "synaptic", "preactivation"]


class Options(TypedDict, total=False):
    """The keyword options of :func:`ltcbook.build`, for type checkers.

    >>> import ltcbook
    >>> options: Options = {"input_map": "synaptic", "unfolds": 6, "seed": 0}
    >>> ltcbook.build("SA-LTC", 2, 4, 1, **options).cell.unfolds
    6
    """

    input_map: InputMap | None
    solver: str | None
    unfolds: int | None
    depth: int | None
    wiring: Wiring | None
    mixed_memory: bool
    constraint: Constraint | None
    trainable: Collection[str]
    mode: Mode | None
    activation: str | None
    backbone_units: int | None
    backbone_layers: int | None
    backbone_dropout: float | None
    init: Start
    backend: BackendName
    seed: int | None
    dtype: torch.dtype | None
    device: torch.device | str | None


FOR_ALL = ("input_size", "hidden_size", "output_size", "init", "backend", "seed", "dtype", "device")
"""What every model takes; the other options are for some models only."""


@dataclass(frozen=True)
class Request:
    """The sizes and options that :func:`ltcbook.build` was given; None where it was not.

    Attributes: as the arguments of :func:`ltcbook.build`.

    Raises:
        ValueError: for a size below one, or an unknown backend.

    >>> Request(2, 4, 1, unfolds=6, seed=0).given()
    {'unfolds': 6}
    """

    input_size: int
    hidden_size: int
    output_size: int | None
    input_map: InputMap | None = None
    solver: str | None = None
    unfolds: int | None = None
    depth: int | None = None
    wiring: Wiring | None = None
    mixed_memory: bool = False
    constraint: Constraint | None = None
    trainable: Collection[str] = ()
    mode: Mode | None = None
    activation: str | None = None
    backbone_units: int | None = None
    backbone_layers: int | None = None
    backbone_dropout: float | None = None
    init: Start = "midpoint"
    backend: BackendName = "auto"
    seed: int | None = None
    dtype: torch.dtype | None = None
    device: torch.device | str | None = None

    def __post_init__(self) -> None:
        positive_int("input_size", self.input_size)
        if isinstance(self.hidden_size, Wiring):  # as ncps takes it
            raise ValueError(
                f"hidden_size must be an integer of at least 1, got {self.hidden_size!r}; "
                "a wiring is given as wiring=..."
            )
        positive_int("hidden_size", self.hidden_size)
        if self.output_size is not None:
            positive_int("output_size", self.output_size)
        if isinstance(self.trainable, str) or not isinstance(self.trainable, Collection):
            raise ValueError(
                f"trainable must be a collection of names, as ('C', 'e_l'), got {self.trainable!r}"
            )
        check_backend(self.backend)

    def given(self, *names: str) -> dict[str, Any]:
        """Those of the named options that differ from their defaults; without names, all that
        are not for every model."""
        defaults = {field.name: field.default for field in fields(self)}
        wanted = names or [name for name in defaults if name not in FOR_ALL]
        options = {name: getattr(self, name) for name in wanted}
        return {
            name: value
            for name, value in options.items()
            if value is not defaults[name] and value != defaults[name]
        }

    def connections(self) -> Connections | None:
        """The synapses that the wiring gives, if there is one."""
        if self.wiring is None:
            return None
        if not isinstance(self.wiring, Wiring):
            raise ValueError(
                f"wiring must be one of ltcbook.wirings, got {type(self.wiring).__name__}"
            )
        return self.wiring.connect(self.input_size, self.hidden_size)

    def initialiser(self, ranges: Ranges) -> Initialiser:
        """Where the parameters start."""
        return Initialiser(self.init, self.seed, ranges, self.dtype, self.device)
