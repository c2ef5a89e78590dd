"""The tasks of the experiments: the papers' four, and variants in which memory can matter.

A robot's observation is its full state but for the distance travelled, so what comes next is
nearly a function of what is seen now, and a network without memory does well. Two things make
the past worth keeping: hide the velocities, so that only a second look tells how fast a joint
moves; or drop frames, so that looks come at uneven times. The targets stay honest: a network is
asked for what it could see (the next *positions*, when velocities are hidden), or for the action.

Chapter: ``robots_and_digits``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from ltcbook.checks import unknown_name
from ltcbook.data import points, tasks
from ltcbook.data.clicks import click_task
from ltcbook.data.commands import command_task
from ltcbook.data.images import SOURCES
from ltcbook.data.robots.action_noise import action_noise
from ltcbook.data.robots.pushed import collect_pushed
from ltcbook.data.robots.robot import ROBOTS
from ltcbook.data.robots.rollout_set import RolloutSet
from ltcbook.data.sequences import Scaler, Sequences, cut, scaled, split_rollouts
from ltcbook.data.tasks import WINDOW, TaskData
from ltcbook.data.waiting import waiting_digits

__all__ = ["VARIANTS", "Variant", "find", "load"]

WAVES: Mapping[tuple[int, int], str] = {
    (directions, draw): f"waves-{directions}-{draw}"
    for directions in points.DIRECTIONS
    for draw in points.DRAWS
}
"""The names of the tasks of waves, by the number of directions and the draw."""
OWN: Mapping[str, Callable[[], TaskData]] = {
    "clicks": click_task,
    "commands": command_task,
    "surfaces": partial(points.surface_task, points.surfaces, "surfaces"),
    **{name: partial(points.wave_task, *which, name) for which, name in WAVES.items()},
    "digits-whole": points.whole_digits,
    "rings": points.ring_task,
    "digits-waiting": partial(waiting_digits, 1.0, "digits-waiting"),
    "digits-waiting-slow": partial(waiting_digits, 0.1, "digits-waiting-slow"),
}
"""Tasks of the book's small experiments, which come as they are."""


@dataclass(frozen=True)
class Variant:
    """A task by its name in the results.

    Attributes:
        name: what the runner and the tables call it.
        base: the task of :func:`ltcbook.data.load` that it is made from.
        source: ``"generated"``, ``"original"`` (Lechner and Hasani's files) or ``"pushed"``.
        positions_only: velocities are hidden from the input; the target of kinematics is then the
            next positions.
        irregular: a tenth of the frames is dropped; each model is given the time since the frame
            before as its last input, and models with a clock also as ``timespans``.
        summary: the task in a line.

    >>> VARIANTS["walker2d-positions"].positions_only, VARIANTS["digits"].images
    (True, True)
    """

    name: str
    base: str
    source: str = "generated"
    positions_only: bool = False
    irregular: bool = False
    summary: str = ""

    @property
    def own(self) -> bool:
        """Whether it was made for one of the book's small experiments, and comes as it is."""
        return self.base in OWN

    @property
    def images(self) -> bool:
        """Whether rows of images are read, and a class is the answer."""
        return self.base in (*SOURCES, "digits")


VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {
        variant.name: variant
        for variant in (
            Variant("walker2d", "walker2d", summary="next observation of four walkers"),
            Variant(
                "walker2d-original", "walker2d", "original", summary="the same, original files"
            ),
            Variant("halfcheetah", "halfcheetah", summary="next observation of a half-cheetah"),
            Variant("halfcheetah-cloning", "halfcheetah-cloning", summary="its action"),
            Variant("mnist", "mnist", summary="the digit, after reading it row by row"),
            Variant(
                "walker2d-positions",
                "walker2d",
                positions_only=True,
                summary="next positions of a walker, from positions",
            ),
            Variant(
                "halfcheetah-positions",
                "halfcheetah",
                "pushed",
                positions_only=True,
                summary="next positions of a pushed half-cheetah, from positions",
            ),
            Variant(
                "walker2d-irregular",
                "walker2d",
                irregular=True,
                summary="next observation, a tenth of the frames dropped",
            ),
            Variant(
                "halfcheetah-pushed",
                "halfcheetah",
                "pushed",
                summary="next observation of a half-cheetah under pushes",
            ),
            Variant(
                "halfcheetah-pushed-cloning",
                "halfcheetah-cloning",
                "pushed",
                summary="the action under pushes",
            ),
            Variant(
                "halfcheetah-positions-cloning",
                "halfcheetah-cloning",
                "pushed",
                positions_only=True,
                summary="the action under pushes, from positions",
            ),
            Variant("digits", "digits", summary="ten tiny digits, for tests and first steps"),
            Variant("clicks", "clicks", summary="the sign of the last loud click"),
            Variant("commands", "commands", summary="the last of two commands"),
            Variant("surfaces", "surfaces", summary="waves and a hill over a square"),
            *(
                Variant(
                    name,
                    name,
                    summary=f"sixteen waves along {directions} directions, draw {draw}",
                )
                for (directions, draw), name in WAVES.items()
            ),
            Variant("digits-whole", "digits-whole", summary="500 tiny digits, each in one look"),
            Variant("rings", "rings", summary="a disc or the ring around it"),
            Variant("digits-waiting", "digits-waiting", summary="a tiny digit, after blank rows"),
            Variant(
                "digits-waiting-slow",
                "digits-waiting-slow",
                summary="the same, a row taking a tenth of a unit of time",
            ),
        )
    }
)
"""All tasks of the experiments, by name; the papers' first."""


def find(name: str) -> Variant:
    """The variant of that name.

    >>> find("walker2d-irregular").summary
    'next observation, a tenth of the frames dropped'

    Raises:
        ValueError: for an unknown name, with the nearest.
    """
    if name not in VARIANTS:
        unknown_name("task", name, VARIANTS)
    return VARIANTS[name]


def load(
    name: str,
    *,
    rollouts: int | None = None,
    length: int | None = None,
    stride: int | None = None,
    split_seed: int = 0,
) -> TaskData:
    """Return the data of a task of the experiments, ready to train on.

    Args:
        name: one of ``VARIANTS``.
        rollouts: only the first so many (robots).
        length, stride: as of :func:`ltcbook.data.load`.
        split_seed: fixes which rollouts or images are held out, and which frames are dropped.

    Returns:
        The task; where the noise is known, ``provenance["floor"]`` is the mean squared error, in
        the units of the targets, below which no predictor can come.

    Raises:
        ValueError: for an unknown name, or an option that does not fit.

    >>> task = load("digits")
    >>> task.input_size, task.output_size, task.train.inputs.shape[1:]
    (8, 10, torch.Size([8, 8]))
    """
    variant = find(name)
    given: dict[str, Any] = {"rollouts": rollouts, "length": length, "stride": stride}
    if variant.source == "pushed":
        task = _from_pushed(variant, rollouts, length or WINDOW, stride, split_seed)
    elif variant.own:
        if any(value is not None for value in given.values()) or split_seed:
            raise ValueError(f"{name} comes as it is, got {given}, split_seed={split_seed}")
        task = OWN[name]()
    else:
        options = {key: value for key, value in given.items() if value is not None}
        if variant.irregular:
            options["irregular"] = True
        if variant.source == "original":
            options["source"] = "original"
        task = tasks.load(variant.base, seed=split_seed, **options)
    if variant.positions_only:
        task = hide_velocities(task)
    if variant.source == "generated" and task.target_scaler is not None:
        task = _with_floor(task, variant.base)
    if variant.irregular:
        task = show_time_spans(task)
    return replace(task, provenance={**task.provenance, "task": name, "split_seed": split_seed})


def hide_velocities(task: TaskData) -> TaskData:
    """Keep the positions of a robot's observations, its first channels, as inputs.

    The target of kinematics becomes the next positions; that of cloning stays the action.
    """
    seen = (task.input_size - 1) // 2
    wanted = task.output_size if task.target_scaler is None else seen

    def part(sequences: Sequences) -> Sequences:
        inputs = sequences.inputs[..., :seen].contiguous()
        return replace(
            sequences, inputs=inputs, targets=sequences.targets[..., :wanted].contiguous()
        )

    scaler = Scaler(task.scaler.mean[:seen], task.scaler.std[:seen])
    provenance = dict(task.provenance)
    provenance.pop("floor", None)  # it was that of all channels; of positions it is not known
    return replace(
        task,
        train=part(task.train),
        validation=part(task.validation),
        test=part(task.test),
        input_size=seen,
        output_size=wanted,
        scaler=scaler,
        target_scaler=None if task.target_scaler is None else scaler,
        provenance=provenance,
    )


def show_time_spans(task: TaskData) -> TaskData:
    """Give each model the time since the frame before as one more input, the last.

    A model with a clock is told anyway; so no model knows less than another.

    Raises:
        ValueError: for a task without time spans.
    """

    def part(sequences: Sequences) -> Sequences:
        if sequences.timespans is None:
            raise ValueError("task must have time spans: no frames were dropped from it")
        spans = sequences.timespans.unsqueeze(-1)
        return replace(sequences, inputs=torch.cat([sequences.inputs, spans], dim=-1))

    scaler = Scaler(
        torch.cat([task.scaler.mean, torch.zeros(1, dtype=torch.float64)]),
        torch.cat([task.scaler.std, torch.ones(1, dtype=torch.float64)]),
    )
    return replace(
        task,
        train=part(task.train),
        validation=part(task.validation),
        test=part(task.test),
        input_size=task.input_size + 1,
        scaler=scaler,
    )


def without_time_spans(task: TaskData) -> TaskData:
    """The same task for a model without a clock, which would refuse the time spans."""

    def part(sequences: Sequences) -> Sequences:
        return replace(sequences, timespans=None)

    return replace(
        task, train=part(task.train), validation=part(task.validation), test=part(task.test)
    )


def _with_floor(task: TaskData, base: str) -> TaskData:
    """Note the noise of drawn actions, in the units of the targets, where it was measured."""
    noise = None if base not in ROBOTS or task.target_scaler is None else action_noise(base)
    if noise is None or not noise.any() or task.target_scaler is None:
        return task
    relative = noise[: task.output_size] / task.target_scaler.std.numpy() ** 2
    return replace(task, provenance={**task.provenance, "floor": float(relative.mean())})


def _from_pushed(
    variant: Variant, count: int | None, length: int, stride: int | None, seed: int
) -> TaskData:
    rollouts = collect_pushed(count)
    actions = variant.base.endswith("cloning")
    split = split_rollouts(rollouts.stages, seed)
    scaler = _scaler(rollouts, split["train"].tolist())
    step = length if stride is None else stride
    targets = None if actions else scaler
    parts = {
        name: scaled(
            cut(rollouts, chosen, length=length, stride=step, actions=actions),
            scaler,
            targets,
            device=None,
            dtype=torch.float32,
        )
        for name, chosen in split.items()
    }
    provenance = {**rollouts.provenance, "rollouts": len(rollouts), "length": length}
    if not actions:
        kicks = np.asarray(rollouts.provenance["unpredictable"]) / scaler.std.numpy() ** 2
        provenance["floor"] = float(kicks.mean())
    return TaskData(
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
        input_size=parts["train"].inputs.shape[-1],
        output_size=parts["train"].targets.shape[-1],
        loss="mse",
        scaler=scaler,
        target_scaler=targets,
        provenance={**provenance, "stride": step},
    )


def _scaler(rollouts: RolloutSet, chosen: list[int]) -> Scaler:
    return Scaler.fit(np.concatenate([rollouts[index].observations for index in chosen]))
