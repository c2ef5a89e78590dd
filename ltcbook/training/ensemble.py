"""Replicas of one architecture as one batch of parameters, with a leading replica axis.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state

from ltcbook.data.sequences import Sequences
from ltcbook.nn.constraints import lowest_values
from ltcbook.nn.sequence import RecurrentNetwork


class Ensemble:
    """R networks that differ in their numbers only.

    On the CPU each replica runs as it would alone, so it gives the bits that it gives alone. On
    other devices ``torch.vmap`` runs all replicas at once: one launch, whatever R is. Several
    threads may ask for outputs, each with parameters of its own; they wait for each other.

    Args:
        networks: at least one, all of one architecture.

    Attributes:
        parameters: by name, each (R, ...), ready for an optimiser.
        buffers: the fixed tensors, the same way.

    >>> import ltcbook
    >>> networks = [ltcbook.LTC(1, 4, 1, seed=seed) for seed in range(3)]
    >>> ensemble = Ensemble(networks)
    >>> ensemble.size, ensemble.parameters["cell.w_l"].shape
    (3, torch.Size([3, 4]))

    Chapter: ``making_it_fast``.
    """

    def __init__(self, networks: Sequence[RecurrentNetwork]) -> None:
        self.size = len(networks)
        self.device = networks[0].weight.device
        self._template = copy.deepcopy(networks[0])
        self._lowest = lowest_values(self._template)
        # A functional call puts its parameters into the template for as long as it runs.
        self._in_use = threading.Lock()
        parameters, buffers = stack_module_state(list(networks))
        self.parameters: dict[str, Tensor] = parameters
        self.buffers: dict[str, Tensor] = buffers

    def outputs(
        self,
        batches: Sequence[Sequences],
        members: Sequence[int],
        parameters: Mapping[str, Tensor] | None = None,
    ) -> list[Tensor]:
        """The outputs (batch, time, o) of some replicas, each on a batch of its own.

        Args:
            batches: one for each of ``members``, all of one size.
            members: which replicas.
            parameters: (R, ...) by name; by default those of the ensemble.
        """
        if self.device.type != "cpu":
            return self.outputs_at_once(batches, members, parameters)
        tensors = {name: part.unbind() for name, part in self._tensors(parameters).items()}
        return [
            self._run({name: parts[r] for name, parts in tensors.items()}, batch)
            for r, batch in zip(members, batches, strict=True)
        ]

    def outputs_at_once(
        self,
        batches: Sequence[Sequences],
        members: Sequence[int],
        parameters: Mapping[str, Tensor] | None = None,
    ) -> list[Tensor]:
        """The same by ``torch.vmap``, within rounding."""
        tensors = self._tensors(parameters)
        if len(members) < self.size:
            chosen = torch.tensor(members, device=self.device)
            tensors = {name: part[chosen] for name, part in tensors.items()}
        inputs = torch.stack([batch.inputs for batch in batches])
        spans = [batch.timespans for batch in batches if batch.timespans is not None]
        timespans = torch.stack(spans) if spans else None
        in_dims = (0, 0, None if timespans is None else 0)
        return list(torch.vmap(self._call, in_dims)(tensors, inputs, timespans))

    def network(self, replica: int, parameters: Mapping[str, Tensor]) -> RecurrentNetwork:
        """One replica as a network of its own, with its share of ``parameters`` (R, ...)."""
        with self._in_use:
            network = copy.deepcopy(self._template)
        numbers = {**parameters, **self.buffers}
        network.load_state_dict({name: part[replica].detach() for name, part in numbers.items()})
        return network

    @torch.no_grad()
    def project_(self) -> None:
        """Put all parameters back onto their bounds; after each step of an optimiser."""
        for name, lowest in self._lowest.items():
            self.parameters[name].clamp_(min=lowest)

    def _tensors(self, parameters: Mapping[str, Tensor] | None) -> dict[str, Tensor]:
        return {**(self.parameters if parameters is None else parameters), **self.buffers}

    def _run(self, numbers: Mapping[str, Tensor], batch: Sequences) -> Tensor:
        return self._call(numbers, batch.inputs, batch.timespans)

    def _call(self, numbers: Mapping[str, Tensor], u: Tensor, timespans: Tensor | None) -> Tensor:
        with self._in_use:
            named = {"timespans": timespans}
            outputs: Tensor = functional_call(self._template, dict(numbers), (u,), named)[0]
        return outputs
