"""The learning tasks of the book: ``load`` returns one, ready to train on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from ltcbook.checks import seed_number, unknown_name
from ltcbook.data.digits import tiny_digits
from ltcbook.data.images import SOURCES, Images, Pixels, load_images
from ltcbook.data.robots.original import load_original
from ltcbook.data.robots.rollout_set import RolloutSet
from ltcbook.data.robots.rollouts import collect
from ltcbook.data.sequences import Scaler, Sequences, cut, scaled, split_rollouts

WINDOW = 20
CLASSES = 10
VALIDATION_SHARE = 0.1  # of the training images


@dataclass(frozen=True)
class _RobotTask:
    robot: str
    actions: bool


_ROBOT_TASKS = {
    "walker2d": _RobotTask("walker2d", actions=False),
    "halfcheetah": _RobotTask("halfcheetah", actions=False),
    "halfcheetah-cloning": _RobotTask("halfcheetah", actions=True),
}
LossName = Literal["mse", "cross_entropy"]
TASKS = (*_ROBOT_TASKS, *SOURCES, "digits")
"""The names that ``load`` takes."""


@dataclass(frozen=True, eq=False)
class TaskData:
    """A learning task: what goes in, what should come out, and how it is scored.

    Attributes:
        train, validation, test: The three parts; no rollout or image is in two of them.
        input_size, output_size: Numbers per step going in; numbers per step, or classes, coming
            out.
        loss: ``"mse"``: mean squared error at every step, ``"cross_entropy"``: class after the
            last.
        scaler: What standardised the inputs, from the training part alone; ``scaler.invert`` goes
            back.
        target_scaler: The same for targets, or None where they are classes or actions (already -1
            to 1).
        provenance: Where the numbers come from and how they were cut.
        name: Of the task, as ``load`` takes it, or of the file of one's own data.

    >>> from ltcbook.data import from_arrays
    >>> wave = np.sin(0.3 * np.arange(21) + np.arange(40)[:, None])[..., None]
    >>> task = from_arrays(wave[:, :-1], wave[:, 1:])
    >>> task.input_size, task.output_size, task.loss, tuple(task.test.inputs.shape)
    (1, 1, 'mse', (6, 20, 1))
    """

    train: Sequences
    validation: Sequences
    test: Sequences
    input_size: int
    output_size: int
    loss: LossName
    scaler: Scaler
    target_scaler: Scaler | None
    provenance: Mapping[str, Any]
    name: str = "own data"

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of every tensor of each part and of the loss, all that training and test see.

        Two tasks with one fingerprint give the same runs, wherever and with whatever versions they
        were made; another split, window or rollout gives another fingerprint.
        """
        digest = hashlib.sha256(self.loss.encode())
        for part in (self.train, self.validation, self.test):
            for tensor in (part.inputs, part.targets, part.timespans, part.rollouts):
                _add(digest, tensor)
        for scaler in (self.scaler, self.target_scaler):
            for tensor in (None, None) if scaler is None else (scaler.mean, scaler.std):
                _add(digest, tensor)
        return digest.hexdigest()


def _add(digest: hashlib._Hash, tensor: Tensor | None) -> None:
    """Add a tensor, with its type and shape; None is something too."""
    if tensor is None:
        digest.update(b"none")
        return
    array = np.ascontiguousarray(tensor.detach().cpu().numpy())
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    digest.update(json.dumps([array.dtype.name, array.shape]).encode())
    digest.update(little.data)


def load(
    task: str,
    *,
    length: int | None = None,
    stride: int | None = None,
    source: Literal["generated", "original"] = "generated",
    rollouts: int | None = None,
    irregular: bool = False,
    seed: int = 0,
    device: torch.device | str | None = None,
    dtype: torch.dtype = torch.float32,
) -> TaskData:
    """Return the data of a task, collecting or downloading what is not yet in the cache.

    Args:
        task: ``"walker2d"`` and ``"halfcheetah"`` predict the next observation,
            ``"halfcheetah-cloning"`` predicts the action, ``"mnist"``, ``"fashion-mnist"`` and
            ``"digits"`` (tiny, made by the package) classify images that are read row by row.
        length, stride: Steps of a window (20 by default), and between the starts of two windows (by
            default ``length``: windows do not overlap). They do not apply to images.
        source: ``"original"`` takes Lechner and Hasani's Walker2d files in place of ours.
        rollouts: Use only the first so many rollouts: a small set to begin with.
        irregular: Drop a tenth of the frames and give the time steps (robots only).
        seed: Fixes the split, the dropped frames, and the tiny digits.
        device, dtype: Of the tensors.

    A task has three sets of windows, each with its inputs and targets:

    >>> from ltcbook import data
    >>> digits = data.load("digits")
    >>> digits.train.inputs.shape[1:]
    torch.Size([8, 8])

    Raises:
        ValueError: If an argument is out of range or does not apply to the task.
        DownloadError: If a public file is needed and cannot be had.
    """
    if task not in TASKS:
        unknown_name("task", task, TASKS)
    seed_number(seed)
    if task in _ROBOT_TASKS:
        of = _ROBOT_TASKS[task]
        window = WINDOW if length is None else length
        step = window if stride is None else stride
        if window < 1 or step < 1:
            raise ValueError(f"length and stride must be at least 1, got {window} and {step}")
        chosen = _rollouts(task, of, source, rollouts)
        return _from_rollouts(
            task, chosen, of.actions, window, step, irregular, seed, device=device, dtype=dtype
        )
    unused = {"length": length, "stride": stride, "rollouts": rollouts, "irregular": irregular}
    given = [name for name, value in unused.items() if value not in (None, False)]
    if source != "generated" or given:
        raise ValueError(f"{', '.join(given) or 'source'} does not apply to {task}")
    images = tiny_digits(seed) if task == "digits" else load_images(task)
    return _from_images(task, images, seed, device=device, dtype=dtype)


def _rollouts(task: str, of: _RobotTask, source: str, count: int | None) -> RolloutSet:
    if source == "generated":
        return collect(of.robot, count)
    if source != "original" or task != "walker2d":
        raise ValueError(
            f"source must be 'generated' (or 'original' for walker2d), got {source!r} for {task}"
        )
    originals = load_original()
    return originals if count is None else originals.head(count)


def _from_rollouts(
    task: str,
    rollouts: RolloutSet,
    actions: bool,
    length: int,
    stride: int,
    irregular: bool,
    seed: int,
    *,
    device: torch.device | str | None,
    dtype: torch.dtype,
) -> TaskData:
    split = split_rollouts(rollouts.stages, seed)
    scaler = Scaler.fit(
        np.concatenate([rollouts[index].observations for index in split["train"].tolist()])
    )
    target_scaler = None if actions else scaler
    drop = np.random.default_rng((seed, 1)) if irregular else None
    parts = {
        name: scaled(
            cut(rollouts, chosen, length=length, stride=stride, actions=actions, drop=drop),
            scaler,
            target_scaler,
            device=device,
            dtype=dtype,
        )
        for name, chosen in split.items()
    }
    cuts = {"length": length, "stride": stride, "irregular": irregular, "split_seed": seed}
    return TaskData(
        **parts,
        input_size=parts["train"].inputs.shape[-1],
        output_size=parts["train"].targets.shape[-1],
        loss="mse",
        scaler=scaler,
        target_scaler=target_scaler,
        provenance={**rollouts.provenance, "rollouts": len(rollouts), **cuts},
        name=task,
    )


def _from_images(
    task: str, images: Images, seed: int, *, device: torch.device | str | None, dtype: torch.dtype
) -> TaskData:
    order = np.random.default_rng(seed).permutation(len(images.train_images))
    held = round(VALIDATION_SHARE * len(order))
    chosen = {"train": np.sort(order[held:]), "validation": np.sort(order[:held])}
    width = images.train_images.shape[-1]
    # A pixel is divided by 255: rows stay between 0 and 1, as they would reach an eye.
    scaler = Scaler(torch.zeros(width, dtype=torch.float64), torch.full((width,), 255.0).double())
    parts = {
        name: _rows(images.train_images, images.train_labels, indices)
        for name, indices in chosen.items()
    }
    parts["test"] = _rows(
        images.test_images, images.test_labels, np.arange(len(images.test_images))
    )
    source = {"source": "made by ltcbook", "seed": seed, "versions": {"numpy": version("numpy")}}
    if task in SOURCES:
        known = SOURCES[task]
        source = {"source": known.mirrors[0], "sha256": known.sums, "licence": known.licence}
    return TaskData(
        **{
            name: scaled(part, scaler, None, device=device, dtype=dtype)
            for name, part in parts.items()
        },
        input_size=width,
        output_size=CLASSES,
        loss="cross_entropy",
        scaler=scaler,
        target_scaler=None,
        provenance={**source, "split_seed": seed},
        name=task,
    )


def _rows(images: Pixels, labels: Pixels, indices: np.ndarray) -> Sequences:
    return Sequences(
        inputs=torch.from_numpy(images[indices].astype(np.float32)),
        targets=torch.from_numpy(labels[indices].astype(np.int64)),
        timespans=None,
        rollouts=torch.from_numpy(indices),
    )
