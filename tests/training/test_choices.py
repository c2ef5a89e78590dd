"""Which parameters are kept, when a replica stops, what an epoch's loss means, in which order."""

import dataclasses

import pytest
import torch

from ltcbook.nn import stability
from ltcbook.nn.stability import NotFiniteWarning
from ltcbook.training import Recipe, Run, train
from ltcbook.training.losses import Scores
from tests.training.helpers import recipe, sine_task


def scripted(run: Run, monkeypatch, losses: list[list[float]]) -> list[dict[str, torch.Tensor]]:
    """Train with these validation losses (epoch by epoch, by replica); parameters after each."""
    left = iter(losses)

    def evaluate(part, parameters, members):
        values = next(left)
        return [Scores(values[replica], None, {}, []) for replica in members]

    monkeypatch.setattr(run, "evaluate", evaluate)
    after = []
    for _ in losses:
        if run.finished:
            break
        run.train_epoch()
        after.append({k: p.detach().clone() for k, p in run.ensemble.parameters.items()})
    return after


def test_what_is_kept_are_the_parameters_of_the_best_epoch(monkeypatch) -> None:
    run = Run(recipe("LSTM", seeds=(0, 1), epochs=4), sine_task())
    nan = float("nan")
    after = scripted(run, monkeypatch, [[3.0, nan], [1.0, 5.0], [2.0, 5.0], [1.0, 4.0]])
    assert [run.best_epoch(0), run.best_epoch(1)] == [2, 4]
    for name, part in run.best.items():
        assert torch.equal(part[0], after[1][name][0])  # the first of two equal ones
        assert torch.equal(part[1], after[3][name][1])
    kept = run.network(0).state_dict()
    assert all(torch.equal(kept[name], after[1][name][0]) for name in after[1])


def test_what_is_kept_was_not_the_start_nor_the_end() -> None:
    """Without a script: the kept parameters give the best validation loss of the curve."""
    wanted = recipe("LSTM", epochs=30, learning_rate=1.0, seeds=(0, 1, 2))
    result = train(wanted, sine_task(), progress=False)
    assert any(1 < best < 30 for best in result.best_epochs)
    for curve, best, scores in zip(
        result.curves, result.best_epochs, result.validation, strict=True
    ):
        assert scores.loss == curve[best - 1][1] == min(value for _, value in curve)


@pytest.mark.parametrize("patience", [1, 2, 3])
def test_patience_counts_epochs_since_the_best_one(patience, monkeypatch) -> None:
    run = Run(recipe("LSTM", epochs=9, patience=patience), sine_task())
    scripted(run, monkeypatch, [[4.0], [3.0], [3.0], [3.0], [3.0], [1.0], [2.0], [2.0], [2.0]])
    assert len(run.curves[0]) == 2 + patience
    assert run.best_epoch(0) == 2
    assert run.finished and run.active == []


def test_patience_also_ends_what_was_never_finite(monkeypatch) -> None:
    run = Run(recipe("LSTM", epochs=9, patience=3), sine_task())
    scripted(run, monkeypatch, [[float("nan")]] * 9)
    assert len(run.curves[0]) == 3 and run.best_epoch(0) is None


def test_without_patience_all_epochs_are_run(monkeypatch) -> None:
    run = Run(recipe("LSTM", epochs=5, patience=None), sine_task())
    scripted(run, monkeypatch, [[1.0], [2.0], [3.0], [4.0], [5.0]])
    assert len(run.curves[0]) == 5 and run.finished and run.active == [0]


def test_the_training_loss_weighs_a_short_last_batch_by_its_size() -> None:
    task = sine_task()
    assert len(task.train) == 20
    run = Run(recipe("LSTM", batch_size=12, learning_rate=1e-12), task)  # 12 and 8
    start = run.network(0)
    run.train_epoch()
    with torch.no_grad():
        whole = torch.nn.functional.mse_loss(start(task.train.inputs)[0], task.train.targets)
        halves = [
            torch.nn.functional.mse_loss(start(batch.inputs)[0], batch.targets).item()
            for batch in task.train.batches(12, torch.Generator().manual_seed(0))
        ]
    assert run.curves[0][0][0] == pytest.approx(whole.item(), rel=1e-6)
    assert sum(halves) / 2 != pytest.approx(whole.item(), rel=1e-4)  # the other mean is another


def test_each_seed_has_its_own_order_and_another_one_in_each_epoch(monkeypatch) -> None:
    run = Run(recipe("LSTM", seeds=(5, 6), batch_size=20), sine_task())
    seen = []
    plain = run.ensemble.outputs

    def watched(batches, *others):
        if len(others) == 1:  # an evaluation names its parameters too
            seen.append([batch.rollouts.tolist() for batch in batches])
        return plain(batches, *others)

    monkeypatch.setattr(run.ensemble, "outputs", watched)
    run.train_epoch()
    run.train_epoch()
    orders = [torch.Generator().manual_seed(seed) for seed in (5, 6)]
    expected = [
        [torch.randperm(20, generator=order).tolist() for order in orders] for _ in range(2)
    ]
    assert seen == expected
    assert len({tuple(order) for epoch in seen for order in epoch}) == 4


def test_a_recipe_s_defaults_are_those_that_the_book_tells() -> None:
    """Each of them decides results; changing one is a decision, and belongs into the change log."""
    assert dataclasses.asdict(Recipe("SA-LTC")) == {
        "model": "SA-LTC",
        "hidden_size": 32,
        "seeds": (0,),
        "epochs": 200,
        "patience": 20,
        "batch_size": 128,
        "learning_rate": 5e-3,
        "input_map": None,
        "solver": None,
        "unfolds": None,
        "init": "midpoint",
        "options": {},
    }


def test_every_option_of_a_recipe_reaches_the_network() -> None:
    built = Recipe(
        "SA-LTC",
        6,
        input_map="synaptic",
        solver="semi-implicit-euler",
        unfolds=4,
        init="as-printed",
    ).build(3, 2, 1)
    cell = built.cell
    assert (built.input_size, built.hidden_size, built.output_size) == (3, 6, 2)
    assert (cell.unfolds, cell.solver.name) == (4, "semi-implicit-euler")
    usual = Recipe("SA-LTC", 6, input_map="synaptic").build(3, 2, 1).state_dict()
    assert set(built.state_dict()) == set(usual)
    assert not torch.equal(built.state_dict()["cell.recurrent.b"], usual["cell.recurrent.b"])
    linear = Recipe("SA-LTC", 6, input_map="linear").build(3, 2, 1).state_dict()
    assert set(linear) != set(usual)


def test_divergence_is_the_reason_even_when_patience_ends_too(monkeypatch) -> None:
    monkeypatch.setattr(stability, "_warned", set())  # it warns once for each kind of cell
    wanted = recipe("SA-LTC", "synaptic", unfolds=1, hidden_size=8, patience=1)
    run = Run(wanted, sine_task())
    with torch.no_grad():
        run.ensemble.parameters["cell.recurrent.w"] *= 1e6
    with pytest.warns(NotFiniteWarning):
        run.train_epoch()
    assert run.stopped[0].startswith("diverged in epoch 1")


def test_what_is_diagnosed_is_the_batch_on_which_the_loss_was_lost() -> None:
    """One sequence of twenty is beyond float32 at its time step 3, and is not the first in line."""
    task = sine_task()
    task.train.inputs[11, 3] = 3e38
    order = torch.randperm(20, generator=torch.Generator().manual_seed(0)).tolist()
    assert order[0] != 11
    run = Run(recipe("NA-CT-RNN-T", hidden_size=16, batch_size=1), task)
    with pytest.warns(NotFiniteWarning):
        run.train_epoch()
    assert "a state stopped being finite at time step 3" in run.stopped[0]
