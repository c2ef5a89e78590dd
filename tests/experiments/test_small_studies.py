"""The small studies: their tasks are what the chapters say, and their results have all starts."""

import numpy as np
import pytest
import torch

from ltcbook import experiments
from ltcbook.data.clicks import LOUD, SOFT, click_task, clicks
from ltcbook.experiments import directions, small_studies
from ltcbook.experiments.small_studies import (
    SEARCH_SEEDS,
    SEEDS,
    STUDIES,
    Fit,
    interval,
    linear_memory,
    protocol,
    surfaces,
)


def test_the_target_is_the_sign_of_the_last_loud_click() -> None:
    part = clicks(64, seed=5)
    u, y = part.inputs[..., 0].numpy(), part.targets[..., 0].numpy()
    assert abs(u[u != 0]).min() >= SOFT[0] - 1e-6 and abs(u).max() <= LOUD[1] + 1e-6
    for row, wanted in zip(u, y, strict=True):
        held = 0.0
        for now, target in zip(row, wanted, strict=True):
            held = np.sign(now) if abs(now) >= LOUD[0] - 1e-6 else held
            assert target == held


def test_a_linear_memory_beats_no_memory_and_does_not_solve_it() -> None:
    task = click_task()
    never = float(task.test.targets.square().mean())
    assert 0.1 < linear_memory(task) < 0.6 * never


def test_the_surfaces_are_a_wave_and_a_hill() -> None:
    top, edge = surfaces(torch.tensor([[0.0, 0.0], [1.0, 1.0]]))
    assert top.tolist() == [0.0, 1.0]
    assert edge[0] == pytest.approx(np.sin(4) * np.cos(3)) and edge[1] < -0.99


def test_the_interval_holds_the_median_and_narrows_with_agreement() -> None:
    wide, narrow = interval([1.0, 2.0, 3.0, 4.0, 5.0]), interval([2.9, 3.0, 3.0, 3.0, 3.1])
    assert wide[0] <= 3.0 <= wide[1]
    assert narrow[1] - narrow[0] < wide[1] - wide[0]


@pytest.mark.parametrize("study", ["surfaces", "depth", "haste", "directions"])
def test_the_committed_results_keep_every_start(study: str) -> None:
    found = experiments.load(f"study_{study}")
    assert found["provenance"]["command"].endswith(study)
    trained = [row for row in found["rows"] if "rate" in row]
    assert trained
    for row in trained:
        assert len(row.get("test", row.get("loss"))) == len(SEEDS)
        assert "search" not in row or row["rate"] in map(float, row["search"])


def test_a_search_goes_on_until_its_best_rate_has_neighbours() -> None:
    def fit(pairs: list[tuple[float, int]]) -> list[Fit]:  # best at 0.16
        return [Fit(abs(np.log(rate / 0.16)), {"seed": seed}) for rate, seed in pairs]

    row = protocol("trial", {}, fit, (0.01, 0.02), (1e-3, 1.0))
    assert row["rate"] == 0.16 and list(row["search"])[-1] == "0.32"
    assert row["seed"] == list(SEEDS) and not set(SEEDS) & set(SEARCH_SEEDS)
    assert protocol("trial", {}, fit, (0.01, 0.02))["rate"] == 0.02
    assert protocol("trial", {}, fit, (0.01, 0.02), (1e-3, 0.1))["rate"] == 0.08


def test_every_study_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """With next to no training: what comes out has the shape of what is committed."""
    monkeypatch.setattr(small_studies, "MOST_STEPS", 1)
    monkeypatch.setattr(small_studies, "SEARCH_SEEDS", (100,))
    monkeypatch.setattr(small_studies, "SEEDS", (0,))
    for name, study in STUDIES.items():
        kept = experiments.load(f"study_{name}")["rows"]
        assert [set(row) for row in study()] == [set(row) for row in kept], name


def test_the_waves_depend_on_their_directions_alone() -> None:
    axis = torch.linspace(-1, 1, 41)
    square = torch.cartesian_prod(axis, axis)
    few, many = (directions.waves(count, 0)(square) for count in (2, 16))
    for target in (few, many):
        assert target.mean(0).abs().max() < 0.1 and (target.std(0) - 1).abs().max() < 0.1

    def mixed(target: torch.Tensor) -> float:  # of f(p) + g(q) nothing is left
        at = target.reshape(41, 41, 2)
        rest = at - at.mean(0, keepdim=True) - at.mean(1, keepdim=True) + at.mean((0, 1))
        return float(rest.square().mean())

    assert mixed(few) < 1e-10 and mixed(many) > 0.1


def test_the_ratio_is_that_of_the_medians() -> None:
    rows = [
        {"directions": 2, "draw": draw, "sigmoids": 16, "model": name, "test": [error] * 5}
        for draw in directions.DRAWS
        for name, error in (("DNN", 0.1), ("SA-DNN", 0.3 * 2**draw))
    ]
    assert directions.ratio(rows, 2, 16) == pytest.approx((6.0, 6.0, 6.0))
