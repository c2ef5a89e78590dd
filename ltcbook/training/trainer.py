"""``train``: a run from its recipe to its result, with progress, checkpoints and resumption.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import csv
import io
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
from ltcbook.data.cache import write_atomically
from ltcbook.data.tasks import TaskData
from ltcbook.kernels.cpu.threads import one_torch_thread
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.training import checkpoint
from ltcbook.training.losses import Scores
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
        validation: scores at the best epoch.
        test: the same on the test part; None unless they were asked for. Who chooses by
            validation, and looks here only then, reports an honest number.
        stopped: why a replica stopped before its time; empty if it did not.
        seconds: spent by this call.

    >>> import numpy as np
    >>> from ltcbook import data
    >>> wave = np.sin(0.3 * np.arange(21) + np.arange(40)[:, None])[..., None]
    >>> task = data.from_arrays(wave[:, :-1], wave[:, 1:])
    >>> result = train(Recipe("LSTM", 4, epochs=2), task, progress=False)
    >>> len(result.networks), len(result.curves[0]), result.test is None
    (1, 2, True)
    """

    recipe: Recipe
    networks: list[RecurrentNetwork]
    curves: list[list[tuple[float, float]]]
    best_epochs: list[int | None]
    validation: list[Scores]
    test: list[Scores] | None
    stopped: list[str]
    seconds: float

    def summary(self) -> list[dict[str, Any]]:
        """A line for each seed, ready for JSON."""
        rows: list[dict[str, Any]] = []
        for replica, label in enumerate(self.recipe.labels):
            row = {
                **label,
                "epochs": len(self.curves[replica]),
                "best_epoch": self.best_epochs[replica],
                **_entries("validation", self.validation[replica]),
            }
            if self.test is not None:
                row |= _entries("test", self.test[replica])
            rows.append({**row, "stopped": self.stopped[replica]})
        return rows

    def write_curves(self, path: Path) -> None:
        """The learning curves as CSV: seed (and rate or start, where several are trained at
        once), epoch, training loss, validation loss."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        labels = self.recipe.labels
        writer.writerow([*labels[0], "epoch", "training_loss", "validation_loss"])
        for label, curve in zip(labels, self.curves, strict=True):
            writer.writerows([*label.values(), n, *row] for n, row in enumerate(curve, 1))
        write_atomically(path, lambda stream: stream.write(text.getvalue().encode()))


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
    test: bool = False,
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
        test: also score the test part. Leave it until everything is chosen.
        progress: show losses and the time left.

    Returns:
        Networks, curves and losses. On the CPU each replica is to the bit what it is alone.

    Raises:
        ValueError: for an option that does not fit, or a checkpoint of another recipe or of other
            data.
        WriteError: if a checkpoint cannot be written; the one before it is kept.

    >>> import numpy as np
    >>> from ltcbook import data
    >>> wave = np.sin(0.3 * np.arange(21) + np.arange(40)[:, None])[..., None]
    >>> task = data.from_arrays(wave[:, :-1], wave[:, 1:])
    >>> recipe = Recipe("LSTM", hidden_size=8, epochs=30, learning_rate=0.03)
    >>> result = train(recipe, task, test=True, progress=False)
    >>> result.test[0].loss < 0.1  # of a variance of 1
    True

    Chapter: ``making_it_fast``.
    """
    where = choose_device(device)
    recipe.check(where, backend, (task.input_size, task.output_size))
    run = Run(recipe, task, where, backend)
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
        validation = run.best_scores(run.validation)
        tested = run.best_scores(run.test) if test else None
    seeds = range(len(recipe.seeds))
    return Result(
        recipe,
        [run.network(replica) for replica in seeds],
        run.curves,
        [run.best_epoch(replica) for replica in seeds],
        validation,
        tested,
        run.stopped,
        time.perf_counter() - start,
    )


def _latest(run: Run) -> str:
    """Median losses over the replicas, and how many still train."""
    rows = [curve[-1] for curve in run.curves if curve]
    training, validation = (statistics.median(column) for column in zip(*rows, strict=True))
    text = f"training {training:.4f}, validation {validation:.4f}"
    return text if len(rows) == 1 else f"{text}, {len(run.active)} of {len(rows)} seeds left"


def _entries(part: str, scores: Scores) -> dict[str, float | None]:
    """The loss on a part of the data, and the accuracy where there are classes."""
    entries = {f"{part}_loss": _number(scores.loss)}
    if scores.accuracy is not None:
        entries[f"{part}_accuracy"] = _number(scores.accuracy)
    return entries


def _number(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return value if math.isfinite(value) else None
