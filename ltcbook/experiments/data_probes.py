"""How hard are the robots' data? Ours beside the original Walker2d files.

    python -m ltcbook.experiments.data_probes

Chapter: ``robots_and_digits``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ltcbook import data
from ltcbook.data import RolloutSet
from ltcbook.data.robots.pushed import collect_pushed
from ltcbook.experiments import results
from ltcbook.experiments.provenance import provenance

RESULTS = "data_probes"
SEEDS = (0, 1, 2)
SETS: dict[str, Callable[[], RolloutSet]] = {
    "walker2d": lambda: data.collect("walker2d"),
    "walker2d-original": data.load_original,
    "halfcheetah": lambda: data.collect("halfcheetah"),
    "halfcheetah-pushed": collect_pushed,
}


def measure(rollouts: RolloutSet) -> dict[str, Any]:
    """Lengths, speed and the probes of difficulty of a set, the probes for three splits."""
    forward = (len(data.robot(rollouts.task).channels) - 1) // 2
    return {
        "rollouts": len(rollouts),
        "steps": int(rollouts.lengths.sum()),
        "mean_length": round(float(rollouts.lengths.mean()), 1),
        "full_length": int((rollouts.lengths == 1000).sum()),
        "lengths": rollouts.lengths.tolist(),
        "speed": round(float(rollouts.observations[:, forward].mean(dtype=float)), 3),
        "probes": [asdict(data.difficulty(rollouts, seed=seed)) for seed in SEEDS],
        "fingerprint": rollouts.provenance["fingerprint"],
    }


def main() -> None:
    """Measure all sets and write ``results/data_probes.json``."""
    measured = {name: measure(get()) for name, get in SETS.items()}
    record = {
        "provenance": provenance("python -m ltcbook.experiments.data_probes"),
        "sets": measured,
    }
    results.save(RESULTS, record)


if __name__ == "__main__":
    main()
