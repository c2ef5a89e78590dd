"""Tasks without time: their targets are what the chapters say, and a pass sees all points."""

import numpy as np
import pytest
import torch

from ltcbook.data import points, variants
from ltcbook.data.commands import commands
from ltcbook.data.points import rings, surfaces, waves


def test_the_surfaces_are_a_wave_and_a_hill():
    top, edge = surfaces(torch.tensor([[0.0, 0.0], [1.0, 1.0]]))
    assert top.tolist() == [0.0, 1.0]
    assert edge[0] == pytest.approx(np.sin(4) * np.cos(3)) and edge[1] < -0.99


def test_the_waves_depend_on_their_directions_alone():
    axis = torch.linspace(-1, 1, 41)
    square = torch.cartesian_prod(axis, axis)
    few, many = (waves(count, 0)(square) for count in points.DIRECTIONS)
    for target in (few, many):
        assert target.mean(0).abs().max() < 0.1 and (target.std(0) - 1).abs().max() < 0.1

    def mixed(target):  # of f(p) + g(q) nothing is left
        at = target.reshape(41, 41, 2)
        rest = at - at.mean(0, keepdim=True) - at.mean(1, keepdim=True) + at.mean((0, 1))
        return float(rest.square().mean())

    assert mixed(few) < 1e-10 and mixed(many) > 0.1


@pytest.mark.parametrize("name", ["surfaces", *variants.WAVES.values()])
def test_each_step_of_a_pass_sees_the_whole_grid(name):
    task = variants.load(name)
    batches = list(task.train.batches(1, torch.Generator().manual_seed(0)))
    assert len(batches) == points.STEPS
    for batch in batches:
        assert torch.equal(batch.inputs, task.train.inputs[:1])
        assert torch.equal(batch.targets, task.train.targets[:1])
    on_the_grid = task.train.inputs[0].unique(dim=0)
    assert len(on_the_grid) == 256 and len(on_the_grid[:, 0].unique()) == 16
    seen = torch.cat([part.inputs.flatten(0, 1) for part in (task.validation, task.test)])
    assert len(seen.unique(dim=0)) == 256 + 2048
    which = {name: pair for pair, name in variants.WAVES.items()}.get(name)
    target = waves(*which) if which else surfaces
    torch.testing.assert_close(task.test.targets[3], target(task.test.inputs[3]))


def test_whole_digits_are_the_tiny_digits_in_one_look():
    rows, whole = variants.load("digits"), variants.load("digits-whole")
    known = {tuple(image.tolist()) for image in rows.test.inputs.flatten(1)}
    assert {tuple(image.tolist()) for image in whole.test.inputs[:, 0]} == known
    assert set(whole.train.targets.tolist()) == set(range(10))


def test_no_line_parts_a_disc_from_its_ring():
    u, disc = rings(400, seed=5)
    far = u.norm(dim=1)
    assert far[disc == 1].max() <= 0.4 and 0.7 <= far[disc == 0].min() <= far.max() <= 1
    design = torch.cat([u, torch.ones(len(u), 1)], dim=1)
    for angle in torch.linspace(0, np.pi, 13):
        along = design[:, 0] * angle.cos() + design[:, 1] * angle.sin()
        assert along[disc == 0].min() < along[disc == 1].min()
        assert along[disc == 0].max() > along[disc == 1].max()


def test_the_target_is_the_last_command():
    part = commands(3, seed=0, length=50)
    for inputs, targets in zip(part.inputs, part.targets, strict=True):
        last = 0.0
        for now, target in zip(inputs, targets, strict=True):
            last = float(now[0] - now[1]) or last
            assert float(target) == last


def test_tasks_of_the_book_come_as_they_are():
    with pytest.raises(ValueError, match="rings comes as it is, got .*'rollouts': 3"):
        variants.load("rings", rollouts=3)
    with pytest.raises(ValueError, match="commands comes as it is, .*split_seed=1"):
        variants.load("commands", split_seed=1)
