"""How much of a walker's next observation nobody can predict, because its action is drawn.

At moments of the book's own rollouts the simulator is stopped, and the step is repeated with
other draws of the action. How far the next observations lie apart is noise to whoever predicts
them, even if he knew the simulator's whole state.

    python -m ltcbook.data.robots.action_noise

Chapter: ``robots_and_digits``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from ltcbook.data.cache import write_atomically
from ltcbook.data.robots.policy import Policy, policies
from ltcbook.data.robots.robot import MAX_STEPS, robot

if TYPE_CHECKING:
    from gymnasium.envs.mujoco import MujocoEnv

Array = npt.NDArray[np.float64]

RECORD = Path(__file__).parent / "action_noise.json"
EVERY = 50
"""Steps between two moments that are looked at."""
DRAWS = 12
"""Actions drawn at each."""


def noise_of_rollout(environment: MujocoEnv, policy: Policy, seed: int) -> Array:
    """Variance of each channel of the next observation at moments of one rollout, (moments, m).

    The rollout is the book's: the draws in between do not disturb it.
    """
    import mujoco

    generator, other = np.random.default_rng((seed, 1)), np.random.default_rng((seed, 3))
    model, now = environment.model, environment.data
    spec = mujoco.mjtState.mjSTATE_INTEGRATION
    state = np.empty(mujoco.mj_stateSize(model, spec))
    observation, _ = environment.reset(seed=seed)
    found = []
    for step in range(MAX_STEPS):
        if step % EVERY == EVERY // 2:
            mujoco.mj_getState(model, now, state, spec)
            draws = []
            for _ in range(DRAWS):
                draws.append(environment.step(policy.act(observation, other))[0])  # type: ignore[arg-type]
                mujoco.mj_setState(model, now, state, spec)
            mujoco.mj_forward(model, now)
            mujoco.mj_setState(model, now, state, spec)
            found.append(np.var(draws, axis=0, ddof=1))
        action = policy.act(observation, generator)
        observation, _, terminated, _, _ = environment.step(action)  # type: ignore[arg-type]
        if terminated:
            break
    return np.array(found).reshape(-1, len(observation))


def measure(task: str, rollouts: int) -> Array:
    """Mean variance of each channel over moments of the first ``rollouts`` rollouts, (m,)."""
    drivers, environment = policies(task), robot(task).make()
    found = [
        noise_of_rollout(environment, drivers[seed % len(drivers)], seed)
        for seed in tqdm(range(rollouts), desc=f"noise of {task}", unit="rollout", disable=None)
    ]
    mean: Array = np.concatenate(found).mean(axis=0)
    return mean


def action_noise(task: str) -> Array | None:
    """The measured variances, (m,), in the squared units of the channels.

    Zero for a robot that acts by its policy's mean, since the simulator is deterministic; None
    where nothing was measured.
    """
    if not robot(task).sampled:
        return np.zeros(len(robot(task).channels))
    record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else {}
    return np.array(record[task]) if task in record else None


def main() -> None:
    """Measure and keep."""
    found = {"walker2d": [float(f"{v:.5g}") for v in measure("walker2d", 400)]}
    text = json.dumps(found) + "\n"
    write_atomically(RECORD, lambda stream: stream.write(text.encode()))


if __name__ == "__main__":
    main()
