"""``train``: a run from its recipe to its result, with progress, checkpoints and resumption.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import csv
import math
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from ltcbook.checks import unknown_name
from ltcbook.data.cache import atomic_path
from ltcbook.data.tasks import TaskData
from ltcbook.kernels.threads import one_torch_thread
from ltcbook.sequence import RecurrentNetwork
from ltcbook.training import checkpoint
from ltcbook.training.recipe import Recipe
from ltcbook.training.run import Run

DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True)
class Result:
    """What came out of a run; lists have one entry for each seed of the recipe.

    Attributes:
        recipe: what was trained.
        networks: each replica as it was at its best epoch.
        curves: (training loss, validation loss) after each epoch.
        best_epochs: from 1; None where no validation loss was finite.
        test_losses: at the best epoch.
        stopped: why a replica stopped before its time; empty if it did not.
        seconds: spent by this call.
    """

    recipe: Recipe
    networks: list[RecurrentNetwork]
    curves: list[list[tuple[float, float]]]
    best_epochs: list[int | None]
    test_losses: list[float]
    stopped: list[str]
    seconds: float

    def summary(self) -> list[dict[str, Any]]:
        """A line for each seed, ready for JSON."""
        rows = []
        for replica, seed in enumerate(self.recipe.seeds):
            best = self.best_epochs[replica]
            validation = math.nan if best is None else self.curves[replica][best - 1][1]
            rows.append(
                {
                    "seed": seed,
                    "epochs": len(self.curves[replica]),
                    "best_epoch": best,
                    "validation_loss": _number(validation),
                    "test_loss": _number(self.test_losses[replica]),
                    "stopped": self.stopped[replica],
                }
            )
        return rows

    def write_curves(self, path: Path) -> None:
        """The learning curves as CSV: seed, epoch, training loss, validation loss."""
        with atomic_path(path) as temporary, temporary.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["seed", "epoch", "training_loss", "validation_loss"])
            for seed, curve in zip(self.recipe.seeds, self.curves, strict=True):
                writer.writerows([seed, number, *row] for number, row in enumerate(curve, 1))


def choose_device(device: str) -> torch.device:
    """``"auto"`` is CUDA where there is one, else the CPU.

    Raises:
        ValueError: for a device that is unknown or not here.
    """
    if device not in DEVICES:
        unknown_name("device", device, DEVICES)
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not here.get(device, True):
        raise ValueError(f"device must be one that is here, got {device!r}, which is not")
    return torch.device(device)


def train(
    recipe: Recipe,
    task: TaskData,
    *,
    device: str = "auto",
    backend: str = "auto",
    checkpoint_path: Path | None = None,
    progress: bool = True,
) -> Result:
    """Train one network, or an ensemble that differs in its seeds.

    Args:
        recipe: what to train.
        task: on what, from :func:`ltcbook.data.load`.
        device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``; the data go there as a whole.
        backend: as of :func:`ltcbook.build`.
        checkpoint_path: written after each epoch; if it is there, the run goes on from it, and
            gives on the CPU the bits that it gives uninterrupted.
        progress: show losses and the time left.

    Returns:
        Networks, curves and losses. On the CPU each replica is to the bit what it is alone.

    Raises:
        ValueError: for an option that does not fit, or a checkpoint of another recipe.

    Chapter: ``making_it_fast``.
    """
    run = Run(recipe, task, choose_device(device), backend)
    if checkpoint_path is not None and checkpoint_path.exists():
        checkpoint.load(run, checkpoint_path)
    start = time.perf_counter()
    with (
        one_torch_thread(),
        tqdm(
            total=recipe.epochs,
            initial=run.epoch,
            desc=recipe.model,
            unit="epoch",
            disable=not progress,
            file=sys.stderr,
        ) as bar,
    ):
        while not run.finished:
            run.train_epoch()
            if checkpoint_path is not None:
                checkpoint.save(run, checkpoint_path)
            bar.set_postfix_str(_latest(run))
            bar.update()
        test_losses = run.test_losses()
    seeds = range(len(recipe.seeds))
    return Result(
        recipe,
        [run.network(replica) for replica in seeds],
        run.curves,
        [run.best_epoch(replica) for replica in seeds],
        test_losses,
        run.stopped,
        time.perf_counter() - start,
    )


def _latest(run: Run) -> str:
    """Median losses over the replicas, and how many still train."""
    rows = [curve[-1] for curve in run.curves if curve]
    training, validation = (statistics.median(column) for column in zip(*rows, strict=True))
    text = f"training {training:.4f}, validation {validation:.4f}"
    return text if len(rows) == 1 else f"{text}, {len(run.active)} of {len(rows)} seeds left"


def _number(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return value if math.isfinite(value) else None
