"""Clicks: the target is the sign of the last loud one, and memory alone does not give it."""

import numpy as np

from ltcbook.data.clicks import LOUD, SOFT, click_task, clicks
from ltcbook.experiments.baselines import linear_memory


def test_the_target_is_the_sign_of_the_last_loud_click():
    part = clicks(64, seed=5)
    u, y = part.inputs[..., 0].numpy(), part.targets[..., 0].numpy()
    assert abs(u[u != 0]).min() >= SOFT[0] - 1e-6 and abs(u).max() <= LOUD[1] + 1e-6
    for row, wanted in zip(u, y, strict=True):
        held = 0.0
        for now, target in zip(row, wanted, strict=True):
            held = np.sign(now) if abs(now) >= LOUD[0] - 1e-6 else held
            assert target == held


def test_a_linear_memory_beats_no_memory_and_does_not_solve_it():
    task = click_task()
    never = float(task.test.targets.square().mean())
    assert 0.1 < linear_memory(task) < 0.6 * never
    assert linear_memory(task) < linear_memory(task, leaks=(50.0,))  # one that holds nothing
