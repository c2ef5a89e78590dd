import json
from pathlib import Path

import numpy as np
import pytest

from ltcbook import data
from ltcbook.data.robots.inverse import clipped, recover_action
from ltcbook.experiments.recovered_actions import moments, unexplained

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def film():
    return data.collect("walker2d", 8)[7]


def test_an_action_that_was_taken_is_found(film):
    twin = data.robot("walker2d").make()
    found = 0
    for t in range(100, 180):
        before, after = film.observations[t : t + 2].astype(float)
        if clipped(before) or clipped(after):
            continue
        action, miss = recover_action(twin, before, after)
        if miss < 1e-4:
            found += 1
            # The observations are float32: seven digits of velocities up to 10.
            assert np.abs(action - film.actions[t]).max() < 1e-3
    assert found >= 10


def test_what_no_action_can_do_is_a_miss(film):
    twin = data.robot("walker2d").make()
    before, after = film.observations[105:107].astype(float)
    after[9] += 3.0  # the torso jumps up; no motor does that
    assert recover_action(twin, before, after)[1] > 0.5


def test_no_moment_is_clipped_and_rollouts_have_equal_shares():
    rollouts = data.collect("walker2d", 8)
    chosen = moments(rollouts, 800)
    numbers = [number for number, _ in chosen]
    assert [numbers.count(k) for k in range(8)] == [10] * 8
    assert not any(clipped(rollouts[n].observations[s]) for n, t in chosen for s in (t, t + 1))


def test_noise_stays_unexplained(monkeypatch):
    random = np.random.default_rng(0)
    seen, groups = random.normal(size=(900, 3)), np.repeat(np.arange(30), 30)
    function = np.tanh(seen @ random.normal(size=(3, 2)))
    noise = function + function.std() * random.normal(size=function.shape)
    monkeypatch.setattr("ltcbook.experiments.recovered_actions.SIZES", (400,))
    monkeypatch.setattr("ltcbook.experiments.recovered_actions.SEEDS", (0,))
    monkeypatch.setattr("ltcbook.experiments.recovered_actions.EPOCHS", 40)
    assert unexplained(seen, function, groups)["400"][0] < 0.05
    assert unexplained(seen, noise, groups)["400"][0] > 0.5  # half of the variance is noise


def test_the_original_walker_acted_by_its_observation():
    """The committed measurement: what stays unexplained is nearer to no noise than to ours."""
    record = json.loads((ROOT / "results/recovered_actions.json").read_text(encoding="utf-8"))
    steady, drawn, original = (
        {int(size): np.array(values) for size, values in by_size.items()}
        for by_size in record["unexplained"].values()
    )
    largest = max(original)
    logs = [np.log(np.median(of[largest])) for of in (steady, drawn, original)]
    assert abs(logs[2] - logs[0]) < abs(logs[2] - logs[1])
    # More examples explain more of the original, and hardly more of actions that were drawn.
    # Seed by seed, since each has a split of its own.
    assert (original[largest] / original[500]).max() < 0.65
    assert np.median(drawn[largest]) > 0.9 * np.median(drawn[500])
