"""Small networks in training at once, each at a learning rate of its own, on whatever is asked.

:class:`~ltcbook.training.Run` trains networks on a task's sequences; this trains any module on any
loss that one can write. A network of a few neurons costs mostly the calls, not the arithmetic:
with a leading axis for the replicas ten of them cost little more than one.

Chapters: ``artificial_neurons``, ``residual_networks``, ``selective_state_spaces``.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state

from ltcbook.nn.constraints import lowest_values
from ltcbook.training.adam import ReplicaAdam

PATIENCE, EVERY = 20, 20  # evaluations without a gain; steps from one to the next

Network = Callable[[Tensor], Tensor]


@dataclass
class Descent:
    """What became of the replicas.

    Attributes:
        best: (R), the smallest score of each.
        reached: (R), after how many steps.
        parameters: as they were at that moment, each (R, ...).
        history: after each evaluation the scores (R) of all.
    """

    best: Tensor
    reached: Tensor
    parameters: dict[str, Tensor]
    history: list[Tensor] = field(default_factory=list)


class _Called(nn.Module):
    """A network and how it is called, as one module, which is what a functional call takes."""

    def __init__(self, network: nn.Module, call: Callable[[nn.Module, Tensor], Tensor]) -> None:
        super().__init__()
        self.network, self.call = network, call

    def forward(self, u: Tensor) -> Tensor:
        return self.call(self.network, u)


class Replicas:
    """Networks that differ in their numbers only, called all at once.

    Args:
        networks: at least one, all of one architecture.
        call: gives a network's outputs, and looks at no number, which ``torch.vmap`` can't give;
            by default the network's own call.

    Attributes:
        parameters: by name, each (R, ...).
    """

    def __init__(
        self,
        networks: Sequence[nn.Module],
        call: Callable[[nn.Module, Tensor], Tensor] = lambda network, u: network(u),
    ) -> None:
        self.size = len(networks)
        self._called = _Called(copy.deepcopy(networks[0]), call)
        self._lowest = lowest_values(networks[0])
        self.parameters: dict[str, Tensor]
        self.parameters, self._buffers = stack_module_state(list(networks))

    def measure(
        self,
        of: Callable[..., Tensor],
        parameters: dict[str, Tensor] | None = None,
        batch: tuple[Tensor, ...] = (),
    ) -> Tensor:
        """A number ``of(network, *batch)`` for each network, (R,).

        Args:
            of: what is measured.
            parameters: each (R, ...); by default as they are now.
            batch: a share for each replica, each (R, ...).
        """

        def one(numbers: dict[str, Tensor], *share: Tensor) -> Tensor:
            named = {f"network.{name}": part for name, part in numbers.items()}
            return of(lambda u: functional_call(self._called, named, (u,)), *share)

        chosen = self.parameters if parameters is None else parameters
        return torch.vmap(one)({**chosen, **self._buffers}, *batch)

    @torch.no_grad()
    def project_(self) -> None:
        """Put the parameters back onto their bounds."""
        for name, lowest in self._lowest.items():
            self.parameters[name].clamp_(min=lowest)

    def networks(self, parameters: dict[str, Tensor]) -> list[nn.Module]:
        """Each replica as a network of its own, with its share of ``parameters`` (R, ...)."""
        numbers, made = {**parameters, **self._buffers}, []
        for replica in range(self.size):
            network = copy.deepcopy(self._called.network)
            network.load_state_dict({name: part[replica] for name, part in numbers.items()})
            made.append(network)
        return made


def descend(
    replicas: Replicas,
    rates: Sequence[float],
    loss: Callable[..., Tensor],
    score: Callable[[Network], Tensor],
    *,
    most: int,
    every: int = EVERY,
    enough: float = 0.0,
    patience: float = PATIENCE,
    batches: Callable[[], tuple[Tensor, ...]] = tuple,
) -> Descent:
    """Adam until the score of every replica has stalled, or is good enough.

    Args:
        replicas: changed in place.
        rates: the learning rate of each.
        loss: of a network and its share of a batch, to be made small.
        score: of a network, by which its best moment is chosen.
        most: steps of Adam.
        every: steps from one look at the score to the next.
        enough: a score with which a replica is done.
        patience: looks without a gain after which a replica has stalled.
        batches: gives the data of the next step, each (R, ...); by default there are none, since
            the loss knows its own.
    """
    parameters = replicas.parameters
    adam = ReplicaAdam([p for p in parameters.values() if p.requires_grad], rates)
    found = Descent(
        torch.full((replicas.size,), math.inf),
        torch.zeros(replicas.size),
        {k: p.detach().clone() for k, p in parameters.items()},
    )
    for step in range(most + 1):
        if step % every == 0:
            active = _look(replicas, found, score, step, enough, patience * every)
            if not active:
                break
        adam.zero_grad()
        replicas.measure(loss, batch=batches()).sum().backward()  # type: ignore[no-untyped-call]
        adam.step()
        replicas.project_()
    return found


@torch.no_grad()
def _look(
    replicas: Replicas,
    found: Descent,
    score: Callable[[Network], Tensor],
    step: int,
    enough: float,
    longest: float,
) -> bool:
    """Note the scores, and whom they are the best of; whether anyone still learns."""
    now = replicas.measure(score)
    found.history.append(now)
    active = (found.best > enough) & (step - found.reached <= longest)
    better = active & (now < found.best)
    found.best = torch.where(better, now, found.best)
    found.reached[better] = step
    for key, kept in found.parameters.items():
        kept[better] = replicas.parameters[key].detach()[better]
    return bool(active.any())
