"""A cloned network at the controls: run in the simulator, undisturbed and disturbed.

A test error says how near a network's actions are to its teacher's on the teacher's own path. Here
the network decides where the path leads: each action changes what it sees next.

Chapter: ``closing_the_loop``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ltcbook.data.robots.policy import policies
from ltcbook.data.robots.published import published
from ltcbook.data.robots.robot import robot
from ltcbook.data.sequences import Scaler
from ltcbook.nn.sequence import RecurrentNetwork

if TYPE_CHECKING:
    from gymnasium.envs.mujoco import MujocoEnv

TASK = "halfcheetah"
STEPS = 400
"""Of one run: 20 seconds."""
FIRST_SEED = 5000
"""Of the starts; those of the data are 0 to 99."""

Array = npt.NDArray[np.float64]
Act = Callable[[Array], Any]
"""From an observation (17,) in the simulator's units to an action (6,)."""


@dataclass(frozen=True)
class Disturbance:
    """What makes a run harder.

    Attributes:
        push: size of a push, in standard deviations of each velocity.
        chance: of a push before each step.
        noise: of the sensors, in standard deviations of each number observed.

    >>> Disturbance(push=0.5)
    Disturbance(push=0.5, chance=0.02, noise=0.0)
    """

    push: float = 0.0
    chance: float = 0.02
    noise: float = 0.0


DISTURBANCES: Mapping[str, Disturbance] = MappingProxyType(
    {
        "undisturbed": Disturbance(),
        "pushed": Disturbance(push=0.5),
        "pushed hard": Disturbance(push=1.5),
        "noise 0.1": Disturbance(noise=0.1),
        "noise 0.3": Disturbance(noise=0.3),
    }
)
"""The pushes of the data are of size 0.5, one in fifty steps."""


class Drive(NamedTuple):
    """One run.

    Attributes:
        total: the sum of the rewards, to the end or to where the driver was switched off.
        observations: before each action, without the noise of the sensors, (steps, 17).
        actions: (steps, 6).
        pushes: the steps before which the robot was pushed.

    >>> environment = robot(TASK).make()
    >>> run = drive(environment, teacher(), 0, Disturbance(push=0.5, chance=1.0), steps=3)
    >>> run.pushes, run.actions.shape
    ([1, 2], (3, 6))
    """

    total: float
    observations: Array
    actions: Array
    pushes: list[int]


@dataclass
class Driver:
    """A cloned network as a policy: standardise what it sees, run one step, clip the action.

    Args:
        network: trained to give actions.
        scaler: of its inputs; as long as its inputs are, so that a network without velocities is
            shown positions only.

    Attributes:
        controller: of the network, with its state.

    >>> from ltcbook.experiments.closing_loop import cloned
    >>> driver = cloned("undisturbed")
    >>> driver(np.zeros(17)).shape
    (6,)
    >>> driver.reset()
    """

    network: RecurrentNetwork
    scaler: Scaler
    controller: Any = field(init=False)

    def __post_init__(self) -> None:
        self.controller = self.network.controller()
        self._mean, self._std = self.scaler.mean.numpy(), self.scaler.std.numpy()

    def reset(self) -> None:
        """Forget the last run."""
        self.controller.reset()

    def __call__(self, observation: Array) -> Array:
        """The action (6,), within -1 to 1, for an observation (17,)."""
        seen = observation[: len(self._mean)]
        action = self.controller((seen - self._mean) / self._std)
        return np.clip(np.asarray(action, dtype=np.float64), -1.0, 1.0)


def drive(
    environment: MujocoEnv,
    act: Act,
    seed: int,
    disturbance: Disturbance = DISTURBANCES["undisturbed"],
    steps: int = STEPS,
) -> Drive:
    """Run the half-cheetah once; ``seed`` fixes the start, every push and all noise.

    A driver whose action stops being finite is switched off, and earns nothing more.

    Args:
        environment: of :meth:`ltcbook.data.Robot.make`.
        act: the teacher's ``act`` or a :class:`Driver`, reset.
        seed: the same seed is the same trouble for every driver.
        disturbance: of the run.
        steps: how many.

    >>> run = drive(robot(TASK).make(), teacher(), seed=0, steps=5)
    >>> run.observations.shape
    (5, 17)
    """
    spread = np.asarray(published(TASK)["std"])
    velocities = (len(spread) + 1) // 2
    generator = np.random.default_rng((seed, 3))
    observation, _ = environment.reset(seed=seed)
    total, seen, actions, pushes = 0.0, [], [], []
    for step in range(steps):
        # Drawn whether used or not, so that a seed means the same under every disturbance.
        pushed = generator.random() < disturbance.chance
        kick, blur = generator.standard_normal(velocities), generator.standard_normal(len(spread))
        if disturbance.push and step and pushed:
            place = environment.data.qpos.copy()
            speed = environment.data.qvel + disturbance.push * spread[-velocities:] * kick
            environment.set_state(place, speed)  # type: ignore[no-untyped-call]
            observation = np.concatenate([place[1:], speed])
            pushes.append(step)
        action = act(observation + disturbance.noise * spread * blur)
        if not np.isfinite(action).all():
            break
        seen.append(observation)
        actions.append(action)
        observation, reward, _, _, _ = environment.step(action)
        total += float(reward)
    return Drive(total, np.asarray(seen), np.asarray(actions), pushes)


def drives(
    act: Act, disturbance: Disturbance, runs: int, steps: int = STEPS, first: int = FIRST_SEED
) -> Iterator[Drive]:
    """Several runs, from seeds ``first``, ``first + 1``, ...

    >>> [len(run.actions) for run in drives(teacher(), Disturbance(), runs=2, steps=5)]
    [5, 5]
    """
    environment = robot(TASK).make()
    for seed in range(first, first + runs):
        if isinstance(act, Driver):
            act.reset()
        yield drive(environment, act, seed, disturbance, steps)
    environment.close()  # type: ignore[no-untyped-call]


def returns(
    act: Act, disturbance: Disturbance, runs: int, steps: int = STEPS, first: int = FIRST_SEED
) -> list[float]:
    """The returns of :func:`drives`.

    >>> of_teacher = returns(teacher(), Disturbance(), runs=2, steps=50)
    >>> idle = returns(lambda observation: np.zeros(6), Disturbance(), runs=2, steps=50)
    >>> min(of_teacher) > max(idle)
    True
    """
    return [run.total for run in drives(act, disturbance, runs, steps, first)]


def teacher() -> Act:
    """The policy that was cloned, by its mean.

    >>> act = teacher()
    >>> act(np.zeros(17)).shape
    (6,)
    """
    (policy,) = policies(TASK)
    return policy.act
