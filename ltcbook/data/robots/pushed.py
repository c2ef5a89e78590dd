"""Half-cheetah rollouts under pushes: the same policy, and no two rollouts alike.

The policy acts by its mean, so undisturbed rollouts settle on one gait and repeat it; whoever
learns them by heart does well. A push changes all velocities at once, at moments that nothing
announces, and the policy answers. Its answers are functions of what it sees, so the labels for
cloning carry no noise; the observation after a push cannot be predicted, and how much of the
error that is, is known.

Chapter: ``robots_and_digits``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from ltcbook.data.cache import cache_directory, sha256
from ltcbook.data.robots.policy import Policy, policies
from ltcbook.data.robots.published import published
from ltcbook.data.robots.robot import MAX_STEPS, robot
from ltcbook.data.robots.rollout_set import Rollout, RolloutSet, join, load_rollouts, save_rollouts

if TYPE_CHECKING:
    from gymnasium.envs.mujoco import MujocoEnv

TASK = "halfcheetah"
CHANCE = 0.02
"""Probability of a push before each step: one in fifty steps, or 2.5 seconds."""
STRENGTH = 0.5
"""Standard deviation of a push, in standard deviations of each velocity."""


def push_out(
    environment: MujocoEnv, policy: Policy, seed: int, max_steps: int = MAX_STEPS
) -> tuple[Rollout, npt.NDArray[np.float64]]:
    """Run one rollout under pushes; ``seed`` fixes the start and every push.

    Returns:
        The rollout, and the sum over its pushes of the squared change of each observation
        channel, (m,): what no predictor can know.
    """
    spread = np.asarray(published(TASK)["std"])
    velocities = (len(spread) + 1) // 2
    generator = np.random.default_rng((seed, 2))
    observation, _ = environment.reset(seed=seed)
    observations, actions, reward = [], [], 0.0
    unpredictable = np.zeros(len(spread))
    for step in range(max_steps):
        if step > 0 and generator.random() < CHANCE:
            kick = STRENGTH * spread[-velocities:] * generator.standard_normal(velocities)
            place, speed = environment.data.qpos.copy(), environment.data.qvel + kick
            environment.set_state(place, speed)  # type: ignore[no-untyped-call]
            pushed = np.concatenate([place[1:], speed])  # x, the distance travelled, is not seen
            unpredictable += (pushed - observation) ** 2
            observation = pushed
        action = policy.act(observation)
        observations.append(observation)
        actions.append(action)
        observation, gained, _, _, _ = environment.step(action)  # type: ignore[arg-type]
        reward += float(gained)
    rollout = Rollout(
        np.asarray(observations, dtype=np.float32), np.asarray(actions, dtype=np.float32), reward
    )
    return rollout, unpredictable


def simulate_pushed(rollouts: int, *, progress: bool = False) -> RolloutSet:
    """Simulate rollouts with seeds 0, 1, 2, ... under pushes.

    The provenance names the mean squared push of each channel as ``unpredictable``.
    """
    (policy,) = policies(TASK)
    environment = robot(TASK).make()
    seeds = tqdm(range(rollouts), desc=f"{TASK}, pushed", unit="rollout", disable=not progress)
    done, kicks = [], []
    for seed in seeds:
        rollout, kick = push_out(environment, policy, seed)
        done.append(rollout)
        kicks.append(kick / MAX_STEPS)
    origin: dict[str, Any] = {
        "source": "generated, pushed",
        "environment": robot(TASK).environment,
        "actions": "mean of the policy",
        "pushes": f"before a step with probability {CHANCE}, all velocities by {STRENGTH} of "
        "their standard deviation, drawn by default_rng((i, 2))",
        "policies": [policy.file_sum],
        "unpredictable": [float(f"{value:.6g}") for value in np.mean(kicks, axis=0)],
    }
    print_of = join(TASK, done, [0] * rollouts, {}).fingerprint()
    return join(TASK, done, [0] * rollouts, {**origin, "fingerprint": print_of})


def collect_pushed(rollouts: int | None = None, *, progress: bool = True) -> RolloutSet:
    """Return pushed rollouts, from the user cache, or simulated and cached.

    Raises:
        ValueError: if ``rollouts`` is out of range, or the policy's file is damaged.
    """
    most = robot(TASK).rollouts
    count = most if rollouts is None else rollouts
    if not 1 <= count <= most:
        raise ValueError(f"rollouts must be from 1 to {most}, got {rollouts}")
    path = _cache_path(count)
    if path.is_file():
        return load_rollouts(path)
    pushed = simulate_pushed(count, progress=progress)
    save_rollouts(pushed, path)
    return pushed


def _cache_path(count: int) -> Path:
    import mujoco

    policy = policies(TASK)[0].file_sum
    key = sha256(repr((policy, mujoco.__version__, CHANCE, STRENGTH)).encode())[:8]
    return cache_directory() / "rollouts" / f"{TASK}-pushed-{key}-{count}.safetensors"


__all__ = ["collect_pushed", "push_out", "simulate_pushed"]
