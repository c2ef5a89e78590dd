"""Tasks without time: a map from points to numbers or classes, for networks without memory.

The loop that trains all knows sequences. The points of a surface are one sequence, so that each
step of training sees all of them; a pass has ``STEPS`` such steps. A picture or a point that has a
class is a sequence of one step.

Chapters: ``artificial_neurons``, ``residual_networks``, ``neural_odes``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ltcbook.data.digits import tiny_digits
from ltcbook.data.own import made_task
from ltcbook.data.sequences import Sequences
from ltcbook.data.tasks import TaskData

__all__ = ["ring_task", "rings", "surface_task", "surfaces", "wave_task", "waves", "whole_digits"]

STEPS = 50
"""Of training on all points, in one pass."""
WAVES = 16
DIRECTIONS, DRAWS = (2, 16), (0, 1, 2)
"""Along so many directions the waves of a target run, and so many draws of them there are."""
_SIDE, _CHOSEN, _TESTED = 16, 256, 2048


def surfaces(points: Tensor) -> Tensor:
    """Waves and a hill (S, 2) over points (S, 2) of the square from -1 to 1.

    >>> surfaces(torch.zeros(1, 2))  # on the top of the hill
    tensor([[0., 1.]])
    """
    p, q = points[:, :1], points[:, 1:]
    hill = 2 * torch.exp(-6 * (p**2 + q**2)) - 1
    return torch.cat([torch.sin(4 * p) * torch.cos(3 * q), hill], dim=1)


def waves(directions: int, draw: int) -> Callable[[Tensor], Tensor]:
    """A target (S, 2) -> (S, 2) of variance 1: sixteen waves along so many directions.

    Frequencies, phases and weights depend on the draw alone; wave k runs along direction k modulo
    ``directions``, and these are evenly spread over the half circle.

    >>> waves(2, draw=0)(torch.zeros(3, 2)).shape
    torch.Size([3, 2])
    """
    random = torch.Generator().manual_seed(draw)
    frequency = 1 + 5 * torch.rand(WAVES, generator=random)
    phase = 2 * math.pi * torch.rand(WAVES, generator=random)
    weight = torch.randn(WAVES, 2, generator=random)
    angle = math.pi * (torch.arange(WAVES) % directions) / directions
    across = frequency * torch.stack([angle.cos(), angle.sin()])  # (2, WAVES)

    def raw(points: Tensor) -> Tensor:
        return torch.sin(points @ across + phase) @ weight

    axis = torch.linspace(-1, 1, 101)
    everywhere = raw(torch.cartesian_prod(axis, axis))
    mean, std = everywhere.mean(0), everywhere.std(0)
    return lambda points: (raw(points) - mean) / std


def surface_task(target: Callable[[Tensor], Tensor], name: str) -> TaskData:
    """A target over the square: learned on a grid, chosen by random points, tested at others.

    >>> task = surface_task(surfaces, "surfaces")
    >>> [tuple(part.inputs.shape) for part in (task.train, task.validation, task.test)]
    [(50, 256, 2), (1, 256, 2), (8, 256, 2)]
    """
    draw = torch.Generator().manual_seed(0)
    axis = torch.linspace(-1, 1, _SIDE)
    grid = torch.cartesian_prod(axis, axis)
    chosen, tested = (2 * torch.rand(n, 2, generator=draw) - 1 for n in (_CHOSEN, _TESTED))

    def part(points: Tensor, sequences: int, copies: int = 1) -> Sequences:
        u, y = (x.reshape(sequences, -1, 2).repeat(copies, 1, 1) for x in (points, target(points)))
        return Sequences(u, y, None, torch.arange(sequences).repeat(copies))

    parts = part(grid, 1, STEPS), part(chosen, 1), part(tested, _TESTED // _CHOSEN)
    return made_task(parts, 2, "mse", name, __name__)


def wave_task(directions: int, draw: int, name: str) -> TaskData:
    """:func:`waves` over the square, as :func:`surface_task` has them.

    >>> wave_task(2, 0, "waves-2-0").name
    'waves-2-0'
    """
    return surface_task(waves(directions, draw), name)


def whole_digits() -> TaskData:
    """500 tiny digits, all 64 pixels at once; chosen by how well these 500 are known.

    Whether a deep network can learn at all is a question of its training loss.

    >>> task = whole_digits()
    >>> len(task.train), task.train is task.validation, len(task.test), task.input_size
    (500, True, 250, 64)
    """
    digits = tiny_digits()

    def part(images: object, labels: object) -> Sequences:
        pixels = torch.as_tensor(images).float().flatten(1) / 255
        return Sequences(
            pixels[:, None], torch.as_tensor(labels).long(), None, torch.arange(len(pixels))
        )

    known = part(digits.train_images[:500], digits.train_labels[:500])
    test = part(digits.test_images, digits.test_labels)
    return made_task((known, known, test), 10, "cross_entropy", "digits-whole", __name__)


def rings(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """A disc and a ring around it: points (count, 2), and 1 for the disc, in turns.

    >>> points, disc = rings(4, seed=0)
    >>> disc, bool((points[disc == 1].norm(dim=1) < 0.4).all())
    (tensor([1, 0, 1, 0]), True)
    """
    draw = torch.Generator().manual_seed(seed)
    angle = 2 * math.pi * torch.rand(count, generator=draw)
    disc = torch.arange(count) % 2 == 0
    far = torch.rand(count, generator=draw)
    r = torch.where(disc, 0.4 * far.sqrt(), 0.7 + 0.3 * far)
    return torch.stack([r * angle.cos(), r * angle.sin()], -1), disc.long()


def ring_task() -> TaskData:
    """200 points to learn, 200 to choose by, 2000 to test.

    >>> task = ring_task()
    >>> len(task.train), len(task.validation), len(task.test)
    (200, 200, 2000)
    """

    def part(count: int, seed: int) -> Sequences:
        points, disc = rings(count, seed)
        return Sequences(points[:, None], disc, None, torch.arange(count))

    parts = part(200, 0), part(200, 2), part(2000, 1)
    return made_task(parts, 2, "cross_entropy", "rings", __name__)
