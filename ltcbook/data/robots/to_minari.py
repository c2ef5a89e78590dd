"""The robots' rollouts as a data set of Minari, for those who load data from there.

Minari keeps transitions: an episode of T observations has T - 1 actions that lead from one to the
next. The action on the last observation, whose outcome was not kept, is left out. Rewards were
kept as a sum for each rollout; the rewards of single steps are NaN, so that nobody trains on
numbers that were never recorded. The sum stands in the episodes' infos, with the policy's stage.

Chapter: ``robots_and_digits``.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ltcbook.data.robots.robot import MAX_STEPS, robot
from ltcbook.data.robots.rollout_set import RolloutSet
from ltcbook.extras import explained


def default_name(rollouts: RolloutSet) -> str:
    """``ltcbook/walker2d/generated-v0``: by task and source."""
    source = str(rollouts.provenance.get("source", "generated")).replace(", ", "-")
    return f"ltcbook/{rollouts.task}/{source}-v0"


def episodes(rollouts: RolloutSet) -> list[dict[str, Any]]:
    """What each rollout becomes: the fields of a Minari ``EpisodeBuffer``.

    Raises:
        ValueError: if the rollouts have no actions, as the original walker's have none.
    """
    if rollouts.actions is None:
        raise ValueError("rollouts must have actions, which Minari's episodes are made of")
    falls, found = robot(rollouts.task).falls, []
    for number, rollout in enumerate(rollouts):
        steps = len(rollout.observations)
        assert rollout.actions is not None  # looked at above, for all of them
        fell = falls and steps < MAX_STEPS
        ends = [False] * (steps - 2)
        found.append(
            {
                "id": number,
                "seed": number,
                "observations": rollout.observations,
                "actions": rollout.actions[:-1],
                "rewards": [np.nan] * (steps - 1),
                "terminations": [*ends, fell],
                "truncations": [*ends, not fell],
                "infos": {
                    "stage": np.full(steps, int(rollouts.stages[number])),
                    "return": np.full(steps, rollout.reward),
                },
            }
        )
    return found


def export(rollouts: RolloutSet, name: str | None = None) -> str:
    """Write the rollouts as a local Minari data set; ``minari.load_dataset`` then finds it.

    Minari keeps it where its variable ``MINARI_DATASETS_PATH`` says.

    Args:
        rollouts: with actions.
        name: of the data set; by default :func:`default_name`.

    Returns:
        The name.

    Raises:
        ModuleNotFoundError: without the extra ``minari``.
        ValueError: if the rollouts have no actions, or Minari has a data set of that name.
    """
    with explained():
        import gymnasium
        import minari
        from gymnasium import spaces
        from minari.data_collector import EpisodeBuffer

    of, name = robot(rollouts.task), name or default_name(rollouts)
    made = [EpisodeBuffer(**episode) for episode in episodes(rollouts)]
    if name in minari.list_local_datasets():
        raise ValueError(f"Minari has a data set {name!r}; delete it, or give another name")
    endless: dict[str, Any] = {"low": -np.inf, "high": np.inf, "dtype": np.float32}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # wants an author's address, and a link
        minari.create_dataset_from_buffers(
            name,
            made,
            env=gymnasium.spec(of.environment),
            observation_space=spaces.Box(shape=(len(of.channels),), **endless),
            action_space=spaces.Box(shape=(len(of.actuators),), **endless),
            algorithm_name=str(rollouts.provenance.get("actions", "")),
            description=_description(rollouts),
        )
    return name


def _description(rollouts: RolloutSet) -> str:
    of = robot(rollouts.task)
    channels = ", ".join(f"{channel.name} ({channel.unit})" for channel in of.channels)
    said = rollouts.provenance
    return (
        f"{of.environment}, as ltcbook simulates it. Observations: {channels}. "
        f"Actions: {', '.join(of.actuators)}. "
        "Rewards of single steps were not recorded and are NaN; infos hold the sum. "
        "An episode is terminated if the robot falls in the step after its last observation. "
        f"Fingerprint (SHA-256) of the rollouts: {said.get('fingerprint', '')}."
    )
