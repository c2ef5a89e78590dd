"""The training loop: Adam, validation after each epoch, early stopping for each replica.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from ltcbook.data.sequences import Sequences
from ltcbook.data.tasks import TaskData
from ltcbook.sequence import RecurrentNetwork
from ltcbook.training.divergence import LastFinite, diagnose
from ltcbook.training.ensemble import Ensemble
from ltcbook.training.recipe import Recipe

EVALUATION_BATCH = 512


def loss_of(kind: str, outputs: Tensor, batch: Sequences) -> Tensor:
    """Mean squared error at every step, or cross entropy (nats) of the class after the last."""
    if kind == "mse":
        return functional.mse_loss(outputs, batch.targets)
    return functional.cross_entropy(outputs[:, -1], batch.targets)


class Run:
    """Replicas in training, epoch after epoch; nothing of it depends on who else trains.

    Args:
        recipe: what to train.
        task: on what; moved to the device.
        device: where.
        backend: as of :func:`ltcbook.build`.

    Attributes:
        ensemble: the replicas' parameters as they are.
        best: the parameters of each replica at its smallest validation loss.
        curves: for each replica, (training loss, validation loss) after each epoch.
        stopped: for each replica, why it trains no more; empty while it does.

    Chapter: ``making_it_fast``.
    """

    def __init__(
        self,
        recipe: Recipe,
        task: TaskData,
        device: torch.device | str = "cpu",
        backend: str = "auto",
    ) -> None:
        self.recipe, self.loss = recipe, task.loss
        self.device = torch.device(device)
        self.train_part, self.validation, self.test = (
            part.to(self.device) for part in (task.train, task.validation, task.test)
        )
        self.ensemble = Ensemble(recipe.networks(task, self.device, backend))
        self.best = {k: p.detach().clone() for k, p in self.ensemble.parameters.items()}
        self.optimiser = torch.optim.Adam(
            self.ensemble.parameters.values(), lr=recipe.learning_rate
        )
        self.orders = [torch.Generator().manual_seed(seed) for seed in recipe.seeds]
        self.curves: list[list[tuple[float, float]]] = [[] for _ in recipe.seeds]
        self.stopped = ["" for _ in recipe.seeds]

    @property
    def active(self) -> list[int]:
        """The replicas that still train."""
        return [replica for replica, reason in enumerate(self.stopped) if not reason]

    @property
    def epoch(self) -> int:
        """Epochs behind us."""
        return max(map(len, self.curves))

    @property
    def finished(self) -> bool:
        """True when no replica has anything left to do."""
        return not self.active or self.epoch >= self.recipe.epochs

    def best_epoch(self, replica: int) -> int | None:
        """The epoch, from 1, with the smallest validation loss; None if there was none finite."""
        losses = [v for _, v in self.curves[replica]]
        finite = [v for v in losses if math.isfinite(v)]
        return losses.index(min(finite)) + 1 if finite else None

    def train_epoch(self) -> None:
        """One pass over the training part by every active replica, each in its own order.

        Losses stay on the device until the pass is over, so a GPU never waits for us to read one.
        """
        members = self.active
        starts = [self.orders[r].get_state() for r in members]
        orders = [self.train_part.batches(self.recipe.batch_size, self.orders[r]) for r in members]
        watch = LastFinite(self.ensemble.parameters, members)
        steps, sizes = [], []
        for batches in zip(*orders, strict=True):
            steps.append(self._step(batches, members, watch))
            sizes.append(len(batches[0]))
        losses = torch.stack(steps, dim=1).tolist()  # one row for each member
        for replica, start, row in zip(members, starts, losses, strict=True):
            lost = next((k for k, loss in enumerate(row) if not math.isfinite(loss)), None)
            if lost is not None:
                self.stopped[replica] = self._why(replica, start, lost, watch)
        values = self.evaluate(self.validation, self.ensemble.parameters, members)
        for replica, row, value in zip(members, losses, values, strict=True):
            total = sum(loss * size for loss, size in zip(row, sizes, strict=True))
            self._close_epoch(replica, total / sum(sizes), value)

    def _step(
        self, batches: Sequence[Sequences], members: Sequence[int], watch: LastFinite
    ) -> Tensor:
        """One step of the optimiser; the losses before it, (members,)."""
        self.optimiser.zero_grad()
        outputs = self.ensemble.outputs(batches, members)
        losses = torch.stack(
            [loss_of(self.loss, y, batch) for y, batch in zip(outputs, batches, strict=True)]
        )
        watch.look(losses.detach())
        losses.sum().backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        return losses.detach()

    def _why(self, replica: int, start: Tensor, step: int, watch: LastFinite) -> str:
        """Why a replica's loss was not finite at a step of an epoch that began with ``start``."""
        order = torch.Generator()
        order.set_state(start)
        batches = self.train_part.batches(self.recipe.batch_size, order)
        batch = next(itertools.islice(batches, step, None))
        network = self.ensemble.network(replica, watch.parameters)
        found = diagnose(network, batch.inputs, batch.timespans)
        return f"diverged in epoch {self.epoch + 1}: {found}"

    def _close_epoch(self, replica: int, training: float, validation: float) -> None:
        self.curves[replica].append((training, validation))
        best, now = self.best_epoch(replica), len(self.curves[replica])
        if best == now:
            for name, parameter in self.ensemble.parameters.items():
                self.best[name][replica] = parameter.detach()[replica]
        patience = self.recipe.patience
        if not self.stopped[replica] and patience is not None and now - (best or 0) >= patience:
            self.stopped[replica] = f"no better validation loss for {patience} epochs"

    @torch.no_grad()
    def evaluate(
        self, part: Sequences, parameters: dict[str, Tensor], members: Sequence[int]
    ) -> list[float]:
        """The loss of some replicas on a part of the data, with the given parameters."""
        current, self.ensemble.parameters = self.ensemble.parameters, parameters
        try:
            sums = torch.zeros(len(members), dtype=torch.float64, device=self.device)
            for batch in part.batches(EVALUATION_BATCH):
                outputs = self.ensemble.outputs([batch] * len(members), members)
                losses = torch.stack([loss_of(self.loss, y, batch) for y in outputs])
                sums += losses.double() * len(batch)
        finally:
            self.ensemble.parameters = current
        values: list[float] = (sums / len(part)).tolist()
        return values

    def test_losses(self) -> list[float]:
        """The loss of each replica on the test part, at its best epoch."""
        return self.evaluate(self.test, self.best, range(len(self.recipe.seeds)))

    def network(self, replica: int) -> RecurrentNetwork:
        """A replica as it was at its best epoch, as a network of its own."""
        return self.ensemble.network(replica, self.best)
