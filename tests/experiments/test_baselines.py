"""Baselines and the forgetful network: right on data with a known answer."""

import math
from dataclasses import replace

import pytest
import torch

from ltcbook.data import variants
from ltcbook.data.sequences import Scaler, Sequences
from ltcbook.data.tasks import TaskData
from ltcbook.experiments import baselines, feedforward
from ltcbook.experiments.scores import BLOCKS, outputs_of, score
from ltcbook.training import Run


def task_of(inputs, targets):
    """The same windows in all three parts, in two rollouts."""
    part = Sequences(inputs, targets, None, torch.arange(len(inputs)) % 2)
    width = inputs.shape[-1]
    scaler = Scaler(torch.zeros(width).double(), torch.ones(width).double())
    return TaskData(part, part, part, width, targets.shape[-1], "mse", scaler, scaler, {})


@pytest.fixture
def walk():
    """A random walk with momentum: two looks tell what one cannot."""
    random = torch.Generator().manual_seed(0)
    speed = torch.randn(60, 1, 2, generator=random).double()
    place = speed * torch.arange(11).reshape(1, -1, 1)
    place = place + torch.randn(60, 1, 2, generator=random)
    return task_of(place[:, :-1].float(), place[:, 1:].float())


def test_persistence_repeats_the_input(walk):
    got = baselines.evaluate("persistence", walk, walk.test)
    change = (walk.test.targets - walk.test.inputs).square().mean()
    assert got.loss == pytest.approx(float(change), rel=1e-6)


def test_the_mean_scores_the_variance(walk):
    flat = walk.train.targets.flatten(0, 1)
    got = baselines.evaluate("mean", walk, walk.test).loss
    assert got == pytest.approx(float(flat.var(0, correction=0).mean()), rel=1e-5)


def test_least_squares_finds_a_linear_law_and_order_3_the_momentum(walk):
    one = baselines.evaluate("least-squares", walk, walk.test)
    three = baselines.evaluate("least-squares-3", walk, walk.test)
    # From the second step on, 2 x(t) - x(t-1) is exact; one map serves all steps, so nearly.
    assert sum(three.steps[2:]) < 0.05 * sum(one.steps[2:])
    linear = task_of(walk.train.inputs, walk.train.inputs @ torch.tensor([[0.0, 2], [-1, 0]]) + 3)
    assert baselines.evaluate("least-squares", linear, linear.test).loss < 1e-6


def test_the_nearest_neighbour_of_what_is_known_is_itself(walk):
    assert baselines.evaluate("nearest-neighbour", walk, walk.test).loss == 0.0
    moved = replace(walk.test, inputs=walk.test.inputs + 1e-4)
    assert baselines.evaluate("nearest-neighbour-3", walk, moved).loss < 1e-2


def test_no_baseline_looks_ahead(walk):
    """What comes after a moment changes nothing that is said at that moment."""
    later = walk.test.inputs.clone()
    later[:, 6:] += 5.0
    changed = replace(walk.test, inputs=later)
    for name in baselines.applicable(walk):
        predict = baselines.BASELINES[name](walk)
        assert torch.equal(predict(walk.test)[:, :6], predict(changed)[:, :6]), name


def test_digits_have_baselines_of_their_own():
    task = variants.load("digits")
    assert baselines.applicable(task) == ("mean", "least-squares", "nearest-neighbour")
    guess = baselines.evaluate("mean", task, task.test)
    assert guess.accuracy == pytest.approx(0.1)
    assert guess.loss == pytest.approx(math.log(10), abs=1e-2)
    assert baselines.evaluate("least-squares", task, task.test).accuracy > 0.85
    near = baselines.evaluate("nearest-neighbour", task, task.test)
    assert near.accuracy > 0.95 and math.isnan(near.loss)
    assert baselines.parameters("least-squares", task) == (64 + 1) * 10


def test_cloning_has_no_persistence(walk):
    cloning = replace(walk, target_scaler=None)
    assert "persistence" not in baselines.applicable(cloning)
    with pytest.raises(ValueError, match="targets that are observations"):
        baselines.evaluate("persistence", cloning, cloning.test)
    with pytest.raises(ValueError, match="unknown baseline 'nearest-neighbor'; did you mean"):
        baselines.evaluate("nearest-neighbor", walk, walk.test)


def test_scores_by_rollout_and_by_step_are_of_one_whole(walk):
    outputs = walk.test.inputs
    got = score(outputs, walk.test)
    sizes = torch.bincount(walk.test.rollouts).double()
    together = sum(got.groups[k] * float(sizes[k]) for k in (0, 1)) / float(sizes.sum())
    assert got.loss == pytest.approx(together) == pytest.approx(sum(got.steps) / len(got.steps))


def test_blocks_of_images_hold_all_of_them():
    task = variants.load("digits")
    got = baselines.evaluate("nearest-neighbour", task, task.test)
    assert len(got.groups) == BLOCKS
    counts = torch.bincount(task.test.rollouts % BLOCKS)
    wrong = sum(got.groups[b] * int(counts[b]) for b in got.groups)
    assert wrong / len(task.test) == pytest.approx(1 - got.accuracy)


# -- the network without memory --------------------------------------------------------------------


def recipe(**changes):
    return feedforward.FeedForwardRecipe(
        "feed-forward", **{"hidden_size": 7, "epochs": 2, "batch_size": 16, **changes}
    )


def test_the_forgetful_network_is_a_feed_forward_network(walk):
    (network,) = recipe().networks(walk, torch.device("cpu"), "auto")
    u = walk.test.inputs
    hidden = torch.tanh(u @ network.cell.w.T + network.cell.b)
    wanted = hidden @ network.readout.weight.T + network.readout.bias
    assert torch.allclose(network(u)[0], wanted, atol=1e-6)
    counted = sum(p.numel() for p in network.parameters())
    assert counted == feedforward.count(2, 7, 2)
    assert feedforward.width_for(counted, 2, 2) == 7


def test_the_forgetful_network_cannot_see_the_past_and_trains_in_the_common_loop(walk):
    run = Run(recipe(epochs=30, learning_rate=2e-2), walk)
    while not run.finished:
        run.train_epoch()
    network = run.network(0)
    earlier = walk.test.inputs.clone()
    earlier[:, :5] = 0.0
    outputs, changed = (
        outputs_of(network, replace(walk.test, inputs=i)) for i in (walk.test.inputs, earlier)
    )
    assert torch.equal(outputs[:, 5:], changed[:, 5:])
    assert not torch.equal(outputs[:, :5], changed[:, :5])
    assert run.curves[0][-1][1] < 0.5 * run.curves[0][0][1]
