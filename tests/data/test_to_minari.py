"""Rollouts become Minari's episodes, and come back out of Minari as they were."""

import importlib.util
import sys

import numpy as np
import pytest

from ltcbook.__main__ import main
from ltcbook.data.robots.rollout_set import Rollout, join
from ltcbook.data.robots.to_minari import default_name, episodes, export

HERE = importlib.util.find_spec("minari") is not None


def _rollouts(task="walker2d", lengths=(5, 1000), actions=True):
    random = np.random.default_rng(0)
    made = [
        Rollout(
            random.normal(size=(n, 17)).astype(np.float32),
            random.normal(size=(n, 6)).astype(np.float32) if actions else None,
            float(n),
        )
        for n in lengths
    ]
    return join(task, made, list(range(len(lengths))), {"source": "generated", "actions": "drawn"})


def test_an_episode_is_made_of_transitions_and_ends_as_its_rollout_did():
    rollouts = _rollouts()
    fallen, whole = episodes(rollouts)
    assert len(fallen["observations"]) == 5 and len(fallen["actions"]) == 4
    np.testing.assert_array_equal(fallen["actions"], rollouts[0].actions[:4])
    assert fallen["terminations"] == [False, False, False, True]
    assert not any(fallen["truncations"])
    assert whole["truncations"][-1] and not any(whole["terminations"])
    assert {len(whole[name]) for name in ("rewards", "terminations", "truncations")} == {999}
    assert np.isnan(whole["rewards"]).all() and set(whole["infos"]["return"]) == {1000.0}
    assert default_name(rollouts) == "ltcbook/walker2d/generated-v0"


def test_a_cheetah_that_cannot_fall_is_never_terminated():
    (short,) = episodes(_rollouts("halfcheetah", (7,)))
    assert short["truncations"][-1] and not any(short["terminations"])


def test_rollouts_without_actions_are_refused():
    with pytest.raises(ValueError, match="must have actions"):
        episodes(_rollouts(actions=False))


@pytest.mark.skipif(not HERE, reason="minari is not installed: a data set is NOT written and read")
def test_minari_gives_back_what_it_was_given(tmp_path, monkeypatch):
    minari = importlib.import_module("minari")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    rollouts = _rollouts()
    name = export(rollouts)
    found = minari.load_dataset(name)
    assert found.total_episodes == 2 and found.total_steps == 4 + 999
    for rollout, episode in zip(rollouts, found.iterate_episodes(), strict=True):
        np.testing.assert_array_equal(episode.observations, rollout.observations)
        np.testing.assert_array_equal(episode.actions, rollout.actions[:-1])
    with pytest.raises(ValueError, match="Minari has a data set"):
        export(rollouts)


def test_without_minari_one_line_says_how_to_get_it(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "minari", None)
    with pytest.raises(ModuleNotFoundError, match="minari"):
        export(_rollouts())
    assert main(["data", "export", "walker2d", "--rollouts", "2"]) == 2
    assert "minari" in capsys.readouterr().err
