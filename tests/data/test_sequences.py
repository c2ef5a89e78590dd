import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ltcbook import data
from ltcbook.data.robots.rollout_set import Rollout, join
from ltcbook.data.sequences import Scaler, cut, split_rollouts


def numbered(lengths):
    """Rollouts whose first channel tells the rollout and whose second tells the step."""
    rollouts = []
    for index, length in enumerate(lengths):
        observations = np.zeros((length, 17), dtype=np.float32)
        observations[:, 0] = index
        observations[:, 1] = np.arange(length)
        actions = np.tile(observations[:, 1:2], (1, 6)) + 0.5
        rollouts.append(Rollout(observations, actions, 0.0))
    return join("walker2d", rollouts, [0] * len(lengths), {})


@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=5),
    length=st.integers(1, 20),
    stride=st.integers(1, 25),
)
def test_windows_stay_in_one_rollout_and_target_the_next_step(lengths, length, stride):
    rollouts = numbered(lengths)
    expected = sum(max(0, (n - 1 - length) // stride + 1) for n in lengths)
    if expected == 0:
        with pytest.raises(ValueError, match="no rollout of the part has so many steps"):
            cut(rollouts, np.arange(len(lengths)), length=length, stride=stride)
        return
    windows = cut(rollouts, np.arange(len(lengths)), length=length, stride=stride)
    assert windows.inputs.shape == windows.targets.shape == (expected, length, 17)
    owner = windows.rollouts[:, None].expand(expected, length)
    assert torch.equal(windows.inputs[..., 0], owner.float())
    assert torch.equal(windows.targets[..., 0], owner.float())
    assert torch.equal(windows.targets[..., 1], windows.inputs[..., 1] + 1)
    assert (windows.inputs[..., 1].diff(dim=1) == 1).all()


def test_cloning_targets_the_action_on_the_same_observation():
    windows = cut(numbered([30]), np.array([0]), length=5, stride=5, actions=True)
    assert windows.targets.shape == (6, 5, 6)
    assert torch.equal(windows.targets[..., 0], windows.inputs[..., 1] + 0.5)


def test_irregular_windows_drop_a_tenth_and_tell_the_steps():
    drop = np.random.default_rng(0)
    windows = cut(numbered([1000] * 20), np.arange(20), length=20, stride=20, drop=drop)
    assert 0.88 < len(windows) * 20 / (20 * 999) < 0.92
    step = windows.inputs[..., 1]
    # A time step counts the clock since the frame before it; the target is the next raw frame.
    assert torch.equal(windows.timespans[:, 1:], step.diff(dim=1))
    assert torch.equal(windows.targets[..., 1], step + 1)
    spans = windows.timespans
    assert spans.min() == 1
    assert (spans == 1).float().mean().item() == pytest.approx(0.9, abs=0.01)


@given(
    counts=st.lists(st.integers(3, 60), min_size=1, max_size=4),
    seed=st.integers(0, 1000),
)
def test_a_split_is_disjoint_whole_and_alike_in_every_stage(counts, seed):
    stages = np.repeat(np.arange(len(counts)), counts)
    parts = split_rollouts(stages, seed)
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(len(stages)))
    for stage, count in enumerate(counts):
        shares = {name: (stages[chosen] == stage).sum() for name, chosen in parts.items()}
        assert min(shares.values()) >= 1
        assert abs(shares["test"] - 0.15 * count) <= 0.85
        assert abs(shares["validation"] - 0.10 * count) <= 0.9


def test_the_paper_s_split():
    parts = split_rollouts(np.arange(400) % 4, 0)
    assert {name: len(chosen) for name, chosen in parts.items()} == {
        "train": 300,
        "validation": 40,
        "test": 60,
    }


def test_two_rollouts_cannot_be_split():
    with pytest.raises(ValueError, match="stage 2 has 2"):
        split_rollouts(np.array([0, 0, 0, 1, 1]), 0)


@given(
    values=st.lists(
        st.lists(st.floats(-1e3, 1e3, width=32), min_size=3, max_size=3), min_size=2, max_size=30
    )
)
def test_scaling_is_undone(values):
    array = np.array(values, dtype=np.float32)
    scaler = Scaler.fit(array)
    there = scaler.standardise(torch.from_numpy(array).double())
    back = scaler.invert(there)
    assert torch.allclose(back, torch.from_numpy(array).double(), rtol=1e-12, atol=1e-9)
    assert torch.isfinite(there).all()


def test_a_constant_channel_is_left_alone():
    scaler = Scaler.fit(np.full((10, 2), 0.1, dtype=np.float32))
    assert scaler.std.tolist() == [1.0, 1.0]


def test_batches_hold_every_sequence_once():
    windows = cut(numbered([200]), np.array([0]), length=3, stride=3)
    generator = torch.Generator().manual_seed(0)
    batches = list(windows.batches(16, generator))
    assert [len(batch) for batch in batches] == [16, 16, 16, 16, 2]
    starts = torch.cat([batch.inputs[:, 0, 1] for batch in batches])
    assert not torch.equal(starts, starts.sort().values)
    assert torch.equal(starts.sort().values, windows.inputs[:, 0, 1])
    assert all(torch.equal(b.targets[..., 1], b.inputs[..., 1] + 1) for b in batches)
    again = torch.cat(
        [b.inputs[:, 0, 1] for b in windows.batches(16, torch.Generator().manual_seed(0))]
    )
    assert torch.equal(starts, again)
    in_order = torch.cat([batch.inputs for batch in windows.batches(16)])
    assert torch.equal(in_order, windows.inputs)
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        next(windows.batches(0))


@pytest.fixture(scope="module")
def walker_task(session_cache):
    return data.load("walker2d", rollouts=12, stride=5)


def test_no_window_of_one_part_overlaps_one_of_another(walker_task):
    """Not by rollout, and not by a single frame of the numbers themselves."""
    parts = (walker_task.train, walker_task.validation, walker_task.test)
    owners = [set(part.rollouts.tolist()) for part in parts]
    frames = [{tuple(frame.tolist()) for frame in part.inputs.flatten(0, 1)} for part in parts]
    for a in range(3):
        for b in range(a):
            assert not owners[a] & owners[b]
            assert not frames[a] & frames[b]
    assert set.union(*owners) <= set(range(12))


def test_standardised_by_the_training_rollouts_alone(walker_task):
    rollouts = data.collect("walker2d", 12)
    chosen = split_rollouts(rollouts.stages, 0)["train"].tolist()
    frames = np.concatenate([rollouts[index].observations for index in chosen]).astype(float)
    assert np.allclose(walker_task.scaler.mean.numpy(), frames.mean(0), rtol=1e-12)
    assert np.allclose(walker_task.scaler.std.numpy(), frames.std(0), rtol=1e-12)
    index = int(walker_task.test.rollouts[0])
    raw = walker_task.scaler.invert(walker_task.test.inputs[0])
    assert torch.allclose(
        raw, torch.from_numpy(rollouts[index].observations[:20].copy()), atol=1e-5
    )


def test_what_a_robot_task_says_of_itself(walker_task):
    assert (walker_task.input_size, walker_task.output_size) == (17, 17)
    assert walker_task.loss == "mse"
    assert walker_task.train.timespans is None
    assert walker_task.provenance["environment"] == "Walker2d-v5"
    assert walker_task.provenance["rollouts"] == 12
    assert walker_task.provenance["stride"] == 5


def test_dtype_and_irregular_together():
    task = data.load("walker2d", rollouts=12, irregular=True, dtype=torch.float64)
    assert task.train.inputs.dtype == task.train.timespans.dtype == torch.float64
    assert task.train.timespans.shape == task.train.inputs.shape[:2]


def test_the_cloning_task():
    task = data.load("halfcheetah-cloning", rollouts=3)
    assert (task.input_size, task.output_size) == (17, 6)
    assert task.target_scaler is None
    assert task.test.targets.abs().max() <= 1


@pytest.mark.parametrize("task", ["digits"])
def test_an_image_task(task):
    found = data.load(task)
    assert found.train.inputs.shape == (900, 8, 8)
    assert len(found.validation) == 100
    assert (found.input_size, found.output_size, found.loss) == (8, 10, "cross_entropy")
    assert found.train.targets.dtype == torch.int64
    assert found.train.inputs.min() >= 0 and found.train.inputs.max() <= 1
    assert not set(found.train.rollouts.tolist()) & set(found.validation.rollouts.tolist())


def test_mnist_by_row(original_folder):
    found = data.load("mnist")
    assert found.train.inputs.shape == (54000, 28, 28)
    assert (len(found.validation), len(found.test)) == (6000, 10000)
    image = data.load_images("mnist").test_images[7]
    back = found.scaler.invert(found.test.inputs[7]).round().numpy()
    assert np.array_equal(back, image)


def test_the_original_source(original_folder):
    """The persistence score of the plan: 0.197 on standardised windows of 20."""
    task = data.load("walker2d", source="original")
    score = torch.mean((task.test.inputs - task.test.targets) ** 2).item()
    assert 0.18 < score < 0.22
    assert task.provenance["commit"].startswith("59f6e01")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"task": "ant"}, "unknown task .ant.* Known: walker2d, halfcheetah, halfcheetah-cloning"),
        ({"task": "walker2d", "length": 0}, "length and stride must be at least 1, got 0"),
        ({"task": "walker2d", "stride": -1}, "length and stride must be at least 1, got 20 and"),
        ({"task": "walker2d", "length": 1000, "rollouts": 12}, "length is 1000, but no rollout"),
        ({"task": "walker2d", "rollouts": 4}, "rollouts must give every stage at least 3"),
        ({"task": "halfcheetah", "source": "original"}, "source must be 'generated'"),
        ({"task": "walker2d", "source": "internet"}, "source must be 'generated'"),
        ({"task": "digits", "stride": 2}, "stride does not apply to digits"),
        ({"task": "digits", "source": "original"}, "source does not apply to digits"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        data.load(**arguments)
