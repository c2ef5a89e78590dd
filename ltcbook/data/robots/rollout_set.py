"""A set of rollouts in memory and on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from ltcbook.data.cache import write_atomically
from ltcbook.data.robots.policy import read_header
from ltcbook.data.robots.robot import MAX_STEPS, robot

__all__ = ["Rollout", "RolloutSet", "join", "load_rollouts", "save_rollouts"]

SCHEMA = "ltcbook-rollouts/1"


@dataclass(frozen=True, eq=False)
class Rollout:
    """One rollout of T steps.

    ``observations`` (T, m) were seen, ``actions`` (T, a) were taken on seeing them (None when
    they were not recorded), and ``reward`` is their sum (NaN when not recorded). A rollout that
    ends in a fall keeps the last healthy observation and not the unhealthy one, as the original
    Walker2d files do.

    >>> Rollout(np.zeros((3, 17), np.float32), actions=None, reward=0.0).observations.shape
    (3, 17)
    """

    observations: npt.NDArray[np.float32]
    actions: npt.NDArray[np.float32] | None
    reward: float


@dataclass(frozen=True, eq=False)
class RolloutSet:
    """N rollouts of one robot, laid end to end.

    Attributes:
        task: The robot.
        observations: Shape (steps, m), float32, in the simulator's units.
        actions: Shape (steps, a), or None when they were not recorded.
        lengths: Steps of each rollout, shape (N,).
        stages: Index of the policy that drove each rollout, shape (N,).
        returns: Sum of rewards of each rollout, shape (N,).
        provenance: Where the numbers come from.

    >>> one = Rollout(np.zeros((3, 17), np.float32), None, 1.0)
    >>> two = Rollout(np.ones((5, 17), np.float32), None, 2.0)
    >>> rollouts = join("halfcheetah", [one, two], stages=[0, 1], provenance={})
    >>> len(rollouts), rollouts.lengths, rollouts[1].observations.shape
    (2, array([3, 5]), (5, 17))
    """

    task: str
    observations: npt.NDArray[np.float32]
    actions: npt.NDArray[np.float32] | None
    lengths: npt.NDArray[np.int64]
    stages: npt.NDArray[np.int64]
    returns: npt.NDArray[np.float64]
    provenance: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, index: int) -> Rollout:
        """Return one rollout; its arrays are views."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"there are {len(self)} rollouts, got index {index}")
        end = int(np.cumsum(self.lengths)[index])
        steps = slice(end - int(self.lengths[index]), end)
        actions = None if self.actions is None else self.actions[steps]
        return Rollout(self.observations[steps], actions, float(self.returns[index]))

    def __iter__(self) -> Iterator[Rollout]:
        return (self[index] for index in range(len(self)))

    def digests(self) -> list[str]:
        """Return sixteen hexadecimal digits of SHA-256 for each rollout's bytes."""
        found = []
        for rollout in self:
            digest = hashlib.sha256(rollout.observations.astype("<f4").tobytes())
            if rollout.actions is not None:
                digest.update(rollout.actions.astype("<f4").tobytes())
            found.append(digest.hexdigest()[:16])
        return found

    def fingerprint(self) -> str:
        """Return the SHA-256 of the set: of its rollouts' digests, one after the other."""
        return hashlib.sha256("".join(self.digests()).encode()).hexdigest()

    def head(self, count: int) -> RolloutSet:
        """Return the first ``count`` rollouts; of a collected set they are stage-balanced.

        They carry their own fingerprint, so that a small set is the same record whether it was
        collected small or cut from the full one.
        """
        if not 1 <= count <= len(self):
            raise ValueError(f"count must be from 1 to {len(self)}, got {count}")
        steps = int(self.lengths[:count].sum())
        part = replace(
            self,
            observations=self.observations[:steps],
            actions=None if self.actions is None else self.actions[:steps],
            lengths=self.lengths[:count],
            stages=self.stages[:count],
            returns=self.returns[:count],
        )
        return replace(part, provenance={**self.provenance, "fingerprint": part.fingerprint()})


def join(
    task: str, rollouts: list[Rollout], stages: list[int], provenance: Mapping[str, Any]
) -> RolloutSet:
    """Lay rollouts end to end.

    >>> still = Rollout(np.zeros((3, 17), np.float32), None, 0.0)
    >>> join("halfcheetah", [still, still], [0, 0], {}).lengths
    array([3, 3])
    """
    actions = [rollout.actions for rollout in rollouts if rollout.actions is not None]
    return RolloutSet(
        task=task,
        observations=np.concatenate([rollout.observations for rollout in rollouts]),
        actions=np.concatenate(actions) if actions else None,
        lengths=np.array([len(rollout.observations) for rollout in rollouts], dtype=np.int64),
        stages=np.array(stages, dtype=np.int64),
        returns=np.array([rollout.reward for rollout in rollouts], dtype=np.float64),
        provenance=provenance,
    )


def check(rollouts: RolloutSet, name: str) -> None:
    """Raise a ValueError that starts with ``name`` unless the set is whole and finite."""
    of = robot(rollouts.task)
    steps = int(rollouts.lengths.sum())
    if len(rollouts) == 0 or rollouts.lengths.min() < 1 or rollouts.lengths.max() > MAX_STEPS:
        raise ValueError(f"{name}: every rollout must have 1 to {MAX_STEPS} steps")
    if len(rollouts.stages) != len(rollouts) or len(rollouts.returns) != len(rollouts):
        raise ValueError(f"{name}: lengths, stages and returns must name the same rollouts")
    arrays = {"observations": (rollouts.observations, len(of.channels))}
    if rollouts.actions is not None:
        arrays["actions"] = (rollouts.actions, len(of.actuators))
    for label, (array, width) in arrays.items():
        if array.shape != (steps, width) or array.dtype != np.float32:
            raise ValueError(
                f"{name}: {label} must be float32 of shape ({steps}, {width}), "
                f"got {array.dtype} of shape {array.shape}"
            )
        if not np.isfinite(array).all():
            step = int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
            rollout = int(np.searchsorted(np.cumsum(rollouts.lengths), step, side="right"))
            raise ValueError(f"{name}: {label} of rollout {rollout} are not finite")


def save_rollouts(rollouts: RolloutSet, path: Path) -> None:
    """Check a set and write it as safetensors, whole or not at all.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "two.safetensors")
    >>> still = Rollout(np.zeros((3, 17), np.float32), None, 0.0)
    >>> save_rollouts(join("halfcheetah", [still, still], [0, 0], {}).head(2), path)
    >>> path.is_file()
    True
    """
    check(rollouts, str(path))
    tensors: dict[str, npt.NDArray[Any]] = {
        "observations": rollouts.observations,
        "lengths": rollouts.lengths,
        "stages": rollouts.stages,
        "returns": rollouts.returns,
    }
    if rollouts.actions is not None:
        tensors["actions"] = rollouts.actions
    header = {
        "schema": SCHEMA,
        "task": rollouts.task,
        "provenance": json.dumps(dict(rollouts.provenance), sort_keys=True),
    }
    content = save_tensors(tensors, metadata=header)
    write_atomically(path, lambda stream: stream.write(content))


def load_rollouts(path: Path) -> RolloutSet:
    """Read a set of rollouts and check all of it.

    Raises:
        ValueError: If the file is missing, damaged, or holds numbers that are not finite.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "two.safetensors")
    >>> still = Rollout(np.zeros((3, 17), np.float32), None, 0.0)
    >>> rollouts = join("halfcheetah", [still, still], [0, 0], {})
    >>> save_rollouts(rollouts.head(2), path)
    >>> len(load_rollouts(path))
    2
    """
    if not path.is_file():
        raise ValueError(f"{path}: no such file of rollouts")
    content = path.read_bytes()
    try:
        tensors = load_tensors(content)
        header = read_header(content)
        if header.get("schema") != SCHEMA:
            raise ValueError(f"schema is {header.get('schema')!r}, need {SCHEMA!r}")
        rollouts = RolloutSet(
            task=header["task"],
            observations=tensors["observations"],
            actions=tensors.get("actions"),
            lengths=tensors["lengths"],
            stages=tensors["stages"],
            returns=tensors["returns"],
            provenance=json.loads(header["provenance"]),
        )
    except (SafetensorError, ValueError, KeyError) as error:
        raise ValueError(f"{path}: not a readable file of rollouts ({error}); delete it") from error
    check(rollouts, str(path))
    if rollouts.fingerprint() != rollouts.provenance.get("fingerprint"):
        raise ValueError(f"{path}: the numbers are not those that were written; delete it")
    return rollouts
