import json
from pathlib import Path

import numpy as np
import pytest

from ltcbook import data
from ltcbook.data.robots.probes import difficulty
from ltcbook.data.robots.rollout_set import Rollout, join
from ltcbook.data.robots.rollouts import roll_out

ROOT = Path(__file__).parents[2]


def waves(count, noise, seed=0, units=1.0):
    """Rollouts in which every channel is a cosine of unit height, shifted, plus noise."""
    generator = np.random.default_rng(seed)
    rollouts = []
    for _ in range(count):
        phase = generator.uniform(0, 2 * np.pi) + 2 * np.pi / 50 * np.arange(200)
        observations = np.cos(phase[:, None] + np.arange(17)) + generator.normal(
            0, noise, (200, 17)
        )
        rollouts.append(Rollout((units * observations).astype(np.float32), None, 0.0))
    return join("walker2d", rollouts, [0] * count, {})


def test_a_rotation_is_linear_and_persistence_misses_it_by_the_angle():
    found = difficulty(waves(20, 1e-3))
    # The mean square of a cosine's change is half of |e^{i angle} - 1|^2, and so is its variance.
    angle = 2 * np.pi / 50
    assert found.persistence == pytest.approx(abs(np.exp(1j * angle) - 1) ** 2 + 4e-6, rel=1e-2)
    # Many noisy looks at one phase: what is left is the noise of the target, 1e-6 of 1/2.
    assert found.autoregression == pytest.approx(2e-6, rel=0.3)
    assert found.stage_recognition == 1.0


def test_units_make_no_difference():
    metres, millimetres = difficulty(waves(20, 0.1)), difficulty(waves(20, 0.1, units=1000.0))
    for probe in ("persistence", "autoregression", "nearest_neighbour"):
        assert getattr(metres, probe) == pytest.approx(getattr(millimetres, probe), rel=1e-4)


def test_pure_noise_cannot_be_predicted():
    found = difficulty(waves(20, 100.0))
    assert found.persistence == pytest.approx(2, rel=0.05)
    assert 1 < found.autoregression < 1.3
    assert found.nearest_neighbour == pytest.approx(2, rel=0.05)


def test_our_walker_is_harder_than_the_original(original_folder):
    """On a part of both sets, by less than 2.5 times; the chapter has the whole."""
    ours = difficulty(data.collect("walker2d", 40))
    theirs = difficulty(data.load_original().head(40))
    for probe in ("persistence", "autoregression", "nearest_neighbour"):
        assert 1 < getattr(ours, probe) / getattr(theirs, probe) < 2.5, probe
    assert ours.stage_recognition > 0.35  # four stages: 0.25 by chance


def test_the_original_is_harder_than_a_steady_walk():
    """Actions at the policy's mean, against the committed measurements of the public files."""
    record = json.loads((ROOT / "results" / "data_probes.json").read_text(encoding="utf-8"))
    original = record["sets"]["walker2d-original"]["probes"]
    environment, drivers = data.robot("walker2d").make(), data.policies("walker2d")
    stages = [1 + seed % 3 for seed in range(12)]
    walks = [
        roll_out(environment, drivers[stage], seed, sampled=False, max_steps=300)
        for seed, stage in enumerate(stages)
    ]
    steady = difficulty(join("walker2d", walks, stages, {}))
    for probe in ("autoregression", "nearest_neighbour"):
        assert min(row[probe] for row in original) > 2 * getattr(steady, probe)
