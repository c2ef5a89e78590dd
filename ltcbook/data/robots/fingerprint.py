"""Tell apart: the data as published, good data from another simulator, broken data.

A walking robot is chaotic: the last bit of one number becomes centimetres some hundred steps
later. So another MuJoCo version, or another processor family, gives other rollouts that are just
as good. What stays is the opening of each rollout and the statistics of the whole.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from ltcbook.data.cache import write_atomically
from ltcbook.data.robots.published import PUBLISHED, published
from ltcbook.data.robots.robot import MAX_STEPS, robot
from ltcbook.data.robots.rollout_set import RolloutSet, check

AS_PUBLISHED = "as published"
OTHER_PHYSICS = "valid but different physics version"
BROKEN = "broken"

OPENING_STEPS = 20
OPENING_ROLLOUTS = 4
OPENING_TOLERANCE = 1e-3
MEAN_TOLERANCE = 0.3  # of a channel's standard deviation
SPREAD_TOLERANCE = 0.3  # relative, of a channel's standard deviation
LENGTH_TOLERANCE = 0.25  # relative, of the mean length
STATISTICS_FROM = 40  # smaller sets are judged by their openings alone


@dataclass(frozen=True)
class Verdict:
    """What a check found: one of the three verdicts, and why.

    >>> Verdict("as published", "every number is as published").verdict
    'as published'
    """

    verdict: str
    reason: str


def describe(rollouts: RolloutSet) -> dict[str, Any]:
    """Return the record of a full set that later sets are compared with."""
    of = robot(rollouts.task)
    openings = [rollouts[index].observations[:OPENING_STEPS] for index in range(OPENING_ROLLOUTS)]
    return {
        "fingerprint": rollouts.fingerprint(),
        "digests": rollouts.digests(),
        "mean_length": round(float(rollouts.lengths.mean()), 1),
        "mean": np.round(rollouts.observations.mean(axis=0, dtype=np.float64), 4).tolist(),
        "std": np.round(rollouts.observations.std(axis=0, dtype=np.float64), 4).tolist(),
        "openings": np.round(np.stack(openings).astype(np.float64), 5).tolist(),
        "made_with": rollouts.provenance["versions"],
        "policies": dict(zip(of.stages, rollouts.provenance["policies"], strict=True)),
    }


def publish(rollouts: RolloutSet) -> None:
    """Make a full set the published one (after new policies were trained)."""
    records = json.loads(PUBLISHED.read_text(encoding="utf-8")) if PUBLISHED.is_file() else {}
    records[rollouts.task] = describe(rollouts)
    lines = ",\n".join(
        f'"{task}": {{\n'
        + ",\n".join(f' "{key}": {json.dumps(value)}' for key, value in record.items())
        + "\n}"
        for task, record in sorted(records.items())
    )
    write_atomically(PUBLISHED, lambda stream: stream.write(f"{{\n{lines}\n}}\n".encode()))


def verify(rollouts: RolloutSet) -> Verdict:
    """Compare a set of rollouts, or the beginning of one, with what was published.

    >>> from ltcbook.data import collect
    >>> found = verify(collect("halfcheetah", 2, progress=False))
    >>> found.verdict in ("as published", "valid but different physics version")
    True
    """
    try:
        check(rollouts, rollouts.task)
    except ValueError as error:
        return Verdict(BROKEN, str(error))
    expected = published(rollouts.task)
    found = rollouts.digests()
    same = sum(a == b for a, b in zip(found, expected["digests"], strict=False))
    if same == len(found):
        return Verdict(AS_PUBLISHED, f"all {same} rollouts have the published bytes")
    fault = _opening_fault(rollouts, expected) or _statistics_fault(rollouts, expected)
    if fault:
        return Verdict(BROKEN, fault)
    made_with = ", ".join(f"{name} {version}" for name, version in expected["made_with"].items())
    return Verdict(
        OTHER_PHYSICS,
        f"{same} of {len(found)} rollouts have the published bytes; openings and statistics agree "
        f"(published with {made_with})",
    )


def _opening_fault(rollouts: RolloutSet, expected: dict[str, Any]) -> str:
    for index in range(min(OPENING_ROLLOUTS, len(rollouts))):
        opening = np.asarray(expected["openings"][index])
        ours = rollouts[index].observations[:OPENING_STEPS]
        if ours.shape != opening.shape:
            return f"rollout {index} ends within its first {OPENING_STEPS} steps"
        away = float(np.abs(ours - opening).max())
        if away > OPENING_TOLERANCE:
            return (
                f"rollout {index} is {away:.2g} away from the published one in its first "
                f"{OPENING_STEPS} steps (tolerance {OPENING_TOLERANCE:g})"
            )
    return ""


def _statistics_fault(rollouts: RolloutSet, expected: dict[str, Any]) -> str:
    if len(rollouts) < STATISTICS_FROM:
        return ""
    mean, std = np.asarray(expected["mean"]), np.asarray(expected["std"])
    shift = np.abs(rollouts.observations.mean(axis=0, dtype=np.float64) - mean) / std
    spread = np.abs(rollouts.observations.std(axis=0, dtype=np.float64) / std - 1)
    length = abs(float(rollouts.lengths.mean()) / expected["mean_length"] - 1)
    if shift.max() > MEAN_TOLERANCE:
        return f"mean of channel {int(shift.argmax())} is off by {shift.max():.2f} deviations"
    if spread.max() > SPREAD_TOLERANCE:
        return f"spread of channel {int(spread.argmax())} is off by {spread.max():.0%}"
    if length > LENGTH_TOLERANCE:
        return f"mean length is off by {length:.0%} (rollouts have up to {MAX_STEPS} steps)"
    return ""
