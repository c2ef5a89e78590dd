import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from ltcbook import data
from ltcbook.data.robots.policy import POLICY_FOLDER
from ltcbook.data.robots.robot import HALFCHEETAH, WALKER2D
from ltcbook.data.robots.rollouts import roll_out
from ltcbook.data.robots.training import PLANS, choose_stages, train_policy
from ltcbook.data.robots.training.run import Evaluation, read_curve, write_curve


def row(steps, mean, worst=None, length=1000.0):
    return Evaluation(steps, mean, mean if worst is None else worst, length, mean / 2, length / 2)


def test_stages_walk_differ_and_have_not_collapsed():
    curve = [
        row(1, 300, length=150),  # falls at once
        row(2, 3000),
        row(3, 3500),
        row(4, 600, length=170),  # collapsed
        row(5, 4000),
        row(6, 4200),
        row(7, 4300, worst=500, length=950),  # one of ten falls
        row(8, 4400),
        row(9, 2000),  # walks, but far below the best
    ]
    assert [chosen.steps for chosen in choose_stages(curve, 4)] == [2, 3, 6, 8]
    assert choose_stages(curve, 1)[0].steps == 8


def test_too_few_walking_evaluations_are_an_error():
    with pytest.raises(ValueError, match="only 1 of 2 evaluations walk; 4 are needed"):
        choose_stages([row(1, 300, length=150), row(2, 3000)], 4)


def test_the_committed_stages_are_those_that_the_curve_chooses():
    for of in (WALKER2D, HALFCHEETAH):
        curve = read_curve(POLICY_FOLDER / f"{of.task}_learning_curve.json")
        chosen = choose_stages(curve, len(of.stages))
        steps = [int(policy.card["steps"]) for policy in data.policies(of.task)]
        assert steps == [evaluation.steps for evaluation in chosen]


def test_a_committed_policy_earns_what_its_card_says():
    """A shorter look than the training's own: one rollout of the mean action."""
    policy = data.policies("walker2d")[1]
    environment = WALKER2D.make()
    reward = roll_out(environment, policy, 7, sampled=False).reward
    assert reward == pytest.approx(float(policy.card["mean_return"]), rel=0.1)


def test_a_curve_is_kept_as_it_was(tmp_path):
    curve = [row(1, 300.5), row(2, -7.25)]
    write_curve(curve, tmp_path / "curve.json")
    assert read_curve(tmp_path / "curve.json") == curve
    assert read_curve(tmp_path / "none.json") == []


def test_unknown_robots_are_refused():
    with pytest.raises(ValueError, match="task must be one of walker2d, halfcheetah, got 'ant'"):
        train_policy("ant")


def test_without_the_extra_the_message_names_it(monkeypatch):
    plan = replace(PLANS["walker2d"], packages=("no_such_module",))
    monkeypatch.setitem(PLANS, "walker2d", plan)
    with pytest.raises(ValueError, match=r"needs no_such_module: .* 'ltcbook\[train\]'"):
        train_policy("walker2d")


def test_a_run_goes_on_where_it_stopped(empty_cache, monkeypatch):
    if importlib.util.find_spec("stable_baselines3") is None:
        pytest.skip("the training extra (stable-baselines3) is not installed")
    short = replace(PLANS["walker2d"], interval=4096, checkpoint_every=1)
    monkeypatch.setitem(PLANS, "walker2d", short)
    with pytest.raises(ValueError, match="only 0 of 1 evaluations walk"):
        train_policy("walker2d", steps=4096, progress=False)
    folder = empty_cache / "training" / "walker2d-seed1"
    (first,) = read_curve(folder / "curve.json")
    with pytest.raises(ValueError, match="only 0 of 2 evaluations walk"):
        train_policy("walker2d", steps=8192, progress=False)
    curve = read_curve(folder / "curve.json")
    assert curve[0] == first  # not trained again
    assert [evaluation.steps for evaluation in curve] == [4096, 8192]
    policies = [data.load_policy(path) for path in sorted((folder / "snapshots").iterdir())]
    assert not np.array_equal(policies[0].weights[0], policies[1].weights[0])
