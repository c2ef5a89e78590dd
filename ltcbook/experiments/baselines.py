"""What a network has to beat: predictions that need no training loop.

Each baseline looks at what a network may look at and no further: a window's own past. They have
one interface: ``fit(task)`` returns a function from a part of the data to outputs, which are
scored as a network's are.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import torch
from torch import Tensor
from torch.nn import functional

from ltcbook.checks import unknown_name
from ltcbook.data.sequences import Sequences
from ltcbook.data.tasks import TaskData
from ltcbook.experiments.scores import Scores, accuracy_alone, score

Predictor = Callable[[Sequences], Tensor]
"""A part of the data to outputs (N, T, o)."""
Baseline = Callable[[TaskData], Predictor]
"""Learns what it learns from the training part."""

RIDGE = 1e-6  # relative; keeps the normal equations solvable
BLOCK = 64  # moments compared with all of the training part at a time
CLASSES_ALONE = ("least-squares", "nearest-neighbour")
"""On images these vote for a class and know no probabilities."""


def persistence(task: TaskData) -> Predictor:
    """The next observation is the last one.

    Raises:
        ValueError: if the targets are no observations.
    """
    if task.target_scaler is None:
        raise ValueError("persistence needs targets that are observations; this task has none")
    return lambda part: part.inputs[..., : task.output_size]


def mean(task: TaskData) -> Predictor:
    """The mean of the training targets; of classes, their frequencies."""
    targets = task.train.targets
    if not targets.is_floating_point():
        counts = torch.bincount(targets, minlength=task.output_size).double()
        constant = (counts / counts.sum()).log()
    else:
        constant = targets.double().mean((0, 1))
    return lambda part: constant.expand(*part.inputs.shape[:2], -1)


def least_squares(task: TaskData, order: int) -> Predictor:
    """The best linear map of the last ``order`` inputs; of images, of all their pixels."""
    known, wanted = _examples(task.train, order, task.output_size)
    columns = _with_one(known)
    moment = columns.mT @ columns
    moment.diagonal().add_(RIDGE * moment.diagonal().mean())
    weights = torch.linalg.solve(moment, columns.mT @ wanted)

    def predict(part: Sequences) -> Tensor:
        seen = _features(part, order)
        return _shaped(_with_one(seen) @ weights, part)

    return predict


def nearest_neighbour(task: TaskData, order: int) -> Predictor:
    """What followed the most similar moment of the training part, by its last ``order`` inputs."""
    known, wanted = _examples(task.train, order, task.output_size)
    known = known.float()
    squares = known.square().sum(-1)

    def predict(part: Sequences) -> Tensor:
        asked = torch.split(_features(part, order).float(), BLOCK)
        nearest = [(squares - 2 * block @ known.mT).argmin(-1) for block in asked]
        return _shaped(wanted[torch.cat(nearest)], part)

    return predict


def linear_memory(task: TaskData, leaks: Sequence[float] = (0.02, 0.05, 0.1, 0.2, 0.5)) -> float:
    """Test loss of the best linear readout of leaky traces of the inputs: memory, no decision.

    Args:
        task: with numbers for targets.
        leaks: a trace for each, which loses that share of itself, nearly, at each step.
    """

    def traces(part: Sequences) -> Tensor:
        held = torch.exp(-torch.tensor(leaks, dtype=torch.float64))[:, None]
        u, seen = part.inputs.double(), []
        trace = u.new_zeros(len(u), len(leaks), task.input_size)
        for now in u.unbind(1):
            trace = trace * held + now[:, None]
            seen.append(torch.cat([trace.flatten(1), now], dim=1))
        return _with_one(torch.stack(seen, 1).flatten(0, 1))

    x, y = traces(task.train), task.train.targets.double().flatten(0, 1)
    weights = torch.linalg.lstsq(x, y).solution
    outputs = (traces(task.test) @ weights).reshape(task.test.targets.shape)
    return score(outputs, task.test).loss


BASELINES: Mapping[str, Baseline] = MappingProxyType(
    {
        "persistence": persistence,
        "mean": mean,
        "least-squares": partial(least_squares, order=1),
        "least-squares-3": partial(least_squares, order=3),
        "nearest-neighbour": partial(nearest_neighbour, order=1),
        "nearest-neighbour-3": partial(nearest_neighbour, order=3),
    }
)
"""By name. A ``-3`` sees the last three inputs, the others the present one alone."""


def applicable(task: TaskData) -> tuple[str, ...]:
    """The baselines that make sense for a task."""
    if task.loss == "cross_entropy":
        return ("mean", *CLASSES_ALONE)
    names = tuple(BASELINES)
    return names if task.target_scaler is not None else names[1:]


def parameters(name: str, task: TaskData) -> int:
    """How many numbers a baseline has learned, its memory of the training part aside."""
    if name not in BASELINES:
        unknown_name("baseline", name, BASELINES)
    if name == "mean":
        return task.output_size
    if not name.startswith("least-squares"):
        return 0
    order = 3 if name.endswith("-3") else 1
    seen = task.train.inputs.shape[1] if task.loss == "cross_entropy" else order
    return (seen * task.input_size + 1) * task.output_size


def evaluate(name: str, task: TaskData, part: Sequences) -> Scores:
    """Fit a baseline on the training part and score it on another.

    Raises:
        ValueError: for an unknown name, or a baseline that does not fit the task.
    """
    if name not in BASELINES:
        unknown_name("baseline", name, BASELINES)
    outputs = BASELINES[name](task)(part)
    if task.loss == "cross_entropy" and name in CLASSES_ALONE:
        return accuracy_alone(outputs, part)
    return score(outputs, part)


def _examples(part: Sequences, order: int, classes: int) -> tuple[Tensor, Tensor]:
    """Features (moments, f) and what followed (moments, o), float64."""
    if part.targets.is_floating_point():
        return _features(part, order), part.targets.flatten(0, 1).double()
    return _features(part, order), functional.one_hot(part.targets, classes).double()


def _features(part: Sequences, order: int) -> Tensor:
    """The last ``order`` inputs of each moment; before a window's start there are zeros."""
    if not part.targets.is_floating_point():
        return part.inputs.flatten(1).double()  # (N, T * m): the whole image
    inputs = part.inputs.double()
    steps = inputs.shape[1]
    padded = functional.pad(inputs, (0, 0, order - 1, 0))
    shifted = [padded[:, order - 1 - back : order - 1 - back + steps] for back in range(order)]
    return torch.cat(shifted, dim=-1).flatten(0, 1)  # (N * T, order * m)


def _shaped(outputs: Tensor, part: Sequences) -> Tensor:
    """Outputs of moments as (N, T, o); a class is one moment, after the last step."""
    if not part.targets.is_floating_point():
        return outputs.unsqueeze(1)
    return outputs.reshape(*part.inputs.shape[:2], -1)


def _with_one(columns: Tensor) -> Tensor:
    return functional.pad(columns, (0, 1), value=1.0)
