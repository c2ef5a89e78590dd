import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from torch import nn

from ltcbook import data
from ltcbook.data.robots.policy import policy_path, save_policy


@pytest.mark.parametrize("task", ["walker2d", "halfcheetah"])
def test_a_policy_is_the_network_that_its_file_describes(task):
    """NumPy's action against torch's, built from the same file by other means."""
    path = policy_path(task, data.robot(task).stages[-1])
    policy = data.load_policy(path)
    tensors = {name: torch.from_numpy(t).double() for name, t in load_file(path).items()}
    activation = {"tanh": nn.Tanh(), "relu": nn.ReLU()}[policy.activation]
    squash = {"clip": nn.Hardtanh(), "tanh": nn.Tanh()}[policy.squash]
    generator = np.random.default_rng(0)
    for _ in range(20):
        observation = generator.normal(size=17)
        x = torch.from_numpy(observation)
        x = (x - tensors["observation.mean"]) / tensors["observation.std"]
        x = x.clip(-policy.observation_clip, policy.observation_clip)
        for k in range(2):
            x = activation(
                nn.functional.linear(x, tensors[f"layers.{k}.weight"], tensors[f"layers.{k}.bias"])
            )
        x = squash(nn.functional.linear(x, tensors["layers.2.weight"], tensors["layers.2.bias"]))
        assert np.abs(policy.act(observation) - x.numpy()).max() <= 0.5e-4 + 1e-12


def test_drawn_actions_have_the_stated_spread():
    policy = data.policies("walker2d")[0]
    # The widest policy would be clipped at -1 and 1: a narrow one shows the spread itself.
    narrow = replace(policy, action_std=np.full(6, 0.01))
    observation = policy.observation_mean
    generator = np.random.default_rng(0)
    drawn = np.stack([narrow.act(observation, generator) for _ in range(2000)])
    free = np.abs(drawn).max(axis=0) < 1
    assert free.any()
    assert np.allclose(drawn[:, free].std(axis=0), 0.01, rtol=0.1)  # 6 standard errors


def test_the_stages_come_in_the_order_of_their_training():
    steps = [int(policy.card["steps"]) for policy in data.policies("walker2d")]
    assert len(steps) == 4
    assert steps == sorted(set(steps))


def test_the_half_cheetah_runs_as_well_as_its_card_says():
    """Its return varies little from start to start, so three rollouts are enough."""
    (policy,) = data.policies("halfcheetah")
    returns = data.simulate("halfcheetah", [policy], 3).returns
    assert min(returns) > 8000
    assert np.mean(returns) == pytest.approx(float(policy.card["mean_return"]), rel=0.1)


def test_saving_and_loading_keeps_everything(tmp_path):
    policy = data.policies("walker2d")[1]
    save_policy(policy, tmp_path / "copy.safetensors")
    copy = data.load_policy(tmp_path / "copy.safetensors")
    observation = np.linspace(-1, 1, 17)
    draws = [p.act(observation, np.random.default_rng(0)) for p in (policy, copy)]
    assert np.array_equal(*draws)
    assert copy.card == policy.card
    assert all((a == b).all() for a, b in zip(copy.weights, policy.weights, strict=True))


def _altered(tmp_path, change):
    """Write a copy of a policy file with its tensors or header changed."""
    path = policy_path("walker2d", "stage1")
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])["__metadata__"]
    tensors = {name: tensor.copy() for name, tensor in load_file(path).items()}
    change(tensors, header)
    save_file(tensors, tmp_path / "policy.safetensors", metadata=header)
    return tmp_path / "policy.safetensors"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t, h: h.update(schema="other/9"), "schema is 'other/9'"),
        (lambda t, h: h.update(task="spider"), "task is 'spider'"),
        (lambda t, h: h.update(activation="exec"), "unknown activation"),
        (lambda t, h: t.pop("layers.1.bias"), "tensors are"),
        (lambda t, h: t.update({"layers.1.bias": np.zeros(3, np.float32)}), "tensors are"),
        (lambda t, h: t["layers.2.bias"].__setitem__(0, np.nan), "layers.2.bias must be finite"),
        (
            lambda t, h: t.update({"action.std": t["action.std"].astype(np.float64)}),
            "action.std must be finite float32",
        ),
        (lambda t, h: t["observation.std"].__setitem__(3, 0.0), "must be positive"),
    ],
)
def test_a_wrong_policy_file_is_refused_by_name(tmp_path, change, message):
    path = _altered(tmp_path, change)
    with pytest.raises(ValueError, match=message) as error:
        data.load_policy(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("size", [0, 4, 300, 20_000])
def test_a_truncated_policy_file_is_refused_by_name(tmp_path, size):
    path = tmp_path / "short.safetensors"
    path.write_bytes(policy_path("walker2d", "stage1").read_bytes()[:size])
    with pytest.raises(ValueError, match="not a readable policy file") as error:
        data.load_policy(path)
    assert str(path) in str(error.value)


def test_one_changed_weight_in_the_package_is_noticed(tmp_path, monkeypatch):
    for stage in data.robot("walker2d").stages:
        source = policy_path("walker2d", stage)
        (tmp_path / source.name).write_bytes(source.read_bytes())
    target = tmp_path / "walker2d_stage3.safetensors"
    content = bytearray(target.read_bytes())
    content[-5] ^= 1
    target.write_bytes(content)
    monkeypatch.setattr("ltcbook.data.robots.policy.POLICY_FOLDER", tmp_path)
    with pytest.raises(ValueError, match="altered") as error:
        data.collect("walker2d", 4)
    assert str(target) in str(error.value)


@pytest.mark.parametrize("name", ["", "."])
def test_a_missing_file_or_a_folder_is_refused(tmp_path, name):
    path = tmp_path / "nothing.safetensors" if not name else tmp_path
    with pytest.raises(ValueError, match="no such policy file"):
        data.load_policy(path)


def test_unknown_names_say_what_is_known():
    with pytest.raises(ValueError, match="task must be one of walker2d, halfcheetah, got 'ant'"):
        data.policies("ant")
    with pytest.raises(ValueError, match="stage must be one of stage1, stage2"):
        policy_path("walker2d", "final")
