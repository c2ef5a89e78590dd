"""The training run itself: advance, evaluate, keep a snapshot, choose the stages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from tqdm import tqdm

from ltcbook.data.cache import cache_directory, write_atomically
from ltcbook.data.robots.policy import Policy, load_policy, policy_path, save_policy
from ltcbook.data.robots.robot import HALFCHEETAH, MAX_STEPS, WALKER2D, Robot
from ltcbook.data.robots.rollouts import roll_out
from ltcbook.data.robots.training.ppo import STEPS_PER_ITERATION, PPOLearner
from ltcbook.data.robots.training.tqc import TQCLearner


class Learner(Protocol):
    """What a training run needs from an algorithm."""

    algorithm: str

    @property
    def steps(self) -> int: ...
    def advance(self, steps: int) -> None: ...
    def save(self, path: Path) -> None: ...
    def load(self, path: Path) -> None: ...
    def policy(self, card: dict[str, str]) -> Policy: ...


@dataclass(frozen=True)
class Plan:
    """How one robot's policy is trained.

    Attributes:
        robot: What is trained.
        learner: The algorithm, called with the robot and a seed.
        seed, steps: Those of the committed weights.
        interval: Environment steps between two evaluations; each leaves a snapshot.
        checkpoint_every: Evaluations between two checkpoints.
        packages: The modules that the algorithm imports.
    """

    robot: Robot
    learner: Callable[[Robot, int], Learner]
    seed: int
    steps: int
    interval: int
    checkpoint_every: int
    packages: tuple[str, ...]


PLANS = {
    "walker2d": Plan(
        robot=WALKER2D,
        learner=PPOLearner,
        seed=1,
        steps=250 * STEPS_PER_ITERATION,
        interval=10 * STEPS_PER_ITERATION,
        checkpoint_every=2,
        packages=("stable_baselines3",),
    ),
    "halfcheetah": Plan(
        robot=HALFCHEETAH,
        learner=TQCLearner,
        seed=0,
        steps=500_000,
        interval=10_000,
        checkpoint_every=5,
        packages=("stable_baselines3", "sbx"),
    ),
}

EVALUATION_EPISODES = 10
EVALUATION_SEED = 1_000_000  # no rollout of the book starts from these
WALKING_SHARE = 0.9  # of the longest possible rollout


@dataclass(frozen=True)
class Evaluation:
    """One row of the learning curve: means over ten rollouts of each kind."""

    steps: int
    mean_return: float
    worst_return: float
    mean_length: float
    sampled_return: float
    sampled_length: float


def evaluate(policy: Policy, of: Robot, steps: int) -> Evaluation:
    """Measure a policy with its mean action, and with drawn actions where the robot draws."""
    environment = of.make()
    seeds = range(EVALUATION_SEED, EVALUATION_SEED + EVALUATION_EPISODES)
    quiet = [roll_out(environment, policy, seed, sampled=False) for seed in seeds]
    drawn = (
        [roll_out(environment, policy, seed, sampled=True) for seed in seeds]
        if of.sampled
        else quiet
    )
    environment.close()  # type: ignore[no-untyped-call]
    returns = [rollout.reward for rollout in quiet]
    return Evaluation(
        steps=steps,
        mean_return=round(float(np.mean(returns)), 1),
        worst_return=round(min(returns), 1),
        mean_length=float(np.mean([len(rollout.observations) for rollout in quiet])),
        sampled_return=round(float(np.mean([rollout.reward for rollout in drawn])), 1),
        sampled_length=float(np.mean([len(rollout.observations) for rollout in drawn])),
    )


def choose_stages(curve: list[Evaluation], count: int) -> list[Evaluation]:
    """Choose ``count`` evaluations that differ and have not collapsed.

    A candidate walks: by its mean action it keeps on its feet for nine tenths of the longest
    rollout, and even its worst rollout earns two thirds of the best mean return until then. The
    first candidate is the first stage; the others follow at equal distances in training time, the
    last one as late as possible. A single stage is simply the best one.

    Raises:
        ValueError: If fewer than ``count`` evaluations are candidates.
    """
    if count == 1:
        return [max(curve, key=lambda row: row.mean_return)]
    candidates = []
    best = -np.inf
    for row in curve:
        best = max(best, row.mean_return)
        walks = row.mean_length >= WALKING_SHARE * MAX_STEPS
        if walks and row.worst_return >= 2 / 3 * best:
            candidates.append(row)
    if len(candidates) < count:
        raise ValueError(
            f"only {len(candidates)} of {len(curve)} evaluations walk; {count} are needed: "
            "train longer or take another seed"
        )
    chosen: list[Evaluation] = []
    for target in np.linspace(candidates[0].steps, candidates[-1].steps, count):
        left = [row for row in candidates if row not in chosen]
        chosen.append(min(left, key=lambda row: abs(row.steps - target)))
    return sorted(chosen, key=lambda row: row.steps)


def write_curve(curve: list[Evaluation], path: Path) -> None:
    """Write the learning curve as JSON, one evaluation a line."""
    rows = ",\n".join(json.dumps(asdict(row)) for row in curve)
    write_atomically(path, lambda stream: stream.write(f"[\n{rows}\n]\n".encode()))


def read_curve(path: Path) -> list[Evaluation]:
    """Read a learning curve back; an absent file is an empty curve."""
    return [Evaluation(**row) for row in json.loads(path.read_text())] if path.is_file() else []


def _snapshot(folder: Path, steps: int) -> Path:
    return folder / "snapshots" / f"{steps:08d}.safetensors"


def _card(plan: Plan, learner: Learner, seed: int, row: Evaluation | None) -> dict[str, str]:
    packages = ["gymnasium", "mujoco", "numpy", "stable-baselines3"]
    packages += ["sbx-rl", "jax"] if plan.robot is HALFCHEETAH else ["torch"]
    return {
        "algorithm": learner.algorithm,
        "environment": plan.robot.environment,
        "seed": str(seed),
        "steps": str(learner.steps),
        "mean_return": "" if row is None else str(row.mean_return),
        "sampled_return": "" if row is None else str(row.sampled_return),
        "versions": ", ".join(f"{name} {version(name)}" for name in packages),
    }


def train_policy(
    task: str,
    *,
    seed: int | None = None,
    steps: int | None = None,
    output: Path | None = None,
    progress: bool = True,
) -> list[Path]:
    """Train, or go on training, the policy of ``task``; return the stage files written.

    The run lives in the user cache: a checkpoint, a snapshot per evaluation and the learning
    curve. A call that finds a checkpoint goes on from there. The chosen stages and the curve
    are written to ``output`` (by default beside the run).

    Raises:
        ValueError: If there is no plan for ``task``, the training extra is not installed, or the
            run did not reach enough walking stages.
    """
    if task not in PLANS:
        raise ValueError(f"task must be one of {', '.join(PLANS)}, got {task!r}")
    plan = PLANS[task]
    _need(plan)
    seed = plan.seed if seed is None else seed
    folder = cache_directory() / "training" / f"{task}-seed{seed}"
    curve = _advance(plan, seed, plan.steps if steps is None else steps, folder, progress)
    return _publish(plan, curve, folder, folder if output is None else output)


def _need(plan: Plan) -> None:
    missing = [name for name in plan.packages if find_spec(name) is None]
    if missing:
        raise ValueError(
            f"training needs {', '.join(missing)}: install the extra, pip install 'ltcbook[train]'"
        )


def _advance(plan: Plan, seed: int, steps: int, folder: Path, progress: bool) -> list[Evaluation]:
    learner = plan.learner(plan.robot, seed)
    checkpoint = folder / "checkpoint"
    if checkpoint.is_file():
        learner.load(checkpoint)
    curve = [row for row in read_curve(folder / "curve.json") if row.steps <= learner.steps]
    bar = tqdm(total=steps, initial=learner.steps, unit="step", disable=None if progress else True)
    while learner.steps < steps:
        before = learner.steps
        learner.advance(plan.interval)
        row = evaluate(learner.policy({}), plan.robot, learner.steps)
        save_policy(
            learner.policy(_card(plan, learner, seed, row)), _snapshot(folder, learner.steps)
        )
        curve.append(row)
        write_curve(curve, folder / "curve.json")
        if len(curve) % plan.checkpoint_every == 0 or learner.steps >= steps:
            learner.save(checkpoint)
        bar.update(learner.steps - before)
        bar.set_postfix(mean_return=row.mean_return)
    bar.close()
    return curve


def _publish(plan: Plan, curve: list[Evaluation], folder: Path, output: Path) -> list[Path]:
    written = []
    stages = plan.robot.stages
    for stage, row in zip(stages, choose_stages(curve, len(stages)), strict=True):
        policy = load_policy(_snapshot(folder, row.steps))
        path = output / policy_path(plan.robot.task, stage).name
        save_policy(replace(policy, card={**policy.card, "stage": stage}), path)
        written.append(path)
    write_curve(curve, output / f"{plan.robot.task}_learning_curve.json")
    return written
