"""What a training run is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import torch

from ltcbook.checks import positive_int, positive_number, seed_number
from ltcbook.data.tasks import TaskData
from ltcbook.nn import wiring_entries
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.nn.zoo import build


class Replica(NamedTuple):
    """What the networks of one recipe may differ in.

    >>> from ltcbook.training import Recipe
    >>> Recipe("LSTM", seeds=(0, 1), learning_rate=(0.01, 0.02)).replicas[1]
    Replica(seed=1, learning_rate=0.02, init='midpoint')

    Attributes:
        seed: fixes the start and the order of the data.
        learning_rate: of Adam.
        init: the start, as of :func:`ltcbook.build`.
    """

    seed: int
    learning_rate: float
    init: str


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
        learning_rate: of Adam; a tuple has one for each seed.
        input_map, solver, unfolds: as of :func:`ltcbook.build`; None is its default.
        init: the start, as of :func:`ltcbook.build`; a tuple has one for each seed. With several
            rates or starts a seed may come again.
        options: further ones of :func:`ltcbook.build`, as ``{"wiring": AutoNCP(19, 4)}`` or
            ``{"mixed_memory": True}``.

    Raises:
        ValueError: naming the entry that is out of range.

    >>> recipe = Recipe("SA-LTC", hidden_size=8, seeds=(0, 1), input_map="synaptic", epochs=10)
    >>> recipe.build(input_size=2, output_size=1).hidden_size
    8
    """

    model: str
    hidden_size: int = 32
    seeds: tuple[int, ...] = (0,)
    epochs: int = 200
    patience: int | None = 20
    batch_size: int = 128
    learning_rate: float | tuple[float, ...] = 5e-3
    input_map: str | None = None
    solver: str | None = None
    unfolds: int | None = None
    init: str | tuple[str, ...] = "midpoint"
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.model, str):
            raise ValueError(
                f"model must be a name or the string of a type descriptor, got {self.model!r}"
            )
        for name in ("hidden_size", "epochs", "batch_size"):
            positive_int(name, getattr(self, name))
        if self.patience is not None:
            positive_int("patience", self.patience)
        for name in ("learning_rate", "init"):
            value = getattr(self, name)
            if isinstance(value, tuple) and len(value) != len(self.seeds):
                raise ValueError(
                    f"{name} must be one, or one for each of {len(self.seeds)} seeds, got {value}"
                )
        for _, rate, _ in self.replicas:
            positive_number("learning_rate", rate)
        for seed in self.seeds:
            seed_number(seed, "seeds")
        if not self.seeds or len(set(self.replicas)) != len(self.seeds):
            raise ValueError(f"seeds must be at least one and all different, got {self.seeds}")

    @property
    def replicas(self) -> tuple[Replica, ...]:
        """Seed, learning rate and start of each replica."""
        rate, start, count = self.learning_rate, self.init, len(self.seeds)
        rates = rate if isinstance(rate, tuple) else (rate,) * count
        starts = start if isinstance(start, tuple) else (start,) * count
        return tuple(map(Replica, self.seeds, rates, starts))

    @property
    def labels(self) -> list[dict[str, Any]]:
        """For each replica its seed, and what else tells it from the others."""
        several = ("seed", *(n for n in Replica._fields if isinstance(getattr(self, n, 0), tuple)))
        return [{name: getattr(replica, name) for name in several} for replica in self.replicas]

    def build(
        self, input_size: int, output_size: int, seed: int | None = None, **options: Any
    ) -> RecurrentNetwork:
        """One untrained network.

        Args:
            input_size, output_size: of the task.
            seed: one of ``seeds``.
            options: ``dtype``, ``device`` and ``backend`` of :func:`ltcbook.build`, and ``init``
                for another start than the first replica's.

        Raises:
            ValueError: if the model is not recurrent, or does not take one of the options.
        """
        options = {**self.options, "init": self.replicas[0].init, **options}
        options |= {name: getattr(self, name) for name in ("input_map", "solver", "unfolds")}
        sizes = input_size, self.hidden_size, output_size
        network = build(self.model, *sizes, seed=seed, **options)
        if not isinstance(network, RecurrentNetwork):
            raise ValueError(f"model must be recurrent to learn sequences, got {self.model!r}")
        return network

    def networks(
        self, task: TaskData, device: torch.device, backend: str
    ) -> list[RecurrentNetwork]:
        """The untrained replicas.

        Raises:
            ValueError: as :meth:`build`.
        """
        options: dict[str, Any] = {
            "dtype": task.train.inputs.dtype,
            "device": device,
            "backend": backend,
        }
        sizes = task.input_size, task.output_size
        return [self.build(*sizes, seed, init=init, **options) for seed, _, init in self.replicas]

    def check(
        self, device: torch.device, backend: str = "auto", sizes: tuple[int, int] = (1, 1)
    ) -> None:
        """Run the model for a step, before anything is trained, or even before data are made.

        Args:
            device, backend: where, and by which kernels.
            sizes: of the task's inputs and outputs, where they are known.

        Raises:
            ValueError: as :meth:`build`, or if the backend cannot run the model there.
        """
        network = self.build(*sizes, seed=0, device=device, backend=backend)
        with torch.no_grad():
            network(torch.zeros(1, 1, sizes[0], device=device))

    def entries(self) -> dict[str, Any]:
        """As what JSON can write, for a file or a table.

        Raises:
            ValueError: for a wiring that is not one of :mod:`ltcbook.wirings`.
        """
        entries = {f.name: getattr(self, f.name) for f in fields(self)}
        entries = {k: list(v) if isinstance(v, tuple) else v for k, v in entries.items()}
        options = dict(self.options)
        if options.get("wiring") is not None:
            options["wiring"] = wiring_entries.entries(options["wiring"])
        return {**entries, "options": options}

    @classmethod
    def from_entries(cls, entries: Mapping[str, Any]) -> Recipe:
        """Take what :meth:`entries` gave.

        Raises:
            ValueError: if it is something else.
        """
        try:
            given: dict[str, Any] = dict(entries)
            given |= {k: tuple(v) for k, v in entries.items() if isinstance(v, list)}
            options = dict(entries.get("options", {}))
            if options.get("wiring") is not None:
                options["wiring"] = wiring_entries.from_entries(options["wiring"])
            return cls(**{**given, "seeds": tuple(entries["seeds"]), "options": options})
        except (TypeError, KeyError) as error:
            raise ValueError(f"this is no recipe of a run: {error}") from error

    def difference(self, other: Recipe) -> str | None:
        """The entries, besides ``epochs``, in which two recipes differ, in words; or None."""
        mine, theirs = self.entries(), other.entries()
        return difference({**mine, "epochs": 0}, {**theirs, "epochs": 0})


def difference(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> str | None:
    """The entries in which two records differ, in words; None if there are none."""
    differing = [
        f"{name} is {mine.get(name)!r} here and {theirs.get(name)!r} there"
        for name in dict.fromkeys([*mine, *theirs])
        if mine.get(name) != theirs.get(name)
    ]
    return "; ".join(differing) or None
