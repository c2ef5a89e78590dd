"""The training loop: Adam, validation after each epoch, early stopping for each replica.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ltcbook.data.sequences import Sequences
from ltcbook.data.tasks import TaskData
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.nn.stability import diagnose
from ltcbook.training.adam import ReplicaAdam
from ltcbook.training.divergence import LastFinite
from ltcbook.training.ensemble import Ensemble
from ltcbook.training.losses import Scores, loss_named, scores_of
from ltcbook.training.recipe import Recipe

EVALUATION_BATCH = 512
"""Sequences at a time when nothing is learned; scores depend on it by rounding alone."""


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

    >>> import numpy as np
    >>> from ltcbook import data
    >>> wave = np.sin(0.3 * np.arange(21) + np.arange(40)[:, None])[..., None]
    >>> run = Run(Recipe("LSTM", 4, epochs=2), data.from_arrays(wave[:, :-1], wave[:, 1:]))
    >>> while not run.finished:
    ...     run.train_epoch()
    >>> run.epoch, len(run.curves[0])
    (2, 2)

    Chapter: ``making_it_fast``.
    """

    def __init__(
        self,
        recipe: Recipe,
        task: TaskData,
        device: torch.device | str = "cpu",
        backend: str = "auto",
    ) -> None:
        self.recipe, self.task, self.loss = recipe, task, loss_named(task.loss)
        self.device = torch.device(device)
        self.train_part, self.validation, self.test = (
            part.to(self.device) for part in (task.train, task.validation, task.test)
        )
        self.ensemble = Ensemble(recipe.networks(task, self.device, backend))
        self.best = {k: p.detach().clone() for k, p in self.ensemble.parameters.items()}
        rates = [replica.learning_rate for replica in recipe.replicas]
        self.optimiser = ReplicaAdam(self.ensemble.parameters.values(), rates)
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
        scores = self.evaluate(self.validation, self.ensemble.parameters, members)
        for replica, row, score in zip(members, losses, scores, strict=True):
            total = sum(loss * size for loss, size in zip(row, sizes, strict=True))
            self._close_epoch(replica, total / sum(sizes), score.loss)

    def _step(
        self, batches: Sequence[Sequences], members: Sequence[int], watch: LastFinite
    ) -> Tensor:
        """One step of the optimiser; the losses before it, (members,)."""
        self.optimiser.zero_grad()
        outputs = self.ensemble.outputs(batches, members)
        losses = torch.stack(
            [self.loss.mean(y, batch) for y, batch in zip(outputs, batches, strict=True)]
        )
        watch.look(losses.detach())
        losses.sum().backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.ensemble.project_()
        return losses.detach()

    def _why(self, replica: int, start: Tensor, step: int, watch: LastFinite) -> str:
        """Why a replica's loss was not finite at a step of an epoch that began with ``start``."""
        order = torch.Generator()
        order.set_state(start)
        batches = self.train_part.batches(self.recipe.batch_size, order)
        batch = next(itertools.islice(batches, step, None))
        network = self.ensemble.network(replica, watch.parameters)
        found = diagnose(network.cell, batch.inputs, batch.timespans)
        return f"diverged in epoch {self.epoch + 1}: {found}"

    def _close_epoch(self, replica: int, training: float, validation: float) -> None:
        self.curves[replica].append((training, validation))
        best, now = self.best_epoch(replica), len(self.curves[replica])
        if best == now:
            kept = {name: part.clone() for name, part in self.best.items()}
            for name, parameter in self.ensemble.parameters.items():
                kept[name][replica] = parameter.detach()[replica]
            self.best = kept  # at once: another thread may be reading the former ones
        patience = self.recipe.patience
        if not self.stopped[replica] and patience is not None and now - (best or 0) >= patience:
            self.stopped[replica] = f"no better validation loss for {patience} epochs"

    @torch.no_grad()
    def evaluate(
        self, part: Sequences, parameters: Mapping[str, Tensor], members: Sequence[int]
    ) -> list[Scores]:
        """How some replicas do on a part of the data, with the given parameters.

        Nothing of the run is changed, so another thread may ask for ``best`` while it trains.

        Args:
            part: on the run's device.
            parameters: (R, ...) by name: ``best``, or those of the ensemble.
            members: which replicas.
        """
        errors: list[list[Tensor]] = [[] for _ in members]
        hits: list[list[Tensor]] = [[] for _ in members]
        for batch in part.batches(EVALUATION_BATCH):
            outputs = self.ensemble.outputs([batch] * len(members), members, parameters)
            for number, y in enumerate(outputs):
                errors[number].append(self.loss.errors(y, batch))
                if self.loss.hits is not None:
                    hits[number].append(self.loss.hits(y, batch))
        return [
            scores_of(self.loss, torch.cat(e).cpu(), torch.cat(h).cpu() if h else None, part)
            for e, h in zip(errors, hits, strict=True)
        ]

    def best_scores(self, part: Sequences) -> list[Scores]:
        """How each replica does on a part of the data as it was at its best epoch."""
        return self.evaluate(part, self.best, range(len(self.recipe.seeds)))

    def network(self, replica: int) -> RecurrentNetwork:
        """A replica as it was at its best epoch, as a network of its own."""
        return self.ensemble.network(replica, self.best)
