"""What did the motors do? The action between two observations, found by asking the simulator.

An observation is the whole state of a robot but for the distance travelled, on which nothing
depends. So the step from one observation to the next can be repeated with any action, and the
action that was taken is the one that leads to the observation that was seen.

Chapter: ``robots_and_digits``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from gymnasium.envs.mujoco import MujocoEnv

Array = npt.NDArray[np.float64]

NUDGE = 1e-4
"""By how much each motor is turned to see what it does."""
ROUNDS = 8
"""Gauss-Newton steps at most."""
CLIPPED = 10.0
"""The walker's velocities are cut off here before they are observed."""


def recover_action(environment: MujocoEnv, before: Array, after: Array) -> tuple[Array, float]:
    """The action that leads from one observation to the next, by Gauss and Newton's method.

    Args:
        environment: the robot; its state is overwritten.
        before: an observation, (m,).
        after: the observation one step later, (m,).

    Returns:
        The action, (a,), within -1 and 1, and the largest velocity, in the units of the channels,
        by which the step with that action misses ``after``. If it is not small, the simulator is
        not the one that made the data, or a velocity was clipped, and the action means nothing.

    >>> from ltcbook.data import policies, robot
    >>> from ltcbook.data.robots.rollouts import roll_out
    >>> environment, policy = robot("halfcheetah").make(), policies("halfcheetah")[-1]
    >>> run = roll_out(environment, policy, seed=0, sampled=False, max_steps=3)
    >>> action, miss = recover_action(environment, *run.observations[:2])
    >>> bool(np.abs(action - run.actions[0]).max() < 1e-3)
    True
    """
    joints = len(before) // 2  # x is missing among the positions
    pose = np.concatenate([[0.0], before[:joints]])

    def velocities(action: Array) -> Array:
        environment.set_state(pose, before[joints:])  # type: ignore[no-untyped-call]
        environment.do_simulation(action, environment.frame_skip)
        found: Array = environment.data.qvel.copy()
        return found

    wanted = after[joints:].astype(float)
    motors = environment.action_space.shape[0]  # type: ignore[index]
    action = np.zeros(motors)
    reached = velocities(action)
    miss = float(np.abs(reached - wanted).max())
    for _ in range(ROUNDS):
        side = np.where(action > 0, -NUDGE, NUDGE)  # towards the middle: a motor ends at 1
        moved = [velocities(action + side[k] * np.eye(motors)[k]) for k in range(motors)]
        slopes = (np.array(moved) - reached).T / side
        change = np.linalg.lstsq(slopes, wanted - reached, rcond=None)[0]
        trial = np.clip(action + change, -1, 1)
        then = velocities(trial)
        if float(np.abs(then - wanted).max()) >= miss:
            break
        action, reached = trial, then
        miss = float(np.abs(reached - wanted).max())
    return action, miss


def clipped(observation: Array) -> bool:
    """Whether a velocity of an observation (m,) is at the end of what the walker can report.

    >>> observation = np.zeros(17)
    >>> observation[12] = 10.0
    >>> clipped(np.zeros(17)), clipped(observation)
    (False, True)
    """
    joints = len(observation) // 2
    return bool((np.abs(observation[joints:]) >= CLIPPED).any())
