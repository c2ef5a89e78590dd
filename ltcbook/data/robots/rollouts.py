"""Drive a robot by its policies and keep what it observed and did."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from ltcbook.data.cache import cache_directory, keep, sha256
from ltcbook.data.robots.policy import Policy, policies
from ltcbook.data.robots.robot import MAX_STEPS, Robot, robot
from ltcbook.data.robots.rollout_set import Rollout, RolloutSet, join, load_rollouts, save_rollouts

if TYPE_CHECKING:
    from gymnasium.envs.mujoco import MujocoEnv

__all__ = ["collect", "roll_out", "simulate"]


def roll_out(
    environment: MujocoEnv, policy: Policy, seed: int, *, sampled: bool, max_steps: int = MAX_STEPS
) -> Rollout:
    """Run one rollout; ``seed`` alone fixes the start and every drawn action.

    >>> environment = robot("halfcheetah").make()
    >>> policy = policies("halfcheetah")[-1]
    >>> run = roll_out(environment, policy, seed=0, sampled=False, max_steps=5)
    >>> run.observations.shape, run.actions.shape
    ((5, 17), (5, 6))
    """
    # The simulator's own generator is seeded with `seed`: ours must be another stream.
    generator = np.random.default_rng((seed, 1)) if sampled else None
    observation, _ = environment.reset(seed=seed)
    observations, actions, reward = [], [], 0.0
    for _ in range(max_steps):
        action = policy.act(observation, generator)
        observations.append(observation)
        actions.append(action)
        observation, gained, terminated, _, _ = environment.step(action)  # type: ignore[arg-type]
        reward += float(gained)
        if terminated:
            break
    return Rollout(
        np.asarray(observations, dtype=np.float32), np.asarray(actions, dtype=np.float32), reward
    )


def simulate(
    task: str,
    drivers: Sequence[Policy],
    rollouts: int,
    *,
    workers: int | None = None,
    progress: bool = False,
) -> RolloutSet:
    """Run rollouts with seeds 0, 1, 2, ...; the policies take turns.

    ``workers`` rollouts run at the same time (by default one per core, four at most); the result
    does not depend on it.

    >>> from ltcbook.data import policies
    >>> rollouts = simulate("halfcheetah", policies("halfcheetah")[-1:], rollouts=2, workers=2)
    >>> rollouts.lengths
    array([1000, 1000])
    """
    of = robot(task)
    workers = _cores() if workers is None else workers
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    # MuJoCo lets go of the interpreter lock while it steps, so that threads do run in parallel.
    environments: SimpleQueue[MujocoEnv] = SimpleQueue()
    for _ in range(workers):
        environments.put(of.make())

    def run(seed: int) -> Rollout:
        environment = environments.get()
        try:
            return roll_out(environment, drivers[seed % len(drivers)], seed, sampled=of.sampled)
        finally:
            environments.put(environment)

    with ThreadPoolExecutor(workers) as pool:
        running = pool.map(run, range(rollouts))
        bar = tqdm(
            running, total=rollouts, desc=task, unit="rollout", disable=None if progress else True
        )
        done = list(bar)
    stages = [seed % len(drivers) for seed in range(rollouts)]
    collected = join(task, done, stages, {})
    return join(
        task, done, stages, {**_origin(of, drivers), "fingerprint": collected.fingerprint()}
    )


def _origin(of: Robot, drivers: Sequence[Policy]) -> dict[str, Any]:
    return {
        "source": "generated",
        "environment": of.environment,
        "actions": "drawn from the policy" if of.sampled else "mean of the policy",
        "seeds": "rollout i: simulator seeded with i, actions drawn by default_rng((i, 1))",
        "policies": [policy.file_sum for policy in drivers],
        "versions": {name: version(name) for name in ("gymnasium", "mujoco", "numpy")},
        "machine": f"{platform.system()} {platform.machine()}",
    }


def _cache_path(of: Robot, drivers: Sequence[Policy], count: int) -> Path:
    """Return the file of ``count`` rollouts by these policies in this simulator."""
    origin = _origin(of, drivers)
    key = sha256(repr((origin["policies"], origin["versions"]["mujoco"])).encode())[:8]
    return cache_directory() / "rollouts" / f"{of.task}-{key}-{count}.safetensors"


def _cores() -> int:
    """Return the cores that this process may use, four at most."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(4, allowed or 1)


def cached(task: str) -> bool:
    """Return whether the full set of ``task`` is in the cache."""
    return rollout_file(task, robot(task).rollouts).is_file()


def rollout_file(task: str, rollouts: int) -> Path:
    """Return where the cache keeps so many rollouts of ``task``, whether it has them or not."""
    return _cache_path(robot(task), policies(task), rollouts)


def collect(
    task: str, rollouts: int | None = None, *, workers: int | None = None, progress: bool = True
) -> RolloutSet:
    """Return rollouts of the book's policies: from the user cache, or simulated and cached.

    Args:
        task: ``"walker2d"`` or ``"halfcheetah"``.
        rollouts: How many; by default the full set of 400 or 100. A smaller set is the beginning of
            the full one, and as balanced over the stages as its size allows.
        workers: Rollouts that run at the same time; by default one per core, four at most.
        progress: Whether to show a bar.

    Raises:
        ValueError: If ``task``, ``rollouts`` or ``workers`` is out of range, or a policy file is
            damaged.

    >>> rollouts = collect("halfcheetah", 2, progress=False)
    >>> len(rollouts), rollouts.lengths, rollouts.actions.shape
    (2, array([1000, 1000]), (2000, 6))
    """
    of = robot(task)
    count = of.rollouts if rollouts is None else rollouts
    if not 1 <= count <= of.rollouts:
        raise ValueError(f"rollouts must be from 1 to {of.rollouts}, got {rollouts}")
    drivers = policies(task)
    for held in {count, of.rollouts}:
        path = _cache_path(of, drivers, held)
        if path.is_file():
            return load_rollouts(path).head(count)
    collected = simulate(task, drivers, count, workers=workers, progress=progress)
    keep(lambda: save_rollouts(collected, _cache_path(of, drivers, count)))
    return collected
