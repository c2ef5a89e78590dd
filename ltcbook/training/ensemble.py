"""Replicas of one architecture as one batch of parameters, with a leading replica axis.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state

from ltcbook.data.sequences import Sequences
from ltcbook.sequence import RecurrentNetwork


class Ensemble:
    """R networks that differ in their numbers only.

    On the CPU each replica runs as it would alone, so it gives the bits that it gives alone. On
    other devices ``torch.vmap`` runs all replicas at once: one launch, whatever R is.

    Args:
        networks: at least one, all of one architecture.

    Attributes:
        parameters: by name, each (R, ...), ready for an optimiser.
        buffers: the fixed tensors, the same way.

    Chapter: ``making_it_fast``.
    """

    def __init__(self, networks: Sequence[RecurrentNetwork]) -> None:
        self.size = len(networks)
        self._template = copy.deepcopy(networks[0])
        parameters, buffers = stack_module_state(list(networks))
        self.parameters: dict[str, Tensor] = parameters
        self.buffers: dict[str, Tensor] = buffers

    def outputs(self, batches: Sequence[Sequences], members: Sequence[int]) -> list[Tensor]:
        """The outputs (batch, time, o) of some replicas, each on a batch of its own.

        Args:
            batches: one for each of ``members``, all of one size.
            members: which replicas.
        """
        if self._template.readout.weight.device.type == "cpu":
            tensors = {name: part.unbind() for name, part in self._tensors().items()}
            return [
                _run(self._template, {name: parts[r] for name, parts in tensors.items()}, batch)
                for r, batch in zip(members, batches, strict=True)
            ]
        return self.outputs_at_once(batches, members)

    def outputs_at_once(self, batches: Sequence[Sequences], members: Sequence[int]) -> list[Tensor]:
        """The same by ``torch.vmap``, within rounding."""
        tensors = self._tensors()
        if len(members) < self.size:
            chosen = torch.tensor(members, device=self._template.readout.weight.device)
            tensors = {name: part[chosen] for name, part in tensors.items()}
        inputs = torch.stack([batch.inputs for batch in batches])
        spans = [batch.timespans for batch in batches if batch.timespans is not None]

        def run(numbers: Mapping[str, Tensor], u: Tensor, timespans: Tensor | None) -> Tensor:
            return _unchecked(self._template, numbers, u, timespans)

        timespans = torch.stack(spans) if spans else None
        in_dims = (0, 0, None if timespans is None else 0)
        return list(torch.vmap(run, in_dims)(tensors, inputs, timespans))

    def network(self, replica: int, parameters: Mapping[str, Tensor]) -> RecurrentNetwork:
        """One replica as a network of its own, with its share of ``parameters`` (R, ...)."""
        network = copy.deepcopy(self._template)
        numbers = {**parameters, **self.buffers}
        network.load_state_dict({name: part[replica].detach() for name, part in numbers.items()})
        return network

    def _tensors(self) -> dict[str, Tensor]:
        return {**self.parameters, **self.buffers}


class _Runner(torch.nn.Module):
    """Calls :meth:`RecurrentNetwork.run`, since ``functional_call`` calls forward alone."""

    def __init__(self, network: RecurrentNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, u: Tensor, timespans: Tensor | None) -> Tensor:
        outputs: Tensor = self.network.run(u, timespans=timespans)[0]
        return outputs


def _unchecked(
    template: RecurrentNetwork, numbers: Mapping[str, Tensor], u: Tensor, timespans: Tensor | None
) -> Tensor:
    named = {f"network.{name}": part for name, part in numbers.items()}
    outputs: Tensor = functional_call(_Runner(template), named, (u, timespans))
    return outputs


def _run(template: RecurrentNetwork, numbers: Mapping[str, Tensor], batch: Sequences) -> Tensor:
    return _unchecked(template, numbers, batch.inputs, batch.timespans)
