"""The experiments' tasks: what is hidden stays hidden, and pushes are as announced."""

import numpy as np
import pytest
import torch

from ltcbook import data
from ltcbook.data import variants
from ltcbook.data.robots.published import published
from ltcbook.data.robots.pushed import CHANCE, STRENGTH, push_out, simulate_pushed


@pytest.fixture(scope="module")
def pushed():
    return simulate_pushed(3)


def test_hidden_velocities_are_neither_seen_nor_asked_for():
    full = variants.load("walker2d", rollouts=12)
    part = variants.load("walker2d-positions", rollouts=12)
    assert (part.input_size, part.output_size) == (8, 8)
    assert torch.equal(part.train.inputs, full.train.inputs[..., :8])
    assert torch.equal(part.test.targets, full.test.targets[..., :8])
    units = [channel.unit for channel in data.robot("walker2d").channels]
    assert set(units[:8]) == {"m", "rad"} and set(units[8:]) == {"m/s", "rad/s"}
    raw = part.scaler.invert(part.test.inputs)
    assert torch.allclose(raw, full.scaler.invert(full.test.inputs)[..., :8])


def test_memory_matters_once_velocities_are_hidden():
    """A second and third look help much more when velocities are hidden."""
    from ltcbook.experiments.baselines import evaluate

    gains = []
    for name in ("walker2d", "walker2d-positions"):
        task = variants.load(name, rollouts=24)
        one, three = (
            evaluate(b, task, task.test).loss for b in ("least-squares", "least-squares-3")
        )
        gains.append(one / three)
    assert gains[1] > 1.25 > gains[0]


def test_dropped_frames_come_with_their_time_spans_as_last_input():
    task = variants.load("walker2d-irregular", rollouts=12)
    assert task.input_size == 18 and task.output_size == 17
    assert torch.equal(task.train.inputs[..., -1], task.train.timespans)
    assert {1.0, 2.0} <= set(task.train.timespans.flatten().tolist())
    raw = task.scaler.invert(task.train.inputs)
    assert torch.allclose(raw[..., -1], task.train.timespans)


def test_a_push_changes_velocities_and_leaves_positions(pushed):
    unpredictable = np.asarray(pushed.provenance["unpredictable"])
    assert (unpredictable[:8] == 0).all()
    spread = np.asarray(published("halfcheetah")["std"])[8:]
    relative = unpredictable[8:] / (CHANCE * (STRENGTH * spread) ** 2)
    assert abs(relative.mean() - 1) < 0.3  # 60 pushes of 9 velocities: standard error 0.06


def test_pushed_rollouts_repeat_to_the_bit_and_differ_from_each_other(pushed):
    again = simulate_pushed(2)
    assert np.array_equal(again[1].observations, pushed[1].observations)
    assert not np.array_equal(pushed[0].observations, pushed[1].observations)
    assert pushed.fingerprint() == pushed.provenance["fingerprint"]


def test_the_labels_of_pushed_cloning_carry_no_noise(pushed):
    """Every action is the policy's answer to the observation beside it."""
    (policy,) = data.policies("halfcheetah")
    rollout = pushed[0]
    for step in (0, 400, 999):
        answer = policy.act(rollout.observations[step].astype(np.float64))
        assert np.allclose(answer, rollout.actions[step], atol=2e-3)


def test_without_a_push_the_rollout_is_the_books(monkeypatch):
    monkeypatch.setattr("ltcbook.data.robots.pushed.CHANCE", 0.0)
    (policy,) = data.policies("halfcheetah")
    rollout, unpredictable = push_out(data.robot("halfcheetah").make(), policy, 0, max_steps=50)
    plain = data.simulate("halfcheetah", [policy], 1, workers=1)[0]
    assert np.array_equal(rollout.observations, plain.observations[:50])
    assert not unpredictable.any()


def test_the_floor_is_known_where_the_whole_observation_is_asked_for(monkeypatch):
    monkeypatch.setattr("ltcbook.data.variants.collect_pushed", lambda count: simulate_pushed(4))
    task = variants.load("halfcheetah-pushed")
    raw = np.asarray(simulate_pushed(4).provenance["unpredictable"])
    assert task.provenance["floor"] == pytest.approx(
        float((raw / task.scaler.std.numpy() ** 2).mean()), rel=1e-4
    )
    for name in ("halfcheetah-positions", "halfcheetah-pushed-cloning"):
        assert "floor" not in variants.load(name).provenance
    assert variants.load("halfcheetah-positions-cloning").output_size == 6


def test_an_unknown_task_is_named():
    with pytest.raises(ValueError, match=r"unknown task 'walker'.*'walker2d'"):
        variants.load("walker")


# -- the noise of drawn actions ------------------------------------------------------------------


def test_looking_at_the_noise_does_not_disturb_the_rollout(walker):
    """A chaotic walk that was disturbed would fall at another step: it has as many moments."""
    from ltcbook.data.robots.action_noise import EVERY, noise_of_rollout

    drivers, environment = data.policies("walker2d"), data.robot("walker2d").make()
    for seed in (0, 1, 2, 3, 4):
        noise = noise_of_rollout(environment, drivers[seed % 4], seed)
        length = int(walker.lengths[seed])
        assert len(noise) == len(range(EVERY // 2, length, EVERY))
        assert (noise >= 0).all()


def test_the_committed_noise_is_what_comes_out_again():
    from ltcbook.data.robots.action_noise import action_noise, measure

    committed, again = action_noise("walker2d"), measure("walker2d", 8)
    velocities = slice(9, 17)
    ratio = again[velocities] / committed[velocities]
    assert np.abs(ratio.mean() - 1) < 0.25  # 8 of 400 rollouts, which differ in their stage


def test_noise_is_zero_where_actions_are_the_mean():
    from ltcbook.data.robots.action_noise import action_noise

    assert not action_noise("halfcheetah").any()


def test_the_floor_of_the_walker_is_below_every_baseline_and_not_far():
    from ltcbook.experiments.baselines import evaluate

    task = variants.load("walker2d", rollouts=12)
    floor = task.provenance["floor"]
    best = evaluate("least-squares-3", task, task.test).loss
    assert 0.2 * best < floor < best
    assert variants.load("walker2d-irregular", rollouts=12).provenance["floor"] == floor
    assert "floor" not in variants.load("halfcheetah", rollouts=5).provenance
