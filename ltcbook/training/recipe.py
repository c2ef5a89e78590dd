"""What a training run is made from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

import torch

from ltcbook.checks import positive_int, positive_number
from ltcbook.data.tasks import TaskData
from ltcbook.sequence import RecurrentNetwork
from ltcbook.zoo import build


@dataclass(frozen=True)
class Recipe:
    """All that decides a run's numbers, besides the data.

    Attributes:
        model: a recurrent model of :func:`ltcbook.models`, or a type descriptor.
        hidden_size: n.
        seeds: one replica for each; a seed fixes a replica's start and its order of the data.
        epochs: at most so many passes over the training part.
        patience: a replica stops after so many epochs without a better validation loss; None
            never stops early.
        batch_size: sequences in a batch.
        learning_rate: of Adam.
        input_map, solver, unfolds, init: as of :func:`ltcbook.build`; None is its default.

    Raises:
        ValueError: naming the entry that is out of range.
    """

    model: str
    hidden_size: int = 32
    seeds: tuple[int, ...] = (0,)
    epochs: int = 200
    patience: int | None = 20
    batch_size: int = 128
    learning_rate: float = 5e-3
    input_map: str | None = None
    solver: str | None = None
    unfolds: int | None = None
    init: str = "midpoint"

    def __post_init__(self) -> None:
        for name in ("hidden_size", "epochs", "batch_size"):
            positive_int(name, getattr(self, name))
        if self.patience is not None:
            positive_int("patience", self.patience)
        positive_number("learning_rate", self.learning_rate)
        if not self.seeds or len(set(self.seeds)) != len(self.seeds):
            raise ValueError(f"seeds must be at least one and all different, got {self.seeds}")

    def networks(
        self, task: TaskData, device: torch.device, backend: str
    ) -> list[RecurrentNetwork]:
        """The untrained replicas, one for each seed.

        Raises:
            ValueError: if the model is not recurrent, or does not take one of the options.
        """
        options: dict[str, Any] = {
            name: getattr(self, name) for name in ("input_map", "solver", "unfolds", "init")
        }
        options |= {"dtype": task.train.inputs.dtype, "device": device, "backend": backend}
        sizes = task.input_size, self.hidden_size, task.output_size
        networks = []
        for seed in self.seeds:
            network = build(self.model, *sizes, seed=seed, **options)
            if not isinstance(network, RecurrentNetwork):
                raise ValueError(f"model must be recurrent to learn sequences, got {self.model!r}")
            networks.append(network)
        return networks

    def to_json(self) -> str:
        """As a line of text, for a checkpoint."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """Read what :meth:`to_json` wrote."""
        entries = json.loads(text)
        return cls(**{**entries, "seeds": tuple(entries["seeds"])})

    def difference(self, other: Recipe) -> str | None:
        """The first entry, besides ``epochs``, in which two recipes differ, or None."""
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            if field.name != "epochs" and mine != theirs:
                return f"{field.name} is {mine!r} here and {theirs!r} there"
        return None
