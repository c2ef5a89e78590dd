"""The grid, its profiles, the identity of a run, and the rule for the learning rate."""

import math
from dataclasses import fields, replace

import pytest
import torch

from ltcbook.data import variants
from ltcbook.experiments import search
from ltcbook.experiments.grid import (
    CONFIGURATIONS,
    SCALED,
    SIZES,
    TWO_BY_TWO,
    Cell,
    Configuration,
    matched_size,
    parameters,
    two_by_two,
)
from ltcbook.experiments.plans import CHOICES
from ltcbook.experiments.profiles import BOOK, PAPER, PROFILES, SMOKE, find, narrowed
from ltcbook.experiments.studies import DECISIONS, STUDIES, UNBOUNDED_AT
from ltcbook.experiments.trials import Trial, data_identity, trained


def test_the_grid_has_the_papers_15_configurations_and_8_scaled_starts():
    assert len(set(CONFIGURATIONS)) == 15
    assert len(set(SCALED)) == 8 and not any(c.gated for c in SCALED)
    assert sum(c.input_map == "synaptic" for c in CONFIGURATIONS) == 6


def test_the_paper_profile_is_the_papers():
    assert {plan.task for plan in PAPER.plans} == {
        "walker2d", "halfcheetah", "halfcheetah-cloning", "mnist"
    }  # fmt: skip
    assert all(set(plan.sizes) == {8, 16, 32, 64} for plan in PAPER.plans)
    assert all(plan.epochs == 200 for plan in PAPER.plans)
    assert (PAPER.solver, PAPER.unfolds, len(PAPER.seeds)) == ("euler", 10, 3)
    assert all(choice.why for choice in CHOICES)


def test_the_book_profile_holds_what_was_asked_of_it():
    plans = {plan.task: plan for plan in BOOK.plans}
    for task in (*PROFILES["paper"].plans,):
        assert set(plans[task.task].sizes) >= {8, 16, 32}
    assert set(plans["walker2d-original"].sizes) == {16, 32}
    assert all(p.epochs >= (10 if p.task == "mnist" else 50) for p in BOOK.plans)
    cells = list(BOOK.cells())
    assert len(cells) == len(set(cells))
    at_64 = {cell.configuration.model for cell in cells if cell.hidden_size == 64}
    assert {"NA-CT-RNN-S", "NA-CT-RNN-T", "NA-LTC", "ANODE"} <= at_64


def test_a_size_is_complete_on_all_tasks_before_the_next_begins():
    sizes = [cell.hidden_size for cell in PAPER.cells() if cell.configuration == CONFIGURATIONS[0]]
    assert sizes == [16] * 4 + [8] * 4 + [32] * 4 + [64] * 4


@pytest.mark.parametrize("task", ["walker2d", "halfcheetah-cloning"])
def test_the_2_by_2_differs_in_gating_and_activation_alone_at_equal_parameters(task):
    assert {(c.gated, c.model.startswith("SA")) for c in TWO_BY_TWO} == {
        (False, False), (False, True), (True, False), (True, True)
    }  # fmt: skip
    assert {(c.input_map, c.model[-1] if not c.gated else "S") for c in TWO_BY_TWO} == {
        ("synaptic", "S")
    }
    wanted = parameters(Configuration("SA-LTC", "synaptic"), 16, task)
    for cell in two_by_two(task, 16):
        assert abs(cell.parameters / wanted - 1) < 0.04


def test_a_matched_size_is_the_nearest():
    linear = Configuration("LSTM")
    for wanted in (1, 500, 3000, 3001):
        n = matched_size(linear, wanted, "walker2d")
        best = min(range(1, 60), key=lambda k: abs(parameters(linear, k, "walker2d") - wanted))
        assert abs(parameters(linear, n, "walker2d") - wanted) == abs(
            parameters(linear, best, "walker2d") - wanted
        )
    with pytest.raises(ValueError, match="at least 1 parameter"):
        matched_size(linear, 0, "walker2d")


def test_sizes_are_known_for_every_task():
    assert set(SIZES) == set(variants.VARIANTS)
    task = variants.load("digits")
    assert SIZES["digits"] == (task.input_size, task.output_size)


def test_narrowing_keeps_what_was_asked_for_and_names_what_is_unknown():
    part = narrowed(SMOKE, ("digits",), ("LSTM",))
    assert {(c.task, c.configuration.model) for c in part.cells()} == {("digits", "LSTM")}
    with pytest.raises(ValueError, match="unknown task of profile smoke 'mnist'"):
        narrowed(SMOKE, ("mnist",))
    with pytest.raises(ValueError, match=r"unknown model of profile smoke 'LSMT'.*'LSTM'"):
        narrowed(SMOKE, (), ("LSMT",))
    with pytest.raises(ValueError, match="unknown profile"):
        find("papre")


# -- identity ------------------------------------------------------------------------------------


def _trial(**changes):
    cell = Cell("digits", Configuration("SA-LTC", "synaptic"), 4)
    return replace(trained("final", cell, SMOKE, 0, 0.01), **changes)


def test_everything_that_decides_a_run_changes_its_id():
    base = _trial()
    others = {
        "purpose": "search", "task": "walker2d", "model": "NA-LTC", "rollouts": 3, "split_seed": 1,
        "input_map": "linear", "init": "scaled", "hidden_size": 5, "seed": 1,
        "learning_rate": 0.02, "epochs": 3, "patience": 2, "batch_size": 65, "solver": "rk4",
        "unfolds": 6,
    }  # fmt: skip
    assert set(others) == {field.name for field in fields(Trial)}
    ids = {replace(base, **{name: value}).id("d") for name, value in others.items()}
    assert len(ids | {base.id("d"), base.id("other data")}) == len(others) + 2


def test_the_version_of_the_arithmetic_changes_the_id(monkeypatch):
    before = _trial().id("d")
    monkeypatch.setattr("ltcbook.experiments.trials.NUMERICS", 2)
    assert _trial().id("d") != before


def test_a_model_whose_step_has_changed_leaves_the_rows_of_the_others_alone(monkeypatch):
    before = _trial().id("d"), _trial(model="CT-GRU").id("d")
    monkeypatch.setattr("ltcbook.experiments.trials.RENEWED", {"CT-GRU": 9})
    after = _trial().id("d"), _trial(model="CT-GRU").id("d")
    assert after[0] == before[0] and after[1] != before[1]


def test_an_id_is_the_same_in_every_process_and_version():
    assert Trial("baseline", "digits", "mean").id("d") == "ec8e3dbd91148505"


def test_another_split_or_cut_is_other_data():
    one, again = data_identity(variants.load("digits")), data_identity(variants.load("digits"))
    assert one == again
    assert data_identity(variants.load("digits", split_seed=1)) != one
    task = variants.load("digits")
    assert data_identity(replace(task, train=task.train[:-1])) != one


# -- the rule ------------------------------------------------------------------------------------


def _search(losses, first=(1.0, 2.0), lowest=0.125, highest=64.0):
    """Run the rule on made-up validation losses; the rates tried, and the one chosen."""
    profile = replace(SMOKE, rates=first, lowest_rate=lowest, highest_rate=highest)
    cell = Cell("digits", Configuration("LSTM"), 4)
    found = {}
    for _ in range(20):
        needed = search.needed(cell, profile, found.get)
        pending = [trial for trial in needed if trial.purpose == "search"]
        if not pending:
            rates = sorted({trial.learning_rate for trial in found})
            return rates, search.chosen_rate(cell, profile, found.get)
        found |= {trial: losses(trial.learning_rate) for trial in pending}
    raise AssertionError("the search does not end")


def test_a_rate_inside_ends_the_search():
    tried, chosen = _search(lambda rate: abs(math.log2(rate / 2)), first=(1.0, 2.0, 4.0))
    assert (tried, chosen) == ([1.0, 2.0, 4.0], 2.0)


def test_a_rate_on_the_edge_widens_it_on_either_side():
    assert _search(lambda rate: abs(math.log2(rate / 8))) == ([1.0, 2.0, 4.0, 8.0, 16.0], 8.0)
    assert _search(lambda rate: abs(math.log2(rate / 0.5))) == ([0.25, 0.5, 1.0, 2.0], 0.5)


def test_the_search_ends_at_its_bounds():
    assert _search(lambda rate: -rate, highest=8.0) == ([1.0, 2.0, 4.0, 8.0], 8.0)
    assert _search(lambda rate: rate, lowest=0.5) == ([0.5, 1.0, 2.0], 0.5)


def test_what_diverged_is_worst_and_leads_to_smaller_rates():
    tried, chosen = _search(lambda rate: math.inf if rate > 0.6 else abs(math.log2(rate / 0.5)))
    assert (tried, chosen) == ([0.25, 0.5, 1.0, 2.0], 0.5)
    tried, chosen = _search(lambda rate: math.inf, lowest=0.5)
    assert (tried, chosen) == ([0.5, 1.0, 2.0], 0.5)


def test_of_equals_the_smaller_rate_is_taken():
    assert search.best_rate({2.0: 0.5, 1.0: 0.5}) == 1.0
    with pytest.raises(ValueError, match="at least one learning rate"):
        search.best_rate({})


def test_final_runs_wait_for_the_whole_search():
    cell = Cell("digits", Configuration("LSTM"), 4)
    first = trained("search", cell, SMOKE, 0, SMOKE.rates[0])
    needed = search.needed(cell, SMOKE, {first: 1.0}.get)
    assert [trial.purpose for trial in needed] == ["search"]
    rates = {trained("search", cell, SMOKE, 0, rate): rate for rate in SMOKE.rates}
    needed = search.needed(cell, SMOKE, rates.get)
    assert [(t.purpose, t.seed, t.learning_rate) for t in needed] == [
        ("final", 0, 0.01),
        ("final", 1, 0.01),
    ]


# -- the book's own studies ------------------------------------------------------------------------


def test_a_search_takes_the_mean_over_its_seeds():
    cell = next(SMOKE.cells())
    profile = replace(SMOKE, search_seeds=(100, 101))
    losses = {(0.01, 100): 0.1, (0.01, 101): 0.9, (0.02, 100): 0.4, (0.02, 101): 0.5}
    tried, pending = search.searched(
        cell, profile, lambda trial: losses.get((trial.learning_rate, trial.seed))
    )
    assert tried == pytest.approx({0.01: 0.5, 0.02: 0.45}) and not pending
    del losses[0.02, 101]
    tried, pending = search.searched(
        cell, profile, lambda trial: losses.get((trial.learning_rate, trial.seed))
    )
    assert set(tried) == {0.01} and [(t.learning_rate, t.seed) for t in pending] == [(0.02, 101)]


def test_where_there_is_nothing_to_choose_nothing_is_searched():
    (cell, *_) = UNBOUNDED_AT[1].cells()
    needed = search.needed(cell, UNBOUNDED_AT[1], lambda trial: None)
    assert {(trial.purpose, trial.learning_rate) for trial in needed} == {("final", 0.04)}
    assert [trial.seed for trial in needed] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("profile", STUDIES, ids=lambda profile: profile.name)
def test_a_study_counts_the_parameters_of_the_networks_that_it_trains(profile):
    for cell in profile.cells():
        sizes = SIZES[cell.task]
        made = trained("final", cell, profile, 0, 0.01).recipe().build(*sizes, seed=0)
        assert sum(p.numel() for p in made.parameters() if p.requires_grad) == cell.parameters


def test_a_twin_begins_as_the_function_of_its_sigmoid():
    recipes = [
        trained("final", cell, DECISIONS, 3, 0.01).recipe()
        for cell in DECISIONS.cells()
        if cell.configuration.init == "scaled"
    ]
    task = variants.load("clicks")
    u = task.test.inputs[:4]
    one, twin, other = (
        recipe.networks(task, torch.device("cpu"), "eager")[0](u)[0] for recipe in recipes
    )
    torch.testing.assert_close(twin, one, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(other, one, atol=1e-3)
