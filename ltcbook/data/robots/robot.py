"""The two simulated robots: what they are called, what they observe, how they are made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ltcbook.extras import explained

if TYPE_CHECKING:
    from gymnasium.envs.mujoco import MujocoEnv

MAX_STEPS = 1000
"""A rollout ends here at the latest; both environments agree on it."""


@dataclass(frozen=True)
class Channel:
    """One number of an observation: what it measures, on which joint, in which unit."""

    name: str
    unit: str


@dataclass(frozen=True)
class Robot:
    """A robot of the book.

    Attributes:
        task: The name that the book's commands and functions take.
        environment: Gymnasium's identifier.
        channels: The entries of an observation, in order.
        actuators: The entries of an action (torque commands, all within -1 to 1), in order.
        stages: The names of its committed policies, in the order of their training.
        sampled: Whether the rollouts draw their actions (True) or take the policy's mean (False).
        rollouts: How many rollouts the full set has.
        time_step: Seconds between two observations.
        falls: Whether a rollout ends when the robot falls.

    >>> of = robot("halfcheetah")
    >>> of.environment, len(of.channels), len(of.actuators)
    ('HalfCheetah-v5', 17, 6)
    >>> of.channels[0]
    Channel(name='torso height', unit='m')
    """

    task: str
    environment: str
    channels: tuple[Channel, ...]
    actuators: tuple[str, ...]
    stages: tuple[str, ...]
    sampled: bool
    rollouts: int
    time_step: float
    falls: bool

    def make(self, **options: Any) -> MujocoEnv:
        """Return Gymnasium's environment without its wrappers (the caller counts the steps)."""
        with explained():
            import gymnasium

        with quiet_compiler():
            environment = gymnasium.make(self.environment, disable_env_checker=True, **options)
        return environment.unwrapped  # type: ignore[return-value]


@contextmanager
def quiet_compiler() -> Iterator[None]:
    """Keep MuJoCo's model compiler from writing MUJOCO_LOG.TXT into the working directory.

    MuJoCo 4 warns that Gymnasium's half-cheetah file uses a deprecated attribute; that is
    nothing a reader can act on.
    """
    import mujoco

    mujoco.set_mju_user_warning(lambda message: None)
    try:
        yield
    finally:
        mujoco.set_mju_user_warning(None)


def _channels(positions: tuple[tuple[str, str], ...]) -> tuple[Channel, ...]:
    """Return positions (without the distance travelled), then velocities (with it)."""
    rates = {"m": "m/s", "rad": "rad/s"}
    shown = tuple(Channel(name, unit) for name, unit in positions)
    moving = (("forward velocity", "m"), *positions)
    return shown + tuple(
        Channel(name if name == "forward velocity" else f"{name} velocity", rates[unit])
        for name, unit in moving
    )


WALKER2D = Robot(
    task="walker2d",
    environment="Walker2d-v5",
    channels=_channels(
        (
            ("torso height", "m"),
            ("torso pitch", "rad"),
            ("right thigh", "rad"),
            ("right knee", "rad"),
            ("right foot", "rad"),
            ("left thigh", "rad"),
            ("left knee", "rad"),
            ("left foot", "rad"),
        )
    ),
    actuators=(
        "right thigh",
        "right knee",
        "right foot",
        "left thigh",
        "left knee",
        "left foot",
    ),
    stages=("stage1", "stage2", "stage3", "stage4"),
    sampled=True,
    rollouts=400,
    time_step=0.008,
    falls=True,
)

HALFCHEETAH = Robot(
    task="halfcheetah",
    environment="HalfCheetah-v5",
    channels=_channels(
        (
            ("torso height", "m"),
            ("torso pitch", "rad"),
            ("back thigh", "rad"),
            ("back shin", "rad"),
            ("back foot", "rad"),
            ("front thigh", "rad"),
            ("front shin", "rad"),
            ("front foot", "rad"),
        )
    ),
    actuators=(
        "back thigh",
        "back shin",
        "back foot",
        "front thigh",
        "front shin",
        "front foot",
    ),
    stages=("final",),
    sampled=False,
    rollouts=100,
    time_step=0.05,
    falls=False,
)

ROBOTS: dict[str, Robot] = {robot.task: robot for robot in (WALKER2D, HALFCHEETAH)}
"""The robots by their tasks; :func:`ltcbook.data.robot` finds one with a helpful error."""


def robot(task: str) -> Robot:
    """Return the robot of ``task``.

    Raises:
        ValueError: If no robot has that name.

    >>> robot("walker2d").environment, robot("walker2d").rollouts
    ('Walker2d-v5', 400)
    """
    if task not in ROBOTS:
        raise ValueError(f"task must be one of {', '.join(ROBOTS)}, got {task!r}")
    return ROBOTS[task]
